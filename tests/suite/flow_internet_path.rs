//! Ways out of a private VPC: the compiled `routes` closes what the event opened, and tells of the rest.

use harness::record::Record;
use harness::stage::{NOTIFY_POLICY, REVERT_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::endpoints::{performs, record_of};
use crate::reading::{assert_silence, only_finding_of, passed_by, reason, text_about, text_at};
use crate::revert::undoes;
use crate::scene::SETTLED;

const RULE: &str = "internet-path";

fn stage_to_tell() -> Stage {
    Setting::of(NOTIFY_POLICY).function("routes").set().unwrap()
}

fn stage_to_act() -> Stage {
    let setting = Setting::of(REVERT_POLICY).function("routes");
    setting.with_ledger().set().unwrap()
}

/// What the owner of the network has made, unseen by the function.
fn made(stage: &Stage, operation: &str, parameters: &Value, at: &str) -> String {
    let made = stage.owner.call("ec2", operation, parameters).unwrap();
    text_at(&made, at).to_owned()
}

fn internet_gateway(stage: &Stage) -> String {
    made(
        stage,
        "create_internet_gateway",
        &json!({}),
        "/InternetGateway/InternetGatewayId",
    )
}

/// An internet gateway that was attached before.
fn attached_gateway(stage: &Stage) -> String {
    let gateway = internet_gateway(stage);
    let parameters = json!({"InternetGatewayId": gateway, "VpcId": stage.network.vpc});
    stage.owner.call("ec2", "attach_internet_gateway", &parameters).unwrap();
    gateway
}

/// A NAT gateway in the first subnet.
fn nat_parameters(stage: &Stage, connectivity: &str) -> Value {
    let [subnet, _] = &stage.network.subnets;
    let mut parameters = json!({"SubnetId": subnet, "ConnectivityType": connectivity});
    if connectivity == "public" {
        let address = made(stage, "allocate_address", &json!({"Domain": "vpc"}), "/AllocationId");
        parameters["AllocationId"] = json!(address);
    }
    parameters
}

fn nat_gateway(stage: &Stage, connectivity: &str) -> String {
    let parameters = nat_parameters(stage, connectivity);
    made(stage, "create_nat_gateway", &parameters, "/NatGateway/NatGatewayId")
}

/// Somebody adds a default route to the table of the private subnets.
fn routes(stage: &Stage, target: &str, id: &str) -> Record {
    let parameters = json!({
        "RouteTableId": stage.network.route_table, "DestinationCidrBlock": "0.0.0.0/0", target: id,
    });
    performs(stage, "create_route", &parameters).record
}

/// Where the default route of the private subnets leads, if there is one.
fn default_route(stage: &Stage) -> Option<Value> {
    let tables = json!({"RouteTableIds": [stage.network.route_table]});
    let found = stage.owner.call("ec2", "describe_route_tables", &tables).unwrap();
    let routes = found["RouteTables"][0]["Routes"].as_array().unwrap().clone();
    let mut routes = routes.into_iter();
    routes.find(|route| route["DestinationCidrBlock"] == "0.0.0.0/0")
}

fn is_attached(stage: &Stage, gateway: &str) -> bool {
    let gateways = json!({"InternetGatewayIds": [gateway]});
    let found = stage
        .owner
        .call("ec2", "describe_internet_gateways", &gateways)
        .unwrap();
    let attachments = &found["InternetGateways"][0]["Attachments"];
    attachments
        .as_array()
        .is_some_and(|attachments| !attachments.is_empty())
}

#[test]
fn the_default_route_by_a_nat_gateway_is_deleted_again_and_the_message_says_what_nat_costs() {
    let mut stage = stage_to_act();
    let nat = nat_gateway(&stage, "public");
    let event = routes(&stage, "NatGatewayId", &nat);
    let record = record_of(&mut stage, &event);
    assert_eq!(reason(&record), "reverted", "{record:#}");
    assert_eq!(default_route(&stage), None);
    let table = stage.network.route_table.clone();
    let text = text_about(&stage, RULE);
    for said in [
        format!("delete the route of {table} to 0.0.0.0/0 by {nat}: done"),
        "NAT: 1 gateway × 730 hours × 0.045 = 32.85 US dollars a month, and 0.045 for each GB".to_owned(),
        format!("aws ec2 delete-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0"),
        "guardrail undo".to_owned(),
        "PlatformEngineer".to_owned(),
    ] {
        assert!(text.contains(&said), "`{said}` in {text}");
    }
    assert_eq!(reason(&record_of(&mut stage, &event)), "handled_before");
    undoes(&stage, &record);
    assert_eq!(default_route(&stage).unwrap()["NatGatewayId"], json!(nat));
}

#[test]
fn the_default_route_by_an_internet_gateway_is_deleted_and_the_gateway_stays() {
    let mut stage = stage_to_act();
    let gateway = attached_gateway(&stage);
    let event = routes(&stage, "GatewayId", &gateway);
    let record = record_of(&mut stage, &event);
    assert_eq!(reason(&record), "reverted", "{record:#}");
    assert_eq!(only_finding_of(RULE, &record)["class"], "route-to-the-internet");
    assert_eq!(default_route(&stage), None);
    assert!(is_attached(&stage, &gateway), "another call attached it");
    undoes(&stage, &record);
    assert_eq!(default_route(&stage).unwrap()["GatewayId"], json!(gateway));
}

#[test]
fn an_internet_gateway_that_is_attached_is_detached_again() {
    let mut stage = stage_to_act();
    let gateway = internet_gateway(&stage);
    let parameters = json!({"InternetGatewayId": gateway, "VpcId": stage.network.vpc});
    let event = performs(&stage, "attach_internet_gateway", &parameters).record;
    let record = record_of(&mut stage, &event);
    assert_eq!(reason(&record), "reverted", "{record:#}");
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (&finding["class"], &finding["severity"]),
        (&json!("gateway-without-a-route"), &json!("medium"))
    );
    assert!(!is_attached(&stage, &gateway));
    assert!(text_about(&stage, RULE).contains(&format!("detach {gateway} from {}: done", stage.network.vpc)));
    undoes(&stage, &record);
    assert!(is_attached(&stage, &gateway));
}

#[test]
fn in_mode_notify_gateway_and_route_are_told_and_left() {
    let mut stage = stage_to_tell();
    let made = performs(&stage, "create_nat_gateway", &nat_parameters(&stage, "public"));
    let nat = text_at(made.outcome.as_ref().unwrap(), "/NatGateway/NatGatewayId").to_owned();
    let record = record_of(&mut stage, &made.record);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (&finding["class"], &finding["severity"], &finding["resource"]["id"]),
        (&json!("gateway-without-a-route"), &json!("medium"), &json!(nat)),
        "{finding:#}"
    );
    assert!(text_about(&stage, RULE).contains("US dollars a month"));
    let event = routes(&stage, "NatGatewayId", &nat);
    let record = record_of(&mut stage, &event);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (&finding["class"], &finding["severity"], reason(&record)),
        (&json!("route-to-the-internet"), &json!("high"), "found"),
        "{finding:#}"
    );
    assert!(default_route(&stage).is_some(), "nothing is changed");
}

#[test]
fn a_private_nat_gateway_and_a_route_to_it_are_no_way_out() {
    let mut stage = stage_to_act();
    let made = performs(&stage, "create_nat_gateway", &nat_parameters(&stage, "private"));
    let nat = text_at(made.outcome.as_ref().unwrap(), "/NatGateway/NatGatewayId").to_owned();
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &made.record)), "not_touched");
    let event = routes(&stage, "NatGatewayId", &nat);
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &event)), "clean");
    assert!(default_route(&stage).is_some());
    assert_silence(&stage);
}

#[test]
fn a_route_that_somebody_took_away_is_already_gone() {
    let mut stage = stage_to_act();
    let gateway = attached_gateway(&stage);
    let event = routes(&stage, "GatewayId", &gateway);
    let gone = json!({"RouteTableId": stage.network.route_table, "DestinationCidrBlock": "0.0.0.0/0"});
    stage.owner.call("ec2", "delete_route", &gone).unwrap();
    let record = record_of(&mut stage, &event.aged(SETTLED));
    assert_eq!(passed_by(RULE, &record), "already_gone", "{record:#}");
    assert_silence(&stage);
}
