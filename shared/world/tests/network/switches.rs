//! What is switched on and off: private DNS of endpoints, and the DNS attributes of VPCs.

use guardrail_policy::endpoint_policy::Policy;
use guardrail_policy::facts::{Answered, DnsAttribute, Fact, Question};
use guardrail_policy::plan::{Action, Step};
use guardrail_world::{Applied, ApplyError, Parts, World};

use crate::sample::id;

const NETWORK: &str = r#"
account: "111122223333"
region: eu-west-1
vpcs:
  vpc-1: { cidrs: [10.0.0.0/16], hosted_zones: [com.amazonaws.eu-west-1.sqs] }
subnets:
  subnet-1: { vpc: vpc-1, cidrs: [10.0.1.0/24] }
endpoints:
  vpce-1: { vpc: vpc-1, service: com.amazonaws.eu-west-1.sts, kind: interface, private_dns: true }
  vpce-2: { vpc: vpc-1, service: com.amazonaws.eu-west-1.sts, kind: interface }
  vpce-3: { vpc: vpc-1, service: com.amazonaws.eu-west-1.sqs, kind: interface }
  vpce-4: { vpc: vpc-1, service: com.amazonaws.eu-west-1.kms, kind: interface, state: pending }
"#;

fn network() -> World {
    World::read(NETWORK.as_bytes()).unwrap()
}

fn private_dns(endpoint: &str, on: bool) -> Action {
    Step::switch_private_dns(&id(endpoint), on).action
}

fn attribute(attribute: DnsAttribute, on: bool) -> Action {
    Step::switch_attribute(&id("vpc-1"), attribute, on).action
}

#[test]
fn the_attributes_of_a_vpc_are_on_where_nothing_else_is_said_and_can_be_switched() {
    let mut network = network();
    let dns = |network: &World| match network.answer_one(&Question::VpcDns(id("vpc-1"))) {
        Answered::VpcDns(_, Fact::Is(dns)) => (dns.support, dns.hostnames),
        other => panic!("{other:?}"),
    };
    assert_eq!(dns(&network), (true, true));
    assert_eq!(
        network.apply(&attribute(DnsAttribute::DnsSupport, false)),
        Ok(Applied::Switched)
    );
    assert_eq!(dns(&network), (false, true));
    assert_eq!(
        network.apply(&attribute(DnsAttribute::DnsHostnames, false)),
        Ok(Applied::Switched)
    );
    let refused = network.apply(&attribute(DnsAttribute::DnsHostnames, true));
    assert_eq!(refused, Err(ApplyError::DnsAttributesOff(id("vpc-1"))));
    let nowhere = Step::switch_attribute(&id("vpc-9"), DnsAttribute::DnsSupport, true).action;
    assert_eq!(network.apply(&nowhere), Err(ApplyError::VpcNotFound(id("vpc-9"))));
}

#[test]
fn a_subnet_gives_out_no_public_addresses_where_nothing_else_is_said_and_can_be_switched() {
    let mut network = network();
    let gives = |network: &World| match network.answer_one(&Question::Subnet(id("subnet-1"))) {
        Answered::Subnet(_, Fact::Is(details)) => details.subnet.public_addresses,
        other => panic!("{other:?}"),
    };
    assert!(!gives(&network));
    let switch = |subnet: &str, on| Step::switch_public_addresses(&id(subnet), on).action;
    assert_eq!(network.apply(&switch("subnet-1", true)), Ok(Applied::Switched));
    assert!(gives(&network));
    let nowhere = network.apply(&switch("subnet-9", false));
    assert_eq!(nowhere, Err(ApplyError::SubnetNotFound(id("subnet-9"))));
}

#[test]
fn private_dns_is_on_only_where_the_vpc_and_the_name_let_it() {
    let mut network = network();
    let taken = |service: &str| {
        Err(ApplyError::ConflictingDomain(format!(
            "com.amazonaws.eu-west-1.{service}"
        )))
    };
    assert_eq!(network.apply(&private_dns("vpce-2", true)), taken("sts"));
    assert_eq!(network.apply(&private_dns("vpce-3", true)), taken("sqs"));
    let pending = Err(ApplyError::EndpointNotAvailable(id("vpce-4")));
    assert_eq!(network.apply(&private_dns("vpce-4", true)), pending);
    let gone = Err(ApplyError::EndpointNotFound(id("vpce-9")));
    assert_eq!(network.apply(&private_dns("vpce-9", true)), gone);
    assert_eq!(network.apply(&private_dns("vpce-1", false)), Ok(Applied::Switched));
    assert_eq!(network.apply(&private_dns("vpce-2", true)), Ok(Applied::Switched));
    network.apply(&private_dns("vpce-2", false)).unwrap();
    network.apply(&attribute(DnsAttribute::DnsHostnames, false)).unwrap();
    let off = Err(ApplyError::DnsAttributesOff(id("vpc-1")));
    assert_eq!(network.apply(&private_dns("vpce-2", true)), off);
}

#[test]
fn an_endpoint_is_answered_by_its_id_with_all_that_is_known_of_it() {
    let network = network();
    let Answered::Endpoint(_, Fact::Is(found)) = network.answer_one(&Question::Endpoint(id("vpce-1"))) else {
        panic!("it is there")
    };
    assert_eq!((found.vpc, found.endpoint.private_dns), (id("vpc-1"), true));
    let gone = Question::Endpoint(id("vpce-9"));
    assert_eq!(network.answer_one(&gone), Answered::Endpoint(id("vpce-9"), Fact::Gone));
}

#[test]
fn a_policy_is_put_in_the_place_of_the_one_that_is_there_whatever_that_is() {
    let mut network = network();
    let policy = |network: &World| match network.answer_one(&Question::Endpoint(id("vpce-1"))) {
        Answered::Endpoint(_, Fact::Is(details)) => details.policy,
        other => panic!("{other:?}"),
    };
    let set = |endpoint: &str| {
        let (from, to) = (Policy::new("{\"Statement\":[]}"), Policy::new("{\"Statement\":[{}]}"));
        Step::set_endpoint_policy(&id(endpoint), &from, &to).action
    };
    assert_eq!(network.apply(&set("vpce-1")), Ok(Applied::Switched));
    assert_eq!(policy(&network).as_deref(), Some("{\"Statement\":[{}]}"));
    let pending = Err(ApplyError::EndpointNotAvailable(id("vpce-4")));
    assert_eq!(network.apply(&set("vpce-4")), pending);
    let nowhere = Err(ApplyError::EndpointNotFound(id("vpce-9")));
    assert_eq!(network.apply(&set("vpce-9")), nowhere);
}

#[test]
fn a_service_that_a_known_part_does_not_name_is_not_offered_and_an_unknown_part_says_nothing() {
    let mut network = network();
    let asked = Question::EndpointService("com.amazonaws.eu-west-1.sts".to_owned());
    let answer = |network: &World| match network.answer_one(&asked) {
        Answered::EndpointService(_, fact) => fact,
        other => panic!("{other:?}"),
    };
    assert!(matches!(answer(&network), Fact::Unreadable(_)));
    network.endpoint_services = Some(Parts::default());
    assert_eq!(answer(&network), Fact::Gone);
}
