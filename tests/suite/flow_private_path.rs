//! From a call that breaks a private path to the security team's inbox: which leg is broken, and what is missing.

use harness::network::{everything, revoke_egress};
use harness::record::Record;
use harness::stage::{Setting, Stage};
use serde_json::{Value, json};

use crate::reading::{assert_silence, comes_again, findings_of, only_notice, only_record, reason, text_at};
use crate::scene::{SETTLED, deliver_done, opens};

const POLICY: &str = "\
version: 1
scope:
  private_vpcs:
    - tags: { connectivity: private }
client_pairs:
  - { client: { tags: { tier: app } }, services: [s3, ecr.api, ecr.dkr] }
mode: notify
";

/// A stage for one of the functions; the application's group is declared as a client.
fn stage(function: &'static str) -> Stage {
    let stage = Setting::of(POLICY).function(function).set().unwrap();
    let tags = json!({"Resources": [stage.network.app_group], "Tags": [{"Key": "tier", "Value": "app"}]});
    stage.owner.call("ec2", "create_tags", &tags).unwrap();
    stage
}

/// A person makes a call that AWS takes.
fn calls(stage: &Stage, operation: &str, parameters: &Value) -> Record {
    let performed = stage.person().unwrap().perform("ec2", operation, parameters).unwrap();
    performed
        .outcome
        .unwrap_or_else(|error| panic!("{operation}: {error:?}"));
    performed.record
}

fn https(peer: &Value) -> Value {
    let mut permission = json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443});
    for (key, value) in peer.as_object().unwrap() {
        permission[key] = value.clone();
    }
    json!([permission])
}

/// A person takes the application's rule to the endpoints' group away.
fn closes_the_way_to_the_endpoints(stage: &Stage) -> Record {
    let permissions = https(&json!({"UserIdGroupPairs": [{"GroupId": stage.network.endpoint_group}]}));
    let revoked = revoke_egress(&stage.person().unwrap(), &stage.network.app_group, &permissions).unwrap();
    revoked.outcome.unwrap();
    revoked.record
}

/// The only finding about paths, which must come of a record.
fn broken(stage: &mut Stage, record: &Record) -> Value {
    let record = only_record(&deliver_done(stage, record));
    assert!(!comes_again(&record), "{record:#}");
    let [finding] = findings_of("private-path", &record) else {
        panic!("one finding: {record:#}")
    };
    finding.clone()
}

fn says(finding: &Value) -> String {
    let evidence = finding["evidence"].as_array().unwrap().iter();
    evidence
        .map(|evidence| format!("{}: {}\n", text_at(evidence, "/part"), text_at(evidence, "/says")))
        .collect()
}

fn assert_broken_by_this_call(finding: &Value, leg: &str) {
    assert_eq!(
        (&finding["class"], &finding["cause"]),
        (&json!("broken-path"), &json!("this_event")),
        "{finding:#}"
    );
    assert!(says(finding).contains(&format!("{leg}: broken")), "{finding:#}");
    assert!(
        finding["treatment"].get("told").is_some(),
        "nothing is ever opened: {finding:#}"
    );
}

#[test]
fn a_client_group_without_egress_443_to_the_endpoints_group_is_told_with_the_missing_rule() {
    let mut stage = stage("security-groups");
    let record = closes_the_way_to_the_endpoints(&stage);
    let finding = broken(&mut stage, &record);
    assert_broken_by_this_call(&finding, "client egress");
    assert_eq!(finding["severity"], "high");
    let says = says(&finding);
    assert!(
        says.contains("ecr.api") && says.contains("ecr.dkr") && !says.contains("to s3"),
        "{says}"
    );
    assert!(
        says.contains("endpoint ingress: works") && says.contains("private DNS or URL: works"),
        "{says}"
    );

    let notice = only_notice(&stage);
    let body = notice.json();
    let text = text_at(&body, "/text");
    for said in [
        "authorize-security-group-egress",
        stage.network.app_group.as_str(),
        stage.network.endpoint_group.as_str(),
        "PlatformEngineer",
        "network ACLs were not",
    ] {
        assert!(text.contains(said), "`{said}` is missing in:\n{text}");
    }
}

#[test]
fn an_endpoint_group_without_ingress_443_from_its_clients_is_told_with_the_missing_rule() {
    let mut stage = stage("security-groups");
    let permissions = https(&json!({"IpRanges": [{"CidrIp": "10.20.0.0/16"}]}));
    let parameters = json!({"GroupId": stage.network.endpoint_group, "IpPermissions": permissions});
    let record = calls(&stage, "revoke_security_group_ingress", &parameters);
    let finding = broken(&mut stage, &record);
    assert_broken_by_this_call(&finding, "endpoint ingress");
    assert!(says(&finding).contains(&stage.network.app_group), "{finding:#}");
    assert!(only_notice(&stage).message.contains("authorize-security-group-ingress"));
}

#[test]
fn egress_to_the_world_is_taken_away_while_every_private_path_keeps_working() {
    let mut stage = stage("security-groups");
    opens(&stage, "0.0.0.0/0");
    opens(&stage, "10.99.0.0/16");
    let all_to = |cidr: &str| json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": cidr}]}]);
    for (cidr, when) in [("10.99.0.0/16", "before"), ("0.0.0.0/0", "after")] {
        let revoked = revoke_egress(&stage.person().unwrap(), &stage.network.app_group, &all_to(cidr)).unwrap();
        revoked.outcome.unwrap();
        let record = only_record(&deliver_done(&mut stage, &revoked.record));
        assert_eq!(
            (reason(&record), comes_again(&record)),
            ("clean", false),
            "{when}: {record:#}"
        );
    }
    assert_silence(&stage);
}

#[test]
fn egress_to_the_world_is_taken_away_and_it_was_the_only_way_to_the_endpoints() {
    let mut stage = stage("security-groups");
    opens(&stage, "0.0.0.0/0");
    closes_the_way_to_the_endpoints(&stage);
    let revoked = revoke_egress(&stage.person().unwrap(), &stage.network.app_group, &everything()).unwrap();
    revoked.outcome.unwrap();
    let finding = broken(&mut stage, &revoked.record);
    assert_broken_by_this_call(&finding, "client egress");
    assert!(only_notice(&stage).message.contains("PlatformEngineer"));
}

#[test]
fn a_path_that_was_broken_before_this_call_names_nobody() {
    let mut stage = stage("security-groups");
    opens(&stage, "10.99.0.0/16");
    closes_the_way_to_the_endpoints(&stage);
    let other = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.99.0.0/16"}]}]);
    let revoked = revoke_egress(&stage.person().unwrap(), &stage.network.app_group, &other).unwrap();
    revoked.outcome.unwrap();
    let finding = broken(&mut stage, &revoked.record);
    assert_eq!(finding["cause"], "standing", "{finding:#}");
    let caller = revoked.record.text("/userIdentity/arn");
    assert!(!only_notice(&stage).message.contains(caller));
}

#[test]
fn a_rule_that_is_edited_in_place_to_another_port_breaks_the_path() {
    let mut stage = stage("security-groups");
    let filter = json!({"Filters": [{"Name": "group-id", "Values": [stage.network.app_group]}]});
    let rules = stage
        .owner
        .call("ec2", "describe_security_group_rules", &filter)
        .unwrap();
    let rules = rules["SecurityGroupRules"].as_array().unwrap().iter();
    let to_endpoints = |rule: &&Value| rule["ReferencedGroupInfo"]["GroupId"] == stage.network.endpoint_group.as_str();
    let rule = rules.clone().find(to_endpoints).unwrap()["SecurityGroupRuleId"].clone();
    let now = json!({"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "ReferencedGroupId": stage.network.endpoint_group});
    let edit = json!({"SecurityGroupRuleId": rule, "SecurityGroupRule": now});
    let parameters = json!({"GroupId": stage.network.app_group, "SecurityGroupRules": [edit]});
    let record = calls(&stage, "modify_security_group_rules", &parameters);
    let finding = broken(&mut stage, &record);
    assert_broken_by_this_call(&finding, "client egress");
}

#[test]
fn a_broken_path_is_told_at_fifteen_reads_at_most_and_one_message() {
    let mut stage = stage("security-groups");
    let record = closes_the_way_to_the_endpoints(&stage);
    stage.calls.take().unwrap();
    deliver_done(&mut stage, &record);
    let calls = stage.calls.take().unwrap();
    assert!((1..=15).contains(&calls.to("ec2")), "{:?}", calls.actions());
    assert_eq!(calls.of("Publish"), 1, "{:?}", calls.actions());
    assert!(calls.0.iter().all(|call| call.status == 200), "{calls:#?}");
}

#[test]
fn each_call_about_endpoints_that_breaks_a_path_is_told_with_its_leg() {
    type Change = (&'static str, fn(&Stage) -> Value, &'static str);
    let changes: [Change; 5] = [
        (
            "modify_vpc_endpoint",
            |stage| json!({"VpcEndpointId": stage.network.ecr_endpoints[0], "PrivateDnsEnabled": false}),
            "private DNS or URL",
        ),
        (
            "modify_vpc_endpoint",
            |stage| {
                let policy = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#;
                json!({"VpcEndpointId": stage.network.ecr_endpoints[0], "PolicyDocument": policy})
            },
            "endpoint policy",
        ),
        (
            "modify_vpc_endpoint",
            |stage| json!({"VpcEndpointId": stage.network.s3_endpoint, "RemoveRouteTableIds": [stage.network.route_table]}),
            "gateway route",
        ),
        (
            "modify_vpc_attribute",
            |stage| json!({"VpcId": stage.network.vpc, "EnableDnsHostnames": {"Value": false}}),
            "VPC DNS attributes",
        ),
        (
            "delete_vpc_endpoints",
            |stage| json!({"VpcEndpointIds": [stage.network.ecr_endpoints[1]]}),
            "endpoint",
        ),
    ];
    for (operation, parameters, leg) in changes {
        let mut stage = stage("vpc-endpoints");
        let parameters = parameters(&stage);
        // What is gone is gone only once AWS has had the time to show it.
        let record = calls(&stage, operation, &parameters).aged(SETTLED);
        let finding = broken(&mut stage, &record);
        assert!(
            says(&finding).contains(&format!("{leg}: broken")),
            "{operation}: {finding:#}"
        );
        assert_eq!(
            (&finding["class"], &finding["severity"]),
            (&json!("broken-path"), &json!("high"))
        );
    }
}
