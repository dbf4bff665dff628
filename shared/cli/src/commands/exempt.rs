//! `guardrail exempt`: an exemption for some hours, written to the ledger, with an owner and a reason.

use anyhow::{Result, anyhow, bail};
use clap::Args;
use guardrail_policy::by_hand::Exempted;
use guardrail_policy::id::AccountId;
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::ledger::LONGEST_EXEMPTION;
use guardrail_policy::rules;
use guardrail_policy::settings::{Age, ExemptResource, RuleName};
use guardrail_runner::by_hand::{Exempting, Outcome};
use serde_json::json;

use super::by_hand::{self, EXIT, Format, block_on, span};
use super::rule_names;
use crate::output::{STRONG, Screen};
use crate::place::{Caller, Place, Workplace, said};
use crate::status::Status;

/// Exempts a resource from a rule for some hours, at most 24
///
/// It is written to the ledger, which the functions ask before they act or tell; the policy file stays as it is, and is
/// the place for whatever must last longer. A record of it is put down, and the topic is told. One that is written while
/// another holds takes its place.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXIT}\n\n{EXAMPLES}"))]
pub(crate) struct Arguments {
    /// The rule
    #[arg(value_name = "RULE", value_parser = rule_names())]
    rule: RuleName,
    /// The resource that is left alone, by id or ARN; a VPC stands for all that is in it
    #[arg(value_name = "RESOURCE")]
    resource: ExemptResource,
    /// Who answers for it: a team or its address
    #[arg(long, value_name = "OWNER", value_parser = said, required_unless_present = "end")]
    owner: Option<String>,
    /// Why, with the number of the change or ticket
    #[arg(long, value_name = "REASON", value_parser = said, required_unless_present = "end")]
    reason: Option<String>,
    /// For how long: `30m`, `4h`; at most 24 hours
    #[arg(long = "for", value_name = "DURATION", value_parser = length, default_value = "4h")]
    length: Age,
    /// Ends the exemption that was written by hand before its time
    #[arg(long, conflicts_with_all = ["owner", "reason", "length"])]
    end: bool,
    /// Shows what would be written, and writes nothing
    #[arg(long)]
    dry_run: bool,
    /// The resource's account [default: the one that your credentials read]
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<AccountId>,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    place: Place,
    /// How results are written: text for people, or one JSON object (the record of it)
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  guardrail exempt open-egress sg-0123456789abcdef0 --owner payments --reason CHG-1234
  guardrail exempt open-egress sg-0123456789abcdef0 --owner payments --reason \"cut-over\" --for 12h
  guardrail exempt open-egress sg-0123456789abcdef0 --end";

/// The shortest exemption that makes sense.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// A length of time for which an exemption may hold.
fn length(text: &str) -> Result<Age> {
    let age: Age = text.parse()?;
    let length = span(age);
    if !(SHORTEST..=LONGEST_EXEMPTION).contains(&length) {
        bail!("an exemption by hand lasts from 1 minute to 24 hours: write a longer one into the policy file");
    }
    Ok(age)
}

impl Arguments {
    /// Writes the exemption, or ends it.
    ///
    /// # Errors
    /// What kept it from being written.
    pub(crate) fn run(self, screen: &mut Screen) -> Result<Status> {
        if rules::find(self.rule).is_none() {
            bail!(
                "this version does not have the rule `{}` yet, so there is nothing to exempt from it",
                self.rule
            );
        }
        block_on(self.exempt(screen))
    }

    async fn exempt(&self, screen: &mut Screen) -> Result<Status> {
        let mut here = self.place.connect(&self.caller, None).await?;
        if self.account.is_none() {
            here.find_account().await?;
        }
        let what = self.what(&here)?;
        let hands = here.hands();
        let until = Timestamp::now()
            .checked_add(span(self.length))
            .unwrap_or(Timestamp::MAX);
        let holds = hands.exemption(&what).await?;
        if self.format == Format::Text {
            self.show(screen, &what, &here);
            if let Some((exemption, until)) = &holds {
                let until = until.strftime("%F %T UTC");
                let takes = if self.end { "ends" } else { "takes the place of" };
                screen.paragraph(2, &format!("it {takes} the one of {} until {until}", exemption.owner));
            }
        }
        if self.end && holds.is_none() {
            screen.remark("there is no exemption by hand to end; one of the policy file is ended there");
            return Ok(Status::Clean);
        }
        if self.dry_run {
            return self.end_dry_run(screen, &what);
        }
        screen.flush()?;
        if self.end {
            let ended = hands.end_exemption(what).await?;
            return ended.map_or(Ok(Status::Clean), |outcome| self.show_outcome(screen, &outcome, &here));
        }
        let outcome = hands
            .exempt(Exempting {
                what,
                owner: self.owner.clone().unwrap_or_default(),
                reason: self.reason.clone().unwrap_or_default(),
                until,
            })
            .await?;
        self.show_outcome(screen, &outcome, &here)
    }

    fn what(&self, here: &Workplace) -> Result<Exempted> {
        let account = self.account.clone().or_else(|| here.account.clone());
        let account = account.ok_or_else(|| {
            anyhow!(
                "the account that the credentials read has no VPC to know it by: give the resource's with `--account`"
            )
        })?;
        Ok(Exempted {
            rule: self.rule,
            resource: self.resource.clone(),
            account,
            region: here.region.clone(),
        })
    }

    fn show(&self, screen: &mut Screen, what: &Exempted, here: &Workplace) {
        let Exempted {
            rule,
            resource,
            account,
            region,
        } = what;
        let verb = if self.end { "end of exemption" } else { "exemption" };
        screen.paragraph(
            0,
            &format!("{STRONG}{verb}{STRONG:#} of {resource} from {rule}, account {account}, {region}"),
        );
        if let (Some(owner), Some(reason)) = (&self.owner, &self.reason) {
            screen.paragraph(
                2,
                &format!("for {}; {owner} answers for it: {reason}", by_hand::hours(self.length)),
            );
        }
        if self.dry_run {
            screen.paragraph(2, &format!("{} would be told", here.topic));
        }
    }

    fn show_outcome(&self, screen: &mut Screen, outcome: &Outcome, here: &Workplace) -> Result<Status> {
        let done = if self.end { "ended" } else { "exempt" };
        by_hand::show(screen, outcome, self.format, done, &here.topic.to_string())
    }

    fn end_dry_run(&self, screen: &mut Screen, what: &Exempted) -> Result<Status> {
        match self.format {
            Format::Text => by_hand::dry_run(screen),
            Format::Json => screen.line(serde_json::to_string(&json!({ "dry_run": true, "exempts": what }))?),
        }
        Ok(Status::Clean)
    }
}
