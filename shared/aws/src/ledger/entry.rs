//! Entries: who handles an event, and how far that has come.

use aws_sdk_dynamodb::types::AttributeValue;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{ENTRIES_KEPT, EntryKey, Lease};
use guardrail_runner::ports::Claim;

use super::change::Change;
use super::item::{
    EXPIRES, Foreign, Item, KEY, LEASE_UNTIL, OWNER, RECORD, STAGE, expiry, json, milliseconds, string, text, time,
};

const CLAIMED: &str = "claimed";
const INTENDED: &str = "intended";
const SETTLED: &str = "settled";
const TOLD: &str = "told";

/// Takes an entry that nobody has, or whose lease is over, or that is this owner's already: a second attempt after a lost
/// reply finds what the first one did.
pub(super) fn claim(key: &EntryKey, lease: &Lease, now: Timestamp) -> Change {
    let mut change = Change::of(key.as_str());
    let [key, stage, owner, until] = [KEY, STAGE, OWNER, LEASE_UNTIL].map(|name| change.name(name));
    let told = change.value(string(TOLD));
    let me = change.value(string(&lease.owner));
    let now = change.value(AttributeValue::N(now.as_millisecond().to_string()));
    change
        .only_if(format!(
            "(attribute_not_exists({key}) OR ({stage} <> {told} AND ({owner} = {me} OR {until} <= {now})))"
        ))
        .set(OWNER, string(&lease.owner))
        .set(LEASE_UNTIL, milliseconds(lease.until))
        .set_once(STAGE, string(CLAIMED))
        .set(EXPIRES, expiry(ENTRIES_KEPT))
}

/// What an entry says to whoever just claimed it.
pub(super) fn claimed(item: &Item) -> Result<Claim, Foreign> {
    match text(item, STAGE)? {
        CLAIMED => Ok(Claim::New),
        INTENDED => Ok(Claim::Intended(json(item, RECORD)?)),
        SETTLED => Ok(Claim::Settled(json(item, RECORD)?)),
        other => Err(Foreign(format!("the stage `{other}` is not known"))),
    }
}

/// What an entry says to whoever could not claim it.
pub(super) fn refused(item: &Item) -> Result<Claim, Foreign> {
    match text(item, STAGE)? {
        TOLD => Ok(Claim::Told),
        _ => Ok(Claim::Held {
            until: time(item, LEASE_UNTIL)?,
        }),
    }
}

/// Puts down what is going to be done.
pub(super) fn intended(key: &EntryKey, lease: &Lease, record: AttributeValue) -> Change {
    held(key, lease).set(STAGE, string(INTENDED)).set(RECORD, record)
}

/// Puts down what came of it.
pub(super) fn settled(key: &EntryKey, lease: &Lease, record: AttributeValue) -> Change {
    held(key, lease).set(STAGE, string(SETTLED)).set(RECORD, record)
}

/// Marks it as done with; its record is kept by its own id from here on.
pub(super) fn told(key: &EntryKey, lease: &Lease) -> Change {
    held(key, lease).set(STAGE, string(TOLD)).remove(RECORD)
}

/// Gives it back.
pub(super) fn released(key: &EntryKey, lease: &Lease) -> Change {
    held(key, lease).set(LEASE_UNTIL, AttributeValue::N("0".to_owned()))
}

fn held(key: &EntryKey, lease: &Lease) -> Change {
    Change::of(key.as_str()).where_equal(OWNER, string(&lease.owner))
}
