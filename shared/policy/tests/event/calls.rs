//! The other calls that touch groups: who is in them, and what their rules refer to.

use guardrail_policy::event::CallName;
use serde_json::{Value, json};

use crate::fixtures::{call, changed, event};

#[test]
fn a_new_group_is_told_from_the_response_with_its_vpc_and_name() {
    assert_eq!(
        call("create-security-group"),
        json!({
            "action": "CreateSecurityGroup",
            "group": "sg-0a1b2c3d4e5f60001",
            "vpc": "vpc-0a1b2c3d4e5f60001",
            "name": "app-20260302",
        })
    );
}

#[test]
fn a_new_vpc_is_told_from_the_response_in_either_dialect() {
    assert_eq!(
        call("create-vpc"),
        json!({ "action": "CreateVpc", "vpc": "vpc-0a1b2c3d4e5f60001" })
    );
    assert_eq!(
        call("create-default-vpc"),
        json!({ "action": "CreateDefaultVpc", "vpc": "vpc-0a1b2c3d4e5f60001" })
    );
    assert_eq!(
        call("create-default-vpc-wrapped"),
        json!({ "action": "CreateDefaultVpc", "vpc": "vpc-0a1b2c3d4e5f60002" })
    );
}

#[test]
fn a_changed_prefix_list_is_told_by_id() {
    let list = "pl-0a1b2c3d4e5f60001";
    assert_eq!(
        call("modify-prefix-list"),
        json!({ "action": "ModifyManagedPrefixList", "list": list })
    );
    assert_eq!(
        call("restore-prefix-list"),
        json!({ "action": "RestoreManagedPrefixListVersion", "list": list })
    );
}

#[test]
fn a_prefix_list_whose_request_was_omitted_is_told_from_the_response() {
    let event = changed("modify-prefix-list", |record| {
        record["requestParameters"] = json!({ "omitted": true })
    });
    assert_eq!(json!(event.unwrap().call), call("modify-prefix-list"));
}

#[test]
fn an_interfaces_new_groups_are_told_apart_from_its_other_attributes() {
    let interface = "eni-0a1b2c3d4e5f60001";
    assert_eq!(
        call("modify-interface-groups"),
        json!({
            "action": "ModifyNetworkInterfaceAttribute",
            "interface": interface,
            "groups": ["sg-0a1b2c3d4e5f60001", "sg-0a1b2c3d4e5f60002"],
        })
    );
    assert_eq!(
        call("modify-interface-source-check"),
        json!({ "action": "ModifyNetworkInterfaceAttribute", "interface": interface })
    );
}

#[test]
fn a_new_interface_has_the_groups_of_the_response_where_the_request_names_none() {
    assert_eq!(
        call("create-interface-default-group"),
        json!({
            "action": "CreateNetworkInterface",
            "interface": "eni-0a1b2c3d4e5f60001",
            "groups": ["sg-0a1b2c3d4e5f60002"],
            "subnet": "subnet-0a1b2c3d4e5f60001",
        })
    );
}

#[test]
fn an_interface_that_was_not_made_has_the_groups_and_subnet_that_were_asked_for() {
    let event = changed("create-interface-default-group", |record| {
        record["requestParameters"]["groupSet"] = json!({ "items": [{ "groupId": "sg-0a1b2c3d4e5f60001" }] });
        record["responseElements"] = Value::Null;
        record["errorCode"] = json!("Client.NetworkInterfaceLimitExceeded");
    });
    assert_eq!(
        json!(event.unwrap().call),
        json!({
            "action": "CreateNetworkInterface",
            "groups": ["sg-0a1b2c3d4e5f60001"],
            "subnet": "subnet-0a1b2c3d4e5f60001",
        })
    );
}

#[test]
fn an_instances_new_groups_are_told_apart_from_its_other_attributes() {
    let instance = "i-0a1b2c3d4e5f60001";
    assert_eq!(
        call("modify-instance-groups"),
        json!({ "action": "ModifyInstanceAttribute", "instance": instance, "groups": ["sg-0a1b2c3d4e5f60001"] })
    );
    assert_eq!(
        call("modify-instance-type"),
        json!({ "action": "ModifyInstanceAttribute", "instance": instance })
    );
}

#[test]
fn what_a_service_did_by_itself_and_a_vpc_endpoints_traffic_are_not_ours_whatever_their_name() {
    assert_eq!(
        call("create-vpc-resource-creation"),
        other("ec2.amazonaws.com", "CreateVpcResourceCreation")
    );
    assert_eq!(
        call("network-activity"),
        other("ec2.amazonaws.com", "AuthorizeSecurityGroupEgress")
    );
}

#[test]
fn a_call_is_known_by_source_and_name_together() {
    assert_eq!(
        call("create-route-of-app-mesh"),
        other("appmesh.amazonaws.com", "CreateRoute")
    );
    assert_eq!(
        call("create-vpc-of-another-service"),
        other("example.amazonaws.com", "CreateVpc")
    );
    assert_eq!(
        CallName::find("ec2.amazonaws.com", "CreateVpc"),
        Some(CallName::CreateVpc)
    );
    assert_eq!(CallName::find("example.amazonaws.com", "CreateVpc"), None);
}

#[test]
fn every_call_name_reads_back_from_its_text_and_no_two_share_one() {
    let texts: std::collections::BTreeSet<String> = CallName::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), CallName::ALL.len());
    for &name in CallName::ALL {
        assert_eq!(name.to_string().parse(), Ok(name));
        assert_eq!(CallName::find(name.source(), name.name()), Some(name));
    }
    let error = "ec2:CreateVcp".parse::<CallName>().unwrap_err().to_string();
    assert_eq!(
        error,
        "`ec2:CreateVcp` is not a call that vpc-guardrail knows: write it like `ec2:AuthorizeSecurityGroupEgress`"
    );
}

#[test]
fn every_typed_call_has_a_record_and_knows_its_name() {
    let seen: std::collections::BTreeSet<_> = crate::fixtures::names()
        .iter()
        .filter(|name| *name != "omitted-both")
        .filter_map(|name| event(name).call.name())
        .collect();
    let missing: Vec<_> = CallName::ALL.iter().filter(|name| !seen.contains(name)).collect();
    assert!(missing.is_empty(), "no record under tests/events for {missing:?}");
}

fn other(source: &str, name: &str) -> Value {
    json!({ "action": "Other", "source": source, "name": name })
}
