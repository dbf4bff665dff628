//! What a call asked of a VPC endpoint, and what the response says came of it.

use serde::{Deserialize, Serialize};

use crate::id::{RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId, VpcId};

/// An endpoint that was made, or was to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEndpoint {
    /// The new endpoint, from the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<VpcEndpointId>,
    /// Its VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<VpcId>,
    /// The service's full name; a resource or a service network has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether private DNS is on: as the response says, else as it was asked for; none where neither says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns: Option<bool>,
    /// The groups that were asked for; none means the VPC's default group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<SecurityGroupId>,
    /// Whether the call gave a policy; without one the endpoint lets everything through.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub policy: bool,
}

/// What was changed about an endpoint. Its response says no more than that it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointChange {
    /// The endpoint.
    pub endpoint: VpcEndpointId,
    /// Whether private DNS is on from now on; none when the call left it as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns: Option<bool>,
    /// Whether the call set another policy, or set it back to full access.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub policy: bool,
    /// The groups that were added and taken away.
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub groups: Members<SecurityGroupId>,
    /// The subnets that were added and taken away.
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub subnets: Members<SubnetId>,
    /// The route tables that were added and taken away.
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub route_tables: Members<RouteTableId>,
}

/// What a call adds to a set and takes from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct Members<T> {
    /// What was added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<T>,
    /// What was taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<T>,
}

impl<T> Members<T> {
    /// Whether the call leaves the set as it was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self {
            added: Vec::new(),
            removed: Vec::new(),
        }
    }
}
