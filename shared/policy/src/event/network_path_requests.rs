//! From the calls about paths to other networks to a [`Call`]. What a VPN connection is configured with, its keys among
//! it, is not looked at.

use crate::event::EventError;
use crate::event::network_path::NewPath;
use crate::event::requests::Exchange;
use crate::id::VpcId;

impl Exchange<'_> {
    /// The VPCs of a request are the caller's and the peer's; who accepts names neither.
    pub(super) fn peering(&self, accepted: bool) -> Result<NewPath, EventError> {
        let (asked, made) = (&self.request, self.response.member("vpcPeeringConnection"));
        let path = if accepted {
            Some(asked.member("vpcPeeringConnectionId").required()?)
        } else {
            self.outcome(&made.member("vpcPeeringConnectionId"))?
        };
        let end = |info: &str, name: &str| -> Result<Option<VpcId>, EventError> {
            let told = made.member(info).member("vpcId").optional()?;
            Ok(told.or(asked.member(name).optional()?))
        };
        let ends = [end("requesterVpcInfo", "vpcId")?, end("accepterVpcInfo", "peerVpcId")?];
        Ok(NewPath {
            path,
            vpcs: ends.into_iter().flatten().collect(),
        })
    }

    pub(super) fn attachment(&self) -> Result<NewPath, EventError> {
        let made = self.response.member("transitGatewayVpcAttachment");
        let told = made.member("vpcId").optional()?;
        let vpc: Option<VpcId> = told.or(self.request.member("vpcId").optional()?);
        Ok(NewPath {
            path: self.outcome(&made.member("transitGatewayAttachmentId"))?,
            vpcs: vpc.into_iter().collect(),
        })
    }

    pub(super) fn vpn(&self) -> Result<NewPath, EventError> {
        let made = self.response.member("vpnConnection");
        Ok(NewPath {
            path: self.outcome(&made.member("vpnConnectionId"))?,
            vpcs: Vec::new(),
        })
    }
}
