//! What is written while a scan goes on, in the form that was asked for.

use anyhow::Result;
use clap::ValueEnum;
use guardrail_policy::finding::Severity;
use guardrail_policy::rules::Rule;

use super::json;
use super::sarif::Sarif;
use super::seen::{Here, Seen};
use super::table::{self, Rows};
use super::tally::Tally;
use crate::output::Screen;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Table,
    /// A finding a line, as JSON.
    Json,
    /// SARIF 2.1.0, for other tools.
    Sarif,
}

/// What is shown of what is seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    /// In which form.
    pub(super) format: Format,
    /// Only findings of this severity and worse.
    pub(super) severity: Severity,
    /// Whether a table has evidence and advice.
    pub(super) verbose: bool,
}

/// A report under way.
#[derive(Debug)]
pub(super) struct Report {
    form: Form,
    least: Severity,
    pub(super) tally: Tally,
}

#[derive(Debug)]
enum Form {
    Table(Rows),
    Json,
    Sarif(Sarif),
}

impl Report {
    /// A report by these rules.
    pub(super) fn begin(shown: Shown, rules: &[&Rule], screen: &mut Screen) -> Result<Self> {
        let form = match shown.format {
            Format::Table => Form::Table(Rows::new(shown.verbose)),
            Format::Json => Form::Json,
            Format::Sarif => Form::Sarif(Sarif::begin(rules, screen)?),
        };
        Ok(Self {
            form,
            least: shown.severity,
            tally: Tally::over(rules.iter().map(|rule| rule.name)),
        })
    }

    /// Takes in one thing that was seen.
    pub(super) fn add(&mut self, here: &Here, seen: &Seen<'_>, screen: &mut Screen) -> Result<()> {
        let severity = match seen {
            Seen::Finding(finding) => Some(finding.severity),
            Seen::Exempt(exempt) => Some(exempt.finding.severity),
            Seen::Unjudged(_) => None,
        };
        if severity.is_some_and(|severity| severity < self.least) {
            self.tally.leave_out();
            return Ok(());
        }
        self.tally.count(seen);
        match &mut self.form {
            Form::Table(rows) => rows.add(here, seen),
            Form::Json => screen.line(json::line(here, seen)?),
            Form::Sarif(sarif) => sarif.add(here, seen, screen)?,
        }
        Ok(())
    }

    /// All of a VPC, or of what is above VPCs, was seen.
    pub(super) fn leave(&mut self, here: &Here, screen: &mut Screen) {
        if let Form::Table(rows) = &mut self.form {
            rows.show(here, screen);
        }
    }

    /// All was seen.
    pub(super) fn end(&self, screen: &mut Screen) -> Result<()> {
        match &self.form {
            Form::Table(_) => table::sum_up(&self.tally, screen),
            Form::Json => screen.remark(&self.tally.to_string()),
            Form::Sarif(sarif) => {
                sarif.end(screen)?;
                screen.remark(&self.tally.to_string());
            }
        }
        Ok(())
    }
}
