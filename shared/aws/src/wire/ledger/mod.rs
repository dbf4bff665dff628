//! What the ledger asks of `DynamoDB`, and what it makes of each reply. How it behaves as a whole is shown over an emulator,
//! by the testkit's laws of ledgers.

mod claiming;
mod recalling;
mod writing;

use std::collections::BTreeMap;

use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{About, Abouts, EntryKey, Lease, Note, Says};
use guardrail_policy::record::{Record, Refused};
use guardrail_runner::ports::KeepError;
use serde_json::{Value, json};

use super::server::{Reply, Request, Server};
use super::{PATIENT, aws_at};
use crate::Ledger;

const TABLE: &str = "guardrail";

async fn ledger(server: &Server) -> Ledger {
    aws_at(server.url(), PATIENT).await.ledger(TABLE)
}

fn key() -> EntryKey {
    EntryKey::by_hand("undo", "record-1")
}

fn lease() -> Lease {
    Lease {
        owner: "delivery-1".to_owned(),
        until: at("2026-03-02T10:01:00Z"),
    }
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-03-02T10:00:00Z")
}

fn record() -> Record {
    Record::refused(Refused::OutOfTime, b"made up", None, "made up".to_owned(), now())
}

fn who() -> About {
    About::Principal("arn:aws:iam::111122223333:role/Admin".to_owned())
}

fn abouts() -> Abouts {
    [who()].into()
}

/// A note that holds until a time.
fn note(name: &str, until: &str) -> Note {
    Note {
        about: who(),
        name: name.to_owned(),
        until: at(until),
        says: Says::Told,
    }
}

fn text<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

/// A refusal in `DynamoDB`'s form, with what else is in it.
fn refused(code: &str, more: Value) -> Reply {
    let mut body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "made up" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Reply::Status(400, body.to_string())
}

/// A transaction that was cancelled for these reasons, one for each of its items.
fn cancelled(reasons: &[&str]) -> Reply {
    let reasons: Vec<Value> = reasons.iter().map(|code| json!({ "Code": code })).collect();
    refused(
        "TransactionCanceledException",
        json!({ "CancellationReasons": reasons }),
    )
}

fn unavailable(action: &str, code: &str) -> KeepError {
    KeepError::Unavailable {
        action: format!("dynamodb:{action}"),
        code: code.to_owned(),
        table: TABLE.to_owned(),
    }
}

fn sent(request: &Request) -> Value {
    serde_json::from_str(&request.body).unwrap()
}

/// One update as it was sent, readable: every placeholder is replaced by its name or value; the time to live, which is
/// taken from the clock, by `…`.
fn readable(update: &Value) -> BTreeMap<&'static str, String> {
    let expires: Vec<&str> = names(update)
        .filter(|(_, name)| *name == "expires")
        .map(|(placeholder, _)| placeholder)
        .collect();
    let mut all: Vec<(&str, String)> = names(update).map(|(key, name)| (key, name.to_owned())).collect();
    for (placeholder, value) in update["ExpressionAttributeValues"].as_object().into_iter().flatten() {
        let set_to_it = |name: &&str| expression(update).contains(&format!("{name} = {placeholder}"));
        let shown = value.get("S").or_else(|| value.get("N")).unwrap().as_str().unwrap();
        let shown = if expires.iter().any(set_to_it) { "…" } else { shown };
        all.push((placeholder, shown.to_owned()));
    }
    // The longer first: `:v1` is the beginning of `:v10`.
    all.sort_by_key(|(placeholder, _)| std::cmp::Reverse(placeholder.len()));
    let replaced = |expression: &str| {
        let start = expression.to_owned();
        all.iter()
            .fold(start, |text, (placeholder, shown)| text.replace(placeholder, shown))
    };
    let condition = update["ConditionExpression"].as_str().unwrap_or_default();
    BTreeMap::from([
        ("key", update["Key"]["key"]["S"].as_str().unwrap().to_owned()),
        ("update", replaced(expression(update))),
        ("if", replaced(condition)),
    ])
}

fn expression(update: &Value) -> &str {
    update["UpdateExpression"].as_str().unwrap()
}

fn names(update: &Value) -> impl Iterator<Item = (&str, &str)> {
    let names = update["ExpressionAttributeNames"].as_object().into_iter().flatten();
    names.map(|(placeholder, name)| (placeholder.as_str(), name.as_str().unwrap()))
}

fn expected(key: &str, update: &str, condition: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("key", key.to_owned()),
        ("update", update.to_owned()),
        ("if", condition.to_owned()),
    ])
}
