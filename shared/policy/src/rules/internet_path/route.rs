//! A route that a call made, or led elsewhere.

use super::finding::{self, Found};
use super::way::{self, By, Way};
use crate::case::Case;
use crate::event::RouteChange;
use crate::facts::{Facts, Question, RouteTableDetails, RouteTarget, Serves, Stop, Unknown};
use crate::finding::{Cause, Finding, Resource};
use crate::plan::{Outlet, Plan, RouteOut, Step, Treatment, Withheld};
use crate::rules::network::{self, Network, Seen};
use crate::rules::served::{Looked, Subnets, judged};
use crate::rules::{Judgement, PassedBecause, managed_by, resource};
use crate::settings::{Remedy, Selection};

/// How a call set a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// The table had none to that destination.
    New,
    /// The table had another one, and no record says where that led.
    InPlaceOfAnother,
}

/// Judges a route as a call set it: what it is now, and for whom it leads where.
pub(super) fn set(case: &Case<'_>, facts: &Facts, change: &RouteChange, set: Set) -> Result<Judgement, Stop> {
    let named = |vpc| resource("route table", change.route_table.as_str(), vpc);
    let passed = |resource: Resource, why| Ok(Judgement::passed(resource, why));
    let details = match facts.route_table(&change.route_table) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(named(None), PassedBecause::AlreadyGone),
        details => details?,
    };
    let resource = named(Some(&details.vpc));
    if case.settings.scope.selection(case.account, &details.vpc) == Selection::NotSelected {
        return passed(resource, PassedBecause::NotSelected);
    }
    let network = match network::seen(case, facts, &details.vpc)? {
        Seen::Is(network) => network,
        Seen::Passed(why) => return passed(resource, why),
    };
    if !stands(&network, change) {
        facts.settled(Question::RouteTables(details.vpc.clone()))?;
        return passed(resource, PassedBecause::AlreadyGone);
    }
    let looked = Looked { subnets: Subnets::Of([change.route_table.clone()].into()), cause: Cause::ThisEvent };
    let ways = way::ways(case, facts, &network, &looked, |_, route| route.destination == change.destination)?;
    let findings = ways.iter().map(|way| finding(case, facts, &network, details, way, set));
    Ok(judged(findings.collect::<Result<_, _>>()?, resource))
}

/// Whether the table has the route as the call set it. One that carries nothing is not listed.
fn stands(network: &Network<'_>, change: &RouteChange) -> bool {
    let table = network.tables.iter().find(|table| table.id == change.route_table);
    let mut routes = table.into_iter().flat_map(|table| &table.routes);
    let standing = routes.find(|route| route.destination == change.destination);
    // What the call named and is not known here is none of the VPC's own gateways: those would be another call's doing.
    let is_own = |target: &RouteTarget| {
        matches!(target, RouteTarget::To(id) if ["igw-", "eigw-", "nat-"].iter().any(|own| id.starts_with(own)))
    };
    let leads_there = |target: &RouteTarget| match &change.target {
        Some(set) => is_same(set, target),
        None => !is_own(target),
    };
    standing.is_some_and(|route| leads_there(&route.target))
}

/// Whether both are the same target. A route to an instance leads to its interface, and may be named by either.
fn is_same(one: &RouteTarget, other: &RouteTarget) -> bool {
    let is_of_instance = |target: &RouteTarget| match target {
        RouteTarget::To(id) => id.starts_with("i-") || id.starts_with("eni-"),
        RouteTarget::Local => false,
    };
    one == other || is_of_instance(one) && is_of_instance(other)
}

fn finding(
    case: &Case<'_>,
    facts: &Facts,
    network: &Network<'_>,
    details: &RouteTableDetails,
    way: &Way<'_>,
    set: Set,
) -> Result<Finding, Stop> {
    let treatment = treatment(case, network, details, way, set);
    let found = Found { case, facts, network, cause: Cause::ThisEvent };
    match &way.by {
        By::Unlisted => found.unlisted(way.table, &[way], treatment),
        By::Gateway(_) | By::Nat(..) => found.ways_out(way.table, &[way], treatment),
    }
}

fn treatment(
    case: &Case<'_>,
    network: &Network<'_>,
    details: &RouteTableDetails,
    way: &Way<'_>,
    set: Set,
) -> Treatment {
    let Some(outlet) = way.by.outlet() else {
        return Treatment::Told(finding::UNLISTED.to_owned());
    };
    if let Some(service) = managed_by(case, &network.vpc.tags) {
        return Treatment::Told(format!("{service} manages the VPC, and what a service manages is never touched"));
    }
    let (plan, reasons) = (plan(network, way, outlet), hazards(case, network, details, way));
    match set {
        Set::New if reasons.is_empty() => Treatment::Automatic(plan),
        Set::New => Treatment::Withheld { plan, reasons },
        Set::InPlaceOfAnother if reasons.is_empty() => Treatment::Proposal(plan),
        Set::InPlaceOfAnother => {
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            Treatment::Told(reasons.join("; "))
        }
    }
}

/// Why the route is not taken away by itself, though the event made it: what it serves besides.
fn hazards(case: &Case<'_>, network: &Network<'_>, details: &RouteTableDetails, way: &Way<'_>) -> Vec<Withheld> {
    let all = Looked { subnets: Subnets::All, cause: Cause::ThisEvent };
    let serving = way::serving(case, network, &all);
    let own = serving.iter().filter(|serving| serving.table.id == way.table.id);
    let excluded: Vec<_> = own.flat_map(|serving| &serving.excluded).map(|subnet| (*subnet).clone()).collect();
    let serves_gateway = details.associations.values().any(|serves| *serves == Serves::Gateway);
    let mut reasons = Vec::new();
    if !excluded.is_empty() {
        reasons.push(Withheld::ServesExcluded(excluded));
    }
    if serves_gateway {
        reasons.push(Withheld::ServesGateway(way.table.id.clone()));
    }
    reasons
}

fn plan(network: &Network<'_>, way: &Way<'_>, outlet: &Outlet) -> Plan {
    let route = RouteOut {
        vpc: network.vpc.id.clone(),
        table: way.table.id.clone(),
        destination: way.route.destination.clone(),
        by: outlet.clone(),
    };
    Plan {
        remedy: Remedy::Revoke,
        steps: vec![Step::delete_route(route)],
        keeps: finding::keeps(network, &way.table.id),
        stops: vec![finding::stops(way)],
    }
}
