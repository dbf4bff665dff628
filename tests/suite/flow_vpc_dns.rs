//! Private DNS on, and then the VPC's own DNS attributes off: the compiled `vpc-endpoints` switches them on again.

use serde_json::json;

use crate::endpoints::{deletes, is_on, performs, record_of, stage_to_act, stage_to_tell, switches};
use crate::reading::{assert_silence, comes_again, findings_of, only_notice, only_record, reason, text_at};
use crate::scene::{SETTLED, deliver};

const ATTRIBUTES: [&str; 2] = ["EnableDnsHostnames", "EnableDnsSupport"];

#[test]
fn dns_host_names_or_dns_support_off_under_private_dns_endpoints_are_switched_on_again() {
    for attribute in ATTRIBUTES {
        let mut stage = stage_to_act();
        let event = switches(&stage, attribute, false);
        let record = record_of(&mut stage, &event);
        assert_eq!(reason(&record), "reverted", "{attribute}: {record:#}");
        assert!(is_on(&stage, attribute));
        let text = text_at(&only_notice(&stage).json(), "/text").to_owned();
        for endpoint in &stage.network.ecr_endpoints {
            assert!(text.contains(endpoint.as_str()), "{text}");
        }
        assert_eq!(reason(&record_of(&mut stage, &event)), "handled_before");
    }
}

#[test]
fn in_mode_notify_they_are_told_of_with_the_command_and_left_off() {
    for (attribute, option) in ATTRIBUTES
        .iter()
        .zip(["--enable-dns-hostnames", "--enable-dns-support"])
    {
        let mut stage = stage_to_tell();
        let event = switches(&stage, attribute, false);
        let record = record_of(&mut stage, &event);
        assert_eq!(reason(&record), "found", "{record:#}");
        assert!(!is_on(&stage, attribute));
        let text = text_at(&only_notice(&stage).json(), "/text").to_owned();
        assert!(
            text.contains(option) && text.contains("Terraform") && text.contains("CloudFormation"),
            "{text}"
        );
    }
}

/// Hazard: AWS refuses host names while DNS support is off; who switched that off is another event's business.
#[test]
fn host_names_stay_off_where_dns_support_was_off_before() {
    let mut stage = stage_to_act();
    switches(&stage, "EnableDnsSupport", false);
    let event = switches(&stage, "EnableDnsHostnames", false);
    let record = record_of(&mut stage, &event);
    assert_eq!(reason(&record), "withheld", "{record:#}");
    let causes: Vec<_> = findings_of("vpc-dns-attributes", &record)
        .iter()
        .map(|finding| &finding["cause"])
        .collect();
    assert_eq!(causes, ["standing", "this_event"]);
    assert!(!is_on(&stage, "EnableDnsHostnames") && !is_on(&stage, "EnableDnsSupport"));
    only_notice(&stage);
}

#[test]
fn without_an_endpoint_that_needs_names_they_may_be_off() {
    let mut stage = stage_to_act();
    let network = stage.network.clone();
    let endpoints = network.ecr_endpoints.iter().chain([&network.s3_endpoint]);
    endpoints.for_each(|endpoint| deletes(&stage, endpoint));
    let event = switches(&stage, "EnableDnsHostnames", false);
    assert_eq!(reason(&record_of(&mut stage, &event)), "clean");
    assert!(!is_on(&stage, "EnableDnsHostnames"));
    assert_silence(&stage);
}

#[test]
fn what_somebody_switched_on_again_is_already_gone() {
    let mut stage = stage_to_act();
    let event = switches(&stage, "EnableDnsHostnames", false);
    switches(&stage, "EnableDnsHostnames", true);
    let record = record_of(&mut stage, &event.aged(SETTLED));
    assert_eq!(reason(&record), "already_gone", "{record:#}");
    assert_silence(&stage);
}

#[test]
fn a_vpc_that_is_gone_since_is_already_gone_and_right_after_the_call_it_comes_again() {
    let mut stage = stage_to_act();
    let made = performs(&stage, "create_vpc", &json!({"CidrBlock": "10.40.0.0/16"}));
    let vpc = text_at(made.outcome.as_ref().unwrap(), "/Vpc/VpcId").to_owned();
    let off = json!({"VpcId": vpc, "EnableDnsSupport": {"Value": false}});
    let event = performs(&stage, "modify_vpc_attribute", &off).record;
    stage.owner.call("ec2", "delete_vpc", &json!({"VpcId": vpc})).unwrap();
    let soon = only_record(&deliver(&mut stage, &event).invocation);
    assert_eq!((reason(&soon), comes_again(&soon)), ("undecided", true), "{soon:#}");
    assert_eq!(reason(&record_of(&mut stage, &event.aged(SETTLED))), "already_gone");
    assert_silence(&stage);
}
