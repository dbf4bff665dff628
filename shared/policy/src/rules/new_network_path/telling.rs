//! What is told of a path: whither it leads, whether anything goes by it yet, and how to do without it.

use super::resource;
use crate::case::Case;
use crate::facts::{NetworkPath, PathKind, PathState, RouteTable, RouteTarget, Tags};
use crate::finding::{Advice, Cause, Evidence, Finding, Severity};
use crate::id::{NetworkPathId, VpcId};
use crate::plan::Treatment;
use crate::rules::{managed_by, standing};
use crate::settings::RuleName;

/// A private VPC that a path joins to something else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joined<'f> {
    /// The VPC.
    pub vpc: &'f VpcId,
    /// Its route tables, where it is of this account.
    pub tables: Option<&'f Vec<RouteTable>>,
}

pub(super) fn finding(
    case: &Case<'_>,
    (id, path): (&NetworkPathId, &NetworkPath),
    joined: &[Joined<'_>],
    cause: Cause,
) -> Finding {
    let class = match id.kind() {
        PathKind::Peering => "peering",
        PathKind::Attachment => "transit-gateway",
        PathKind::Vpn => "vpn",
    };
    Finding {
        rule: RuleName::NewNetworkPath,
        class: class.to_owned(),
        severity: Severity::Medium,
        cause,
        resource: resource(id, joined.first().map(|joined| joined.vpc)),
        summary: format!("a private VPC is joined to another network by a {}", id.kind().as_str()),
        evidence: joined.iter().map(|joined| evidence(id, path, joined.vpc)).collect(),
        context: context(id, path, joined),
        treatment: treatment(case, cause),
        advice: advice(id, path),
    }
}

/// The VPC, and what is at the other end.
fn evidence(id: &NetworkPathId, path: &NetworkPath, vpc: &VpcId) -> Evidence {
    let others = path.ends.iter().filter(|end| end.vpc != *vpc).map(|end| {
        let owner = end.owner.as_ref().map(|owner| format!(" of {owner}")).unwrap_or_default();
        let region = end.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
        format!("{}{owner}{region}", end.vpc)
    });
    let others: Vec<String> = others.collect();
    let says = match (id.kind(), &path.gateway) {
        (PathKind::Peering, _) => format!("peered with {} by {id}", others.join(", ")),
        (PathKind::Attachment, Some(gateway)) => format!("attached to {gateway} by {id}"),
        (PathKind::Vpn, Some(gateway)) => format!("reached by {id} through {gateway}"),
        (PathKind::Attachment | PathKind::Vpn, None) => format!("reached by {id}"),
    };
    Evidence { part: vpc.to_string(), says, permits: None }
}

fn context(id: &NetworkPathId, path: &NetworkPath, joined: &[Joined<'_>]) -> Vec<String> {
    let mut context = Vec::new();
    if path.state == PathState::Pending {
        context.push("it is being made, or waits to be accepted: nothing goes by it until then".to_owned());
    }
    let target = path.gateway.as_deref().unwrap_or(id.as_str());
    for Joined { vpc, tables } in joined {
        let Some(tables) = tables else { continue };
        let leads = |table: &&RouteTable| {
            table.routes.iter().any(|route| matches!(&route.target, RouteTarget::To(to) if to == target))
        };
        let routed: Vec<&str> = tables.iter().filter(leads).map(|table| table.id.as_str()).collect();
        context.push(match routed.is_empty() {
            true => format!("no route table of {vpc} leads to {target}: nothing goes by it until one does"),
            false => format!("{} of {vpc} leads to {target}: traffic can go by it", routed.join(", ")),
        });
    }
    context
}

fn treatment(case: &Case<'_>, cause: Cause) -> Treatment {
    if cause == Cause::Standing {
        return standing(case, "this event did not make it");
    }
    Treatment::Told(match managed_by(case, &Tags::new()) {
        Some(service) => format!("{service} made it, and what a service manages is never touched"),
        None => "it would not come back under its id, and the other network may need it by now: agree with its owner, then delete it, or list what routes lead to in the policy file".to_owned(),
    })
}

fn advice(id: &NetworkPathId, path: &NetworkPath) -> Vec<Advice> {
    let advice = |tool: &str, text: String| Advice { tool: tool.to_owned(), text };
    let (call, resource, kind) = match id.kind() {
        PathKind::Peering => (
            format!("aws ec2 delete-vpc-peering-connection --vpc-peering-connection-id {id}"),
            "aws_vpc_peering_connection",
            "AWS::EC2::VPCPeeringConnection",
        ),
        PathKind::Attachment => (
            format!("aws ec2 delete-transit-gateway-vpc-attachment --transit-gateway-attachment-id {id}"),
            "aws_ec2_transit_gateway_vpc_attachment",
            "AWS::EC2::TransitGatewayVpcAttachment",
        ),
        PathKind::Vpn => (
            format!("aws ec2 delete-vpn-connection --vpn-connection-id {id}"),
            "aws_vpn_connection",
            "AWS::EC2::VPNConnection",
        ),
    };
    let target = path.gateway.as_deref().unwrap_or(id.as_str());
    vec![
        advice("AWS CLI", call),
        advice("Terraform", format!("Remove the `{resource}` resource of {id}")),
        advice("CloudFormation", format!("Remove the {kind} resource of {id}")),
        advice("the policy file, if the path is meant to be", format!("allowed_route_targets: [{target}]")),
    ]
}
