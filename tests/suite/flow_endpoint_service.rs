//! An endpoint to a service of somebody else: the compiled `vpc-endpoints` tells, and deletes nothing.

use harness::stage::{NOTIFY_POLICY, Setting, Stage};
use serde_json::json;

use crate::endpoints::{QUIET, deletes, endpoint_now, makes, makes_to, record_of, stage_to_act};
use crate::reading::{assert_silence, findings_of, passed_by, text_at};
use crate::scene::SETTLED;

const RULE: &str = "endpoint-service";

/// A service that somebody offers behind a load balancer: its full name.
fn somebody_elses_service(stage: &Stage) -> String {
    let balancer = json!({
        "Name": stage.network.vpc.replace("vpc-", "nlb-"), "Type": "network", "Scheme": "internal",
        "Subnets": stage.network.subnets,
    });
    let balancer = stage.owner.call("elbv2", "create_load_balancer", &balancer).unwrap();
    let service = json!({
        "NetworkLoadBalancerArns": [text_at(&balancer, "/LoadBalancers/0/LoadBalancerArn")], "AcceptanceRequired": false,
    });
    let service = stage
        .owner
        .call("ec2", "create_vpc_endpoint_service_configuration", &service)
        .unwrap();
    text_at(&service, "/ServiceConfiguration/ServiceName").to_owned()
}

#[test]
fn an_endpoint_to_a_service_of_somebody_else_is_told_with_the_change_and_stays() {
    let mut stage = stage_to_act();
    let service = somebody_elses_service(&stage);
    let (endpoint, event) = makes_to(&stage, &service, &json!({"PrivateDnsEnabled": false}));
    let record = record_of(&mut stage, &event);
    assert_eq!(findings_of(RULE, &record).len(), 1, "{record:#}");
    assert_eq!(
        endpoint_now(&stage, &endpoint)["State"],
        "available",
        "nothing is deleted"
    );
    let notices = stage.inbox.messages().unwrap();
    let texts: Vec<_> = notices
        .iter()
        .map(|notice| text_at(&notice.json(), "/text").to_owned())
        .collect();
    let about = texts
        .iter()
        .find(|text| text.contains("which the policy does not allow"));
    let text = about.unwrap_or_else(|| panic!("{texts:#?}"));
    for said in [
        service.as_str(),
        "aws ec2 delete-vpc-endpoints --vpc-endpoint-ids",
        "allowed_endpoint_services:",
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
}

#[test]
fn a_service_that_the_policy_lists_and_those_of_aws_are_clean() {
    let mut stage = stage_to_act();
    let (_, event) = makes(&stage, "sts", &json!({}));
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &event)), "clean");
    assert_silence(&stage);
    let service = somebody_elses_service(&stage);
    let policy = format!(
        "{NOTIFY_POLICY}allowed_endpoint_services: [{service}]\n{QUIET}  private-dns: {{ intended_off: [{service}] }}\n"
    );
    let mut stage = Setting::of(&policy).function("vpc-endpoints").set().unwrap();
    let (_, event) = makes_to(&stage, &service, &json!({"PrivateDnsEnabled": false}));
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &event)), "clean");
    assert_silence(&stage);
}

#[test]
fn one_that_is_gone_since_is_already_gone() {
    let mut stage = stage_to_act();
    let service = somebody_elses_service(&stage);
    let (endpoint, event) = makes_to(&stage, &service, &json!({"PrivateDnsEnabled": false}));
    deletes(&stage, &endpoint);
    assert_eq!(
        passed_by(RULE, &record_of(&mut stage, &event.aged(SETTLED))),
        "already_gone"
    );
    assert_silence(&stage);
}
