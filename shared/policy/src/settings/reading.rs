//! From nodes to values: every reader reports what is wrong and goes on, so that one pass finds everything.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;
use std::str::FromStr;

use super::node::{Content, Node, shortened};
use super::problem::{Note, Problem, SettingsError};
use super::rule_name::RuleName;
use super::source::Source;
use super::suggest;
use crate::id::IdError;
use crate::ordered;

/// How many problems, and how many notes, are kept; further ones are counted.
const KEPT: usize = 100;

/// A value that the file can hold.
pub(super) trait Read: Sized {
    /// The value of a node; `None` if it has none, and then the problem has been reported.
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self>;
}

/// One pass over a file, and what it has found.
pub(super) struct Reading<'a> {
    source: Rc<Source>,
    built: &'a [RuleName],
    problems: Vec<Problem>,
    unlisted: usize,
    notes: Vec<Note>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(source: Source, built: &'a [RuleName]) -> Self {
        Self {
            source: Rc::new(source),
            built,
            problems: Vec::new(),
            unlisted: 0,
            notes: Vec::new(),
        }
    }

    pub(super) fn source(&self) -> Rc<Source> {
        Rc::clone(&self.source)
    }

    /// Reports a problem; the file will not be used.
    pub(super) fn problem(&mut self, span: &Range<usize>, message: &str, remedy: &str) {
        self.problem_with(span, || (message.to_owned(), remedy.to_owned()));
    }

    /// Reports a problem whose message and remedy are only worked out if it is kept.
    fn problem_with(&mut self, span: &Range<usize>, told: impl FnOnce() -> (String, String)) {
        if self.problems.len() == KEPT {
            self.unlisted += 1;
            return;
        }
        let at = self.source.position(span.start);
        let (message, remedy) = told();
        self.problems.push(Problem {
            at,
            message,
            remedy,
            span: span.clone(),
        });
    }

    /// Whether nothing has been found wrong so far.
    pub(super) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// Notes something that does not keep the file from being used.
    pub(super) fn note(&mut self, span: &Range<usize>, text: String) {
        if self.notes.len() < KEPT {
            self.notes.push(Note {
                at: self.source.position(span.start),
                text,
            });
        }
    }

    /// Notes that settings speak of a rule which this version does not have.
    pub(super) fn note_unbuilt(&mut self, span: &Range<usize>, rule: RuleName, what: &str) {
        if !self.built.contains(&rule) {
            let text = format!("rule `{rule}` is known but not built into this version: {what} has no effect yet");
            self.note(span, text);
        }
    }

    /// The end: what was read, with the notes, or everything that is wrong.
    pub(super) fn finish<T>(mut self, read: Option<T>) -> Result<(T, Vec<Note>), SettingsError> {
        match read {
            Some(read) if self.problems.is_empty() => {
                self.notes.sort_by_key(|note| note.at);
                Ok((read, self.notes))
            }
            _ => Err(SettingsError::new(
                Source::clone(&self.source),
                self.problems,
                self.unlisted,
            )),
        }
    }

    /// The text of a scalar, and whether it has no quotes; `what` is what should stand there, as `a date`.
    pub(super) fn scalar<'n>(&mut self, node: &'n Node, what: &str, example: &str) -> Option<(&'n str, bool)> {
        self.scalar_or(node, what, &format!("write {what}, like `{example}`"))
    }

    fn scalar_or<'n>(&mut self, node: &'n Node, what: &str, remedy: &str) -> Option<(&'n str, bool)> {
        match &node.content {
            Content::Refused => {}
            _ if node.is_empty() => self.problem(&node.span, "a value is missing", remedy),
            Content::Scalar { text, plain } => return Some((text, *plain)),
            _ => self.problem(&node.span, &format!("expected {what}, found {}", node.kind()), remedy),
        }
        None
    }

    /// A scalar that has one form, like an id.
    pub(super) fn text<T: FromStr<Err = IdError>>(&mut self, node: &Node, what: &str, example: &str) -> Option<T> {
        let (text, _) = self.scalar(node, what, example)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(_) => self.refuse(node, what, &format!("write it like `{example}`")),
        }
    }

    /// Reports that a scalar is not what should stand there; it is shown as it stands in the file, with its quotes.
    pub(super) fn refuse<T>(&mut self, node: &Node, what: &str, remedy: &str) -> Option<T> {
        let (line, span) = self.source.first_line(&node.span);
        let message = format!("`{}` is not {what}", shortened(line.get(span).unwrap_or_default()));
        self.problem(&node.span, &message, remedy);
        None
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&'static str, T)]) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let (text, _) = self.scalar_or(node, what, &suggest::any_of(&known))?;
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => Some(*value),
            None => self.refuse(node, what, &suggest::remedy(text, &known)),
        }
    }

    /// The items of a list; an empty value is an empty list.
    pub(super) fn items<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.content {
            Content::List(items) => return Some(items),
            Content::Refused => {}
            _ if node.is_empty() => return Some(&[]),
            other => {
                let items = if let Content::Scalar { text, .. } = other {
                    shortened(text)
                } else {
                    "…".to_owned()
                };
                let message = format!("expected a list, found {}", node.kind());
                self.problem(
                    &node.span,
                    &message,
                    &format!("write `[{items}]`, or one line for each item that begins with `- `"),
                );
            }
        }
        None
    }

    /// The entries of a mapping; an empty value is an empty mapping.
    pub(super) fn entries<'n>(&mut self, node: &'n Node) -> Option<&'n [(Node, Node)]> {
        match &node.content {
            Content::Map(entries) => return Some(entries),
            Content::Refused => {}
            _ if node.is_empty() => return Some(&[]),
            _ => {
                let message = format!("expected a mapping, found {}", node.kind());
                self.problem(
                    &node.span,
                    &message,
                    "write `{ key: value }`, or one line for each `key: value`",
                );
            }
        }
        None
    }

    /// A mapping whose keys are asked for by name.
    pub(super) fn mapping<'r, 'n>(&'r mut self, node: &'n Node) -> Option<Mapping<'r, 'a, 'n>> {
        let entries = self.entries(node)?;
        Some(Mapping {
            reading: self,
            node,
            entries,
            asked: Vec::new(),
            foreign: Vec::new(),
            missing: Vec::new(),
        })
    }
}

/// A mapping being read: what is not asked for by [`Mapping::finish`] is an unknown key.
pub(super) struct Mapping<'r, 'a, 'n> {
    pub(super) reading: &'r mut Reading<'a>,
    node: &'n Node,
    entries: &'n [(Node, Node)],
    asked: Vec<&'static str>,
    foreign: Vec<String>,
    missing: Vec<(&'static str, String)>,
}

fn is_key(node: &Node, key: &str) -> bool {
    matches!(&node.content, Content::Scalar { text, .. } if text == key)
}

impl<'n> Mapping<'_, '_, 'n> {
    /// The node of a key's value, if the key is there.
    pub(super) fn node(&mut self, key: &'static str) -> Option<&'n Node> {
        self.asked.push(key);
        self.entries
            .iter()
            .find(|(name, _)| is_key(name, key))
            .map(|(_, value)| value)
    }

    /// The value of a key that may be left out.
    pub(super) fn optional<T: Read>(&mut self, key: &'static str) -> Option<T> {
        self.with(key, T::read)
    }

    /// The value of a key that may be left out, by a reader of its own.
    pub(super) fn with<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Node, &mut Reading<'_>) -> Option<T>,
    ) -> Option<T> {
        let node = self.node(key)?;
        read(node, self.reading)
    }

    /// The value of a key, or its default where the key is left out; also where a problem was reported, which keeps
    /// the file from being used anyway.
    pub(super) fn or_default<T: Read + Default>(&mut self, key: &'static str) -> T {
        self.optional(key).unwrap_or_default()
    }

    /// The value of a key that must be there; `example` is the whole line.
    pub(super) fn required<T: Read>(&mut self, key: &'static str, example: &str) -> Option<T> {
        self.required_with(key, example, T::read)
    }

    /// The value of a key that must be there, by a reader of its own.
    pub(super) fn required_with<T>(
        &mut self,
        key: &'static str,
        example: &str,
        read: impl FnOnce(&Node, &mut Reading<'_>) -> Option<T>,
    ) -> Option<T> {
        let node = self.node(key);
        if node.is_none() {
            let message = format!("the key `{key}` is missing");
            self.reading
                .problem(&self.node.span, &message, &format!("add `{example}`"));
        }
        read(node?, self.reading)
    }

    /// Reports a key that has no place here, where it is given all the same.
    pub(super) fn foreign(&mut self, key: &str, fault: impl FnOnce() -> (String, String)) {
        let given = self.entries.iter().find(|(name, _)| is_key(name, key));
        if let Some((name, _)) = given {
            let (message, remedy) = fault();
            self.reading.problem(&name.span, &message, &remedy);
            self.foreign.push(key.to_owned());
        }
    }

    /// Reports the keys that nobody has asked for, and those that are missing and not just misspelt.
    pub(super) fn finish(self) {
        let asked = &self.asked;
        let mut misspelt = Vec::new();
        for (key, _) in self.entries {
            if let Content::Scalar { text, .. } = &key.content
                && !asked.contains(&text.as_str())
                && !self.foreign.contains(text)
            {
                self.reading.problem_with(&key.span, || {
                    misspelt.extend(suggest::nearest(text, asked.iter().copied()));
                    (
                        format!("unknown key `{}`", shortened(text)),
                        suggest::remedy(text, asked),
                    )
                });
            }
        }
        for (key, remedy) in self.missing.iter().filter(|(key, _)| !misspelt.contains(key)) {
            self.reading
                .problem(&self.node.span, &format!("the key `{key}` is missing"), remedy);
        }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let items = reading.items(node)?;
        Some(items.iter().filter_map(|item| T::read(item, reading)).collect())
    }
}

impl<T: Read + Ord> Read for BTreeSet<T> {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        Vec::read(node, reading).map(ordered::set)
    }
}

impl<K: Read + Ord, V: Read> Read for BTreeMap<K, V> {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let entries = reading.entries(node)?;
        let mut read = |(key, value): &(Node, Node)| {
            let (key, value) = (K::read(key, reading), V::read(value, reading));
            Some((key?, value?))
        };
        Some(ordered::map(entries.iter().filter_map(&mut read)))
    }
}
