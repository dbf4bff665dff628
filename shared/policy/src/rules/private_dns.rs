//! `private-dns`: an interface endpoint with private DNS off.

mod advice;
mod conditions;
mod names;

use super::endpoint::{Looked, look, resource};
use super::{Judgement, PassedBecause, Rule, managed_by, standing};
use crate::case::Case;
use crate::event::{Call, CallName, Subject, SubjectKind};
use crate::facts::{EndpointDetails, EndpointKind, EndpointState, Facts, Question, Stop, Unknown, Vpc};
use crate::finding::{Cause, Evidence, Finding, Resource, Severity};
use crate::id::{VpcEndpointId, VpcId};
use crate::plan::{Plan, Step, Treatment};
use crate::service::{self, PrivateDns};
use crate::settings::{Remedy, RuleName};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::PrivateDns,
    severity: Severity::High,
    title: "an interface endpoint has private DNS off",
    woken_by: &[CallName::CreateVpcEndpoint, CallName::ModifyVpcEndpoint],
    scans: &[SubjectKind::VpcEndpoint],
    reads: &[
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpointServices",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
    ],
    writes: &["ec2:ModifyVpcEndpoint"],
    judge,
};

/// What a call says of an endpoint's private DNS; a scan says nothing.
#[derive(Debug, Clone, Copy)]
struct Told<'e> {
    endpoint: &'e VpcEndpointId,
    vpc: Option<&'e VpcId>,
    private_dns: Option<bool>,
}

impl<'e> Told<'e> {
    fn by(call: &'e Call) -> Option<Self> {
        match call {
            Call::CreateVpcEndpoint(made) => {
                Some(Self { endpoint: made.endpoint.as_ref()?, vpc: made.vpc.as_ref(), private_dns: made.private_dns })
            }
            Call::ModifyVpcEndpoint(change) => {
                Some(Self { endpoint: &change.endpoint, vpc: None, private_dns: change.private_dns })
            }
            Call::Scan { subject: Subject::VpcEndpoint(endpoint) } => Some(Self { endpoint, vpc: None, private_dns: None }),
            _ => None,
        }
    }
}

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    let Some(told) = Told::by(&case.event.call) else {
        return Ok(Judgement::default());
    };
    let resource = resource(told.endpoint, None, told.vpc);
    if matches!(case.event.call, Call::ModifyVpcEndpoint(_)) && told.private_dns.is_none() {
        return Ok(Judgement::passed(resource, PassedBecause::NotTouched));
    }
    match look(case, facts, told.endpoint, told.vpc)? {
        Looked::Passed(judgement) => Ok(judgement),
        Looked::At(details, vpc) => judge_endpoint(case, facts, told, details, vpc),
    }
}

fn judge_endpoint(
    case: &Case<'_>,
    facts: &Facts,
    told: Told<'_>,
    details: &EndpointDetails,
    vpc: &Vpc,
) -> Result<Judgement, Stop> {
    let endpoint = &details.endpoint;
    let resource = resource(&endpoint.id, Some(&endpoint.service), Some(&details.vpc));
    let passed = |why| Ok(Judgement::passed(resource.clone(), why));
    if endpoint.kind != EndpointKind::Interface {
        return passed(PassedBecause::NotTouched);
    }
    if told.private_dns.is_some_and(|on| on != endpoint.private_dns) {
        facts.settled(Question::Endpoint(endpoint.id.clone()))?;
    }
    if endpoint.private_dns {
        let was_off = told.private_dns == Some(false);
        return passed(if was_off { PassedBecause::AlreadyGone } else { PassedBecause::Clean });
    }
    let intended = case.settings.option(RuleName::PrivateDns, case.account, |settings| settings.intended_off.clone());
    if intended.iter().flatten().any(|selector| selector.selects(&endpoint.service)) {
        return passed(PassedBecause::Clean);
    }
    if endpoint.state == EndpointState::Pending && case.waits_for_what_is_made() {
        return Err(Stop::Unknown { question: Question::Endpoint(endpoint.id.clone()), why: Unknown::NotYet });
    }
    let cause = if told.private_dns == Some(false) { Cause::ThisEvent } else { Cause::Standing };
    let need = need(facts, &endpoint.service)?;
    let treatment = treatment(case, facts, cause, details, vpc, need)?;
    Ok(Judgement { findings: vec![finding(case, cause, details, resource, need, treatment)], passed: Vec::new() })
}

/// What private DNS is to the service's clients; that of a service which is not AWS's own is its provider's to say.
/// Where it could be switched on for the asking, AWS is asked whether the service has a private name at all.
fn need(facts: &Facts, service: &str) -> Result<PrivateDns, Stop> {
    const NOT_AWS: &str = "whether the service has a private name, and which, is its provider's to say";
    const NO_NAME: &str = "AWS lists no private name of the service";
    let need = service::short_name(service).map_or(PrivateDns::Hazard(NOT_AWS), service::private_dns);
    if need != PrivateDns::Optional {
        return Ok(need);
    }
    let offers = match facts.endpoint_service(&service.to_owned()) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return Ok(need),
        offers => offers?,
    };
    let is_nameless = offers.get(&EndpointKind::Interface).is_some_and(|offer| offer.private_names.is_empty());
    Ok(if is_nameless { PrivateDns::Hazard(NO_NAME) } else { need })
}

fn treatment(
    case: &Case<'_>,
    facts: &Facts,
    cause: Cause,
    details: &EndpointDetails,
    vpc: &Vpc,
    need: PrivateDns,
) -> Result<Treatment, Stop> {
    if cause == Cause::Standing {
        return Ok(standing(case, "this event did not switch it off, and only what an event brought in is changed"));
    }
    let requester = || details.requester_managed.then(|| "the service that made it".to_owned());
    if let Some(service) = managed_by(case, &details.tags).or_else(requester) {
        return Ok(Treatment::Told(format!(
            "{service} manages the endpoint, and what a service manages is never touched"
        )));
    }
    let plan = plan(details);
    match need {
        PrivateDns::Hazard(why) => Ok(Treatment::Told(format!("private DNS is never switched on for it, since {why}"))),
        PrivateDns::Optional => Ok(Treatment::Proposal(plan)),
        PrivateDns::Needed | PrivateDns::Expected => {
            let reasons = conditions::withheld(case, facts, details, vpc)?;
            Ok(if reasons.is_empty() { Treatment::Automatic(plan) } else { Treatment::Withheld { plan, reasons } })
        }
    }
}

fn plan(details: &EndpointDetails) -> Plan {
    let endpoint = &details.endpoint;
    Plan {
        remedy: Remedy::SwitchOn,
        steps: vec![Step::switch_private_dns(&endpoint.id, true)],
        keeps: vec![
            format!("clients in the VPC that use the service's own name: it leads to {} from then on", endpoint.id),
            "clients that use the endpoint's own names".to_owned(),
        ],
        stops: Vec::new(),
    }
}

fn finding(
    case: &Case<'_>,
    cause: Cause,
    details: &EndpointDetails,
    resource: Resource,
    need: PrivateDns,
    treatment: Treatment,
) -> Finding {
    let service = details.endpoint.service.as_str();
    let (class, severity, summary) = match need {
        PrivateDns::Needed => (
            "private-dns-off",
            Severity::High,
            "image pulls do not reach the registry through this endpoint: docker, ECS, EKS and Lambda pull by the registry's own name only",
        ),
        PrivateDns::Expected => (
            "private-dns-off",
            Severity::Medium,
            "only clients that are given the endpoint's own URL reach the service: docker's credential helpers, ECS and Lambda are not",
        ),
        PrivateDns::Optional | PrivateDns::Hazard(_) => (
            "own-names-only",
            Severity::Info,
            "clients reach the service through this endpoint only by the endpoint's own names",
        ),
    };
    let own = match need {
        PrivateDns::Needed => Vec::new(),
        _ => names::of(case, details),
    };
    let names =
        own.iter().map(|name| Evidence { part: name.reaches.to_owned(), says: name.url.clone(), permits: None });
    let off = Evidence {
        part: details.endpoint.id.to_string(),
        says: format!("{service}, private DNS is off"),
        permits: None,
    };
    Finding {
        rule: RuleName::PrivateDns,
        class: class.to_owned(),
        severity,
        cause,
        resource,
        summary: format!("an endpoint has private DNS off, and {summary}"),
        evidence: std::iter::once(off).chain(names).collect(),
        context: context(need, &own),
        advice: advice::of(case, details, need, &own),
        treatment,
    }
}

fn context(need: PrivateDns, own: &[names::OwnName]) -> Vec<String> {
    vec![match own {
        _ if need == PrivateDns::Needed => "no client of it can be given another name".to_owned(),
        [] => "the endpoint shows no names of its own yet: look again once it is available".to_owned(),
        _ => "the endpoint's own names resolve everywhere, to addresses in the VPC; that of all zones is given, not those of single zones".to_owned(),
    }]
}
