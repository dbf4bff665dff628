//! Tables of text: columns as wide as they must be, the last one broken where a terminal ends.

use anstyle::Style;

use crate::output::{STRONG, Screen};

/// Rows of N cells, under their titles if they have any.
pub(crate) struct Table<const N: usize> {
    rows: Vec<Row<N>>,
    indent: usize,
}

struct Row<const N: usize> {
    cells: [String; N],
    /// How the row is set.
    whole: Style,
    /// How its first cell is set.
    first: Style,
    /// What stands below it, as paragraphs.
    below: Vec<String>,
}

/// What stands between two columns.
const GAP: &str = "  ";

impl<const N: usize> Table<N> {
    pub(crate) fn new(titles: [&str; N]) -> Self {
        let mut table = Self::untitled(0);
        table.row(titles);
        table.rows.iter_mut().for_each(|row| row.whole = STRONG);
        table
    }

    /// Without titles, behind an indent.
    pub(crate) fn untitled(indent: usize) -> Self {
        Self {
            rows: Vec::new(),
            indent,
        }
    }

    pub(crate) fn row(&mut self, cells: [&str; N]) {
        self.styled_row(Style::new(), cells, &[]);
    }

    /// A row whose first cell is set in a style, with paragraphs below it.
    pub(crate) fn styled_row(&mut self, first: Style, cells: [&str; N], below: &[String]) {
        self.rows.push(Row {
            cells: cells.map(str::to_owned),
            whole: Style::new(),
            first,
            below: below.to_vec(),
        });
    }

    /// Writes the table, the titles in bold.
    pub(crate) fn show(&self, screen: &mut Screen) {
        let widths = self.widths();
        let columns = widths.iter().take(N.saturating_sub(1));
        let before = self.indent + columns.map(|width| width + GAP.len()).sum::<usize>();
        for row in &self.rows {
            let room = screen.width().map(|width| width.saturating_sub(before).max(20));
            let text = lines(&row.cells, &widths, before, room);
            let (first, rest) = text
                .split_at_checked(row.cells.first().map_or(0, String::len))
                .unwrap_or((&text, ""));
            let (whole, style, indent) = (row.whole, row.first, " ".repeat(self.indent));
            screen.line(format_args!("{indent}{whole}{style}{first}{style:#}{rest}{whole:#}"));
            for paragraph in &row.below {
                screen.paragraph(self.indent + 4, paragraph);
            }
        }
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.cells.get(column))
                .map(|cell| cell.chars().count())
                .max()
        };
        (0..N).map(|column| width(column).unwrap_or_default()).collect()
    }
}

/// One row; where its last cell has no room, that goes on below itself.
fn lines(row: &[String], widths: &[usize], before: usize, room: Option<usize>) -> String {
    let Some((last, others)) = row.split_last() else {
        return String::new();
    };
    let mut text: String = others
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:<width$}{GAP}"))
        .collect();
    let cell = room.map_or_else(|| vec![last.into()], |room| textwrap::wrap(last, room));
    text.push_str(&cell.join(&format!("\n{}", " ".repeat(before))));
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_column_is_broken_below_itself_and_only_where_there_is_no_room() {
        let table = {
            let mut table = Table::new(["rule", "finds"]);
            table.row(["open-egress", "An egress rule that reaches outside."]);
            table
        };
        let show = |room| {
            table
                .rows
                .iter()
                .map(|row| lines(&row.cells, &table.widths(), 13, room))
                .collect::<Vec<_>>()
                .join("\n")
        };
        insta::assert_snapshot!(show(None), @r"
        rule         finds
        open-egress  An egress rule that reaches outside.
        ");
        insta::assert_snapshot!(show(Some(20)), @r"
        rule         finds
        open-egress  An egress rule that
                     reaches outside.
        ");
    }
}
