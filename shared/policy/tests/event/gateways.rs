//! The calls about routes, and the gateways that they lead to.

use serde_json::{Value, json};

use crate::fixtures::{call, changed, event};

const TABLE: &str = "rtb-0a1b2c3d4e5f60001";
const VPC: &str = "vpc-0a1b2c3d4e5f60001";
const NAT: &str = "nat-0a1b2c3d4e5f60001";

#[test]
fn an_internet_gateway_is_attached_to_a_vpc() {
    let told = json!({ "action": "AttachInternetGateway", "gateway": "igw-0a1b2c3d4e5f60001", "vpc": VPC });
    assert_eq!(call("attach-internet-gateway"), told);
}

#[test]
fn a_route_leads_from_a_destination_of_each_kind_to_a_target_of_each_kind() {
    let route = |action: &str, destination: Value, target: Value| json!({ "action": action, "route_table": TABLE, "destination": destination, "target": target });
    for (name, destination, target) in [
        (
            "create-route-internet-gateway",
            json!({ "cidr": "0.0.0.0/0" }),
            "igw-0a1b2c3d4e5f60001",
        ),
        ("create-route-nat-gateway", json!({ "cidr": "0.0.0.0/0" }), NAT),
        (
            "create-route-egress-only",
            json!({ "cidr": "::/0" }),
            "eigw-0a1b2c3d4e5f60001",
        ),
        (
            "create-route-prefix-list",
            json!({ "prefix_list": "pl-0a1b2c3d4e5f60001" }),
            "tgw-0a1b2c3d4e5f60001",
        ),
        (
            "create-route-host-bits",
            json!({ "cidr": "198.51.100.0/24" }),
            "eni-0a1b2c3d4e5f60001",
        ),
    ] {
        assert_eq!(
            call(name),
            route("CreateRoute", destination, json!({ "to": target })),
            "{name}"
        );
    }
    assert_eq!(
        call("replace-route-endpoint"),
        route(
            "ReplaceRoute",
            json!({ "cidr": "0.0.0.0/0" }),
            json!({ "to": "vpce-0a1b2c3d4e5f60001" })
        )
    );
    assert_eq!(
        call("replace-route-local"),
        route("ReplaceRoute", json!({ "cidr": "10.0.0.0/16" }), json!("local"))
    );
}

#[test]
fn every_member_that_may_name_a_target_does_also_in_the_other_dialect() {
    for (member, target) in [
        ("transitGatewayId", "tgw-0a1b2c3d4e5f60001"),
        ("vpcPeeringConnectionId", "pcx-0a1b2c3d4e5f60001"),
        ("instanceId", "i-0a1b2c3d4e5f60001"),
        ("localGatewayId", "lgw-0a1b2c3d4e5f60001"),
        ("carrierGatewayId", "cagw-0a1b2c3d4e5f60001"),
        (
            "coreNetworkArn",
            "arn:aws:networkmanager::111122223333:core-network/core-network-0a1b2c3d4e5f60001",
        ),
        (
            "odbNetworkArn",
            "arn:aws:odb:eu-west-1:111122223333:odb-network/odbnet-0a1b2c3d4e5f60001",
        ),
    ] {
        let (first, rest) = member.split_at(1);
        let pascal = first.to_uppercase() + rest;
        for (name, wrapped) in [(member, false), (pascal.as_str(), true)] {
            let event = changed("create-route-internet-gateway", |record| {
                let mut request = json!({ name: target });
                for (key, value) in [("routeTableId", TABLE), ("destinationCidrBlock", "0.0.0.0/0")] {
                    request[key] = json!(value);
                }
                record["requestParameters"] = if wrapped {
                    json!({ "CreateRouteRequest": request })
                } else {
                    request
                };
            });
            assert_eq!(json!(event.unwrap().call)["target"], json!({ "to": target }), "{name}");
        }
    }
}

#[test]
fn a_target_of_a_kind_that_is_not_known_is_left_open() {
    let event = changed("create-route-internet-gateway", |record| {
        let request = record["requestParameters"].as_object_mut().unwrap();
        request.remove("gatewayId");
        request.insert("quantumGatewayId".to_owned(), json!("qgw-1"));
    });
    assert_eq!(json!(event.unwrap().call)["target"], Value::Null);
}

#[test]
fn a_nat_gateway_is_public_unless_it_is_said_to_be_private_and_a_regional_one_has_no_subnet() {
    let made = |connectivity: &str, subnet: Option<&str>| {
        let mut told =
            json!({ "action": "CreateNatGateway", "gateway": NAT, "vpc": VPC, "connectivity": connectivity });
        if let Some(subnet) = subnet {
            told["subnet"] = json!(subnet);
        }
        told
    };
    let subnet = Some("subnet-0a1b2c3d4e5f60001");
    assert_eq!(call("create-nat-gateway-public"), made("public", subnet));
    assert_eq!(call("create-nat-gateway-private"), made("private", subnet));
    assert_eq!(call("create-nat-gateway-regional"), made("public", None));
    let silent = changed("create-nat-gateway-public", |record| {
        let made = &mut record["responseElements"]["CreateNatGatewayResponse"]["natGateway"];
        made.as_object_mut().unwrap().remove("connectivityType");
    });
    assert_eq!(json!(silent.unwrap().call), made("public", subnet));
}

#[test]
fn an_egress_only_gateway_has_its_vpc_from_either_half() {
    let told = json!({
        "action": "CreateEgressOnlyInternetGateway", "gateway": "eigw-0a1b2c3d4e5f60001", "vpc": VPC,
    });
    assert_eq!(call("create-egress-only-gateway"), told);
    let without = changed("create-egress-only-gateway", |record| {
        let made = &mut record["responseElements"]["CreateEgressOnlyInternetGatewayResponse"];
        made["egressOnlyInternetGateway"]["attachmentSet"] = json!("");
    });
    assert_eq!(json!(without.unwrap().call), told);
}

#[test]
fn a_route_of_another_service_is_not_ours() {
    for name in ["create-route-of-an-http-api", "create-route-of-app-mesh"] {
        assert_eq!(call(name)["action"], "Other", "{name}");
    }
}

#[test]
fn a_call_that_does_not_say_what_it_was_about_is_an_error() {
    for (name, member) in [
        ("attach-internet-gateway", "internetGatewayId"),
        ("attach-internet-gateway", "vpcId"),
        ("create-route-internet-gateway", "routeTableId"),
        ("create-route-internet-gateway", "destinationCidrBlock"),
    ] {
        let error = changed(name, |record| record["requestParameters"][member] = Value::Null);
        assert!(error.unwrap_err().contains(member), "{name}");
    }
    let error = changed("create-nat-gateway-public", |record| {
        record["responseElements"]["CreateNatGatewayResponse"]["natGateway"]["natGatewayId"] = Value::Null;
    });
    assert!(error.unwrap_err().contains("natGatewayId"));
}

#[test]
fn a_failed_call_may_ask_for_anything() {
    let failed = changed("create-route-internet-gateway", |record| {
        record["errorCode"] = json!("Client.InvalidParameterValue");
        record["requestParameters"]["destinationCidrBlock"] = json!("the internet");
        record["responseElements"] = Value::Null;
    });
    assert_eq!(json!(failed.unwrap().call)["action"], "Other");
}

#[test]
fn a_call_is_known_by_the_ids_that_it_gives() {
    for (name, subjects) in [
        ("attach-internet-gateway", vec!["igw-0a1b2c3d4e5f60001", VPC]),
        ("create-route-nat-gateway", vec![TABLE]),
        ("replace-route-endpoint", vec![TABLE]),
        ("create-nat-gateway-regional", vec![NAT]),
        ("create-egress-only-gateway", vec!["eigw-0a1b2c3d4e5f60001"]),
    ] {
        assert_eq!(event(name).call.subjects(), subjects, "{name}");
    }
}
