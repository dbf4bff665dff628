//! `gateway-route`: a gateway endpoint of S3 or `DynamoDB` that is missing from a private subnet's route table, and an
//! interface endpoint that is paid for where the free gateway would do.

mod endpoint;
mod missing;
mod network;
mod paid;
mod subnet;

use super::{Judgement, PassedBecause, Rule};
use crate::case::Case;
use crate::event::{Call, CallName, NewEndpoint, Subject, SubjectKind};
use crate::facts::{Everywhere, Facts, Stop, Vpc, all, both};
use crate::finding::{Cause, Resource, Severity};
use crate::id::{RouteTableAssociationId, VpcId};
use crate::settings::RuleName;
use missing::Looked;
use network::{Network, Seen};

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
        Call::AssociateRouteTable { route_table, subnet } => {
            subnet::associated(case, facts, route_table, subnet.as_ref())
        }
        Call::ReplaceRouteTableAssociation { association, route_table, made } => {
            subnet::replaced(case, facts, route_table, association, made.as_ref())
        }
        Call::DisassociateRouteTable { association } => disassociated(case, facts, association),
        Call::CreateSubnet { subnet: Some(subnet), vpc: Some(vpc) } => subnet::made(case, facts, subnet, vpc),
        Call::Scan { subject: Subject::Vpc(vpc) } => scanned(case, facts, vpc),
        _ => Ok(Judgement::default()),
    }
}

/// What served the subnet is gone with its association, and no record says which subnet it was: every VPC is looked at,
/// as far as its main table serves subnets, and nobody is named.
fn disassociated(case: &Case<'_>, facts: &Facts, association: &RouteTableAssociationId) -> Result<Judgement, Stop> {
    let resource = resource("route table association", association.as_str(), None);
    // Route tables of a VPC that another account shares are its owner's to read, and to change.
    let own = |vpc: &&Vpc| vpc.owner == *case.account && case.settings.selects_vpc(case.account, &vpc.id, &vpc.tags);
    let vpcs: Vec<_> = facts.vpcs(&Everywhere)?.iter().filter(own).collect();
    if vpcs.is_empty() {
        return Ok(Judgement::passed(resource, PassedBecause::NotSelected));
    }
    let looked = Looked { subnets: missing::Subnets::OfMainTable, cause: Cause::Standing };
    let why = format!(
        "{association} is gone, and no record says which subnet or gateway it was of: it may have been one of these"
    );
    let each = vpcs.into_iter().map(|vpc| {
        let network = Network::read(facts, vpc)?;
        missing::findings(case, facts, &network, &looked, None)
    });
    let mut findings = all(each)?.concat();
    for finding in &mut findings {
        finding.context.push(why.clone());
    }
    Ok(match findings.is_empty() {
        true => Judgement::passed(resource, PassedBecause::Clean),
        false => Judgement { findings, passed: Vec::new() },
    })
}

/// The whole VPC as it stands.
fn scanned(case: &Case<'_>, facts: &Facts, vpc: &VpcId) -> Result<Judgement, Stop> {
    let resource = resource("VPC", vpc.as_str(), None);
    let network = match network::seen(case, facts, vpc)? {
        Seen::Is(network) => network,
        Seen::Passed(why) => return Ok(Judgement::passed(resource, why)),
    };
    let looked = Looked { subnets: missing::Subnets::All, cause: Cause::Standing };
    let missing = missing::findings(case, facts, &network, &looked, None);
    let paid = network.endpoints.iter().map(|endpoint| paid::finding(case, facts, &network, endpoint, Cause::Standing));
    let (mut findings, paid) = both(missing, all(paid))?;
    findings.extend(paid.into_iter().flatten());
    Ok(match findings.is_empty() {
        true => Judgement::passed(resource, PassedBecause::Clean),
        false => Judgement { findings, passed: Vec::new() },
    })
}

fn resource(kind: &str, id: &str, vpc: Option<&VpcId>) -> Resource {
    Resource { kind: kind.to_owned(), id: id.to_owned(), name: None, vpc: vpc.cloned() }
}
