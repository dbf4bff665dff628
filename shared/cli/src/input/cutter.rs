//! Cuts a stream of text into JSON values, without holding more than one of them.
//!
//! It takes whatever follows whatever: one value or many, on a line each or over many lines, lists of them
//! (`[…]`, `{"Records": […]}`), other text between them. It goes by quotes and brackets alone: what is no JSON
//! although its brackets match, its reader will notice.

use std::fmt;
use std::io::{self, BufRead};

use super::state::{LONGEST, State};

/// A piece of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// Which element of a list it is, from 1; none outside of lists.
    pub(super) number: Option<u64>,
    /// What it is.
    pub(super) kind: PieceKind,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// A value whose brackets match.
    Value(Vec<u8>),
    /// A line that is no JSON, without its end.
    Text(Vec<u8>),
    /// A value that is not whole.
    Broken(Broken),
}

/// Why a value is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// It ends in the middle.
    CutOff,
    /// It is longer than any event.
    TooLong,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutOff => f.write_str("ends in the middle of a value: get it again, whole"),
            Self::TooLong => write!(
                f,
                "is longer than {LONGEST} bytes, which no event is: look at what was written there"
            ),
        }
    }
}

/// A stream, cut as far as it has been read.
pub(super) struct Cutter<R> {
    input: R,
    state: State,
}

impl<R: BufRead> Cutter<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            state: State::default(),
        }
    }

    /// Whether there was a list of events at all, be it an empty one.
    pub(super) fn met_a_list(&self) -> bool {
        self.state.met_a_list
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// When the stream cannot be read on.
    pub(super) fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        loop {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                return Ok(self.state.end());
            }
            let length = chunk.len();
            let found = chunk
                .iter()
                .enumerate()
                .find_map(|(at, byte)| Some((at, self.state.step(*byte)?)));
            match found {
                Some((at, piece)) => {
                    self.input.consume(at + 1);
                    return Ok(Some(piece));
                }
                None => self.input.consume(length),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The pieces of a text, one line each.
    fn pieces(text: &[u8]) -> String {
        let mut cutter = Cutter::new(text);
        let mut shown = String::new();
        while let Some(Piece { line, number, kind }) = cutter.next_piece().unwrap() {
            let number = number.map(|number| format!(" ({number})")).unwrap_or_default();
            let (what, text) = match kind {
                PieceKind::Value(bytes) => (
                    "value",
                    String::from_utf8_lossy(&bytes).replace(char::is_whitespace, ""),
                ),
                PieceKind::Text(bytes) => ("text", String::from_utf8_lossy(&bytes).into_owned()),
                PieceKind::Broken(why) => ("broken", format!("{why:?}")),
            };
            shown += &format!("{line}{number} {what} {text}\n");
        }
        shown
    }

    #[test]
    fn a_value_is_whole_on_one_line_or_on_many() {
        insta::assert_snapshot!(pieces(b"{\"a\":{\"b\":[1,2]}}"), @r#"1 value {"a":{"b":[1,2]}}"#);
        insta::assert_snapshot!(pieces(b"\n{\n \"a\": {\n  \"b\": []\n }\n}\n{}{}"), @r#"
        2 value {"a":{"b":[]}}
        7 value {}
        7 value {}
        "#);
    }

    #[test]
    fn the_elements_of_a_list_of_events_come_one_by_one_and_other_lists_stay_whole() {
        insta::assert_snapshot!(pieces(br#"{"Records":[{"a":[{}]},{"b":1}]}"#), @r#"
        1 (1) value {"a":[{}]}
        1 (2) value {"b":1}
        "#);
        insta::assert_snapshot!(pieces(b"{\"NextToken\": \"x\",\n\"Events\": [\n {},\n {\"c\": 2}\n ], \"more\": [{}]}\n{\"d\":3}"), @r#"
        3 (1) value {}
        4 (2) value {"c":2}
        6 value {"d":3}
        "#);
        insta::assert_snapshot!(pieces(br#"{"items":[{"a":1}]}"#), @r#"1 value {"items":[{"a":1}]}"#);
        insta::assert_snapshot!(pieces(br#"{"a":{"Records":[{"b":1}]}}"#), @r#"1 value {"a":{"Records":[{"b":1}]}}"#);
        insta::assert_snapshot!(pieces(b"[{\"a\":1},\n{\"b\":2}]\n{}"), @r#"
        1 (1) value {"a":1}
        2 (2) value {"b":2}
        3 value {}
        "#);
    }

    #[test]
    fn brackets_and_quotes_inside_strings_do_not_count() {
        insta::assert_snapshot!(pieces(br#"{"a":"}{\"\\","Records":"["}{"b":"\\"}"#), @r#"
        1 value {"a":"}{\"\\","Records":"["}
        1 value {"b":"\\"}
        "#);
    }

    #[test]
    fn lines_of_other_text_are_told_apart_also_those_that_begin_with_a_bracket() {
        insta::assert_snapshot!(pieces(b"START RequestId: 1\n{\"a\":1}\n[INFO] ready\n[2027-01-31] {}\r\nEND"), @r#"
        1 text START RequestId: 1
        2 value {"a":1}
        3 text [INFO] ready
        4 text [2027-01-31] {}
        5 text END
        "#);
    }

    #[test]
    fn what_is_cut_off_does_not_swallow_the_next_line() {
        insta::assert_snapshot!(pieces(b"{\"a\":1}\n{\"b\":\"cut of\n{\"c\":{\"d\":4\n{\"e\":5}\n{\"f\":"), @r#"
        1 value {"a":1}
        2 broken CutOff
        3 broken CutOff
        4 value {"e":5}
        5 broken CutOff
        "#);
    }

    #[test]
    fn an_empty_list_has_no_pieces_and_is_met_all_the_same() {
        for text in ["{\"Records\":[]}", " [ ] "] {
            let mut cutter = Cutter::new(text.as_bytes());
            assert_eq!(cutter.next_piece().unwrap(), None, "{text}");
            assert!(cutter.met_a_list(), "{text}");
        }
    }

    #[test]
    fn a_value_longer_than_any_event_is_not_held_and_the_next_one_is_read() {
        let mut text = br#"{"a":""#.to_vec();
        text.resize(LONGEST + 10, b'x');
        text.extend(br#""}{"b":2}"#);
        insta::assert_snapshot!(pieces(&text), @r#"
        1 broken TooLong
        1 value {"b":2}
        "#);
    }

    /// Any JSON object, as text on one line or over several.
    fn object() -> impl Strategy<Value = serde_json::Value> {
        use serde_json::Value;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from)
        ];
        let value = leaf.prop_recursive(3, 12, 3, |inner| {
            let lists = prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from);
            let objects = prop::collection::btree_map("[a-z\"\\\\{]{0,4}", inner, 0..3);
            prop_oneof![lists, objects.prop_map(|map| Value::Object(map.into_iter().collect()))]
        });
        prop::collection::btree_map("[a-z]{0,3}", value, 0..4).prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    fn values(text: &[u8]) -> Vec<serde_json::Value> {
        let mut cutter = Cutter::new(text);
        let pieces = std::iter::from_fn(|| cutter.next_piece().unwrap());
        pieces
            .map(|piece| match piece.kind {
                PieceKind::Value(bytes) => serde_json::from_slice(&bytes).unwrap(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    proptest! {
        #[test]
        fn every_object_comes_back_however_it_is_written(objects in prop::collection::vec(object(), 0..5)) {
            let compact: Vec<String> = objects.iter().map(ToString::to_string).collect();
            let pretty: Vec<String> = objects.iter().map(|object| format!("{object:#}")).collect();
            for text in [
                compact.concat(),
                compact.join("\n"),
                pretty.join("\r\n"),
                format!("[{}]", pretty.join(" ,\n")),
                format!("{{\"x\":[{{}}],\"Records\":[{}],\"y\":\"\"}}", compact.join(",")),
                format!("{:#}", serde_json::json!({ "Records": objects })),
            ] {
                prop_assert_eq!(&values(text.as_bytes()), &objects, "{}", text);
            }
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'{'), Just(b'"'), Just(b'['), Just(b'\n')], 0..200)) {
            let mut cutter = Cutter::new(bytes.as_slice());
            let pieces = std::iter::from_fn(|| cutter.next_piece().unwrap()).count();
            prop_assert!(pieces <= 2 * bytes.len());
        }
    }
}
