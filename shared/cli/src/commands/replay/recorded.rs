//! Judges one of our records again, from the facts that it carries (law 12).

use guardrail_policy::decide::{Decision, Reason};
use guardrail_policy::record::{Record, RecordReason};
use guardrail_policy::settings::Settings;

use super::judge::Judged;
use crate::input::Place;

/// Judges the event of a record again, as of the time of the record, and says whether the decision is the recorded one.
/// A record of something that could not be judged says itself why.
pub(super) fn judge(place: Place, record: Record, settings: &Settings) -> Judged {
    let (record, remarks) = if record.error.is_some() {
        (record, Vec::new())
    } else {
        again(&record, settings)
    };
    Judged {
        remarks,
        ..Judged::of(place, record, settings)
    }
}

fn again(recorded: &Record, settings: &Settings) -> (Record, Vec<String>) {
    let mut record = recorded.clone();
    record.told.clear();
    let other_policy = recorded
        .inputs
        .policy
        .as_ref()
        .filter(|digest| **digest != settings.digest);
    record.inputs.policy = Some(settings.digest.clone());
    let mut remarks = vec![format!(
        "judged from the facts of {}, as of {}",
        recorded.record_id, recorded.judged_at
    )];
    if let Some(digest) = other_policy {
        remarks.push(format!(
            "it was recorded under policy {}, and is judged under {}",
            digest.short(),
            settings.digest.short()
        ));
    }
    match record.replay(settings) {
        Ok(decision) => {
            remarks.push(compared(recorded, &decision, other_policy.is_some()));
            record.reason = RecordReason::Decided(decision.reason);
            record.deliver_again = decision.reason == Reason::Undecided;
            record.decision = Some(decision);
        }
        Err(error) => {
            remarks.push(error.to_string());
            record.reason = RecordReason::Decided(Reason::Undecided);
            record.decision = None;
        }
    }
    (record, remarks)
}

/// Whether the decision is the recorded one. Notices name the policy file, so that under another one they differ.
fn compared(recorded: &Record, decision: &Decision, other_policy: bool) -> String {
    let Some(then) = &recorded.decision else {
        return "the record holds no decision to compare with".to_owned();
    };
    let same = if other_policy {
        then.verdicts == decision.verdicts && then.reason == decision.reason
    } else {
        then == decision
    };
    match (same, other_policy) {
        (true, _) => "the decision is the recorded one".to_owned(),
        (false, true) => format!(
            "the decision is another than the recorded one, which was `{}`",
            word(then.reason)
        ),
        (false, false) => format!(
            "the decision is another than the recorded one, which was `{}`: another version of vpc-guardrail wrote the record",
            word(then.reason)
        ),
    }
}

/// The reason as records write it.
fn word(reason: Reason) -> String {
    serde_json::to_value(reason)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
