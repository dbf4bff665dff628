//! The YAML of a policy file as a tree of plain nodes that know where they stand.
//!
//! Only what such a file needs is let in: one document of mappings, lists and scalars. Anchors, aliases, tags, merge
//! keys and directives are refused, and nesting is bounded, so a small file cannot grow into a large tree.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError};

use super::reading::Reading;

/// How deep mappings, and lists, may nest; the deepest value of the grammar stands at 7, an endpoint policy's below 16.
const DEEPEST: usize = 32;

/// A value, or a key, of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// The bytes it takes up; of a mapping or list in block style, from its first entry to the end of its last.
    pub(super) span: Range<usize>,
    pub(super) content: Content,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// A text as written; `plain` if without quotes, so that YAML may read it as a number, a truth value or nothing.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    /// Something whose problem has been reported.
    Refused,
}

impl Node {
    /// Whether it says nothing: a key without a value, `~` or `null`.
    pub(super) fn is_empty(&self) -> bool {
        match &self.content {
            Content::Scalar { text, plain: true } => matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"),
            _ => false,
        }
    }

    /// Its kind, with its article, as messages name it.
    pub(super) fn kind(&self) -> &'static str {
        match self.content {
            _ if self.is_empty() => "nothing",
            Content::Scalar { .. } => "a single value",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
            Content::Refused => "something refused",
        }
    }
}

/// The document's root, if there is one; what is wrong with the YAML is reported.
pub(super) fn load(reading: &mut Reading<'_>) -> Option<Node> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.disallow_directives = true;
    options.emit_unresolved_aliases = true;
    options.emit_anchor_events = true;
    options.flow_nesting_limit = DEEPEST;
    options.block_nesting_limit = DEEPEST;
    let source = reading.source();
    let mut tree = Tree::default();
    for event in Parser::new_from_str_with_options(source.text(), options) {
        match event {
            Ok((event, span)) => tree.take(event, &span, reading),
            Err(error) => {
                report_syntax(&error, reading);
                return None;
            }
        }
        if tree.documents > 1 {
            return None;
        }
    }
    tree.root
}

/// The tree so far: finished root, or the open collections from the root down.
#[derive(Default)]
struct Tree {
    documents: usize,
    open: Vec<Open>,
    root: Option<Node>,
}

/// A mapping or list whose end has not come yet.
enum Open {
    List {
        start: usize,
        items: Vec<Node>,
    },
    Map {
        start: usize,
        entries: Vec<(Node, Node)>,
        key: Option<Node>,
        seen: BTreeMap<String, usize>,
    },
}

impl Tree {
    fn take(&mut self, event: Event<'_>, span: &granit_parser::Span, reading: &mut Reading<'_>) {
        let at = span.byte_range().unwrap_or_default();
        match event {
            Event::DocumentStart(..) => self.start_document(at, reading),
            Event::Scalar(text, style, _, tag) => {
                refuse_tag(tag.is_some(), span, reading);
                let plain = style == ScalarStyle::Plain;
                self.put(
                    Node {
                        span: at,
                        content: Content::Scalar {
                            text: text.into_owned(),
                            plain,
                        },
                    },
                    reading,
                );
            }
            Event::SequenceStart(_, _, tag) => {
                refuse_tag(tag.is_some(), span, reading);
                self.open.push(Open::List {
                    start: at.start,
                    items: Vec::new(),
                });
            }
            Event::MappingStart(_, _, tag) => {
                refuse_tag(tag.is_some(), span, reading);
                self.open.push(Open::Map {
                    start: at.start,
                    entries: Vec::new(),
                    key: None,
                    seen: BTreeMap::new(),
                });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at, reading),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                reading.problem(
                    &at,
                    "a YAML alias is not allowed in a policy file",
                    "write the value out",
                );
                self.put(
                    Node {
                        span: at,
                        content: Content::Refused,
                    },
                    reading,
                );
            }
            Event::Anchor(..) => {
                reading.problem(
                    &at,
                    "a YAML anchor is not allowed in a policy file",
                    "remove it, and write each value out",
                );
            }
            _ => {}
        }
    }

    fn start_document(&mut self, at: Range<usize>, reading: &mut Reading<'_>) {
        self.documents += 1;
        if self.documents > 1 {
            reading.problem(
                &at,
                "a second YAML document begins",
                "keep one document in the file, and remove this `---`",
            );
        }
    }

    fn close(&mut self, end: Range<usize>, reading: &mut Reading<'_>) {
        let node = match self.open.pop() {
            Some(Open::List { start, items }) => {
                let last = items.last().map_or(start, |item| item.span.end);
                Node {
                    span: start..last.max(end.end.min(last + 1)),
                    content: Content::List(items),
                }
            }
            Some(Open::Map { start, entries, .. }) => {
                let last = entries.last().map_or(start, |(_, value)| value.span.end);
                Node {
                    span: start..last.max(end.end.min(last + 1)),
                    content: Content::Map(entries),
                }
            }
            None => return,
        };
        self.put(node, reading);
    }

    /// Gives a finished node its place: in the innermost open collection, or as the root.
    fn put(&mut self, node: Node, reading: &mut Reading<'_>) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, seen, .. }) => match key.take() {
                None => *key = Some(checked_key(node, seen, reading)),
                Some(key) => entries.push((key, node)),
            },
        }
    }
}

/// The key itself, or [`Content::Refused`] in its place.
fn checked_key(key: Node, seen: &mut BTreeMap<String, usize>, reading: &mut Reading<'_>) -> Node {
    let refused = |span| Node {
        span,
        content: Content::Refused,
    };
    match &key.content {
        Content::Scalar { text, plain: true } if text == "<<" => {
            reading.problem(
                &key.span,
                "a YAML merge key is not allowed in a policy file",
                "write the keys out",
            );
            refused(key.span)
        }
        Content::Scalar { text, .. } => {
            let Some(first) = seen.insert(text.clone(), key.span.start) else {
                return key;
            };
            let line = reading.source().position(first).line;
            let message = format!("the key `{}` is given twice", shortened(text));
            reading.problem(
                &key.span,
                &message,
                &format!("keep one of them; the first is in line {line}"),
            );
            refused(key.span)
        }
        Content::Refused => key,
        Content::List(_) | Content::Map(_) => {
            reading.problem(&key.span, "a key must be a single value", "write it as `key: value`");
            refused(key.span)
        }
    }
}

fn refuse_tag(tagged: bool, span: &granit_parser::Span, reading: &mut Reading<'_>) {
    if tagged {
        let at = span
            .tag_span()
            .and_then(|tag| tag.byte_range())
            .or_else(|| span.byte_range())
            .unwrap_or_default();
        reading.problem(
            &at,
            "a YAML tag is not allowed in a policy file",
            "remove it; write a text that begins with `!` in quotes",
        );
    }
}

fn report_syntax(error: &ScanError, reading: &mut Reading<'_>) {
    let mut at = error.marker().byte_offset().unwrap_or_default();
    let (message, remedy) = match error.kind() {
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed => {
            if reading
                .source()
                .text()
                .get(..at)
                .is_some_and(|before| before.ends_with('\t'))
            {
                at -= 1;
            }
            ("a tab cannot indent YAML".to_owned(), "use spaces")
        }
        ErrorKind::RecursionLimitExceeded => (format!("more than {DEEPEST} levels deep"), "write it flatter"),
        ErrorKind::DirectiveDisallowed => (
            "a YAML directive is not allowed in a policy file".to_owned(),
            "remove the line that begins with `%`",
        ),
        kind => (
            format!("not valid YAML: {kind}"),
            "check the indentation, quotes and brackets here and just before",
        ),
    };
    reading.problem(&(at..at + 1), &message, remedy);
}

/// A text for a message, at most 80 characters of it.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}
