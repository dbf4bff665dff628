//! `open-egress`: an egress rule that reaches outside the allowed destinations.

mod advice;
mod reach;
mod remedy;
mod subject;
mod surroundings;
#[cfg(test)]
mod tests;

use reach::{Class, Violation};
use remedy::Replacement;
use subject::Subject;
use surroundings::Surroundings;

use super::{Judgement, PassedBecause, Rule, selection};
use crate::case::Case;
use crate::event::{CallName, SubjectKind};
use crate::facts::{Facts, Stop};
use crate::finding::{Cause, Evidence, Finding, Resource, RuleEvidence, Severity};
use crate::settings::{RuleName, Selection};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::OpenEgress,
    severity: Severity::High,
    title: "an egress rule reaches outside the allowed destinations",
    woken_by: &[
        CallName::AuthorizeSecurityGroupEgress,
        CallName::ModifySecurityGroupRules,
        CallName::CreateSecurityGroup,
        CallName::CreateVpc,
        CallName::CreateDefaultVpc,
        CallName::ModifyManagedPrefixList,
        CallName::RestoreManagedPrefixListVersion,
        CallName::ModifyNetworkInterfaceAttribute,
        CallName::CreateNetworkInterface,
        CallName::ModifyInstanceAttribute,
    ],
    scans: &[SubjectKind::SecurityGroup],
    reads: &[
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
        "ec2:GetManagedPrefixListEntries",
    ],
    writes: &["ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress"],
    judge,
};

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    let mut judgement = Judgement::default();
    let mut stopped: Option<Stop> = None;
    for subject in subject::of(case, facts)? {
        match judge_subject(case, facts, &subject) {
            Ok(more) => judgement.extend(more),
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    stopped.map_or(Ok(judgement), Err)
}

/// Judges every egress rule of one group, those that the event brought in apart from those that were there before.
fn judge_subject(case: &Case<'_>, facts: &Facts, subject: &Subject) -> Result<Judgement, Stop> {
    let Subject::Group { group, brought } = subject else {
        return Ok(subject.passed());
    };
    let resource = subject.resource();
    if case.settings.scope.selection(case.account, &group.vpc) == Selection::NotSelected {
        return Ok(Judgement::passed(resource, PassedBecause::NotSelected));
    }
    let (rules, vpc) = reach::rules_and_vpc(facts, group)?;
    if !selection::selects(case, facts, vpc)? {
        return Ok(Judgement::passed(resource, PassedBecause::NotSelected));
    }
    let seen = brought.settled(facts, &group.id, rules)?;
    let allowed = reach::allowed(case.settings, vpc);
    let violations = match reach::violations(case, facts, rules, &allowed, |rule| brought.includes(rule)) {
        Ok(violations) => violations,
        Err(stop) => {
            let own = rules.iter().filter(|rule| brought.includes(rule));
            return Err(Surroundings::ahead(case, facts, group, vpc, own, stop));
        }
    };
    if violations.is_empty() {
        let why = if seen { PassedBecause::Clean } else { PassedBecause::AlreadyGone };
        return Ok(Judgement::passed(resource, why));
    }
    let around = Surroundings::read(case, facts, group, vpc, &violations)?;
    let replacement = Replacement { case, group, rules, allowed: &allowed, around: &around, brought };
    let mut findings = Vec::new();
    for (cause, class) in reach::KINDS {
        let of_kind: Vec<&Violation<'_>> = violations.iter().filter(|v| (v.cause, v.class) == (cause, class)).collect();
        if !of_kind.is_empty() {
            findings.push(finding(&replacement, resource.clone(), cause, class, &of_kind));
        }
    }
    Ok(Judgement { findings, passed: Vec::new() })
}

/// One finding about all rules of a group with the same cause and of the same class.
fn finding(
    replacement: &Replacement<'_>,
    resource: Resource,
    cause: Cause,
    class: Class,
    violations: &[&Violation<'_>],
) -> Finding {
    let around = replacement.around;
    let treatment = replacement.treatment(cause, class, violations);
    let severity = match class {
        Class::Internet if around.way_out.is_some() => Severity::High,
        Class::Internet | Class::UnlistedPrivate => Severity::Medium,
    };
    Finding {
        rule: RuleName::OpenEgress,
        class: class.to_string(),
        severity,
        cause,
        summary: summary(class, violations),
        evidence: violations.iter().map(|violation| evidence(violation)).collect(),
        context: vec![around.way_out_in_words()],
        advice: match (treatment.plan(), class) {
            (Some(plan), _) => advice::of(&resource, plan),
            (None, Class::Internet) if replacement.case.event.is_scan() => advice::of(&resource, &replacement.plan(violations)),
            (None, _) => Vec::new(),
        },
        treatment,
        resource,
    }
}

fn summary(class: Class, violations: &[&Violation<'_>]) -> String {
    let (rules, reach) = if violations.len() == 1 { ("an egress rule", "reaches") } else { ("egress rules", "reach") };
    match class {
        Class::Internet => format!("{rules} {reach} the internet"),
        Class::UnlistedPrivate => format!("{rules} {reach} private addresses that the policy does not list"),
    }
}

fn evidence(violation: &Violation<'_>) -> Evidence {
    let rule = &violation.rule;
    Evidence {
        part: rule.id.as_str().to_owned(),
        says: violation.in_words(),
        permits: Some(RuleEvidence { rule: rule.id.clone(), permission: rule.permission.clone() }),
    }
}
