//! What a call asked about a path to another network.

use serde::{Deserialize, Serialize};

use crate::id::{NetworkPathId, VpcId};

/// A peering connection, an attachment of a transit gateway or a VPN connection that was made, or accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPath {
    /// It itself, from the response where the call made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<NetworkPathId>,
    /// The VPCs that it joins, of whichever account, as far as the call says; none of a VPN connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vpcs: Vec<VpcId>,
}
