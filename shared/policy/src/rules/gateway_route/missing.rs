//! Private subnets whose route tables lack a gateway endpoint that the VPC has.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::INTERNET;
use crate::case::Case;
use crate::endpoint_advice;
use crate::facts::{
    Endpoint, EndpointDetails, EndpointKind, Facts, RouteDestination, RouteTable, RouteTarget, Stop, all,
};
use crate::finding::{Evidence, Finding, Severity};
use crate::id::{RouteTableId, SubnetId};
use crate::plan::Treatment;
use crate::routing::table_of;
use crate::rules::endpoint::resource;
use crate::rules::managed_by;
use crate::rules::network::{Network, is_there};
use crate::rules::served::Looked;
use crate::settings::RuleName;

/// What the tables of some subnets lack of one service.
struct Missing<'f> {
    /// The endpoint whose route is to be added.
    gateway: &'f Endpoint,
    /// The tables, each with the subnets that it serves.
    tables: BTreeMap<&'f RouteTableId, (&'f RouteTable, Vec<&'f SubnetId>)>,
}

/// What is missing of the gateway endpoints of a VPC, or of the one that the event is about alone.
pub(super) fn findings(
    case: &Case<'_>,
    facts: &Facts,
    network: &Network<'_>,
    looked: &Looked,
    only: Option<&Endpoint>,
) -> Result<Vec<Finding>, Stop> {
    let mut services: BTreeMap<&str, Vec<&Endpoint>> = BTreeMap::new();
    for gateway in network.gateways().filter(|gateway| only.is_none_or(|only| only.service == gateway.service)) {
        services.entry(&gateway.service).or_default().push(gateway);
    }
    let missing = services.values().filter_map(|gateways| missing(case, network, looked, gateways, only));
    all(missing.map(|missing| Ok(missing.finding(case, network, looked, facts.endpoint(&missing.gateway.id)?))))
}

/// A service is there for a subnet if any of its gateway endpoints is on the subnet's table: a VPC may have several, with
/// different policies, each on its own tables.
fn missing<'f>(
    case: &Case<'_>,
    network: &Network<'f>,
    looked: &Looked,
    gateways: &[&'f Endpoint],
    only: Option<&Endpoint>,
) -> Option<Missing<'f>> {
    let routed: BTreeSet<&RouteTableId> = gateways.iter().flat_map(|gateway| &gateway.route_tables).collect();
    let mut tables: BTreeMap<_, (&RouteTable, Vec<_>)> = BTreeMap::new();
    for subnet in network.subnets.iter().map(|subnet| &subnet.id) {
        let Some(table) = table_of(network.tables, subnet).filter(|table| !routed.contains(&table.id)) else { continue };
        let is_excluded = case.settings.scope.exclude_subnets.contains(subnet);
        if !is_excluded && looked.subnets.include(network.tables, table, subnet) {
            tables.entry(&table.id).or_insert((table, Vec::new())).1.push(subnet);
        }
    }
    let own = |gateway: &&&Endpoint| only.is_some_and(|only| only.id == gateway.id);
    let gateway = gateways.iter().find(own).or(gateways.first())?;
    (!tables.is_empty()).then_some(Missing { gateway, tables })
}

impl Missing<'_> {
    fn finding(&self, case: &Case<'_>, network: &Network<'_>, looked: &Looked, details: &EndpointDetails) -> Finding {
        let service = &self.gateway.service;
        let tables: Vec<_> = self.tables.keys().copied().collect();
        Finding {
            rule: RuleName::GatewayRoute,
            class: "gateway-not-routed".to_owned(),
            severity: Severity::Medium,
            cause: looked.cause,
            resource: resource(&self.gateway.id, Some(service), Some(&network.vpc.id)),
            summary: "a gateway endpoint is missing from the route table of a private subnet, which does not reach the service through it".to_owned(),
            evidence: self.tables.values().map(|(table, subnets)| lacks(table, subnets, service)).collect(),
            context: self.context(network),
            treatment: Treatment::Told(why_told(case, details)),
            advice: endpoint_advice::to_route(&self.gateway.id, &tables),
        }
    }

    fn context(&self, network: &Network<'_>) -> Vec<String> {
        let mut context: Vec<String> = self.tables.values().map(|(table, _)| goes_by(table)).collect();
        let interfaces = network.endpoints.iter().filter(|other| {
            other.kind == EndpointKind::Interface && other.service == self.gateway.service && other.private_dns && is_there(other)
        });
        context.extend(interfaces.map(|other| {
            format!("{} is an interface endpoint of the same service with private DNS: unless that is for inbound resolvers only, the subnets reach the service through it, and pay for it", other.id)
        }));
        context
    }
}

fn lacks(table: &RouteTable, subnets: &[&SubnetId], service: &str) -> Evidence {
    let listed: Vec<&str> = subnets.iter().map(|subnet| subnet.as_str()).collect();
    let main = if table.main { " as the main table" } else { "" };
    let says = format!("serves {}{main}, and has no route to {service}", listed.join(", "));
    Evidence { part: table.id.to_string(), says, permits: None }
}

/// Where a table sends what would go to the service.
fn goes_by(table: &RouteTable) -> String {
    let leads_out = |destination: &RouteDestination| match destination {
        RouteDestination::Cidr(cidr) => INTERNET.meets(*cidr),
        RouteDestination::PrefixList(_) => false,
    };
    let out = table.routes.iter().find(|route| route.target != RouteTarget::Local && leads_out(&route.destination));
    match out {
        Some(route) => format!("{} has another way out, by {}: what goes to the service may go by it now", table.id, route.target),
        None => format!("{} has no other way out: nothing that it serves reaches the service by its public addresses", table.id),
    }
}

fn why_told(case: &Case<'_>, details: &EndpointDetails) -> String {
    let requester = || details.requester_managed.then(|| "the service that made it".to_owned());
    match managed_by(case, &details.tags).or_else(requester) {
        Some(service) => format!("{service} manages the endpoint, and what a service manages is never touched"),
        None => "adding the route cuts the connections to the service that are open, and requests come from private addresses afterwards, which policies with aws:SourceIp do not know: choose the moment".to_owned(),
    }
}
