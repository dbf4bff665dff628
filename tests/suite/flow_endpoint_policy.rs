//! Endpoint policies that leave nothing out: the compiled `vpc-endpoints` tells, or sets the policy that the file gives.

use harness::stage::{NOTIFY_POLICY, REVERT_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::endpoints::{endpoint_now, makes, modifies, performs, record_of, service};
use crate::reading::{assert_silence, findings_of, only_notice, passed_by, reason, text_at};

const RULE: &str = "endpoint-policy";
const NARROW: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}]}"#;

fn stage_that_sets() -> Stage {
    let policy = format!(
        "{REVERT_POLICY}rules:\n  gateway-route: {{ mode: observe }}\n  {RULE}: {{ remedy: set-policy, document: {NARROW} }}\n"
    );
    let setting = Setting::of(&policy).function("vpc-endpoints");
    setting.with_ledger().set().unwrap()
}

/// The condition of the only statement of an endpoint's policy.
fn condition(stage: &Stage, endpoint: &str) -> Value {
    let now = endpoint_now(stage, endpoint);
    let policy: Value = serde_json::from_str(text_at(&now, "/PolicyDocument")).unwrap();
    policy["Statement"][0]["Condition"].clone()
}

fn narrowed() -> Value {
    json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
}

#[test]
fn a_new_endpoint_without_a_policy_is_told_with_one_to_begin_with() {
    let mut stage = Setting::of(NOTIFY_POLICY).function("vpc-endpoints").set().unwrap();
    let (endpoint, event) = makes(&stage, "sts", &json!({}));
    let record = record_of(&mut stage, &event);
    assert_eq!(reason(&record), "found", "{record:#}");
    assert_eq!(findings_of(RULE, &record)[0]["class"], "full-access");
    let notice = only_notice(&stage).json();
    let text = text_at(&notice, "/text");
    for said in [
        "everyone may do everything",
        &format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --policy-document"),
        "aws:ResourceAccount",
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
    assert_eq!(condition(&stage, &endpoint), Value::Null, "nothing was changed");
}

#[test]
fn the_policy_of_the_file_is_set_on_a_new_interface_and_undone_by_one_command() {
    let mut stage = stage_that_sets();
    let (endpoint, event) = makes(&stage, "sts", &json!({}));
    let before = endpoint_now(&stage, &endpoint)["PolicyDocument"].clone();
    let record = record_of(&mut stage, &event);
    assert_eq!(reason(&record), "reverted", "{record:#}");
    assert_eq!(condition(&stage, &endpoint), narrowed());
    only_notice(&stage);
    // Judged again, there is nothing to find: the same event has its entry in the ledger, and another finds it narrowed.
    assert_eq!(reason(&record_of(&mut stage, &event)), "handled_before");
    assert_silence(&stage);
    let id = text_at(&record, "/record_id");
    let undone = stage.operator().unwrap().runs(&["undo", id]).unwrap();
    assert_eq!(undone.status, Some(0), "{}\n{}", undone.stdout, undone.stderr);
    let policy = |text: &Value| -> Value { serde_json::from_str(text.as_str().unwrap()).unwrap() };
    assert_eq!(
        policy(&endpoint_now(&stage, &endpoint)["PolicyDocument"]),
        policy(&before)
    );
}

#[test]
fn the_policy_of_the_file_is_set_on_a_gateway_and_after_a_reset() {
    let mut stage = stage_that_sets();
    let gateway = json!({"VpcId": stage.network.vpc, "ServiceName": service("dynamodb")});
    let made = performs(&stage, "create_vpc_endpoint", &gateway);
    let endpoint = text_at(made.outcome.as_ref().unwrap(), "/VpcEndpoint/VpcEndpointId").to_owned();
    assert_eq!(reason(&record_of(&mut stage, &made.record)), "reverted");
    assert_eq!(condition(&stage, &endpoint), narrowed());
    only_notice(&stage);
    let reset = modifies(&stage, &endpoint, &json!({"ResetPolicy": true}));
    assert_eq!(condition(&stage, &endpoint), Value::Null);
    assert_eq!(reason(&record_of(&mut stage, &reset)), "reverted");
    assert_eq!(condition(&stage, &endpoint), narrowed());
    only_notice(&stage);
}

#[test]
fn a_policy_that_leaves_something_out_and_a_service_that_takes_none_are_clean() {
    let mut stage = stage_that_sets();
    let (_, narrow) = makes(&stage, "sts", &json!({"PolicyDocument": NARROW}));
    let (_, without) = makes(&stage, "inspector2", &json!({}));
    for event in [narrow, without] {
        assert_eq!(passed_by(RULE, &record_of(&mut stage, &event)), "clean");
        assert_silence(&stage);
    }
}

#[test]
fn everything_of_the_service_to_everyone_is_found_and_not_replaced_by_itself() {
    let whole = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["sts:*"],"Resource":"*"}]}"#;
    let mut stage = stage_that_sets();
    let (endpoint, event) = makes(&stage, "sts", &json!({"PolicyDocument": whole}));
    let record = record_of(&mut stage, &event);
    let [finding] = findings_of(RULE, &record) else {
        panic!("not one finding: {record:#}")
    };
    assert_eq!(finding["class"], "whole-service");
    assert!(finding["treatment"]["proposal"].is_object(), "{finding:#}");
    assert_eq!(condition(&stage, &endpoint), Value::Null);
}
