//! Endpoints that a private VPC lacks: the compiled functions tell, and make nothing.

use harness::stage::{NOTIFY_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::endpoints::{QUIET, deletes, makes, performs, record_of, stage_to_tell};
use crate::reading::{assert_silence, findings_of, passed_by, text_about, text_at};

const RULE: &str = "required-endpoints";

/// A stage for a function whose policy requires these endpoints.
fn stage(function: &'static str, required: &str) -> Stage {
    let policy = format!("{NOTIFY_POLICY}{QUIET}required_endpoints: [{required}]\n");
    Setting::of(&policy).function(function).set().unwrap()
}

/// What the rule found of this VPC, and it must have found one thing.
fn only_finding<'r>(record: &'r Value, vpc: &str) -> &'r Value {
    let own = findings_of(RULE, record).iter();
    let own: Vec<_> = own.filter(|finding| finding["resource"]["id"] == *vpc).collect();
    let [finding] = own.as_slice() else {
        panic!("not one finding: {record:#}")
    };
    finding
}

/// The text that people were told about the rule's findings.
fn text(stage: &Stage) -> String {
    text_about(stage, RULE)
}

#[test]
fn a_registry_endpoint_whose_image_layers_have_no_way_from_s3() {
    let mut stage = stage("vpc-endpoints", "ecr.api");
    deletes(&stage, &stage.network.s3_endpoint);
    let [_, registry] = stage.network.ecr_endpoints.clone();
    deletes(&stage, &registry);
    let (endpoint, event) = makes(&stage, "ecr.dkr", &json!({"PrivateDnsEnabled": true}));
    let record = record_of(&mut stage, &event);
    let finding = only_finding(&record, &stage.network.vpc);
    assert_eq!(
        (&finding["class"], &finding["severity"], &finding["cause"]),
        (&json!("needed-by-endpoint"), &json!("medium"), &json!("this_event")),
        "{finding:#}"
    );
    let text = text(&stage);
    for said in [
        endpoint.as_str(),
        "--vpc-endpoint-type Gateway --route-table-ids",
        stage.network.route_table.as_str(),
        "image layers come from S3",
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
}

#[test]
fn a_registry_endpoint_beside_the_gateway_endpoint_of_s3_is_clean() {
    let mut stage = stage("vpc-endpoints", "s3, ecr.api, ecr.dkr");
    let [_, registry] = stage.network.ecr_endpoints.clone();
    deletes(&stage, &registry);
    let (_, event) = makes(&stage, "ecr.dkr", &json!({"PrivateDnsEnabled": true}));
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &event)), "clean");
    assert_silence(&stage);
}

#[test]
fn an_endpoint_that_the_policy_requires_is_deleted_and_told_at_once() {
    let mut stage = stage("vpc-endpoints", "s3, ecr.api, ecr.dkr");
    let [_, registry] = stage.network.ecr_endpoints.clone();
    let deleted = performs(&stage, "delete_vpc_endpoints", &json!({"VpcEndpointIds": [registry]})).record;
    let record = record_of(&mut stage, &deleted);
    let finding = only_finding(&record, &stage.network.vpc);
    assert_eq!(
        (&finding["class"], &finding["cause"]),
        (&json!("missing-endpoint"), &json!("standing")),
        "{finding:#}"
    );
    assert_eq!(finding["evidence"][0]["part"], "ecr.dkr");
    let change = text_at(finding, "/advice/0/text");
    for said in ["--private-dns-enabled", stage.network.endpoint_group.as_str()] {
        assert!(change.contains(said), "`{said}` in {change}");
    }
    let text = text(&stage);
    assert!(!text.contains("PlatformEngineer"), "nobody is named: {text}");
}

#[test]
fn an_endpoint_that_nobody_requires_is_deleted_in_silence() {
    let mut stage = stage_to_tell();
    let (endpoint, _) = makes(&stage, "sts", &json!({"PrivateDnsEnabled": true}));
    let deleted = performs(&stage, "delete_vpc_endpoints", &json!({"VpcEndpointIds": [endpoint]})).record;
    let record = record_of(&mut stage, &deleted);
    let own = findings_of(RULE, &record).iter();
    assert_eq!(
        own.filter(|finding| finding["resource"]["id"] == json!(stage.network.vpc))
            .count(),
        0,
        "{record:#}"
    );
}

#[test]
fn a_new_private_vpc_is_told_what_is_to_be_made_in_it() {
    let mut stage = stage("security-groups", "s3, sts");
    let tags = json!([{"ResourceType": "vpc", "Tags": [{"Key": "connectivity", "Value": "private"}]}]);
    let made = performs(
        &stage,
        "create_vpc",
        &json!({"CidrBlock": "10.30.0.0/16", "TagSpecifications": tags}),
    );
    let vpc = text_at(made.outcome.as_ref().unwrap(), "/Vpc/VpcId").to_owned();
    let record = record_of(&mut stage, &made.record);
    let finding = only_finding(&record, &vpc);
    assert_eq!(
        (&finding["class"], &finding["severity"]),
        (&json!("not-made-yet"), &json!("info")),
        "{finding:#}"
    );
    let text = text(&stage);
    for said in [
        "sts --vpc-endpoint-type Interface --subnet-ids SUBNET-IDS",
        "s3 --vpc-endpoint-type Gateway --route-table-ids rtb-",
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
}
