//! The paper: plain text, with a little colour on a terminal.

use std::env;
use std::io::{self, IsTerminal as _, Stdout, Write as _};

/// How a part of a line looks on a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Look {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
}

impl Look {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "0",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Bad => "31",
        }
    }
}

/// Standard output.
pub(crate) struct Page {
    out: Stdout,
    colours: bool,
}

impl Page {
    /// Colours are for terminals, and only where `NO_COLOR` does not forbid them.
    pub(crate) fn on_stdout() -> Self {
        let out = io::stdout();
        let colours = out.is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { out, colours }
    }

    pub(crate) fn heading(&mut self, text: &str) -> io::Result<()> {
        let line = self.painted(Look::Strong, text);
        writeln!(self.out, "\n{line}\n{}", "═".repeat(text.chars().count()))
    }

    pub(crate) fn act(&mut self, number: usize, title: &str) -> io::Result<()> {
        let text = format!("{number}. {title}");
        let line = self.painted(Look::Strong, &text);
        writeln!(self.out, "\n\n{line}\n{}", "─".repeat(text.chars().count()))
    }

    pub(crate) fn paragraph(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// A line with its name at the left edge.
    pub(crate) fn field(&mut self, name: &str, look: Look, text: &str) -> io::Result<()> {
        let name = self.painted(Look::Faint, &format!("{name:>9}"));
        let text = self.painted(look, text);
        writeln!(self.out, "{name}  {text}")
    }

    /// A text as somebody else wrote it.
    pub(crate) fn quote(&mut self, text: &str) -> io::Result<()> {
        let edge = self.painted(Look::Faint, "│");
        for line in text.lines() {
            writeln!(self.out, "           {edge} {line}")?;
        }
        Ok(())
    }

    pub(crate) fn trouble(&mut self, text: &str) -> io::Result<()> {
        let line = self.painted(Look::Bad, &format!("The demo failed: {text}"));
        writeln!(self.out, "\n{line}")
    }

    fn painted(&self, look: Look, text: &str) -> String {
        match look {
            Look::Plain => text.to_owned(),
            _ if !self.colours => text.to_owned(),
            look => format!("\u{1b}[{}m{text}\u{1b}[0m", look.code()),
        }
    }
}
