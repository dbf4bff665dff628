//! What is said of ways out: of those of subnets, one finding for each table and kind.

use std::collections::BTreeSet;

use super::advice;
use super::way::{self, By, Way};
use crate::case::Case;
use crate::cost::{self, InPlaceOfNat};
use crate::event::Call;
use crate::facts::{
    BlockMode, EndpointKind, Everywhere, Facts, NatGateway, NatPlace, RouteTable, RouteTarget, Stop,
};
use crate::finding::{Advice, Cause, Evidence, Finding, Severity};
use crate::id::{RouteTableId, SubnetId};
use crate::plan::{Outlet, Treatment};
use crate::routing::table_of;
use crate::rules::network::{Network, is_there};
use crate::rules::served::Looked;
use crate::rules::{resource, standing};
use crate::service;
use crate::settings::RuleName;

/// Why nothing is done about a target that the policy file does not list.
pub(super) const UNLISTED: &str =
    "whether it leads on to the internet cannot be seen from here: list it under `allowed_route_targets` if it may";
/// What a public NAT gateway is called.
pub(super) const KIND_OF_NAT: &str = "public NAT gateway";

/// What is found about the ways out of some subnets, whatever brought them under their table.
pub(super) fn of_subnets(
    case: &Case<'_>,
    facts: &Facts,
    network: &Network<'_>,
    looked: &Looked,
) -> Result<Vec<Finding>, Stop> {
    let ways = way::ways(case, facts, network, looked, |_, _| true)?;
    let mut findings = Vec::new();
    for table in network.tables {
        let own: Vec<&Way<'_>> = ways.iter().filter(|way| way.table.id == table.id).collect();
        let (new, old): (Vec<_>, Vec<_>) = own.into_iter().partition(|way| is_new(case, network, way));
        for (ways, cause) in [(new, looked.cause), (old, Cause::Standing)] {
            let found = Found { case, facts, network, cause };
            let (unlisted, out): (Vec<_>, Vec<_>) = ways.into_iter().partition(|way| way.by.outlet().is_none());
            if !out.is_empty() {
                findings.push(found.ways_out(table, &out, found.told())?);
            }
            if !unlisted.is_empty() {
                findings.push(found.unlisted(table, &unlisted, found.told())?);
            }
        }
    }
    Ok(findings)
}

/// Whether the subnets did not have the way before the call: a table that was put in front of a subnet took the main
/// one's place, which may lead out likewise.
fn is_new(case: &Case<'_>, network: &Network<'_>, way: &Way<'_>) -> bool {
    let is_associated = matches!(case.event.call, Call::AssociateRouteTable { .. });
    let main = network.tables.iter().find(|table| table.main);
    !(is_associated && main.is_some_and(|main| main.routes.contains(way.route)))
}

/// What findings have in common.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub case: &'a Case<'a>,
    pub facts: &'a Facts,
    pub network: &'a Network<'a>,
    pub cause: Cause,
}

impl Found<'_> {
    /// Routes of one table to the internet.
    pub(super) fn ways_out(
        &self,
        table: &RouteTable,
        ways: &[&Way<'_>],
        treatment: Treatment,
    ) -> Result<Finding, Stop> {
        Ok(Finding {
            class: "route-to-the-internet".to_owned(),
            summary: "a route leads from private subnets to the internet".to_owned(),
            context: self.context(ways)?,
            ..self.of(table, ways, treatment)
        })
    }

    /// Routes of one table to what the policy file does not list.
    pub(super) fn unlisted(
        &self,
        table: &RouteTable,
        ways: &[&Way<'_>],
        treatment: Treatment,
    ) -> Result<Finding, Stop> {
        let list = ways.iter().map(|way| way.route.target.to_string()).collect::<BTreeSet<_>>();
        let list: Vec<String> = list.into_iter().collect();
        let listed = format!("to list it, in the policy file: `allowed_route_targets: [{}]`", list.join(", "));
        Ok(Finding {
            class: "unlisted-target".to_owned(),
            summary: "a route for addresses of the internet leads from private subnets to a target that the policy file does not list".to_owned(),
            context: vec![listed],
            ..self.of(table, ways, treatment)
        })
    }

    fn of(&self, table: &RouteTable, ways: &[&Way<'_>], treatment: Treatment) -> Finding {
        Finding {
            rule: RuleName::InternetPath,
            class: String::new(),
            severity: Severity::High,
            cause: self.cause,
            resource: resource("route table", table.id.as_str(), Some(&self.network.vpc.id)),
            summary: String::new(),
            evidence: evidence(ways),
            context: Vec::new(),
            treatment,
            advice: self.advice(table, ways),
        }
    }

    fn advice(&self, table: &RouteTable, ways: &[&Way<'_>]) -> Vec<Advice> {
        let routes: Vec<_> = ways.iter().map(|way| &way.route.destination).collect();
        advice::to_delete_routes(&table.id, &routes, matches!(self.case.event.call, Call::ReplaceRoute(_)))
    }

    /// What is said of ways about which nothing is to be done by itself.
    fn told(&self) -> Treatment {
        let why = "the call did not make the route, but brought subnets under its table: give them a table without it, or take the route away";
        match self.cause {
            Cause::ThisEvent => Treatment::Told(why.to_owned()),
            Cause::Standing => standing(self.case, "this event did not make the route, and only what an event made is taken back"),
        }
    }

    /// What bears on how open the ways are, and what they cost.
    pub(super) fn context(&self, ways: &[&Way<'_>]) -> Result<Vec<String>, Stop> {
        let mut context = Vec::new();
        let outlets: BTreeSet<&Outlet> = ways.iter().filter_map(|way| way.by.outlet()).collect();
        if outlets.iter().any(|outlet| matches!(outlet, Outlet::InternetGateway(_))) {
            context.push("whatever has a public address in these subnets can be reached from the internet by it, too".to_owned());
        }
        let mut gateways: Vec<&NatGateway> = Vec::new();
        for way in ways {
            if let By::Nat(_, gateway) = way.by && !gateways.iter().any(|known| known.id == gateway.id) {
                gateways.push(gateway);
            }
        }
        context.extend(gateways.iter().map(|gateway| self.leads_on(gateway)));
        if !gateways.is_empty() {
            context.push(self.cost(gateways.len()));
        }
        if !outlets.is_empty() {
            context.extend(self.not_stopped()?);
        }
        Ok(context)
    }

    /// Where a NAT gateway sends what it takes in.
    fn leads_on(&self, gateway: &NatGateway) -> String {
        let id = &gateway.id;
        let NatPlace::Subnet(subnet) = &gateway.place else {
            return format!("{id} is regional: it works in every zone that has need of it, with a route table of its own");
        };
        let to_gateway = |table: &RouteTable| {
            let mut routes = table.routes.iter();
            routes.any(|route| matches!(&route.target, RouteTarget::To(target) if target.starts_with("igw-")))
        };
        match table_of(self.network.tables, subnet).is_some_and(to_gateway) {
            true => format!("{id} stands in {subnet}, which leads on to an internet gateway"),
            false => format!("{id} stands in {subnet}, which has no route to an internet gateway: nothing gets out by it yet"),
        }
    }

    /// Why VPC Block Public Access, where it is on, does not stop it.
    fn not_stopped(&self) -> Result<Option<String>, Stop> {
        let access = self.facts.block_public_access(&Everywhere)?;
        Ok(match access.mode {
            BlockMode::Off => None,
            BlockMode::BlockIngress => Some("VPC Block Public Access is block-ingress, which leaves the way out open".to_owned()),
            BlockMode::BlockBidirectional => Some(
                "VPC Block Public Access is block-bidirectional, and is not complete yet, or has an exclusion that covers the way".to_owned(),
            ),
        })
    }

    /// What so many NAT gateways cost, against the endpoints that the policy file requires and the VPC lacks.
    pub(super) fn cost(&self, gateways: usize) -> String {
        let there = |service: &str| {
            let mut endpoints = self.network.endpoints.iter().filter(|endpoint| is_there(endpoint));
            endpoints.any(|endpoint| service::short_name(&endpoint.service) == Some(service))
        };
        let required = self.case.settings.required_endpoints.iter().map(|service| service.as_str());
        let (free, paid): (Vec<_>, Vec<_>) = required.filter(|service| !there(service)).partition(|service| service::has_gateway(service));
        let excluded = &self.case.settings.scope.exclude_subnets;
        let private = self.network.subnets.iter().filter(|subnet| !excluded.contains(&subnet.id));
        let zones: BTreeSet<&str> = private.map(|subnet| subnet.zone.as_str()).collect();
        let in_place = InPlaceOfNat { paid, free, zones: zones.len().max(1) };
        cost::nat_gateways(&self.case.settings.prices, gateways, &in_place)
    }
}

/// The routes, each with the subnets for which it leads out.
pub(super) fn evidence(ways: &[&Way<'_>]) -> Vec<Evidence> {
    let says = |way: &&Way<'_>| {
        let kind = match &way.by {
            By::Gateway(Outlet::EgressOnlyGateway(_)) => ", an egress-only internet gateway,".to_owned(),
            By::Gateway(_) => ", an internet gateway,".to_owned(),
            By::Nat(..) => format!(", a {KIND_OF_NAT},"),
            By::Unlisted => String::new(),
        };
        let main = if way.table.main { " as the main table" } else { "" };
        format!("{} leads to {}{kind} for {}{main}", way.route.destination, way.route.target, listed(&way.subnets))
    };
    let each = ways.iter().map(|way| Evidence { part: way.table.id.to_string(), says: says(way), permits: None });
    each.collect()
}

/// What a way carries that ends with it.
pub(super) fn stops(way: &Way<'_>) -> String {
    format!("whatever {} send to {} by {}, open connections too", listed(&way.subnets), way.route.destination, way.route.target)
}

/// What the subnets of a table reach without any way out: the VPC's endpoints.
pub(super) fn keeps(network: &Network<'_>, table: &RouteTableId) -> Vec<String> {
    let endpoints = network.endpoints.iter().filter(|endpoint| is_there(endpoint));
    let kept = endpoints.filter(|endpoint| match endpoint.kind {
        EndpointKind::Interface => true,
        EndpointKind::Gateway => endpoint.route_tables.contains(table),
        EndpointKind::Other => false,
    });
    kept.map(|endpoint| format!("{} through {}", endpoint.service, endpoint.id)).collect()
}

fn listed(subnets: &[&SubnetId]) -> String {
    let shown: Vec<&str> = subnets.iter().take(6).map(|subnet| subnet.as_str()).collect();
    match subnets.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
