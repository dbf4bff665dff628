//! The security team's inbox: an SQS queue that is subscribed to the guardrail's topic.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::user::User;
use crate::{Error, Result, unique};

/// A message as SNS put it into the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// The subject of the mail.
    pub subject: Option<String>,
    /// The text for the queue's protocol.
    pub message: String,
    /// The attributes that subscribers filter by.
    pub attributes: BTreeMap<String, String>,
}

impl Notice {
    /// The message as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.message).unwrap_or_default()
    }
}

/// A topic with one queue that listens.
pub struct Inbox {
    owner: User,
    topic: String,
    queue_url: String,
}

impl Inbox {
    /// Makes the topic, the queue and the subscription in `owner`'s name.
    ///
    /// # Errors
    /// Where AWS refuses one of the calls.
    pub fn open(owner: User) -> Result<Self> {
        let name = format!("guardrail-{}", unique::suffix());
        let topic = owner.call("sns", "create_topic", &json!({"Name": name}))?;
        let topic = text(&topic, "/TopicArn")?;
        let queue = owner.call("sqs", "create_queue", &json!({"QueueName": name}))?;
        let queue_url = text(&queue, "/QueueUrl")?;
        let attributes = owner.call(
            "sqs",
            "get_queue_attributes",
            &json!({"QueueUrl": queue_url, "AttributeNames": ["QueueArn"]}),
        )?;
        let queue_arn = text(&attributes, "/Attributes/QueueArn")?;
        let subscription = json!({"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue_arn});
        owner.call("sns", "subscribe", &subscription)?;
        Ok(Self {
            owner,
            topic,
            queue_url,
        })
    }

    /// The ARN of the topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Takes the messages that have arrived, in order of arrival as far as SQS keeps it.
    ///
    /// # Errors
    /// Where AWS refuses a call or a message is not in SNS's envelope.
    pub fn messages(&self) -> Result<Vec<Notice>> {
        let mut notices = Vec::new();
        loop {
            let parameters = json!({"QueueUrl": self.queue_url, "MaxNumberOfMessages": 10});
            let answer = self.owner.call("sqs", "receive_message", &parameters)?;
            let received = answer
                .get("Messages")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            if received.is_empty() {
                return Ok(notices);
            }
            for message in &received {
                notices.push(notice(&text(message, "/Body")?)?);
                let handle = text(message, "/ReceiptHandle")?;
                let parameters = json!({"QueueUrl": self.queue_url, "ReceiptHandle": handle});
                self.owner.call("sqs", "delete_message", &parameters)?;
            }
        }
    }
}

fn text(value: &Value, pointer: &str) -> Result<String> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.map(str::to_owned)
        .ok_or_else(|| Error::shape(format!("text at `{pointer}`"), value))
}

/// Reads SNS's envelope (`RawMessageDelivery` is off).
fn notice(body: &str) -> Result<Notice> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Envelope {
        subject: Option<String>,
        message: String,
        #[serde(default)]
        message_attributes: BTreeMap<String, Attribute>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Attribute {
        value: String,
    }
    let envelope: Envelope = serde_json::from_str(body).map_err(|_| Error::shape("an SNS notification", &body))?;
    let attributes = envelope
        .message_attributes
        .into_iter()
        .map(|(name, attribute)| (name, attribute.value));
    Ok(Notice {
        subject: envelope.subject,
        message: envelope.message,
        attributes: attributes.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::Emulator;
    use crate::identity::Identity;

    #[test]
    fn a_notification_gives_subject_message_and_attributes() {
        let body = json!({
            "Type": "Notification",
            "Subject": "a subject",
            "Message": "{\"text\":\"t\"}",
            "MessageAttributes": {"rule": {"Type": "String", "Value": "open-egress"}},
        });
        let notice = notice(&body.to_string()).unwrap();
        assert_eq!(notice.subject.as_deref(), Some("a subject"));
        assert_eq!(notice.json()["text"], "t");
        assert_eq!(notice.attributes["rule"], "open-egress");
    }

    #[test]
    fn what_is_published_arrives_once_in_the_words_for_the_queue() {
        let emulator = Emulator::shared().unwrap();
        let inbox = Inbox::open(emulator.user(Identity::role_session("SecurityTeam", "inbox")).unwrap()).unwrap();
        let publisher = emulator.user(Identity::role_session("Guardrail", "function")).unwrap();
        let words = json!({"default": "for people", "sqs": "{\"text\":\"for people\"}"}).to_string();
        let parameters = json!({
            "TopicArn": inbox.topic(), "Subject": "a subject", "Message": words, "MessageStructure": "json",
            "MessageAttributes": {"rule": {"DataType": "String", "StringValue": "open-egress"}},
        });
        publisher.call("sns", "publish", &parameters).unwrap();
        let messages = inbox.messages().unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].json(), json!({"text": "for people"}));
        assert_eq!(messages[0].attributes["rule"], "open-egress");
        assert_eq!(inbox.messages().unwrap(), []);
    }

    #[test]
    fn something_else_in_the_queue_is_an_error() {
        assert!(matches!(notice("{}"), Err(Error::Shape { .. })));
    }
}
