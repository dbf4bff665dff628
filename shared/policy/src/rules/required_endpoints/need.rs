//! Which services a VPC must have an endpoint of, and whether what is there serves them.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Lack, Why};
use crate::case::Case;
use crate::facts::{Endpoint, EndpointKind, Facts, RouteTable, Stop, Subnet, Vpc, all, both};
use crate::id::{RouteTableId, SubnetId};
use crate::routing::table_of;
use crate::service;

/// The services that a VPC needs, by short name, each with who asks for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Needs<'a>(BTreeMap<&'a str, Asks<'a>>);

/// Who asks for a service.
#[derive(Debug, Clone, Default)]
pub(super) struct Asks<'a> {
    /// `required_endpoints` of the policy file.
    pub policy: bool,
    /// Endpoints whose clients use it, too.
    pub endpoints: Vec<&'a Endpoint>,
}

impl<'a> Needs<'a> {
    /// What the policy file requires.
    pub(super) fn of_the_policy(case: &Case<'a>) -> Self {
        let required = case.settings.required_endpoints.iter();
        Self(required.map(|service| (service.as_str(), Asks { policy: true, endpoints: Vec::new() })).collect())
    }

    /// What clients of these endpoints use besides.
    pub(super) fn of_endpoints(endpoints: impl Iterator<Item = &'a Endpoint>) -> Self {
        let mut needs = Self::default();
        for endpoint in endpoints.filter(|endpoint| endpoint.kind == EndpointKind::Interface) {
            let short = service::short_name(&endpoint.service).unwrap_or_default();
            for service in service::requires(short) {
                needs.0.entry(service).or_default().endpoints.push(endpoint);
            }
        }
        needs
    }

    /// Both together.
    pub(super) fn and(mut self, other: Self) -> Self {
        for (service, asks) in other.0 {
            let own = self.0.entry(service).or_default();
            own.policy |= asks.policy;
            own.endpoints.extend(asks.endpoints);
        }
        self
    }
}

/// The VPC whose needs are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub case: &'a Case<'a>,
    pub facts: &'a Facts,
    pub vpc: &'a Vpc,
    /// Its endpoints that are there, or are being made.
    pub there: &'a [&'a Endpoint],
    /// Whether an endpoint's need must be met in every private subnet. Where it is met in some, the route that the others
    /// lack is `gateway-route`'s to find; only a new endpoint is told of it here, since its call does not wake that rule.
    pub in_every_subnet: bool,
}

/// The VPC's route tables and the subnets that they serve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    pub tables: &'a [RouteTable],
    pub subnets: &'a [Subnet],
}

impl<'a> Places<'a> {
    /// The subnets that the policy file does not exclude.
    pub(super) fn private(self, case: &Case<'_>) -> impl Iterator<Item = &'a Subnet> {
        self.subnets.iter().filter(|subnet| !case.settings.scope.exclude_subnets.contains(&subnet.id))
    }
}

impl<'a> Scene<'a> {
    /// Where its endpoints can be put.
    pub(super) fn places(&self) -> Result<Places<'a>, Stop> {
        let (tables, subnets) = both(self.facts.route_tables(&self.vpc.id), self.facts.subnets(&self.vpc.id))?;
        Ok(Places { tables, subnets })
    }

    /// What is not there of what the VPC needs, in the order of the services' names.
    pub(super) fn lacks(&self, needs: &Needs<'a>) -> Result<Vec<Lack<'a>>, Stop> {
        let own = needs.0.iter().filter(|(service, _)| !self.is_central(service));
        let lacks = all(own.map(|(service, asks)| self.lack(service, asks)))?;
        Ok(lacks.into_iter().flatten().collect())
    }

    /// Whether the policy file says that another VPC's endpoint serves it.
    fn is_central(&self, service: &str) -> bool {
        let mut others = self.case.settings.central_endpoints.iter().filter(|central| central.vpc != self.vpc.id);
        others.any(|central| central.services.iter().any(|served| served.as_str() == service))
    }

    fn lack(&self, service: &'a str, asks: &Asks<'a>) -> Result<Option<Lack<'a>>, Stop> {
        let lack = |why| Ok(Some(Lack { service, asks: asks.clone(), why }));
        let (gateways, interfaces): (Vec<&Endpoint>, Vec<&Endpoint>) = self
            .there
            .iter()
            .copied()
            .filter(|endpoint| service::short_name(&endpoint.service) == Some(service))
            .partition(|endpoint| endpoint.kind == EndpointKind::Gateway);
        if gateways.is_empty() && interfaces.is_empty() {
            return lack(Why::NotThere);
        }
        let needed = !asks.endpoints.is_empty();
        if !interfaces.is_empty() && (!needed || self.answers_by_its_own_name(service, &interfaces)?) {
            return Ok(None);
        }
        let Some(gateway) = gateways.first().copied() else { return lack(Why::OtherNamesOnly(interfaces)) };
        let (unserved, some_are) = self.unserved(&gateways)?;
        if unserved.is_empty() || some_are && !(needed && self.in_every_subnet) {
            return Ok(None);
        }
        lack(Why::NotRouted { gateway, unserved })
    }

    /// Whether clients that know the service's own name alone get to one of these: image pulls follow a redirect to it.
    fn answers_by_its_own_name(&self, service: &str, interfaces: &[&Endpoint]) -> Result<bool, Stop> {
        if service != "s3" {
            return Ok(true);
        }
        let named = interfaces.iter().filter(|interface| interface.private_dns);
        let named = all(named.map(|interface| self.facts.endpoint(&interface.id)))?;
        Ok(named.iter().any(|details| !details.inbound_only))
    }

    /// The private subnets whose tables have no route to any of these gateways, by table, and whether others have one.
    /// A VPC without subnets has no clients: it lacks nothing.
    fn unserved(&self, gateways: &[&Endpoint]) -> Result<(Unserved<'a>, bool), Stop> {
        let places = self.places()?;
        let routed: BTreeSet<&RouteTableId> = gateways.iter().flat_map(|gateway| &gateway.route_tables).collect();
        let mut unserved: Unserved<'a> = BTreeMap::new();
        let mut some_are = false;
        for subnet in places.private(self.case) {
            match table_of(places.tables, &subnet.id) {
                Some(table) if !routed.contains(&table.id) => unserved.entry(&table.id).or_default().push(&subnet.id),
                _ => some_are = true,
            }
        }
        Ok((unserved, some_are))
    }
}

/// Subnets by the tables that serve them.
pub(super) type Unserved<'a> = BTreeMap<&'a RouteTableId, Vec<&'a SubnetId>>;
