//! Where traffic goes: route tables, gateways, paths to other networks, and what AWS blocks.

use std::collections::BTreeMap;

use guardrail_policy::facts::{self, Fact};
use guardrail_policy::id::{NetworkPathId, RouteTableId, VpcId};

use super::{Capture, Known, add};
use crate::gateway::{EgressOnlyGateway, InternetGateway, NatGateway};
use crate::model::{RouteTable, Unknown};
use crate::route::{Destination, Target};

impl Capture {
    pub(super) fn associations(&mut self, id: &RouteTableId, fact: Fact<facts::RouteTableDetails>) {
        let details = self.known(fact);
        let world = &mut self.captured.world;
        let table = world.route_tables.as_mut().and_then(|tables| tables.get_mut(id));
        match (details, table) {
            (Known::Is(details), Some(table)) => table.associations = details.associations,
            (Known::No, _) => _ = world.unknown.insert(Unknown::Associations),
            (Known::Gone, _) | (_, None) => {}
        }
    }

    pub(super) fn route_tables(&mut self, vpc: &VpcId, fact: Fact<Vec<facts::RouteTable>>) {
        let tables = self.known(fact);
        add(&mut self.captured.world.route_tables, tables, |table| {
            let routes = table.routes.into_iter();
            let made = RouteTable {
                vpc: vpc.clone(),
                main: table.main,
                subnets: table.subnets,
                associations: BTreeMap::new(),
                routes: routes
                    .map(|route| (Destination(route.destination), Target(route.target)))
                    .collect(),
            };
            (table.id, made)
        });
    }

    pub(super) fn internet_gateways(&mut self, vpc: &VpcId, fact: Fact<Vec<facts::InternetGateway>>) {
        let gateways = self.known(fact);
        add(&mut self.captured.world.internet_gateways, gateways, |gateway| {
            let made = InternetGateway {
                vpc: Some(vpc.clone()),
                tags: gateway.tags,
            };
            (gateway.id, made)
        });
    }

    pub(super) fn egress_only_gateways(&mut self, vpc: &VpcId, fact: Fact<Vec<facts::EgressOnlyGateway>>) {
        let gateways = self.known(fact);
        add(&mut self.captured.world.egress_only_gateways, gateways, |gateway| {
            let made = EgressOnlyGateway {
                vpc: vpc.clone(),
                tags: gateway.tags,
            };
            (gateway.id, made)
        });
    }

    pub(super) fn nat_gateways(&mut self, vpc: &VpcId, fact: Fact<Vec<facts::NatGateway>>) {
        let gateways = self.known(fact);
        add(&mut self.captured.world.nat_gateways, gateways, |gateway| {
            let made = NatGateway {
                vpc: vpc.clone(),
                connectivity: gateway.connectivity,
                state: gateway.state,
                subnet: match gateway.place {
                    facts::NatPlace::Subnet(subnet) => Some(subnet),
                    facts::NatPlace::Regional => None,
                },
                tags: gateway.tags,
            };
            (gateway.id, made)
        });
    }

    /// Paths of one kind that cannot be read leave those of the others unknown, too: what is not there would pass for gone.
    pub(super) fn network_paths(&mut self, fact: Fact<BTreeMap<NetworkPathId, facts::NetworkPath>>) {
        let paths = match self.known(fact) {
            Known::Is(paths) => Known::Is(paths.into_iter().collect()),
            Known::Gone => Known::Gone,
            Known::No => Known::No,
        };
        add(&mut self.captured.world.network_paths, paths, |path| path);
    }

    pub(super) fn block_public_access(&mut self, fact: Fact<facts::BlockPublicAccess>) {
        self.captured.world.block_public_access = match self.known(fact) {
            Known::Is(found) => Some(found),
            Known::Gone | Known::No => None,
        };
    }
}
