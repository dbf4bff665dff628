//! Sends notices to an SNS topic: text for people, JSON for machines, attributes to filter by.

use std::borrow::Cow;

use aws_sdk_sns::types::MessageAttributeValue;
use guardrail_policy::message::Notice;
use guardrail_runner::ports::{Tell, TellError};
use serde_json::json;

use crate::access::{Access, Checked};
use crate::failure;
use crate::topic::Topic;

/// How long a subject may be: SNS takes fewer than 100 characters (API reference of `Publish`).
const SUBJECT: usize = 99;
/// How much a message may hold, all its versions and attributes together: SNS takes 256 KiB; the rest is for attributes.
const MESSAGE: usize = 250 * 1024;
/// How much of the text is kept in a message that would be too long; it fits even where JSON escapes every character.
const TEXT: usize = 16 * 1024;

/// Publishes to one topic.
#[derive(Debug, Clone)]
pub struct Sns {
    client: aws_sdk_sns::Client,
    topic: Topic,
}

impl Tell for Sns {
    /// Publishes a notice once, or up to three times when the reply to an attempt was lost: subscribers drop duplicates
    /// by the attribute `notice_id`.
    async fn tell(&self, notice: &Notice) -> Result<(), TellError> {
        let failed = |code: String| TellError {
            code,
            to: self.topic.to_string(),
        };
        let mut call = self
            .client
            .publish()
            .topic_arn(self.topic.arn().as_str())
            .subject(subject(&notice.subject))
            .message_structure("json")
            .message(message(notice));
        for (name, value) in attributes(notice) {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build();
            call = call.message_attributes(name, value.map_err(|_| failed("NotSent".to_owned()))?);
        }
        let reply = call.send().await.map_err(|error| failed(failure::code(&error)))?;
        tracing::debug!(notice_id = notice.notice_id, message_id = reply.message_id(), "told");
        Ok(())
    }
}

impl Sns {
    pub(crate) fn new(client: aws_sdk_sns::Client, topic: Topic) -> Self {
        Self { client, topic }
    }

    /// Whether the topic is there, without sending anything: one call of `GetTopicAttributes`, which functions are not
    /// granted. SNS has no dry run; that somebody may look at a topic does not say that they may publish to it.
    pub async fn check(&self) -> Checked {
        let call = self.client.get_topic_attributes().topic_arn(self.topic.arn().as_str());
        let access = match call.send().await {
            Ok(_) => Access::Allowed,
            Err(error) => Access::of(failure::code(&error)),
        };
        Checked::new("sns:GetTopicAttributes", access)
    }
}

/// What subscriptions filter by, and drop duplicates by.
fn attributes(notice: &Notice) -> [(&'static str, String); 6] {
    [
        ("rule", notice.rule.to_string()),
        ("severity", notice.severity.to_string()),
        ("account", notice.account.to_string()),
        ("region", notice.region.to_string()),
        ("mode", notice.mode.to_string()),
        ("notice_id", notice.notice_id.clone()),
    ]
}

/// The subject, which a notice already has in SNS's form. One that is not would be refused, and nobody told: it is mended.
fn subject(text: &str) -> Cow<'_, str> {
    let printable = |character: char| character.is_ascii_graphic() || character == ' ';
    if !text.is_empty() && text.len() <= SUBJECT && text.chars().all(printable) {
        return Cow::Borrowed(text);
    }
    let mended: String = text
        .chars()
        .map(|c| if printable(c) { c } else { '?' })
        .take(SUBJECT)
        .collect();
    Cow::Owned(if mended.is_empty() {
        "vpc-guardrail".to_owned()
    } else {
        mended
    })
}

/// The message in the versions that each protocol gets. One that SNS would refuse for its length is told shortened.
fn message(notice: &Notice) -> String {
    let whole = versions(notice, &notice.text, &notice.json);
    if whole.len() <= MESSAGE {
        return whole;
    }
    let text: String = clipped(&notice.text, TEXT)
        .chars()
        .chain("\n[shortened: the record has all]".chars())
        .collect();
    let json = json!({
        "notice_id": notice.notice_id,
        "rule": notice.rule.as_str(),
        "severity": notice.severity.to_string(),
        "account": notice.account.as_str(),
        "region": notice.region.as_str(),
        "mode": notice.mode.to_string(),
        "subject": notice.subject,
        "shortened": true,
    });
    versions(notice, &text, &json.to_string())
}

/// People get the text by e-mail, and the subject where there is no room for more; every other protocol is a machine's.
fn versions(notice: &Notice, text: &str, json: &str) -> String {
    json!({
        "default": json,
        "email": text,
        "sms": subject(&notice.subject),
    })
    .to_string()
}

/// The longest beginning of a text that is not longer than so many bytes.
fn clipped(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}
