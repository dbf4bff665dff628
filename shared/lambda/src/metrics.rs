//! Figures for CloudWatch in its embedded metric format: one JSON line for each delivery, beside the record.

use guardrail_policy::decide::Reason;
use guardrail_policy::execution::Execution;
use guardrail_policy::record::{Record, RecordReason};
use serde_json::{Value, json};

/// The namespace of all figures.
const NAMESPACE: &str = "vpc-guardrail";

/// The figures of one delivery.
pub(crate) fn of(record: &Record, function: &str, policy_trouble: bool) -> Value {
    let findings = record
        .decision
        .iter()
        .flat_map(|decision| &decision.verdicts)
        .map(|verdict| verdict.findings().len());
    let failed = record.told.iter().filter(|told| told.error.is_some()).count();
    let figures = [
        ("Deliveries", "Count", json!(1)),
        ("Findings", "Count", json!(findings.sum::<usize>())),
        (
            "Undecided",
            "Count",
            json!(u8::from(record.reason == RecordReason::Decided(Reason::Undecided))),
        ),
        (
            "Refused",
            "Count",
            json!(u8::from(matches!(record.reason, RecordReason::Refused(_)))),
        ),
        ("Reverts", "Count", json!(count(record, Execution::is_carried_out))),
        (
            "RevertsFailed",
            "Count",
            json!(count(record, |execution| execution.failure().is_some())),
        ),
        ("Withheld", "Count", json!(withheld(record))),
        (
            "BackedOff",
            "Count",
            json!(u8::from(record.reason == RecordReason::Decided(Reason::BackedOff))),
        ),
        ("LedgerTrouble", "Count", json!(u8::from(record.ledger_error.is_some()))),
        ("NoticesSent", "Count", json!(record.told.len() - failed)),
        ("NoticesFailed", "Count", json!(failed)),
        ("PolicyTrouble", "Count", json!(u8::from(policy_trouble))),
        ("EventAge", "Milliseconds", json!(event_age(record))),
    ];
    let metrics: Vec<Value> = figures
        .iter()
        .map(|(name, unit, _)| json!({ "Name": name, "Unit": unit }))
        .collect();
    let time_to_close = time_to_close(record);
    let mut line = json!({
        "_aws": {
            "Timestamp": record.judged_at.as_millisecond(),
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": metrics }],
        },
        "Function": function,
    });
    if let Value::Object(line) = &mut line {
        if let Some(millis) = time_to_close {
            if let Some(metrics) = metrics_of(line) {
                metrics.push(json!({ "Name": "TimeToClose", "Unit": "Milliseconds" }));
            }
            line.insert("TimeToClose".to_owned(), json!(millis));
        }
        line.extend(figures.into_iter().map(|(name, _, figure)| (name.to_owned(), figure)));
    }
    line
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

/// How many plans were withheld.
fn withheld(record: &Record) -> usize {
    let verdicts = record.decision.iter().flat_map(|decision| &decision.verdicts);
    verdicts
        .flat_map(|verdict| verdict.findings())
        .filter(|finding| finding.is_withheld())
        .count()
}

/// How long after the call it was taken back; none when nothing was.
fn time_to_close(record: &Record) -> Option<i64> {
    let ended = record.outcomes.iter().filter(|execution| execution.is_carried_out());
    let ended = ended.map(|execution| execution.ended.as_millisecond()).max()?;
    let called = record.event.as_ref()?.time.as_millisecond();
    Some(ended.saturating_sub(called).max(0))
}

/// The list of a line's figures.
fn metrics_of(line: &mut serde_json::Map<String, Value>) -> Option<&mut Vec<Value>> {
    line.get_mut("_aws")?
        .pointer_mut("/CloudWatchMetrics/0/Metrics")?
        .as_array_mut()
}
