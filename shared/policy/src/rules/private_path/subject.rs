//! Where to look: what a call touched, and what it changed of it.

use std::collections::BTreeSet;

use super::leg::LegKind;
use super::scene::{Change, EndpointBefore};
use crate::case::Case;
use crate::event::{self, Call, ChangedRule, EndpointChange, GroupName, RulesChange};
use crate::facts::{
    DnsAttribute, EndpointDetails, EndpointState, Everywhere, Facts, GroupFilter, Question, SecurityGroup,
    SecurityGroupRule, Stop, Unknown, both,
};
use crate::finding::Resource;
use crate::id::{SecurityGroupId, VpcEndpointId, VpcId};
use crate::network::{Direction, Peer, Permission, Traffic};
use crate::rules::PassedBecause;
use crate::rules::endpoint::{self, noted};

/// Something to look at.
#[derive(Debug)]
pub(super) enum Subject<'f> {
    /// Paths of a VPC.
    Look(Look<'f>),
    /// Something that needs no look, or is not there any more.
    Passed(Resource, PassedBecause),
}

/// Paths to look at.
#[derive(Debug)]
pub(super) struct Look<'f> {
    /// What the finding is about.
    pub resource: Resource,
    /// Where.
    pub vpc: VpcId,
    /// Which.
    pub of: Of<'f>,
    /// What the event changed of them.
    pub change: Change,
}

/// Which paths to look at.
#[derive(Debug)]
pub(super) enum Of<'f> {
    /// Those of one client group: the declared ones, and those that the event broke.
    Client(&'f SecurityGroup),
    /// Those to the endpoints behind a group: the declared ones, and those of the clients that the event shut out.
    Guard(&'f SecurityGroup),
    /// The declared ones to a service.
    Service(String),
    /// The declared ones.
    Declared,
    /// The declared ones that lead to no endpoint at all.
    WithoutEndpoint,
}

/// What the event of this case is about.
pub(super) fn of<'f>(case: &Case<'_>, facts: &'f Facts) -> Result<Vec<Subject<'f>>, Stop> {
    match &case.event.call {
        Call::RevokeSecurityGroupEgress(change) => revoked(facts, change, Direction::Egress),
        Call::RevokeSecurityGroupIngress(change) => revoked(facts, change, Direction::Ingress),
        Call::ModifySecurityGroupRules { group: Some(group), rules } => edited(facts, group, rules),
        Call::CreateVpcEndpoint(made) => match &made.endpoint {
            Some(id) => endpoint(case, facts, id, made.vpc.as_ref(), made_before(id)),
            None => Ok(Vec::new()),
        },
        Call::ModifyVpcEndpoint(change) => modified(case, facts, change),
        Call::DeleteVpcEndpoints { endpoints, kept } => deleted(case, facts, endpoints, kept),
        Call::ModifyVpcAttribute { vpc, dns_support, dns_hostnames } => {
            attribute(facts, vpc, *dns_support, *dns_hostnames)
        }
        Call::AssociateDhcpOptions { vpc, options } => {
            if facts.dns_servers(vpc).is_ok_and(|dns| dns.options != *options) {
                facts.settled(Question::DnsServers(vpc.clone()))?;
            }
            Ok(vec![declared(vpc, Change::Options)])
        }
        Call::Scan { subject: event::Subject::Vpc(vpc) } => Ok(vec![declared(vpc, Change::Nothing)]),
        _ => Ok(Vec::new()),
    }
}

fn resource(kind: &str, id: &str, vpc: Option<&VpcId>) -> Resource {
    Resource { kind: kind.to_owned(), id: id.to_owned(), name: None, vpc: vpc.cloned() }
}

fn of_group(group: &SecurityGroup) -> Resource {
    Resource { name: Some(group.name.clone()), ..resource("security group", group.id.as_str(), Some(&group.vpc)) }
}

fn of_endpoint(details: &EndpointDetails) -> Resource {
    let endpoint = &details.endpoint;
    Resource {
        name: Some(endpoint.service.clone()),
        ..resource("VPC endpoint", endpoint.id.as_str(), Some(&details.vpc))
    }
}

fn declared<'f>(vpc: &VpcId, change: Change) -> Subject<'f> {
    let resource = resource("VPC", vpc.as_str(), None);
    Subject::Look(Look { resource, vpc: vpc.clone(), of: Of::Declared, change })
}

/// The groups that a call names; `None` when they are gone.
fn named<'f>(facts: &'f Facts, name: &GroupName) -> Result<Option<&'f [SecurityGroup]>, Stop> {
    let found = match name {
        GroupName::Id(id) => {
            both(facts.groups(&GroupFilter::Id(id.clone())), facts.rules(id)).map(|(groups, _)| groups)
        }
        GroupName::Name(name) => facts.groups(&GroupFilter::Named(name.clone())),
    };
    match found {
        Ok(groups) => Ok(Some(groups)),
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(None),
        Err(stop) => Err(stop),
    }
}

/// What was taken from a group, as the response lists it, else as it was asked for. What is still listed contradicts the
/// event.
fn revoked<'f>(facts: &'f Facts, change: &RulesChange, direction: Direction) -> Result<Vec<Subject<'f>>, Stop> {
    let Some(groups) = named(facts, &change.group)? else {
        let resource = resource("security group", change.group.as_str(), None);
        return Ok(vec![Subject::Passed(resource, PassedBecause::AlreadyGone)]);
    };
    let listed = change.rules.iter().filter(|rule| rule.direction == direction).map(|rule| &rule.permission);
    let mut permissions: Vec<Permission> = listed.cloned().collect();
    if permissions.is_empty() {
        permissions.clone_from(&change.permissions);
    }
    let look = |group: &'f SecurityGroup| {
        let rules = facts.rules(&group.id)?;
        let is_back = |rule: &SecurityGroupRule| {
            rule.direction == direction && permissions.iter().any(|gone| gone.is_same(&rule.permission))
        };
        if rules.iter().any(is_back) {
            facts.settled(Question::Rules(group.id.clone()))?;
        }
        Ok(look(group, direction, permissions.clone()))
    };
    groups.iter().map(look).collect()
}

fn look(group: &SecurityGroup, direction: Direction, permissions: Vec<Permission>) -> Subject<'_> {
    Subject::Look(Look {
        resource: of_group(group),
        vpc: group.vpc.clone(),
        of: match direction {
            Direction::Egress => Of::Client(group),
            Direction::Ingress => Of::Guard(group),
        },
        change: Change::Rules { group: group.id.clone(), direction, permissions },
    })
}

/// An edit in place does not say what there was before. Whoever still is the rule's peer may have been let through.
fn edited<'f>(facts: &'f Facts, group: &SecurityGroupId, edited: &[ChangedRule]) -> Result<Vec<Subject<'f>>, Stop> {
    let passed = |why| vec![Subject::Passed(resource("security group", group.as_str(), None), why)];
    let told: Vec<_> = edited.iter().filter_map(|rule| Some((&rule.id, rule.permission.as_ref()?))).collect();
    if told.is_empty() {
        return Ok(passed(PassedBecause::NotTouched));
    }
    let Some(groups) = named(facts, &GroupName::Id(group.clone()))? else {
        return Ok(passed(PassedBecause::AlreadyGone));
    };
    let rules = facts.rules(group)?;
    let is_as_told = |(id, now): &(&crate::id::SecurityGroupRuleId, &Permission)| {
        rules.iter().any(|rule| rule.id == **id && rule.permission.is_same(now))
    };
    if !told.iter().all(is_as_told) {
        facts.settled(Question::Rules(group.clone()))?;
    }
    let mut subjects = Vec::new();
    for direction in [Direction::Egress, Direction::Ingress] {
        let of_direction = rules.iter().filter(|rule| rule.direction == direction);
        let touched = of_direction.filter(|rule| told.iter().any(|(id, _)| **id == rule.id));
        let once = touched.map(|rule| Permission { traffic: Traffic::HTTPS, peer: rule.permission.peer.clone() });
        let once: Vec<_> = once.collect();
        if !once.is_empty() {
            subjects.extend(groups.iter().map(|group| look(group, direction, once.clone())));
        }
    }
    Ok(if subjects.is_empty() { passed(PassedBecause::AlreadyGone) } else { subjects })
}

fn made_before(id: &VpcEndpointId) -> EndpointBefore {
    use LegKind::{Endpoint, EndpointIngress, GatewayRoute, Name, Policy};
    let legs = BTreeSet::from([Endpoint, EndpointIngress, Name, GatewayRoute, Policy]);
    EndpointBefore { id: id.clone(), groups: Vec::new(), route_tables: Vec::new(), legs }
}

fn modified<'f>(case: &Case<'_>, facts: &'f Facts, change: &EndpointChange) -> Result<Vec<Subject<'f>>, Stop> {
    let members = [change.groups.is_empty(), change.subnets.is_empty(), change.route_tables.is_empty()];
    if change.private_dns.is_none() && !change.policy && members == [true; 3] {
        let resource = resource("VPC endpoint", change.endpoint.as_str(), None);
        return Ok(vec![Subject::Passed(resource, PassedBecause::NotTouched)]);
    }
    let made = [
        (change.private_dns == Some(false), LegKind::Name),
        (change.policy, LegKind::Policy),
        (!change.subnets.added.is_empty(), LegKind::ClientEgress),
    ];
    let before = EndpointBefore {
        id: change.endpoint.clone(),
        groups: change.groups.removed.clone(),
        route_tables: change.route_tables.removed.clone(),
        legs: made.into_iter().filter(|(is, _)| *is).map(|(_, leg)| leg).collect(),
    };
    if facts.endpoint(&change.endpoint).is_ok_and(|details| !shows(details, change)) {
        facts.settled(Question::Endpoint(change.endpoint.clone()))?;
    }
    endpoint(case, facts, &change.endpoint, None, before)
}

/// Whether an endpoint is as a call left it.
fn shows(details: &EndpointDetails, change: &EndpointChange) -> bool {
    let (now, groups, tables) = (&details.endpoint, &change.groups, &change.route_tables);
    change.private_dns.is_none_or(|on| on == now.private_dns)
        && groups.added.iter().all(|group| now.groups.contains(group))
        && !groups.removed.iter().any(|group| now.groups.contains(group))
        && tables.added.iter().all(|table| now.route_tables.contains(table))
        && !tables.removed.iter().any(|table| now.route_tables.contains(table))
}

/// An endpoint that was made or changed. The VPC that the event names is asked for in the same round.
fn endpoint<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    id: &VpcEndpointId,
    vpc: Option<&VpcId>,
    before: EndpointBefore,
) -> Result<Vec<Subject<'f>>, Stop> {
    let named = resource("VPC endpoint", id.as_str(), vpc);
    let is_left_out =
        |vpc: &VpcId| case.settings.scope.selection(case.account, vpc) == crate::settings::Selection::NotSelected;
    if vpc.is_some_and(is_left_out) {
        return Ok(vec![Subject::Passed(named, PassedBecause::NotSelected)]);
    }
    let details = match facts.endpoint(id) {
        Ok(details) if details.endpoint.state != EndpointState::Deleted => details,
        Ok(_) | Err(Stop::Unknown { why: Unknown::Gone, .. }) => {
            return Ok(vec![Subject::Passed(named, PassedBecause::AlreadyGone)]);
        }
        Err(stop) => {
            return Err(vpc.and_then(|vpc| facts.vpc(vpc).err()).map_or(stop.clone(), |other| stop.join(other)));
        }
    };
    Ok(vec![Subject::Look(Look {
        resource: of_endpoint(details),
        vpc: details.vpc.clone(),
        of: Of::Service(details.endpoint.service.clone()),
        change: Change::Endpoint(before),
    })])
}

/// Endpoints that were deleted: as long as AWS shows them, it is known whose service they were; later every private VPC is
/// looked at for pairs without an endpoint.
fn deleted<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    endpoints: &[VpcEndpointId],
    kept: &[VpcEndpointId],
) -> Result<Vec<Subject<'f>>, Stop> {
    let mut subjects = Vec::new();
    let mut stopped: Option<Stop> = None;
    let mut gone = false;
    for id in endpoints.iter().filter(|id| !kept.contains(id)) {
        match facts.endpoint(id) {
            Ok(details) => match lost(facts, details) {
                Ok(subject) => subjects.push(subject),
                Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
            },
            // It was deleted: that it is not shown, even right after the call, needs no second look.
            Err(Stop::Unknown { why: Unknown::Gone | Unknown::NotYet, .. }) => match noted(case, facts, id) {
                Ok(Some(seen)) => subjects.push(gone_from(id, &seen.vpc, &seen.service)),
                Ok(None) => gone = true,
                Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
            },
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    if let Some(stop) = stopped {
        return Err(stop);
    }
    if gone && !case.settings.client_pairs.is_empty() {
        let vpcs = facts.vpcs(&Everywhere)?.iter();
        let private = vpcs.filter(|vpc| case.settings.selects_vpc(case.account, &vpc.id, &vpc.tags));
        subjects.extend(private.map(|vpc| {
            let resource = resource("VPC", vpc.id.as_str(), None);
            let change = Change::Nothing;
            Subject::Look(Look { resource, vpc: vpc.id.clone(), of: Of::WithoutEndpoint, change })
        }));
    }
    Ok(subjects)
}

fn lost<'f>(facts: &Facts, details: &EndpointDetails) -> Result<Subject<'f>, Stop> {
    let id = &details.endpoint.id;
    if details.endpoint.state != EndpointState::Deleted {
        facts.settled(Question::Endpoint(id.clone()))?;
        return Ok(Subject::Passed(of_endpoint(details), PassedBecause::AlreadyGone));
    }
    Ok(gone_from(id, &details.vpc, &details.endpoint.service))
}

/// The paths that an endpoint served which is gone.
fn gone_from<'f>(id: &VpcEndpointId, vpc: &VpcId, service: &str) -> Subject<'f> {
    Subject::Look(Look {
        resource: endpoint::resource(id, Some(service), Some(vpc)),
        vpc: vpc.clone(),
        of: Of::Service(service.to_owned()),
        change: Change::Deleted(BTreeSet::from([id.clone()])),
    })
}

fn attribute<'f>(
    facts: &Facts,
    vpc: &VpcId,
    support: Option<bool>,
    hostnames: Option<bool>,
) -> Result<Vec<Subject<'f>>, Stop> {
    let of = |attribute, on: Option<bool>| on.map(|on| (attribute, on));
    let switched = of(DnsAttribute::DnsSupport, support).or(of(DnsAttribute::DnsHostnames, hostnames));
    let Some((attribute, on)) = switched else {
        return Ok(vec![Subject::Passed(resource("VPC", vpc.as_str(), None), PassedBecause::NotTouched)]);
    };
    if facts.vpc_dns(vpc).is_ok_and(|dns| dns.is_on(attribute) != on) {
        facts.settled(Question::VpcDns(vpc.clone()))?;
    }
    Ok(vec![declared(vpc, if on { Change::Nothing } else { Change::Attribute(attribute) })])
}

/// The peers that an event took ingress from.
pub(super) fn shut_out(change: &Change) -> impl Iterator<Item = &Peer> {
    let permissions = match change {
        Change::Rules { direction: Direction::Ingress, permissions, .. } => permissions.as_slice(),
        _ => &[],
    };
    permissions.iter().filter(|permission| permission.traffic.covers_tcp(443)).map(|permission| &permission.peer)
}
