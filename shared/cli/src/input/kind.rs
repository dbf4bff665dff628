//! What a JSON value is: told by its members, as CloudTrail, EventBridge, SQS, SNS, CloudWatch Logs and we write them.

use guardrail_policy::record::{Record, VERSION};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// What a value is.
#[derive(Debug)]
pub(super) enum Kind {
    /// A CloudTrail record or an EventBridge envelope, well-formed or not: its parser says what is wrong with it.
    Event,
    /// One of our own records.
    Record(Box<Record>),
    /// Something around the text of another value: a message of SQS or SNS, a line of a log.
    Wrapped(String),
    /// A line of a log that tells of no event.
    LogLine,
    /// Something else: what, and the remedy.
    Other(String),
}

/// The members by which values are told apart. A member that may be of any type is not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Members {
    #[serde(rename = "eventName")]
    event_name: Option<IgnoredAny>,
    #[serde(rename = "eventSource")]
    event_source: Option<IgnoredAny>,
    #[serde(rename = "eventTime")]
    event_time: Option<IgnoredAny>,
    detail: Option<IgnoredAny>,
    #[serde(rename = "detail-type")]
    detail_type: Option<IgnoredAny>,
    record_id: Option<Text>,
    judged_at: Option<IgnoredAny>,
    schema: Option<Text>,
    #[serde(rename = "insightDetails")]
    insight: Option<IgnoredAny>,
    #[serde(rename = "digestStartTime")]
    digest_start_time: Option<IgnoredAny>,
    /// A message of SQS as Lambda is handed it, and as the AWS CLI shows it.
    body: Option<Text>,
    #[serde(rename = "Body")]
    cli_body: Option<Text>,
    /// An event of CloudTrail's event history.
    #[serde(rename = "CloudTrailEvent")]
    history: Option<Text>,
    /// A message of SNS.
    #[serde(rename = "Type")]
    sns_type: Option<Text>,
    #[serde(rename = "Message")]
    sns_message: Option<Text>,
    /// A line of a log: of CloudWatch Logs, of a function, of Lambda itself.
    message: Option<Text>,
    #[serde(rename = "ingestionTime")]
    ingestion_time: Option<IgnoredAny>,
    level: Option<IgnoredAny>,
    #[serde(rename = "type")]
    platform: Option<Text>,
    #[serde(rename = "_aws")]
    metrics: Option<IgnoredAny>,
}

/// A member's text, where it is one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Is(String),
    Other(IgnoredAny),
}

fn text(member: Option<Text>) -> Option<String> {
    match member {
        Some(Text::Is(text)) => Some(text),
        Some(Text::Other(_)) | None => None,
    }
}

impl Kind {
    /// Tells what a value is.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let members: Members = match serde_json::from_slice(bytes) {
            Ok(members) => members,
            Err(error) => return Self::Other(not_an_object(bytes, &error)),
        };
        if members.record_id.is_some() && members.judged_at.is_some() {
            return record(bytes);
        }
        if members.event_name.is_some() && members.body.is_none()
            || members.detail.is_some()
            || members.detail_type.is_some()
        {
            return Self::Event;
        }
        Self::without_a_call(members)
    }

    fn without_a_call(members: Members) -> Self {
        let is_notification = text(members.sns_type).is_some_and(|kind| kind == "Notification");
        let is_platform = text(members.platform).is_some_and(|kind| kind.starts_with("platform."));
        let message = text(members.message);
        let inner = text(members.body)
            .or_else(|| text(members.cli_body))
            .or_else(|| text(members.history));
        let notified = text(members.sns_message).filter(|_| is_notification);
        if let Some(inner) = inner.or(notified) {
            return Self::Wrapped(inner);
        }
        if let (Some(line), Some(_)) = (&message, &members.ingestion_time) {
            return if is_json(line.trim().as_bytes()) {
                Self::Wrapped(line.clone())
            } else {
                Self::LogLine
            };
        }
        if members.metrics.is_some() || members.level.is_some() || is_platform {
            return Self::LogLine;
        }
        if members.insight.is_none() && (members.event_source.is_some() || members.event_time.is_some()) {
            return Self::Event;
        }
        Self::Other(without_an_event(
            &members.digest_start_time,
            &members.insight,
            text(members.schema),
        ))
    }
}

/// Whether these bytes are one JSON object.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

fn not_an_object(bytes: &[u8], error: &serde_json::Error) -> String {
    if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
        return "is no JSON object: give a CloudTrail record, or the EventBridge envelope around it".to_owned();
    }
    let text = error.to_string();
    let reason = text.split_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    format!("is not JSON ({reason}): get it again, as it was written")
}

/// Our own record, if this version can read it.
fn record(bytes: &[u8]) -> Kind {
    let read = serde_json::from_slice::<Value>(bytes).and_then(|mut value| {
        make_legible(&mut value);
        serde_json::from_value::<Record>(value)
    });
    match read {
        Ok(record) if record.version > VERSION => Kind::Other(format!(
            "is a record of form {}, and this version reads up to {VERSION}: use a newer `guardrail`",
            record.version
        )),
        Ok(record) => Kind::Record(Box::new(record)),
        Err(error) => Kind::Other(format!(
            "is a record that this version cannot read ({error}): use the version that wrote it"
        )),
    }
}

/// Takes control characters out of all texts: vpc-guardrail writes none, and whoever changed a record since must not
/// command the terminal that it is shown on.
fn make_legible(value: &mut Value) {
    match value {
        Value::String(text) if text.contains(|c: char| c.is_control() && c != '\n') => {
            *text = text.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}");
        }
        Value::Array(items) => items.iter_mut().for_each(make_legible),
        Value::Object(members) => members.values_mut().for_each(make_legible),
        _ => {}
    }
}

fn without_an_event(digest: &Option<IgnoredAny>, insight: &Option<IgnoredAny>, schema: Option<String>) -> String {
    let text = match schema {
        _ if insight.is_some() => {
            "is a CloudTrail Insights event, which tells of no single call: give the files of calls, under `CloudTrail/`"
        }
        _ if digest.is_some() => {
            "is a CloudTrail digest, which lists log files and holds no events: give the log files themselves"
        }
        Some(schema) if schema.starts_with("vpc-guardrail/notice/") => {
            "is a notice of vpc-guardrail, which tells of an event and does not hold it: give the record that its `record_id` names"
        }
        _ => {
            "holds no event: give a CloudTrail record (`eventName`), an EventBridge envelope (`detail`), a file of several (`Records`), or a record of vpc-guardrail (`record_id`)"
        }
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> String {
        match Kind::of(text.as_bytes()) {
            Kind::Event => "event".to_owned(),
            Kind::Record(record) => format!("record {}", record.record_id),
            Kind::Wrapped(inner) => format!("wrapped {inner}"),
            Kind::LogLine => "log line".to_owned(),
            Kind::Other(message) => message,
        }
    }

    #[test]
    fn events_are_known_with_and_without_their_envelope_and_also_when_they_are_incomplete() {
        for text in [
            r#"{"eventVersion":"1.11","eventName":"CreateVpc","eventSource":"ec2.amazonaws.com"}"#,
            r#"{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":{"eventName":"CreateVpc"}}"#,
            r#"{"eventVersion":"1.11","eventTime":"2027-01-31T10:00:00Z"}"#,
            r#"{"eventName":42}"#,
        ] {
            assert_eq!(kind(text), "event", "{text}");
        }
    }

    #[test]
    fn what_others_wrap_around_an_event_is_taken_off() {
        for text in [
            r#"{"messageId":"m-1","body":"{}","eventSource":"aws:sqs"}"#,
            r#"{"MessageId":"m-1","Body":"{}"}"#,
            r#"{"EventId":"e-1","EventName":"CreateVpc","CloudTrailEvent":"{}"}"#,
            r#"{"Type":"Notification","Message":"{}"}"#,
            r#"{"message":"{}","ingestionTime":1,"timestamp":1}"#,
        ] {
            assert_eq!(kind(text), "wrapped {}", "{text}");
        }
    }

    #[test]
    fn the_other_lines_of_a_functions_log_are_no_events() {
        for text in [
            r#"{"_aws":{"Timestamp":1}}"#,
            r#"{"timestamp":"2027-01-31T10:00:00Z","level":"INFO","fields":{"message":"ready"}}"#,
            r#"{"time":"2027-01-31T10:00:00Z","type":"platform.start","record":{}}"#,
            r#"{"message":"START RequestId: 1","ingestionTime":1}"#,
        ] {
            assert_eq!(kind(text), "log line", "{text}");
        }
    }

    #[test]
    fn what_holds_no_event_is_named_with_its_remedy() {
        insta::assert_snapshot!(kind(r#"{"awsAccountId":"111122223333","digestStartTime":"2027-01-31T10:00:00Z","logFiles":[]}"#), @"is a CloudTrail digest, which lists log files and holds no events: give the log files themselves");
        insta::assert_snapshot!(kind(r#"{"eventTime":"2027-01-31T10:00:00Z","insightDetails":{}}"#), @"is a CloudTrail Insights event, which tells of no single call: give the files of calls, under `CloudTrail/`");
        insta::assert_snapshot!(kind(r#"{"schema":"vpc-guardrail/notice/1","record_id":"record-1"}"#), @"is a notice of vpc-guardrail, which tells of an event and does not hold it: give the record that its `record_id` names");
        insta::assert_snapshot!(kind(r#"{"name":"app","version":3}"#), @"holds no event: give a CloudTrail record (`eventName`), an EventBridge envelope (`detail`), a file of several (`Records`), or a record of vpc-guardrail (`record_id`)");
        insta::assert_snapshot!(kind("42"), @"is no JSON object: give a CloudTrail record, or the EventBridge envelope around it");
        insta::assert_snapshot!(kind(r#"{"eventName":}"#), @"is not JSON (expected value): get it again, as it was written");
        insta::assert_snapshot!(kind(r#"{"record_id":"record-1","judged_at":"yesterday"}"#), @"is a record that this version cannot read (failed to parse four digit integer as year: invalid digit, expected 0-9 but got y): use the version that wrote it");
        insta::assert_snapshot!(kind(r#"{"record_id":"record-1","judged_at":"2027-01-31T10:00:00Z","version":2,"reason":"clean","deliver_again":false,"inputs":{},"facts":{}}"#), @"is a record of form 2, and this version reads up to 1: use a newer `guardrail`");
    }
}
