//! The DNS servers of a VPC: the VPC names its set of DHCP options, and a second call reads it.

use std::collections::BTreeSet;

use guardrail_policy::facts::{Answered, DnsServers, Fact, Question};

use super::server::{Reply, Request, Server, error, reply};
use super::{ask, ec2, unreadable};

const VPC: &str = "vpc-0a00000000000000a";

fn question() -> Question {
    Question::DnsServers(VPC.parse().unwrap())
}

fn vpc(options: &str) -> Reply {
    let item = format!("<item><vpcId>{VPC}</vpcId><dhcpOptionsId>{options}</dhcpOptionsId></item>");
    Reply::Fine(reply("DescribeVpcs", &format!("<vpcSet>{item}</vpcSet>")))
}

/// A set with these servers, and a name besides.
fn options(servers: &[&str]) -> Reply {
    let values = servers
        .iter()
        .map(|server| format!("<item><value>{server}</value></item>"));
    let set = |key: &str, values: &str| format!("<item><key>{key}</key><valueSet>{values}</valueSet></item>");
    let servers = set("domain-name-servers", &values.collect::<String>());
    let name = set("domain-name", "<item><value>example.com</value></item>");
    let item = format!(
        "<item><dhcpOptionsId>dopt-0a00000000000000a</dhcpOptionsId><dhcpConfigurationSet>{name}{servers}</dhcpConfigurationSet></item>"
    );
    Reply::Fine(reply(
        "DescribeDhcpOptions",
        &format!("<dhcpOptionsSet>{item}</dhcpOptionsSet>"),
    ))
}

async fn answer(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Answered, Vec<String>) {
    let server = Server::start(script).await;
    let mut answers = ask(&ec2(&server).await, &[question()].into()).await;
    let requests = server.requests().into_iter();
    let actions = requests.map(|request| format!("ec2:{}", request.action));
    (answers.remove(&question()).unwrap(), actions.collect())
}

fn is(options: &str, servers: &[&str]) -> Answered {
    let servers = DnsServers {
        options: options.parse().unwrap(),
        servers: servers.iter().map(|&server| server.to_owned()).collect(),
    };
    Answered::DnsServers(VPC.parse().unwrap(), Fact::Is(servers))
}

fn answered(request: &Request, servers: &[&str]) -> Reply {
    match request.action.as_str() {
        "DescribeVpcs" => vpc("dopt-0a00000000000000a"),
        _ => options(servers),
    }
}

/// The question, and the actions that answer it.
pub(super) async fn calls() -> (Question, BTreeSet<String>) {
    let (_, actions) = answer(|request| answered(request, &["AmazonProvidedDNS"])).await;
    (question(), actions.into_iter().collect())
}

#[tokio::test]
async fn the_servers_are_those_of_the_set_that_the_vpc_names() {
    for servers in [&["AmazonProvidedDNS"][..], &["10.0.0.53", "10.0.1.53"][..], &[][..]] {
        let (found, _) = answer(move |request| answered(request, servers)).await;
        assert_eq!(found, is("dopt-0a00000000000000a", servers));
    }
}

#[tokio::test]
async fn the_default_is_no_set_and_is_not_looked_up() {
    let (found, actions) = answer(|_| vpc("default")).await;
    assert_eq!(
        (found, actions),
        (is("default", &[]), vec!["ec2:DescribeVpcs".to_owned()])
    );
}

#[tokio::test]
async fn a_vpc_or_a_set_that_is_not_found_is_gone() {
    let gone = Answered::DnsServers(VPC.parse().unwrap(), Fact::Gone);
    let (found, _) = answer(|request| Reply::Fine(reply(&request.action, ""))).await;
    assert_eq!(found, gone);
    let (found, _) = answer(|request| match request.action.as_str() {
        "DescribeVpcs" => vpc("dopt-0a00000000000000a"),
        action => Reply::Fine(reply(action, "")),
    })
    .await;
    assert_eq!(found, gone);
}

#[tokio::test]
async fn either_call_alone_is_no_answer() {
    let denied = || error(403, "UnauthorizedOperation");
    let (found, _) = answer(move |_| denied()).await;
    assert_eq!(found, unreadable(&question(), "DescribeVpcs", "UnauthorizedOperation"));
    let (found, _) = answer(move |request| match request.action.as_str() {
        "DescribeVpcs" => vpc("dopt-0a00000000000000a"),
        _ => denied(),
    })
    .await;
    assert_eq!(
        found,
        unreadable(&question(), "DescribeDhcpOptions", "UnauthorizedOperation")
    );
}
