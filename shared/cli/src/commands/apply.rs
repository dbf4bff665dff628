//! `guardrail apply`: judges a record's event again, and carries out the plan that was withheld, proposed or only shown.

use anyhow::{Result, bail};
use clap::Args;
use guardrail_policy::decide::Reason;
use guardrail_policy::rules::BUILT;
use guardrail_policy::settings::Settings;
use guardrail_runner::Guard;
use guardrail_runner::by_hand::{Applying, Chosen};
use serde_json::json;

use super::by_hand::{self, EXIT, Format, block_on};
use super::replay::text::{in_words, show_verdict};
use crate::output::{STRONG, Screen};
use crate::place::{Caller, Place, Workplace};
use crate::status::Status;

/// Judges the event of a record again, and carries out its plan
///
/// The plan may have been withheld, proposed or only shown. The verdict is made anew, by the network as it is now and the policy file in force. The mode and what withholds a plan
/// do not count: you decide. What keeps working and what stops is shown first. The plan is carried out as the functions do
/// it, its record is put down in the ledger so that it can be undone, and the topic is told.
///
/// The network is changed with your credentials: they need what the rule reads and changes with (`guardrail explain
/// RULE`), the ledger's table and the topic.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXIT}\n\n{EXAMPLES}"))]
pub(crate) struct Arguments {
    /// The record: its id stands at the end of the message
    #[arg(value_name = "RECORD-ID")]
    record: String,
    /// Shows what would be done, and does nothing
    #[arg(long)]
    dry_run: bool,
    /// Applies only the plan about this resource
    #[arg(long, value_name = "ID")]
    resource: Option<String>,
    /// The policy file, a path or `ssm:/NAME` [default: GUARDRAIL_POLICY]
    #[arg(long, value_name = "FILE")]
    policy: Option<String>,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    place: Place,
    /// How results are written: text for people, or one JSON object (the record of what was done)
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  guardrail apply record-10f764af0794bfb66265ce95 --dry-run --policy policy.yaml
  guardrail apply record-10f764af0794bfb66265ce95 --by ada@example.com";

impl Arguments {
    /// Judges again, and carries out what there is to be done.
    ///
    /// # Errors
    /// What kept it from being done.
    pub(crate) fn run(self, screen: &mut Screen) -> Result<Status> {
        block_on(self.apply(screen))
    }

    async fn apply(&self, screen: &mut Screen) -> Result<Status> {
        let mut here = self.place.connect(&self.caller, self.policy.as_deref()).await?;
        here.find_account().await?;
        let settings = here.policy().await?;
        let hands = here.hands();
        let record = hands.record(&self.record).await?;
        if let Some((account, region)) = record.place() {
            here.refuse_elsewhere(&self.record, account, region)?;
        }
        let guard = Guard {
            rules: BUILT.to_vec(),
            ceilings: Vec::new(),
            own_roles: here.variables.own_roles.clone(),
            own: here.variables.own(),
        };
        let mut applying = hands.applying(record, &settings, &guard).await?;
        if let Some(resource) = &self.resource {
            applying.keep_only(resource);
        }
        self.show(screen, &applying, &settings, &here);
        if applying.chosen.is_empty() {
            return self.nothing(screen, &applying);
        }
        if self.dry_run {
            return self.end_dry_run(screen, &applying);
        }
        screen.flush()?;
        let outcome = hands.apply(&applying, &settings, &guard).await?;
        by_hand::show(screen, &outcome, self.format, "applied", &here.topic.to_string())
    }

    fn show(&self, screen: &mut Screen, applying: &Applying, settings: &Settings, here: &Workplace) {
        if self.format == Format::Json {
            return;
        }
        let title = format!("{STRONG}apply{STRONG:#} of {}, judged again", applying.record.record_id);
        screen.paragraph(0, &format!("{title} (policy {})", settings.digest.short()));
        screen.paragraph(2, &format!("it was about {}", in_words(applying.event())));
        for verdict in &applying.decision.verdicts {
            show_verdict(
                screen,
                verdict,
                Some(settings.mode_for(verdict.rule, applying.account())),
            );
        }
        if self.dry_run && !applying.chosen.is_empty() {
            screen.paragraph(2, &format!("{} would be told", here.topic));
        }
    }

    /// Why there is nothing to do any more.
    fn nothing(&self, screen: &mut Screen, applying: &Applying) -> Result<Status> {
        let has_other = self.resource.is_some() && applying.decision.verdicts.iter().any(|v| !v.findings().is_empty());
        if has_other {
            bail!("there is no plan about the resource that `--resource` names: leave the option out to see all plans");
        }
        let why = match applying.decision.reason {
            Reason::AlreadyGone => "what the call made is not there any more",
            Reason::Exempt => "an exemption allows it",
            Reason::NotSelected => "the policy file does not select it",
            Reason::Clean => "nothing is wrong any more",
            Reason::OwnCall => "the guardrail made the call itself",
            Reason::NotOurs | Reason::NotTouched => "no rule looks at what the call changed",
            Reason::FailedCall | Reason::DryRun => "the call changed nothing",
            Reason::Found | Reason::Withheld | Reason::BackedOff | Reason::Undecided => "no plan mends it",
        };
        match self.format {
            Format::Text => screen.paragraph(0, &format!("there is nothing to apply: {why}")),
            Format::Json => screen.line(serde_json::to_string(
                &json!({ "applies": applying.record.record_id, "nothing": applying.decision.reason, "why": why }),
            )?),
        }
        Ok(Status::Clean)
    }

    fn end_dry_run(&self, screen: &mut Screen, applying: &Applying) -> Result<Status> {
        if self.format == Format::Text {
            by_hand::dry_run(screen);
            return Ok(Status::Clean);
        }
        let plans = applying.chosen.iter().map(|Chosen { finding, plan, despite }| {
            json!({ "rule": finding.rule, "resource": finding.resource.id, "plan": plan, "despite": despite })
        });
        let shown = json!({
            "dry_run": true,
            "applies": applying.record.record_id,
            "plans": plans.collect::<Vec<_>>(),
        });
        screen.line(serde_json::to_string(&shown)?);
        Ok(Status::Clean)
    }
}
