//! What people have at hand, read as events: CloudTrail files, envelopes, queue messages, look-ups, logs, our records.
//!
//! Everything is told apart by its content, never by a file's name, and nothing is held in memory but the event
//! under way.

mod cutter;
mod kind;
mod open;
mod state;

use std::fmt;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;

use guardrail_policy::record::Record;

use cutter::{Cutter, Piece, PieceKind};
use kind::Kind;

/// How deep events may be wrapped: an envelope in a notification in a queue's message in a batch.
const DEEPEST: usize = 4;

/// Where something stands in what was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file's name, or `standard input`.
    pub(crate) file: Arc<str>,
    /// The line on which it begins, from 1; none where the whole file is meant.
    pub(crate) line: Option<u64>,
    /// Which element of its list it is, from 1; none outside of lists.
    pub(crate) number: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.number, self.line) {
            (Some(number), _) => write!(f, "{}, event {number}", self.file),
            (None, Some(line)) => write!(f, "{}:{line}", self.file),
            (None, None) => f.write_str(&self.file),
        }
    }
}

/// Something that was found in what was given.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where.
    pub(crate) place: Place,
    /// What.
    pub(crate) what: What,
}

/// What was found.
#[derive(Debug)]
pub(crate) enum What {
    /// The bytes of one CloudTrail record or EventBridge envelope.
    Event(Vec<u8>),
    /// One of our own records.
    Record(Box<Record>),
    /// A line that holds no event and claims none: the rest of a log.
    Skipped,
    /// Something that cannot be judged: what is wrong with it, as a sentence about it, and the remedy.
    Unreadable(String),
}

/// What one file holds, or standard input for `-`; a file that cannot be opened holds the reason. `watch` sees the
/// bytes as they are read.
pub(crate) fn read(path: &Path, watch: impl FnOnce(Box<dyn Read>) -> Box<dyn Read>) -> Box<dyn Iterator<Item = Found>> {
    let file = name_of(path).into();
    match open::open(path, watch) {
        Ok(text) => Box::new(Events::of(file, text)),
        Err(error) => {
            let place = Place {
                file,
                line: None,
                number: None,
            };
            Box::new(std::iter::once(Found {
                place,
                what: What::Unreadable(error.to_string()),
            }))
        }
    }
}

/// The events of one file, one after another.
struct Events {
    file: Arc<str>,
    cutter: Cutter<Box<dyn BufRead>>,
    found: Tally,
    ended: bool,
}

/// What a text has held so far.
#[derive(Debug, Default)]
struct Tally {
    /// Events, records, and what cannot be read.
    things: u64,
    /// Lines of other text.
    skipped: u64,
}

impl Events {
    fn of(file: Arc<str>, text: Box<dyn BufRead>) -> Self {
        Self {
            file,
            cutter: Cutter::new(text),
            found: Tally::default(),
            ended: false,
        }
    }

    /// The end of the text; one that held no event, nor a list of none, is most likely not what was meant.
    fn at_the_end(&mut self) -> Option<Found> {
        self.ended = true;
        let message = match &self.found {
            Tally { things: 1.., .. } => return None,
            _ if self.cutter.met_a_list() => return None,
            Tally { skipped: 0, .. } => "is empty: give a CloudTrail record, or a file of them",
            _ => "holds other text and no event: give a CloudTrail record, or a file of them",
        };
        Some(self.found(None, None, What::Unreadable(message.to_owned())))
    }

    fn failed(&mut self, error: &io::Error) -> Found {
        self.ended = true;
        let what = What::Unreadable(open::reading_failed(error));
        self.found(None, None, what)
    }

    fn found(&mut self, line: Option<u64>, number: Option<u64>, what: What) -> Found {
        match what {
            What::Skipped => self.found.skipped += 1,
            _ => self.found.things += 1,
        }
        Found {
            place: Place {
                file: Arc::clone(&self.file),
                line,
                number,
            },
            what,
        }
    }
}

impl Iterator for Events {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        if self.ended {
            return None;
        }
        match self.cutter.next_piece() {
            Ok(Some(Piece { line, number, kind })) => Some(self.found(Some(line), number, What::of(kind))),
            Ok(None) => self.at_the_end(),
            Err(error) => Some(self.failed(&error)),
        }
    }
}

impl What {
    fn of(piece: PieceKind) -> Self {
        match piece {
            PieceKind::Value(bytes) => Self::of_value(bytes, 0),
            PieceKind::Text(line) => Self::of_line(&line),
            PieceKind::Broken(why) => Self::Unreadable(why.to_string()),
        }
    }

    /// Tells what a value is, and takes off what others have wrapped around it.
    fn of_value(bytes: Vec<u8>, depth: usize) -> Self {
        match Kind::of(&bytes) {
            Kind::Event => Self::Event(bytes),
            Kind::Record(record) => Self::Record(record),
            Kind::LogLine => Self::Skipped,
            Kind::Wrapped(_) if depth == DEEPEST => {
                Self::Unreadable("is wrapped too often to be an event: give the event itself".to_owned())
            }
            Kind::Wrapped(inner) => Self::of_value(inner.into_bytes(), depth + 1),
            Kind::Other(message) => Self::Unreadable(message),
        }
    }

    /// A line of a log may end in JSON: `2027-01-31T10:00:00Z {"record_id": …}`.
    fn of_line(line: &[u8]) -> Self {
        let json = line
            .iter()
            .position(|byte| *byte == b'{')
            .and_then(|start| line.get(start..));
        match json.map(<[u8]>::trim_ascii).filter(|json| kind::is_json(json)) {
            Some(json) => Self::of_value(json.to_vec(), 0),
            None => Self::Skipped,
        }
    }
}

/// Why a file cannot be read, as a sentence about it, and what to do.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> String {
    let text = error.to_string();
    let reason = text
        .split_once(" (os error")
        .map_or(text.as_str(), |(reason, _)| reason)
        .to_lowercase();
    let remedy = match error.kind() {
        io::ErrorKind::NotFound => "check the path".to_owned(),
        io::ErrorKind::PermissionDenied => "ask for the right to read it".to_owned(),
        io::ErrorKind::IsADirectory => format!("give the files in it, like `{}`", path.join("*.json.gz").display()),
        _ => "check the file and its disk".to_owned(),
    };
    format!("cannot be read ({reason}): {remedy}")
}

/// A file's name in messages; `-` is standard input.
pub(crate) fn name_of(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}
