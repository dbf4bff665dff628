//! The Regions of an account, and clients of another Region.

use std::collections::BTreeSet;

use guardrail_policy::facts::Question;

use super::server::{Reply, Server, reply};
use super::{PATIENT, ask, aws_at, ec2};
use crate::REGIONS;

fn regions(names: [&str; 3]) -> String {
    let items =
        names.map(|name| format!("<item><regionName>{name}</regionName><optInStatus>opted-in</optInStatus></item>"));
    reply(
        "DescribeRegions",
        &format!("<regionInfo>{}</regionInfo>", items.concat()),
    )
}

#[tokio::test]
async fn the_regions_that_are_switched_on_are_listed_in_the_order_of_their_names() {
    let server = Server::start(|_| Reply::Fine(regions(["us-east-1", "ap-southeast-2", "eu-west-1"]))).await;
    let listed = ec2(&server).await.regions().await.unwrap();
    let names: Vec<&str> = listed.iter().map(|region| region.as_str()).collect();
    assert_eq!(names, ["ap-southeast-2", "eu-west-1", "us-east-1"]);
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(format!("ec2:{}", requests[0].action), REGIONS.actions[0]);
    // Without it, AWS lists only those that are switched on.
    assert_eq!(requests[0].field("AllRegions"), None);
}

#[tokio::test]
async fn regions_that_are_denied_or_in_no_documented_form_are_no_answer() {
    let denied = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>";
    for (answer, code) in [
        (Reply::Status(403, denied.to_owned()), "UnauthorizedOperation"),
        (
            Reply::Fine(regions(["eu-west-1", "Ireland", "us-east-1"])),
            "Unparsable",
        ),
    ] {
        let server = Server::start(move |_| answer.clone()).await;
        let why = ec2(&server).await.regions().await.unwrap_err();
        assert_eq!((why.action.as_str(), why.code.as_str()), ("ec2:DescribeRegions", code));
    }
}

#[tokio::test]
async fn another_region_is_reached_with_the_same_credentials() {
    let server = Server::start(|request| Reply::Fine(reply(&request.action, ""))).await;
    let aws = aws_at(server.url(), PATIENT)
        .await
        .in_region(&"ap-southeast-2".parse().unwrap());
    assert_eq!(aws.region().as_str(), "ap-southeast-2");
    let question = Question::Vpc("vpc-0a1b2c3d4e5f60001".parse().unwrap());
    ask(&aws.ec2(), &BTreeSet::from([question])).await;
    let signed = &server.requests()[0].authorization;
    assert!(
        signed.contains("AKIDEXAMPLE/") && signed.contains("/ap-southeast-2/ec2/"),
        "{signed}"
    );
}
