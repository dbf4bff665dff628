//! `guardrail check`: reads a policy file as the functions read it, and says what is wrong with it and what it means.

mod meaning;

use anyhow::{Result, anyhow};
use clap::{Args, ValueEnum, ValueHint};
use guardrail_policy::jiff::civil::Date;
use guardrail_policy::jiff::{Timestamp, tz::TimeZone};
use guardrail_policy::settings::{Note, Problem, Settings, SettingsError};
use serde::Serialize;

use crate::output::{GOOD, Screen, UNSURE};
use crate::policy_file::PolicyFile;
use crate::status::Status;
use meaning::{Meaning, RuleLine};

/// Checks a policy file, and says what it means
///
/// All that is wrong with it is shown at once, each error at its place.
///
/// Notes are no errors: rules that this version does not have yet, and exemptions that have ended, end within 14 days, or
/// last longer than the file allows.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 the file can be used, 1 it cannot, 2 it could not be read.")]
pub(crate) struct Arguments {
    /// The policy file; `-` is standard input
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    policy: PolicyFile,
    /// The day, in UTC, on which exemptions are looked at [default: today]
    #[arg(long, value_name = "DATE", value_parser = date)]
    at: Option<Date>,
    /// How results are written: text for people, or one JSON object
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

fn date(text: &str) -> Result<Date> {
    text.parse()
        .map_err(|_| anyhow!("it is no date: write it like `2027-01-31`"))
}

/// What the check came to, for machines.
#[derive(Serialize)]
struct Report<'a> {
    file: String,
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    problems: Vec<ReportedProblem<'a>>,
    notes: Vec<Note>,
    rules: Vec<RuleLine>,
}

/// A problem, with its place beside the text.
#[derive(Serialize)]
struct ReportedProblem<'a> {
    line: usize,
    column: usize,
    message: &'a str,
    remedy: &'a str,
}

impl<'a> From<&'a Problem> for ReportedProblem<'a> {
    fn from(problem: &'a Problem) -> Self {
        let Problem {
            at, message, remedy, ..
        } = problem;
        Self {
            line: at.line,
            column: at.column,
            message,
            remedy,
        }
    }
}

impl Arguments {
    /// Reads, checks and explains the file.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub(crate) fn run(self, screen: &mut Screen) -> Result<Status> {
        let today = self
            .at
            .unwrap_or_else(|| TimeZone::UTC.to_datetime(Timestamp::now()).date());
        let read = self.policy.read()?;
        match (&read, self.format) {
            (Ok(settings), Format::Text) => self.explain(screen, settings, today),
            (Err(error), Format::Text) => screen.line(error.display_with(&self.policy.name())),
            (read, Format::Json) => screen.line(serde_json::to_string_pretty(&self.report(read, today))?),
        }
        Ok(if read.is_ok() { Status::Clean } else { Status::Findings })
    }

    fn explain(&self, screen: &mut Screen, settings: &Settings, today: Date) {
        let notes = notes(settings, today);
        for note in &notes {
            screen.paragraph(
                0,
                &format!(
                    "{UNSURE}note{UNSURE:#}: {}:{}: {}",
                    self.policy.name(),
                    note.at,
                    note.text
                ),
            );
        }
        if !notes.is_empty() {
            screen.line("");
        }
        screen.line(format_args!(
            "{GOOD}{} can be used{GOOD:#} (policy {})",
            self.policy.name(),
            settings.digest.short()
        ));
        screen.line("");
        Meaning::of(settings, today).show(screen);
    }

    fn report<'a>(&self, read: &'a Result<Settings, SettingsError>, today: Date) -> Report<'a> {
        let file = self.policy.name();
        match read {
            Ok(settings) => Report {
                file,
                valid: true,
                digest: Some(settings.digest.as_str()),
                problems: Vec::new(),
                notes: notes(settings, today),
                rules: Meaning::of(settings, today).rules,
            },
            Err(error) => Report {
                file,
                valid: false,
                digest: None,
                problems: error.problems().iter().map(ReportedProblem::from).collect(),
                notes: Vec::new(),
                rules: Vec::new(),
            },
        }
    }
}

/// What the author should know, in the order of the file.
fn notes(settings: &Settings, today: Date) -> Vec<Note> {
    let mut notes = settings.notes.clone();
    notes.extend(settings.review(today));
    notes.sort_by_key(|note| note.at);
    notes
}
