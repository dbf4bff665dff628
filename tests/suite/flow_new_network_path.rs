//! Paths from a private VPC to other networks: the compiled `routes` tells of each, and changes nothing.

use harness::record::Record;
use harness::stage::{REVERT_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::endpoints::{performs, record_of};
use crate::reading::{assert_silence, only_finding_of, passed_by, text_about, text_at};
use crate::scene::SETTLED;

const RULE: &str = "new-network-path";

fn stage() -> Stage {
    stage_of(REVERT_POLICY)
}

fn stage_of(policy: &str) -> Stage {
    Setting::of(policy).function("routes").with_ledger().set().unwrap()
}

fn call(stage: &Stage, operation: &str, parameters: &Value) -> Value {
    stage.owner.call("ec2", operation, parameters).unwrap()
}

fn another_vpc(stage: &Stage) -> String {
    let made = call(stage, "create_vpc", &json!({"CidrBlock": "10.90.0.0/16"}));
    text_at(&made, "/Vpc/VpcId").to_owned()
}

/// Somebody asks for a peering with another VPC: the peering and the record.
fn peers(stage: &Stage) -> (String, Record) {
    let asked = json!({"VpcId": stage.network.vpc, "PeerVpcId": another_vpc(stage)});
    let made = performs(stage, "create_vpc_peering_connection", &asked);
    let peering = text_at(
        made.outcome.as_ref().unwrap(),
        "/VpcPeeringConnection/VpcPeeringConnectionId",
    );
    (peering.to_owned(), made.record)
}

fn transit_gateway(stage: &Stage) -> String {
    let made = call(stage, "create_transit_gateway", &json!({}));
    text_at(&made, "/TransitGateway/TransitGatewayId").to_owned()
}

fn attaches(stage: &Stage, gateway: &str) -> Record {
    let asked =
        json!({"TransitGatewayId": gateway, "VpcId": stage.network.vpc, "SubnetIds": [stage.network.subnets[0]]});
    performs(stage, "create_transit_gateway_vpc_attachment", &asked).record
}

/// Somebody makes a VPN connection on a gateway.
fn connects(stage: &Stage, key: &str, gateway: &str) -> Record {
    let customer = json!({"Type": "ipsec.1", "BgpAsn": 65000, "PublicIp": "203.0.113.7"});
    let customer = call(stage, "create_customer_gateway", &customer);
    let customer = text_at(&customer, "/CustomerGateway/CustomerGatewayId");
    let asked = json!({"Type": "ipsec.1", "CustomerGatewayId": customer, key: gateway});
    performs(stage, "create_vpn_connection", &asked).record
}

#[test]
fn a_peering_is_told_when_it_is_asked_for_and_when_it_is_accepted() {
    let mut stage = stage();
    let (peering, event) = peers(&stage);
    let record = record_of(&mut stage, &event);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (&finding["class"], &finding["severity"], &finding["resource"]["id"]),
        (&json!("peering"), &json!("medium"), &json!(peering)),
        "{finding:#}"
    );
    let text = text_about(&stage, RULE);
    let command = format!("aws ec2 delete-vpc-peering-connection --vpc-peering-connection-id {peering}");
    for said in [
        command.as_str(),
        "no route table of",
        "PlatformEngineer",
        "allowed_route_targets",
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
    let accepted = json!({"VpcPeeringConnectionId": peering});
    let event = performs(&stage, "accept_vpc_peering_connection", &accepted).record;
    let record = record_of(&mut stage, &event);
    assert_eq!(only_finding_of(RULE, &record)["cause"], "this_event", "{record:#}");
}

#[test]
fn a_peering_that_was_rejected_since_is_already_gone() {
    let mut stage = stage();
    let (peering, event) = peers(&stage);
    let rejected = json!({"VpcPeeringConnectionId": peering});
    call(&stage, "reject_vpc_peering_connection", &rejected);
    let record = record_of(&mut stage, &event.aged(SETTLED));
    assert_eq!(passed_by(RULE, &record), "already_gone", "{record:#}");
    assert_silence(&stage);
}

#[test]
fn an_attachment_is_told_unless_the_policy_file_lists_the_transit_gateway() {
    let mut stage = stage();
    let gateway = transit_gateway(&stage);
    let event = attaches(&stage, &gateway);
    let record = record_of(&mut stage, &event);
    assert_eq!(only_finding_of(RULE, &record)["class"], "transit-gateway", "{record:#}");
    assert!(text_about(&stage, RULE).contains(&gateway));
    let mut stage = stage_of(&format!("{REVERT_POLICY}allowed_route_targets: [{gateway}]\n"));
    let event = attaches(&stage, &gateway);
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &event)), "clean");
}

#[test]
fn a_vpn_connection_reaches_the_vpc_of_its_gateway_or_those_on_its_transit_gateway() {
    let mut stage = stage();
    let made = call(&stage, "create_vpn_gateway", &json!({"Type": "ipsec.1"}));
    let gateway = text_at(&made, "/VpnGateway/VpnGatewayId").to_owned();
    let lonely = connects(&stage, "VpnGatewayId", &gateway);
    let record = record_of(&mut stage, &lonely);
    assert_eq!(
        passed_by(RULE, &record),
        "not_selected",
        "attached to no VPC: {record:#}"
    );
    let attached = json!({"VpnGatewayId": gateway, "VpcId": stage.network.vpc});
    call(&stage, "attach_vpn_gateway", &attached);
    let event = connects(&stage, "VpnGatewayId", &gateway);
    let record = record_of(&mut stage, &event);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (&finding["class"], &finding["resource"]["vpc"]),
        (&json!("vpn"), &json!(stage.network.vpc)),
        "{finding:#}"
    );
    let hub = transit_gateway(&stage);
    attaches(&stage, &hub);
    let event = connects(&stage, "TransitGatewayId", &hub);
    let record = record_of(&mut stage, &event);
    assert_eq!(only_finding_of(RULE, &record)["class"], "vpn", "{record:#}");
}
