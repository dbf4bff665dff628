//! The ways out of a VPC: which routes of which tables lead to the internet, or to where nobody can tell, and for whom.

use std::collections::BTreeSet;

use crate::address::{AddressSet, INTERNET};
use crate::case::Case;
use crate::facts::{
    EndpointKind, Everywhere, Facts, NatGateway, NatPlace, Question, Route, RouteDestination, RouteTable, RouteTarget,
    Stop, all, both,
};
use crate::id::SubnetId;
use crate::plan::Outlet;
use crate::routing::table_of;
use crate::rules::network::Network;
use crate::rules::served::Looked;

/// A route that leads out, and the subnets for which it does.
#[derive(Debug, Clone)]
pub(super) struct Way<'f> {
    /// The table.
    pub table: &'f RouteTable,
    /// The route.
    pub route: &'f Route,
    /// By what it leads out.
    pub by: By<'f>,
    /// The private subnets that it serves.
    pub subnets: Vec<&'f SubnetId>,
}

/// By what a route leads out.
#[derive(Debug, Clone)]
pub(super) enum By<'f> {
    /// An internet gateway, or an egress-only one.
    Gateway(Outlet),
    /// A public NAT gateway.
    Nat(Outlet, &'f NatGateway),
    /// Something else that the policy file does not list: whether it leads on to the internet cannot be seen from here.
    Unlisted,
}

impl By<'_> {
    /// The gateway of the VPC's own, if it is one.
    pub(super) fn outlet(&self) -> Option<&Outlet> {
        match self {
            Self::Gateway(outlet) | Self::Nat(outlet, _) => Some(outlet),
            Self::Unlisted => None,
        }
    }
}

/// A table with the subnets that it serves: private ones that are looked at, and those that the policy file excludes.
#[derive(Debug, Clone)]
pub(super) struct Serving<'f> {
    pub table: &'f RouteTable,
    pub private: Vec<&'f SubnetId>,
    pub excluded: Vec<&'f SubnetId>,
}

/// Every table of a VPC with the subnets that it serves.
pub(super) fn serving<'f>(case: &Case<'_>, network: &Network<'f>, looked: &Looked) -> Vec<Serving<'f>> {
    let tables = network.tables.iter().map(|table| {
        let served = network.subnets.iter().map(|subnet| &subnet.id);
        let served = served.filter(|subnet| table_of(network.tables, subnet).is_some_and(|own| own.id == table.id));
        let (excluded, private): (Vec<_>, Vec<_>) =
            served.partition(|subnet| case.settings.scope.exclude_subnets.contains(*subnet));
        let private = private.into_iter().filter(|subnet| looked.subnets.include(network.tables, table, subnet));
        Serving { table, private: private.collect(), excluded }
    });
    tables.collect()
}

/// The ways out of the subnets that are looked at, by those of their tables' routes that are chosen. What VPC Block Public
/// Access stops is no way out.
pub(super) fn ways<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    network: &Network<'f>,
    looked: &Looked,
    chosen: impl Fn(&RouteTable, &Route) -> bool,
) -> Result<Vec<Way<'f>>, Stop> {
    let outside = outside(case, network);
    let serving = serving(case, network, looked);
    let served = serving.iter().filter(|serving| !serving.private.is_empty());
    let routes = served.flat_map(|serving| serving.table.routes.iter().map(move |route| (serving, route)));
    let chosen = routes.filter(|(serving, route)| chosen(serving.table, route));
    let each = chosen.map(|(serving, route)| {
        let Some(by) = by(case, facts, network, &outside, route)? else { return Ok(None) };
        let subnets = open(facts, network, &by, &serving.private)?;
        Ok((!subnets.is_empty()).then_some(Way { table: serving.table, route, by, subnets }))
    });
    Ok(all(each)?.into_iter().flatten().collect())
}

/// The internet, without what the policy file and the VPC itself make private.
fn outside(case: &Case<'_>, network: &Network<'_>) -> AddressSet {
    let own: AddressSet = network.vpc.cidrs.iter().chain(&case.settings.allowed_destinations).collect();
    INTERNET.minus(&own)
}

/// By what a route leads out, if it does.
fn by<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    network: &Network<'f>,
    outside: &AddressSet,
    route: &Route,
) -> Result<Option<By<'f>>, Stop> {
    let RouteTarget::To(target) = &route.target else { return Ok(None) };
    let is_listed = case.settings.allowed_route_targets.iter().any(|listed| listed.as_str() == target);
    if is_listed || is_gateway_endpoint(network, target) || !leads_out(facts, outside, &route.destination)? {
        return Ok(None);
    }
    let gateway = target.parse().map(Outlet::InternetGateway);
    let outlet = gateway.or_else(|_| target.parse().map(Outlet::EgressOnlyGateway));
    match outlet {
        Ok(outlet) => Ok(Some(By::Gateway(outlet))),
        Err(_) if target.starts_with("nat-") => by_nat(facts, network, target),
        Err(_) => Ok(Some(By::Unlisted)),
    }
}

/// A gateway endpoint is a private path, whatever its list of addresses holds.
fn is_gateway_endpoint(network: &Network<'_>, target: &str) -> bool {
    let mut endpoints = network.endpoints.iter();
    endpoints.any(|endpoint| endpoint.kind == EndpointKind::Gateway && endpoint.id.as_str() == target)
}

fn leads_out(facts: &Facts, outside: &AddressSet, destination: &RouteDestination) -> Result<bool, Stop> {
    Ok(match destination {
        RouteDestination::Cidr(cidr) => outside.meets(*cidr),
        RouteDestination::PrefixList(list) => facts.entries(list)?.iter().any(|entry| outside.meets(*entry)),
    })
}

/// A private NAT gateway is no way out, and neither is one that is going. One that AWS does not list, though a route leads
/// to it, is nothing that can be told apart.
fn by_nat<'f>(facts: &'f Facts, network: &Network<'f>, target: &str) -> Result<Option<By<'f>>, Stop> {
    let vpc = &network.vpc.id;
    // What silences it is asked in the same round.
    let found = both(facts.nat_gateways(vpc), facts.block_public_access(&Everywhere));
    let (gateways, _) = found?;
    match gateways.iter().find(|gateway| gateway.id.as_str() == target) {
        Some(gateway) => Ok(gateway.is_way_out().then(|| By::Nat(Outlet::NatGateway(gateway.id.clone()), gateway))),
        None => {
            facts.settled(Question::NatGateways(vpc.clone()))?;
            Ok(Some(By::Unlisted))
        }
    }
}

/// Those of the subnets for which VPC Block Public Access leaves the way open. It stops what goes by internet gateways
/// and egress-only ones; what goes by a NAT gateway passes two subnets, and is stopped for sure where it is in both.
fn open<'f>(
    facts: &Facts,
    network: &Network<'_>,
    by: &By<'_>,
    subnets: &[&'f SubnetId],
) -> Result<Vec<&'f SubnetId>, Stop> {
    if by.outlet().is_none() {
        return Ok(subnets.to_vec());
    }
    let access = facts.block_public_access(&Everywhere)?;
    let stops = |subnet: &SubnetId| access.blocks(&network.vpc.id, subnet);
    let leads_on = match by {
        By::Nat(_, NatGateway { place: NatPlace::Subnet(subnet), .. }) => !stops(subnet),
        By::Nat(..) | By::Gateway(_) | By::Unlisted => false,
    };
    Ok(subnets.iter().filter(|subnet| leads_on || !stops(subnet)).copied().collect())
}

/// Whether VPC Block Public Access stops whatever an internet gateway of the VPC could carry for its private subnets.
pub(super) fn is_all_stopped(case: &Case<'_>, facts: &Facts, network: &Network<'_>) -> Result<bool, Stop> {
    let excluded: &BTreeSet<SubnetId> = &case.settings.scope.exclude_subnets;
    let access = facts.block_public_access(&Everywhere)?;
    let mut private = network.subnets.iter().filter(|subnet| !excluded.contains(&subnet.id)).peekable();
    Ok(private.peek().is_some() && private.all(|subnet| access.blocks(&network.vpc.id, &subnet.id)))
}
