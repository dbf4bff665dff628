//! Where the cutter stands in the text: between values, in one of them, or in a line of something else.

use std::mem;

use super::cutter::{Broken, Piece, PieceKind};

/// The longest value or line, in bytes: our own records are the longest, with the facts of a large VPC in them.
pub(super) const LONGEST: usize = 16 * 1024 * 1024;

/// The members of an object under which events are listed: CloudTrail's files and Lambda's batches (`Records`),
/// CloudTrail's event history (`Events`), `aws sqs receive-message` (`Messages`), `aws logs filter-log-events` (`events`).
const LISTS: [&[u8]; 4] = [b"Records", b"Events", b"Messages", b"events"];

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Nothing: the space between values.
    Nothing,
    /// A line of other text.
    Line,
    /// A value, outside of its strings.
    Value,
    /// A string in a value; whether a backslash came just before.
    String { escaped: bool },
}

/// Where the cutter stands.
pub(super) struct State {
    /// The line of the next byte, from 1.
    line: u64,
    /// Whether there was a list of events so far.
    pub(super) met_a_list: bool,
    /// Whether the next byte is the first of its line.
    line_begins: bool,
    inside: Inside,
    /// What is under way, and the line on which it began.
    bytes: Vec<u8>,
    started: u64,
    too_long: bool,
    /// How many brackets are open.
    depth: usize,
    /// The last byte that was neither a space nor in a string.
    last: u8,
    /// Where in `bytes` the name of a member of the outermost object begins, while it is read.
    name: Option<usize>,
    /// Whether the latest such name is one under which events are listed.
    names_a_list: bool,
    /// The depth of the elements, in a list of events.
    elements: Option<usize>,
    /// How many elements there were.
    count: u64,
    /// Whether the value under way held a list of events: then the rest of it is of no use.
    streamed: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            line: 1,
            met_a_list: false,
            line_begins: true,
            inside: Inside::Nothing,
            bytes: Vec::new(),
            started: 1,
            too_long: false,
            depth: 0,
            last: 0,
            name: None,
            names_a_list: false,
            elements: None,
            count: 0,
            streamed: false,
        }
    }
}

impl State {
    /// Takes in one byte; gives a piece when that is complete with it.
    pub(super) fn step(&mut self, byte: u8) -> Option<Piece> {
        let piece = match self.inside {
            Inside::Nothing => self.between(byte),
            Inside::Line => self.in_line(byte),
            Inside::Value => self.in_value(byte),
            Inside::String { escaped } => self.in_string(byte, escaped),
        };
        self.line_begins = byte == b'\n';
        self.line += u64::from(self.line_begins);
        piece
    }

    /// What is under way when the text ends.
    pub(super) fn end(&mut self) -> Option<Piece> {
        match mem::replace(&mut self.inside, Inside::Nothing) {
            Inside::Nothing => None,
            Inside::Line => self.text(),
            Inside::Value | Inside::String { .. } => self.broken(),
        }
    }

    fn between(&mut self, byte: u8) -> Option<Piece> {
        if byte.is_ascii_whitespace() {
            return None;
        }
        self.bytes.clear();
        (self.started, self.too_long) = (self.line, false);
        (self.depth, self.last, self.name, self.names_a_list) = (0, 0, None, false);
        (self.elements, self.count, self.streamed) = (None, 0, false);
        if matches!(byte, b'{' | b'[') {
            self.inside = Inside::Value;
            return self.in_value(byte);
        }
        self.inside = Inside::Line;
        self.keep(byte);
        None
    }

    fn in_line(&mut self, byte: u8) -> Option<Piece> {
        match byte {
            b'\n' => self.text(),
            b'\r' => None,
            _ => {
                self.keep(byte);
                None
            }
        }
    }

    /// A line cannot end inside of a string: there the value was cut off.
    fn in_string(&mut self, byte: u8, escaped: bool) -> Option<Piece> {
        if byte == b'\n' {
            return self.broken();
        }
        self.keep(byte);
        self.inside = Inside::String {
            escaped: byte == b'\\' && !escaped,
        };
        if byte == b'"' && !escaped {
            (self.inside, self.last) = (Inside::Value, byte);
            if let Some(start) = self.name.take() {
                let name = self
                    .bytes
                    .get(start..self.bytes.len().saturating_sub(1))
                    .unwrap_or_default();
                self.names_a_list = LISTS.contains(&name);
            }
        }
        None
    }

    fn in_value(&mut self, byte: u8) -> Option<Piece> {
        if byte.is_ascii_whitespace() {
            if !self.bytes.is_empty() {
                self.keep(byte);
            }
            return None;
        }
        if self.is_no_list_after_all(byte) {
            return self.turn_into_a_line(byte);
        }
        match byte {
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => self.close(byte),
            b',' if self.elements == Some(self.depth) => self.end_of_element(),
            b'"' => {
                self.open_string();
                None
            }
            _ => {
                self.keep(byte);
                self.last = byte;
                None
            }
        }
    }

    /// A bracket that begins no list of objects begins a line of a log: `[INFO] …`.
    fn is_no_list_after_all(&self, byte: u8) -> bool {
        let just_begun = self.elements == Some(1) && self.depth == 1 && self.last == b'[' && self.bytes.is_empty();
        just_begun && !matches!(byte, b'{' | b']')
    }

    fn turn_into_a_line(&mut self, byte: u8) -> Option<Piece> {
        self.inside = Inside::Line;
        self.keep(b'[');
        self.in_line(byte)
    }

    fn open_string(&mut self) {
        let is_name = self.depth == 1 && self.elements.is_none() && matches!(self.last, b'{' | b',');
        self.keep(b'"');
        self.name = is_name.then_some(self.bytes.len());
        self.inside = Inside::String { escaped: false };
    }

    fn open(&mut self, byte: u8) -> Option<Piece> {
        if self.depth > 0 && !matches!(self.last, b':' | b',' | b'[') {
            return self.cut_off_before(byte);
        }
        let begins_a_list = match self.depth {
            0 => byte == b'[',
            1 => byte == b'[' && self.elements.is_none() && self.last == b':' && self.names_a_list,
            _ => false,
        };
        self.depth += 1;
        self.last = byte;
        if begins_a_list {
            self.bytes.clear();
            (self.elements, self.streamed, self.count) = (Some(self.depth), true, 0);
        } else {
            self.keep(byte);
        }
        None
    }

    /// JSON has no bracket here: the value before it was cut off. One at the beginning of a line begins another value.
    fn cut_off_before(&mut self, byte: u8) -> Option<Piece> {
        let broken = self.broken();
        if self.line_begins {
            self.between(byte);
        } else {
            self.inside = Inside::Line;
        }
        broken
    }

    fn close(&mut self, byte: u8) -> Option<Piece> {
        let ends_the_list = self.elements == Some(self.depth);
        let element = if ends_the_list { self.end_of_element() } else { None };
        if ends_the_list {
            (self.elements, self.met_a_list) = (None, true);
        } else {
            self.keep(byte);
        }
        self.depth = self.depth.saturating_sub(1);
        self.last = byte;
        if self.depth > 0 {
            return element;
        }
        self.inside = Inside::Nothing;
        if self.streamed { element } else { Some(self.value(None)) }
    }

    fn end_of_element(&mut self) -> Option<Piece> {
        self.last = b',';
        if self.bytes.is_empty() {
            return None;
        }
        self.count += 1;
        Some(self.value(Some(self.count)))
    }

    fn keep(&mut self, byte: u8) {
        if self.bytes.is_empty() {
            self.started = self.line;
        }
        if self.bytes.len() < LONGEST {
            self.bytes.push(byte);
        } else {
            self.too_long = true;
        }
    }

    fn value(&mut self, number: Option<u64>) -> Piece {
        let bytes = mem::take(&mut self.bytes);
        let kind = if mem::take(&mut self.too_long) {
            PieceKind::Broken(Broken::TooLong)
        } else {
            PieceKind::Value(bytes)
        };
        Piece {
            line: self.started,
            number,
            kind,
        }
    }

    fn text(&mut self) -> Option<Piece> {
        self.inside = Inside::Nothing;
        Some(Piece {
            line: self.started,
            number: None,
            kind: PieceKind::Text(mem::take(&mut self.bytes)),
        })
    }

    fn broken(&mut self) -> Option<Piece> {
        self.inside = Inside::Nothing;
        self.bytes.clear();
        let number = self.elements.map(|_| self.count + 1);
        Some(Piece {
            line: self.started,
            number,
            kind: PieceKind::Broken(Broken::CutOff),
        })
    }
}
