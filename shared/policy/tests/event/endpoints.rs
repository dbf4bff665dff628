//! The calls about endpoints and about a VPC's DNS: what they changed, in every form of a list.

use serde_json::{Value, json};

use crate::fixtures::{call, changed};

const ENDPOINT: &str = "vpce-0a1b2c3d4e5f60001";
const VPC: &str = "vpc-0a1b2c3d4e5f60001";
const GROUP: &str = "sg-0a1b2c3d4e5f60001";

#[test]
fn a_new_endpoint_is_told_from_the_response_with_what_was_asked_for() {
    assert_eq!(
        call("create-endpoint-interface"),
        json!({
            "action": "CreateVpcEndpoint",
            "endpoint": ENDPOINT,
            "vpc": VPC,
            "service": "com.amazonaws.eu-west-1.s3",
            "private_dns": false,
            "groups": [GROUP],
            "policy": true,
        })
    );
    assert_eq!(
        call("create-endpoint-gateway"),
        json!({
            "action": "CreateVpcEndpoint",
            "endpoint": "vpce-0a1b2c3d4e5f60002",
            "vpc": VPC,
            "service": "com.amazonaws.eu-west-1.s3",
        })
    );
}

#[test]
fn an_endpoint_that_was_not_made_is_told_as_it_was_asked_for() {
    assert_eq!(
        call("create-endpoint-failed"),
        json!({
            "action": "CreateVpcEndpoint",
            "vpc": VPC,
            "service": "com.amazonaws.eu-west-1.ecr.dkr",
            "private_dns": true,
        })
    );
}

#[test]
fn a_new_endpoint_without_an_id_in_its_response_is_an_error() {
    let error = changed("create-endpoint-interface", |record| {
        record["responseElements"]["CreateVpcEndpointResponse"]["vpcEndpoint"]["vpcEndpointId"] = Value::Null;
    });
    assert!(error.unwrap_err().contains("vpcEndpoint.vpcEndpointId"));
}

#[test]
fn a_changed_endpoint_says_what_was_changed_and_nothing_else() {
    assert_eq!(
        call("modify-endpoint-private-dns"),
        json!({ "action": "ModifyVpcEndpoint", "endpoint": ENDPOINT, "private_dns": false })
    );
    assert_eq!(
        call("modify-endpoint-members"),
        json!({
            "action": "ModifyVpcEndpoint",
            "endpoint": ENDPOINT,
            "policy": true,
            "groups": { "added": ["sg-0a1b2c3d4e5f60002", "sg-0a1b2c3d4e5f60003"], "removed": [GROUP] },
            "subnets": { "added": ["subnet-0a1b2c3d4e5f60003"] },
        })
    );
}

#[test]
fn members_of_an_endpoint_are_read_from_every_form_of_a_list() {
    let one = json!(["sg-0a1b2c3d4e5f60009"]);
    for form in [
        json!({ "tag": 1, "content": "sg-0a1b2c3d4e5f60009" }),
        json!([{ "tag": 1, "content": "sg-0a1b2c3d4e5f60009" }]),
        json!(["sg-0a1b2c3d4e5f60009"]),
        json!({ "items": [{ "groupId": "sg-0a1b2c3d4e5f60009" }] }),
        json!("sg-0a1b2c3d4e5f60009"),
    ] {
        let event = changed("modify-endpoint-members", |record| {
            record["requestParameters"]["ModifyVpcEndpointRequest"]["RemoveSecurityGroupId"] = form.clone();
        });
        assert_eq!(json!(event.unwrap().call)["groups"]["removed"], one, "{form}");
    }
    for nothing in [json!(""), json!({}), json!([]), Value::Null] {
        let event = changed("modify-endpoint-members", |record| {
            record["requestParameters"]["ModifyVpcEndpointRequest"]["RemoveSecurityGroupId"] = nothing.clone();
        });
        assert_eq!(
            json!(event.unwrap().call)["groups"]["removed"],
            Value::Null,
            "{nothing}"
        );
    }
}

#[test]
fn a_switch_that_is_neither_on_nor_off_is_an_error() {
    let error = changed("modify-endpoint-private-dns", |record| {
        record["requestParameters"]["ModifyVpcEndpointRequest"]["PrivateDnsEnabled"] = json!("perhaps");
    });
    let error = error.unwrap_err();
    assert!(
        error.contains("PrivateDnsEnabled") && error.contains("true or false"),
        "{error}"
    );
}

#[test]
fn deleted_endpoints_are_told_with_those_that_were_not_deleted_though_the_call_succeeded() {
    assert_eq!(
        call("delete-endpoint"),
        json!({ "action": "DeleteVpcEndpoints", "endpoints": [ENDPOINT] })
    );
    assert_eq!(
        call("delete-endpoints-some"),
        json!({
            "action": "DeleteVpcEndpoints",
            "endpoints": [ENDPOINT, "vpce-0a1b2c3d4e5f60002"],
            "kept": ["vpce-0a1b2c3d4e5f60002"],
        })
    );
    let error = changed("delete-endpoint", |record| {
        record["requestParameters"] = json!({ "DeleteVpcEndpointsRequest": "" });
    });
    assert!(error.is_err());
}

#[test]
fn an_attribute_of_a_vpc_is_told_by_its_value_and_others_are_left_out() {
    let vpc = |extra: Value| {
        let mut call = json!({ "action": "ModifyVpcAttribute", "vpc": VPC });
        call.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        call
    };
    assert_eq!(call("modify-vpc-dns-support"), vpc(json!({ "dns_support": false })));
    assert_eq!(call("modify-vpc-dns-hostnames"), vpc(json!({ "dns_hostnames": true })));
    assert_eq!(call("modify-vpc-metrics"), vpc(json!({})));
    let wrapped = changed("modify-vpc-dns-support", |record| {
        record["requestParameters"] =
            json!({ "ModifyVpcAttributeRequest": { "VpcId": VPC, "EnableDnsSupport": { "Value": false } } });
    });
    assert_eq!(json!(wrapped.unwrap().call), vpc(json!({ "dns_support": false })));
    let bare = changed("modify-vpc-dns-support", |record| {
        record["requestParameters"] = json!({ "vpcId": VPC, "enableDnsSupport": false });
    });
    assert_eq!(json!(bare.unwrap().call), vpc(json!({ "dns_support": false })));
}

#[test]
fn new_options_of_a_vpc_are_told_with_their_set_or_as_the_default() {
    for (fixture, options) in [
        ("associate-dhcp-options", "dopt-0a1b2c3d4e5f60001"),
        ("associate-dhcp-options-default", "default"),
    ] {
        let told = json!({ "action": "AssociateDhcpOptions", "vpc": VPC, "options": options });
        assert_eq!(call(fixture), told);
    }
    let error = changed("associate-dhcp-options", |record| {
        record["requestParameters"]["dhcpOptionsId"] = json!("igw-0a1b2c3d4e5f60001");
    });
    assert!(error.unwrap_err().contains("a set of DHCP options"));
}
