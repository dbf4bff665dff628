//! Paths from a VPC to other networks: peering connections, attachments of transit gateways, VPN connections.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, NetworkPathId, Region, VpcId};

/// The kinds of path, each of which AWS lists by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathKind {
    /// VPC peering connections.
    Peering,
    /// Attachments of VPCs to transit gateways.
    Attachment,
    /// Site-to-Site VPN connections.
    Vpn,
}

impl PathKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Peering, Self::Attachment, Self::Vpn];

    /// As people say it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Peering => "peering connection",
            Self::Attachment => "transit gateway attachment",
            Self::Vpn => "VPN connection",
        }
    }
}

impl NetworkPathId {
    /// What it is the id of.
    #[must_use]
    pub fn kind(&self) -> PathKind {
        match self.as_str().rsplit_once('-').map(|(prefix, _)| prefix) {
            Some("pcx") => PathKind::Peering,
            Some("vpn") => PathKind::Vpn,
            _ => PathKind::Attachment,
        }
    }
}

/// A path to another network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkPath {
    /// Whether traffic can go by it; left out, it can.
    #[serde(default = "open")]
    pub state: PathState,
    /// The VPCs that it begins or ends in: both of a peering connection, that of an attachment, those to which the
    /// gateway of a VPN connection is attached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ends: Vec<PathEnd>,
    /// The gateway that routes lead to: `tgw-…`, `vgw-…`. Those to a peering connection lead to itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
}

fn open() -> PathState {
    PathState::Open
}

/// Where a path stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathState {
    /// Traffic can go by it, or may.
    Open,
    /// It is being made, or waits for acceptance.
    Pending,
    /// It is deleted, rejected, expired or failed, or is about to be.
    Gone,
}

/// A VPC at an end of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathEnd {
    /// The VPC.
    pub vpc: VpcId,
    /// The account that owns it, where that is said; else it is the account that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AccountId>,
    /// Its Region, where that is said; else it is the Region that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_path_is_known_by_its_id() {
        for (id, kind) in [
            ("pcx-0a1b2c3d4e5f60001", PathKind::Peering),
            ("tgw-attach-0a1b2c3d4e5f60001", PathKind::Attachment),
            ("vpn-0a1b2c3d4e5f60001", PathKind::Vpn),
        ] {
            assert_eq!(id.parse::<NetworkPathId>().unwrap().kind(), kind);
        }
        for other in [
            "tgw-0a1b2c3d4e5f60001",
            "vgw-0a1b2c3d4e5f60001",
            "pcx-",
            "vpc-0a1b2c3d4e5f60001",
        ] {
            assert!(other.parse::<NetworkPathId>().is_err(), "{other}");
        }
    }
}
