//! What calls about routes, and the gateways that they lead to, say.

use serde::{Deserialize, Serialize};

use crate::facts::{Connectivity, RouteDestination, RouteTarget};
use crate::id::{NatGatewayId, RouteTableId, SubnetId, VpcId};

/// A route as a call sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteChange {
    /// The table that it stands in.
    pub route_table: RouteTableId,
    /// Whither it matches; AWS takes host bits from the caller and clears them.
    pub destination: RouteDestination,
    /// Where it leads; none where the call names a target of a kind that is not known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<RouteTarget>,
}

/// A NAT gateway as a call made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewNatGateway {
    /// The new gateway, from the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<NatGatewayId>,
    /// Its VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<VpcId>,
    /// Its subnet; a regional one has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet: Option<SubnetId>,
    /// What it leads to; left out of a request, it is the internet.
    pub connectivity: Connectivity,
}
