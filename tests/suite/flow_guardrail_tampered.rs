//! Somebody lays hands on the guardrail itself: the compiled `apis` tells of it, whatever else is broken.

use harness::faults::{Fault, Rule};
use harness::record::Record;
use harness::stage::{NOTIFY_POLICY, REVERT_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::endpoints::performs;
use crate::reading::{
    assert_silence, comes_again, only_finding_of, only_notice, only_record, passed_by, reason, text_at,
};
use crate::scene::{SETTLED, deliver, deliver_done};

const RULE: &str = "guardrail-tampered";
const QUEUES: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/";

fn setting(policy: &str) -> Setting {
    Setting::of(policy).function("apis").with_ledger()
}

fn stage(policy: &str) -> Stage {
    setting(policy).set().unwrap()
}

/// A call that somebody made of a service which the emulated AWS need not know.
fn called(stage: &Stage, source: &str, name: &str, request: Value) -> Record {
    let name_tag = json!([{ "Key": "Name", "Value": "any" }]);
    let like = performs(
        stage,
        "create_tags",
        &json!({ "Resources": [stage.network.vpc], "Tags": name_tag }),
    );
    let like = like.record;
    like.with("eventSource", json!(format!("{source}.amazonaws.com")))
        .with("eventName", json!(name))
        .with("requestParameters", request)
        .with("responseElements", Value::Null)
}

fn disables(stage: &Stage) -> Record {
    let rule = json!({ "name": "vpc-guardrail-security-groups-immediate" });
    called(stage, "events", "DisableRule", rule)
}

/// Somebody sets or takes a tag of the network's VPC.
fn tags(stage: &Stage, call: &str, value: &str) -> Record {
    let tags = json!([{ "Key": "connectivity", "Value": value }]);
    performs(stage, call, &json!({ "Resources": [stage.network.vpc], "Tags": tags })).record
}

#[test]
fn a_rule_that_is_disabled_and_a_queue_that_is_emptied_are_told_critically_once() {
    let mut stage = stage(NOTIFY_POLICY);
    let disabled = disables(&stage);
    let record = only_record(&deliver_done(&mut stage, &disabled));
    assert_eq!(reason(&record), "found", "{record:#}");
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (text_at(finding, "/class"), text_at(finding, "/severity")),
        ("event-rule", "critical")
    );
    let text = text_at(&only_notice(&stage).json(), "/text").to_owned();
    for part in [
        "vpc-guardrail-security-groups-immediate",
        "PlatformEngineer",
        "aws events enable-rule",
    ] {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
    let again = only_record(&deliver_done(&mut stage, &disabled));
    assert_eq!(reason(&again), "handled_before");
    assert_silence(&stage);

    let url = format!("{QUEUES}vpc-guardrail-security-groups-immediate");
    let purged = called(&stage, "sqs", "PurgeQueue", json!({ "queueUrl": url }));
    let record = only_record(&deliver_done(&mut stage, &purged));
    assert_eq!(text_at(only_finding_of(RULE, &record), "/class"), "queue");
    only_notice(&stage);
}

#[test]
fn what_others_own_is_told_to_nobody() {
    let mut stage = stage(NOTIFY_POLICY);
    let url = format!("{QUEUES}orders");
    for record in [
        called(&stage, "sqs", "DeleteQueue", json!({ "queueUrl": url })),
        called(
            &stage,
            "ssm",
            "PutParameter",
            json!({ "name": "/app/colour", "value": "HIDDEN_DUE_TO_SECURITY_REASONS" }),
        ),
        called(&stage, "events", "DisableRule", json!({ "name": "nightly" })),
    ] {
        let record = only_record(&deliver_done(&mut stage, &record));
        assert_eq!(passed_by(RULE, &record), "not_selected", "{record:#}");
    }
    assert_silence(&stage);
}

#[test]
fn a_kill_switch_at_observe_does_not_silence_that_it_was_set_and_its_new_value_is_told() {
    let mut stage = setting(NOTIFY_POLICY).with_kill_switch("revert").set().unwrap();
    let switch = stage.kill_switch.as_ref().unwrap();
    let set = json!({ "name": switch.name(), "value": "HIDDEN_DUE_TO_SECURITY_REASONS", "overwrite": true });
    switch.turn("observe").unwrap();
    let record = called(&stage, "ssm", "PutParameter", set);
    let record = only_record(&deliver_done(&mut stage, &record));
    assert_eq!(text_at(only_finding_of(RULE, &record), "/class"), "kill-switch");
    let text = text_at(&only_notice(&stage).json(), "/text").to_owned();
    assert!(text.contains("it holds `observe` now"), "{text}");
}

#[test]
fn a_ledger_that_does_not_answer_keeps_no_message_back() {
    let (mut stage, line) = setting(NOTIFY_POLICY).set_with_faults().unwrap();
    line.fail(&Rule::on_all("dynamodb", Fault::Error("InternalServerError", 500)))
        .unwrap();
    let disabled = disables(&stage);
    let record = only_record(&deliver_done(&mut stage, &disabled));
    assert_eq!(reason(&record), "found", "{record:#}");
    assert!(record["ledger_error"].is_string(), "{record:#}");
    only_notice(&stage);
}

#[test]
fn with_a_policy_file_that_cannot_be_used_it_tells_all_the_same_and_says_so() {
    let mut stage = stage(&NOTIFY_POLICY.replace("mode: notify", "mode: notifi"));
    let disabled = disables(&stage);
    let record = only_record(&deliver_done(&mut stage, &disabled));
    assert_eq!(reason(&record), "found", "{record:#}");
    let text = text_at(&only_notice(&stage).json(), "/text").to_owned();
    assert!(
        text.contains("only this rule runs") && text.contains("notifi"),
        "{text}"
    );
}

#[test]
fn what_other_rules_should_judge_goes_back_to_its_queue_while_they_do_not_run() {
    let mut stage = stage(&NOTIFY_POLICY.replace("mode: notify", "mode: notifi"));
    let made = called(&stage, "appsync", "CreateGraphqlApi", json!({ "name": "orders" })).with(
        "responseElements",
        json!({ "graphqlApi": { "apiId": "abcdefghijklmnopqrstuvwxyz", "name": "orders", "visibility": "GLOBAL" } }),
    );
    let record = only_record(&deliver(&mut stage, &made).invocation);
    assert_eq!(
        (reason(&record), comes_again(&record)),
        ("misconfigured", true),
        "{record:#}"
    );
    assert!(text_at(&record, "/error").contains("notifi"), "{record:#}");
    assert_silence(&stage);
}

#[test]
fn the_tag_that_selects_the_vpc_is_taken_away_overwritten_and_put_back() {
    let mut stage = stage(REVERT_POLICY);
    let removed = tags(&stage, "delete_tags", "private").aged(SETTLED);
    let record = only_record(&deliver_done(&mut stage, &removed));
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (text_at(finding, "/class"), text_at(finding, "/severity")),
        ("selecting-tag-removed", "critical"),
        "{finding:#}"
    );
    let text = text_at(&only_notice(&stage).json(), "/text").to_owned();
    assert!(
        text.contains(&format!("aws ec2 create-tags --resources {}", stage.network.vpc)),
        "{text}"
    );

    let put_back = tags(&stage, "create_tags", "private").aged(SETTLED);
    let record = only_record(&deliver_done(&mut stage, &put_back));
    assert_eq!(passed_by(RULE, &record), "not_touched", "{record:#}");

    let overwritten = tags(&stage, "create_tags", "public").aged(SETTLED);
    let record = only_record(&deliver_done(&mut stage, &overwritten));
    let finding = only_finding_of(RULE, &record);
    assert_eq!(text_at(finding, "/class"), "selecting-tag-overwritten", "{finding:#}");
}

#[test]
fn a_call_that_failed_is_told_to_nobody() {
    let mut stage = stage(NOTIFY_POLICY);
    let denied = disables(&stage).with("errorCode", json!("AccessDenied"));
    let record = only_record(&deliver_done(&mut stage, &denied));
    assert_eq!(reason(&record), "failed_call");
    assert_silence(&stage);
}
