//! `endpoint-policy`: an endpoint whose policy leaves nothing out.

mod advice;

use super::endpoint::{Looked, look, resource};
use super::{Judgement, PassedBecause, Rule, managed_by, standing};
use crate::case::Case;
use crate::endpoint_policy::{self, Openness, Policy, Through};
use crate::event::{Call, CallName, Subject, SubjectKind};
use crate::facts::{EndpointDetails, EndpointKind, EndpointState, Facts, Question, ServiceOffer, Stop, Unknown};
use crate::finding::{Cause, Evidence, Finding, Severity};
use crate::id::{VpcEndpointId, VpcId};
use crate::plan::{Plan, Step, Treatment, Withheld};
use crate::service;
use crate::settings::{Remedy, RuleName};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::EndpointPolicy,
    severity: Severity::Medium,
    title: "an endpoint's policy leaves nothing out",
    woken_by: &[CallName::CreateVpcEndpoint, CallName::ModifyVpcEndpoint],
    scans: &[SubjectKind::VpcEndpoint],
    reads: &["ec2:DescribeVpcEndpointServices", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs"],
    writes: &["ec2:ModifyVpcEndpoint"],
    judge,
};

/// What there is to know of an endpoint's policy before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The endpoint was made; whether with a policy of its own.
    Made { with_policy: bool },
    /// The policy was set, or set back.
    Changed,
    /// Nothing: it is looked at as it stands.
    Nothing,
}

/// Which endpoint a call is about, and what it says of the policy; none where it says that the policy stays as it was.
fn told(call: &Call) -> Option<(&VpcEndpointId, Option<&VpcId>, Option<Told>)> {
    match call {
        Call::CreateVpcEndpoint(made) => {
            Some((made.endpoint.as_ref()?, made.vpc.as_ref(), Some(Told::Made { with_policy: made.policy })))
        }
        Call::ModifyVpcEndpoint(change) => Some((&change.endpoint, None, change.policy.then_some(Told::Changed))),
        Call::Scan { subject: Subject::VpcEndpoint(endpoint) } => Some((endpoint, None, Some(Told::Nothing))),
        _ => None,
    }
}

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    let Some((endpoint, vpc, told)) = told(&case.event.call) else {
        return Ok(Judgement::default());
    };
    let Some(told) = told else {
        return Ok(Judgement::passed(resource(endpoint, None, vpc), PassedBecause::NotTouched));
    };
    match look(case, facts, endpoint, vpc)? {
        Looked::Passed(judgement) => Ok(judgement),
        Looked::At(details, _) => judge_endpoint(case, facts, told, details),
    }
}

fn judge_endpoint(case: &Case<'_>, facts: &Facts, told: Told, details: &EndpointDetails) -> Result<Judgement, Stop> {
    let endpoint = &details.endpoint;
    let passed = |why| {
        let resource = resource(&endpoint.id, Some(&endpoint.service), Some(&details.vpc));
        Ok(Judgement::passed(resource, why))
    };
    let Some(policy) = details.policy.as_deref().filter(|_| endpoint.kind != EndpointKind::Other) else {
        return passed(PassedBecause::NotTouched);
    };
    let policy = Policy::new(policy);
    let openness = policy.openness(through(details));
    if !openness.is_open() {
        // The call may have opened it, and what is read may be what was there before.
        if matches!(told, Told::Changed | Told::Made { with_policy: false }) {
            facts.settled(Question::Endpoint(endpoint.id.clone()))?;
        }
        let narrowed_since = told == Told::Made { with_policy: false };
        return passed(if narrowed_since { PassedBecause::AlreadyGone } else { PassedBecause::Clean });
    }
    let offer = offer(facts, details)?;
    let takes_policy = offer.and_then(|offer| offer.policy);
    if !takes_policy.unwrap_or_else(|| service::takes_policy(&endpoint.service)) {
        return passed(PassedBecause::Clean);
    }
    let cause = if told == Told::Nothing { Cause::Standing } else { Cause::ThisEvent };
    let treatment = treatment(case, cause, details, &policy, offer)?;
    Ok(Judgement { findings: vec![finding(case, cause, details, openness, treatment)], passed: Vec::new() })
}

fn through(details: &EndpointDetails) -> Through<'_> {
    Through { endpoint: &details.endpoint.id, vpc: &details.vpc, service: &details.endpoint.service }
}

/// What AWS offers of the endpoint's service; none where it lists nothing under that name, or for its kind.
fn offer<'f>(facts: &'f Facts, details: &EndpointDetails) -> Result<Option<&'f ServiceOffer>, Stop> {
    match facts.endpoint_service(&details.endpoint.service) {
        Ok(offers) => Ok(offers.get(&details.endpoint.kind)),
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(None),
        Err(stop) => Err(stop),
    }
}

fn treatment(
    case: &Case<'_>,
    cause: Cause,
    details: &EndpointDetails,
    from: &Policy,
    offer: Option<&ServiceOffer>,
) -> Result<Treatment, Stop> {
    let endpoint = &details.endpoint;
    let manages = details.requester_managed || offer.is_some_and(|offer| offer.manages_endpoints);
    let by_service = || manages.then(|| "the service that it leads to, or that made it,".to_owned());
    if let Some(service) = managed_by(case, &details.tags).or_else(by_service) {
        return Ok(Treatment::Told(format!(
            "{service} manages the endpoint, and what a service manages is never touched"
        )));
    }
    let Some(to) = chosen(case) else {
        return Ok(Treatment::Told(
            "an endpoint's policy is set only where the policy file gives the one to set (`remedy: set-policy`, with a `document`)".to_owned(),
        ));
    };
    match to.openness(through(details)) {
        Openness::Narrowed => {}
        Openness::FullAccess | Openness::WholeService => return Ok(Treatment::Told(
            "the `document` that the policy file gives leaves nothing out of this service either: narrow it".to_owned(),
        )),
        Openness::Unreadable => return Ok(Treatment::Told(
            "the `document` that the policy file gives is no policy that AWS would take: mend it".to_owned(),
        )),
    }
    if cause == Cause::Standing {
        return Ok(standing(case, "this event did not set it, and only what an event set is set anew"));
    }
    let plan = plan(details, from, &to);
    let takes_policy = offer.and_then(|offer| offer.policy) == Some(true);
    // Only full access lets through whatever another policy does: setting one in its place can open nothing (law 7).
    if !takes_policy || !endpoint_policy::is_full_access(from.as_str()) {
        return Ok(Treatment::Proposal(plan));
    }
    match endpoint.state {
        EndpointState::Available => Ok(Treatment::Automatic(plan)),
        EndpointState::Pending if case.waits_for_what_is_made() => {
            Err(Stop::Unknown { question: Question::Endpoint(endpoint.id.clone()), why: Unknown::NotYet })
        }
        _ => Ok(Treatment::Withheld { plan, reasons: vec![Withheld::EndpointNotAvailable(endpoint.id.clone())] }),
    }
}

/// The policy that the file chooses to set.
fn chosen(case: &Case<'_>) -> Option<Policy> {
    let settings = case.settings.rule(RuleName::EndpointPolicy, case.account);
    let document = settings.document.filter(|_| settings.remedy == Some(Remedy::SetPolicy))?;
    Some(Policy::new(document.as_json()))
}

fn plan(details: &EndpointDetails, from: &Policy, to: &Policy) -> Plan {
    Plan {
        remedy: Remedy::SetPolicy,
        steps: vec![Step::set_endpoint_policy(&details.endpoint.id, from, to)],
        keeps: vec!["what the new policy lets through".to_owned()],
        stops: vec!["everything else, at once, for every client of the endpoint".to_owned()],
    }
}

fn finding(
    case: &Case<'_>,
    cause: Cause,
    details: &EndpointDetails,
    openness: Openness,
    treatment: Treatment,
) -> Finding {
    let endpoint = &details.endpoint;
    let service = endpoint.service.as_str();
    let (class, summary) = match openness {
        Openness::WholeService => (
            "whole-service",
            "the policy of an endpoint leaves nothing of its service out: everyone may do everything with it",
        ),
        _ => ("full-access", "the policy of an endpoint is full access: everyone may do everything"),
    };
    let kind = if endpoint.kind == EndpointKind::Gateway { "a gateway" } else { "an interface" };
    let policy = Policy::new(details.policy.as_deref().unwrap_or_default());
    Finding {
        rule: RuleName::EndpointPolicy,
        class: class.to_owned(),
        severity: Severity::Medium,
        cause,
        resource: resource(&endpoint.id, Some(service), Some(&details.vpc)),
        summary: summary.to_owned(),
        evidence: vec![Evidence {
            part: endpoint.id.to_string(),
            says: format!("{service}, {kind}, with the policy {policy}"),
            permits: None,
        }],
        context: vec![
            "whoever reaches the endpoint can use it with any credentials and for any account's resources: data can leave for an account that is not yours".to_owned(),
        ],
        advice: advice::of(case, details, chosen(case).as_ref()),
        treatment,
    }
}
