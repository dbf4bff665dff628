//! Tables of text: columns as wide as they must be, the last one broken where a terminal ends.

use crate::output::{STRONG, Screen};

/// Rows of N cells under their titles.
pub(crate) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

/// What stands between two columns.
const GAP: &str = "  ";

impl<const N: usize> Table<N> {
    pub(crate) fn new(titles: [&str; N]) -> Self {
        Self {
            rows: vec![titles.map(str::to_owned)],
        }
    }

    pub(crate) fn row(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(str::to_owned));
    }

    /// Writes the table, the titles in bold.
    pub(crate) fn show(&self, screen: &mut Screen) {
        let widths = self.widths();
        let before: usize = widths
            .iter()
            .take(N.saturating_sub(1))
            .map(|width| width + GAP.len())
            .sum();
        for (number, row) in self.rows.iter().enumerate() {
            let room = screen.width().map(|width| width.saturating_sub(before).max(20));
            let text = lines(row, &widths, before, room);
            if number == 0 {
                screen.line(format_args!("{STRONG}{text}{STRONG:#}"))
            } else {
                screen.line(text)
            }
        }
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
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
                .map(|row| lines(row, &table.widths(), 13, room))
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
