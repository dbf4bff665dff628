//! `internet-path`: a gateway or a route by which a private VPC reaches the internet.

mod advice;
mod finding;
mod gateway;
mod route;
mod way;

use super::network::{self, Seen};
use super::served::{self, Looked, Subnets};
use super::{Judgement, Rule, resource};
use crate::case::Case;
use crate::event::{Call, CallName, NewNatGateway, Subject, SubjectKind};
use crate::facts::{Connectivity, Facts, Stop, both};
use crate::finding::{Cause, Severity};
use crate::id::VpcId;
use crate::settings::RuleName;
use gateway::Gateway;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::InternetPath,
    severity: Severity::High,
    title: "a gateway or route leads from a private VPC to the internet",
    woken_by: &[
        CallName::AttachInternetGateway,
        CallName::CreateEgressOnlyInternetGateway,
        CallName::CreateNatGateway,
        CallName::CreateRoute,
        CallName::ReplaceRoute,
        CallName::AssociateRouteTable,
        CallName::DisassociateRouteTable,
        CallName::ReplaceRouteTableAssociation,
        CallName::CreateSubnet,
    ],
    scans: &[SubjectKind::Vpc],
    reads: &[
        "ec2:DescribeEgressOnlyInternetGateways",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNatGateways",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "ec2:DescribeVpcBlockPublicAccessOptions",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
        "ec2:GetManagedPrefixListEntries",
    ],
    writes: &["ec2:DeleteRoute", "ec2:DetachInternetGateway"],
    judge,
};

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    match &case.event.call {
        Call::AttachInternetGateway { gateway, vpc } => {
            gateway::made(case, facts, &Gateway::Internet(gateway.clone()), vpc)
        }
        Call::CreateEgressOnlyInternetGateway { gateway: Some(gateway), vpc: Some(vpc) } => {
            gateway::made(case, facts, &Gateway::EgressOnly(gateway.clone()), vpc)
        }
        Call::CreateNatGateway(NewNatGateway { gateway: Some(gateway), vpc: Some(vpc), connectivity, .. }) => {
            match connectivity {
                Connectivity::Private => Ok(gateway::private_nat(gateway, vpc)),
                Connectivity::Public => gateway::made(case, facts, &Gateway::Nat(gateway.clone()), vpc),
            }
        }
        Call::CreateRoute(route) => route::set(case, facts, route, route::Set::New),
        Call::ReplaceRoute(route) => route::set(case, facts, route, route::Set::InPlaceOfAnother),
        Call::Scan { subject: Subject::Vpc(vpc) } => scanned(case, facts, vpc),
        _ => served::judge(case, facts, &|network, looked| finding::of_subnets(case, facts, network, looked)),
    }
}

/// The whole VPC as it stands: what leads out of it, and the gateways to which nothing leads.
fn scanned(case: &Case<'_>, facts: &Facts, vpc: &VpcId) -> Result<Judgement, Stop> {
    let resource = resource("VPC", vpc.as_str(), None);
    let network = match network::seen(case, facts, vpc)? {
        Seen::Is(network) => network,
        Seen::Passed(why) => return Ok(Judgement::passed(resource, why)),
    };
    let looked = Looked { subnets: Subnets::All, cause: Cause::Standing };
    let ways = finding::of_subnets(case, facts, &network, &looked);
    let (mut findings, unused) = both(ways, gateway::unused(case, facts, &network))?;
    findings.extend(unused);
    Ok(served::judged(findings, resource))
}
