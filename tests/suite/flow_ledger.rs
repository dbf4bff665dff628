//! What is in the ledger's table afterwards, item by item.

use std::time::{SystemTime, UNIX_EPOCH};

use harness::stage::{NOTIFY_POLICY, Setting, Stage};
use serde_json::Value;

use crate::reading::{only_record, reason, text_at};
use crate::revert::{opens, tireless};
use crate::scene::deliver_done;

const DAY: u64 = 24 * 60 * 60;

fn stage(policy: &str) -> Stage {
    Setting::of(policy).with_ledger().set().unwrap()
}

fn open_and_deliver(stage: &mut Stage, cidr: &str) -> Value {
    let record = opens(&stage.person().unwrap(), &stage.network.app_group, cidr);
    only_record(&deliver_done(stage, &record))
}

fn items(stage: &Stage, prefix: &str) -> Vec<Value> {
    stage.ledger.as_ref().unwrap().items(prefix).unwrap()
}

/// In how many whole days from now DynamoDB may delete an item.
fn kept_for_days(item: &Value) -> u64 {
    let expires: u64 = text_at(item, "/expires/N").parse().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    (expires - now + DAY / 2) / DAY
}

#[test]
fn a_revert_leaves_an_entry_that_is_told_its_record_and_a_note_on_each_side() {
    let mut stage = stage(&tireless());
    let line = open_and_deliver(&mut stage, "0.0.0.0/0");
    assert_eq!(reason(&line), "reverted");

    let [entry] = &items(&stage, "event-")[..] else {
        panic!("one entry")
    };
    assert_eq!(entry["stage"]["S"], "told");
    assert!(entry.get("record").is_none(), "its record is kept by its own id");
    assert_eq!(kept_for_days(entry), 15);

    let [kept] = &items(&stage, "record-")[..] else {
        panic!("one record")
    };
    assert_eq!(text_at(kept, "/key/S"), text_at(&line, "/record_id"));
    assert_eq!(kept_for_days(kept), 90);
    let record: Value = serde_json::from_str(text_at(kept, "/record/S")).unwrap();
    for same in ["record_id", "reason", "event", "inputs", "outcomes"] {
        assert_eq!(record[same], line[same], "{same}");
    }

    let ledger = stage.ledger.as_ref().unwrap();
    let of_principal = ledger.notes("principal#").unwrap();
    let of_resource = ledger.notes("resource#").unwrap();
    assert_eq!((of_principal.len(), of_resource.len()), (1, 1));
    for note in of_principal.iter().chain(&of_resource) {
        let revert = &note["says"]["reverted"];
        assert_eq!(revert["record"], line["record_id"]);
        assert_eq!(revert["principal"], "arn:aws:iam::111122223333:role/PlatformEngineer");
        assert!(revert["closed"].to_string().contains("0.0.0.0/0"), "{revert}");
    }
    let key = format!("resource#111122223333#eu-west-1#{}", stage.network.app_group);
    assert_eq!(items(&stage, &key).len(), 1);
    assert_eq!(items(&stage, "").len(), 4, "and nothing else");
}

#[test]
fn a_clean_event_leaves_only_that_it_was_handled() {
    let mut stage = stage(&tireless());
    assert_eq!(reason(&open_and_deliver(&mut stage, "10.99.0.0/16")), "clean");
    let all = items(&stage, "");
    assert_eq!(all.len(), 1);
    assert_eq!(stage.ledger.as_ref().unwrap().stages().unwrap(), ["told"]);
}

#[test]
fn what_is_only_told_keeps_its_record_and_counts_as_no_revert() {
    let mut stage = stage(NOTIFY_POLICY);
    assert_eq!(reason(&open_and_deliver(&mut stage, "0.0.0.0/0")), "found");
    assert_eq!(items(&stage, "record-").len(), 1);
    assert_eq!(items(&stage, "event-").len(), 1);
    assert_eq!(items(&stage, "").len(), 2);
}
