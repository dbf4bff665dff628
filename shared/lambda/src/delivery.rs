//! What Lambda hands over: a batch of queue messages, or a single event of a direct invocation.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What was handed over.
#[derive(Debug)]
pub(crate) enum Handed {
    /// Messages of a queue, each with an event as its body.
    Batch(Vec<SqsMessage>),
    /// Anything else: the bytes of one event.
    Event,
}

/// The members of an SQS batch by which it is known.
#[derive(Deserialize)]
struct Peek {
    #[serde(rename = "Records")]
    records: Vec<Source>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(rename = "eventSource")]
    event_source: String,
}

impl Handed {
    /// Tells a batch from a single event.
    pub(crate) fn read(payload: &RawValue) -> Self {
        let text = payload.get();
        let is_batch = serde_json::from_str::<Peek>(text).is_ok_and(|peek| {
            !peek.records.is_empty() && peek.records.iter().all(|record| record.event_source == "aws:sqs")
        });
        match serde_json::from_str::<SqsEvent>(text) {
            Ok(batch) if is_batch => Self::Batch(batch.records),
            _ => Self::Event,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Handed {
        Handed::read(&RawValue::from_string(text.to_owned()).unwrap())
    }

    #[test]
    fn a_batch_is_known_by_its_source_and_all_else_is_one_event() {
        let message = r#"{"messageId":"m-1","body":"{}","eventSource":"aws:sqs"}"#;
        assert!(
            matches!(read(&format!(r#"{{"Records":[{message}]}}"#)), Handed::Batch(messages) if messages.len() == 1)
        );
        for other in [
            "{}",
            "[]",
            "null",
            r#"{"Records":[]}"#,
            r#"{"Records":[{"eventSource":"aws:s3"}]}"#,
            r#"{"Records":[{"eventVersion":"1.10"}]}"#,
        ] {
            assert!(matches!(read(other), Handed::Event), "{other}");
        }
    }
}
