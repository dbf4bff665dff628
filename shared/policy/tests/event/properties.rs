//! What holds for any bytes, and for any record with anything wrong in it.

use guardrail_policy::event::{Event, parse};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::fixtures::{event, names, record};

#[test]
fn every_event_reads_back_from_its_own_json() {
    for name in names().iter().filter(|name| *name != "omitted-both") {
        let event = event(name);
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event, "{name}: {json}");
    }
}

#[test]
fn a_call_that_did_not_succeed_is_never_an_error_whichever_part_of_it_is_missing() {
    for name in names().iter().filter(|name| !name.starts_with("envelope")) {
        let mut failed = record(name);
        failed["errorCode"] = json!("Client.UnauthorizedOperation");
        let mut paths = Vec::new();
        collect(&failed, "", &mut paths);
        for path in paths
            .iter()
            .filter(|path| path.starts_with("/requestParameters") || path.starts_with("/responseElements"))
        {
            let mut cut = failed.clone();
            *cut.pointer_mut(path).unwrap() = Value::Null;
            assert!(parse(cut.to_string().as_bytes()).is_ok(), "{name} without {path}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn no_json_panics_and_each_error_is_one_line_that_ends_with_a_remedy(value in json_value()) {
        if let Err(error) = parse(value.to_string().as_bytes()) {
            assert_legible(&error.to_string());
        }
    }

    #[test]
    fn no_record_panics_with_any_of_its_parts_dropped_or_retyped(
        name in select(names()),
        changes in prop::collection::vec((any::<Index>(), change()), 1..4),
    ) {
        let mut record = record(&name);
        for (place, change) in changes {
            let mut paths = Vec::new();
            collect(&record, "", &mut paths);
            apply(&mut record, place.get(&paths).as_str(), change);
        }
        match parse(record.to_string().as_bytes()) {
            Ok((_, event)) => {
                let json = serde_json::to_string(&event).unwrap();
                prop_assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
            }
            Err(error) => assert_legible(&error.to_string()),
        }
    }
}

/// What is done to one part of a record.
#[derive(Debug, Clone)]
enum Change {
    Drop,
    Replace(Value),
    IntoText,
    IntoList,
    IntoItems,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => Just(Change::Drop),
        1 => Just(Change::IntoText),
        1 => Just(Change::IntoList),
        1 => Just(Change::IntoItems),
        3 => json_value().prop_map(Change::Replace),
    ]
}

fn apply(record: &mut Value, path: &str, change: Change) {
    let place = record.pointer_mut(path).unwrap();
    *place = match change {
        Change::Replace(value) => value,
        Change::IntoText => json!(place.to_string()),
        Change::IntoList => json!([place.take()]),
        Change::IntoItems => json!({ "items": place.take() }),
        Change::Drop => {
            let (parent, key) = path.rsplit_once('/').unwrap();
            if let Some(members) = record.pointer_mut(parent).unwrap().as_object_mut() {
                members.remove(key);
            }
            return;
        }
    };
}

/// Any JSON, with the keys and texts that mean something here more often than not.
fn json_value() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "tcp",
        "-1",
        "0.0.0.0/0",
        "203.0.113.7/0",
        "::/0",
        "sg-1",
        "sgr-1",
        "true",
        "AwsApiCall",
        "ec2.amazonaws.com",
    ];
    let keys = [
        "items",
        "item",
        "content",
        "tag",
        "groupId",
        "cidrIp",
        "ipProtocol",
        "detail",
        "detail-type",
        "Records",
        "XRequest",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|truth| json!(truth)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        select(texts.to_vec()).prop_map(|text| json!(text)),
        ".{0,24}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let key = prop_oneof![3 => select(keys.to_vec()).prop_map(str::to_owned), 1 => "[a-zA-Z]{1,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(key, inner, 0..4).prop_map(|members| json!(members)),
        ]
    })
}

/// JSON pointers to every part of a value but the whole.
fn collect(value: &Value, path: &str, paths: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, child)| (key.replace('~', "~0").replace('/', "~1"), child))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, child)| (index.to_string(), child))
            .collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        let path = format!("{path}/{key}");
        collect(child, &path, paths);
        paths.push(path);
    }
}

/// One line, lower case at the start, with a remedy behind a colon.
fn assert_legible(message: &str) {
    assert!(message.starts_with("the ") || message.starts_with("an "), "{message}");
    assert!(message.contains(": "), "{message}");
    assert!(!message.contains(char::is_control), "{message:?}");
}
