//! Records of calls about public addresses, VPC Block Public Access, and paths to other networks.

use guardrail_policy::facts::{BlockMode, Excluded, ExclusionMode, NetworkPath, PathEnd, PathKind};
use guardrail_policy::id::{
    AddressAssociationId, BlockPublicAccessExclusionId, NetworkInterfaceId, NetworkPathId, SubnetId,
};
use serde_json::{Value, json};

use super::{TrailRecord, wrapped};
use crate::network::{ACCOUNT, REGION};

const REQUEST: &str = "20000000-0000-4000-8000-000000000001";
const XMLNS: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

impl TrailRecord {
    /// Whether what is launched in a subnet gets a public address was switched.
    #[must_use]
    pub fn switch_public_addresses(subnet: &SubnetId, on: bool) -> Self {
        Self::ec2(
            "ModifySubnetAttribute",
            json!({ "subnetId": subnet, "mapPublicIpOnLaunch": { "value": on } }),
            json!({ "requestId": REQUEST, "_return": true }),
        )
    }

    /// Another attribute of a subnet was switched on.
    #[must_use]
    pub fn switch_subnet_attribute(subnet: &SubnetId, attribute: &str) -> Self {
        Self::ec2(
            "ModifySubnetAttribute",
            json!({ "subnetId": subnet, attribute: { "value": true } }),
            json!({ "requestId": REQUEST, "_return": true }),
        )
    }

    /// An interface was given an elastic address.
    #[must_use]
    pub fn associate_address(interface: &NetworkInterfaceId, association: &AddressAssociationId) -> Self {
        Self::ec2(
            "AssociateAddress",
            json!({ "allocationId": "eipalloc-0a1b2c3d4e5f60001", "networkInterfaceId": interface }),
            json!({ "requestId": REQUEST, "_return": true, "associationId": association }),
        )
    }

    /// The mode of VPC Block Public Access was set.
    #[must_use]
    pub fn set_block_public_access(mode: BlockMode) -> Self {
        let options = json!({
            "awsAccountId": 111_122_223_333_u64,
            "awsRegion": REGION,
            "state": "update-in-progress",
            "internetGatewayBlockMode": mode,
            "lastUpdateTimestamp": "2026-03-02T09:15:07.000Z",
            "managedBy": "account",
            "exclusionsAllowed": "allowed",
        });
        answered(
            wrapped(
                "ModifyVpcBlockPublicAccessOptions",
                json!({ "InternetGatewayBlockMode": mode }),
            ),
            "vpcBlockPublicAccessOptions",
            options,
        )
    }

    /// Something was excluded from VPC Block Public Access.
    #[must_use]
    pub fn create_exclusion(id: &BlockPublicAccessExclusionId, of: &Excluded, mode: ExclusionMode) -> Self {
        let (key, kind) = match of {
            Excluded::Vpc(_) => ("VpcId", "vpc"),
            Excluded::Subnet(_) => ("SubnetId", "subnet"),
        };
        let request = json!({ "InternetGatewayExclusionMode": mode, key: of.id() });
        let mut made = exclusion(id, mode, "create-in-progress");
        made["resourceArn"] = json!(format!("arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/{}", of.id()));
        answered(
            wrapped("CreateVpcBlockPublicAccessExclusion", request),
            "vpcBlockPublicAccessExclusion",
            made,
        )
    }

    /// What an exclusion lets through was changed.
    #[must_use]
    pub fn modify_exclusion(id: &BlockPublicAccessExclusionId, mode: ExclusionMode) -> Self {
        let request = json!({ "ExclusionId": id, "InternetGatewayExclusionMode": mode });
        answered(
            wrapped("ModifyVpcBlockPublicAccessExclusion", request),
            "vpcBlockPublicAccessExclusion",
            exclusion(id, mode, "update-in-progress"),
        )
    }

    /// A path was made as it is in the network.
    #[must_use]
    pub fn create_path(id: &NetworkPathId, path: &NetworkPath) -> Self {
        match id.kind() {
            PathKind::Peering => {
                let vpcs: Vec<_> = path.ends.iter().map(|end| &end.vpc).collect();
                Self::ec2(
                    "CreateVpcPeeringConnection",
                    json!({ "vpcId": vpcs.first(), "peerVpcId": vpcs.get(1) }),
                    json!({ "requestId": REQUEST, "vpcPeeringConnection": peering(id, path, "initiating-request") }),
                )
            }
            PathKind::Attachment => {
                let vpc = path.ends.first().map(|end| &end.vpc);
                let request = json!({ "TransitGatewayId": path.gateway, "VpcId": vpc, "SubnetIds": { "tag": 1, "content": "subnet-0a1b2c3d4e5f60001" } });
                let made = json!({
                    "transitGatewayAttachmentId": id,
                    "transitGatewayId": path.gateway,
                    "vpcId": vpc,
                    "vpcOwnerId": 111_122_223_333_u64,
                    "state": "pending",
                });
                answered(
                    wrapped("CreateTransitGatewayVpcAttachment", request),
                    "transitGatewayVpcAttachment",
                    made,
                )
            }
            PathKind::Vpn => {
                let gateway = path.gateway.as_deref().unwrap_or_default();
                let key = if gateway.starts_with("tgw-") {
                    "transitGatewayId"
                } else {
                    "vpnGatewayId"
                };
                Self::ec2(
                    "CreateVpnConnection",
                    json!({ "type": "ipsec.1", "customerGatewayId": "cgw-0a1b2c3d4e5f60001", key: gateway }),
                    json!({
                        "requestId": REQUEST,
                        "vpnConnection": { "vpnConnectionId": id, "state": "pending", "customerGatewayId": "cgw-0a1b2c3d4e5f60001", key: gateway },
                    }),
                )
            }
        }
    }

    /// A peering connection was accepted, as it is in the network.
    #[must_use]
    pub fn accept_peering(id: &NetworkPathId, path: &NetworkPath) -> Self {
        Self::ec2(
            "AcceptVpcPeeringConnection",
            json!({ "vpcPeeringConnectionId": id }),
            json!({ "requestId": REQUEST, "vpcPeeringConnection": peering(id, path, "provisioning") }),
        )
    }
}

fn exclusion(id: &BlockPublicAccessExclusionId, mode: ExclusionMode, state: &str) -> Value {
    json!({
        "exclusionId": id,
        "internetGatewayExclusionMode": mode,
        "state": state,
        "creationTimestamp": "2026-03-02T09:15:07.000Z",
        "tagSet": "",
    })
}

fn peering(id: &NetworkPathId, path: &NetworkPath, code: &str) -> Value {
    let info = |end: Option<&PathEnd>| {
        end.map(|end| {
            let owner = end.owner.as_ref().map_or(ACCOUNT, |owner| owner.as_str());
            let region = end.region.as_ref().map_or(REGION, |region| region.as_str());
            json!({ "vpcId": end.vpc, "ownerId": owner, "region": region })
        })
    };
    json!({
        "vpcPeeringConnectionId": id,
        "requesterVpcInfo": info(path.ends.first()),
        "accepterVpcInfo": info(path.ends.get(1)),
        "expirationTime": 1_772_961_307_000_u64,
        "status": { "code": code, "message": "made up" },
        "tagSet": {},
    })
}

/// The record with what the response says came of it, instead of that it was done.
fn answered(mut record: TrailRecord, name: &str, made: Value) -> TrailRecord {
    let response = json!({ "xmlns": XMLNS, "requestId": REQUEST, name: made });
    let halves = record.0["responseElements"].as_object_mut().unwrap();
    for half in halves.values_mut() {
        *half = response.clone();
    }
    record
}

#[cfg(test)]
mod tests {
    use guardrail_policy::event::{CallName, parse};
    use guardrail_policy::facts::PathState;

    use super::*;
    use crate::network::{APP_INTERFACE, SUBNETS, VPC, id};

    fn path(gateway: Option<&str>, vpcs: &[&str]) -> NetworkPath {
        let end = |vpc: &&str| PathEnd {
            vpc: id(vpc),
            owner: None,
            region: None,
        };
        NetworkPath {
            state: PathState::Open,
            ends: vpcs.iter().map(end).collect(),
            gateway: gateway.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn every_record_is_read_as_the_call_that_it_tells_of() {
        let (subnet, exclusion) = (id(SUBNETS[0]), id("vpcbpa-exclude-0a1b2c3d4e5f60001"));
        let peering = path(None, &[VPC, "vpc-0a1b2c3d4e5f60002"]);
        for (record, name) in [
            (
                TrailRecord::switch_public_addresses(&subnet, true),
                CallName::ModifySubnetAttribute,
            ),
            (
                TrailRecord::switch_subnet_attribute(&subnet, "assignIpv6AddressOnCreation"),
                CallName::ModifySubnetAttribute,
            ),
            (
                TrailRecord::associate_address(&id(APP_INTERFACE), &id("eipassoc-0a1b2c3d4e5f60001")),
                CallName::AssociateAddress,
            ),
            (
                TrailRecord::set_block_public_access(BlockMode::Off),
                CallName::ModifyVpcBlockPublicAccessOptions,
            ),
            (
                TrailRecord::create_exclusion(&exclusion, &Excluded::Vpc(id(VPC)), ExclusionMode::AllowEgress),
                CallName::CreateVpcBlockPublicAccessExclusion,
            ),
            (
                TrailRecord::modify_exclusion(&exclusion, ExclusionMode::AllowBidirectional),
                CallName::ModifyVpcBlockPublicAccessExclusion,
            ),
            (
                TrailRecord::create_path(&id("pcx-0a1b2c3d4e5f60001"), &peering),
                CallName::CreateVpcPeeringConnection,
            ),
            (
                TrailRecord::accept_peering(&id("pcx-0a1b2c3d4e5f60001"), &peering),
                CallName::AcceptVpcPeeringConnection,
            ),
            (
                TrailRecord::create_path(
                    &id("tgw-attach-0a1b2c3d4e5f60001"),
                    &path(Some("tgw-0a1b2c3d4e5f60001"), &[VPC]),
                ),
                CallName::CreateTransitGatewayVpcAttachment,
            ),
            (
                TrailRecord::create_path(
                    &id("vpn-0a1b2c3d4e5f60001"),
                    &path(Some("vgw-0a1b2c3d4e5f60001"), &[VPC]),
                ),
                CallName::CreateVpnConnection,
            ),
        ] {
            let (_, event) = parse(&record.envelope()).unwrap();
            assert_eq!(event.call.name(), Some(name), "{:?}", record.json());
        }
    }
}
