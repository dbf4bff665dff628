//! The shapes that a record travels in: EventBridge's envelope, an SQS message, Lambda's batch.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::queue::Message;
use crate::record::Record;
use crate::{ACCOUNT, REGION, unique};

/// The envelope in which EventBridge hands on a CloudTrail record of an API call.
pub fn envelope(record: &Record) -> Value {
    let service = record.text("/eventSource").split('.').next().unwrap_or_default();
    json!({
        "version": "0",
        "id": unique::uuid(),
        "detail-type": "AWS API Call via CloudTrail",
        "source": format!("aws.{service}"),
        "account": record.text("/recipientAccountId"),
        "time": record.text("/eventTime"),
        "region": record.text("/awsRegion"),
        "resources": [],
        "detail": record.json(),
    })
}

/// The ARN of the queue `name`.
pub fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// The event in which Lambda hands `messages` of the queue `arn` to a function.
pub fn batch<'a>(arn: &str, messages: impl IntoIterator<Item = &'a Message>) -> Value {
    let records: Vec<Value> = messages.into_iter().map(|message| batch_item(arn, message)).collect();
    json!({ "Records": records })
}

fn batch_item(arn: &str, message: &Message) -> Value {
    let body = message.body();
    json!({
        "messageId": message.id(),
        "receiptHandle": format!("{}#{}", message.id(), message.receives()),
        "md5OfBody": unique::md5_hex(&body),
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": message.receives().to_string(),
            "SentTimestamp": milliseconds(message.sent()).to_string(),
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": milliseconds(message.first_received()).to_string(),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    })
}

fn milliseconds(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_names_the_service_account_region_and_time_of_the_record() {
        let record = Record::new(json!({
            "eventSource": "ec2.amazonaws.com",
            "eventTime": "2026-03-01T00:00:30Z",
            "awsRegion": "eu-west-1",
            "recipientAccountId": "111122223333",
        }));
        let envelope = envelope(&record);
        assert_eq!(envelope["source"], "aws.ec2");
        assert_eq!(envelope["account"], "111122223333");
        assert_eq!(envelope["region"], "eu-west-1");
        assert_eq!(envelope["time"], "2026-03-01T00:00:30Z");
        assert_eq!(&envelope["detail"], record.json());
    }
}
