//! Writes under a lease, and notes.

use std::collections::BTreeSet;

use guardrail_policy::ledger::{About, Note};
use guardrail_runner::ports::{Keep, KeepError};
use serde_json::{Value, json};

use super::super::server::{Reply, Request, Server};
use super::{
    abouts, at, cancelled, expected, key, lease, ledger, note, now, readable, record, refused, sent, text, unavailable,
    who,
};
use crate::LEDGER;

const LATER: &str = "2026-03-03T10:00:00Z";
const MINE: &str = "owner = delivery-1";

fn fine(_: &Request) -> Reply {
    Reply::Fine("{}".to_owned())
}

fn notes() -> [Note; 3] {
    let other = About::Principal("somebody".to_owned());
    [
        note("one", LATER),
        Note {
            about: other,
            ..note("one", LATER)
        },
        note("two", LATER),
    ]
}

fn items(request: &Request) -> Vec<Value> {
    sent(request)["TransactItems"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_intent_is_one_transaction_with_one_update_for_each_item() {
    let server = Server::start(fine).await;
    ledger(&server)
        .await
        .intend(&key(), &lease(), &record(), &notes())
        .await
        .unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].action, "TransactWriteItems");
    let items = items(&requests[0]);
    let updates: Vec<_> = items.iter().map(|item| readable(&item["Update"])).collect();
    let [one, other, two] = notes();
    let entry = format!(
        "SET stage = intended, record = {}",
        text(&record().for_ledger(usize::MAX))
    );
    let mine = format!("SET expires = …, one = {}, two = {}", text(&one), text(&two));
    let others = format!("SET expires = …, one = {}", text(&other));
    assert_eq!(
        updates,
        [
            expected(key().as_str(), &entry, MINE),
            expected(&who().to_string(), &mine, ""),
            expected("principal#somebody", &others, ""),
        ]
    );
    assert!(items.iter().all(|item| item["Update"]["TableName"] == "guardrail"));
    assert!(sent(&requests[0])["ClientRequestToken"].is_string());
}

#[tokio::test]
async fn an_outcome_is_one_transaction_of_the_entry_and_the_record() {
    let server = Server::start(fine).await;
    ledger(&server).await.settle(&key(), &lease(), &record()).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let items = items(&requests[0]);
    let update = format!("SET stage = settled, record = {}", text(&record()));
    assert_eq!(readable(&items[0]["Update"]), expected(key().as_str(), &update, MINE));
    let put = &items[1]["Put"];
    assert_eq!(put["TableName"], "guardrail");
    assert_eq!(put["Item"]["key"]["S"], record().record_id);
    assert_eq!(put["Item"]["record"]["S"], text(&record()));
    let days = days_ahead(&put["Item"]["expires"]);
    assert_eq!((days, items.len()), (90, 2));
}

/// In how many days from now an item expires.
fn days_ahead(expires: &Value) -> i64 {
    let expires: i64 = expires["N"].as_str().unwrap().parse().unwrap();
    let seconds = expires - guardrail_policy::jiff::Timestamp::now().as_second();
    (seconds + 3600) / 86_400
}

#[tokio::test]
async fn notes_and_entries_expire_after_their_days_by_the_clock_of_the_day() {
    let server = Server::start(fine).await;
    let ledger = ledger(&server).await;
    let _unparsable = ledger.claim(&key(), &lease(), now()).await;
    ledger.note(&[note("one", LATER)]).await.unwrap();
    for request in server.requests() {
        let sent = sent(&request);
        let names = sent["ExpressionAttributeNames"].as_object().unwrap();
        let (expires, _) = names.iter().find(|(_, name)| *name == "expires").unwrap();
        let update = sent["UpdateExpression"].as_str().unwrap();
        let (_, value) = update.split_once(&format!("{expires} = ")).unwrap();
        let value = value.split(',').next().unwrap();
        assert_eq!(days_ahead(&sent["ExpressionAttributeValues"][value]), 15);
    }
}

#[tokio::test]
async fn what_changes_one_item_is_one_update_without_a_transaction() {
    let server = Server::start(fine).await;
    let ledger = ledger(&server).await;
    ledger.told(&key(), &lease(), &[]).await.unwrap();
    ledger.release(&key(), &lease()).await.unwrap();
    ledger.note(&[note("one", LATER)]).await.unwrap();
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.action == "UpdateItem"));
    let updates: Vec<_> = requests.iter().map(|request| readable(&sent(request))).collect();
    let one = format!("SET expires = …, one = {}", text(&note("one", LATER)));
    assert_eq!(
        updates,
        [
            expected(key().as_str(), "SET stage = told REMOVE record", MINE),
            expected(key().as_str(), "SET lease_until = 0", MINE),
            expected(&who().to_string(), &one, ""),
        ]
    );
}

#[tokio::test]
async fn done_with_and_notes_are_one_transaction() {
    let server = Server::start(fine).await;
    ledger(&server).await.told(&key(), &lease(), &notes()).await.unwrap();
    let requests = server.requests();
    assert_eq!((requests.len(), items(&requests[0]).len()), (1, 3));
}

#[tokio::test]
async fn an_entry_that_somebody_else_holds_is_lost() {
    let server = Server::start(|request| match request.action.as_str() {
        "TransactWriteItems" => cancelled(&["ConditionalCheckFailed", "TransactionConflict"]),
        _ => refused("ConditionalCheckFailedException", json!({})),
    })
    .await;
    let ledger = ledger(&server).await;
    let lost = Err(KeepError::Lost);
    assert_eq!(ledger.intend(&key(), &lease(), &record(), &notes()).await, lost);
    assert_eq!(ledger.settle(&key(), &lease(), &record()).await, lost);
    assert_eq!(ledger.told(&key(), &lease(), &notes()).await, lost);
    assert_eq!(ledger.told(&key(), &lease(), &[]).await, lost);
    assert_eq!(ledger.release(&key(), &lease()).await, lost);
    assert_eq!(server.requests().len(), 5, "lost is lost: nothing is sent twice");
}

#[tokio::test]
async fn a_transaction_that_meets_another_is_sent_again_with_the_same_token() {
    let server = Server::start(|request| match request.nth {
        0 | 1 => cancelled(&["None", "TransactionConflict"]),
        _ => fine(request),
    })
    .await;
    assert_eq!(ledger(&server).await.settle(&key(), &lease(), &record()).await, Ok(()));
    let bodies: BTreeSet<String> = server.requests().into_iter().map(|request| request.body).collect();
    assert_eq!((server.requests().len(), bodies.len()), (3, 1));
}

#[tokio::test]
async fn what_stands_in_a_transactions_way_for_good_is_unavailable_with_its_reason() {
    for (reasons, code, attempts) in [
        (["None", "TransactionConflict"], "TransactionConflict", 3),
        (["ThrottlingError", "None"], "ThrottlingError", 3),
        (["None", "ValidationError"], "ValidationError", 1),
        (["TransactionConflict", "ValidationError"], "TransactionConflict", 1),
        (["None", "None"], "TransactionCanceledException", 1),
    ] {
        let server = Server::start(move |_| cancelled(&reasons)).await;
        let settled = ledger(&server).await.settle(&key(), &lease(), &record()).await;
        assert_eq!(settled, Err(unavailable("PutItem", code)));
        assert_eq!(server.requests().len(), attempts, "{code}");
    }
}

#[tokio::test]
async fn a_write_whose_reply_is_lost_is_sent_again_with_the_same_token() {
    let server = Server::start(|request| match request.nth {
        0 => Reply::Cut("{}".to_owned()),
        _ => fine(request),
    })
    .await;
    let ledger = ledger(&server).await;
    assert_eq!(ledger.intend(&key(), &lease(), &record(), &notes()).await, Ok(()));
    let bodies: BTreeSet<String> = server.requests().into_iter().map(|request| request.body).collect();
    assert_eq!((server.requests().len(), bodies.len()), (2, 1));
}

#[tokio::test]
async fn a_write_that_is_refused_is_unavailable() {
    let server = Server::start(|_| refused("AccessDeniedException", json!({}))).await;
    let ledger = ledger(&server).await;
    let denied = |action| Err(unavailable(action, "AccessDeniedException"));
    assert_eq!(
        ledger.intend(&key(), &lease(), &record(), &notes()).await,
        denied("UpdateItem")
    );
    assert_eq!(ledger.settle(&key(), &lease(), &record()).await, denied("PutItem"));
    assert_eq!(ledger.told(&key(), &lease(), &[]).await, denied("UpdateItem"));
    assert_eq!(ledger.note(&notes()).await, denied("UpdateItem"));
    assert_eq!(ledger.note(&[]).await, Ok(()));
}

/// An item with a note that is past, one that is not, and what else this replies to reads.
fn remembered(request: &Request) -> Reply {
    if request.action != "BatchGetItem" {
        return fine(request);
    }
    let item = json!({
        "key": { "S": who().to_string() },
        "expires": { "N": "1773741600" },
        "past": { "S": text(&note("past", "2026-03-02T09:00:00Z")) },
        "live": { "S": text(&note("live", LATER)) },
    });
    Reply::Fine(json!({ "Responses": { "guardrail": [item] } }).to_string())
}

fn tidied() -> (String, String) {
    let past = text(&note("past", "2026-03-02T09:00:00Z"));
    let update = format!("SET expires = …, one = {} REMOVE past", text(&note("one", LATER)));
    (update, format!("(attribute_not_exists(past) OR past = {past})"))
}

#[tokio::test]
async fn the_next_write_to_an_item_takes_out_what_was_seen_to_be_past() {
    let server = Server::start(remembered).await;
    let ledger = ledger(&server).await;
    assert_eq!(ledger.recall(&abouts(), now()).await, Ok(vec![note("live", LATER)]));
    for _twice in 0..2 {
        ledger
            .intend(&key(), &lease(), &record(), &[note("one", LATER)])
            .await
            .unwrap();
    }
    let requests = server.requests_for("TransactWriteItems");
    let updates: Vec<_> = requests
        .iter()
        .map(|request| readable(&items(request)[1]["Update"]))
        .collect();
    let (update, condition) = tidied();
    let plain = format!("SET expires = …, one = {}", text(&note("one", LATER)));
    let key = who().to_string();
    assert_eq!(
        updates,
        [expected(&key, &update, &condition), expected(&key, &plain, "")]
    );
}

#[tokio::test]
async fn what_was_past_and_is_written_now_is_not_taken_out() {
    let server = Server::start(remembered).await;
    let ledger = ledger(&server).await;
    ledger.recall(&abouts(), now()).await.unwrap();
    ledger.note(&[note("past", LATER)]).await.unwrap();
    let update = format!("SET expires = …, past = {}", text(&note("past", LATER)));
    let sent = sent(&server.requests_for("UpdateItem")[0]);
    assert_eq!(readable(&sent), expected(&who().to_string(), &update, ""));
}

#[tokio::test]
async fn what_was_past_and_somebody_else_wrote_anew_stays() {
    let server = Server::start(|request| match (request.action.as_str(), request.nth) {
        ("UpdateItem", 0) => refused("ConditionalCheckFailedException", json!({})),
        ("TransactWriteItems", 0) => cancelled(&["None", "ConditionalCheckFailed"]),
        _ => remembered(request),
    })
    .await;
    let ledger = ledger(&server).await;
    let one = [note("one", LATER)];
    ledger.recall(&abouts(), now()).await.unwrap();
    ledger.note(&one).await.unwrap();
    ledger.recall(&abouts(), now()).await.unwrap();
    ledger.intend(&key(), &lease(), &record(), &one).await.unwrap();
    let plain = format!("SET expires = …, one = {}", text(&one[0]));
    let plain = expected(&who().to_string(), &plain, "");
    let (update, condition) = tidied();
    let tidied = expected(&who().to_string(), &update, &condition);
    let noted: Vec<_> = server
        .requests_for("UpdateItem")
        .iter()
        .map(|request| readable(&sent(request)))
        .collect();
    assert_eq!(noted, [tidied.clone(), plain.clone()]);
    let transactions = server.requests_for("TransactWriteItems");
    let intended: Vec<_> = transactions
        .iter()
        .map(|request| readable(&items(request)[1]["Update"]))
        .collect();
    assert_eq!(intended, [tidied, plain]);
}

#[tokio::test]
async fn the_ledger_calls_just_the_actions_of_its_line_in_the_table() {
    let server = Server::start(remembered).await;
    let ledger = ledger(&server).await;
    let _unparsable = ledger.claim(&key(), &lease(), at(LATER)).await;
    ledger.recall(&abouts(), now()).await.unwrap();
    ledger.intend(&key(), &lease(), &record(), &notes()).await.unwrap();
    ledger.settle(&key(), &lease(), &record()).await.unwrap();
    ledger.told(&key(), &lease(), &notes()).await.unwrap();
    ledger.release(&key(), &lease()).await.unwrap();
    ledger.note(&notes()).await.unwrap();
    // Only people look a record up by its id.
    let called: BTreeSet<String> = server.requests().iter().flat_map(granted).collect();
    assert_eq!(called, LEDGER.actions.iter().map(ToString::to_string).collect());
}

/// The IAM actions that a request needs: a transaction, what it does to each item.
fn granted(request: &Request) -> Vec<String> {
    if request.action != "TransactWriteItems" {
        return vec![format!("dynamodb:{}", request.action)];
    }
    let items = items(request);
    let kinds = items.iter().flat_map(|item| item.as_object().unwrap().keys());
    kinds.map(|kind| format!("dynamodb:{kind}Item")).collect()
}
