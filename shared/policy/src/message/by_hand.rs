//! What the security team is told when a person has something done by hand: who, what, when, and how to take it back.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use super::text::{capped, line};
use super::treatment::{in_words, time, write_effects};
use super::{Notice, hex};
use crate::by_hand::{ByHand, Deed, Exempted};
use crate::execution::{End, Execution};
use crate::finding::Severity;
use crate::id::{AccountId, Region};
use crate::legible;
use crate::record::Record;
use crate::settings::{Mode, RuleName};

/// The JSON for machines.
#[derive(Debug, Serialize)]
struct Body<'a> {
    schema: &'static str,
    notice_id: &'a str,
    record_id: &'a str,
    rule: RuleName,
    severity: Severity,
    account: &'a AccountId,
    region: &'a Region,
    at: Timestamp,
    by_hand: &'a ByHand,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    executions: &'a [Execution],
    text: &'a str,
}

/// The notice about what a person had done; none about a record of anything else.
///
/// Its mode says whether the network was changed: `revert` for an undo and an apply, `notify` for an exemption.
#[must_use]
pub fn by_hand(record: &Record) -> Option<Notice> {
    let by_hand = record.by_hand.as_ref()?;
    let (account, region) = record.place()?;
    let rule = rule(&by_hand.deed, &record.outcomes)?;
    let severity = severity(by_hand, &record.outcomes);
    let notice_id = format!("notice-{}", hex(&[&record.record_id, rule.as_str()]));
    let text = text(record, by_hand, &notice_id);
    let body = Body {
        schema: "vpc-guardrail/by-hand/1",
        notice_id: &notice_id,
        record_id: &record.record_id,
        rule,
        severity,
        account,
        region,
        at: record.judged_at,
        by_hand,
        executions: &record.outcomes,
        text: &text,
    };
    let json = serde_json::to_string(&body).unwrap_or_default();
    Some(Notice {
        rule,
        severity,
        account: account.clone(),
        region: region.clone(),
        mode: mode(&by_hand.deed),
        subject: subject(record, by_hand, rule, severity),
        json,
        text,
        notice_id,
    })
}

fn rule(deed: &Deed, executions: &[Execution]) -> Option<RuleName> {
    match deed {
        Deed::Undid { .. } | Deed::Applied { .. } => executions.first().map(|execution| execution.rule),
        Deed::Exempted { what, .. } | Deed::EndedExemption { what } => Some(what.rule),
    }
}

fn mode(deed: &Deed) -> Mode {
    match deed {
        Deed::Undid { .. } | Deed::Applied { .. } => Mode::Revert,
        Deed::Exempted { .. } | Deed::EndedExemption { .. } => Mode::Notify,
    }
}

/// What permits something again, or lets it stand, is more than worth knowing; so is what did not come off.
fn severity(by_hand: &ByHand, executions: &[Execution]) -> Severity {
    let has_failed = executions.iter().any(|execution| !execution.is_carried_out());
    match by_hand.deed {
        _ if has_failed => Severity::Medium,
        Deed::Undid { .. } | Deed::Exempted { .. } => Severity::Medium,
        Deed::Applied { .. } | Deed::EndedExemption { .. } => Severity::Info,
    }
}

fn subject(record: &Record, by_hand: &ByHand, rule: RuleName, severity: Severity) -> String {
    let what = match &by_hand.deed {
        Deed::Undid { .. } => "undone by hand",
        Deed::Applied { .. } => "applied by hand",
        Deed::Exempted { .. } => "exempt by hand",
        Deed::EndedExemption { .. } => "exemption ended",
    };
    let resource = match &by_hand.deed {
        Deed::Exempted { what, .. } | Deed::EndedExemption { what } => what.resource.as_str(),
        Deed::Undid { .. } | Deed::Applied { .. } => record
            .outcomes
            .first()
            .map_or("", |execution| execution.resource.as_str()),
    };
    let place = record
        .place()
        .map(|(account, region)| format!(" in {account} {region}"));
    let line = format!("[{severity}] {rule}: {what}: {resource}{}", place.unwrap_or_default());
    let legible = line.chars().filter(|c| c.is_ascii() && !c.is_ascii_control());
    legible.take(99).collect()
}

fn text(record: &Record, by_hand: &ByHand, notice_id: &str) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}\n", heading(record, &by_hand.deed));
    if let Some((account, region)) = record.place() {
        line(&mut text, "Where", &format!("account {account}, {region}"));
    }
    let proof = "as they say; CloudTrail has the caller";
    line(&mut text, "Who", &format!("{} ({proof})", by_hand.by));
    line(&mut text, "When", &time(record.judged_at));
    match &by_hand.deed {
        Deed::Exempted {
            what,
            owner,
            reason,
            until,
        } => write_exempted(&mut text, what, owner, reason, *until),
        Deed::EndedExemption { .. } | Deed::Undid { .. } | Deed::Applied { .. } => {}
    }
    text.push('\n');
    if let Deed::Applied { despite, .. } = &by_hand.deed {
        for reason in despite {
            let _ = writeln!(text, "Although {reason}.");
        }
    }
    for execution in &record.outcomes {
        write_execution(&mut text, execution);
    }
    if let Deed::Undid {
        left_alone_until: Some(until),
        ..
    } = &by_hand.deed
        && record.carried_out().next().is_some()
    {
        let until = time(*until);
        let _ = writeln!(
            text,
            "Left alone until {until}: until then the same is told, and not taken back.\n"
        );
    }
    if record.carried_out().next().is_some() {
        let _ = writeln!(
            text,
            "To take that back again:\n  guardrail undo {}\n",
            record.record_id
        );
    }
    let event = record.event.as_ref().map(|event| format!(" about event {}", event.id));
    let _ = writeln!(
        text,
        "Record {}{}, {notice_id}.",
        record.record_id,
        event.unwrap_or_default()
    );
    capped(legible::lines(text))
}

fn heading(record: &Record, deed: &Deed) -> String {
    let is_done = record.carried_out().count() == record.outcomes.len();
    match deed {
        Deed::Undid { record, .. } if is_done => format!("UNDONE BY HAND: what {record} did."),
        Deed::Undid { record, .. } => format!("NOT UNDONE, or not all of it: what {record} did."),
        Deed::Applied { record, .. } if is_done => format!("APPLIED BY HAND: the plan of {record}, judged again."),
        Deed::Applied { record, .. } => format!("NOT APPLIED, or not all of it: the plan of {record}."),
        Deed::Exempted { what, .. } => format!("EXEMPT BY HAND: {} leaves {} alone.", what.rule, what.resource),
        Deed::EndedExemption { what } => format!("EXEMPTION ENDED: {} looks at {} again.", what.rule, what.resource),
    }
}

fn write_exempted(text: &mut String, what: &Exempted, owner: &str, reason: &str, until: Timestamp) {
    line(text, "Owner", owner);
    line(text, "Why", reason);
    line(text, "Until", &time(until));
    let Exempted {
        rule,
        resource,
        account,
        ..
    } = what;
    let _ = writeln!(
        text,
        "\nTo end it before that:\n  guardrail exempt {rule} {resource} --account {account} --end\nTo have it for longer, write it into the policy file."
    );
}

fn write_execution(text: &mut String, execution: &Execution) {
    let Execution {
        rule, resource, plan, ..
    } = execution;
    let _ = writeln!(text, "{rule}, {resource}:");
    for (number, (step, done)) in plan.steps.iter().zip(&execution.steps).enumerate() {
        let _ = writeln!(text, "  {}. {}: {}", number + 1, step.action, in_words(done));
    }
    let _ = match &execution.end {
        End::Seen => writeln!(text, "Read again afterwards: it is so."),
        End::Unseen => writeln!(text, "Read again afterwards, EC2 did not show it yet: look again."),
        End::Moved => writeln!(text, "What was to be changed was another by then."),
        End::Withheld(why) => writeln!(text, "It ended there: {why}."),
        End::Failed(failure) => writeln!(text, "It ended there: {failure}."),
        End::Stopped(_) => writeln!(text, "It was stopped there."),
    };
    if execution.is_carried_out() {
        write_effects(text, [("Keeps working", &plan.keeps), ("Stops", &plan.stops)]);
    }
    text.push('\n');
}
