//! The gateways of a network, and what becomes of routes to them.

use guardrail_policy::facts::{self, Connectivity, Fact, NatGatewayState, NatPlace, Tags};
use guardrail_policy::id::{InternetGatewayId, RouteTableId, SubnetId, VpcId};
use guardrail_policy::plan::{Outlet, RouteOut};
use serde::{Deserialize, Serialize};

use crate::answer::known;
use crate::apply::{Applied, ApplyError};
use crate::model::{RouteTable, World};
use crate::route::{Destination, Target};

/// An internet gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InternetGateway {
    /// The VPC that it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<VpcId>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// An egress-only internet gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EgressOnlyGateway {
    /// Its VPC.
    pub vpc: VpcId,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// A NAT gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NatGateway {
    /// Its VPC.
    pub vpc: VpcId,
    /// What it leads to; left out, it is the internet.
    #[serde(default = "public")]
    pub connectivity: Connectivity,
    /// Its state; left out, it is there.
    #[serde(default = "there")]
    pub state: NatGatewayState,
    /// Its subnet; left out, it is a regional one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet: Option<SubnetId>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

fn public() -> Connectivity {
    Connectivity::Public
}

fn there() -> NatGatewayState {
    NatGatewayState::There
}

impl World {
    pub(crate) fn internet_gateways_of(&self, vpc: &VpcId) -> Fact<Vec<facts::InternetGateway>> {
        known(
            self.internet_gateways.as_ref(),
            "DescribeInternetGateways",
            |gateways| {
                let attached = gateways.iter().filter(|(_, gateway)| gateway.vpc.as_ref() == Some(vpc));
                let facts = attached.map(|(id, gateway)| facts::InternetGateway {
                    id: id.clone(),
                    tags: gateway.tags.clone(),
                });
                Fact::Is(facts.collect())
            },
        )
    }

    pub(crate) fn egress_only_gateways_of(&self, vpc: &VpcId) -> Fact<Vec<facts::EgressOnlyGateway>> {
        let gateways = self.egress_only_gateways.as_ref();
        known(gateways, "DescribeEgressOnlyInternetGateways", |gateways| {
            let own = gateways.iter().filter(|(_, gateway)| gateway.vpc == *vpc);
            let facts = own.map(|(id, gateway)| facts::EgressOnlyGateway {
                id: id.clone(),
                tags: gateway.tags.clone(),
            });
            Fact::Is(facts.collect())
        })
    }

    pub(crate) fn nat_gateways_of(&self, vpc: &VpcId) -> Fact<Vec<facts::NatGateway>> {
        known(self.nat_gateways.as_ref(), "DescribeNatGateways", |gateways| {
            let own = gateways.iter().filter(|(_, gateway)| gateway.vpc == *vpc);
            let facts = own.map(|(id, gateway)| facts::NatGateway {
                id: id.clone(),
                connectivity: gateway.connectivity,
                state: gateway.state,
                place: gateway.subnet.clone().map_or(NatPlace::Regional, NatPlace::Subnet),
                tags: gateway.tags.clone(),
            });
            Fact::Is(facts.collect())
        })
    }

    /// Whether a route of a VPC carries anything. One to an internet gateway that is known to be attached elsewhere, or
    /// nowhere, is a blackhole, and comes to life again with the gateway.
    pub(crate) fn is_active(&self, vpc: &VpcId, target: &Target) -> bool {
        let id = String::from(target.clone());
        let gateway = id.parse::<InternetGatewayId>().ok();
        let gateway = gateway.and_then(|id| self.internet_gateways.as_ref()?.get(&id));
        gateway.is_none_or(|gateway| gateway.vpc.as_ref() == Some(vpc))
    }

    /// Attaches an internet gateway. A VPC has at most one (API reference of `AttachInternetGateway`).
    ///
    /// # Errors
    /// [`ApplyError`] when the gateway is not there, or it or the VPC is attached already.
    pub fn attach_internet_gateway(&mut self, id: &InternetGatewayId, vpc: &VpcId) -> Result<Applied, ApplyError> {
        let gateways = self.internet_gateways.get_or_insert_default();
        let has_one = gateways.values().any(|gateway| gateway.vpc.as_ref() == Some(vpc));
        let gateway = gateways.get_mut(id);
        let gateway = gateway.ok_or_else(|| ApplyError::GatewayNotFound(id.clone()))?;
        if gateway.vpc.is_some() {
            return Err(ApplyError::AlreadyAttached(id.clone()));
        }
        if has_one {
            return Err(ApplyError::HasGateway(vpc.clone()));
        }
        gateway.vpc = Some(vpc.clone());
        Ok(Applied::Switched)
    }

    /// Detaches an internet gateway, which AWS does not do while public addresses of the VPC are in use (API reference of
    /// `DetachInternetGateway`). Of those only the ones of NAT gateways are known here.
    ///
    /// # Errors
    /// [`ApplyError`] when the gateway is not attached to the VPC, or addresses are in use.
    pub fn detach_internet_gateway(&mut self, id: &InternetGatewayId, vpc: &VpcId) -> Result<Applied, ApplyError> {
        let mut nat = self.nat_gateways.iter().flat_map(|gateways| gateways.values());
        let is_public = |gateway: &NatGateway| {
            gateway.connectivity == Connectivity::Public && gateway.state == NatGatewayState::There
        };
        let is_in_use = nat.any(|gateway| gateway.vpc == *vpc && is_public(gateway));
        let gateway = self
            .internet_gateways
            .as_mut()
            .and_then(|gateways| gateways.get_mut(id));
        let gateway = gateway.ok_or_else(|| ApplyError::GatewayNotFound(id.clone()))?;
        if gateway.vpc.as_ref() != Some(vpc) {
            return Err(ApplyError::NotAttached(id.clone()));
        }
        if is_in_use {
            return Err(ApplyError::AddressesInUse(vpc.clone()));
        }
        gateway.vpc = None;
        Ok(Applied::Switched)
    }

    /// Adds a route to a table.
    ///
    /// # Errors
    /// [`ApplyError`] when the table is not there, or has a route to the same destination, or when the internet gateway is
    /// known not to be attached to the VPC.
    pub fn create_route(&mut self, route: &RouteOut) -> Result<Applied, ApplyError> {
        let destination = Destination(route.destination.clone());
        self.table_mut(&route.table)?;
        if let (Outlet::InternetGateway(id), Some(gateways)) = (&route.by, &self.internet_gateways) {
            let gateway = gateways.get(id);
            let gateway = gateway.ok_or_else(|| ApplyError::GatewayNotFound(id.clone()))?;
            if gateway.vpc.as_ref() != Some(&route.vpc) {
                return Err(ApplyError::GatewayElsewhere(id.clone()));
            }
        }
        let table = self.table_mut(&route.table)?;
        if table.routes.contains_key(&destination) {
            return Err(ApplyError::RouteExists(destination));
        }
        table.routes.insert(destination, Target::from(route.by.id().to_owned()));
        Ok(Applied::Switched)
    }

    /// Takes a route from a table, wherever it leads: AWS takes no condition.
    ///
    /// # Errors
    /// [`ApplyError`] when the table or the route is not there.
    pub fn delete_route(&mut self, route: &RouteOut) -> Result<Applied, ApplyError> {
        let destination = Destination(route.destination.clone());
        let removed = self.table_mut(&route.table)?.routes.remove(&destination);
        removed
            .map(|_| Applied::Switched)
            .ok_or(ApplyError::RouteNotFound(destination))
    }

    fn table_mut(&mut self, id: &RouteTableId) -> Result<&mut RouteTable, ApplyError> {
        let table = self.route_tables.as_mut().and_then(|tables| tables.get_mut(id));
        table.ok_or_else(|| ApplyError::TableNotFound(id.clone()))
    }
}
