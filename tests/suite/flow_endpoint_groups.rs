//! Endpoints whose groups let in more than their clients: the compiled `vpc-endpoints` and `security-groups` tell.

use harness::network;
use harness::stage::{NOTIFY_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::endpoints::{makes, modifies, performs, record_of, stage_to_tell};
use crate::reading::{assert_silence, findings_of, only_notice, passed_by, reason, text_at};

const RULE: &str = "endpoint-security-group";

/// Ingress on 443 from a block.
fn https_from(block: &str) -> Value {
    json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": block}]}])
}

fn class(record: &Value) -> &str {
    let [finding] = findings_of(RULE, record) else {
        panic!("not one finding: {record:#}")
    };
    text_at(finding, "/class")
}

/// A group that lets HTTPS in from a block.
fn group_open_to(stage: &Stage, block: &str) -> String {
    let group = network::security_group(&stage.owner, &stage.network.vpc, "wide").unwrap();
    let parameters = json!({"GroupId": group, "IpPermissions": https_from(block)});
    let made = stage.owner.call("ec2", "authorize_security_group_ingress", &parameters);
    made.unwrap();
    group
}

#[test]
fn an_endpoint_made_without_groups_is_found_on_the_default_group() {
    let mut stage = stage_to_tell();
    let (endpoint, event) = makes(&stage, "sts", &json!({"SecurityGroupIds": []}));
    assert_eq!(class(&record_of(&mut stage, &event)), "default-group");
    let notice = only_notice(&stage).json();
    let text = text_at(&notice, "/text");
    let change = format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --add-security-group-ids");
    assert!(text.contains(&change), "{text}");
}

#[test]
fn an_endpoint_made_on_or_put_on_a_group_that_is_open_is_found() {
    let mut stage = stage_to_tell();
    let group = group_open_to(&stage, "0.0.0.0/0");
    let (_, event) = makes(&stage, "sts", &json!({"SecurityGroupIds": [group]}));
    assert_eq!(class(&record_of(&mut stage, &event)), "open-to-the-internet");
    only_notice(&stage);
    let (endpoint, event) = makes(&stage, "sqs", &json!({}));
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &event)), "clean");
    assert_silence(&stage);
    let event = modifies(&stage, &endpoint, &json!({"AddSecurityGroupIds": [group]}));
    assert_eq!(class(&record_of(&mut stage, &event)), "open-to-the-internet");
    only_notice(&stage);
}

#[test]
fn a_rule_that_opens_the_group_of_an_endpoint_wakes_the_function_of_groups() {
    let mut stage = Setting::of(NOTIFY_POLICY).function("security-groups").set().unwrap();
    let group = stage.network.endpoint_group.clone();
    for (block, expected) in [
        ("0.0.0.0/0", "open-to-the-internet"),
        ("172.31.0.0/16", "wider-than-its-clients"),
    ] {
        let parameters = json!({"GroupId": group, "IpPermissions": https_from(block)});
        let opened = performs(&stage, "authorize_security_group_ingress", &parameters);
        let record = record_of(&mut stage, &opened.record);
        let own: Vec<_> = findings_of(RULE, &record)
            .iter()
            .filter(|finding| finding["cause"] == "this_event")
            .collect();
        assert_eq!(own.len(), 1, "{record:#}");
        assert_eq!(own[0]["class"], expected);
        let notice = only_notice(&stage).json();
        let text = text_at(&notice, "/text");
        assert!(text.contains("aws ec2 revoke-security-group-ingress"), "{text}");
    }
}

#[test]
fn a_rule_of_a_group_that_no_endpoint_is_on_or_for_another_port_is_not_looked_at_further() {
    let mut stage = Setting::of(NOTIFY_POLICY).function("security-groups").set().unwrap();
    let ssh = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    for (group, permissions) in [
        (stage.network.app_group.clone(), https_from("0.0.0.0/0")),
        (stage.network.endpoint_group.clone(), ssh),
    ] {
        let parameters = json!({"GroupId": group, "IpPermissions": permissions});
        let opened = performs(&stage, "authorize_security_group_ingress", &parameters);
        let record = record_of(&mut stage, &opened.record);
        assert_eq!(reason(&record), "not_touched", "{record:#}");
        assert_silence(&stage);
    }
}
