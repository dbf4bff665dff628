//! `private-path`: a client group and an endpoint that cannot, or no longer can, talk on 443, and which leg is broken.

mod advice;
mod client;
mod leg;
mod name;
mod pair;
mod path;
mod permits;
mod scene;
mod subject;
mod telling;

use pair::Outcome;
use scene::Scene;
use subject::{Look, Subject};

use super::{Judgement, PassedBecause, Rule, selection};
use crate::case::Case;
use crate::event::{CallName, SubjectKind};
use crate::facts::{Facts, Stop, Unknown, both};
use crate::finding::Severity;
use crate::settings::{RuleName, Selection};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::PrivatePath,
    severity: Severity::High,
    title: "a client group and an endpoint cannot talk on 443",
    woken_by: &[
        CallName::RevokeSecurityGroupEgress,
        CallName::RevokeSecurityGroupIngress,
        CallName::ModifySecurityGroupRules,
        CallName::CreateVpcEndpoint,
        CallName::ModifyVpcEndpoint,
        CallName::DeleteVpcEndpoints,
        CallName::ModifyVpcAttribute,
        CallName::AssociateDhcpOptions,
    ],
    scans: &[SubjectKind::Vpc],
    reads: &[
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
        "ec2:GetManagedPrefixListEntries",
    ],
    writes: &[],
    judge,
};

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    let mut judgement = Judgement::default();
    let mut stopped: Option<Stop> = None;
    for subject in subject::of(case, facts)? {
        let judged = match subject {
            Subject::Passed(resource, why) => Ok(Judgement::passed(resource, why)),
            Subject::Look(look) => judge_look(case, facts, &look),
        };
        match judged {
            Ok(more) => judgement.extend(more),
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    stopped.map_or(Ok(judgement), Err)
}

/// Judges the paths of one VPC.
fn judge_look(case: &Case<'_>, facts: &Facts, look: &Look<'_>) -> Result<Judgement, Stop> {
    let passed = |why| Ok(Judgement::passed(look.resource.clone(), why));
    if case.settings.scope.selection(case.account, &look.vpc) == Selection::NotSelected {
        return passed(PassedBecause::NotSelected);
    }
    let (vpc, endpoints) = match both(facts.vpc(&look.vpc), facts.endpoints(&look.vpc)) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        read => read?,
    };
    if !selection::selects(case, facts, vpc)? {
        return passed(PassedBecause::NotSelected);
    }
    let scene = Scene { case, facts, vpc, endpoints, change: &look.change, before: false };
    let pairs = pair::of(&scene, look).map_err(|stop| pair::ahead_of_pairs(&scene, look, stop))?;
    if pairs.is_empty() {
        return passed(PassedBecause::NotTouched);
    }
    let outcomes = pairs.into_iter().map(|pair| pair::judge(&scene, pair));
    let findings = telling::findings(&scene, look, all(outcomes)?)?;
    match findings.is_empty() {
        true => passed(PassedBecause::Clean),
        false => Ok(Judgement { findings, passed: Vec::new() }),
    }
}

/// The outcomes of all pairs; what any of them needs is asked for all of them at once.
fn all<'f>(outcomes: impl Iterator<Item = Result<Outcome<'f>, Stop>>) -> Result<Vec<Outcome<'f>>, Stop> {
    let (mut known, mut stopped) = (Vec::new(), None::<Stop>);
    for outcome in outcomes {
        match outcome {
            Ok(outcome) => known.push(outcome),
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    stopped.map_or(Ok(known), Err)
}
