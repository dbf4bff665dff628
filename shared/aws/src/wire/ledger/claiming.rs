//! Claims.

use guardrail_runner::ports::{Claim, Keep, KeepError};
use serde_json::{Value, json};

use super::super::server::{Reply, Server, half};
use super::super::{HASTY, aws_at};
use super::{at, expected, key, lease, ledger, now, readable, record, refused, sent, text, unavailable};

/// An entry as `DynamoDB` shows it.
fn entry(stage: &str, more: Value) -> Value {
    let mut entry = json!({
        "key": { "S": key().as_str() },
        "owner": { "S": "delivery-0" },
        "lease_until": { "N": "1772445630000" },
        "stage": { "S": stage },
        "expires": { "N": "1773741600" },
    });
    entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    entry
}

fn updated(entry: &Value) -> Reply {
    Reply::Fine(json!({ "Attributes": entry }).to_string())
}

fn not_ours(entry: &Value) -> Reply {
    refused("ConditionalCheckFailedException", json!({ "Item": entry }))
}

async fn claim(server: &Server) -> Result<Claim, KeepError> {
    ledger(server).await.claim(&key(), &lease(), now()).await
}

#[tokio::test]
async fn a_claim_is_one_conditional_update_that_shows_what_was_there() {
    let server = Server::start(|_| updated(&entry("claimed", json!({})))).await;
    assert_eq!(claim(&server).await, Ok(Claim::New));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].action, "UpdateItem");
    let sent = sent(&requests[0]);
    assert_eq!(sent["TableName"], "guardrail");
    assert_eq!(sent["ReturnValues"], "ALL_NEW");
    assert_eq!(sent["ReturnValuesOnConditionCheckFailure"], "ALL_OLD");
    let update =
        "SET owner = delivery-1, lease_until = 1772445660000, stage = if_not_exists(stage, claimed), expires = …";
    let condition =
        "(attribute_not_exists(key) OR (stage <> told AND (owner = delivery-1 OR lease_until <= 1772445600000)))";
    assert_eq!(readable(&sent), expected(key().as_str(), update, condition));
}

#[tokio::test]
async fn a_lease_never_ends_early_for_parts_of_a_millisecond() {
    let server = Server::start(|_| updated(&entry("claimed", json!({})))).await;
    let mut lease = lease();
    lease.until = at("2026-03-02T10:01:00.0000001Z");
    ledger(&server).await.claim(&key(), &lease, now()).await.unwrap();
    let update = &readable(&sent(&server.requests()[0]))["update"];
    assert!(update.contains("lease_until = 1772445660001,"), "{update}");
}

#[tokio::test]
async fn what_was_put_down_is_shown_to_whoever_takes_over() {
    let json = json!({ "record": { "S": text(&record()) } });
    let kept = Box::new(record().handover());
    for (stage, expected) in [
        ("intended", Claim::Intended(kept.clone())),
        ("settled", Claim::Settled(kept.clone())),
    ] {
        let entry = entry(stage, json.clone());
        let server = Server::start(move |_| updated(&entry)).await;
        assert_eq!(claim(&server).await, Ok(expected));
    }
}

#[tokio::test]
async fn somebody_elses_entry_is_told_from_one_that_is_done_with_without_a_second_call() {
    let until = at("2026-03-02T10:00:30Z");
    for (stage, expected) in [
        ("claimed", Claim::Held { until }),
        ("settled", Claim::Held { until }),
        ("told", Claim::Told),
    ] {
        let server = Server::start(move |_| not_ours(&entry(stage, json!({})))).await;
        assert_eq!(claim(&server).await, Ok(expected));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_claim_whose_reply_is_lost_is_asked_again_and_ours() {
    let fine = json!({ "Attributes": entry("claimed", json!({})) }).to_string();
    for fault in [
        Reply::Cut as fn(String) -> Reply,
        |body| Reply::Fine(half(body)),
        |_| Reply::Fine(String::new()),
    ] {
        let body = fine.clone();
        let server = Server::start(move |request| match request.nth {
            0 => fault(body.clone()),
            _ => Reply::Fine(body.clone()),
        })
        .await;
        assert_eq!(claim(&server).await, Ok(Claim::New));
        let bodies: Vec<String> = server.requests().into_iter().map(|request| request.body).collect();
        assert_eq!(bodies.len(), 2);
        assert_eq!(bodies[0], bodies[1], "with the same owner");
    }
}

#[tokio::test]
async fn an_entry_of_another_version_is_unparsable() {
    let broken = json!({ "record": { "S": "{\"version\":" } });
    for entry in [
        entry("pondered", json!({})),
        entry("intended", json!({})),
        entry("intended", broken),
        json!({ "key": { "S": key().as_str() } }),
    ] {
        let server = Server::start(move |_| updated(&entry)).await;
        assert_eq!(claim(&server).await, Err(unavailable("UpdateItem", "Unparsable")));
    }
    let timeless = entry("claimed", json!({ "lease_until": { "S": "tomorrow" } }));
    for reply in [
        || Reply::Fine("{}".to_owned()),
        || refused("ConditionalCheckFailedException", json!({})),
    ] {
        let server = Server::start(move |_| reply()).await;
        assert_eq!(claim(&server).await, Err(unavailable("UpdateItem", "Unparsable")));
    }
    let server = Server::start(move |_| not_ours(&timeless)).await;
    assert_eq!(claim(&server).await, Err(unavailable("UpdateItem", "Unparsable")));
}

#[tokio::test]
async fn a_ledger_that_does_not_answer_is_unavailable_with_its_code() {
    for (fault, code, attempts) in [
        (
            (|| refused("AccessDeniedException", json!({}))) as fn() -> Reply,
            "AccessDeniedException",
            1,
        ),
        (
            || refused("ResourceNotFoundException", json!({})),
            "ResourceNotFoundException",
            1,
        ),
        (|| refused("ThrottlingException", json!({})), "ThrottlingException", 3),
        (
            || refused("TransactionConflictException", json!({})),
            "TransactionConflictException",
            3,
        ),
        (|| Reply::Status(500, "{}".to_owned()), "HttpStatus500", 3),
    ] {
        let server = Server::start(move |_| fault()).await;
        assert_eq!(claim(&server).await, Err(unavailable("UpdateItem", code)));
        assert_eq!(server.requests().len(), attempts, "{code}");
    }
    let server = Server::start(|_| Reply::Held).await;
    let ledger = aws_at(server.url(), HASTY).await.ledger("guardrail");
    let outcome = ledger.claim(&key(), &lease(), now()).await;
    assert_eq!(outcome, Err(unavailable("UpdateItem", "Timeout")));
}

#[tokio::test]
async fn a_claim_that_meets_a_transaction_is_asked_again() {
    let server = Server::start(|request| match request.nth {
        0 | 1 => refused("TransactionConflictException", json!({})),
        _ => updated(&entry("claimed", json!({}))),
    })
    .await;
    assert_eq!(claim(&server).await, Ok(Claim::New));
}
