//! `guardrail undo`: takes back what a record says was done, and has it left alone for a while.

use anyhow::{Result, bail};
use clap::Args;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::LEFT_ALONE;
use guardrail_policy::settings::Age;
use guardrail_runner::by_hand::{Outcome, Undoing};
use serde_json::json;

use super::by_hand::{self, EXIT, Format, block_on, span};
use super::replay::text::in_words;
use crate::output::{STRONG, Screen};
use crate::place::{Caller, Place, Workplace};
use crate::status::Status;

/// Undoes a revert, from its record in the ledger, and has it left alone for a while
///
/// What the revert closed is opened again, and what it opened in its place is closed, as far as that is not so already.
/// Until --for is over, the functions tell of the same and do not take it back. A record of the undo is put down in the
/// ledger, and the topic is told. An undo can itself be undone, by its own record.
///
/// The network is changed with your credentials: they need ec2:AuthorizeSecurityGroupEgress and
/// ec2:RevokeSecurityGroupEgress besides what reading needs, the ledger's table and the topic.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXIT}\n\n{EXAMPLES}"))]
pub(crate) struct Arguments {
    /// The record: its id stands at the end of the message
    #[arg(value_name = "RECORD-ID")]
    record: String,
    /// Shows what would be done, and does nothing
    #[arg(long)]
    dry_run: bool,
    /// For how long the same is left alone: `90m`, `4h`; at most, and without this, 24 hours
    #[arg(long = "for", value_name = "DURATION", value_parser = left_alone, default_value = "24h")]
    left_alone: Age,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    place: Place,
    /// How results are written: text for people, or one JSON object (the record of the undo)
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  guardrail undo record-10f764af0794bfb66265ce95 --dry-run
  guardrail undo record-10f764af0794bfb66265ce95 --for 4h --by ada@example.com";

/// A length of time for which something is left alone.
fn left_alone(text: &str) -> Result<Age> {
    let age: Age = text.parse()?;
    if span(age) > LEFT_ALONE {
        bail!("it is longer than 24 hours: undo it again by then, or write an exemption into the policy file");
    }
    Ok(age)
}

impl Arguments {
    /// Undoes it, or shows what that would be.
    ///
    /// # Errors
    /// What kept it from being done.
    pub(crate) fn run(self, screen: &mut Screen) -> Result<Status> {
        block_on(self.undo(screen))
    }

    async fn undo(&self, screen: &mut Screen) -> Result<Status> {
        let mut here = self.place.connect(&self.caller, None).await?;
        here.find_account().await?;
        let hands = here.hands();
        let record = hands.record(&self.record).await?;
        if let Some((account, region)) = record.place() {
            here.refuse_elsewhere(&self.record, account, region)?;
        }
        let undoing = hands.undoing(record).await?;
        self.show(screen, &undoing, &here);
        if self.dry_run {
            return self.end_dry_run(screen, &undoing);
        }
        screen.flush()?;
        let until = Timestamp::now()
            .checked_add(span(self.left_alone))
            .unwrap_or(Timestamp::MAX);
        match hands.undo(&undoing, until).await? {
            None => Ok(Status::Clean),
            Some(outcome) => self.show_outcome(screen, &outcome, &here),
        }
    }

    fn show_outcome(&self, screen: &mut Screen, outcome: &Outcome, here: &Workplace) -> Result<Status> {
        by_hand::show(screen, outcome, self.format, "undone", &here.topic.to_string())
    }

    fn show(&self, screen: &mut Screen, undoing: &Undoing, here: &Workplace) {
        if self.format == Format::Json {
            return;
        }
        screen.paragraph(0, &format!("{STRONG}undo{STRONG:#} of {}", undoing.record.record_id));
        if let Some(event) = &undoing.record.event {
            screen.paragraph(2, &format!("it was about {}", in_words(event)));
        }
        if undoing.is_done() {
            screen.paragraph(
                2,
                "there is nothing left to undo: what it closed is open, and what it opened is closed",
            );
            return;
        }
        if !self.dry_run {
            return;
        }
        for part in undoing.parts.iter().filter(|part| !part.left.is_empty()) {
            screen.paragraph(2, &format!("{}: {}", part.rule, part.resource));
            for (number, action) in part.left.iter().enumerate() {
                screen.paragraph(4, &format!("{}. {action}", number + 1));
            }
        }
        match undoing.record.undid() {
            Some(undone) => screen.paragraph(2, &format!("what {undone} closed is not left alone any longer")),
            None => screen.paragraph(
                2,
                &format!(
                    "left alone for {}: the same is told, and not taken back",
                    by_hand::hours(self.left_alone)
                ),
            ),
        }
        screen.paragraph(2, &format!("{} would be told", here.topic));
    }

    fn end_dry_run(&self, screen: &mut Screen, undoing: &Undoing) -> Result<Status> {
        if self.format == Format::Text {
            by_hand::dry_run(screen);
            return Ok(Status::Clean);
        }
        let parts = undoing
            .parts
            .iter()
            .map(|part| json!({ "rule": part.rule, "resource": part.resource, "left": part.left }));
        let shown = json!({
            "dry_run": true,
            "undoes": undoing.record.record_id,
            "parts": parts.collect::<Vec<_>>(),
        });
        screen.line(serde_json::to_string(&shown)?);
        Ok(Status::Clean)
    }
}
