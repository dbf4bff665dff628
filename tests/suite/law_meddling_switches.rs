//! Law 5 for what is switched on: whatever somebody else does at whichever moment, nothing of theirs is undone, and nothing is
//! switched but what the event switched off.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use guardrail_policy::facts::{DnsAttribute, EndpointState};
use guardrail_policy::id::VpcId;
use guardrail_policy::network::Direction;
use guardrail_policy::plan::Action;
use guardrail_testkit::Saboteur;
use guardrail_world::World;

use crate::healthy::{Healthy, healthy, notices};

/// What somebody else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// Switches the same thing on.
    SwitchesOn,
    /// Deletes the endpoint, or every endpoint of the VPC.
    Deletes,
    /// Lets nothing into the groups of endpoints.
    ShutsOut,
    /// Gives the endpoints another policy.
    SetsPolicy,
    /// Switches the DNS host names of the VPC off.
    SwitchesHostNamesOff,
}

const MOVES: [Move; 5] = [
    Move::SwitchesOn,
    Move::Deletes,
    Move::ShutsOut,
    Move::SetsPolicy,
    Move::SwitchesHostNamesOff,
];

/// What is on, by what it is of; an endpoint that is gone is not in it.
type Switches = BTreeMap<String, bool>;

fn switches(world: &World) -> Switches {
    let endpoints = world.endpoints.iter().flat_map(|endpoints| endpoints.iter());
    let there = endpoints.filter(|(_, endpoint)| endpoint.state != EndpointState::Deleted);
    let endpoints = there.map(|(id, endpoint)| (id.to_string(), endpoint.private_dns));
    let vpcs = world.vpcs.iter().flat_map(|vpcs| vpcs.iter());
    let attributes = vpcs.flat_map(|(id, vpc)| {
        [
            (format!("{id} {}", DnsAttribute::DnsSupport), vpc.dns_support),
            (format!("{id} {}", DnsAttribute::DnsHostnames), vpc.dns_hostnames),
        ]
    });
    let subnets = world.subnets.iter().flat_map(|subnets| subnets.iter());
    let subnets = subnets.map(|(id, subnet)| (id.to_string(), subnet.public_addresses));
    endpoints.chain(attributes).chain(subnets).collect()
}

/// The VPC that an action is about.
fn vpc(world: &World, action: &Action) -> Option<VpcId> {
    match action {
        Action::ModifyVpcAttribute { vpc, .. } => Some(vpc.clone()),
        Action::ModifyVpcEndpoint { endpoint, .. } | Action::SetEndpointPolicy { endpoint, .. } => {
            let found = world.endpoints.as_ref()?.get(endpoint)?;
            Some(found.vpc.clone())
        }
        Action::ModifySubnetAttribute { subnet, .. } => Some(world.subnets.as_ref()?.get(subnet)?.vpc.clone()),
        _ => None,
    }
}

impl Move {
    /// Makes the move as far as the network lets it be made.
    fn make(self, world: &mut World, action: &Action) {
        let Some(vpc) = vpc(world, action) else { return };
        match self {
            Self::SwitchesOn => {
                let _refused = match action {
                    Action::ModifyVpcAttribute { vpc, attribute, on } => world.switch_attribute(vpc, *attribute, *on),
                    Action::ModifyVpcEndpoint { endpoint, private_dns } => {
                        world.switch_private_dns(endpoint, *private_dns)
                    }
                    Action::SetEndpointPolicy { endpoint, to, .. } => world.set_policy(endpoint, to),
                    Action::ModifySubnetAttribute {
                        subnet,
                        public_addresses,
                    } => world.switch_public_addresses(subnet, *public_addresses),
                    _ => return,
                };
            }
            Self::SwitchesHostNamesOff => {
                world.switch_attribute(&vpc, DnsAttribute::DnsHostnames, false).unwrap();
            }
            Self::Deletes | Self::SetsPolicy => {
                let endpoints = world.endpoints.iter_mut().flat_map(|endpoints| endpoints.values_mut());
                for endpoint in endpoints.filter(|endpoint| endpoint.vpc == vpc) {
                    match self {
                        Self::Deletes => endpoint.state = EndpointState::Deleted,
                        _ => endpoint.policy = Some("{\"Statement\":[]}".to_owned()),
                    }
                }
            }
            Self::ShutsOut => {
                let groups = world.groups.iter_mut().flat_map(|groups| groups.values_mut());
                for group in groups.filter(|group| group.vpc == vpc) {
                    group.rules.retain(|_, rule| rule.direction == Direction::Egress);
                }
            }
        }
    }
}

/// The one switch of a case's plan.
fn switched(healthy: &Healthy) -> Option<&Action> {
    healthy.actions.iter().find(|action| action.is_switch())
}

/// Everything that the network may come to: the move and the plan in either order, the move alone, or what the guardrail
/// makes of a network in which the move was made before.
fn ends(healthy: &Healthy, action: &Action, by: Move) -> Vec<Switches> {
    let (Some(first), Some(last)) = (healthy.worlds.first(), healthy.worlds.last()) else {
        return Vec::new();
    };
    let moved = |state: &World| {
        let mut state = state.clone();
        by.make(&mut state, action);
        switches(&state)
    };
    let mut queue = healthy.case.queue();
    queue.network.change(|world| by.make(world, action));
    queue.drain();
    vec![moved(first), moved(last), switches(&queue.network.world())]
}

fn after(healthy: &Healthy, action: &Action, by: Move, ends: &[Switches], number: usize) -> Vec<String> {
    let mut queue = healthy.case.queue();
    let network = Rc::clone(&queue.network);
    let meddler = {
        let action = action.clone();
        move || network.change(|world| by.make(world, &action))
    };
    queue.deliver(&Saboteur::meddling(number, meddler));
    let is_acknowledged = queue.drain();
    let history = queue.network.history();
    let own: Vec<&Action> = history.iter().filter_map(|change| change.action.as_ref()).collect();
    let end = switches(&queue.network.world());
    let checks = [
        (is_acknowledged, "it is not acknowledged"),
        (
            ends.contains(&end),
            "it ends in a state that neither the plan nor the move has",
        ),
        (
            own.iter().all(|own| *own == action) && own.len() <= 1,
            "it switches something else, or more than once",
        ),
        (notices(&queue).len() <= 1, "it is told twice"),
    ];
    let wrong = checks.iter().filter(|(holds, _)| !holds);
    let call = &healthy.calls[number];
    let place = format!("{}, {by:?} before call {number} ({call})", healthy.case.name);
    wrong.map(|(_, what)| format!("{place}: {what}: {end:?}")).collect()
}

#[test]
fn whatever_somebody_else_does_at_whichever_call_only_what_the_event_switched_off_is_switched_on() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for healthy in healthy() {
        let Some(action) = switched(&healthy) else { continue };
        seen.insert(matches!(action, Action::ModifyVpcAttribute { .. }));
        for by in MOVES {
            let ends = ends(&healthy, action, by);
            for number in 0..healthy.calls.len() {
                wrong.extend(after(&healthy, action, by, &ends, number));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(
        seen,
        [false, true].into(),
        "an endpoint's and a VPC's switch are among the cases"
    );
}
