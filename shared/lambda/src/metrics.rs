//! Figures for CloudWatch in its embedded metric format: one JSON line for each delivery, beside the record.

use guardrail_policy::decide::Reason;
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
        ("NoticesSent", "Count", json!(record.told.len() - failed)),
        ("NoticesFailed", "Count", json!(failed)),
        ("PolicyTrouble", "Count", json!(u8::from(policy_trouble))),
        ("EventAge", "Milliseconds", json!(event_age(record))),
    ];
    let metrics: Vec<Value> = figures
        .iter()
        .map(|(name, unit, _)| json!({ "Name": name, "Unit": unit }))
        .collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": record.judged_at.as_millisecond(),
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": metrics }],
        },
        "Function": function,
    });
    if let Value::Object(line) = &mut line {
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
