//! `gateway-route`: a gateway endpoint of S3 or `DynamoDB` that is missing from a private subnet's route table, and an
//! interface endpoint that is paid for where the free gateway would do.

mod endpoint;
mod missing;
mod paid;

use super::network::{self, Seen};
use super::served::{self, Looked, Subnets};
use super::{Judgement, Rule, resource};
use crate::case::Case;
use crate::event::{Call, CallName, NewEndpoint, Subject, SubjectKind};
use crate::facts::{Facts, Stop, all, both};
use crate::finding::{Cause, Severity};
use crate::id::VpcId;
use crate::settings::RuleName;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::GatewayRoute,
    severity: Severity::Medium,
    title: "a gateway endpoint is missing from a private subnet's route table, or paid for as an interface",
    woken_by: &[
        CallName::CreateVpcEndpoint,
        CallName::ModifyVpcEndpoint,
        CallName::AssociateRouteTable,
        CallName::DisassociateRouteTable,
        CallName::ReplaceRouteTableAssociation,
        CallName::CreateSubnet,
    ],
    scans: &[SubjectKind::Vpc],
    reads: &["ec2:DescribeRouteTables", "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs"],
    writes: &[],
    judge,
};

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    match &case.event.call {
        Call::CreateVpcEndpoint(NewEndpoint { endpoint: Some(id), vpc, service, .. }) => {
            endpoint::made(case, facts, id, vpc.as_ref(), service.as_deref())
        }
        Call::ModifyVpcEndpoint(change) => endpoint::changed(case, facts, change),
        Call::Scan { subject: Subject::Vpc(vpc) } => scanned(case, facts, vpc),
        _ => served::judge(case, facts, &|network, looked| missing::findings(case, facts, network, looked, None)),
    }
}

/// The whole VPC as it stands.
fn scanned(case: &Case<'_>, facts: &Facts, vpc: &VpcId) -> Result<Judgement, Stop> {
    let resource = resource("VPC", vpc.as_str(), None);
    let network = match network::seen(case, facts, vpc)? {
        Seen::Is(network) => network,
        Seen::Passed(why) => return Ok(Judgement::passed(resource, why)),
    };
    let looked = Looked { subnets: Subnets::All, cause: Cause::Standing };
    let missing = missing::findings(case, facts, &network, &looked, None);
    let paid = network.endpoints.iter().map(|endpoint| paid::finding(case, facts, &network, endpoint, Cause::Standing));
    let (mut findings, paid) = both(missing, all(paid))?;
    findings.extend(paid.into_iter().flatten());
    Ok(served::judged(findings, resource))
}
