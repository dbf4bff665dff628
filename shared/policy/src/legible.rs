//! Texts that others choose, fit to be shown: a caller's agent and session, names of resources, a policy file's lines.

use std::borrow::Cow;

/// Control characters (line ends among them), line and paragraph separators, zero-width characters and marks of direction:
/// what moves a terminal's cursor, begins a line, hides, or turns the direction of reading.
pub(crate) fn is_deceptive(character: char) -> bool {
    let hides = matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
    character.is_control() || hides || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The text in one line, without what deceives; most texts are so already, and are left as they are.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    text.chars().filter(|&character| !is_deceptive(character)).collect()
}

/// Puts a text into one line; see [`one_line`].
pub(crate) fn put_in_one_line(text: &mut String) {
    if let Cow::Owned(line) = one_line(text) {
        *text = line;
    }
}

/// Whether a text is printable ASCII alone, of which nothing deceives. Every text of a decision is looked through: it is
/// done eight bytes at a time.
fn is_plain(text: &str) -> bool {
    let (words, rest) = text.as_bytes().as_chunks();
    let mut words = words.iter().map(|word| u64::from_ne_bytes(*word));
    words.all(are_printable) && rest.iter().all(|byte| (b' '..=b'~').contains(byte))
}

/// Whether each of eight bytes is printable ASCII. The highest bit of a byte says which side of a bound it is on: one more
/// than the byte has it beyond `~`, and 32 less than the byte with it has lost it before the space.
fn are_printable(bytes: u64) -> bool {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = EACH << 7;
    let is_ascii = bytes & HIGHEST == 0;
    is_ascii && (bytes + EACH) & HIGHEST == 0 && ((bytes | HIGHEST) - (EACH << 5)) & HIGHEST == HIGHEST
}

/// The text with its line ends, without what else deceives.
pub(crate) fn lines(text: String) -> String {
    if text.split('\n').all(is_plain) {
        return text;
    }
    let stays = |character: &char| *character == '\n' || !is_deceptive(*character);
    text.chars().filter(stays).collect()
}

/// The text with its line ends, and a mark in the place of everything else that deceives: the columns stay what they were.
pub(crate) fn marked(text: &str) -> String {
    let mark = |character| match character {
        '\n' => '\n',
        other if is_deceptive(other) => '\u{fffd}',
        other => other,
    };
    text.chars().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_is_taken_out_or_marked_and_line_ends_stay_where_they_may() {
        let text = "a\u{1b}[2J\n\u{202e}b\u{200b}\u{2028}c\u{9b}é";
        assert_eq!(one_line(text), "a[2Jbcé");
        assert_eq!(lines(text.to_owned()), "a[2J\nbcé");
        assert_eq!(marked(text), "a\u{fffd}[2J\n\u{fffd}b\u{fffd}\u{fffd}c\u{fffd}é");
    }

    #[test]
    fn every_character_stays_or_goes_wherever_it_stands() {
        for character in (0..=0x2fff).filter_map(char::from_u32) {
            for before in 0..10 {
                let text = format!("{}{character}{}", "x".repeat(before), "~ ".repeat(4));
                let without = text.replace(is_deceptive, "");
                assert_eq!(one_line(&text), without, "{text:?}");
                let end = if character == '\n' { &text } else { &without };
                assert_eq!(lines(text.clone()), *end, "{text:?}");
            }
        }
    }
}
