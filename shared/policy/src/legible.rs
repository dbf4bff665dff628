//! Texts that others choose, fit to be shown: a caller's agent and session, names of resources, a policy file's lines.

/// Control characters (line ends among them), line and paragraph separators, zero-width characters and marks of direction:
/// what moves a terminal's cursor, begins a line, hides, or turns the direction of reading.
pub(crate) fn is_deceptive(character: char) -> bool {
    let hides = matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
    character.is_control() || hides || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The text in one line, without what deceives.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().filter(|&character| !is_deceptive(character)).collect()
}

/// Puts a text into one line, without what deceives; most texts are so already, and are left alone.
pub(crate) fn put_in_one_line(text: &mut String) {
    if text.chars().any(is_deceptive) {
        *text = one_line(text);
    }
}

/// The text with its line ends, without what else deceives.
pub(crate) fn lines(text: String) -> String {
    let may_deceive = |byte: u8| byte != b'\n' && !(b' '..=b'~').contains(&byte);
    if !text.bytes().any(may_deceive) {
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
}
