//! Public addresses in a private VPC: the compiled `routes` switches off what gives them out, and tells of the others.

use harness::record::Record;
use harness::stage::{NOTIFY_POLICY, REVERT_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::endpoints::{performs, record_of};
use crate::reading::{
    assert_silence, comes_again, only_finding_of, only_notice, only_record, passed_by, reason, text_about, text_at,
};
use crate::revert::undoes;
use crate::scene::{SETTLED, deliver};

const RULE: &str = "public-address";

fn stage_to_act() -> Stage {
    let setting = Setting::of(REVERT_POLICY).function("routes");
    setting.with_ledger().set().unwrap()
}

fn stage_to_tell() -> Stage {
    Setting::of(NOTIFY_POLICY).function("routes").set().unwrap()
}

/// Somebody switches whether what is launched in the first subnet gets a public address.
fn switches(stage: &Stage, on: bool) -> Record {
    let parameters = json!({"SubnetId": stage.network.subnets[0], "MapPublicIpOnLaunch": {"Value": on}});
    performs(stage, "modify_subnet_attribute", &parameters).record
}

fn is_on(stage: &Stage) -> bool {
    let wanted = json!({"SubnetIds": [stage.network.subnets[0]]});
    let answer = stage.owner.call("ec2", "describe_subnets", &wanted).unwrap();
    answer["Subnets"][0]["MapPublicIpOnLaunch"] == json!(true)
}

/// Gives the subnets a route to an internet gateway.
fn leads_out(stage: &Stage) {
    let call = |operation: &str, parameters: Value| stage.owner.call("ec2", operation, &parameters).unwrap();
    let made = call("create_internet_gateway", json!({}));
    let gateway = text_at(&made, "/InternetGateway/InternetGatewayId");
    call(
        "attach_internet_gateway",
        json!({"InternetGatewayId": gateway, "VpcId": stage.network.vpc}),
    );
    let route = json!({
        "RouteTableId": stage.network.route_table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway,
    });
    call("create_route", route);
}

/// Somebody gives a new interface in the first subnet an elastic address: the interface, the association, the record.
fn associates(stage: &Stage) -> (String, String, Record) {
    let made = json!({"SubnetId": stage.network.subnets[0]});
    let made = stage.owner.call("ec2", "create_network_interface", &made).unwrap();
    let interface = text_at(&made, "/NetworkInterface/NetworkInterfaceId").to_owned();
    let address = stage
        .owner
        .call("ec2", "allocate_address", &json!({"Domain": "vpc"}))
        .unwrap();
    let parameters = json!({"AllocationId": address["AllocationId"], "NetworkInterfaceId": interface});
    let given = performs(stage, "associate_address", &parameters);
    let association = text_at(given.outcome.as_ref().unwrap(), "/AssociationId").to_owned();
    (interface, association, given.record)
}

#[test]
fn a_subnet_that_is_to_give_out_public_addresses_is_set_back() {
    let mut stage = stage_to_act();
    leads_out(&stage);
    let event = switches(&stage, true);
    let record = record_of(&mut stage, &event);
    assert_eq!(reason(&record), "reverted", "{record:#}");
    assert_eq!(only_finding_of(RULE, &record)["severity"], "medium");
    assert!(!is_on(&stage));
    let text = text_at(&only_notice(&stage).json(), "/text").to_owned();
    for said in [
        stage.network.subnets[0].as_str(),
        "mapPublicIpOnLaunch",
        "PlatformEngineer",
        "map_public_ip_on_launch = false",
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
    assert_eq!(reason(&record_of(&mut stage, &event)), "handled_before");
    undoes(&stage, &record);
    assert!(is_on(&stage));
}

#[test]
fn in_mode_notify_it_is_told_with_the_command_and_left_on() {
    let mut stage = stage_to_tell();
    let event = switches(&stage, true);
    let record = record_of(&mut stage, &event);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (reason(&record), &finding["severity"]),
        ("found", &json!("low")),
        "no route leads out: {record:#}"
    );
    assert!(is_on(&stage));
    let text = text_about(&stage, RULE);
    let command = format!(
        "aws ec2 modify-subnet-attribute --subnet-id {} --no-map-public-ip-on-launch",
        stage.network.subnets[0]
    );
    for said in [command.as_str(), "CloudFormation", "exclude_subnets"] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
}

#[test]
fn what_somebody_switched_off_again_is_already_gone() {
    let mut stage = stage_to_act();
    let event = switches(&stage, true);
    switches(&stage, false);
    let record = record_of(&mut stage, &event.aged(SETTLED));
    assert_eq!(reason(&record), "already_gone", "{record:#}");
    assert_silence(&stage);
}

#[test]
fn an_elastic_address_is_told_and_left_where_it_is() {
    let mut stage = stage_to_act();
    leads_out(&stage);
    let (interface, association, event) = associates(&stage);
    let before = stage.picture().unwrap();
    let record = record_of(&mut stage, &event);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (&finding["class"], &finding["severity"], &finding["resource"]["id"]),
        (&json!("elastic-address"), &json!("medium"), &json!(interface)),
        "{finding:#}"
    );
    assert_eq!(before.until(&stage.picture().unwrap()), before.until(&before));
    let text = text_about(&stage, RULE);
    let command = format!("aws ec2 disassociate-address --association-id {association}");
    assert!(text.contains(&command), "{text}");
}

#[test]
fn an_elastic_address_that_is_not_shown_right_after_the_call_comes_again_and_later_is_gone() {
    let mut stage = stage_to_act();
    let (_, association, event) = associates(&stage);
    let taken = json!({"AssociationId": association});
    stage.owner.call("ec2", "disassociate_address", &taken).unwrap();
    let soon = only_record(&deliver(&mut stage, &event).invocation);
    assert_eq!((reason(&soon), comes_again(&soon)), ("undecided", true), "{soon:#}");
    let record = record_of(&mut stage, &event.aged(SETTLED));
    assert_eq!(passed_by(RULE, &record), "already_gone", "{record:#}");
    assert_silence(&stage);
}
