//! `block-public-access`: VPC Block Public Access lets more through than an account, or a VPC, that must stay private may
//! have.

mod exclusion;
mod mode;

use std::collections::BTreeSet;

use super::{Judgement, PassedBecause, Rule, selection};
use crate::case::Case;
use crate::event::{Call, CallName, Subject, SubjectKind};
use crate::facts::{BlockPublicAccess, Everywhere, Facts, Question, Stop, Unknown, both};
use crate::finding::{Resource, Severity};
use crate::id::VpcId;
use crate::settings::RuleName;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::BlockPublicAccess,
    severity: Severity::High,
    title: "VPC Block Public Access is off, lets traffic out, or excludes a private VPC or subnet",
    woken_by: &[
        CallName::ModifyVpcBlockPublicAccessOptions,
        CallName::CreateVpcBlockPublicAccessExclusion,
        CallName::ModifyVpcBlockPublicAccessExclusion,
    ],
    scans: &[SubjectKind::Account, SubjectKind::Vpc],
    reads: &[
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "ec2:DescribeVpcBlockPublicAccessOptions",
        "ec2:DescribeVpcs",
    ],
    writes: &[],
    judge,
};

const QUESTION: Question = Question::BlockPublicAccess(Everywhere);

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    match &case.event.call {
        Call::ModifyVpcBlockPublicAccessOptions { mode } => mode::judge(case, facts, *mode),
        Call::CreateVpcBlockPublicAccessExclusion(change) => exclusion::judge(case, facts, change, true),
        Call::ModifyVpcBlockPublicAccessExclusion(change) => exclusion::judge(case, facts, change, false),
        Call::Scan { subject: Subject::Account(_) } => mode::judge(case, facts, None),
        Call::Scan { subject: Subject::Vpc(vpc) } => scanned(case, facts, vpc),
        _ => Ok(Judgement::default()),
    }
}

/// Whether the policy file says that the whole account must stay private.
fn is_private(case: &Case<'_>) -> bool {
    case.settings.scope.private_accounts.contains(case.account)
}

/// What is there of the VPC: what excludes it or a subnet of it. The mode is the account's.
fn scanned(case: &Case<'_>, facts: &Facts, id: &VpcId) -> Result<Judgement, Stop> {
    let resource = Resource { kind: "VPC".to_owned(), id: id.to_string(), name: None, vpc: None };
    let passed = |why| Ok(Judgement::passed(resource.clone(), why));
    let around = both(facts.block_public_access(&Everywhere), facts.subnets(id));
    let vpc = match facts.vpc(id) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        Err(stop) => return Err(around.err().map_or(stop.clone(), |other| stop.join(other))),
        Ok(vpc) => vpc,
    };
    if !selection::selects(case, facts, vpc)? {
        return passed(PassedBecause::NotSelected);
    }
    // What another account shares follows its owner's settings.
    if vpc.owner != *case.account {
        return passed(PassedBecause::NotTouched);
    }
    let (found, subnets): (&BlockPublicAccess, _) = around?;
    let subnets: BTreeSet<_> = subnets.iter().map(|subnet| &subnet.id).collect();
    let findings = exclusion::within(case, found, &vpc.id, &subnets);
    Ok(match findings.is_empty() {
        true => Judgement::passed(resource, PassedBecause::Clean),
        false => Judgement { findings, passed: Vec::new() },
    })
}
