//! Figures for CloudWatch in its embedded metric format: one JSON line for each delivery, beside the record.

use guardrail_policy::decide::Reason;
use guardrail_policy::event::Call;
use guardrail_policy::execution::Execution;
use guardrail_policy::finding::Finding;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::record::{Record, RecordReason};
use guardrail_runner::sweep::Swept;
use serde_json::{Map, Value, json};

/// The namespace of all figures.
const NAMESPACE: &str = "vpc-guardrail";

/// What comes with every delivery.
const ALWAYS: [&str; 2] = ["Deliveries", "EventAge"];

/// The figures of one delivery. A count of none is left out: CloudWatch bills each figure for the hours in which it comes.
pub(crate) fn of(record: &Record, function: &str, policy_trouble: bool) -> Value {
    let failed = record.told.iter().filter(|told| told.error.is_some()).count();
    let is = |reason: Reason| usize::from(record.reason == RecordReason::Decided(reason));
    let counts = [
        ("Deliveries", 1),
        ("Findings", findings(record).count()),
        ("Undecided", is(Reason::Undecided)),
        (
            "Refused",
            usize::from(matches!(record.reason, RecordReason::Refused(_))),
        ),
        ("Reverts", count(record, Execution::is_carried_out)),
        (
            "RevertsFailed",
            count(record, |execution| execution.failure().is_some()),
        ),
        (
            "Withheld",
            findings(record).filter(|finding| finding.is_withheld()).count(),
        ),
        ("BackedOff", is(Reason::BackedOff)),
        ("LedgerTrouble", usize::from(record.ledger_error.is_some())),
        ("NoticesSent", record.told.len() - failed),
        ("NoticesFailed", failed),
        ("PolicyTrouble", usize::from(policy_trouble)),
        ("MarkersSeen", usize::from(is_marker(record))),
    ];
    let counts = counts.into_iter().map(|(name, count)| (name, "Count", json!(count)));
    let times = [
        ("EventAge", "Milliseconds", json!(event_age(record))),
        ("TimeToClose", "Milliseconds", json!(time_to_close(record).unwrap_or(0))),
    ];
    line(function, record.judged_at, counts.chain(times))
}

/// The figures of one run of the sweep.
pub(crate) fn of_sweep(swept: &Swept, function: &str) -> Value {
    let failed = swept.told.iter().filter(|told| told.error.is_some()).count();
    let counts = [
        ("Sweeps", usize::from(swept.is_whole())),
        ("Findings", swept.new),
        ("Undecided", swept.undecided + swept.unread.len()),
        ("LedgerTrouble", usize::from(swept.error.is_some())),
        ("NoticesSent", swept.told.len() - failed),
        ("NoticesFailed", failed),
    ];
    let counts = counts.into_iter().map(|(name, count)| (name, "Count", json!(count)));
    line(function, swept.at, counts)
}

/// One line in the embedded metric format.
fn line(function: &str, at: Timestamp, figures: impl Iterator<Item = (&'static str, &'static str, Value)>) -> Value {
    let figures: Vec<_> = figures
        .filter(|(name, _, figure)| ALWAYS.contains(name) || *figure != 0)
        .collect();
    let metrics: Vec<Value> = figures
        .iter()
        .map(|(name, unit, _)| json!({ "Name": name, "Unit": unit }))
        .collect();
    let mut line = Map::from_iter([
        (
            "_aws".to_owned(),
            json!({
                "Timestamp": at.as_millisecond(),
                "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": metrics }],
            }),
        ),
        ("Function".to_owned(), json!(function)),
    ]);
    line.extend(figures.into_iter().map(|(name, _, figure)| (name.to_owned(), figure)));
    line.into()
}

/// Whether this is the sweep's edit of the marker group, come back as an event.
fn is_marker(record: &Record) -> bool {
    let call = record.event.as_ref().map(|event| &event.call);
    record.reason == RecordReason::Decided(Reason::OwnCall)
        && matches!(call, Some(Call::UpdateSecurityGroupRuleDescriptionsEgress { .. }))
}

/// Everything that was found.
fn findings(record: &Record) -> impl Iterator<Item = &Finding> {
    let verdicts = record.decision.iter().flat_map(|decision| &decision.verdicts);
    verdicts.flat_map(|verdict| verdict.findings())
}

/// How long ago the call was made when it was judged; a call from the future counts as now.
fn event_age(record: &Record) -> i64 {
    let called = record.event.as_ref().map(|event| event.time.as_millisecond());
    called.map_or(0, |called| {
        record.judged_at.as_millisecond().saturating_sub(called).max(0)
    })
}

/// How many plans that were begun came out so.
fn count(record: &Record, is: impl Fn(&Execution) -> bool) -> usize {
    record.outcomes.iter().filter(|execution| is(execution)).count()
}

/// How long after the call it was taken back; none when nothing was.
fn time_to_close(record: &Record) -> Option<i64> {
    let ended = record.outcomes.iter().filter(|execution| execution.is_carried_out());
    let ended = ended.map(|execution| execution.ended.as_millisecond()).max()?;
    let called = record.event.as_ref()?.time.as_millisecond();
    Some(ended.saturating_sub(called).max(0))
}
