//! Bare records, envelopes, and what is neither.

use guardrail_policy::event::{Door, parse};
use serde_json::{Value, json};

use crate::fixtures::{changed, event, text};

#[test]
fn an_envelope_gives_the_same_event_as_the_bare_record_in_it() {
    let (door, enveloped) = parse(text("envelope").as_bytes()).unwrap();
    assert_eq!(door, Door::Envelope);
    let (door, bare) = parse(text("authorize-egress-nested").as_bytes()).unwrap();
    assert_eq!(door, Door::Record);
    assert_eq!(enveloped, bare);
}

#[test]
fn an_envelope_of_a_service_event_is_taken_and_is_not_ours() {
    assert_eq!(event("envelope-service-event").call.name(), None);
}

#[test]
fn a_replayed_envelope_says_so() {
    assert_eq!(event("envelope-replayed").replay.as_deref(), Some("march-again"));
}

#[test]
fn an_envelope_that_contradicts_its_record_is_refused_as_forged() {
    let account = changed("envelope", |envelope| envelope["account"] = json!("444455556666")).unwrap_err();
    assert_eq!(
        account,
        "the envelope's `account` is `444455556666` and its record says `111122223333`: refused as forged, find out who may call PutEvents on this bus"
    );
    let region = changed("envelope", |envelope| {
        envelope["detail"]["awsRegion"] = json!("us-east-1")
    })
    .unwrap_err();
    assert!(
        region.contains("`region` is `eu-west-1` and its record says `us-east-1`"),
        "{region}"
    );
    let source = changed("envelope", |envelope| envelope["source"] = json!("my.app")).unwrap_err();
    assert!(source.contains("`source` is `my.app`"), "{source}");
}

#[test]
fn an_envelope_must_say_its_account_region_and_source_for_only_eventbridge_can() {
    for field in ["account", "region", "source", "detail"] {
        let error = changed("envelope", |envelope| envelope[field] = Value::Null).unwrap_err();
        assert!(error.starts_with(&format!("the event has no `{field}`")), "{error}");
    }
}

#[test]
fn a_record_without_a_recipient_belongs_to_the_envelopes_account_and_not_to_the_callers() {
    let event = changed("envelope", |envelope| {
        envelope["detail"]["recipientAccountId"] = Value::Null;
        envelope["detail"]["userIdentity"]["accountId"] = json!("444455556666");
    });
    assert_eq!(event.unwrap().account.unwrap().as_str(), "111122223333");
}

#[test]
fn an_envelope_around_something_else_is_refused_with_the_remedy() {
    let error = changed("envelope", |envelope| {
        envelope["detail-type"] = json!("EC2 Instance State-change Notification")
    });
    assert_eq!(
        error.unwrap_err(),
        "an envelope of detail-type `EC2 Instance State-change Notification` holds no API call: let the EventBridge rule match `AWS API Call via CloudTrail` only"
    );
}

#[test]
fn what_is_no_event_is_refused_with_what_where_and_the_remedy() {
    let refused = |bytes: &[u8]| parse(bytes).unwrap_err().to_string();
    insta::assert_snapshot!(refused(b""), @"the event is not JSON (line 1, column 0: EOF while parsing a value): pass one CloudTrail record, or the EventBridge envelope around it, whole");
    insta::assert_snapshot!(refused(b"{\n  \"eventName\": nope }"), @"the event is not JSON (line 2, column 17: expected ident): pass one CloudTrail record, or the EventBridge envelope around it, whole");
    insta::assert_snapshot!(refused(b"[]"), @"the event is a list, not a JSON object: pass one CloudTrail record, or the EventBridge envelope around it");
    insta::assert_snapshot!(refused(b"{\"Records\":[{}]}"), @"the event is a batch (`Records`): pass each of its records by itself");
    insta::assert_snapshot!(refused(b"{}"), @"the event has no `eventSource`: pass the CloudTrail record as it was delivered, with nothing cut away");
    insta::assert_snapshot!(refused(&vec![b' '; 1024 * 1024 + 1]), @"the event has 1048577 bytes and an event has at most 1048576: pass one event, not a file of them");
}

#[test]
fn every_record_must_say_its_source_name_time_and_region() {
    for field in ["eventSource", "eventName", "eventTime", "awsRegion"] {
        let error = changed("create-vpc", |record| record[field] = Value::Null).unwrap_err();
        assert!(error.starts_with(&format!("the event has no `{field}`")), "{error}");
    }
    let error = changed("create-vpc", |record| record["eventTime"] = json!("yesterday")).unwrap_err();
    assert_eq!(
        error,
        "the event's `eventTime` cannot be read: `yesterday` is not a time: write it like `2027-01-31T23:59:59Z`"
    );
}

#[test]
fn a_bomb_of_nested_lists_is_refused_and_does_not_overflow_the_stack() {
    let bomb = format!(
        "{{\"requestParameters\":{}{}}}",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    let error = parse(bomb.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("recursion limit exceeded"), "{error}");
}
