//! `new-network-path`: a private VPC is joined to another network by peering, a transit gateway or a VPN.

mod telling;

use std::collections::BTreeSet;

use super::{Judgement, PassedBecause, Rule, selection};
use crate::case::Case;
use crate::event::{Call, CallName, NewPath, Subject, SubjectKind};
use crate::facts::{Facts, NetworkPath, PathEnd, PathKind, PathState, Question, RouteTable, Stop, Unknown, all, both};
use crate::finding::{Cause, Finding, Resource, Severity};
use crate::id::{NetworkPathId, VpcId};
use crate::settings::{RuleName, Selection};
use telling::Joined;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::NewNetworkPath,
    severity: Severity::Medium,
    title: "a private VPC is joined to another network by peering, a transit gateway or a VPN",
    woken_by: &[
        CallName::CreateVpcPeeringConnection,
        CallName::AcceptVpcPeeringConnection,
        CallName::CreateTransitGatewayVpcAttachment,
        CallName::CreateVpnConnection,
    ],
    scans: &[SubjectKind::Vpc],
    reads: &[
        "ec2:DescribeRouteTables",
        "ec2:DescribeTransitGatewayVpcAttachments",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:DescribeVpcs",
        "ec2:DescribeVpnConnections",
        "ec2:DescribeVpnGateways",
    ],
    writes: &[],
    judge,
};

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    match &case.event.call {
        Call::CreateVpcPeeringConnection(new)
        | Call::AcceptVpcPeeringConnection(new)
        | Call::CreateTransitGatewayVpcAttachment(new)
        | Call::CreateVpnConnection(new) => made(case, facts, new),
        Call::Scan { subject: Subject::Vpc(vpc) } => scanned(case, facts, vpc),
        _ => Ok(Judgement::default()),
    }
}

/// A path was made, or accepted; what is there now decides.
fn made(case: &Case<'_>, facts: &Facts, new: &NewPath) -> Result<Judgement, Stop> {
    let Some(id) = &new.path else { return Ok(Judgement::default()) };
    let passed = |why| Ok(Judgement::passed(resource(id, None), why));
    if is_allowed(case, id.as_str()) {
        return passed(PassedBecause::Clean);
    }
    let is_left_out = |vpc: &VpcId| case.settings.scope.selection(case.account, vpc) == Selection::NotSelected;
    if !new.vpcs.is_empty() && new.vpcs.iter().all(is_left_out) {
        return passed(PassedBecause::NotSelected);
    }
    let paths = facts.network_paths(&id.kind())?;
    let Some(path) = paths.get(id).filter(|path| path.state != PathState::Gone) else {
        return absent(case, facts, id);
    };
    if path.gateway.as_ref().is_some_and(|gateway| is_allowed(case, gateway)) {
        return passed(PassedBecause::Clean);
    }
    let ends = ends(facts, id, path)?;
    let joined = joined(case, facts, id.kind(), ends)?;
    if joined.is_empty() {
        return passed(PassedBecause::NotSelected);
    }
    let finding = telling::finding(case, (id, path), &joined, Cause::ThisEvent);
    Ok(Judgement { findings: vec![finding], passed: Vec::new() })
}

/// It is not there: not any more, unless AWS may just not show it yet.
fn absent(case: &Case<'_>, facts: &Facts, id: &NetworkPathId) -> Result<Judgement, Stop> {
    let question = Question::NetworkPaths(id.kind());
    if case.is_fresh() && !case.last_delivery {
        return Err(Stop::Unknown { question, why: Unknown::NotYet });
    }
    facts.settled(question)?;
    Ok(Judgement::passed(resource(id, None), PassedBecause::AlreadyGone))
}

/// Whether the policy file lists what routes would lead to.
fn is_allowed(case: &Case<'_>, target: &str) -> bool {
    case.settings.allowed_route_targets.iter().any(|allowed| allowed.as_str() == target)
}

/// The VPCs at the ends of a path. A VPN connection on a transit gateway reaches every VPC that is attached to that.
fn ends<'f>(facts: &'f Facts, id: &NetworkPathId, path: &'f NetworkPath) -> Result<Vec<&'f PathEnd>, Stop> {
    let gateway = path.gateway.as_ref().filter(|gateway| gateway.starts_with("tgw-"));
    match gateway.filter(|_| id.kind() == PathKind::Vpn) {
        None => Ok(path.ends.iter().collect()),
        Some(gateway) => {
            let attached = facts.network_paths(&PathKind::Attachment)?.values();
            let attached = attached.filter(|other| other.gateway.as_ref() == Some(gateway) && other.state != PathState::Gone);
            Ok(attached.flat_map(|other| &other.ends).collect())
        }
    }
}

/// The VPCs among them that must stay private. The tags of those of other accounts cannot be read: only entries by id or
/// by account select them, and only behind a transit gateway, since peering wakes the other account's guardrail itself.
fn joined<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    kind: PathKind,
    ends: Vec<&'f PathEnd>,
) -> Result<Vec<Joined<'f>>, Stop> {
    let ends: BTreeSet<&PathEnd> = ends.into_iter().collect();
    let here = ends.into_iter().filter(|end| end.region.as_ref().is_none_or(|region| *region == case.event.region));
    let each = here.map(|end| match &end.owner {
        Some(owner) if owner != case.account => {
            let selected = case.settings.scope.selection(owner, &end.vpc) == Selection::Selected;
            Ok((kind == PathKind::Vpn && selected).then_some(Joined { vpc: &end.vpc, tables: None }))
        }
        _ => own(case, facts, &end.vpc),
    });
    Ok(all(each)?.into_iter().flatten().collect())
}

fn own<'f>(case: &Case<'_>, facts: &'f Facts, id: &VpcId) -> Result<Option<Joined<'f>>, Stop> {
    let tables = facts.route_tables(id);
    match facts.vpc(id) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(None),
        Err(stop) => Err(tables.err().map_or(stop.clone(), |other| stop.join(other))),
        Ok(vpc) if !selection::selects(case, facts, vpc)? => Ok(None),
        Ok(vpc) => Ok(Some(Joined { vpc: &vpc.id, tables: Some(tables?) })),
    }
}

/// Every path of a VPC as it stands.
fn scanned(case: &Case<'_>, facts: &Facts, id: &VpcId) -> Result<Judgement, Stop> {
    let resource = Resource { kind: "VPC".to_owned(), id: id.to_string(), name: None, vpc: None };
    let passed = |why| Ok(Judgement::passed(resource.clone(), why));
    let paths = all(PathKind::ALL.map(|kind| facts.network_paths(&kind)));
    let read = both(facts.vpc(id), both(paths, facts.route_tables(id)));
    let (vpc, (paths, tables)): (_, (_, &Vec<RouteTable>)) = match read {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        read => read?,
    };
    if !selection::selects(case, facts, vpc)? {
        return passed(PassedBecause::NotSelected);
    }
    let ends_here = |end: &PathEnd| {
        end.vpc == *id && end.owner.as_ref().is_none_or(|owner| *owner == vpc.owner)
    };
    let is_open = |id: &NetworkPathId, path: &NetworkPath| {
        let targets = path.gateway.iter().map(String::as_str).chain([id.as_str()]);
        path.state != PathState::Gone && !targets.into_iter().any(|target| is_allowed(case, target))
    };
    let joined = [Joined { vpc: &vpc.id, tables: Some(tables) }];
    let own = paths.iter().flat_map(|paths| paths.iter());
    let own = own.filter(|(id, path)| is_open(id, path) && path.ends.iter().any(ends_here));
    let findings: Vec<Finding> = own.map(|path| telling::finding(case, path, &joined, Cause::Standing)).collect();
    Ok(match findings.is_empty() {
        true => Judgement::passed(resource, PassedBecause::Clean),
        false => Judgement { findings, passed: Vec::new() },
    })
}

fn resource(id: &NetworkPathId, vpc: Option<&VpcId>) -> Resource {
    Resource { kind: id.kind().as_str().to_owned(), id: id.to_string(), name: None, vpc: vpc.cloned() }
}
