//! Exclusions: VPCs and subnets for which the mode does not hold.

use std::collections::BTreeSet;

use super::{QUESTION, is_private};
use crate::case::Case;
use crate::event::ExclusionChange;
use crate::facts::{
    BlockMode, BlockPublicAccess, BlockState, Everywhere, Excluded, Exclusion, ExclusionMode, ExclusionState, Facts, Stop,
    Unknown, Vpc, both,
};
use crate::finding::{Advice, Cause, Evidence, Finding, Resource, Severity};
use crate::id::{BlockPublicAccessExclusionId, SubnetId, VpcId};
use crate::plan::Treatment;
use crate::rules::{Judgement, PassedBecause, managed_by, selection, standing};
use crate::settings::{RuleName, Selection};

/// A call made an exclusion, or changed what it lets through; what holds now decides.
pub(super) fn judge(
    case: &Case<'_>,
    facts: &Facts,
    change: &ExclusionChange,
    made: bool,
) -> Result<Judgement, Stop> {
    let Some(id) = &change.exclusion else { return Ok(Judgement::default()) };
    let passed = |why| Ok(Judgement::passed(resource(id, None), why));
    if change.of.as_ref().is_some_and(|of| is_left_out(case, of)) {
        return passed(PassedBecause::NotSelected);
    }
    let excluded = change.of.as_ref().map(|of| vpc_of(facts, of)).transpose();
    let (found, _) = match both(facts.block_public_access(&Everywhere), excluded) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        read => read?,
    };
    let exclusion = found.exclusions.get(id).filter(|exclusion| exclusion.state != ExclusionState::Gone);
    let Some(exclusion) = exclusion else {
        return absent(case, facts, id);
    };
    if is_left_out(case, &exclusion.of) {
        return passed(PassedBecause::NotSelected);
    }
    let vpc = match vpc_of(facts, &exclusion.of) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        vpc => vpc?,
    };
    let selected = is_private(case) || selection::selects(case, facts, vpc)?;
    if !selected {
        return passed(PassedBecause::NotSelected);
    }
    if change.mode.is_some_and(|asked| asked != exclusion.mode) {
        facts.settled(QUESTION)?;
    }
    // One that lets less through than before was there before: its caller opened nothing.
    let opened = made || change.mode == Some(ExclusionMode::AllowBidirectional);
    let own = opened && change.mode == Some(exclusion.mode);
    let cause = if own { Cause::ThisEvent } else { Cause::Standing };
    let finding = finding(case, found, (id, exclusion), &vpc.id, cause);
    Ok(Judgement { findings: vec![finding], passed: Vec::new() })
}

/// It is not there: not any more, unless AWS may just not show it yet.
fn absent(case: &Case<'_>, facts: &Facts, id: &BlockPublicAccessExclusionId) -> Result<Judgement, Stop> {
    if case.is_fresh() && !case.last_delivery {
        return Err(Stop::Unknown { question: QUESTION, why: Unknown::NotYet });
    }
    facts.settled(QUESTION)?;
    Ok(Judgement::passed(resource(id, None), PassedBecause::AlreadyGone))
}

/// Whether the policy file leaves it out, whatever its VPC's tags are.
fn is_left_out(case: &Case<'_>, of: &Excluded) -> bool {
    match of {
        Excluded::Subnet(subnet) => case.settings.scope.exclude_subnets.contains(subnet),
        Excluded::Vpc(vpc) => {
            !is_private(case) && case.settings.scope.selection(case.account, vpc) == Selection::NotSelected
        }
    }
}

/// The VPC that an exclusion is of, or is in.
fn vpc_of<'f>(facts: &'f Facts, of: &Excluded) -> Result<&'f Vpc, Stop> {
    match of {
        Excluded::Vpc(vpc) => facts.vpc(vpc),
        Excluded::Subnet(subnet) => facts.vpc(&facts.subnet(subnet)?.vpc),
    }
}

/// What excludes a VPC or one of its subnets now.
pub(super) fn within(
    case: &Case<'_>,
    found: &BlockPublicAccess,
    vpc: &VpcId,
    subnets: &BTreeSet<&SubnetId>,
) -> Vec<Finding> {
    let is_here = |of: &Excluded| match of {
        Excluded::Vpc(excluded) => excluded == vpc,
        Excluded::Subnet(subnet) => subnets.contains(subnet) && !is_left_out(case, of),
    };
    let here = found.exclusions.iter();
    let here = here.filter(|(_, exclusion)| exclusion.state != ExclusionState::Gone && is_here(&exclusion.of));
    here.map(|found_one| finding(case, found, found_one, vpc, Cause::Standing)).collect()
}

/// Whether an exclusion lets through what is blocked else: one for egress does nothing while only ingress is blocked
/// (API reference of `VpcBlockPublicAccessExclusion`).
fn lets_through(found: &BlockPublicAccess, exclusion: &Exclusion) -> bool {
    let holds = exclusion.state == ExclusionState::InForce && found.state != BlockState::Default;
    holds
        && match found.mode {
            BlockMode::Off => false,
            BlockMode::BlockIngress => exclusion.mode == ExclusionMode::AllowBidirectional,
            BlockMode::BlockBidirectional => true,
        }
}

fn finding(
    case: &Case<'_>,
    found: &BlockPublicAccess,
    (id, exclusion): (&BlockPublicAccessExclusionId, &Exclusion),
    vpc: &VpcId,
    cause: Cause,
) -> Finding {
    let what = match exclusion.of {
        Excluded::Vpc(_) => "a private VPC",
        Excluded::Subnet(_) => "a subnet of a private network",
    };
    Finding {
        rule: RuleName::BlockPublicAccess,
        class: "exclusion".to_owned(),
        severity: if lets_through(found, exclusion) { Severity::High } else { Severity::Low },
        cause,
        resource: resource(id, Some(vpc)),
        summary: format!("{what} is excluded from VPC Block Public Access"),
        evidence: vec![Evidence {
            part: exclusion.of.id().to_owned(),
            says: format!("excluded with {}", exclusion.mode),
            permits: None,
        }],
        context: vec![in_words(found, exclusion), "internet gateways and the routes to them are looked at by `internet-path`".to_owned()],
        treatment: treatment(case, cause),
        advice: advice(id, exclusion),
    }
}

/// What comes of it as things are.
fn in_words(found: &BlockPublicAccess, exclusion: &Exclusion) -> String {
    let mode = found.mode;
    if exclusion.state == ExclusionState::Disabled {
        return "a declarative policy of the organisation allows no exclusions and has disabled it: it lets nothing through as far as that holds".to_owned();
    }
    match (lets_through(found, exclusion), exclusion.mode) {
        (true, ExclusionMode::AllowEgress) => format!("the mode is {mode}: by this exclusion traffic goes out, where a gateway is routed"),
        (true, ExclusionMode::AllowBidirectional) => {
            format!("the mode is {mode}: by this exclusion traffic goes in and out, where a gateway is routed")
        }
        (false, _) => format!("the mode is {mode}: the exclusion changes nothing now, and opens once more is blocked"),
    }
}

fn treatment(case: &Case<'_>, cause: Cause) -> Treatment {
    if cause == Cause::Standing {
        return standing(case, "this event did not open it, and its caller is not named for it");
    }
    if let Some(service) = managed_by(case, &crate::facts::Tags::new()) {
        return Treatment::Told(format!("{service} made it, and what a service manages is never touched"));
    }
    Treatment::Told("deleting the exclusion cuts off whatever needs it by now, and it would not come back under its id: look at what goes by it, then delete it".to_owned())
}

fn advice(id: &BlockPublicAccessExclusionId, exclusion: &Exclusion) -> Vec<Advice> {
    let advice = |tool: &str, text: String| Advice { tool: tool.to_owned(), text };
    let of = exclusion.of.id();
    let mut advised = vec![
        advice("AWS CLI", format!("aws ec2 delete-vpc-block-public-access-exclusion --exclusion-id {id}")),
        advice("Terraform", format!("Remove the `aws_vpc_block_public_access_exclusion` resource of {id}, which excludes {of}")),
        advice(
            "CloudFormation",
            format!("Remove the AWS::EC2::VPCBlockPublicAccessExclusion resource of {id}, which excludes {of}"),
        ),
    ];
    if let Excluded::Subnet(subnet) = &exclusion.of {
        advised.push(advice(
            "the policy file, if the subnet is meant to be public",
            format!("scope:\n  exclude_subnets: [{subnet}]"),
        ));
    }
    advised
}

fn resource(id: &BlockPublicAccessExclusionId, vpc: Option<&VpcId>) -> Resource {
    Resource {
        kind: "exclusion".to_owned(),
        id: id.to_string(),
        name: None,
        vpc: vpc.cloned(),
    }
}
