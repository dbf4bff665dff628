//! Paths to other networks: peering connections, attachments of transit gateways, VPN connections, each kind listed whole.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{
    AttachmentStatus, TransitGatewayAttachmentState, TransitGatewayVpcAttachment as Attachment, VpcPeeringConnection,
    VpcPeeringConnectionStateReasonCode as PeeringState, VpcPeeringConnectionVpcInfo, VpnConnection, VpnGateway,
    VpnState,
};
use futures::future::join_all;
use guardrail_policy::facts::{Answered, Fact, NetworkPath, PathEnd, PathKind, PathState};
use guardrail_policy::id::{NetworkPathId, VpcId};

use super::Ec2;
use super::parse::{missing, parsed, present, required};
use crate::failure::{Failure, Unparsable};
use crate::needs::{DESCRIBE_ATTACHMENTS, DESCRIBE_PEERINGS, DESCRIBE_VPN_GATEWAYS, DESCRIBE_VPNS};

/// The most that a page holds (API models of `DescribeVpcPeeringConnections` and `DescribeTransitGatewayVpcAttachments`).
const PAGE: i32 = 1000;

type Paths = BTreeMap<NetworkPathId, NetworkPath>;

pub(super) async fn read(ec2: &Ec2, kinds: BTreeSet<PathKind>) -> Vec<Answered> {
    let reads = kinds.into_iter().map(async |kind| {
        let paths = match kind {
            PathKind::Peering => peerings(ec2).await,
            PathKind::Attachment => attachments(ec2).await,
            PathKind::Vpn => vpns(ec2).await,
        };
        Answered::NetworkPaths(kind, paths.map_or_else(Fact::from, Fact::Is))
    });
    join_all(reads).await
}

async fn peerings(ec2: &Ec2) -> Result<Paths, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_vpc_peering_connections();
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.vpc_peering_connections, reply.next_token))
    };
    let found = ec2.pages(DESCRIBE_PEERINGS, page).await?;
    all(DESCRIBE_PEERINGS, found.iter().map(peering))
}

async fn attachments(ec2: &Ec2) -> Result<Paths, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_transit_gateway_vpc_attachments();
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.transit_gateway_vpc_attachments, reply.next_token))
    };
    let found = ec2.pages(DESCRIBE_ATTACHMENTS, page).await?;
    all(DESCRIBE_ATTACHMENTS, found.iter().map(attachment))
}

/// VPN connections, and the VPCs to which their gateways are attached; those on transit gateways need no second call. What
/// a connection is configured with, its keys among it, is let go.
async fn vpns(ec2: &Ec2) -> Result<Paths, Failure> {
    let page = async |_: Option<String>| {
        let reply = ec2.client.describe_vpn_connections().send().await?;
        Ok((reply.vpn_connections, None))
    };
    let found = ec2.pages(DESCRIBE_VPNS, page).await?;
    let attached = match found.iter().any(|vpn| present(vpn.vpn_gateway_id()).is_some()) {
        true => attached(ec2).await?,
        false => BTreeMap::new(),
    };
    all(DESCRIBE_VPNS, found.iter().map(|raw| vpn(raw, &attached)))
}

/// The VPCs to which each VPN gateway is attached.
async fn attached(ec2: &Ec2) -> Result<BTreeMap<String, Vec<VpcId>>, Failure> {
    let page = async |_: Option<String>| {
        let reply = ec2.client.describe_vpn_gateways().send().await?;
        Ok((reply.vpn_gateways, None))
    };
    let found: Vec<VpnGateway> = ec2.pages(DESCRIBE_VPN_GATEWAYS, page).await?;
    let of = |gateway: &VpnGateway| -> Result<_, Unparsable> {
        let vpcs = gateway.vpc_attachments().iter();
        let there = vpcs.filter(|vpc| {
            !matches!(
                vpc.state(),
                Some(AttachmentStatus::Detached | AttachmentStatus::Detaching)
            )
        });
        let vpcs: Result<Vec<VpcId>, _> = there.map(|vpc| required("vpcId", vpc.vpc_id())).collect();
        Ok((required_text("vpnGatewayId", gateway.vpn_gateway_id())?, vpcs?))
    };
    let each: Result<_, _> = found.iter().map(of).collect();
    each.map_err(|what| Failure::unparsable(DESCRIBE_VPN_GATEWAYS, &what))
}

/// All of them, or none: one that cannot be read might be the one that is asked for.
fn all(
    action: &'static str,
    parsed: impl Iterator<Item = Result<(NetworkPathId, NetworkPath), Unparsable>>,
) -> Result<Paths, Failure> {
    let all: Result<Paths, _> = parsed.collect();
    all.map_err(|what| Failure::unparsable(action, &what))
}

fn peering(raw: &VpcPeeringConnection) -> Result<(NetworkPathId, NetworkPath), Unparsable> {
    let ends = [raw.requester_vpc_info(), raw.accepter_vpc_info()];
    // Of a peering that was never accepted, or is long gone, one end may be missing.
    let ends: Result<_, _> = ends.into_iter().flatten().filter_map(end).collect();
    let state = raw.status().and_then(|status| status.code());
    let path = NetworkPath {
        state: match state.ok_or_else(|| missing("status.code"))? {
            PeeringState::InitiatingRequest | PeeringState::PendingAcceptance | PeeringState::Provisioning => {
                PathState::Pending
            }
            PeeringState::Deleted
            | PeeringState::Deleting
            | PeeringState::Expired
            | PeeringState::Failed
            | PeeringState::Rejected => PathState::Gone,
            // Active; and one that is not known may be.
            _ => PathState::Open,
        },
        ends: ends?,
        gateway: None,
    };
    Ok((
        required("vpcPeeringConnectionId", raw.vpc_peering_connection_id())?,
        path,
    ))
}

fn end(raw: &VpcPeeringConnectionVpcInfo) -> Option<Result<PathEnd, Unparsable>> {
    let vpc = present(raw.vpc_id())?;
    let parsed = || {
        Ok(PathEnd {
            vpc: parsed("vpcId", vpc)?,
            owner: present(raw.owner_id())
                .map(|owner| parsed("ownerId", owner))
                .transpose()?,
            region: present(raw.region())
                .map(|region| parsed("region", region))
                .transpose()?,
        })
    };
    Some(parsed())
}

fn attachment(raw: &Attachment) -> Result<(NetworkPathId, NetworkPath), Unparsable> {
    let id = required("transitGatewayAttachmentId", raw.transit_gateway_attachment_id())?;
    let end = PathEnd {
        vpc: required("vpcId", raw.vpc_id())?,
        owner: Some(required("vpcOwnerId", raw.vpc_owner_id())?),
        region: None,
    };
    let path = NetworkPath {
        state: match raw.state().ok_or_else(|| missing("state"))? {
            TransitGatewayAttachmentState::Initiating
            | TransitGatewayAttachmentState::InitiatingRequest
            | TransitGatewayAttachmentState::Pending
            | TransitGatewayAttachmentState::PendingAcceptance
            | TransitGatewayAttachmentState::RollingBack => PathState::Pending,
            TransitGatewayAttachmentState::Deleted
            | TransitGatewayAttachmentState::Deleting
            | TransitGatewayAttachmentState::Failed
            | TransitGatewayAttachmentState::Failing
            | TransitGatewayAttachmentState::Rejected
            | TransitGatewayAttachmentState::Rejecting => PathState::Gone,
            // Available or being modified; and one that is not known may be.
            _ => PathState::Open,
        },
        ends: vec![end],
        gateway: Some(required_text("transitGatewayId", raw.transit_gateway_id())?),
    };
    Ok((id, path))
}

fn vpn(
    raw: &VpnConnection,
    attached: &BTreeMap<String, Vec<VpcId>>,
) -> Result<(NetworkPathId, NetworkPath), Unparsable> {
    let gateway = present(raw.vpn_gateway_id()).or_else(|| present(raw.transit_gateway_id()));
    let vpcs = gateway.and_then(|gateway| attached.get(gateway)).into_iter().flatten();
    let ends = vpcs.map(|vpc| PathEnd {
        vpc: vpc.clone(),
        owner: None,
        region: None,
    });
    let path = NetworkPath {
        state: match raw.state().ok_or_else(|| missing("state"))? {
            VpnState::Pending => PathState::Pending,
            VpnState::Deleted | VpnState::Deleting => PathState::Gone,
            // Available; and one that is not known may be.
            _ => PathState::Open,
        },
        ends: ends.collect(),
        gateway: gateway.map(ToOwned::to_owned),
    };
    Ok((required("vpnConnectionId", raw.vpn_connection_id())?, path))
}

fn required_text(field: &str, value: Option<&str>) -> Result<String, Unparsable> {
    present(value).map(ToOwned::to_owned).ok_or_else(|| missing(field))
}
