//! A snapshot that was taken of a network answers as the network does, and what it lacks is unknown, never gone.

#![cfg(test)]

use std::collections::BTreeSet;

use guardrail_policy::facts::{Answered, Everywhere, Fact, GroupFilter, InterfaceFilter, PathKind, Question};
use guardrail_runner::ports::Answer;
use guardrail_testkit::outcomes::Blind;
use guardrail_testkit::strategies::scenarios;
use guardrail_testkit::{
    ACCOUNT, APP_GROUP, APP_INSTANCE, APP_INTERFACE, ECR_API_ENDPOINT, REGION, ROUTE_TABLE, S3_LIST, SUBNETS, VPC, id,
    now, private_network, with_apis,
};
use guardrail_world::{Captured, Unknown, World};
use proptest::prelude::*;

fn captured(network: &impl Answer) -> Captured {
    now(World::capture(network, id(ACCOUNT), id(REGION)))
}

/// Questions of every kind about what is there, and about what is not.
fn questions() -> Vec<Question> {
    let in_vpc = |vpc: &str| {
        [
            Question::Vpc(id(vpc)),
            Question::VpcDns(id(vpc)),
            Question::DnsServers(id(vpc)),
            Question::Subnets(id(vpc)),
            Question::Endpoints(id(vpc)),
            Question::RouteTables(id(vpc)),
            Question::InternetGateways(id(vpc)),
            Question::EgressOnlyGateways(id(vpc)),
            Question::NatGateways(id(vpc)),
            Question::Groups(GroupFilter::Vpc(id(vpc))),
            Question::Groups(GroupFilter::DefaultOf(id(vpc))),
            Question::Interfaces(InterfaceFilter::Vpc(id(vpc))),
        ]
    };
    let others = [
        Question::Vpcs(Everywhere),
        Question::PrefixLists(Everywhere),
        Question::BlockPublicAccess(Everywhere),
        Question::RestApis(Everywhere),
        Question::HttpApis(Everywhere),
        Question::GraphqlApis(Everywhere),
        Question::RestApi(id("a1b2c3d4e5")),
        Question::RestApi(id("f1b2c3d4e5")),
        Question::HttpApi(id("d1b2c3d4e5")),
        Question::GraphqlApi(id("a1b2c3d4e5f6a7b8c9d0e1f2a3")),
        Question::NetworkPaths(PathKind::Peering),
        Question::NetworkPaths(PathKind::Attachment),
        Question::NetworkPaths(PathKind::Vpn),
        Question::Subnet(id(SUBNETS[0])),
        Question::Subnet(id("subnet-0ffffffffffffffff")),
        Question::Groups(GroupFilter::Id(id(APP_GROUP))),
        Question::Groups(GroupFilter::Id(id("sg-0ffffffffffffffff"))),
        Question::Groups(GroupFilter::Named("app".to_owned())),
        Question::Groups(GroupFilter::EgressTo(id(S3_LIST))),
        Question::Rules(id(APP_GROUP)),
        Question::Rules(id("sg-0ffffffffffffffff")),
        Question::Endpoint(id(ECR_API_ENDPOINT)),
        Question::Endpoint(id("vpce-0ffffffffffffffff")),
        Question::Interfaces(InterfaceFilter::Id(id(APP_INTERFACE))),
        Question::Interfaces(InterfaceFilter::Group(id(APP_GROUP))),
        Question::Entries(id(S3_LIST)),
        Question::Entries(id("pl-0ffffffffffffffff")),
        Question::RouteTable(id(ROUTE_TABLE)),
        Question::RouteTable(id("rtb-0ffffffffffffffff")),
        Question::EndpointService("com.amazonaws.eu-west-1.ecr.api".to_owned()),
    ];
    let there = in_vpc(VPC).into_iter().chain(in_vpc("vpc-0ffffffffffffffff"));
    there.chain(others).collect()
}

fn assert_answers_alike(snapshot: &World, network: &World) {
    for question in questions() {
        assert_eq!(
            snapshot.answer_one(&question),
            network.answer_one(&question),
            "{question:?}"
        );
    }
}

#[test]
fn a_snapshot_answers_as_the_network_does_also_from_its_file() {
    let mut network = with_apis(private_network());
    network.vpcs.as_mut().unwrap().get_mut(&id(VPC)).unwrap().dns_hostnames = false;
    let Captured { world, unread } = captured(&network);
    assert_eq!(unread, []);
    assert_answers_alike(&world, &network);
    let file = serde_json::to_vec(&world).unwrap();
    assert_eq!(World::read(&file).unwrap(), world);
    assert_eq!(captured(&world).world, world);
}

#[test]
fn which_instance_an_interface_is_attached_to_is_unknown() {
    let Captured { world, .. } = captured(&private_network());
    let question = Question::Interfaces(InterfaceFilter::Instance(id(APP_INSTANCE)));
    let Answered::Interfaces(_, Fact::Unreadable(why)) = world.answer_one(&question) else {
        panic!("{:?}", world.answer_one(&question));
    };
    assert_eq!(
        (why.action.as_str(), why.code.as_str()),
        ("ec2:DescribeNetworkInterfaces", "NotInSnapshot")
    );
}

#[test]
fn whatever_cannot_be_read_is_unknown_and_the_rest_is_known() {
    let network = private_network();
    let of_vpc: [(Question, &str); 5] = [
        (Question::Subnets(id(VPC)), "subnets"),
        (Question::Groups(GroupFilter::Vpc(id(VPC))), "groups"),
        (Question::Endpoints(id(VPC)), "endpoints"),
        (Question::RouteTables(id(VPC)), "route_tables"),
        (Question::Interfaces(InterfaceFilter::Vpc(id(VPC))), "interfaces"),
    ];
    let others: [(Question, &str); 8] = [
        (Question::RestApis(Everywhere), "rest_apis"),
        (Question::HttpApis(Everywhere), "http_apis"),
        (Question::GraphqlApis(Everywhere), "graphql_apis"),
        (Question::NetworkPaths(PathKind::Vpn), "network_paths"),
        (Question::BlockPublicAccess(Everywhere), "block_public_access"),
        (
            Question::Vpcs(Everywhere),
            "vpcs subnets groups endpoints route_tables interfaces",
        ),
        (Question::PrefixLists(Everywhere), "prefix_lists"),
        (Question::Endpoint(id(ECR_API_ENDPOINT)), "endpoints"),
    ];
    for (question, lacks) in of_vpc.into_iter().chain(others) {
        let Captured { world, unread } = captured(&Blind::denied(&network, question.clone()));
        assert_eq!(unread.len(), 1, "{question:?}");
        let parts = serde_json::to_value(&world).unwrap();
        let all = [
            "vpcs",
            "subnets",
            "groups",
            "endpoints",
            "route_tables",
            "interfaces",
            "prefix_lists",
            "block_public_access",
            "network_paths",
            "rest_apis",
            "http_apis",
            "graphql_apis",
        ];
        let missing: Vec<&str> = all.into_iter().filter(|part| parts.get(part).is_none()).collect();
        assert_eq!(missing.join(" "), lacks, "{question:?}");
        let answered = world.answer_one(&question);
        assert_eq!(answered, question.without(unreadable(&answered)), "{question:?}");
    }
}

/// The snapshot's own words for what it lacks.
fn unreadable(answered: &Answered) -> guardrail_policy::facts::Missing {
    let text = format!("{answered:?}");
    assert!(text.contains("NotInSnapshot"), "{text}");
    let action = text
        .split('"')
        .find(|part| part.contains(':') && !part.contains(' '))
        .unwrap();
    guardrail_policy::facts::Missing::Unreadable(guardrail_policy::facts::Unreadable {
        action: action.to_owned(),
        code: "NotInSnapshot".to_owned(),
    })
}

#[test]
fn details_that_cannot_be_read_are_unknown_though_their_part_is_known() {
    let network = private_network();
    for (question, detail) in [
        (Question::VpcDns(id(VPC)), Unknown::VpcDns),
        (Question::Rules(id(APP_GROUP)), Unknown::Rules),
        (Question::Entries(id(S3_LIST)), Unknown::Entries),
        (Question::DnsServers(id(VPC)), Unknown::DnsServers),
        (Question::RouteTable(id(ROUTE_TABLE)), Unknown::Associations),
    ] {
        let Captured { world, .. } = captured(&Blind::denied(&network, question.clone()));
        assert_eq!(
            world.unknown,
            BTreeSet::from([Unknown::Instances, Unknown::OtherServices, detail])
        );
        unreadable(&world.answer_one(&question));
        assert!(world.vpcs.is_some() && world.groups.is_some() && world.prefix_lists.is_some());
    }
}

#[test]
fn what_is_gone_by_the_time_it_is_read_is_not_in_the_snapshot() {
    let network = private_network();
    let Captured { world, unread } = captured(&Blind::gone(&network, Question::Rules(id(APP_GROUP))));
    assert_eq!(unread, []);
    assert_eq!(world.group(&id(APP_GROUP)), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn an_event_is_judged_by_a_snapshot_as_by_the_network(scenario in scenarios()) {
        let desk = scenario.desk();
        let snapshot = captured(&scenario.world).world;
        let (by_network, _) = desk.handle(&scenario.event.envelope(), &scenario.world);
        let (by_snapshot, _) = desk.handle(&scenario.event.envelope(), &snapshot);
        let of_instances = by_snapshot.facts.knows(&Question::Interfaces(InterfaceFilter::Instance(id(APP_INSTANCE))));
        prop_assert!(of_instances || by_network.decision == by_snapshot.decision);
    }
}
