//! Where to look: an endpoint with its groups, or a group with the endpoints that it is on.

use super::reach::Candidate;
use super::{Served, group_resource};
use crate::case::Case;
use crate::event::{Call, GroupName, RulesChange, Subject as Scanned};
use crate::facts::{
    EndpointDetails, EndpointKind, EndpointState, Facts, GroupFilter, Question, SecurityGroup, SecurityGroupRule, Stop,
    Unknown, Vpc, both,
};
use crate::finding::{Cause, Resource};
use crate::id::{SecurityGroupId, VpcEndpointId, VpcId};
use crate::network::{Direction, Peer, Permission};
use crate::rules::endpoint::{Looked, look, resource};
use crate::rules::{Judgement, PassedBecause, selection};
use crate::settings::Selection;

/// Something to look at.
#[derive(Debug)]
pub(super) enum Subject<'f> {
    /// Groups that endpoints are on.
    Scene(Scene<'f>),
    /// Something that needs no look, or is not there any more.
    Passed(Judgement),
}

/// Groups that endpoints are on.
#[derive(Debug)]
pub(super) struct Scene<'f> {
    /// What the findings are about.
    pub resource: Resource,
    pub vpc: &'f Vpc,
    /// The endpoints.
    pub endpoints: Vec<Served<'f>>,
    /// The ingress rules of the groups, each with whether the event brought it in.
    pub rules: Vec<Candidate<'f>>,
    /// The VPC's default group, where an endpoint is on it, and whether the event put it there.
    pub default_group: Option<(SecurityGroupId, Cause)>,
    /// What the event says was brought in and is not there: that must come out the same twice.
    missing: Option<Question>,
}

impl Scene<'_> {
    /// Whether what the event brought in is there. An answer without it contradicts the event.
    pub(super) fn settled(&self, facts: &Facts) -> Result<bool, Stop> {
        match &self.missing {
            None => Ok(true),
            Some(question) => facts.settled(question.clone()).map(|()| false),
        }
    }
}

fn passed<'f>(resource: Resource, why: PassedBecause) -> Vec<Subject<'f>> {
    vec![Subject::Passed(Judgement::passed(resource, why))]
}

/// What the event of this case is about.
pub(super) fn of<'f>(case: &Case<'_>, facts: &'f Facts) -> Result<Vec<Subject<'f>>, Stop> {
    match &case.event.call {
        Call::CreateVpcEndpoint(made) => match &made.endpoint {
            Some(id) => endpoint(case, facts, id, made.vpc.as_ref(), None),
            None => Ok(Vec::new()),
        },
        Call::ModifyVpcEndpoint(change) if change.groups.added.is_empty() => {
            Ok(passed(resource(&change.endpoint, None, None), PassedBecause::NotTouched))
        }
        Call::ModifyVpcEndpoint(change) => endpoint(case, facts, &change.endpoint, None, Some(&change.groups.added)),
        Call::Scan { subject: Scanned::VpcEndpoint(id) } => endpoint(case, facts, id, None, Some(&[])),
        Call::AuthorizeSecurityGroupIngress(change) => added(case, facts, change),
        Call::Scan { subject: Scanned::SecurityGroup(id) } => {
            groups(case, facts, &GroupFilter::Id(id.clone()), &|_| false, &[])
        }
        _ => Ok(Vec::new()),
    }
}

/// An endpoint with its groups; the event brought these in, or all of them.
fn endpoint<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    id: &VpcEndpointId,
    vpc: Option<&VpcId>,
    brought: Option<&[SecurityGroupId]>,
) -> Result<Vec<Subject<'f>>, Stop> {
    let (details, vpc) = match look(case, facts, id, vpc)? {
        Looked::Passed(judgement) => return Ok(vec![Subject::Passed(judgement)]),
        Looked::At(details, vpc) => (details, vpc),
    };
    let service = details.endpoint.service.as_str();
    let resource = resource(id, Some(service), Some(&details.vpc));
    if details.endpoint.kind != EndpointKind::Interface {
        return Ok(passed(resource, PassedBecause::NotTouched));
    }
    let cause = |group: &SecurityGroupId| match brought {
        Some(groups) if !groups.contains(group) => Cause::Standing,
        _ => Cause::ThisEvent,
    };
    let (default, rules) = both(default_group(facts, details), rules(facts, details))?;
    let is_there = |group: &SecurityGroupId| details.endpoint.groups.contains(group);
    let missing = brought.is_some_and(|groups| !groups.iter().all(is_there));
    let ingress = rules.into_iter().flat_map(|(group, rules)| {
        let ingress = rules.iter().filter(|rule| rule.direction == Direction::Ingress);
        ingress.map(move |rule| (group, rule))
    });
    Ok(vec![Subject::Scene(Scene {
        vpc,
        endpoints: vec![(&details.endpoint.id, service)],
        rules: ingress.map(|(group, rule)| Candidate { group, rule, cause: cause(group) }).collect(),
        default_group: default.map(|group| (group.clone(), cause(group))),
        missing: missing.then(|| Question::Endpoint(id.clone())),
        resource,
    })])
}

/// The VPC's default group, if the endpoint is on it.
fn default_group<'f>(facts: &'f Facts, details: &EndpointDetails) -> Result<Option<&'f SecurityGroupId>, Stop> {
    let groups = facts.groups(&GroupFilter::DefaultOf(details.vpc.clone()))?;
    Ok(groups.iter().map(|group| &group.id).find(|id| details.endpoint.groups.contains(id)))
}

type RulesOfGroups<'f> = Vec<(&'f SecurityGroupId, &'f [SecurityGroupRule])>;

/// The rules of all groups of the endpoint, asked for in one round.
fn rules<'f>(facts: &'f Facts, details: &'f EndpointDetails) -> Result<RulesOfGroups<'f>, Stop> {
    let mut all = Ok(Vec::new());
    for group in &details.endpoint.groups {
        all = both(all, facts.rules(group)).map(|(mut all, rules): (Vec<_>, _)| {
            all.push((group, rules.as_slice()));
            all
        });
    }
    all
}

/// The group to which rules were added, if any of them lets HTTPS in from addresses: most do not, and need no look.
fn added<'f>(case: &Case<'_>, facts: &'f Facts, change: &RulesChange) -> Result<Vec<Subject<'f>>, Stop> {
    let listed = || change.rules.iter().map(|rule| &rule.permission);
    let opens = |permission: &Permission| {
        permission.traffic.covers_tcp(443) && !matches!(permission.peer, Peer::Group { .. })
    };
    let says_nothing = change.rules.is_empty() && change.permissions.is_empty() && change.named_peers.is_empty();
    let filter = match &change.group {
        GroupName::Id(id) => GroupFilter::Id(id.clone()),
        GroupName::Name(name) => GroupFilter::Named(name.clone()),
    };
    if !says_nothing && !listed().chain(&change.permissions).any(opens) {
        return Ok(passed(group_resource(change.group.as_str()), PassedBecause::NotTouched));
    }
    let is_own = |rule: &SecurityGroupRule| {
        let is = |of: &&Permission| of.is_same(&rule.permission);
        match change.rules.is_empty() {
            true => change.permissions.iter().any(|of| is(&of)),
            false => change.rules.iter().any(|own| own.id == rule.id && is(&&own.permission)),
        }
    };
    let expected: Vec<&Permission> = match change.rules.is_empty() {
        true => change.permissions.iter().collect(),
        false => listed().collect(),
    };
    groups(case, facts, &filter, &is_own, &expected)
}

/// The groups that match, each with the endpoints that it is on.
fn groups<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    filter: &GroupFilter,
    is_own: &dyn Fn(&SecurityGroupRule) -> bool,
    expected: &[&Permission],
) -> Result<Vec<Subject<'f>>, Stop> {
    let found = match filter {
        GroupFilter::Id(id) => both(facts.groups(filter), facts.rules(id)).map(|(groups, _)| groups),
        _ => facts.groups(filter),
    };
    let name = match filter {
        GroupFilter::Id(id) => group_resource(id.as_str()),
        GroupFilter::Named(name) => group_resource(name),
        _ => return Ok(Vec::new()),
    };
    let found = match found {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return Ok(passed(name, PassedBecause::AlreadyGone)),
        found => found?,
    };
    let mut subjects = Vec::new();
    let mut stopped: Option<Stop> = None;
    for group in found {
        match of_group(case, facts, group, is_own, expected) {
            Ok(subject) => subjects.push(subject),
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    stopped.map_or(Ok(subjects), Err)
}

fn of_group<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    group: &'f SecurityGroup,
    is_own: &dyn Fn(&SecurityGroupRule) -> bool,
    expected: &[&Permission],
) -> Result<Subject<'f>, Stop> {
    let (name, vpc) = (Some(group.name.clone()), Some(group.vpc.clone()));
    let resource = Resource { name, vpc, ..group_resource(group.id.as_str()) };
    let passed = |why| Ok(Subject::Passed(Judgement::passed(resource.clone(), why)));
    if case.settings.scope.selection(case.account, &group.vpc) == Selection::NotSelected {
        return passed(PassedBecause::NotSelected);
    }
    let around = both(facts.vpc(&group.vpc), facts.endpoints(&group.vpc));
    let ((vpc, endpoints), rules) = both(around, facts.rules(&group.id))?;
    if !selection::selects(case, facts, vpc)? {
        return passed(PassedBecause::NotSelected);
    }
    let on_it = endpoints.iter().filter(|endpoint| {
        let is_there = matches!(endpoint.state, EndpointState::Available | EndpointState::Pending);
        is_there && endpoint.kind == EndpointKind::Interface && endpoint.groups.contains(&group.id)
    });
    let served: Vec<Served<'f>> = on_it.map(|endpoint| (&endpoint.id, endpoint.service.as_str())).collect();
    if served.is_empty() {
        return passed(PassedBecause::NotTouched);
    }
    let ingress = || rules.iter().filter(|rule| rule.direction == Direction::Ingress);
    let is_missing = |permission: &&&Permission| !ingress().any(|rule| permission.is_same(&rule.permission));
    let missing = expected.iter().find(is_missing).map(|_| Question::Rules(group.id.clone()));
    let cause = |rule: &SecurityGroupRule| if is_own(rule) { Cause::ThisEvent } else { Cause::Standing };
    Ok(Subject::Scene(Scene {
        resource,
        vpc,
        endpoints: served,
        rules: ingress().map(|rule| Candidate { group: &group.id, rule, cause: cause(rule) }).collect(),
        default_group: None,
        missing,
    }))
}
