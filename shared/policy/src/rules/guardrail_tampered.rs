//! `guardrail-tampered`: somebody disables or rewires the guardrail, or takes a VPC out of its sight.

mod advice;
mod tags;
mod words;

use super::{Judgement, PassedBecause, Rule};
use crate::case::{Case, CeilingReason};
use crate::event::{Call, CallName, IacTool, PartCall, PartChange, PartKind, Subject, SubjectKind, Target};
use crate::facts::{Facts, Stop};
use crate::finding::{Cause, Evidence, Finding, Resource, Severity};
use crate::own::OwnPart;
use crate::plan::Treatment;
use crate::settings::RuleName;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::GuardrailTampered,
    severity: Severity::Critical,
    title: "somebody disables or rewires the guardrail itself",
    woken_by: WOKEN_BY,
    scans: &[SubjectKind::Vpc],
    reads: &["ec2:DescribeVpcs"],
    writes: &[],
    judge,
};

/// The calls about parts, and those about tags.
#[expect(clippy::indexing_slicing, reason = "it is computed at compile time, where an index out of bounds is an error")]
const WOKEN_BY: &[CallName] = &{
    let mut calls = [CallName::CreateTags; CallName::OF_PARTS.len() + 2];
    let mut index = 0;
    while index < CallName::OF_PARTS.len() {
        calls[index] = CallName::OF_PARTS[index];
        index += 1;
    }
    calls[index] = CallName::DeleteTags;
    calls
};

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    match &case.event.call {
        Call::Part(call) => Ok(judge_parts(case, call)),
        Call::CreateTags(call) => tags::judge(case, facts, call, tags::Done::Overwritten),
        Call::DeleteTags(call) => tags::judge(case, facts, call, tags::Done::TakenAway),
        Call::Scan { subject: Subject::Vpc(vpc) } => tags::judge_standing(case, facts, vpc),
        _ => Ok(Judgement::default()),
    }
}

/// Judges every part that a call names.
fn judge_parts(case: &Case<'_>, call: &PartCall) -> Judgement {
    let mut judgement = Judgement::default();
    let parts = call.targets.iter().map(|target| (target, part(case, target)));
    if words::is_mapping(call.call) {
        return judge_mapping(case, call, &parts.collect::<Vec<_>>());
    }
    for (target, part) in parts {
        judgement.extend(match part {
            Some(part) => judge_part(case, call, target, &part),
            None => Judgement::passed(resource(case, target, None), PassedBecause::NotSelected),
        });
    }
    judgement
}

/// An event source mapping is one thing, by whatever it is known. One that is switched on, and connects a queue of the
/// guardrail to somebody else's function, is rewired all the same.
fn judge_mapping(case: &Case<'_>, call: &PartCall, parts: &[(&Target, Option<OwnPart>)]) -> Judgement {
    let is_rewired = parts.iter().any(|(_, part)| part.is_none());
    let own = parts.iter().find_map(|(target, part)| part.as_ref().map(|part| (*target, part)));
    let passed = |why| {
        let named = call.targets.first().map(|target| resource(case, target, None));
        named.map_or_else(Judgement::default, |resource| Judgement::passed(resource, why))
    };
    match own {
        None => passed(PassedBecause::NotSelected),
        Some((target, part)) if is_rewired => {
            Judgement { findings: vec![finding(case, call, target, part)], passed: Vec::new() }
        }
        Some((target, part)) => judge_part(case, call, target, part),
    }
}

fn part(case: &Case<'_>, target: &Target) -> Option<OwnPart> {
    case.own.part(target, case.own_roles, case.account, &case.event.region)
}

fn judge_part(case: &Case<'_>, call: &PartCall, target: &Target, part: &OwnPart) -> Judgement {
    match call.change {
        PartChange::SwitchedOn | PartChange::Nothing => {
            Judgement::passed(resource(case, target, Some(part)), PassedBecause::Clean)
        }
        PartChange::TakenAway | PartChange::Changed(_) => {
            Judgement { findings: vec![finding(case, call, target, part)], passed: Vec::new() }
        }
    }
}

fn finding(case: &Case<'_>, call: &PartCall, target: &Target, part: &OwnPart) -> Finding {
    let resource = resource(case, target, Some(part));
    Finding {
        rule: RuleName::GuardrailTampered,
        class: words::class(call.call, target.kind, part).to_owned(),
        severity: severity(case, &call.change, part),
        cause: Cause::ThisEvent,
        summary: format!("{} {}", words::noun(target.kind, part), words::deed(call, target.kind)),
        evidence: evidence(call, target),
        context: context(case, call, target, part),
        treatment: told(),
        advice: advice::of(call.call, target, &resource.id),
        resource,
    }
}

/// What was changed by CloudFormation is most often an update of the guardrail's own stack: worth knowing, and nothing to be
/// woken up for. What takes a part away is critical whoever did it. That a trail was changed need not concern the
/// guardrail.
fn severity(case: &Case<'_>, change: &PartChange, part: &OwnPart) -> Severity {
    let by_stack = case.event.actor.tool() == Some(IacTool::CloudFormation);
    match change {
        PartChange::Changed(_) if by_stack || *part == OwnPart::AnyTrail => Severity::High,
        _ => Severity::Critical,
    }
}

fn evidence(call: &PartCall, target: &Target) -> Vec<Evidence> {
    let says = match &call.change {
        PartChange::Changed(respects) if !respects.is_empty() => {
            format!("{}: {}", words::deed(call, target.kind), respects.join(", "))
        }
        _ => words::deed(call, target.kind).to_owned(),
    };
    vec![Evidence { part: target.name.clone(), says, permits: None }]
}

fn context(case: &Case<'_>, call: &PartCall, target: &Target, part: &OwnPart) -> Vec<String> {
    let mut context = vec![words::consequence(target.kind, part).to_owned()];
    if *part == OwnPart::KillSwitch {
        context.push(kill_switch_now(case));
    }
    if target.kind == PartKind::Trail && call.change == PartChange::TakenAway {
        context.push("this may be the last message for as long as no trail writes down management events".to_owned());
    }
    if case.event.actor.tool() == Some(IacTool::CloudFormation) {
        let planned = "CloudFormation did it for the caller: where the guardrail's stack was updated or deleted as planned, there is nothing to mend";
        context.push(planned.to_owned());
    }
    context.extend(troubles(case));
    context
}

/// What the kill switch allows from now on. CloudTrail hides the value that was put there, so that it is what was read.
fn kill_switch_now(case: &Case<'_>) -> String {
    let read = case.ceilings.iter().find_map(|ceiling| match ceiling.why {
        CeilingReason::KillSwitch => Some(format!("it holds `{}` now: no rule goes further than that", ceiling.mode)),
        CeilingReason::KillSwitchUnreadable => {
            Some("it cannot be read now, or holds no mode: no rule goes further than `notify`".to_owned())
        }
        _ => None,
    });
    read.unwrap_or_else(|| "what it holds now was not read".to_owned())
}

/// What is wrong with the configuration, where only this rule runs.
fn troubles(case: &Case<'_>) -> Option<String> {
    let troubles = &case.own.troubles;
    let only = "only this rule runs in `apis`, since its configuration cannot be used";
    (!troubles.is_empty()).then(|| format!("{only}: {}", troubles.join("; ")))
}

fn told() -> Treatment {
    Treatment::Told(
        "whoever could do this can do it again, and only the guardrail's owner knows how it is meant to be".to_owned(),
    )
}

/// What a call is about, by its ARN as far as that can be told.
fn resource(case: &Case<'_>, target: &Target, part: Option<&OwnPart>) -> Resource {
    let id = match part {
        Some(OwnPart::Role(arn)) => arn.to_string(),
        _ => words::arn(case, target),
    };
    Resource { kind: words::kind(target.kind).to_owned(), id, name: None, vpc: None }
}
