//! From bytes to an [`Event`]: the record, with or without the EventBridge envelope around it.

use serde_json::Value;

use crate::event::lenient::Node;
use crate::event::{Event, EventError, trail};
use crate::id::{AccountId, Region};

/// The most bytes that are read: what an SQS message may hold (1 MiB). EventBridge takes 256 KiB, and CloudTrail's records stay below that.
const LIMIT: usize = 1024 * 1024;

/// The `detail-type`s whose `detail` is a CloudTrail record of a call or of what a service did by itself.
const DETAIL_TYPES: [&str; 2] = ["AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"];

/// In which form an event came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A bare CloudTrail record: somebody saved it, nobody vouches for it.
    Record,
    /// A record in an EventBridge envelope, whose account and Region agree with it.
    Envelope,
}

/// Reads one CloudTrail record, bare or in an EventBridge envelope.
///
/// A call that no rule can be woken by is an event too ([`Call::Other`](crate::event::Call::Other)), and so is a call that failed, whatever is missing from it.
///
/// # Errors
///
/// When the bytes are too many, are no JSON object, or lack what every record has; when an envelope contradicts its record; when
/// one of the typed calls succeeded and what it did cannot be read.
pub fn parse(bytes: &[u8]) -> Result<(Door, Event), EventError> {
    let value = json(bytes)?;
    let root = Node::root(&value);
    let is_envelope = !root.member("detail-type").is_absent() || !root.member("detail").is_absent();
    if is_envelope {
        return Ok((Door::Envelope, opened(&root)?));
    }
    if root.member("eventName").is_absent() && !root.member("records").is_absent() {
        return Err(EventError::Batch);
    }
    Ok((Door::Record, trail::event(&root, None)?))
}

fn json(bytes: &[u8]) -> Result<Value, EventError> {
    if bytes.len() > LIMIT {
        return Err(EventError::TooLarge {
            size: bytes.len(),
            limit: LIMIT,
        });
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| EventError::Json {
        line: error.line(),
        column: error.column(),
        reason: reason(&error),
    })?;
    let found = match value {
        Value::Object(_) => return Ok(value),
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
    };
    Err(EventError::NotAnObject { found })
}

/// The parser's message without the place, which stands beside it.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ")
        .map_or(text.clone(), |(reason, _)| reason.to_owned())
}

/// The event in an envelope, which must be one that EventBridge can have written around it.
fn opened(envelope: &Node<'_>) -> Result<Event, EventError> {
    let detail_type = envelope.member("detail-type").required::<String>()?;
    if !DETAIL_TYPES.contains(&detail_type.as_str()) {
        return Err(EventError::NotCloudTrail {
            detail_type: super::lenient::legible(&detail_type),
        });
    }
    let source = envelope.member("source").required::<String>()?;
    if !source.starts_with("aws.") {
        return Err(forged("source", &source, "that it is of AWS (`aws.ec2`)".to_owned()));
    }
    let account: AccountId = envelope.member("account").required()?;
    let region: Region = envelope.member("region").required()?;
    let detail = envelope.member("detail");
    if !detail.value().is_object() {
        return Err(if detail.is_absent() {
            detail.missing()
        } else {
            detail.unreadable("it is no object: pass the envelope whole")
        });
    }
    let event = trail::event(&Node::root(detail.value()), Some(&account))?;
    if event.account.as_ref().is_some_and(|recipient| *recipient != account) {
        let recipient = event.account.map(String::from).unwrap_or_default();
        return Err(forged("account", account.as_str(), format!("`{recipient}`")));
    }
    if event.region != region {
        return Err(forged("region", region.as_str(), format!("`{}`", event.region)));
    }
    Ok(Event {
        replay: envelope.member("replay-name").legible(),
        ..event
    })
}

fn forged(field: &'static str, envelope: &str, record: String) -> EventError {
    EventError::Forged {
        field,
        envelope: super::lenient::legible(envelope),
        record,
    }
}
