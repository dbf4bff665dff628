//! What is wrong with a file, and where: told like a compiler tells it.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

use super::source::Source;
use crate::legible;

/// A place in the file; both numbers count from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Something in a valid file that its author should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Where in the file.
    pub at: Position,
    /// What there is to know, and what can be done.
    pub text: String,
}

/// One thing that keeps a file from being used; [`fmt::Display`] gives it in one line, without the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where in the file.
    pub at: Position,
    /// What is wrong, lower case, with the input in backticks.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
    /// The bytes that the caret marks.
    pub(super) span: Range<usize>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&legible::one_line(&format!("{}: {}", self.message, self.remedy)))
    }
}

/// A policy file that cannot be used, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.display_with("policy file"))]
pub struct SettingsError {
    source_text: Source,
    problems: Vec<Problem>,
    unlisted: usize,
}

impl SettingsError {
    /// `unlisted` counts the problems that were found and are not among `problems`.
    pub(super) fn new(source_text: Source, mut problems: Vec<Problem>, unlisted: usize) -> Self {
        problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
        Self {
            source_text,
            problems,
            unlisted,
        }
    }

    /// The problems in the order of the file, at most the first hundred that were found.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problems as a compiler shows them, under this file name: place, line and caret, and what to write instead.
    #[must_use]
    pub fn display_with<'a>(&'a self, file: &'a str) -> impl fmt::Display {
        Shown { error: self, file }
    }
}

struct Shown<'a> {
    error: &'a SettingsError,
    file: &'a str,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.error.problems {
            writeln!(f, "{}\n", self.report(problem))?;
        }
        match self.error.problems.len() + self.error.unlisted {
            1 => write!(f, "1 problem in {}", self.file),
            count if self.error.unlisted > 0 => {
                write!(
                    f,
                    "{count} problems in {}, {} of them not shown",
                    self.file, self.error.unlisted
                )
            }
            count => write!(f, "{count} problems in {}", self.file),
        }
    }
}

impl Shown<'_> {
    fn report(&self, problem: &Problem) -> String {
        let (line, marked) = self.error.source_text.first_line(&problem.span);
        let snippet = Snippet::source(line).line_start(problem.at.line).path(self.file);
        let title = Level::ERROR.primary_title(problem.message.as_str());
        let report = title.element(snippet.annotation(AnnotationKind::Primary.span(marked)));
        let help = Level::HELP.message(problem.remedy.as_str());
        legible::marked(&Renderer::plain().render(&[report.element(help)]))
    }
}
