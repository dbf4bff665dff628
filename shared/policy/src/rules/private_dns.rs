//! `private-dns`: an interface endpoint with private DNS off.

mod advice;
mod conditions;
mod names;

use super::{Judgement, PassedBecause, Rule, managed_by, standing};
use crate::case::Case;
use crate::event::{Call, CallName, Subject, SubjectKind};
use crate::facts::{EndpointDetails, EndpointKind, EndpointState, Facts, Question, Stop, Unknown, Vpc};
use crate::finding::{Cause, Evidence, Finding, Resource, Severity};
use crate::id::{VpcEndpointId, VpcId};
use crate::plan::{Plan, Step, Treatment};
use crate::service::{self, PrivateDns};
use crate::settings::{Remedy, RuleName, Selection};

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
    let is_left_out = |vpc| case.settings.scope.selection(case.account, vpc) == Selection::NotSelected;
    if told.vpc.is_some_and(is_left_out) {
        return Ok(Judgement::passed(resource, PassedBecause::NotSelected));
    }
    match facts.endpoint(told.endpoint) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(Judgement::passed(resource, PassedBecause::AlreadyGone)),
        Err(stop) => Err(told.vpc.and_then(|vpc| facts.vpc(vpc).err()).map_or(stop.clone(), |other| stop.join(other))),
        Ok(details) if is_left_out(&details.vpc) => Ok(Judgement::passed(resource, PassedBecause::NotSelected)),
        Ok(details) => judge_endpoint(case, facts, told, details),
    }
}

fn judge_endpoint(
    case: &Case<'_>,
    facts: &Facts,
    told: Told<'_>,
    details: &EndpointDetails,
) -> Result<Judgement, Stop> {
    let endpoint = &details.endpoint;
    let resource = resource(&endpoint.id, Some(&endpoint.service), Some(&details.vpc));
    let passed = |why| Ok(Judgement::passed(resource.clone(), why));
    let vpc = facts.vpc(&details.vpc)?;
    if !case.settings.selects_vpc(case.account, &vpc.id, &vpc.tags) {
        return passed(PassedBecause::NotSelected);
    }
    if endpoint.state == EndpointState::Deleted {
        return passed(PassedBecause::AlreadyGone);
    }
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
    let treatment = treatment(case, facts, cause, details, vpc)?;
    Ok(Judgement { findings: vec![finding(case, cause, details, resource, treatment)], passed: Vec::new() })
}

fn resource(endpoint: &VpcEndpointId, service: Option<&str>, vpc: Option<&VpcId>) -> Resource {
    Resource {
        kind: "VPC endpoint".to_owned(),
        id: endpoint.to_string(),
        name: service.map(ToOwned::to_owned),
        vpc: vpc.cloned(),
    }
}

/// What private DNS is to the service's clients; that of a service which is not AWS's own is its provider's to say.
fn need(service: &str) -> PrivateDns {
    const NOT_AWS: &str = "whether the service has a private name, and which, is its provider's to say";
    service::short_name(service).map_or(PrivateDns::Hazard(NOT_AWS), service::private_dns)
}

fn treatment(
    case: &Case<'_>,
    facts: &Facts,
    cause: Cause,
    details: &EndpointDetails,
    vpc: &Vpc,
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
    match need(&details.endpoint.service) {
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
    treatment: Treatment,
) -> Finding {
    let service = details.endpoint.service.as_str();
    let (class, severity, summary) = match need(service) {
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
    let own = match need(service) {
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
        context: context(service, &own),
        advice: advice::of(case, details, &own),
        treatment,
    }
}

fn context(service: &str, own: &[names::OwnName]) -> Vec<String> {
    vec![match own {
        _ if need(service) == PrivateDns::Needed => "no client of it can be given another name".to_owned(),
        [] => "the endpoint shows no names of its own yet: look again once it is available".to_owned(),
        _ => "the endpoint's own names resolve everywhere, to addresses in the VPC; that of all zones is given, not those of single zones".to_owned(),
    }]
}
