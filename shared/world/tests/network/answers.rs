//! Answers as EC2 gives them.

use std::collections::BTreeSet;

use guardrail_policy::facts::{
    Answered, Everywhere, Fact, GroupFilter, InterfaceFilter, ListOwner, PathKind, Question, RouteDestination,
    RouteTarget, Unreadable,
};
use guardrail_world::World;

use crate::sample::{id, network};

#[test]
fn what_is_named_and_absent_is_gone_and_a_filter_without_a_match_is_an_empty_list() {
    let network = network();
    assert_eq!(
        network.answer_one(&Question::Groups(GroupFilter::Id(id("sg-9")))),
        Answered::Groups(GroupFilter::Id(id("sg-9")), Fact::Gone)
    );
    assert_eq!(
        network.answer_one(&Question::Vpc(id("vpc-9"))),
        Answered::Vpc(id("vpc-9"), Fact::Gone)
    );
    assert_eq!(
        network.answer_one(&Question::Entries(id("pl-9"))),
        Answered::Entries(id("pl-9"), Fact::Gone)
    );
    let absent = InterfaceFilter::Id(id("eni-9"));
    assert_eq!(
        network.answer_one(&Question::Interfaces(absent.clone())),
        Answered::Interfaces(absent, Fact::Gone)
    );
    assert_eq!(
        network.answer_one(&Question::Rules(id("sg-9"))),
        Answered::Rules(id("sg-9"), Fact::Gone)
    );
    for absent in [
        GroupFilter::Named("none".to_owned()),
        GroupFilter::DefaultOf(id("vpc-2")),
    ] {
        assert_eq!(
            network.answer_one(&Question::Groups(absent.clone())),
            Answered::Groups(absent, Fact::Gone)
        );
    }
    let unused = InterfaceFilter::Group(id("sg-1"));
    assert_eq!(
        network.answer_one(&Question::Interfaces(unused.clone())),
        Answered::Interfaces(unused, Fact::Is(Vec::new()))
    );
}

fn groups_matching(network: &World, filter: GroupFilter) -> Vec<String> {
    let Answered::Groups(_, Fact::Is(groups)) = network.answer_one(&Question::Groups(filter)) else {
        panic!("an answer")
    };
    groups
        .iter()
        .map(|group| format!("{} of {}", group.id, group.owner))
        .collect()
}

#[test]
fn groups_are_found_by_name_by_vpc_and_by_the_lists_they_name_in_egress() {
    let network = network();
    assert_eq!(
        groups_matching(&network, GroupFilter::Named("app".to_owned())),
        ["sg-1 of 111122223333"]
    );
    assert_eq!(
        groups_matching(&network, GroupFilter::DefaultOf(id("vpc-1"))),
        ["sg-2 of 111122223333"]
    );
    assert_eq!(
        groups_matching(&network, GroupFilter::EgressTo(id("pl-1"))),
        ["sg-1 of 111122223333"]
    );
    assert!(groups_matching(&network, GroupFilter::EgressTo(id("pl-2"))).is_empty());
}

#[test]
fn lists_and_routes_say_whose_they_are_and_where_they_lead() {
    let network = network();
    let Answered::PrefixLists(_, Fact::Is(lists)) = network.answer_one(&Question::PrefixLists(Everywhere)) else {
        panic!("an answer")
    };
    let owners: Vec<_> = lists
        .iter()
        .map(|list| (list.owner.clone(), list.max_entries))
        .collect();
    assert_eq!(
        owners,
        [
            (ListOwner::Aws, None),
            (ListOwner::Account(id("111122223333")), Some(20))
        ]
    );
    let Answered::RouteTables(_, Fact::Is(tables)) = network.answer_one(&Question::RouteTables(id("vpc-1"))) else {
        panic!("an answer")
    };
    let routes: Vec<_> = tables[0]
        .routes
        .iter()
        .map(|route| (route.destination.clone(), route.target.clone()))
        .collect();
    let local = (RouteDestination::Cidr(id("10.0.0.0/16")), RouteTarget::Local);
    let s3 = (
        RouteDestination::PrefixList(id("pl-1")),
        RouteTarget::To("vpce-1".to_owned()),
    );
    assert_eq!(BTreeSet::from_iter(routes), BTreeSet::from([local, s3]));
}

#[test]
fn a_subnet_by_itself_says_whose_it_is_and_paths_are_listed_by_kind() {
    let network = network();
    for (subnet, vpc, owner) in [
        ("subnet-1", "vpc-1", "111122223333"),
        ("subnet-2", "vpc-2", "444455556666"),
    ] {
        let Answered::Subnet(_, Fact::Is(found)) = network.answer_one(&Question::Subnet(id(subnet))) else {
            panic!("an answer")
        };
        assert_eq!((found.vpc.as_str(), found.owner.as_str()), (vpc, owner));
    }
    let gone = network.answer_one(&Question::Subnet(id("subnet-9")));
    assert_eq!(gone, Answered::Subnet(id("subnet-9"), Fact::Gone));
    let listed = PathKind::ALL.map(|kind| match network.answer_one(&Question::NetworkPaths(kind)) {
        Answered::NetworkPaths(_, Fact::Is(paths)) => paths.keys().map(ToString::to_string).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    });
    assert_eq!(listed, [vec!["pcx-1"], vec!["tgw-attach-1"], vec![]]);
}

#[test]
fn a_part_that_the_snapshot_leaves_out_is_unreadable_and_not_empty() {
    let network = World::read(b"account: '111122223333'\nregion: eu-west-1\n").unwrap();
    let why = Unreadable {
        action: "ec2:DescribeVpcEndpoints".to_owned(),
        code: "NotInSnapshot".to_owned(),
    };
    assert_eq!(
        network.answer_one(&Question::Endpoints(id("vpc-1"))),
        Answered::Endpoints(id("vpc-1"), Fact::Unreadable(why))
    );
}
