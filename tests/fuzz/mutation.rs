//! Changes to an input: of bytes, and of the values in JSON.

use serde_json::Value;

use crate::dice::Dice;

/// What callers could choose as a name or description: control characters, marks of direction, mark-up, forged lines.
pub(crate) const TEXTS: [&str; 18] = [
    "",
    "\u{0}",
    "\u{1b}[2J\u{1b}[31mred",
    "\u{9b}2J",
    "line\nFORGED: nothing happened",
    "line\r\nFORGED: nothing happened",
    "line\u{2028}FORGED: nothing happened",
    "line\u{85}FORGED: nothing happened",
    "\u{202e}desrever",
    "zero\u{200b}width\u{feff}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[click](https://example.com) **bold** `code` <!here> @channel",
    "\"}, {\"severity\": \"low\"",
    "{{7*7}} ${jndi:ldap://example.com/a} %s%n",
    "0.0.0.0/0",
    "::/0",
    "sg-0a1b2c3d4e5f60001",
    "arn:aws:iam::111122223333:role/security/vpc-guardrail",
];

/// Pieces of the forms that are read here, whole and broken.
const PIECES: [&str; 26] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\n",
    "\t",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "-1",
    "1e999",
    "0.1",
    "99999999999999999999",
    "&a ",
    "*a",
    "<<: *a",
    "- ",
    ": ",
    "|\n",
    "\u{feff}",
    "\u{0}",
];

/// The longest text that an attacker is given: beyond what AWS delivers.
const LONG: usize = 256 * 1024;

/// Bytes that were changed somewhere, up to four times.
pub(crate) fn of_bytes(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(4) {
        let (from, to) = range(&bytes, dice);
        match dice.below(7) {
            0 => bytes
                .iter_mut()
                .skip(from)
                .take(1)
                .for_each(|byte| *byte ^= 1 << dice.below(8)),
            1 => drop(bytes.drain(from..to)),
            2 => drop(bytes.splice(to..to, bytes[from..to].to_vec())),
            3 => bytes.truncate(to),
            4 => {
                let (from_other, to_other) = range(other, dice);
                drop(bytes.splice(from..to, other[from_other..to_other].to_vec()));
            }
            5 => drop(bytes.splice(from..from, dice.one_of(&TEXTS).bytes())),
            _ => drop(bytes.splice(from..from, dice.one_of(&PIECES).bytes())),
        }
    }
    bytes
}

/// A short range, most often.
fn range(bytes: &[u8], dice: &mut Dice) -> (usize, usize) {
    let from = dice.below(bytes.len() + 1);
    let most = if dice.once_in(10) { bytes.len() } else { 40 };
    (from, (from + dice.below(most + 1)).min(bytes.len()))
}

/// JSON in which values were changed, up to four.
pub(crate) fn of_json(seed: &Value, dice: &mut Dice) -> Value {
    let mut value = seed.clone();
    for _ in 0..=dice.below(4) {
        let mut at = dice.below(count(&value, &|_| true));
        change(&mut value, &|_| true, &mut at, &mut |found| {
            *found = replacement(found, dice)
        });
    }
    value
}

/// JSON in which texts were changed to hostile ones, up to four; keys and all else stay.
pub(crate) fn of_texts(seed: &Value, dice: &mut Dice) -> Value {
    made_hostile(seed, dice, &Value::is_string)
}

/// The same with texts that hold no digit, as ids and addresses do: names, tags and the like.
pub(crate) fn of_names(seed: &Value, dice: &mut Dice) -> Value {
    let is_digit = |letter: char| letter.is_ascii_digit();
    made_hostile(seed, dice, &|value| {
        value.as_str().is_some_and(|text| !text.contains(is_digit))
    })
}

fn made_hostile(seed: &Value, dice: &mut Dice, wanted: &dyn Fn(&Value) -> bool) -> Value {
    let mut value = seed.clone();
    for _ in 0..=dice.below(4) {
        let mut at = dice.below(count(&value, wanted));
        change(&mut value, wanted, &mut at, &mut |found| *found = hostile(found, dice));
    }
    value
}

fn replacement(found: &Value, dice: &mut Dice) -> Value {
    match dice.below(9) {
        0 => Value::Null,
        1 => Value::Array(vec![found.clone(); dice.below(3)]),
        2 => serde_json::json!({ "items": found }),
        3 => Value::from(found.to_string()),
        4 => Value::from(dice.below(usize::MAX)),
        5 => Value::Bool(dice.once_in(2)),
        6 => serde_json::json!({}),
        _ => hostile(found, dice),
    }
}

/// A hostile text: in the place of the one that was there, or behind it.
fn hostile(found: &Value, dice: &mut Dice) -> Value {
    let text = *dice.one_of(&TEXTS);
    let old = found.as_str().unwrap_or_default();
    Value::from(match dice.below(20) {
        0 => text.repeat(LONG / text.len().max(1)),
        1..=7 => text.to_owned(),
        _ => format!("{old}{text}"),
    })
}

fn count(value: &Value, wanted: &dyn Fn(&Value) -> bool) -> usize {
    let inside: usize = match value {
        Value::Array(list) => list.iter().map(|value| count(value, wanted)).sum(),
        Value::Object(map) => map.values().map(|value| count(value, wanted)).sum(),
        _ => 0,
    };
    inside + usize::from(wanted(value))
}

/// Changes the one that is wanted for the `at`th time.
fn change(value: &mut Value, wanted: &dyn Fn(&Value) -> bool, at: &mut usize, to: &mut dyn FnMut(&mut Value)) -> bool {
    if wanted(value) {
        if *at == 0 {
            to(value);
            return true;
        }
        *at -= 1;
    }
    match value {
        Value::Array(list) => list.iter_mut().any(|value| change(value, wanted, at, to)),
        Value::Object(map) => map.values_mut().any(|value| change(value, wanted, at, to)),
        _ => false,
    }
}
