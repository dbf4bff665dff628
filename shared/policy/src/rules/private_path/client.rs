//! Who wants to reach a service: a security group, by its network interfaces, or by the VPC's subnets where it has none.

use std::collections::BTreeSet;

use super::scene::Scene;
use crate::address::AddressSet;
use crate::facts::{NetworkInterface, SecurityGroup, Stop};
use crate::id::{SecurityGroupId, SubnetId};
use crate::network::Cidr;
use crate::ordered;

/// A group as a client.
#[derive(Debug)]
pub(super) struct Client<'f> {
    /// The group.
    pub group: &'f SecurityGroup,
    /// From where its members send.
    pub places: Vec<Place<'f>>,
}

/// From where members of a group send.
#[derive(Debug)]
pub(super) struct Place<'f> {
    /// The interface; none where any subnet may come to have one.
    pub interface: Option<&'f NetworkInterface>,
    /// All groups that filter it.
    pub groups: BTreeSet<&'f SecurityGroupId>,
    /// Its subnet, or all that it may be in.
    pub subnets: BTreeSet<&'f SubnetId>,
    /// Its addresses, or those that it may have.
    pub addresses: Vec<Cidr>,
}

impl<'f> Client<'f> {
    /// Looks where the members of a group are. Subnets that the policy file leaves out do not count, and neither do the
    /// endpoints' own interfaces.
    pub(super) fn read(scene: &Scene<'f>, group: &'f SecurityGroup) -> Result<Self, Stop> {
        let interfaces = scene.members(&group.id, &group.vpc)?;
        let places = if interfaces.is_empty() {
            vec![Place::anywhere(scene, group)?]
        } else {
            let clients = scene.clients(interfaces)?.into_iter();
            clients.map(|interface| Place::of(scene, interface)).collect::<Result<_, _>>()?
        };
        Ok(Self { group, places })
    }

    /// Whether nothing is in the group now.
    pub(super) fn is_idle(&self) -> bool {
        self.places.iter().all(|place| place.interface.is_none())
    }
}

impl<'f> Place<'f> {
    fn of(scene: &Scene<'f>, interface: &'f NetworkInterface) -> Result<Self, Stop> {
        let own = interface.addresses.iter().map(|address| Cidr::new((*address).into()));
        let addresses: Vec<Cidr> = own.collect();
        let of_subnet = || {
            let subnets = scene.facts.subnets(&interface.vpc)?.iter();
            Ok(subnets.filter(|subnet| subnet.id == interface.subnet).flat_map(|subnet| subnet.cidrs.clone()).collect())
        };
        Ok(Self {
            interface: Some(interface),
            groups: ordered::set(&interface.groups),
            subnets: BTreeSet::from([&interface.subnet]),
            addresses: if addresses.is_empty() { of_subnet()? } else { addresses },
        })
    }

    fn anywhere(scene: &Scene<'f>, group: &'f SecurityGroup) -> Result<Self, Stop> {
        let subnets = scene.facts.subnets(&group.vpc)?.iter();
        let subnets: Vec<_> = subnets.filter(|subnet| !scene.leaves_out(&subnet.id)).collect();
        Ok(Self {
            interface: None,
            groups: BTreeSet::from([&group.id]),
            subnets: ordered::set(subnets.iter().map(|subnet| &subnet.id)),
            addresses: subnets.iter().flat_map(|subnet| subnet.cidrs.iter().copied()).collect(),
        })
    }

    /// Its addresses of one family.
    pub(super) fn of_family(&self, ipv6: bool) -> AddressSet {
        self.addresses.iter().filter(|cidr| cidr.is_ipv6() == ipv6).collect()
    }
}
