//! Gateways by which a VPC reaches the internet, or is reached.

use serde::{Deserialize, Serialize};

use super::Tags;
use crate::id::{EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, SubnetId};

/// An internet gateway that is attached to the VPC that was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// Its id.
    pub id: InternetGatewayId,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// An egress-only internet gateway: the way out for IPv6, by which nobody comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EgressOnlyGateway {
    /// Its id.
    pub id: EgressOnlyInternetGatewayId,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// What a NAT gateway leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connectivity {
    /// The internet, by an elastic address.
    Public,
    /// Other VPCs and networks on premises.
    Private,
}

/// Where a NAT gateway stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NatGatewayState {
    /// It works, or is being made.
    There,
    /// It failed, is being deleted, or is deleted: nothing goes through it.
    Gone,
}

/// Where a NAT gateway stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NatPlace {
    /// In one subnet, by whose route table it goes on.
    Subnet(SubnetId),
    /// In every zone of the VPC where there is need of it, with a route table of its own.
    Regional,
}

/// A NAT gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// Its id.
    pub id: NatGatewayId,
    /// What it leads to.
    pub connectivity: Connectivity,
    /// Its state.
    pub state: NatGatewayState,
    /// Where it stands.
    pub place: NatPlace,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl NatGateway {
    /// Whether it leads to the internet, or will once it is made.
    #[must_use]
    pub fn is_way_out(&self) -> bool {
        self.connectivity == Connectivity::Public && self.state == NatGatewayState::There
    }
}
