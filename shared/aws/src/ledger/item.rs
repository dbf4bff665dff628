//! What items are made of: names of attributes, and their values from and to our own types.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::record::Record;
use serde::de::DeserializeOwned;

/// The partition key, a string.
pub(super) const KEY: &str = "key";
/// When the item may be deleted, in seconds since 1970: the table's time to live.
pub(super) const EXPIRES: &str = "expires";
/// Who holds an entry.
pub(super) const OWNER: &str = "owner";
/// Until when, in milliseconds since 1970.
pub(super) const LEASE_UNTIL: &str = "lease_until";
/// How far it has come.
pub(super) const STAGE: &str = "stage";
/// A [`Record`] as JSON.
pub(super) const RECORD: &str = "record";

/// An item, as the SDK gives it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// A part of an item that is not in its documented form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}: another version of vpc-guardrail wrote it, use that one, or delete the item")]
pub(super) struct Foreign(pub(super) String);

pub(super) fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, Foreign> {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value
        .map(String::as_str)
        .ok_or_else(|| Foreign(format!("the attribute `{name}` is no text")))
}

/// What an attribute holds as JSON.
pub(super) fn json<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, Foreign> {
    serde_json::from_str(text(item, name)?).map_err(|error| Foreign(format!("the attribute `{name}`: {error}")))
}

/// The time in an attribute that holds milliseconds.
pub(super) fn time(item: &Item, name: &str) -> Result<Timestamp, Foreign> {
    let number = item.get(name).and_then(|value| value.as_n().ok());
    let time = number.and_then(|number| Timestamp::from_millisecond(number.parse().ok()?).ok());
    time.ok_or_else(|| Foreign(format!("the attribute `{name}` is no time in milliseconds")))
}

/// A text as an attribute.
pub(super) fn string(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A time in milliseconds as an attribute. Parts of a millisecond count as a whole one, so that no lease ends early.
pub(super) fn milliseconds(time: Timestamp) -> AttributeValue {
    let rounded = time.as_nanosecond().saturating_add(999_999).div_euclid(1_000_000);
    AttributeValue::N(rounded.to_string())
}

/// When an item may be deleted that is written now and kept for so long. AWS deletes by its own clock, within days
/// (developer guide, "Using time to live"), hence this clock and not the flow's.
pub(super) fn expiry(kept: SignedDuration) -> AttributeValue {
    let time = Timestamp::now().checked_add(kept).unwrap_or(Timestamp::MAX);
    AttributeValue::N(time.as_second().to_string())
}

/// A record as the ledger keeps it.
pub(super) fn record(record: &Record) -> Result<AttributeValue, serde_json::Error> {
    let kept = record.for_ledger(guardrail_runner::LONGEST_RECORD);
    serde_json::to_string(&kept).map(AttributeValue::S)
}
