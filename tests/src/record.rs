//! One CloudTrail record, as the emulator made it of a real call or as a test wrote it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// A CloudTrail record. It is kept as JSON on purpose: the harness passes on what it got, in whatever
/// shape it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Record(Value);

impl Record {
    /// Takes any JSON for a record.
    pub fn new(json: Value) -> Self {
        Self(json)
    }

    /// The JSON.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// `eventID`, or nothing.
    pub fn event_id(&self) -> &str {
        self.text("/eventID")
    }

    /// `eventName`, or nothing.
    pub fn event_name(&self) -> &str {
        self.text("/eventName")
    }

    /// `errorCode` of a failed call.
    pub fn error_code(&self) -> Option<&str> {
        self.0.pointer("/errorCode").and_then(Value::as_str)
    }

    /// The access key that signed the call.
    pub fn access_key(&self) -> &str {
        self.text("/userIdentity/accessKeyId")
    }

    /// The text at a JSON pointer, or nothing.
    pub fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The same record with `value` under the top-level `key`.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        if let Some(fields) = self.0.as_object_mut() {
            fields.insert(key.to_owned(), value);
        }
        self
    }

    /// The same record without the error of a failed call.
    #[must_use]
    pub fn succeeded(mut self) -> Self {
        if let Some(fields) = self.0.as_object_mut() {
            fields.remove("errorCode");
            fields.remove("errorMessage");
        }
        self
    }

    /// The same record of a call that was made longer ago: `eventTime` is moved back by `by`. A record
    /// without a readable time stays as it is.
    #[must_use]
    pub fn aged(self, by: Duration) -> Self {
        match back_dated(self.text("/eventTime"), by) {
            Some(time) => self.with("eventTime", time.into()),
            None => self,
        }
    }
}

/// `time` moved back, in CloudTrail's form (whole seconds, `Z`).
fn back_dated(time: &str, by: Duration) -> Option<String> {
    let time: Timestamp = time.parse().ok()?;
    let by = SignedDuration::try_from(by).ok()?;
    Some(time.checked_sub(by).ok()?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn aging_moves_the_event_time_back_and_nothing_else() {
        let record = Record::new(json!({"eventTime": "2026-03-01T00:00:30Z", "eventName": "CreateVpc"}));
        let older = record.aged(Duration::from_secs(45));
        assert_eq!(
            older.json(),
            &json!({"eventTime": "2026-02-28T23:59:45Z", "eventName": "CreateVpc"})
        );
    }

    #[test]
    fn a_record_without_a_time_does_not_age() {
        let record = Record::new(json!({"eventTime": "soon"}));
        assert_eq!(record.clone().aged(Duration::from_secs(45)), record);
    }
}
