//! Where results go: standard output, with colours and line breaks only where a person looks at it.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use indicatif::ProgressBar;

/// Something is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Something could not be known, or needs a look.
pub(crate) const UNSURE: Style = AnsiColor::Yellow.on_default().bold();
/// Nothing is wrong.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What the eye should find first.
pub(crate) const STRONG: Style = Style::new().bold();
/// What can be skipped.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// The narrowest and the widest that text is set, in columns, whatever the terminal is.
const NARROWEST: usize = 40;
const WIDEST: usize = 120;

/// Standard output and standard error. Results are gathered until [`Screen::flush`]: a block is written as a whole.
pub(crate) struct Screen {
    results: Box<dyn Write>,
    complaints: Box<dyn Write>,
    gathered: String,
    width: Option<usize>,
    progress: ProgressBar,
}

impl Screen {
    /// The process's own. Colours are left out where they are no terminals, or `NO_COLOR` is set.
    pub(crate) fn standard() -> Self {
        let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        Self {
            results: Box::new(anstream::AutoStream::auto(io::stdout())),
            complaints: Box::new(anstream::AutoStream::auto(io::stderr())),
            gathered: String::new(),
            width: width.map(|width| width.clamp(NARROWEST, WIDEST)),
            progress: ProgressBar::hidden(),
        }
    }

    /// How wide text may be, in columns; none where nobody sees the columns, and lines stay whole.
    pub(crate) fn width(&self) -> Option<usize> {
        self.width
    }

    /// Keeps a progress bar out of the way of what is written from now on.
    pub(crate) fn share_with(&mut self, progress: ProgressBar) {
        self.progress = progress;
    }

    /// Adds one line of results, as it is.
    pub(crate) fn line(&mut self, text: impl fmt::Display) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(self.gathered, "{text}");
    }

    /// Adds text that people read, behind an indent, and what does not fit on its line behind two columns more.
    pub(crate) fn paragraph(&mut self, indent: usize, text: &str) {
        self.hanging(indent, indent + 2, text);
    }

    /// Adds text that people read, behind an indent, and what does not fit on its line behind another one.
    pub(crate) fn hanging(&mut self, first: usize, rest: usize, text: &str) {
        let text = wrapped(self.width, first, rest, text);
        self.line(text);
    }

    /// Writes the results that have been gathered.
    ///
    /// # Errors
    /// When standard output cannot be written to; `BrokenPipe` when its reader has gone.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let Self {
            results,
            gathered,
            progress,
            ..
        } = self;
        if gathered.is_empty() {
            return Ok(());
        }
        let written = progress.suspend(|| results.write_all(gathered.as_bytes()).and_then(|()| results.flush()));
        gathered.clear();
        written
    }

    /// Says on standard error what went wrong. Where that cannot be written to, it cannot be said.
    pub(crate) fn complain(&mut self, text: &str) {
        self.remark(&format!("{BAD}error{BAD:#}: {text}"));
    }

    /// Says something on standard error that is no result.
    pub(crate) fn remark(&mut self, text: &str) {
        let Self {
            complaints, progress, ..
        } = self;
        let _ = progress.suspend(|| writeln!(complaints, "{text}"));
    }
}

/// Text behind an indent, broken where it would run over the width; each line of it by itself, with its own indent.
fn wrapped(width: Option<usize>, first: usize, rest: usize, text: &str) -> String {
    let (first, rest) = (" ".repeat(first), " ".repeat(rest));
    let lines = text.lines().map(|line| match width {
        _ if line.trim().is_empty() => String::new(),
        None => format!("{first}{line}"),
        Some(width) => {
            let rest = format!("{rest}{}", " ".repeat(line.len() - line.trim_start().len()));
            let options = textwrap::Options::new(width)
                .initial_indent(&first)
                .subsequent_indent(&rest);
            textwrap::fill(line, options.break_words(false))
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Screen {
        /// A screen of this width that nobody sees.
        pub(crate) fn for_tests(width: Option<usize>) -> Self {
            Self {
                results: Box::new(io::sink()),
                complaints: Box::new(io::sink()),
                gathered: String::new(),
                width,
                progress: ProgressBar::hidden(),
            }
        }

        /// What has been gathered.
        pub(crate) fn gathered_without_colours(&self) -> String {
            anstream::adapter::strip_str(&self.gathered).to_string()
        }
    }

    #[test]
    fn text_is_broken_at_the_width_of_a_terminal_and_left_whole_elsewhere() {
        let text = "revoke egress of sg-0123456789abcdef0: all traffic to 0.0.0.0/0";
        assert_eq!(wrapped(None, 2, 4, text), format!("  {text}"));
        insta::assert_snapshot!(wrapped(Some(40), 2, 4, text), @r"
          revoke egress of sg-0123456789abcdef0:
            all traffic to 0.0.0.0/0
        ");
    }

    #[test]
    fn lines_keep_their_own_indent_and_empty_ones_stay_empty() {
        assert_eq!(wrapped(None, 2, 4, "a\n\nb"), "  a\n\n  b");
        insta::assert_snapshot!(wrapped(Some(40), 0, 2, "  - one two three four five six seven eight\nnine"), @r"
          - one two three four five six seven
            eight
        nine
        ");
    }
}
