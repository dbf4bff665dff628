//! What is around a group: the endpoints that could take an open rule's place, and the way out that would make it matter.

use std::collections::BTreeSet;

use crate::address::{AddressSet, EVERYWHERE, INTERNET};
use crate::case::Case;
use crate::facts::{
    AddressFamily, Endpoint, EndpointKind, EndpointState, Everywhere, Facts, InterfaceFilter, ListOwner, NetworkInterface, PrefixList,
    Route, RouteDestination, RouteTable, RouteTarget, SecurityGroup, SecurityGroupRule, Stop, Vpc, both,
};
use crate::finding::Cause;
use crate::id::{PrefixListId, Region, RouteTableId, SecurityGroupId, SubnetId};
use crate::network::{Cidr, Peer};
use crate::ordered;
use crate::settings::{Remedy, RuleName};

use super::reach::{self, Class, Violation};

/// The VPC around a group, as far as plans and messages need it.
#[derive(Debug)]
pub(super) struct Surroundings<'f> {
    /// The group's VPC.
    pub vpc: &'f Vpc,
    /// Its interface endpoints that are available.
    pub interface_endpoints: Vec<&'f Endpoint>,
    /// Its gateway endpoints that are available and on a route table that serves the group.
    pub gateways: Vec<Gateway<'f>>,
    /// Endpoints that are still being made.
    pub pending: Vec<&'f Endpoint>,
    /// The prefix lists that the account can see.
    pub lists: &'f [PrefixList],
    /// A route by which a subnet of the group reaches the internet.
    pub way_out: Option<WayOut>,
    /// Every interface of the VPC, where it was necessary to read them all.
    members: Option<&'f [NetworkInterface]>,
}

/// A gateway endpoint with the list of addresses that it serves.
#[derive(Debug)]
pub(super) struct Gateway<'f> {
    /// The endpoint.
    pub endpoint: &'f Endpoint,
    /// AWS's list of the service's addresses, by which rules name it.
    pub list: &'f PrefixListId,
    /// Addresses among which all of the list's are; just these where they were read.
    pub addresses: AddressSet,
}

/// A route to the internet, or to something that may lead there.
#[derive(Debug, Clone)]
pub(super) struct WayOut {
    table: RouteTableId,
    destination: String,
    target: String,
}

impl<'f> Surroundings<'f> {
    /// Reads what is around a group, all in one round.
    pub(super) fn read(
        case: &Case<'_>,
        facts: &'f Facts,
        group: &SecurityGroup,
        vpc: &'f Vpc,
        violations: &[Violation<'_>],
    ) -> Result<Self, Stop> {
        let to_mend = violations.iter().filter(|v| (v.cause, v.class) == (Cause::ThisEvent, Class::Internet));
        let mut https = to_mend.filter(|violation| violation.rule.permission.traffic.covers_tcp(443));
        let on_blocks = https.any(|violation| !reaches_whole_families(&violation.destinations));
        Self::read_with(case, facts, group, vpc, on_blocks)
    }

    /// Why a judgement stops, joined with what its plan will need should it find something in the rules that the event
    /// brought in: to wait costs a round.
    pub(super) fn ahead<'r>(
        case: &Case<'_>,
        facts: &Facts,
        group: &SecurityGroup,
        vpc: &Vpc,
        brought: impl IntoIterator<Item = &'r SecurityGroupRule>,
        stop: Stop,
    ) -> Stop {
        let may_be_partial = |rule: &SecurityGroupRule| match &rule.permission.peer {
            Peer::PrefixList(id) => matches!(facts.entries(id), Err(Stop::Need(_))),
            Peer::Cidr(cidr) => cidr.net().prefix_len() > 0 && INTERNET.meets(*cidr),
            Peer::Group { .. } => false,
        };
        let may_be_partial = |rule: &SecurityGroupRule| rule.permission.traffic.covers_tcp(443) && may_be_partial(rule);
        let on_blocks = brought.into_iter().any(may_be_partial);
        match Surroundings::read_with(case, facts, group, vpc, on_blocks) {
            Err(more @ Stop::Need(_)) => stop.join(more),
            _ => stop,
        }
    }

    /// `on_blocks`: whether the plan turns on single blocks of AWS's lists.
    fn read_with(
        case: &Case<'_>,
        facts: &'f Facts,
        group: &SecurityGroup,
        vpc: &'f Vpc,
        on_blocks: bool,
    ) -> Result<Self, Stop> {
        let everyone = needs_every_interface(case, vpc);
        let of = if everyone { InterfaceFilter::Vpc(vpc.id.clone()) } else { InterfaceFilter::Group(group.id.clone()) };
        let places = both(facts.interfaces(&of), facts.route_tables(&vpc.id));
        let peers = both(facts.endpoints(&vpc.id), facts.prefix_lists(&Everywhere));
        let lists = gateway_entries(facts, &case.event.region, on_blocks);
        let ((interfaces, tables), (endpoints, all_lists)) = match (both(places, peers), lists) {
            (Ok(read), Ok(())) => read,
            (Err(stop), Ok(())) | (Ok(_), Err(stop)) => return Err(stop),
            (Err(one), Err(two)) => return Err(one.join(two)),
        };
        let subnets = ordered::set(interfaces.iter().filter(|i| i.groups.contains(&group.id)).map(|i| &i.subnet));
        let serving: Vec<&RouteTable> = tables.iter().filter(|table| serves(table, tables, &subnets)).collect();
        let gateways = gateways(facts, endpoints, &serving, all_lists);
        let of_state = |state| endpoints.iter().filter(move |endpoint| endpoint.state == state);
        Ok(Self {
            vpc,
            interface_endpoints: of_state(EndpointState::Available).filter(|e| e.kind == EndpointKind::Interface).collect(),
            gateways,
            pending: of_state(EndpointState::Pending).collect(),
            lists: all_lists,
            way_out: serving.iter().find_map(|table| way_out(table)),
            members: everyone.then_some(interfaces.as_slice()),
        })
    }

    /// Addresses among which are all that a reference to a group of this VPC reaches.
    pub(super) fn members_of(&self, group: &SecurityGroupId) -> AddressSet {
        match self.members {
            None => self.vpc.cidrs.iter().collect(),
            Some(interfaces) => interfaces
                .iter()
                .filter(|interface| interface.groups.contains(group))
                .flat_map(|interface| &interface.addresses)
                .map(|address| Cidr::new((*address).into()))
                .collect(),
        }
    }

    /// Whether the internet can be reached from the group's subnets at all, for people.
    pub(super) fn way_out_in_words(&self) -> String {
        match &self.way_out {
            Some(WayOut { table, destination, target }) => format!(
                "there is a way out: route table {table} sends {destination} to {target}, so traffic can leave now"
            ),
            None => "the group's subnets have no route to the internet at this time: nothing leaves until somebody adds one"
                .to_owned(),
        }
    }
}

/// Whether the plan may turn on single addresses: references to groups in a VPC of both families.
fn needs_every_interface(case: &Case<'_>, vpc: &Vpc) -> bool {
    let remedy = case.settings.option(RuleName::OpenEgress, case.account, |settings| settings.remedy);
    remedy == Some(Remedy::PrivatePaths) && vpc.cidrs.iter().any(|cidr| cidr.is_ipv6())
}

/// Reads what AWS's lists of this Region's S3 and `DynamoDB` hold, where the proof that a rule reaches all of it turns on
/// single blocks. It is asked in the same round as the endpoints, before it is known which of them are routed. What was
/// read ahead and could not be read stops a plan that would not have needed it, too (law 4).
fn gateway_entries(facts: &Facts, region: &Region, on_blocks: bool) -> Result<(), Stop> {
    let lists = match facts.prefix_lists(&Everywhere) {
        Ok(lists) => lists,
        Err(_) if !on_blocks => return Ok(()),
        Err(stop) => return Err(stop),
    };
    let lists = lists.iter().filter(|list| reach::is_gateway_service(list, region));
    let reads = lists.map(|list| match facts.entries(&list.id) {
        Ok(_) => Ok(()),
        Err(Stop::Need(_)) if !on_blocks => Ok(()),
        Err(stop) => Err(stop),
    });
    reads.reduce(|one, two| both(one, two).map(|_| ())).unwrap_or(Ok(()))
}

/// Whether a set holds all or nothing of each family.
fn reaches_whole_families(destinations: &AddressSet) -> bool {
    [AddressFamily::Ipv4, AddressFamily::Ipv6].into_iter().all(|family| {
        let family = whole(family);
        destinations.covers(&family) || destinations.within(&family).is_empty()
    })
}

/// Every address of a family.
fn whole(family: AddressFamily) -> AddressSet {
    let block = EVERYWHERE.to_cidrs().into_iter().filter(|cidr| cidr.is_ipv6() == (family == AddressFamily::Ipv6));
    block.collect()
}

/// Whether a table serves one of these subnets; with no subnet yet, whether it serves any.
fn serves(table: &RouteTable, tables: &[RouteTable], subnets: &BTreeSet<&SubnetId>) -> bool {
    if subnets.is_empty() {
        return table.main || !table.subnets.is_empty();
    }
    subnets.iter().any(|subnet| {
        table.subnets.contains(*subnet) || (table.main && !tables.iter().any(|other| other.subnets.contains(*subnet)))
    })
}

/// The gateway endpoints that work for the group.
fn gateways<'f>(
    facts: &Facts,
    endpoints: &'f [Endpoint],
    serving: &[&RouteTable],
    lists: &'f [PrefixList],
) -> Vec<Gateway<'f>> {
    let routed = endpoints.iter().filter(|endpoint| {
        endpoint.kind == EndpointKind::Gateway
            && endpoint.state == EndpointState::Available
            && serving.iter().any(|table| endpoint.route_tables.contains(&table.id))
    });
    let with_list = routed.filter_map(|endpoint| {
        let list = lists.iter().find(|list| list.owner == ListOwner::Aws && list.name == endpoint.service)?;
        let addresses = facts.entries(&list.id).map_or_else(|_| whole(list.family), |entries| entries.iter().collect());
        Some(Gateway { endpoint, list: &list.id, addresses })
    });
    with_list.collect()
}

/// The first route of a table that leads to addresses of the internet and not to an endpoint's list.
fn way_out(table: &RouteTable) -> Option<WayOut> {
    let leads_out = |route: &&Route| match &route.destination {
        RouteDestination::Cidr(cidr) => {
            route.target != RouteTarget::Local && INTERNET.meets(*cidr)
        }
        RouteDestination::PrefixList(_) => false,
    };
    let route = table.routes.iter().find(leads_out)?;
    let destination = match &route.destination {
        RouteDestination::Cidr(cidr) => cidr.to_string(),
        RouteDestination::PrefixList(id) => id.to_string(),
    };
    Some(WayOut { table: table.id.clone(), destination, target: route.target.to_string() })
}
