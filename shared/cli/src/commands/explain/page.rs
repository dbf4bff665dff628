//! A page in Markdown, set for a terminal; where there is none it is left as it is.

use crate::output::{FAINT, STRONG, Screen};

/// Shows a page.
pub(super) fn show(screen: &mut Screen, page: &str) {
    if screen.width().is_none() {
        return screen.line(page.trim_end());
    }
    let mut in_code = false;
    let mut paragraph = String::new();
    for line in page.trim_end().lines() {
        let is_fence = line.trim_start().starts_with("```");
        if is_fence || in_code || !continues(line) {
            set(screen, &mut paragraph);
        }
        if is_fence {
            in_code = !in_code;
        } else if in_code {
            screen.line(format_args!("    {FAINT}{line}{FAINT:#}"));
        } else {
            join(&mut paragraph, line);
        }
    }
    set(screen, &mut paragraph);
}

/// Whether a line goes on with the paragraph before it. One sentence stands on a line, and a paragraph has several.
fn continues(line: &str) -> bool {
    let starts_block = ["#", "- ", "* ", "|", ">"].iter().any(|mark| line.trim_start().starts_with(mark));
    let is_numbered = line.trim_start().split_once(". ").is_some_and(|(number, _)| number.parse::<u8>().is_ok());
    !line.trim().is_empty() && !starts_block && !is_numbered
}

fn join(paragraph: &mut String, line: &str) {
    if line.trim().is_empty() {
        paragraph.push('\n');
    } else if paragraph.is_empty() {
        paragraph.push_str(line);
    } else {
        paragraph.push(' ');
        paragraph.push_str(line.trim_start());
    }
}

/// Writes what has been gathered of a paragraph.
fn set(screen: &mut Screen, paragraph: &mut String) {
    let text = std::mem::take(paragraph);
    match text.trim_start().strip_prefix('#') {
        _ if text.is_empty() => {}
        Some(heading) => screen.line(format_args!("{STRONG}{}{STRONG:#}", heading.trim_start_matches('#').trim())),
        None if text.trim_start().starts_with('|') => screen.line(text),
        None if text.trim().is_empty() => screen.line(""),
        None => screen.paragraph(0, &emphasized(&text)),
    }
}

/// The text with `**…**` in bold.
fn emphasized(text: &str) -> String {
    let mut bold = false;
    let mut shown = String::new();
    for (number, part) in text.split("**").enumerate() {
        if number > 0 {
            bold = !bold;
            shown.push_str(&if bold { format!("{STRONG}") } else { format!("{STRONG:#}") });
        }
        shown.push_str(part);
    }
    shown
}
