//! What is around the clients of one VPC, and what the event changed of it.

use std::collections::BTreeSet;

use super::leg::LegKind;
use crate::address::AddressSet;
use crate::case::Case;
use crate::facts::{
    DnsAttribute, Endpoint, EndpointDetails, EndpointKind, EndpointState, Facts, InterfaceFilter, NetworkInterface,
    Stop, Unknown, Vpc, both,
};
use crate::id::{RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId, VpcId};
use crate::network::{Cidr, Direction, Permission};

/// A VPC with its endpoints.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'f> {
    pub case: &'f Case<'f>,
    pub facts: &'f Facts,
    pub vpc: &'f Vpc,
    pub endpoints: &'f [Endpoint],
    pub change: &'f Change,
    /// Whether everything is looked at as if the event had not changed it.
    pub before: bool,
}

/// What the event changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// These permissions were taken from a group; of an edit in place, those that the rule had if only its ports were
    /// edited.
    Rules { group: SecurityGroupId, direction: Direction, permissions: Vec<Permission> },
    /// An endpoint was made or changed.
    Endpoint(EndpointBefore),
    /// These endpoints were deleted.
    Deleted(BTreeSet<VpcEndpointId>),
    /// An attribute of the VPC was switched off.
    Attribute(DnsAttribute),
    /// The VPC was given another set of DHCP options.
    Options,
    /// Nothing that could break a path.
    Nothing,
}

/// What an endpoint lost, and which of its legs the event made what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EndpointBefore {
    pub id: VpcEndpointId,
    pub groups: Vec<SecurityGroupId>,
    pub route_tables: Vec<RouteTableId>,
    pub legs: BTreeSet<LegKind>,
}

impl<'f> Scene<'f> {
    /// The same as if the event had not changed it.
    pub(super) fn before(self) -> Self {
        Self { before: true, ..self }
    }

    /// What is supposed to be there besides what is: what the event took away, when it is looked at as before.
    pub(super) fn supposed(&self, groups: &BTreeSet<&SecurityGroupId>, of: Direction) -> &'f [Permission] {
        match self.change {
            Change::Rules { group, direction, permissions }
                if self.before && *direction == of && groups.contains(group) =>
            {
                permissions
            }
            _ => &[],
        }
    }

    /// What the event changed of an endpoint, when it is looked at as before.
    pub(super) fn supposed_of(&self, endpoint: &VpcEndpointId) -> Option<&'f EndpointBefore> {
        match self.change {
            Change::Endpoint(before) if self.before && before.id == *endpoint => Some(before),
            _ => None,
        }
    }

    /// Whether the event itself made this leg what it is, whatever it was before.
    pub(super) fn made(&self, endpoint: &VpcEndpointId, leg: LegKind) -> bool {
        matches!(self.change, Change::Endpoint(before) if before.id == *endpoint && before.legs.contains(&leg))
    }

    /// The groups of an endpoint.
    pub(super) fn groups_of(&self, endpoint: &'f Endpoint) -> BTreeSet<&'f SecurityGroupId> {
        let lost = self.supposed_of(&endpoint.id).into_iter().flat_map(|before| &before.groups);
        endpoint.groups.iter().chain(lost).collect()
    }

    /// Whether the policy file leaves a subnet out.
    pub(super) fn leaves_out(&self, subnet: &SubnetId) -> bool {
        self.case.settings.scope.exclude_subnets.contains(subnet)
    }

    /// Whether an interface is one by which an endpoint answers, and no client. Such an interface is managed by the service
    /// and has the endpoint's groups; a function's in the same groups is told apart by the ids that the endpoint names.
    pub(super) fn is_an_endpoints(&self, interface: &NetworkInterface) -> Result<bool, Stop> {
        let is_like = |endpoint: &&Endpoint| {
            endpoint.kind == EndpointKind::Interface
                && endpoint.groups == interface.groups
                && interface.requester_managed
        };
        let mut is_one = Ok(false);
        for endpoint in self.endpoints.iter().filter(is_like) {
            let names = match self.facts.endpoint(&endpoint.id) {
                Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(false),
                details => {
                    details.map(|details| details.interfaces.is_empty() || details.interfaces.contains(&interface.id))
                }
            };
            is_one = both(is_one, names).map(|(one, other)| one || other);
        }
        is_one
    }

    /// Those of some interfaces that are clients: neither an endpoint's nor in a subnet that the policy file leaves out.
    pub(super) fn clients<'i>(
        &self,
        interfaces: impl IntoIterator<Item = &'i NetworkInterface>,
    ) -> Result<Vec<&'i NetworkInterface>, Stop> {
        let mut clients = Ok(Vec::new());
        for interface in interfaces.into_iter().filter(|interface| !self.leaves_out(&interface.subnet)) {
            clients = both(clients, self.is_an_endpoints(interface)).map(|(mut clients, is_one): (Vec<_>, _)| {
                clients.extend((!is_one).then_some(interface));
                clients
            });
        }
        clients
    }

    /// The addresses of an interface endpoint, of one family: those of its interfaces, else all of its subnets. An
    /// endpoint of which neither is known is somewhere in the VPC.
    pub(super) fn addresses_of(&self, details: &EndpointDetails, ipv6: bool) -> Result<AddressSet, Stop> {
        let of_family =
            |cidrs: Vec<Cidr>| cidrs.into_iter().filter(|cidr| cidr.is_ipv6() == ipv6).collect::<AddressSet>();
        let interfaces = self.interfaces_of(details)?;
        if !interfaces.is_empty() {
            let addresses = interfaces.iter().flat_map(|interface| &interface.addresses);
            return Ok(of_family(addresses.map(|address| Cidr::new((*address).into())).collect()));
        }
        let blocks: Vec<Cidr> = if details.subnets.is_empty() {
            self.vpc.cidrs.iter().copied().collect()
        } else {
            let subnets = self.facts.subnets(&details.vpc)?.iter();
            subnets
                .filter(|subnet| details.subnets.contains(&subnet.id))
                .flat_map(|subnet| subnet.cidrs.clone())
                .collect()
        };
        // Which families it serves is not known; nearly all serve IPv4.
        let serves = ipv6 == blocks.iter().all(|cidr| cidr.is_ipv6());
        Ok(if serves { of_family(blocks) } else { AddressSet::default() })
    }

    /// The interfaces of an endpoint, if all that it names are shown.
    fn interfaces_of(&self, details: &EndpointDetails) -> Result<Vec<&'f NetworkInterface>, Stop> {
        let mut found = Ok(Vec::new());
        for group in &details.endpoint.groups {
            found =
                both(found, self.members(group, &details.vpc)).map(|(mut all, more): (Vec<&NetworkInterface>, _)| {
                    for interface in more.into_iter().filter(|interface| details.interfaces.contains(&interface.id)) {
                        if !all.iter().any(|known| known.id == interface.id) {
                            all.push(interface);
                        }
                    }
                    all
                });
        }
        let found = found?;
        Ok(if found.len() == details.interfaces.len() { found } else { Vec::new() })
    }

    /// The interfaces in a group of a VPC. Where all of the VPC were read, nothing more is asked.
    pub(super) fn members(&self, group: &SecurityGroupId, vpc: &VpcId) -> Result<Vec<&'f NetworkInterface>, Stop> {
        let all = InterfaceFilter::Vpc(vpc.clone());
        let known = self.facts.interfaces(&all);
        let interfaces = match known {
            Ok(all) => all,
            Err(_) => self.facts.interfaces(&InterfaceFilter::Group(group.clone()))?,
        };
        Ok(interfaces.iter().filter(|interface| interface.groups.contains(group)).collect())
    }

    /// The endpoints by which clients may reach services: what is being deleted is there no more.
    pub(super) fn reachable(&self) -> impl Iterator<Item = &'f Endpoint> {
        let there = self.endpoints.iter().filter(|endpoint| endpoint.state != EndpointState::Deleted);
        there.filter(|endpoint| endpoint.kind != EndpointKind::Other)
    }
}
