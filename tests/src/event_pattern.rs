//! EventBridge's event patterns: whether one matches an event, as AWS's own engine has it.
//!
//! Source: "Amazon EventBridge event patterns" in the user guide, and the rules of `aws/event-ruler`, which that service runs.

use std::str::FromStr as _;

use ipnet::IpNet;
use serde_json::{Map, Value};

/// An event pattern.
#[derive(Debug, Clone)]
pub struct EventPattern(Vec<Conjunction>);

/// What an event must have all of: a field, and what one of its values must be like.
type Conjunction = Vec<(String, Vec<Test>)>;

/// What a value must be like.
#[derive(Debug, Clone)]
enum Test {
    Exists(bool),
    Equals(Value),
    EqualsIgnoreCase(String),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    Wildcard(Vec<Piece>),
    Numeric(Vec<(Comparison, f64)>),
    Cidr(IpNet),
    AnythingBut(Vec<Test>),
}

/// A part of a wildcard.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Any,
    One(char),
}

#[derive(Debug, Clone, Copy)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    Greater,
    GreaterOrEqual,
}

/// A value in an event, and in which element of each list it stands.
struct Leaf<'e> {
    path: String,
    value: &'e Value,
    elements: Vec<(String, usize)>,
}

/// Why something is no event pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no event pattern: {0}")]
pub struct PatternError(String);

fn refused<T>(why: impl Into<String>) -> Result<T, PatternError> {
    Err(PatternError(why.into()))
}

impl EventPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What EventBridge refuses: unknown operators, empty lists and objects, scalars, a `$or` of fewer than two.
    pub fn parse(pattern: &Value) -> Result<Self, PatternError> {
        match pattern {
            Value::Object(fields) => Ok(Self(alternatives("", fields)?)),
            _ => refused("it is no object"),
        }
    }

    /// Whether it matches an event.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        let mut leaves = Vec::new();
        collect(event, "", "", &[], &mut leaves);
        self.0
            .iter()
            .any(|conjunction| holds(conjunction, &leaves, &mut Vec::new()))
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

fn alternatives(path: &str, fields: &Map<String, Value>) -> Result<Vec<Conjunction>, PatternError> {
    if fields.is_empty() {
        return refused(format!("`{path}` is empty"));
    }
    let mut all = vec![Conjunction::new()];
    for (key, value) in fields {
        let more = match value {
            Value::Array(branches) if key == "$or" => either(path, branches)?,
            Value::Array(tests) => vec![vec![(joined(path, key), several(tests)?)]],
            Value::Object(fields) => alternatives(&joined(path, key), fields)?,
            _ => return refused(format!("`{key}` must be an object or a list")),
        };
        let both = |one: &Conjunction| {
            let extended = more.iter().map(|other| [one.as_slice(), other.as_slice()].concat());
            extended.collect::<Vec<_>>()
        };
        all = all.iter().flat_map(both).collect();
    }
    Ok(all)
}

fn either(path: &str, branches: &[Value]) -> Result<Vec<Conjunction>, PatternError> {
    if branches.len() < 2 {
        return refused("`$or` has fewer than two branches");
    }
    let mut all = Vec::new();
    for branch in branches {
        match branch {
            Value::Object(fields) => all.extend(alternatives(path, fields)?),
            _ => return refused("a branch of `$or` is no object"),
        }
    }
    Ok(all)
}

fn several(tests: &[Value]) -> Result<Vec<Test>, PatternError> {
    if tests.is_empty() {
        return refused("a list is empty");
    }
    tests.iter().map(test).collect()
}

fn test(value: &Value) -> Result<Test, PatternError> {
    let Value::Object(operators) = value else {
        return match value {
            Value::Array(_) => refused("a list stands in a list"),
            scalar => Ok(Test::Equals(scalar.clone())),
        };
    };
    let mut operators = operators.iter();
    let (Some((operator, operand)), None) = (operators.next(), operators.next()) else {
        return refused("an object in a list has just one key");
    };
    match (operator.as_str(), operand) {
        ("exists", Value::Bool(is_there)) => Ok(Test::Exists(*is_there)),
        ("anything-but", Value::Array(excluded)) => several(excluded).map(Test::AnythingBut),
        ("anything-but", Value::Object(kind)) => excluded(kind).map(Test::AnythingBut),
        ("anything-but", scalar) => Ok(Test::AnythingBut(vec![test(scalar)?])),
        ("numeric", Value::Array(range)) => numeric(range),
        _ => textual(operator, operand),
    }
}

/// `{"prefix": …}` below `anything-but`: there an operator may have a list.
fn excluded(kind: &Map<String, Value>) -> Result<Vec<Test>, PatternError> {
    let mut kinds = kind.iter();
    match (kinds.next(), kinds.next()) {
        (Some((operator, Value::Array(operands))), None) => {
            operands.iter().map(|operand| textual(operator, operand)).collect()
        }
        (Some((operator, operand)), None) => Ok(vec![textual(operator, operand)?]),
        _ => refused("`anything-but` has just one operator"),
    }
}

fn textual(operator: &str, operand: &Value) -> Result<Test, PatternError> {
    match (operator, operand) {
        ("prefix", Value::String(text)) => Ok(Test::Prefix(text.clone())),
        ("prefix", Value::Object(kind)) if kind.contains_key("equals-ignore-case") => {
            let text = kind.get("equals-ignore-case").and_then(Value::as_str);
            Ok(Test::PrefixIgnoreCase(text.unwrap_or_default().to_lowercase()))
        }
        ("suffix", Value::String(text)) => Ok(Test::Suffix(text.clone())),
        ("equals-ignore-case", Value::String(text)) => Ok(Test::EqualsIgnoreCase(text.to_lowercase())),
        ("wildcard", Value::String(text)) => wildcard(text).map(Test::Wildcard),
        ("cidr", Value::String(text)) => match IpNet::from_str(text) {
            Ok(block) => Ok(Test::Cidr(block)),
            Err(_) => refused(format!("`{text}` is no CIDR")),
        },
        _ => refused(format!("`{operator}` is no operator for this")),
    }
}

fn numeric(range: &[Value]) -> Result<Test, PatternError> {
    let comparisons = range.chunks(2).map(|pair| match pair {
        [Value::String(comparison), Value::Number(number)] => {
            let comparison = match comparison.as_str() {
                "<" => Comparison::Less,
                "<=" => Comparison::LessOrEqual,
                "=" => Comparison::Equal,
                ">" => Comparison::Greater,
                ">=" => Comparison::GreaterOrEqual,
                other => return refused(format!("`{other}` is no comparison")),
            };
            Ok((comparison, number.as_f64().unwrap_or(f64::NAN)))
        }
        _ => refused("`numeric` has comparisons and numbers by turns"),
    });
    Ok(Test::Numeric(comparisons.collect::<Result<_, _>>()?))
}

fn wildcard(text: &str) -> Result<Vec<Piece>, PatternError> {
    let mut pieces = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let piece = match letter {
            '*' => Piece::Any,
            '\\' => match letters.next() {
                Some(escaped @ ('*' | '\\')) => Piece::One(escaped),
                _ => return refused("a backslash escapes `*` or itself"),
            },
            other => Piece::One(other),
        };
        if piece == Piece::Any && pieces.last() == Some(&Piece::Any) {
            return refused("two wildcards stand side by side");
        }
        pieces.push(piece);
    }
    Ok(pieces)
}

/// Every scalar in a value; `place` is its path with the elements of lists in it.
fn collect<'e>(value: &'e Value, path: &str, place: &str, elements: &[(String, usize)], leaves: &mut Vec<Leaf<'e>>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                collect(value, &joined(path, key), &joined(place, key), elements, leaves);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                let elements = [elements, &[(place.to_owned(), index)]].concat();
                collect(value, path, &format!("{place}[{index}]"), &elements, leaves);
            }
        }
        value => leaves.push(Leaf {
            path: path.to_owned(),
            value,
            elements: elements.to_vec(),
        }),
    }
}

/// Whether every field has a value that passes, all of them in the same elements of the lists that they share.
fn holds(fields: &[(String, Vec<Test>)], leaves: &[Leaf<'_>], elements: &mut Vec<(String, usize)>) -> bool {
    let Some(((path, tests), rest)) = fields.split_first() else {
        return true;
    };
    let mut values = leaves.iter().filter(|leaf| leaf.path == *path).peekable();
    if values.peek().is_none() {
        let may_be_absent = tests.iter().any(|test| matches!(test, Test::Exists(false)));
        return may_be_absent && holds(rest, leaves, elements);
    }
    values.any(|leaf| {
        let contradicts = |(list, index): &(String, usize)| {
            elements
                .iter()
                .any(|(other, element)| other == list && element != index)
        };
        if leaf.elements.iter().any(contradicts) || !tests.iter().any(|test| test.passes(leaf.value)) {
            return false;
        }
        let before = elements.len();
        elements.extend(leaf.elements.iter().cloned());
        let all = holds(rest, leaves, elements);
        elements.truncate(before);
        all
    })
}

impl Test {
    fn passes(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Exists(is_there) => *is_there,
            Self::Equals(Value::Number(number)) => value.as_f64().is_some_and(|value| Some(value) == number.as_f64()),
            Self::Equals(wanted) => value == wanted,
            Self::EqualsIgnoreCase(wanted) => text.is_some_and(|text| text.to_lowercase() == *wanted),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Self::PrefixIgnoreCase(prefix) => text.is_some_and(|text| text.to_lowercase().starts_with(prefix)),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Self::Wildcard(pieces) => text.is_some_and(|text| fits(pieces, &text.chars().collect::<Vec<_>>())),
            Self::Numeric(range) => value.as_f64().is_some_and(|value| {
                range
                    .iter()
                    .all(|(comparison, number)| comparison.holds(value, *number))
            }),
            Self::Cidr(block) => text
                .and_then(|text| text.parse().ok())
                .is_some_and(|address: std::net::IpAddr| block.contains(&address)),
            Self::AnythingBut(excluded) => !excluded.iter().any(|test| test.passes(value)),
        }
    }
}

impl Comparison {
    fn holds(self, value: f64, number: f64) -> bool {
        match self {
            Self::Less => value < number,
            Self::LessOrEqual => value <= number,
            Self::Equal => value.total_cmp(&number).is_eq(),
            Self::Greater => value > number,
            Self::GreaterOrEqual => value >= number,
        }
    }
}

fn fits(pieces: &[Piece], text: &[char]) -> bool {
    match (pieces, text) {
        ([], []) => true,
        ([Piece::Any, rest @ ..], _) => {
            (0..=text.len()).any(|taken| text.get(taken..).is_some_and(|left| fits(rest, left)))
        }
        ([Piece::One(wanted), rest @ ..], [letter, text @ ..]) => wanted == letter && fits(rest, text),
        _ => false,
    }
}
