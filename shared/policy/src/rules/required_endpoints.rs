//! `required-endpoints`: a private VPC without an endpoint that the policy file, or another endpoint in it, asks for.

mod deleted;
mod finding;
mod need;
mod vpc;

use super::endpoint::{made_in, resource};
use super::{Judgement, Rule};
use crate::case::Case;
use crate::event::{Call, CallName, NewEndpoint, Subject, SubjectKind};
use crate::facts::{Facts, Stop};
use crate::finding::Severity;
use crate::id::{VpcEndpointId, VpcId};
use crate::service;
use crate::settings::RuleName;
use vpc::Asked;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::RequiredEndpoints,
    severity: Severity::Medium,
    title: "a private VPC lacks an endpoint that the policy, or another endpoint, requires",
    woken_by: &[
        CallName::CreateVpcEndpoint,
        CallName::DeleteVpcEndpoints,
        CallName::CreateVpc,
        CallName::CreateDefaultVpc,
    ],
    scans: &[SubjectKind::Vpc],
    reads: &["ec2:DescribeRouteTables", "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs"],
    writes: &[],
    judge,
};

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    match &case.event.call {
        Call::CreateVpc { vpc: Some(vpc) } | Call::CreateDefaultVpc { vpc: Some(vpc) } => {
            vpc::judge(case, facts, vpc, &Asked::NewVpc)
        }
        Call::CreateVpcEndpoint(NewEndpoint { endpoint: Some(id), vpc, service, .. }) => {
            made(case, facts, id, vpc.as_ref(), service.as_deref())
        }
        Call::DeleteVpcEndpoints { endpoints, kept } => {
            let (kept, deleted): (Vec<_>, Vec<_>) = endpoints.iter().partition(|id| kept.contains(id));
            deleted::judge(case, facts, &deleted, &kept)
        }
        Call::Scan { subject: Subject::Vpc(vpc) } => vpc::judge(case, facts, vpc, &Asked::Standing),
        _ => Ok(Judgement::default()),
    }
}

/// A new endpoint is judged by what its own clients need besides: what else the VPC lacks was so before.
fn made(
    case: &Case<'_>,
    facts: &Facts,
    id: &VpcEndpointId,
    vpc: Option<&VpcId>,
    service: Option<&str>,
) -> Result<Judgement, Stop> {
    let needs_others = |service: &str| service::short_name(service).is_some_and(|short| !service::requires(short).is_empty());
    match made_in(case, facts, id, (vpc, service), needs_others)? {
        Ok(vpc) => vpc::judge(case, facts, vpc, &Asked::NewEndpoint(id.clone())),
        Err(why) => Ok(Judgement::passed(resource(id, service, vpc), why)),
    }
}
