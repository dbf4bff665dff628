//! A page in Markdown, set for a terminal; where there is none it is left as it is.

use crate::output::{FAINT, STRONG, Screen};

/// Shows a page.
pub(super) fn show(screen: &mut Screen, page: &str) {
    if screen.width().is_none() {
        return screen.line(page.trim_end());
    }
    let mut titles = Vec::new();
    for block in blocks(page.trim_end()) {
        match block {
            Block::Blank => screen.line(""),
            Block::Heading(text) => screen.line(format_args!("{STRONG}{text}{STRONG:#}")),
            Block::Paragraph(text) => screen.hanging(0, 0, &emphasized(&text)),
            Block::Item(text) => screen.hanging(0, 2, &emphasized(&text)),
            Block::Code(line) => screen.line(format_args!("    {FAINT}{line}{FAINT:#}")),
            Block::Titles(cells) => titles = cells,
            Block::Row(cells) => show_row(screen, &titles, &cells),
        }
    }
}

/// A part of a page.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    /// An empty line.
    Blank,
    /// A heading, without its marks.
    Heading(String),
    /// Sentences that belong together.
    Paragraph(String),
    /// An item of a list, with its mark.
    Item(String),
    /// A line between fences.
    Code(String),
    /// The first row of a table.
    Titles(Vec<String>),
    /// Any other row of a table.
    Row(Vec<String>),
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut in_code = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            blocks.push(Block::Code(line.to_owned()));
        } else {
            add(&mut blocks, line);
        }
    }
    blocks
}

/// Adds a line outside of code. One sentence stands on a line: a line that begins nothing goes on with the block before.
fn add(blocks: &mut Vec<Block>, line: &str) {
    let text = line.trim();
    if text.is_empty() {
        blocks.push(Block::Blank);
    } else if text.starts_with('#') {
        blocks.push(Block::Heading(text.trim_start_matches('#').trim().to_owned()));
    } else if text.starts_with('|') {
        add_row(blocks, text);
    } else if begins_item(text) {
        blocks.push(Block::Item(text.to_owned()));
    } else if let Some(Block::Paragraph(before) | Block::Item(before)) = blocks.last_mut() {
        before.push(' ');
        before.push_str(text);
    } else {
        blocks.push(Block::Paragraph(text.to_owned()));
    }
}

fn begins_item(text: &str) -> bool {
    let numbered = text
        .split_once(". ")
        .is_some_and(|(number, _)| number.parse::<u8>().is_ok());
    numbered || text.starts_with("* ") || text.starts_with("- ")
}

/// A row of a table; the line of dashes below the titles says nothing.
fn add_row(blocks: &mut Vec<Block>, text: &str) {
    if text.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ')) {
        return;
    }
    let cells = text
        .trim_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect();
    let goes_on = matches!(blocks.last(), Some(Block::Titles(_) | Block::Row(_)));
    blocks.push(if goes_on {
        Block::Row(cells)
    } else {
        Block::Titles(cells)
    });
}

/// A row as a block of its own, each cell but the first under its title: a terminal is too narrow for tables of prose.
fn show_row(screen: &mut Screen, titles: &[String], cells: &[String]) {
    let Some((first, others)) = cells.split_first() else {
        return;
    };
    screen.hanging(0, 2, &format!("{STRONG}{first}{STRONG:#}"));
    for (title, cell) in titles.iter().skip(1).zip(others) {
        screen.hanging(2, 4, &format!("{title}: {cell}"));
    }
}

/// The text with `**…**` in bold.
fn emphasized(text: &str) -> String {
    let mut shown = String::new();
    for (number, part) in text.split("**").enumerate() {
        match number {
            0 => {}
            opening if opening % 2 == 1 => shown.push_str(&format!("{STRONG}")),
            _ => shown.push_str(&format!("{STRONG:#}")),
        }
        shown.push_str(part);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# open-egress

It closes doors.
Each rule is judged by itself, whatever others say.

* An item of a list that is longer than a line.
* Another one,
  which goes on.

| `remedy` | What stays |
|---|---|
| `narrow` | everything private |

```yaml
version: 1
```
";

    #[test]
    fn a_terminal_gets_headings_whole_paragraphs_lists_and_rows_below_each_other() {
        let mut screen = Screen::for_tests(Some(40));
        show(&mut screen, PAGE);
        insta::assert_snapshot!(screen.gathered_without_colours(), @r"
        open-egress

        It closes doors. Each rule is judged by
        itself, whatever others say.

        * An item of a list that is longer than
          a line.
        * Another one, which goes on.

        `narrow`
          What stays: everything private

            version: 1
        ");
    }

    #[test]
    fn a_pipe_gets_the_page_as_it_is() {
        let mut screen = Screen::for_tests(None);
        show(&mut screen, PAGE);
        assert_eq!(screen.gathered_without_colours(), PAGE);
    }

    #[test]
    fn bold_text_is_bold_and_loses_its_marks() {
        assert_eq!(emphasized("a **b** c"), format!("a {STRONG}b{STRONG:#} c"));
    }
}
