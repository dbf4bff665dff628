//! The text of a policy file, and where in it things stand.

use std::ops::Range;

use super::problem::Position;

/// A file's text with the offsets at which its lines begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    text: String,
    lines: Vec<usize>,
}

impl Source {
    pub(super) fn new(text: &str) -> Self {
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self {
            text: text.to_owned(),
            lines,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset.
    pub(super) fn position(&self, offset: usize) -> Position {
        let line = self.line_number(offset);
        let before = self.text.get(self.line_start(line)..offset).unwrap_or_default();
        Position {
            line,
            column: before.chars().count() + 1,
        }
    }

    /// The line on which a span begins, and the part of the span that is on it, as byte offsets in that line.
    pub(super) fn first_line(&self, span: &Range<usize>) -> (&str, Range<usize>) {
        let line = self.line_number(span.start);
        let start = self.line_start(line);
        let rest = self.text.get(start..).unwrap_or_default();
        let shown = rest.lines().next().unwrap_or_default();
        let from = (span.start - start).min(shown.len());
        let marked = shown
            .get(from..(span.end.saturating_sub(start)).min(shown.len()))
            .unwrap_or_default();
        (shown, from..from + marked.trim_end().len())
    }

    /// Counted from one.
    fn line_number(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    fn line_start(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_with_or_without_carriage_return() {
        let source = Source::new("é: [a]\r\nb: c\n");
        let at = |offset| source.position(offset).to_string();
        assert_eq!([at(0), at(4), at(9), at(14)], ["1:1", "1:4", "2:1", "3:1"]);
        assert_eq!(source.first_line(&(4..14)), ("é: [a]", 4..7));
        assert_eq!(source.first_line(&(14..14)), ("", 0..0));
    }
}
