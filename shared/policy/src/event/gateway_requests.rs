//! From the calls about routes, and the gateways that they lead to, to a [`Call`].

use crate::event::requests::Exchange;
use crate::event::{Call, EventError, NewNatGateway, RouteChange};
use crate::facts::{Connectivity, RouteDestination, RouteTarget};
use crate::network::Cidr;

/// The members of a request that name where a route leads: one of them is there.
const TARGETS: [&str; 12] = [
    "gatewayId",
    "natGatewayId",
    "egressOnlyInternetGatewayId",
    "transitGatewayId",
    "vpcPeeringConnectionId",
    "vpcEndpointId",
    "instanceId",
    "networkInterfaceId",
    "localGatewayId",
    "carrierGatewayId",
    "coreNetworkArn",
    "odbNetworkArn",
];

impl Exchange<'_> {
    pub(super) fn attach_internet_gateway(&self) -> Result<Call, EventError> {
        Ok(Call::AttachInternetGateway {
            gateway: self.request.member("internetGatewayId").required()?,
            vpc: self.request.member("vpcId").required()?,
        })
    }

    /// Which VPC it is of is in both halves.
    pub(super) fn create_egress_only_gateway(&self) -> Result<Call, EventError> {
        let made = self.response.member("egressOnlyInternetGateway");
        let attached = made.member("attachmentSet").items();
        let attached = attached.first().map(|attachment| attachment.member("vpcId").optional());
        Ok(Call::CreateEgressOnlyInternetGateway {
            gateway: self.outcome(&made.member("egressOnlyInternetGatewayId"))?,
            vpc: attached
                .transpose()?
                .flatten()
                .or(self.request.member("vpcId").optional()?),
        })
    }

    pub(super) fn create_nat_gateway(&self) -> Result<Call, EventError> {
        let made = self.response.member("natGateway");
        let kind = made.member("connectivityType").text();
        let kind = kind.or_else(|| self.request.member("connectivityType").text());
        let subnet = made.member("subnetId").optional()?;
        let vpc = made.member("vpcId").optional()?;
        Ok(Call::CreateNatGateway(NewNatGateway {
            gateway: self.outcome(&made.member("natGatewayId"))?,
            vpc: vpc.or(self.request.member("vpcId").optional()?),
            subnet: subnet.or(self.request.member("subnetId").optional()?),
            connectivity: match kind.as_deref() {
                Some("private") => Connectivity::Private,
                _ => Connectivity::Public,
            },
        }))
    }

    pub(super) fn route(&self) -> Result<RouteChange, EventError> {
        Ok(RouteChange {
            route_table: self.request.member("routeTableId").required()?,
            destination: self.destination()?,
            target: self.target(),
        })
    }

    fn destination(&self) -> Result<RouteDestination, EventError> {
        let list = self.request.member("destinationPrefixListId");
        if !list.is_absent() {
            return list.required().map(RouteDestination::PrefixList);
        }
        let block = self.request.any(&["destinationCidrBlock", "destinationIpv6CidrBlock"]);
        block.required::<Cidr>().map(RouteDestination::Cidr)
    }

    /// Where a route leads: `local` is a target like any other, by either of its names.
    fn target(&self) -> Option<RouteTarget> {
        if self.request.member("localTarget").is_true() {
            return Some(RouteTarget::Local);
        }
        let id = self.request.any(&TARGETS).legible();
        id.map(|id| match id.as_str() {
            "local" => RouteTarget::Local,
            _ => RouteTarget::To(id),
        })
    }
}
