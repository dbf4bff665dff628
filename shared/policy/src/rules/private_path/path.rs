//! One path: from a client group to an endpoint, leg by leg.

use std::collections::BTreeSet;

use super::client::{Client, Place};
use super::leg::{Destination, Lack, Leg, LegKind, Standing, standing, worst_of};
use super::name;
use super::permits::{End, Permits, Through};
use super::scene::Scene;
use crate::address::AddressSet;
use crate::endpoint_policy;
use crate::facts::{
    EndpointDetails, EndpointKind, EndpointState, Everywhere, ListOwner, PrefixList, Question, RouteTable, Stop,
    Unknown,
};
use crate::id::{RouteTableId, SubnetId};
use crate::network::Direction;
use crate::settings::CentralEndpoints;

/// By what a client may reach a service.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way<'f> {
    /// By an endpoint of the VPC.
    Own(&'f EndpointDetails),
    /// By endpoints in another VPC, as the policy file declares them.
    Central(&'f CentralEndpoints),
}

/// The legs of a path.
pub(super) fn legs(scene: &Scene<'_>, client: &Client<'_>, way: Way<'_>) -> Vec<Leg> {
    match way {
        Way::Central(central) => worst_of(client.places.iter().map(|place| to_central(scene, client, place, central))),
        Way::Own(details) => {
            let by_place = client.places.iter().map(|place| match details.endpoint.kind {
                EndpointKind::Gateway => to_gateway(scene, client, place, details),
                EndpointKind::Interface | EndpointKind::Other => to_interface(scene, client, place, details),
            });
            let mut legs = vec![endpoint(scene, details)];
            legs.extend(worst_of(by_place));
            legs.extend(name::legs(scene, client, details));
            legs.push(policy(details));
            legs
        }
    }
}

fn endpoint(scene: &Scene<'_>, details: &EndpointDetails) -> Leg {
    let endpoint = &details.endpoint;
    match endpoint.state {
        EndpointState::Available => Leg::works(LegKind::Endpoint, "available"),
        EndpointState::Pending if scene.case.waits_for_what_is_made() => Leg::unread(
            LegKind::Endpoint,
            Stop::Unknown { question: Question::Endpoint(endpoint.id.clone()), why: Unknown::NotYet },
        ),
        EndpointState::Pending => Leg::unsure(LegKind::Endpoint, "it is being made, or waits to be accepted"),
        EndpointState::Deleted | EndpointState::Other => {
            Leg::broken(LegKind::Endpoint, Lack::Available(endpoint.id.clone()), "it is not available")
        }
    }
}

fn policy(details: &EndpointDetails) -> Leg {
    match details.policy.as_deref() {
        None => Leg::works(LegKind::Policy, "the service takes none"),
        Some(document) if endpoint_policy::is_closed_to_all(document) => {
            let lack = Lack::Policy(details.endpoint.id.clone());
            Leg::broken(LegKind::Policy, lack, "it lets nobody do anything")
        }
        Some(_) => Leg::works(LegKind::Policy, "not closed to all"),
    }
}

/// The legs to an interface endpoint, by whichever family works best. Where a client has IPv6, it must be known whether the
/// endpoint has it too.
fn to_interface(scene: &Scene<'_>, client: &Client<'_>, place: &Place<'_>, details: &EndpointDetails) -> Vec<Leg> {
    let mut by_family = Vec::new();
    for ipv6 in [false, true] {
        let from = place.of_family(ipv6);
        if from.is_empty() {
            continue;
        }
        let to = scene.addresses_of(details, ipv6);
        match to {
            Err(stop) if ipv6 => return vec![Leg::unread(LegKind::ClientEgress, stop)],
            Ok(to) if to.is_empty() => {}
            to => by_family
                .push(vec![egress(scene, client, place, details, to), ingress(scene, client, place, details, from)]),
        }
    }
    let best = by_family.into_iter().min_by_key(|legs| {
        let broken = legs.iter().filter(|leg| leg.standing() == Standing::Broken).count();
        (standing(legs), broken)
    });
    best.unwrap_or_else(|| {
        let lack = Lack::Available(details.endpoint.id.clone());
        vec![Leg::broken(LegKind::ClientEgress, lack, "client and endpoint have no address of the same family")]
    })
}

fn egress(
    scene: &Scene<'_>,
    client: &Client<'_>,
    place: &Place<'_>,
    details: &EndpointDetails,
    addresses: Result<AddressSet, Stop>,
) -> Leg {
    let end = End { groups: scene.groups_of(&details.endpoint), list: None, addresses };
    let to = match details.endpoint.groups.first() {
        Some(group) => Destination::Group(group.clone()),
        None => Destination::Blocks(scene.vpc.cidrs.iter().copied().collect()),
    };
    let whither = || format!("{} or its addresses", in_list(&details.endpoint.groups));
    outgoing(scene, client, place, &end, to, whither)
}

/// The egress leg to any end.
fn outgoing(
    scene: &Scene<'_>,
    client: &Client<'_>,
    place: &Place<'_>,
    end: &End<'_>,
    to: Destination,
    whither: impl Fn() -> String,
) -> Leg {
    const KIND: LegKind = LegKind::ClientEgress;
    let supposed = scene.supposed(&place.groups, Direction::Egress);
    let permits = match Permits::read(scene.facts, place.groups.iter().copied(), Direction::Egress, supposed) {
        Ok(permits) => permits,
        Err(stop) => return Leg::unread(KIND, stop),
    };
    let lack = || Lack::Egress { from: client.group.id.clone(), to: to.clone() };
    let groups = in_list(&place.groups);
    let at = at(place);
    match permits.through(end) {
        Through::All(rule) => Leg::works(KIND, by(rule.as_ref())),
        Through::Unread(stop) => Leg::unread(KIND, stop),
        Through::AllBut(missing) => {
            let missing = blocks(&missing);
            Leg::broken(KIND, lack(), format!("{groups} permits tcp/443 to some of it only, not to {missing}{at}"))
        }
        Through::Nothing => {
            Leg::broken(KIND, lack(), format!("no egress rule of {groups} permits tcp/443 to {}{at}", whither()))
        }
    }
}

fn ingress(
    scene: &Scene<'_>,
    client: &Client<'_>,
    place: &Place<'_>,
    details: &EndpointDetails,
    addresses: AddressSet,
) -> Leg {
    const KIND: LegKind = LegKind::EndpointIngress;
    let groups = scene.groups_of(&details.endpoint);
    let supposed = scene.supposed(&groups, Direction::Ingress);
    let permits = match Permits::read(scene.facts, groups.iter().copied(), Direction::Ingress, supposed) {
        Ok(permits) => permits,
        Err(stop) => return Leg::unread(KIND, stop),
    };
    let end = End { groups: place.groups.clone(), list: None, addresses: Ok(addresses) };
    let lack = || match details.endpoint.groups.first() {
        Some(to) => Lack::Ingress { to: to.clone(), from: client.group.id.clone() },
        None => Lack::Available(details.endpoint.id.clone()),
    };
    let into = in_list(&details.endpoint.groups);
    match permits.through(&end) {
        Through::All(rule) => Leg::works(KIND, by(rule.as_ref())),
        Through::Unread(stop) => Leg::unread(KIND, stop),
        Through::AllBut(missing) if place.interface.is_none() => Leg::unsure(
            KIND,
            format!("{into} admits tcp/443 from some of the VPC's subnets only, not from {}", blocks(&missing)),
        ),
        Through::AllBut(missing) => {
            Leg::broken(KIND, lack(), format!("{into} does not admit tcp/443 from {}{}", blocks(&missing), at(place)))
        }
        Through::Nothing => {
            let from = in_list(&place.groups);
            Leg::broken(
                KIND,
                lack(),
                format!("no ingress rule of {into} permits tcp/443 from {from} or its addresses{}", at(place)),
            )
        }
    }
}

/// The legs to a gateway endpoint: AWS's list of the service, and a route to it.
fn to_gateway(scene: &Scene<'_>, client: &Client<'_>, place: &Place<'_>, details: &EndpointDetails) -> Vec<Leg> {
    let lists = match scene.facts.prefix_lists(&Everywhere) {
        Ok(lists) => lists,
        Err(stop) => return vec![Leg::unread(LegKind::ClientEgress, stop), route(scene, place, details)],
    };
    let of_service = |list: &&PrefixList| list.owner == ListOwner::Aws && list.name == details.endpoint.service;
    let egress = match lists.iter().find(of_service) {
        None => Leg::unsure(LegKind::ClientEgress, format!("AWS shows no prefix list of {}", details.endpoint.service)),
        Some(list) => {
            let entries = scene.facts.entries(&list.id).map(|entries| entries.iter().collect());
            let end = End { groups: BTreeSet::new(), list: Some(&list.id), addresses: entries };
            let whither = || format!("{} ({}) or all that it holds", list.id, list.name);
            outgoing(scene, client, place, &end, Destination::List(list.id.clone()), whither)
        }
    };
    vec![egress, route(scene, place, details)]
}

fn route(scene: &Scene<'_>, place: &Place<'_>, details: &EndpointDetails) -> Leg {
    const KIND: LegKind = LegKind::GatewayRoute;
    let tables = match scene.facts.route_tables(&details.vpc) {
        Ok(tables) => tables,
        Err(stop) => return Leg::unread(KIND, stop),
    };
    let endpoint = &details.endpoint;
    let lost = scene.supposed_of(&endpoint.id).map(|before| before.route_tables.as_slice()).unwrap_or_default();
    let is_on = |table: &RouteTableId| endpoint.route_tables.contains(table) || lost.contains(table);
    let serving: BTreeSet<&RouteTableId> = place.subnets.iter().filter_map(|subnet| serving(tables, subnet)).collect();
    let (with, without): (Vec<_>, Vec<_>) = serving.into_iter().partition(|table| is_on(table));
    if without.is_empty() {
        return Leg::works(KIND, format!("{} is on {}", endpoint.id, in_list(&with)));
    }
    let says = format!("{} is not on {}{}", endpoint.id, in_list(&without), at(place));
    if place.interface.is_none() && !with.is_empty() {
        return Leg::unsure(KIND, says);
    }
    let tables = without.into_iter().cloned().collect();
    Leg::broken(KIND, Lack::Route { endpoint: endpoint.id.clone(), tables }, says)
}

/// The table that serves a subnet: its own, else the VPC's main table.
fn serving<'t>(tables: &'t [RouteTable], subnet: &SubnetId) -> Option<&'t RouteTableId> {
    let own = tables.iter().find(|table| table.subnets.contains(subnet));
    own.or_else(|| tables.iter().find(|table| table.main)).map(|table| &table.id)
}

/// The legs to central endpoints: only the client's own egress is ours to read.
fn to_central(scene: &Scene<'_>, client: &Client<'_>, place: &Place<'_>, central: &CentralEndpoints) -> Vec<Leg> {
    let blocks = central.cidrs.clone();
    let end = End { groups: BTreeSet::new(), list: None, addresses: Ok(blocks.iter().collect()) };
    let whither = || format!("{} (a reference to a group does not reach over a transit gateway)", in_list(&blocks));
    let egress = outgoing(scene, client, place, &end, Destination::Blocks(blocks.clone()), whither);
    let theirs = format!("it is account {}'s, not ours to read", central.account);
    vec![egress, Leg::unsure(LegKind::EndpointIngress, theirs.clone()), Leg::unsure(LegKind::Name, theirs)]
}

fn by(rule: Option<&crate::id::SecurityGroupRuleId>) -> String {
    rule.map_or_else(|| "by several rules together".to_owned(), ToString::to_string)
}

fn at(place: &Place<'_>) -> String {
    place.interface.map_or_else(String::new, |interface| format!(", seen at {}", interface.id))
}

/// Ids or blocks in a row, at most three.
pub(super) fn in_list<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    let shown = items.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    match items.len() {
        0 => "no group".to_owned(),
        1..=3 => shown,
        many => format!("{shown} and {} more", many - 3),
    }
}

fn blocks(addresses: &AddressSet) -> String {
    in_list(addresses.to_cidrs())
}
