//! `endpoint-service`: an endpoint to a service that is neither AWS's own nor allowed.

use super::endpoint::resource;
use super::{Judgement, PassedBecause, Rule, selection};
use crate::case::Case;
use crate::event::{Call, CallName, NewEndpoint, Subject, SubjectKind};
use crate::facts::{EndpointDetails, EndpointState, Facts, Stop, Unknown, both};
use crate::finding::{Advice, Cause, Evidence, Finding, Severity};
use crate::id::{VpcEndpointId, VpcId};
use crate::plan::Treatment;
use crate::service;
use crate::settings::{RuleName, Selection};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::EndpointService,
    severity: Severity::High,
    title: "an endpoint leads to a service that the policy does not allow",
    woken_by: &[CallName::CreateVpcEndpoint],
    scans: &[SubjectKind::VpcEndpoint],
    reads: &["ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs"],
    writes: &[],
    judge,
};

/// The endpoint that a call made, or that is looked at as it stands, and what the call says of it.
#[derive(Debug, Clone, Copy)]
struct Told<'e> {
    endpoint: &'e VpcEndpointId,
    vpc: Option<&'e VpcId>,
    service: Option<&'e str>,
}

impl<'e> Told<'e> {
    fn by(call: &'e Call) -> Option<Self> {
        match call {
            Call::CreateVpcEndpoint(NewEndpoint { endpoint: Some(endpoint), vpc, service, .. }) => {
                Some(Self { endpoint, vpc: vpc.as_ref(), service: service.as_deref() })
            }
            Call::Scan { subject: Subject::VpcEndpoint(endpoint) } => Some(Self { endpoint, vpc: None, service: None }),
            _ => None,
        }
    }
}

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    let Some(Told { endpoint: id, vpc, service }) = Told::by(&case.event.call) else {
        return Ok(Judgement::default());
    };
    let resource = resource(id, service, vpc);
    let passed = |why| Ok(Judgement::passed(resource.clone(), why));
    let is_left_out = |vpc: &VpcId| case.settings.scope.selection(case.account, vpc) == Selection::NotSelected;
    if vpc.is_some_and(is_left_out) {
        return passed(PassedBecause::NotSelected);
    }
    // The service of an endpoint never changes: what the event says of it needs no look.
    if service.is_some_and(|service| is_allowed(case, service)) {
        return passed(PassedBecause::Clean);
    }
    let read = match vpc {
        Some(vpc) => both(facts.endpoint(id), facts.vpc(vpc)),
        None => facts.endpoint(id).and_then(|details| Ok((details, facts.vpc(&details.vpc)?))),
    };
    let (details, vpc) = match read {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        read => read?,
    };
    if !selection::selects(case, facts, vpc)? {
        return passed(PassedBecause::NotSelected);
    }
    let endpoint = &details.endpoint;
    match endpoint.service.as_str() {
        "" => passed(PassedBecause::NotTouched),
        service if is_allowed(case, service) => passed(PassedBecause::Clean),
        _ if endpoint.state == EndpointState::Deleted => passed(PassedBecause::AlreadyGone),
        _ => Ok(Judgement { findings: vec![finding(case, details)], passed: Vec::new() }),
    }
}

/// AWS's own services are always allowed, those of others by their full names.
fn is_allowed(case: &Case<'_>, service: &str) -> bool {
    let listed = || case.settings.allowed_endpoint_services.iter().any(|allowed| allowed.as_str() == service);
    service::is_of_aws(service) || listed()
}

fn finding(case: &Case<'_>, details: &EndpointDetails) -> Finding {
    let endpoint = &details.endpoint;
    let service = endpoint.service.as_str();
    Finding {
        rule: RuleName::EndpointService,
        class: "unlisted-service".to_owned(),
        severity: Severity::High,
        cause: if case.event.is_scan() { Cause::Standing } else { Cause::ThisEvent },
        resource: resource(&endpoint.id, Some(service), Some(&details.vpc)),
        summary: "an endpoint leads to a service of somebody else, which the policy does not allow".to_owned(),
        evidence: vec![Evidence { part: endpoint.id.to_string(), says: format!("leads to {service}"), permits: None }],
        context: vec![flows(endpoint.state).to_owned()],
        treatment: Treatment::Told(
            "an endpoint is never deleted by the guardrail, since it would not come back under its id; delete it, or have the service allowed".to_owned(),
        ),
        advice: advice(details),
    }
}

/// Whether data can leave by it now.
fn flows(state: EndpointState) -> &'static str {
    match state {
        EndpointState::Available => {
            "it is available: whoever its groups let in can send data to the service's owner now"
        }
        EndpointState::Pending => {
            "it is being made, or waits for the service's owner to accept it: nothing flows until then"
        }
        EndpointState::Deleted | EndpointState::Other => "it is not available now: nothing flows",
    }
}

fn advice(details: &EndpointDetails) -> Vec<Advice> {
    let (id, service) = (&details.endpoint.id, &details.endpoint.service);
    let advice = |tool: &str, text: String| Advice { tool: tool.to_owned(), text };
    vec![
        advice("AWS CLI", format!("aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {id}")),
        advice("Terraform", format!("Remove the `aws_vpc_endpoint` resource of {id}, whose service_name is {service}")),
        advice(
            "CloudFormation",
            format!("Remove the AWS::EC2::VPCEndpoint resource of {id}, whose ServiceName is {service}"),
        ),
        advice(
            "the policy file, if the service is meant to be used",
            format!("allowed_endpoint_services:\n  - {service}"),
        ),
    ]
}
