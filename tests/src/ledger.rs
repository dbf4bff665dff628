//! The table of a function's ledger, in the emulated AWS, with a clock that can be put forward.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::user::User;
use crate::{Error, Result, unique};

/// A table in the form that the guardrail asks for.
pub struct LedgerTable {
    owner: User,
    name: String,
}

impl LedgerTable {
    /// Makes a table of one's own.
    ///
    /// # Errors
    /// Where AWS refuses.
    pub fn create(owner: User) -> Result<Self> {
        let name = format!("guardrail-ledger-{}", unique::suffix());
        owner.call(
            "dynamodb",
            "create_table",
            &json!({
                "TableName": name,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{ "AttributeName": "key", "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": "key", "KeyType": "HASH" }],
            }),
        )?;
        owner.call(
            "dynamodb",
            "update_time_to_live",
            &json!({
                "TableName": name,
                "TimeToLiveSpecification": { "Enabled": true, "AttributeName": "expires" },
            }),
        )?;
        Ok(Self { owner, name })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every item whose key begins so, in `DynamoDB`'s own form.
    ///
    /// # Errors
    /// Where AWS refuses, or answers with no list of items.
    pub fn items(&self, prefix: &str) -> Result<Vec<Value>> {
        let answer = self
            .owner
            .call("dynamodb", "scan", &json!({ "TableName": self.name }))?;
        let items = answer.get("Items").and_then(Value::as_array);
        let items = items.ok_or_else(|| Error::shape("a list of items", &answer))?;
        let begins = |item: &&Value| string(item, "/key/S").starts_with(prefix);
        Ok(items.iter().filter(begins).cloned().collect())
    }

    /// How far the handling of each event has come: `claimed`, `intended`, `settled` or `told`.
    ///
    /// # Errors
    /// As [`LedgerTable::items`].
    pub fn stages(&self) -> Result<Vec<String>> {
        let entries = self.items("event-")?;
        Ok(entries
            .iter()
            .map(|entry| string(entry, "/stage/S").to_owned())
            .collect())
    }

    /// The notes about whatever has a key that begins so: `principal#`, `resource#`.
    ///
    /// # Errors
    /// As [`LedgerTable::items`].
    pub fn notes(&self, prefix: &str) -> Result<Vec<Value>> {
        let items = self.items(prefix)?;
        let attributes = items.iter().filter_map(Value::as_object).flat_map(notes_in);
        Ok(attributes.map(|(_, note)| note).collect())
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// As [`LedgerTable::items`].
    pub fn clear(&self) -> Result<()> {
        let items = self.items("")?;
        let delete = |item: &Value| json!({"DeleteRequest": {"Key": {"key": item.get("key")}}});
        self.write(&items.iter().map(delete).collect::<Vec<_>>())
    }

    /// Lets time pass for what is in it: leases end, and what was noted was noted longer ago.
    ///
    /// # Errors
    /// Where AWS refuses, or an item is in no known form.
    pub fn elapse(&self, by: Duration) -> Result<()> {
        let items = self.items("")?;
        let aged = items.iter().filter_map(|item| aged(item, by));
        self.write(
            &aged
                .map(|item| json!({"PutRequest": {"Item": item}}))
                .collect::<Vec<_>>(),
        )
    }

    /// Writes items, as many at a time as `DynamoDB` takes.
    fn write(&self, requests: &[Value]) -> Result<()> {
        for requests in requests.chunks(25) {
            let mut tables = Map::new();
            tables.insert(self.name.clone(), requests.into());
            self.owner
                .call("dynamodb", "batch_write_item", &json!({"RequestItems": tables}))?;
        }
        Ok(())
    }
}

/// The item some time later; nothing where it is the same then.
fn aged(item: &Value, by: Duration) -> Option<Value> {
    let mut fields = item.as_object()?.clone();
    let milliseconds = i64::try_from(by.as_millis()).ok()?;
    if let Ok(lease) = string(item, "/lease_until/N").parse::<i64>() {
        let earlier = lease.saturating_sub(milliseconds).max(0);
        fields.insert("lease_until".into(), json!({"N": earlier.to_string()}));
        return Some(Value::Object(fields));
    }
    let notes: Vec<_> = notes_in(&fields).collect();
    for (name, mut note) in notes.iter().cloned() {
        for pointer in ["/until", "/says/reverted/at", "/says/exempted/at"] {
            if let Some(time) = note.pointer_mut(pointer)
                && let Some(earlier) = earlier(time, by)
            {
                *time = earlier;
            }
        }
        fields.insert(name, json!({"S": note.to_string()}));
    }
    (!notes.is_empty()).then_some(Value::Object(fields))
}

/// The notes among an item's attributes, by name.
fn notes_in(item: &Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    item.iter().filter_map(|(name, attribute)| {
        let note: Value = serde_json::from_str(attribute.get("S")?.as_str()?).ok()?;
        note.get("says").is_some().then(|| (name.clone(), note))
    })
}

fn earlier(time: &Value, by: Duration) -> Option<Value> {
    let time: Timestamp = time.as_str()?.parse().ok()?;
    let by = SignedDuration::try_from(by).ok()?;
    Some(time.checked_sub(by).ok()?.to_string().into())
}

fn string<'a>(item: &'a Value, pointer: &str) -> &'a str {
    item.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_leases_and_notes_and_nothing_else() {
        let entry = json!({"key": {"S": "event-1"}, "lease_until": {"N": "5000"}, "stage": {"S": "claimed"}});
        let later = aged(&entry, Duration::from_secs(2)).unwrap();
        assert_eq!(later["lease_until"]["N"], "3000");
        assert_eq!(later["stage"], entry["stage"]);

        let note = json!({"until": "2026-03-02T10:00:00Z", "says": {"reverted": {"at": "2026-03-01T10:00:00Z"}}});
        let notes = json!({"key": {"S": "principal#p"}, "revert r": {"S": note.to_string()}});
        let later = aged(&notes, Duration::from_secs(3600)).unwrap();
        let later: Value = serde_json::from_str(string(&later, "/revert r/S")).unwrap();
        assert_eq!(later["until"], "2026-03-02T09:00:00Z");
        assert_eq!(later["says"]["reverted"]["at"], "2026-03-01T09:00:00Z");

        let record = json!({"key": {"S": "record-1"}, "record": {"S": "{\"judged_at\": \"2026-03-01T10:00:00Z\"}"}});
        assert_eq!(aged(&record, Duration::from_secs(2)), None);
    }
}
