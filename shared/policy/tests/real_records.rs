//! Every real record under the folder that `GUARDRAIL_EVENTS_DIR` names becomes an event: a typed call, or one that is not ours.
//!
//! The records are not part of the project. The folder holds bare records in `.json` files, at any depth, and `.jsonl.gz`
//! files of one record a line.

#![cfg(test)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use guardrail_policy::event::{Call, CallName, Event, Outcome, RulesChange, parse};
use serde_json::Value;

#[test]
fn every_real_record_becomes_an_event_with_what_a_naive_count_finds_in_it() {
    let Some(records) = records() else { return };
    let mut typed: BTreeMap<CallName, usize> = BTreeMap::new();
    for (place, text) in &records {
        let record: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{place}: {error}"));
        let (_, event) = parse(text.as_bytes()).unwrap_or_else(|error| panic!("{place}: {error}"));
        check(place, &record, &event);
        if let Some(name) = event.call.name() {
            *typed.entry(name).or_default() += 1;
        }
    }
    eprintln!("{} real records; typed: {typed:?}", records.len());
    assert!(
        typed.contains_key(&CallName::AuthorizeSecurityGroupEgress),
        "the folder holds calls of ours: {typed:?}"
    );
}

/// Holds an event against its record, by other means than the parser's.
fn check(place: &str, record: &Value, event: &Event) {
    assert_eq!(
        event.id.as_str().len() == 36,
        record["eventID"].as_str().is_some_and(|id| id.len() == 36),
        "{place}"
    );
    assert_eq!(
        event.outcome == Outcome::Succeeded,
        record["errorCode"].is_null(),
        "{place}"
    );
    let (source, name) = (
        record["eventSource"].as_str().unwrap(),
        record["eventName"].as_str().unwrap(),
    );
    let is_ours = CallName::ALL
        .iter()
        .any(|call| call.source() == source && call.name() == name);
    let says_nothing = !record["errorCode"].is_null() && record["requestParameters"].is_null();
    let is_typed = event.call.name().is_some();
    assert!(is_typed == is_ours || is_ours && says_nothing, "{place}");
    let json = serde_json::to_string(event).unwrap();
    assert_eq!(&serde_json::from_str::<Event>(&json).unwrap(), event, "{place}");
    if let Call::AuthorizeSecurityGroupEgress(change)
    | Call::AuthorizeSecurityGroupIngress(change)
    | Call::RevokeSecurityGroupEgress(change)
    | Call::RevokeSecurityGroupIngress(change) = &event.call
    {
        check_rules(place, record, change);
    }
}

/// As many permissions as the request's text mentions peers, and as many rules as the response's has rule ids.
fn check_rules(place: &str, record: &Value, change: &RulesChange) {
    let mentions = |part: &Value, keys: &[&str]| -> usize {
        let text = part.to_string();
        keys.iter()
            .map(|key| text.matches(&format!("\"{key}\":")).count())
            .sum()
    };
    let request = &record["requestParameters"];
    let groups = mentions(&request["ipPermissions"], &["groupId"]);
    let peers = mentions(request, &["cidrIp", "cidrIpv6", "prefixListId"]) + groups;
    assert_eq!(change.permissions.len(), peers, "{place}");
    assert_eq!(
        change.rule_ids.len(),
        mentions(request, &["securityGroupRuleId"]),
        "{place}"
    );
    let response = &record["responseElements"];
    assert_eq!(
        change.rules.len(),
        mentions(response, &["securityGroupRuleId"]),
        "{place}"
    );
    assert!(
        peers + change.rule_ids.len() > 0,
        "{place}: a call about rules names one"
    );
    assert_eq!(
        change.group.id().map(|id| id.as_str()),
        request["groupId"].as_str(),
        "{place}"
    );
}

/// Every record with the place it stands at; none, said on stderr, where the variable is not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the test reads records that are not part of the project"
)]
fn records() -> Option<Vec<(String, String)>> {
    let Some(folder) = std::env::var_os("GUARDRAIL_EVENTS_DIR") else {
        eprintln!("skipped: GUARDRAIL_EVENTS_DIR names no folder of real CloudTrail records");
        return None;
    };
    let mut records = Vec::new();
    for file in files(Path::new(&folder)) {
        let place = file.display().to_string();
        if place.ends_with(".json") {
            records.push((place, std::fs::read_to_string(&file).unwrap()));
        } else if place.ends_with(".jsonl.gz") {
            let mut text = String::new();
            let bytes = std::fs::read(&file).unwrap();
            flate2::read::GzDecoder::new(bytes.as_slice())
                .read_to_string(&mut text)
                .unwrap();
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            records.extend(lines.map(|(number, line)| (format!("{place}:{}", number + 1), line.to_owned())));
        }
    }
    assert!(
        !records.is_empty(),
        "GUARDRAIL_EVENTS_DIR names a folder without records: {}",
        folder.display()
    );
    Some(records)
}

/// All files under a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}
