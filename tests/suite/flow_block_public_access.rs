//! VPC Block Public Access, loosened: the compiled `routes` tells, and changes nothing.
//!
//! The emulated AWS has the calls, and no packets that they would block.

use std::sync::Arc;

use harness::emulator::Emulator;
use harness::stage::{REVERT_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::endpoints::{performs, record_of};
use crate::reading::{assert_silence, only_finding_of, passed_by, text_about, text_at};
use crate::scene::SETTLED;

const RULE: &str = "block-public-access";

/// A stage whose account is private.
fn stage() -> Stage {
    let tags = "    - tags: { connectivity: private }\n";
    let policy = REVERT_POLICY.replace(tags, &format!("{tags}  private_accounts: [\"111122223333\"]\n"));
    assert_ne!(policy, REVERT_POLICY);
    on_its_own(&policy)
}

/// What an account has set holds for all its VPCs: each test has an account of its own.
fn on_its_own(policy: &str) -> Stage {
    let setting = Setting::of(policy).function("routes").with_ledger();
    setting.set_on(Arc::new(Emulator::start().unwrap())).unwrap()
}

/// The same where only VPCs are private.
fn stage_of_vpcs() -> Stage {
    on_its_own(REVERT_POLICY)
}

fn mode(mode: &str) -> Value {
    json!({ "InternetGatewayBlockMode": mode })
}

fn blocks(stage: &Stage, wanted: &str) {
    let operation = "modify_vpc_block_public_access_options";
    stage.owner.call("ec2", operation, &mode(wanted)).unwrap();
}

#[test]
fn switched_off_in_a_private_account_it_is_told_and_left_off() {
    let mut stage = stage();
    blocks(&stage, "block-bidirectional");
    let event = performs(&stage, "modify_vpc_block_public_access_options", &mode("off")).record;
    let record = record_of(&mut stage, &event);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (&finding["class"], &finding["severity"], &finding["cause"]),
        (&json!("off"), &json!("high"), &json!("this_event")),
        "{finding:#}"
    );
    let text = text_about(&stage, RULE);
    for said in [
        "--internet-gateway-block-mode block-bidirectional",
        "aws_vpc_block_public_access_options",
        "PlatformEngineer",
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
    let found = stage
        .owner
        .call("ec2", "describe_vpc_block_public_access_options", &json!({}));
    let found = found.unwrap();
    assert_eq!(
        text_at(&found, "/VpcBlockPublicAccessOptions/InternetGatewayBlockMode"),
        "off"
    );
}

#[test]
fn set_back_since_it_is_already_gone() {
    let mut stage = stage();
    let event = performs(&stage, "modify_vpc_block_public_access_options", &mode("off")).record;
    blocks(&stage, "block-bidirectional");
    let record = record_of(&mut stage, &event.aged(SETTLED));
    assert_eq!(passed_by(RULE, &record), "already_gone", "{record:#}");
    assert_silence(&stage);
}

#[test]
fn where_only_vpcs_are_private_the_mode_is_nobodys_and_an_exclusion_of_one_is_told() {
    let mut stage = stage_of_vpcs();
    blocks(&stage, "block-bidirectional");
    let event = performs(&stage, "modify_vpc_block_public_access_options", &mode("block-ingress")).record;
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &event)), "not_selected");
    blocks(&stage, "block-bidirectional");
    let subnet = stage.network.subnets[0].clone();
    let excluded = json!({"SubnetId": subnet, "InternetGatewayExclusionMode": "allow-egress"});
    let made = performs(&stage, "create_vpc_block_public_access_exclusion", &excluded);
    let exclusion = text_at(
        made.outcome.as_ref().unwrap(),
        "/VpcBlockPublicAccessExclusion/ExclusionId",
    )
    .to_owned();
    let record = record_of(&mut stage, &made.record);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (&finding["class"], &finding["severity"], &finding["resource"]["vpc"]),
        (&json!("exclusion"), &json!("high"), &json!(stage.network.vpc)),
        "{finding:#}"
    );
    let text = text_about(&stage, RULE);
    let command = format!("aws ec2 delete-vpc-block-public-access-exclusion --exclusion-id {exclusion}");
    for said in [command.as_str(), subnet.as_str(), "exclude_subnets"] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
    let deleted = json!({"ExclusionId": exclusion});
    let operation = "delete_vpc_block_public_access_exclusion";
    stage.owner.call("ec2", operation, &deleted).unwrap();
    let record = record_of(
        &mut stage,
        &made
            .record
            .aged(SETTLED)
            .with("eventID", json!("30000000-0000-4000-8000-000000000001")),
    );
    assert_eq!(passed_by(RULE, &record), "already_gone", "{record:#}");
}

#[test]
fn an_exclusion_that_is_widened_is_told() {
    let mut stage = stage();
    blocks(&stage, "block-bidirectional");
    let excluded = json!({"VpcId": stage.network.vpc, "InternetGatewayExclusionMode": "allow-egress"});
    let operation = "create_vpc_block_public_access_exclusion";
    let made = stage.owner.call("ec2", operation, &excluded).unwrap();
    let exclusion = text_at(&made, "/VpcBlockPublicAccessExclusion/ExclusionId");
    let wider = json!({"ExclusionId": exclusion, "InternetGatewayExclusionMode": "allow-bidirectional"});
    let event = performs(&stage, "modify_vpc_block_public_access_exclusion", &wider).record;
    let record = record_of(&mut stage, &event);
    assert_eq!(only_finding_of(RULE, &record)["cause"], "this_event", "{record:#}");
}
