//! Reads: notes and records.

use guardrail_policy::ledger::{About, Abouts};
use guardrail_runner::ports::Keep;
use serde_json::{Value, json};

use super::super::server::{Reply, Server, half};
use super::super::{HASTY, PATIENT, aws_at};
use super::{abouts, ledger, note, now, record, refused, sent, text, unavailable, who};
use crate::Timeouts;

const LATER: &str = "2026-03-03T10:00:00Z";

fn item(about: &About, notes: Value) -> Value {
    let mut item = json!({ "key": { "S": about.to_string() }, "expires": { "N": "1773741600" } });
    item.as_object_mut().unwrap().extend(notes.as_object().unwrap().clone());
    item
}

fn responses(items: &[Value]) -> String {
    json!({ "Responses": { "guardrail": items }, "UnprocessedKeys": {} }).to_string()
}

/// A reply that leaves these keys out.
fn unprocessed(keys: &Value) -> Reply {
    let left = json!({ "guardrail": { "Keys": keys, "ConsistentRead": true } });
    Reply::Fine(json!({ "Responses": { "guardrail": [] }, "UnprocessedKeys": left }).to_string())
}

#[tokio::test]
async fn notes_are_recalled_with_one_consistent_read() {
    let other = About::Principal("somebody".to_owned());
    let theirs = guardrail_policy::ledger::Note {
        about: other.clone(),
        ..note("b", LATER)
    };
    let items = [
        item(&other, json!({ "b": { "S": text(&theirs) } })),
        item(
            &who(),
            json!({ "c": { "S": text(&note("c", LATER)) }, "a": { "S": text(&note("a", LATER)) } }),
        ),
    ];
    let server = Server::start(move |_| Reply::Fine(responses(&items))).await;
    let about: Abouts = [who(), other].into();
    let recalled = ledger(&server).await.recall(&about, now()).await;
    assert_eq!(recalled, Ok(vec![note("a", LATER), note("c", LATER), theirs]));
    let requests = server.requests();
    assert_eq!((requests.len(), requests[0].action.as_str()), (1, "BatchGetItem"));
    let wanted = &sent(&requests[0])["RequestItems"]["guardrail"];
    assert_eq!(wanted["ConsistentRead"], true);
    let keys: Vec<Value> = about
        .iter()
        .map(|about| json!({ "key": { "S": about.to_string() } }))
        .collect();
    assert_eq!(wanted["Keys"], Value::Array(keys));
}

#[tokio::test]
async fn nothing_is_asked_about_nothing() {
    let server = Server::start(|_| Reply::Held).await;
    assert_eq!(ledger(&server).await.recall(&Abouts::new(), now()).await, Ok(vec![]));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn more_than_a_hundred_are_read_in_several_calls() {
    let about: Abouts = (0..230).map(|n| About::Principal(format!("principal-{n}"))).collect();
    let server = Server::start(|_| Reply::Fine(responses(&[]))).await;
    assert_eq!(ledger(&server).await.recall(&about, now()).await, Ok(vec![]));
    let asked: Vec<usize> = server
        .requests()
        .iter()
        .map(|request| {
            sent(request)["RequestItems"]["guardrail"]["Keys"]
                .as_array()
                .unwrap()
                .len()
        })
        .collect();
    assert_eq!(asked, [100, 100, 30]);
}

#[tokio::test]
async fn keys_that_are_left_out_are_asked_for_again() {
    let server = Server::start(|request| match request.nth {
        0 | 1 => unprocessed(&sent(request)["RequestItems"]["guardrail"]["Keys"]),
        _ => Reply::Fine(responses(&[item(
            &who(),
            json!({ "a": { "S": text(&note("a", LATER)) } }),
        )])),
    })
    .await;
    let recalled = ledger(&server).await.recall(&abouts(), now()).await;
    assert_eq!(recalled, Ok(vec![note("a", LATER)]));
    let wanted: Vec<Value> = server
        .requests()
        .iter()
        .map(|request| sent(request)["RequestItems"].clone())
        .collect();
    assert_eq!(wanted.len(), 3);
    assert_eq!(wanted[0], wanted[2], "consistently");
}

#[tokio::test]
async fn keys_that_stay_left_out_are_no_answer() {
    let server = Server::start(|request| unprocessed(&sent(request)["RequestItems"]["guardrail"]["Keys"])).await;
    let recalled = ledger(&server).await.recall(&abouts(), now()).await;
    assert_eq!(recalled, Err(unavailable("BatchGetItem", "UnprocessedKeys")));
    let timeouts = Timeouts {
        operation: std::time::Duration::from_millis(200),
        backoff: std::time::Duration::from_secs(60),
        ..PATIENT
    };
    let ledger = aws_at(server.url(), timeouts).await.ledger("guardrail");
    let recalled = ledger.recall(&abouts(), now()).await;
    assert_eq!(recalled, Err(unavailable("BatchGetItem", "Timeout")));
}

#[tokio::test]
async fn half_a_reply_is_never_a_ledger_that_remembers_less() {
    let whole = responses(&[item(&who(), json!({ "a": { "S": text(&note("a", LATER)) } }))]);
    let shortened = half(whole.clone());
    for reply in [Reply::Fine(shortened), Reply::Cut(whole), Reply::Fine(String::new())] {
        let server = Server::start(move |_| reply.clone()).await;
        let recalled = ledger(&server).await.recall(&abouts(), now()).await;
        assert_eq!(recalled, Err(unavailable("BatchGetItem", "Truncated")));
        assert_eq!(server.requests().len(), 3);
    }
    let server = Server::start(|_| Reply::Fine("{}".to_owned())).await;
    let recalled = ledger(&server).await.recall(&abouts(), now()).await;
    assert_eq!(recalled, Err(unavailable("BatchGetItem", "Unparsable")));
}

#[tokio::test]
async fn a_note_of_another_version_is_no_answer() {
    for odd in [
        json!({ "S": "{\"says\":\"more\"}" }),
        json!({ "S": "" }),
        json!({ "N": "1" }),
    ] {
        let item = item(&who(), json!({ "a": { "S": text(&note("a", LATER)) }, "odd": odd }));
        let server = Server::start(move |_| Reply::Fine(responses(std::slice::from_ref(&item)))).await;
        let recalled = ledger(&server).await.recall(&abouts(), now()).await;
        assert_eq!(recalled, Err(unavailable("BatchGetItem", "Unparsable")));
    }
}

#[tokio::test]
async fn a_record_is_read_consistently_by_its_id() {
    let found =
        json!({ "Item": { "key": { "S": record().record_id }, "record": { "S": text(&record()) } } }).to_string();
    let server = Server::start(move |_| Reply::Fine(found.clone())).await;
    let read = ledger(&server).await.record(&record().record_id).await;
    assert_eq!(read, Ok(Some(record())));
    let expected = json!({
        "TableName": "guardrail",
        "Key": { "key": { "S": record().record_id } },
        "ConsistentRead": true,
    });
    assert_eq!(sent(&server.requests()[0]), expected);
}

#[tokio::test]
async fn a_record_that_is_not_there_is_told_from_one_that_cannot_be_read() {
    let id = record().record_id;
    let gone = Server::start(|_| Reply::Fine("{}".to_owned())).await;
    assert_eq!(ledger(&gone).await.record(&id).await, Ok(None));
    for (fault, code) in [
        ((|| Reply::Fine(String::new())) as fn() -> Reply, "Truncated"),
        (|| refused("AccessDeniedException", json!({})), "AccessDeniedException"),
        (
            || Reply::Fine(json!({ "Item": { "record": { "S": "{}" } } }).to_string()),
            "Unparsable",
        ),
    ] {
        let server = Server::start(move |_| fault()).await;
        assert_eq!(
            ledger(&server).await.record(&id).await,
            Err(unavailable("GetItem", code))
        );
    }
    let held = Server::start(|_| Reply::Held).await;
    let ledger = aws_at(held.url(), HASTY).await.ledger("guardrail");
    assert_eq!(ledger.record(&id).await, Err(unavailable("GetItem", "Timeout")));
    for no_key in [String::new(), "x".repeat(2049)] {
        assert_eq!(ledger.record(&no_key).await, Ok(None), "without a call");
    }
}
