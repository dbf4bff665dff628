//! What a call asked about public addresses, and about VPC Block Public Access.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::facts::{Excluded, ExclusionMode};
use crate::id::{AddressAssociationId, BlockPublicAccessExclusionId, InstanceId, NetworkInterfaceId, SubnetId};

/// What was changed about a subnet; AWS takes one attribute in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetChange {
    /// The subnet.
    pub subnet: SubnetId,
    /// `mapPublicIpOnLaunch` from now on; none when the call changed another attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_addresses: Option<bool>,
}

/// An elastic address that was given to a network interface. The call names the interface, or the instance whose first
/// one it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressUse {
    /// The association, from the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association: Option<AddressAssociationId>,
    /// The address, where the request names it so and not by its allocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<NetworkInterfaceId>,
    /// The instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceId>,
}

/// An exclusion from VPC Block Public Access that was made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExclusionChange {
    /// The exclusion, from the response where the call made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusion: Option<BlockPublicAccessExclusionId>,
    /// What it is of, where the call made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Excluded>,
    /// What it lets through from now on; none where that is not said, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ExclusionMode>,
}
