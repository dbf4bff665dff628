//! `vpc-dns-attributes`: a VPC with endpoints whose DNS support or DNS host names are off.

use super::{Judgement, PassedBecause, Rule, managed_by, selection, standing};
use crate::case::Case;
use crate::event::{Call, CallName, Subject, SubjectKind};
use crate::facts::{
    DnsAttribute, Endpoint, EndpointKind, EndpointState, Facts, Question, Stop, Unknown, Vpc, VpcDns, both,
};
use crate::finding::{Advice, Cause, Evidence, Finding, Resource, Severity};
use crate::id::VpcId;
use crate::plan::{Plan, Step, Treatment, Withheld};
use crate::service;
use crate::settings::{Remedy, RuleName, Selection};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::VpcDnsAttributes,
    severity: Severity::High,
    title: "a VPC with endpoints has DNS support or DNS host names off",
    woken_by: &[CallName::ModifyVpcAttribute],
    scans: &[SubjectKind::Vpc],
    reads: &["ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs"],
    writes: &["ec2:ModifyVpcAttribute"],
    judge,
};

/// What a call switched.
#[derive(Debug, Clone, Copy)]
struct Switched {
    attribute: DnsAttribute,
    on: bool,
}

impl Switched {
    /// The VPC that a call is about, and what it switched there.
    fn by(call: &Call) -> Option<(&VpcId, Option<Self>)> {
        match call {
            Call::ModifyVpcAttribute { vpc, dns_support, dns_hostnames } => {
                let of = |attribute, on: &Option<bool>| on.map(|on| Self { attribute, on });
                Some((vpc, of(DnsAttribute::DnsSupport, dns_support).or(of(DnsAttribute::DnsHostnames, dns_hostnames))))
            }
            Call::Scan { subject: Subject::Vpc(vpc) } => Some((vpc, None)),
            _ => None,
        }
    }
}

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    let Some((vpc, switched)) = Switched::by(&case.event.call) else {
        return Ok(Judgement::default());
    };
    let resource = Resource { kind: "VPC".to_owned(), id: vpc.to_string(), name: None, vpc: None };
    if switched.is_none() && !case.event.is_scan() {
        return Ok(Judgement::passed(resource, PassedBecause::NotTouched));
    }
    if case.settings.scope.selection(case.account, vpc) == Selection::NotSelected {
        return Ok(Judgement::passed(resource, PassedBecause::NotSelected));
    }
    match both(facts.vpc(vpc), facts.vpc_dns(vpc)) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(Judgement::passed(resource, PassedBecause::AlreadyGone)),
        Err(stop) => Err(stop),
        Ok((found, dns)) => judge_vpc(case, facts, switched, found, *dns, resource),
    }
}

fn judge_vpc(
    case: &Case<'_>,
    facts: &Facts,
    switched: Option<Switched>,
    vpc: &Vpc,
    dns: VpcDns,
    resource: Resource,
) -> Result<Judgement, Stop> {
    if !selection::selects(case, facts, vpc)? {
        return Ok(Judgement::passed(resource, PassedBecause::NotSelected));
    }
    let told_otherwise = switched.filter(|switched| dns.is_on(switched.attribute) != switched.on);
    if told_otherwise.is_some() {
        facts.settled(Question::VpcDns(vpc.id.clone()))?;
    }
    let mut dependent = Vec::new();
    if dns.off().next().is_some() {
        dependent.extend(facts.endpoints(&vpc.id)?.iter().filter(|endpoint| needs_dns(endpoint)));
    }
    if dependent.is_empty() {
        let gone = told_otherwise.is_some_and(|switched| !switched.on);
        let why = if gone { PassedBecause::AlreadyGone } else { PassedBecause::Clean };
        return Ok(Judgement::passed(resource, why));
    }
    let scene = Scene { case, vpc, dns, switched, dependent: &dependent };
    let findings = dns.off().map(|attribute| scene.finding(attribute, resource.clone()));
    Ok(Judgement { findings: findings.collect(), passed: Vec::new() })
}

/// Whether an endpoint is found by names that Amazon's DNS server must answer: one with private DNS, or S3's gateway,
/// which leads nowhere for clients that do not get S3's addresses.
fn needs_dns(endpoint: &Endpoint) -> bool {
    let is_there = matches!(endpoint.state, EndpointState::Available | EndpointState::Pending);
    is_there
        && match endpoint.kind {
            EndpointKind::Interface => endpoint.private_dns,
            EndpointKind::Gateway => service::short_name(&endpoint.service) == Some("s3"),
            EndpointKind::Other => false,
        }
}

/// A VPC with something off that its endpoints need.
struct Scene<'a> {
    case: &'a Case<'a>,
    vpc: &'a Vpc,
    dns: VpcDns,
    switched: Option<Switched>,
    dependent: &'a [&'a Endpoint],
}

impl Scene<'_> {
    fn finding(&self, attribute: DnsAttribute, resource: Resource) -> Finding {
        let own = self.switched.is_some_and(|switched| switched.attribute == attribute && !switched.on);
        let cause = if own { Cause::ThisEvent } else { Cause::Standing };
        let (class, off) = match attribute {
            DnsAttribute::DnsSupport => ("dns-support-off", "DNS support is off"),
            DnsAttribute::DnsHostnames => ("dns-hostnames-off", "DNS host names are off"),
        };
        Finding {
            rule: RuleName::VpcDnsAttributes,
            class: class.to_owned(),
            severity: Severity::High,
            cause,
            summary: format!("{off} in a VPC whose endpoints are found by their services' names"),
            evidence: self.evidence(attribute),
            context: vec![in_words(attribute).to_owned()],
            treatment: self.treatment(attribute, cause),
            advice: advice(&self.vpc.id, attribute),
            resource,
        }
    }

    fn evidence(&self, attribute: DnsAttribute) -> Vec<Evidence> {
        let evidence = |part: String, says: String| Evidence { part, says, permits: None };
        let endpoints = self.dependent.iter().map(|endpoint| {
            let how = match endpoint.kind {
                EndpointKind::Gateway => {
                    "a gateway endpoint, which clients find by the addresses that Amazon's DNS server gives for S3"
                }
                EndpointKind::Interface | EndpointKind::Other => "with private DNS on, which does not work now",
            };
            evidence(endpoint.id.to_string(), format!("{}, {how}", endpoint.service))
        });
        std::iter::once(evidence(attribute.to_string(), "off".to_owned())).chain(endpoints).collect()
    }

    fn treatment(&self, attribute: DnsAttribute, cause: Cause) -> Treatment {
        if cause == Cause::Standing {
            return standing(
                self.case,
                "this event did not switch it off, and only what an event switched is switched back",
            );
        }
        if let Some(service) = managed_by(self.case, &self.vpc.tags) {
            return Treatment::Told(format!("{service} manages the VPC, and what a service manages is never touched"));
        }
        let plan = self.plan(attribute);
        if attribute == DnsAttribute::DnsHostnames && !self.dns.support {
            let reasons = vec![Withheld::DnsAttributesOff(vec![DnsAttribute::DnsSupport])];
            return Treatment::Withheld { plan, reasons };
        }
        Treatment::Automatic(plan)
    }

    fn plan(&self, attribute: DnsAttribute) -> Plan {
        let names = self
            .dependent
            .iter()
            .map(|endpoint| format!("{} by its own name, through {}", endpoint.service, endpoint.id));
        Plan {
            remedy: Remedy::SwitchOn,
            steps: vec![Step::switch_attribute(&self.vpc.id, attribute, true)],
            keeps: names.collect(),
            stops: Vec::new(),
        }
    }
}

fn in_words(attribute: DnsAttribute) -> &'static str {
    match attribute {
        DnsAttribute::DnsSupport => {
            "Amazon's DNS server answers nothing in this VPC: clients that use it cannot resolve any name, those of AWS services included"
        }
        DnsAttribute::DnsHostnames => {
            "private DNS of the VPC's endpoints does not work: the services' names resolve to public addresses, to which a private VPC has no way"
        }
    }
}

fn advice(vpc: &VpcId, attribute: DnsAttribute) -> Vec<Advice> {
    let (option, argument, property) = match attribute {
        DnsAttribute::DnsSupport => ("--enable-dns-support", "enable_dns_support", "EnableDnsSupport"),
        DnsAttribute::DnsHostnames => ("--enable-dns-hostnames", "enable_dns_hostnames", "EnableDnsHostnames"),
    };
    let advice = |tool: &str, text: String| Advice { tool: tool.to_owned(), text };
    vec![
        advice("AWS CLI", format!("aws ec2 modify-vpc-attribute --vpc-id {vpc} {option} '{{\"Value\":true}}'")),
        advice("Terraform", format!("In the `aws_vpc` resource of {vpc}:\n  {argument} = true")),
        advice(
            "CloudFormation",
            format!("In the AWS::EC2::VPC resource of {vpc}, under Properties:\n  {property}: true"),
        ),
    ]
}
