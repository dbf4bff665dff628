//! From a CloudTrail record to an [`Event`]: what every record says, whatever the call.

use sha2::{Digest, Sha256};

use crate::event::lenient::Node;
use crate::event::requests::Exchange;
use crate::event::{Actor, Call, CallName, Event, EventError, Outcome};
use crate::id::{AccountId, EventId};

/// Reads one record. `account` is the envelope's, which stands in where the record does not name one itself.
pub(super) fn event(record: &Node<'_>, account: Option<&AccountId>) -> Result<Event, EventError> {
    let source = record.member("eventSource").required::<String>()?;
    let name = record.member("eventName").required::<String>()?;
    let time = record.member("eventTime");
    let outcome = outcome(record);
    let exchange = Exchange::of(record, outcome == Outcome::Succeeded);
    Ok(Event {
        id: id(record),
        time: time
            .optional_like("a time", "2027-01-31T23:59:59Z")?
            .ok_or_else(|| time.missing())?,
        region: record.member("awsRegion").required()?,
        account: recipient(record, account)?,
        actor: Actor::read(record),
        call: call(record, &source, &name, &exchange, &outcome)?,
        outcome,
        omitted: exchange.omitted,
        replay: None,
    })
}

/// The typed call, if it is one and can be read. What failed changed nothing, so that it may be unreadable.
fn call(
    record: &Node<'_>,
    source: &str,
    name: &str,
    exchange: &Exchange<'_>,
    outcome: &Outcome,
) -> Result<Call, EventError> {
    let other = Call::Other {
        source: super::lenient::legible(source),
        name: super::lenient::legible(name),
    };
    match CallName::find(source, name)
        .filter(|_| is_api_call(record))
        .map(|name| exchange.call(name))
    {
        None => Ok(other),
        Some(Err(_)) if *outcome != Outcome::Succeeded => Ok(other),
        Some(call) => call,
    }
}

/// Whether a record is of a call: not of what a service did by itself, nor of a VPC endpoint's traffic. Old and trimmed records do not say.
fn is_api_call(record: &Node<'_>) -> bool {
    record
        .member("eventType")
        .text()
        .is_none_or(|kind| kind == "AwsApiCall")
}

fn outcome(record: &Node<'_>) -> Outcome {
    match record.member("errorCode").legible() {
        None => Outcome::Succeeded,
        Some(code) if code.contains("DryRunOperation") => Outcome::DryRun,
        Some(code) => Outcome::Failed { code },
    }
}

/// The account that was touched. Records before event version 1.02 do not name it: there the caller's is the best guess.
fn recipient(record: &Node<'_>, envelope: Option<&AccountId>) -> Result<Option<AccountId>, EventError> {
    let named = record.member("recipientAccountId");
    if !named.is_absent() {
        let text = named.text().unwrap_or_default();
        return named
            .account()
            .map(Some)
            .ok_or_else(|| named.unlike(&text, "an AWS account id", "111122223333"));
    }
    Ok(envelope
        .cloned()
        .or_else(|| record.member("userIdentity").member("accountId").account()))
}

/// `eventID`, else `requestID`, else a digest of the record: the same for each delivery of the same record.
fn id(record: &Node<'_>) -> EventId {
    let given = record
        .member("eventID")
        .lenient()
        .or_else(|| record.member("requestID").lenient());
    given.unwrap_or_else(|| digest(record))
}

/// A key for records whose own ids are missing or no ids (trimmed or made up by hand), by what they say.
fn digest(record: &Node<'_>) -> EventId {
    let hash = Sha256::digest(record.value().to_string());
    let hex: String = hash.iter().take(20).map(|byte| format!("{byte:02x}")).collect();
    #[expect(
        clippy::expect_used,
        reason = "forty hexadecimal digits behind a word have the form of an event id"
    )]
    format!("record-{hex}")
        .parse()
        .expect("hexadecimal digits form an event id")
}
