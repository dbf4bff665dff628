//! Gateways that lead out: attached and detached, and what becomes of the routes to them.

use guardrail_policy::facts::{Answered, Fact, Question, RouteDestination};
use guardrail_policy::plan::{Outlet, RouteOut, Step};
use guardrail_world::{Applied, ApplyError, World};

use crate::sample::id;

const NETWORK: &str = r#"
account: "111122223333"
region: eu-west-1
vpcs:
  vpc-1: { cidrs: [10.0.0.0/16] }
  vpc-2: { cidrs: [10.1.0.0/16] }
route_tables:
  rtb-1: { vpc: vpc-1, main: true, routes: { 10.0.0.0/16: local, 0.0.0.0/0: igw-1, 8.8.8.0/24: igw-3 } }
internet_gateways:
  igw-1: { vpc: vpc-1 }
  igw-2: {}
egress_only_gateways:
  eigw-1: { vpc: vpc-2 }
nat_gateways:
  nat-1: { vpc: vpc-2, subnet: subnet-1 }
  nat-2: { vpc: vpc-2, connectivity: private, subnet: subnet-1 }
  nat-3: { vpc: vpc-1, state: gone }
"#;

fn network() -> World {
    World::read(NETWORK.as_bytes()).unwrap()
}

/// The routes of the only table that carry anything, as text.
fn routes(network: &World) -> Vec<String> {
    let Answered::RouteTables(_, Fact::Is(tables)) = network.answer_one(&Question::RouteTables(id("vpc-1"))) else {
        panic!("the tables are known");
    };
    let routes = tables[0].routes.iter();
    routes
        .map(|route| format!("{} by {}", route.destination, route.target))
        .collect()
}

fn default_route() -> Step {
    Step::delete_route(RouteOut {
        vpc: id("vpc-1"),
        table: id("rtb-1"),
        destination: RouteDestination::Cidr(id("0.0.0.0/0")),
        by: Outlet::InternetGateway(id("igw-1")),
    })
}

#[test]
fn gateways_are_listed_with_their_vpc_alone() {
    let network = network();
    let lists = |question| format!("{:?}", network.answer_one(&question));
    assert!(lists(Question::InternetGateways(id("vpc-1"))).contains("igw-1"));
    assert!(!lists(Question::InternetGateways(id("vpc-2"))).contains("igw-"));
    assert!(lists(Question::EgressOnlyGateways(id("vpc-2"))).contains("eigw-1"));
    let nat = lists(Question::NatGateways(id("vpc-2")));
    assert!(
        nat.contains("nat-1") && nat.contains("nat-2") && !nat.contains("nat-3"),
        "{nat}"
    );
    let mut unknown = network.clone();
    unknown.nat_gateways = None;
    let answer = unknown.answer_one(&Question::NatGateways(id("vpc-2")));
    assert!(
        matches!(answer, Answered::NatGateways(_, Fact::Unreadable(_))),
        "{answer:?}"
    );
}

#[test]
fn a_route_to_a_gateway_that_is_detached_carries_nothing_until_it_is_attached_again() {
    let mut network = network();
    let step = Step::detach_internet_gateway(&id("igw-1"), &id("vpc-1"));
    // Of the third gateway nothing is known: the route to it is taken as it stands.
    let [before, without] = [
        vec!["0.0.0.0/0 by igw-1", "8.8.8.0/24 by igw-3", "10.0.0.0/16 by local"],
        vec!["8.8.8.0/24 by igw-3", "10.0.0.0/16 by local"],
    ];
    assert_eq!(routes(&network), before);
    assert_eq!(network.apply(&step.action), Ok(Applied::Switched));
    assert_eq!(routes(&network), without);
    assert_eq!(network.apply(&step.action), Err(ApplyError::NotAttached(id("igw-1"))));
    assert_eq!(network.apply(&step.inverse), Ok(Applied::Switched));
    assert_eq!(routes(&network), before);
}

#[test]
fn a_vpc_has_one_internet_gateway_and_keeps_it_while_its_addresses_are_in_use() {
    let mut network = network();
    let taken = Err(ApplyError::HasGateway(id("vpc-1")));
    assert_eq!(network.attach_internet_gateway(&id("igw-2"), &id("vpc-1")), taken);
    let missing = Err(ApplyError::GatewayNotFound(id("igw-9")));
    assert_eq!(network.attach_internet_gateway(&id("igw-9"), &id("vpc-2")), missing);
    assert_eq!(
        network.attach_internet_gateway(&id("igw-2"), &id("vpc-2")),
        Ok(Applied::Switched)
    );
    let in_use = ApplyError::AddressesInUse(id("vpc-2"));
    assert_eq!(in_use.code(), "DependencyViolation");
    assert_eq!(network.detach_internet_gateway(&id("igw-2"), &id("vpc-2")), Err(in_use));
}

#[test]
fn a_route_is_deleted_once_and_not_made_beside_another_to_the_same_destination() {
    let mut network = network();
    let Step { action, inverse } = default_route();
    let there = Err(ApplyError::RouteExists(id("0.0.0.0/0")));
    assert_eq!(network.apply(&inverse), there);
    assert_eq!(network.apply(&action), Ok(Applied::Switched));
    assert_eq!(network.apply(&action), Err(ApplyError::RouteNotFound(id("0.0.0.0/0"))));
    assert_eq!(network.apply(&inverse), Ok(Applied::Switched));
    assert!(routes(&network).contains(&"0.0.0.0/0 by igw-1".to_owned()));
}
