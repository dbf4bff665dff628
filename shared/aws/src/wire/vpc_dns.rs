//! The DNS attributes of a VPC: two calls, and both must be answered.

use std::collections::BTreeSet;

use guardrail_policy::facts::{Answered, Fact, Question, VpcDns};

use super::server::{Reply, Request, Server, error, reply};
use super::{ask, ec2, unreadable};

const VPC: &str = "vpc-0a00000000000000a";

fn question() -> Question {
    Question::VpcDns(VPC.parse().unwrap())
}

fn attribute(request: &Request, on: bool) -> Reply {
    let name = request.field("Attribute").unwrap();
    let content = format!("<vpcId>{VPC}</vpcId><{name}><value>{on}</value></{name}>");
    Reply::Fine(reply(&request.action, &content))
}

fn is_support(request: &Request) -> bool {
    request.field("Attribute") == Some("enableDnsSupport")
}

async fn answer(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Answered {
    let server = Server::start(script).await;
    let mut answers = ask(&ec2(&server).await, &[question()].into()).await;
    answers.remove(&question()).unwrap()
}

/// The question, and the actions that answer it.
pub(super) async fn calls() -> (Question, BTreeSet<String>) {
    let server = Server::start(|request| attribute(request, true)).await;
    ask(&ec2(&server).await, &[question()].into()).await;
    let requests = server.requests().into_iter();
    let actions = requests.map(|request| format!("ec2:{}", request.action));
    (question(), actions.collect())
}

#[tokio::test]
async fn each_attribute_is_read_with_a_call_of_its_own() {
    for (support, hostnames) in [(true, true), (true, false), (false, true), (false, false)] {
        let found =
            answer(move |request| attribute(request, if is_support(request) { support } else { hostnames })).await;
        let expected = Fact::Is(VpcDns { support, hostnames });
        assert_eq!(found, Answered::VpcDns(VPC.parse().unwrap(), expected));
    }
}

#[tokio::test]
async fn a_vpc_that_is_not_found_is_gone() {
    let found = answer(|_| error(400, "InvalidVpcID.NotFound")).await;
    assert_eq!(found, Answered::VpcDns(VPC.parse().unwrap(), Fact::Gone));
}

#[tokio::test]
async fn one_attribute_alone_is_no_answer() {
    let found = answer(|request| match is_support(request) {
        true => attribute(request, true),
        false => error(403, "UnauthorizedOperation"),
    });
    assert_eq!(
        found.await,
        unreadable(&question(), "DescribeVpcAttribute", "UnauthorizedOperation")
    );
    let found = answer(|request| match is_support(request) {
        true => attribute(request, true),
        false => Reply::Fine(reply(&request.action, "")),
    });
    assert_eq!(
        found.await,
        unreadable(&question(), "DescribeVpcAttribute", "Unparsable")
    );
}
