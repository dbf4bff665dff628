//! Where to look: the groups that a call touched, and which of their rules it brought in.

use crate::case::Case;
use crate::event::{self, Call, ChangedRule, EventRule, GroupName, RulesChange};
use crate::facts::{Everywhere, Facts, GroupFilter, InterfaceFilter, Question, SecurityGroup, SecurityGroupRule, Stop, Unknown, both};
use crate::finding::Resource;
use crate::id::{PrefixListId, SecurityGroupId, SecurityGroupRuleId, VpcId};
use crate::network::{Direction, Peer, Permission, Traffic};
use crate::ordered;
use crate::rules::{Judgement, PassedBecause};

/// Something to look at.
#[derive(Debug)]
pub(super) enum Subject {
    /// A group that is there.
    Group {
        /// The group.
        group: SecurityGroup,
        /// Which of its rules the event brought in.
        brought: Brought,
    },
    /// Something that needs no look, or is not there any more.
    Passed(Resource, PassedBecause),
}

/// Which of a group's rules an event brought in.
#[derive(Debug, Clone)]
pub(super) enum Brought {
    /// These, by id and content.
    Rules(Vec<EventRule>),
    /// Those that permit just this (events before 2023 name no rule ids).
    Permissions(Vec<Permission>),
    /// These, by an edit in place: each permits just this from then on.
    Edited(Vec<(SecurityGroupRuleId, Permission)>),
    /// The rules that allow all egress, with which a group is born.
    BornWith,
    /// Every rule to this list, whose content was changed.
    List(PrefixListId),
    /// All: the group itself was attached to something.
    Attached,
    /// None: it is looked at as it stands.
    Nothing,
}

/// The groups that the event of this case is about.
pub(super) fn of(case: &Case<'_>, facts: &Facts) -> Result<Vec<Subject>, Stop> {
    match &case.event.call {
        Call::AuthorizeSecurityGroupEgress(change) => named(facts, &change.group, added(change)),
        Call::ModifySecurityGroupRules { group: Some(id), rules } => by_id(facts, id, edited(rules)),
        Call::CreateSecurityGroup { group: Some(id), .. } => by_id(facts, id, Brought::BornWith),
        Call::CreateVpc { vpc: Some(vpc) } | Call::CreateDefaultVpc { vpc: Some(vpc) } => {
            matching(facts, GroupFilter::DefaultOf(vpc.clone()), &Brought::BornWith)
        }
        Call::ModifyManagedPrefixList { list } | Call::RestoreManagedPrefixListVersion { list } => {
            matching(facts, GroupFilter::EgressTo(list.clone()), &Brought::List(list.clone()))
        }
        Call::ModifyNetworkInterfaceAttribute { interface, groups: Some(groups) }
        | Call::CreateNetworkInterface { interface: Some(interface), groups, .. } => {
            attached(facts, InterfaceFilter::Id(interface.clone()), groups)
        }
        Call::ModifyInstanceAttribute { instance, groups: Some(groups) } => {
            attached(facts, InterfaceFilter::Instance(instance.clone()), groups)
        }
        Call::ModifyNetworkInterfaceAttribute { interface, groups: None } => {
            Ok(vec![untouched("network interface", interface.as_str())])
        }
        Call::ModifyInstanceAttribute { instance, groups: None } => Ok(vec![untouched("instance", instance.as_str())]),
        Call::Scan { subject: event::Subject::SecurityGroup(id) } => by_id(facts, id, Brought::Nothing),
        _ => Ok(Vec::new()),
    }
}

fn untouched(kind: &str, id: &str) -> Subject {
    passed(kind, id, PassedBecause::NotTouched)
}

fn passed(kind: &str, id: &str, why: PassedBecause) -> Subject {
    Subject::Passed(Resource { kind: kind.to_owned(), id: id.to_owned(), name: None, vpc: None }, why)
}

fn added(change: &RulesChange) -> Brought {
    if change.rules.is_empty() {
        Brought::Permissions(change.permissions.clone())
    } else {
        Brought::Rules(change.rules.clone())
    }
}

/// An edit that does not say what a rule permits from then on (new words for its description) brought nothing in.
fn edited(rules: &[ChangedRule]) -> Brought {
    let with_permission = rules.iter().filter_map(|rule| Some((rule.id.clone(), rule.permission.clone()?)));
    Brought::Edited(with_permission.collect())
}

fn named(facts: &Facts, group: &GroupName, brought: Brought) -> Result<Vec<Subject>, Stop> {
    match group {
        GroupName::Id(id) => by_id(facts, id, brought),
        GroupName::Name(name) => matching(facts, GroupFilter::Named(name.clone()), &brought),
    }
}

/// The group with this id; its rules are asked for in the same round.
fn by_id(facts: &Facts, id: &SecurityGroupId, brought: Brought) -> Result<Vec<Subject>, Stop> {
    let found = both(facts.groups(&GroupFilter::Id(id.clone())), facts.rules(id));
    match found {
        Ok((groups, _)) => Ok(subjects(groups, &brought)),
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => {
            Ok(vec![passed("security group", id.as_str(), PassedBecause::AlreadyGone)])
        }
        Err(stop) => Err(stop),
    }
}

/// The groups that match. That none does contradicts an event which named or made one.
fn matching(facts: &Facts, filter: GroupFilter, brought: &Brought) -> Result<Vec<Subject>, Stop> {
    let groups = if_there(facts.groups(&filter))?.map(Vec::as_slice).unwrap_or_default();
    if !groups.is_empty() {
        return Ok(subjects(groups, brought));
    }
    let (kind, id, why) = match &filter {
        GroupFilter::Id(id) => ("security group", id.to_string(), PassedBecause::AlreadyGone),
        GroupFilter::Named(name) => ("security group", name.clone(), PassedBecause::AlreadyGone),
        GroupFilter::DefaultOf(vpc) | GroupFilter::Vpc(vpc) => ("VPC", vpc.to_string(), PassedBecause::AlreadyGone),
        GroupFilter::EgressTo(list) => ("prefix list", list.to_string(), PassedBecause::Clean),
    };
    if why == PassedBecause::AlreadyGone && facts.groups(&filter).is_ok() {
        facts.settled(Question::Groups(filter.clone()))?;
    }
    Ok(vec![passed(kind, &id, why)])
}

/// What is known of something, unless it is gone.
fn if_there<T>(fact: Result<&T, Stop>) -> Result<Option<&T>, Stop> {
    match fact {
        Ok(value) => Ok(Some(value)),
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(None),
        Err(stop) => Err(stop),
    }
}

fn subjects(groups: &[SecurityGroup], brought: &Brought) -> Vec<Subject> {
    groups.iter().map(|group| Subject::Group { group: group.clone(), brought: brought.clone() }).collect()
}

/// The groups that were attached to an interface and still are; others on it were not brought in by the call. (A call
/// that names no group attaches the VPC's default group.) An answer without them contradicts the event.
fn attached(facts: &Facts, filter: InterfaceFilter, asked: &[SecurityGroupId]) -> Result<Vec<Subject>, Stop> {
    let interfaces = if_there(facts.interfaces(&filter))?.map(Vec::as_slice).unwrap_or_default();
    let there = ordered::set(interfaces.iter().flat_map(|interface| &interface.groups));
    let still = ordered::set(there.iter().copied().filter(|id| asked.is_empty() || asked.contains(id)));
    if (still.is_empty() || still.len() < asked.len()) && facts.interfaces(&filter).is_ok() {
        facts.settled(Question::Interfaces(filter.clone()))?;
    }
    if still.is_empty() {
        let (kind, id) = match &filter {
            InterfaceFilter::Id(id) => ("network interface", id.to_string()),
            InterfaceFilter::Instance(id) => ("instance", id.to_string()),
            InterfaceFilter::Group(id) => ("security group", id.to_string()),
            InterfaceFilter::Vpc(id) => ("VPC", id.to_string()),
        };
        return Ok(vec![passed(kind, &id, PassedBecause::AlreadyGone)]);
    }
    let mut subjects = Vec::new();
    let mut stopped: Option<Stop> = None;
    for id in still {
        match by_id(facts, id, Brought::Attached) {
            Ok(found) => subjects.extend(found),
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    match stopped {
        None => Ok(subjects),
        Some(stop) => Err(interfaces.iter().fold(stop, |stop, interface| ahead(facts, &interface.vpc, stop))),
    }
}

/// What a group's judgement needs besides its rules, asked in the same round as they are: to wait costs a round.
fn ahead(facts: &Facts, vpc: &VpcId, stop: Stop) -> Stop {
    match both(facts.vpc(vpc), facts.prefix_lists(&Everywhere)) {
        Err(more @ Stop::Need(_)) if matches!(stop, Stop::Need(_)) => stop.join(more),
        _ => stop,
    }
}

impl Subject {
    /// The group as a resource, for people.
    pub(super) fn resource(&self) -> Resource {
        match self {
            Self::Group { group, .. } => Resource {
                kind: "security group".to_owned(),
                id: group.id.to_string(),
                name: Some(group.name.clone()),
                vpc: Some(group.vpc.clone()),
            },
            Self::Passed(resource, _) => resource.clone(),
        }
    }

    /// What there is to say about a subject that needs no look.
    pub(super) fn passed(&self) -> Judgement {
        match self {
            Self::Group { .. } => Judgement::default(),
            Self::Passed(resource, why) => Judgement::passed(resource.clone(), *why),
        }
    }
}

impl Brought {
    /// Whether the event brought in this rule as it is now.
    pub(super) fn includes(&self, rule: &SecurityGroupRule) -> bool {
        match self {
            Self::Rules(rules) => rules.iter().any(|brought| brought.id == rule.id && brought.permission.is_same(&rule.permission)),
            Self::Permissions(permissions) => permissions.iter().any(|brought| brought.is_same(&rule.permission)),
            Self::Edited(rules) => rules.iter().any(|(id, now)| *id == rule.id && now.is_same(&rule.permission)),
            Self::BornWith => is_born_with(&rule.permission),
            Self::List(list) => rule.permission.peer == Peer::PrefixList(list.clone()),
            Self::Attached => true,
            Self::Nothing => false,
        }
    }

    /// Whether what the event brought in is (partly) there. An answer without it contradicts the event, and is believed
    /// only when it was given twice: it may be stale, or cut short.
    pub(super) fn settled(
        &self,
        facts: &Facts,
        group: &SecurityGroupId,
        rules: &[SecurityGroupRule],
    ) -> Result<bool, Stop> {
        let egress = || rules.iter().filter(|rule| rule.direction == Direction::Egress);
        let listed = |id: &SecurityGroupRuleId| rules.iter().any(|rule| rule.id == *id && self.includes(rule));
        let complete = match self {
            Self::Rules(brought) => brought.iter().all(|rule| listed(&rule.id)),
            Self::Edited(brought) => brought.iter().all(|(id, _)| listed(id)),
            Self::Permissions(brought) => {
                brought.iter().all(|permission| egress().any(|rule| permission.is_same(&rule.permission)))
            }
            Self::BornWith => egress().next().is_some(),
            Self::List(_) | Self::Attached | Self::Nothing => true,
        };
        if !complete {
            facts.settled(Question::Rules(group.clone()))?;
        }
        Ok(complete || rules.iter().any(|rule| self.includes(rule)))
    }
}

/// The rules that EC2 puts into every new group of a VPC: all traffic to everywhere.
fn is_born_with(permission: &Permission) -> bool {
    matches!(&permission.peer, Peer::Cidr(cidr) if cidr.net().prefix_len() == 0) && permission.traffic == Traffic::ALL
}
