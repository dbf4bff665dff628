//! The calls about what the guardrail may be made of: what they are about, and what becomes of it.

use guardrail_policy::event::{CallName, EventError, parse};
use serde_json::{Value, json};

use crate::fixtures::{call, changed, event};

/// A target that the call names no account or Region of.
fn named(kind: &str, name: &str) -> Value {
    json!({ "kind": kind, "name": name })
}

/// A target whose ARN the call gives.
fn of_arn(kind: &str, name: &str) -> Value {
    json!({ "kind": kind, "name": name, "account": "111122223333", "region": "eu-west-1" })
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row for each call")]
fn every_call_names_its_part_and_says_what_becomes_of_it() {
    let gone = json!("taken_away");
    let to = |respects: &[&str]| json!({ "changed": respects });
    let rule = || named("rule", "vpc-guardrail-security-groups-immediate");
    let function = || of_arn("function", "vpc-guardrail-security-groups");
    let queue =
        json!({ "kind": "queue", "name": "vpc-guardrail-security-groups-immediate", "account": "111122223333" });
    let switch = || named("parameter", "guardrail/vpc-guardrail/max-mode");
    let role = || named("role", "vpc-guardrail-security-groups-eu-west-1");
    for (name, target, change) in [
        ("stop-logging", named("trail", "organisation"), gone.clone()),
        ("delete-trail", named("trail", "organisation"), gone.clone()),
        (
            "update-trail",
            named("trail", "organisation"),
            to(&["isMultiRegionTrail"]),
        ),
        ("put-event-selectors", named("trail", "organisation"), gone.clone()),
        ("disable-rule", rule(), gone.clone()),
        ("delete-rule", rule(), gone.clone()),
        ("put-rule", rule(), to(&["eventPattern", "state"])),
        ("put-targets", rule(), to(&["targets"])),
        ("remove-targets", rule(), gone.clone()),
        (
            "delete-function",
            named("function", "vpc-guardrail-security-groups"),
            gone.clone(),
        ),
        ("update-function-code", function(), to(&["s3Bucket", "s3Key"])),
        (
            "update-function-configuration",
            named("function", "vpc-guardrail-security-groups"),
            to(&["environment", "timeout"]),
        ),
        (
            "put-function-concurrency",
            named("function", "vpc-guardrail-security-groups"),
            gone.clone(),
        ),
        ("purge-queue", queue.clone(), gone.clone()),
        ("delete-queue", queue.clone(), gone.clone()),
        ("set-queue-attributes", queue, to(&["MessageRetentionPeriod", "Policy"])),
        (
            "set-topic-attributes",
            of_arn("topic", "vpc-guardrail-notices"),
            to(&["KmsMasterKeyId"]),
        ),
        ("unsubscribe", of_arn("topic", "vpc-guardrail-notices"), gone.clone()),
        ("delete-topic", of_arn("topic", "vpc-guardrail-notices"), gone.clone()),
        ("put-parameter", switch(), to(&["value"])),
        ("delete-parameter", switch(), gone.clone()),
        (
            "disable-key",
            named("key", "0a1b2c3d-0000-4000-8000-00000000000e"),
            gone.clone(),
        ),
        (
            "schedule-key-deletion",
            named("key", "0a1b2c3d-0000-4000-8000-00000000000e"),
            gone.clone(),
        ),
        ("put-role-policy", role(), to(&["policyDocument", "policyName"])),
        ("delete-role-policy", role(), gone.clone()),
        ("detach-role-policy", role(), gone.clone()),
        (
            "update-table",
            named("table", "vpc-guardrail-ledger"),
            to(&["billingMode", "provisionedThroughput"]),
        ),
        ("delete-table", named("table", "vpc-guardrail-ledger"), gone),
    ] {
        let call = call(name);
        assert_eq!(
            (&call["targets"], &call["change"]),
            (&json!([target]), &change),
            "{name}"
        );
    }
}

#[test]
fn several_parameters_are_several_targets() {
    let names = ["guardrail/vpc-guardrail/max-mode", "guardrail/policy", "app/colour"];
    let targets = names.map(|name| named("parameter", name));
    assert_eq!(call("delete-parameters")["targets"], json!(targets));
}

#[test]
fn an_event_source_mapping_is_known_by_its_function_and_by_its_queue() {
    let expected = json!([
        of_arn("function", "vpc-guardrail-security-groups"),
        of_arn("queue", "vpc-guardrail-security-groups-immediate"),
    ]);
    for name in ["update-event-source-mapping", "delete-event-source-mapping"] {
        assert_eq!(call(name)["targets"], expected, "{name}");
    }
    let unknown = changed("update-event-source-mapping", |record| {
        record["responseElements"] = Value::Null;
    });
    assert!(unknown.unwrap_err().contains("functionArn"));
}

/// What becomes of the part, after the request was changed.
fn change_of(name: &str, request: Value) -> Value {
    let event = changed(name, |record| record["requestParameters"] = request);
    json!(event.unwrap().call)["change"].clone()
}

#[test]
fn a_mapping_that_is_switched_on_and_otherwise_left_alone_is_told_apart() {
    let change = |request| change_of("update-event-source-mapping", request);
    assert_eq!(change(json!({ "uUID": "e5", "enabled": true })), json!("switched_on"));
    assert_eq!(
        change(json!({ "uUID": "e5", "enabled": true, "functionName": "other" })),
        json!("switched_on"),
        "whose it is, its target says"
    );
    assert_eq!(
        change(json!({ "uUID": "e5", "enabled": true, "batchSize": 1 })),
        json!({ "changed": ["batchSize", "enabled"] })
    );
}

#[test]
fn a_rule_that_is_written_disabled_and_a_function_without_concurrency_are_taken_away() {
    assert_eq!(
        change_of("put-rule", json!({ "name": "r", "state": "DISABLED" })),
        json!("taken_away")
    );
    let some = json!({ "functionName": "f", "reservedConcurrentExecutions": 2 });
    assert_eq!(
        change_of("put-function-concurrency", some),
        json!({ "changed": ["reservedConcurrentExecutions"] })
    );
}

#[test]
fn asking_whether_code_could_be_changed_changes_nothing() {
    let asked = json!({ "functionName": "f", "dryRun": true });
    assert_eq!(change_of("update-function-code", asked), json!("nothing"));
}

#[test]
fn selectors_that_keep_the_changing_management_events_are_a_change_and_others_take_the_trail_away() {
    let plain = |included: bool, kind: &str| json!({ "trailName": "t", "eventSelectors": [{ "includeManagementEvents": included, "readWriteType": kind }] });
    let advanced =
        |fields: Value| json!({ "trailName": "t", "advancedEventSelectors": [{ "fieldSelectors": fields }] });
    let management = json!({ "field": "eventCategory", "equals": ["Management"] });
    let kept = json!({ "changed": ["eventSelectors"] });
    for (request, expected) in [
        (plain(true, "All"), kept.clone()),
        (plain(true, "WriteOnly"), kept),
        (plain(true, "ReadOnly"), json!("taken_away")),
        (plain(false, "All"), json!("taken_away")),
        (
            advanced(json!([management])),
            json!({ "changed": ["advancedEventSelectors"] }),
        ),
        (
            advanced(json!([management, { "field": "readOnly", "equals": ["true"] }])),
            json!("taken_away"),
        ),
        (
            advanced(json!([{ "field": "eventCategory", "equals": ["Data"] }])),
            json!("taken_away"),
        ),
    ] {
        assert_eq!(change_of("put-event-selectors", request.clone()), expected, "{request}");
    }
}

#[test]
fn a_rule_of_another_bus_has_the_bus_before_its_name() {
    let other = changed("disable-rule", |record| {
        record["requestParameters"]["eventBusName"] = json!("arn:aws:events:eu-west-1:111122223333:event-bus/orders");
    });
    let name = "orders/vpc-guardrail-security-groups-immediate";
    assert_eq!(json!(other.unwrap().call)["targets"], json!([named("rule", name)]));
    let default = changed("disable-rule", |record| {
        record["requestParameters"]["eventBusName"] = json!("default")
    });
    assert_eq!(json!(default.unwrap().call), call("disable-rule"));
}

#[test]
fn tags_are_read_with_the_vpcs_among_the_resources() {
    assert_eq!(
        call("create-tags"),
        json!({
            "action": "CreateTags",
            "vpcs": ["vpc-0a1b2c3d4e5f60001"],
            "tags": [{ "key": "connectivity", "value": "public" }],
        })
    );
    let several = changed("delete-tags", |record| {
        record["requestParameters"]["resourcesSet"]["items"] =
            json!([{ "resourceId": "i-0a1b2c3d4e5f60001" }, { "resourceId": "vpc-0a1b2c3d4e5f60002" }]);
        record["requestParameters"]["tagSet"] = json!({ "items": [{ "key": "a" }, { "key": "b", "value": "" }] });
    });
    assert_eq!(
        json!(several.unwrap().call),
        json!({
            "action": "DeleteTags",
            "vpcs": ["vpc-0a1b2c3d4e5f60002"],
            "tags": [{ "key": "a" }, { "key": "b" }],
        })
    );
    let all = changed("delete-tags", |record| {
        record["requestParameters"]["tagSet"] = json!({})
    });
    assert_eq!(json!(all.unwrap().call)["tags"], json!([]));
}

#[test]
fn a_call_that_does_not_say_what_it_was_about_is_an_error_of_one_line() {
    for name in CallName::OF_PARTS.iter().filter(|name| name.service() != "lambda") {
        let fixture = kebab(name.name());
        let error = changed(&fixture, |record| record["requestParameters"] = json!({ "other": 1 }));
        let error = error.unwrap_err();
        assert!(
            error.contains("requestParameters.") && error.lines().count() == 1,
            "{name}: {error}"
        );
    }
    let error = parse(br#"{"eventSource":"ec2.amazonaws.com","eventName":"DeleteTags"}"#);
    assert!(matches!(error, Err(EventError::Missing { .. })));
}

/// `StopLogging` as its fixture is called.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

#[test]
fn a_call_is_known_by_what_it_names() {
    assert_eq!(event("delete-tags").call.subjects(), ["vpc-0a1b2c3d4e5f60001"]);
    assert_eq!(
        event("disable-rule").call.subjects(),
        ["vpc-guardrail-security-groups-immediate"]
    );
    assert_eq!(event("disable-rule").call.name(), Some(CallName::DisableRule));
}
