//! Routes through a VPC's own gateways, as plans take them away and an undo puts them back.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::facts::{RouteDestination, RouteTable, RouteTarget};
use crate::id::{EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, RouteTableId, VpcId};

/// A route to the internet, as it stands in a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RouteOut {
    /// The VPC of the table.
    pub vpc: VpcId,
    /// The table.
    pub table: RouteTableId,
    /// Whither it matches; a table has one route to each destination.
    pub destination: RouteDestination,
    /// Where it leads.
    pub by: Outlet,
}

/// A gateway of a VPC's own that leads to the internet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlet {
    /// An internet gateway.
    InternetGateway(InternetGatewayId),
    /// An egress-only internet gateway.
    EgressOnlyGateway(EgressOnlyInternetGatewayId),
    /// A public NAT gateway.
    NatGateway(NatGatewayId),
}

impl Outlet {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::InternetGateway(id) => id.as_str(),
            Self::EgressOnlyGateway(id) => id.as_str(),
            Self::NatGateway(id) => id.as_str(),
        }
    }

    /// Whether a route leads to it.
    #[must_use]
    pub fn is(&self, target: &RouteTarget) -> bool {
        matches!(target, RouteTarget::To(id) if id == self.id())
    }
}

/// What a table has for a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// No route, or none that carries anything.
    None,
    /// The route that is meant.
    Same,
    /// One that leads elsewhere.
    Other,
}

impl RouteOut {
    /// What the VPC's tables have in its place.
    pub(super) fn standing(&self, tables: &[RouteTable]) -> Standing {
        let table = tables.iter().find(|table| table.id == self.table);
        let mut routes = table.into_iter().flat_map(|table| &table.routes);
        match routes.find(|route| route.destination == self.destination) {
            None => Standing::None,
            Some(route) if self.by.is(&route.target) => Standing::Same,
            Some(_) => Standing::Other,
        }
    }
}

impl fmt::Display for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl fmt::Display for RouteOut {
    /// As it is said of a table: `0.0.0.0/0 by igw-…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.destination, self.by)
    }
}
