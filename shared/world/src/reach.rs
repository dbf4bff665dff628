//! Whether single packets get out, and in: a walk over rules, one by one, that shares nothing with the policy core's sets of
//! addresses, so that it can be held against them.

use std::net::IpAddr;

use guardrail_policy::id::{NetworkInterfaceId, SecurityGroupId, SecurityGroupRuleId};
use guardrail_policy::network::{Direction, Peer, Protocol, Traffic};

use crate::model::{Group, Interface, World};

/// What a packet carries, as far as a security group looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet {
    /// TCP to this port.
    Tcp(u16),
    /// UDP to this port.
    Udp(u16),
    /// ICMP with this type and code.
    Icmp(u8, u8),
    /// `ICMPv6` with this type and code.
    Icmpv6(u8, u8),
    /// Any other protocol, by its IANA number.
    Other(u8),
}

/// How far packets get from one interface to another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Walk {
    /// Whether both have an address of the family.
    pub possible: bool,
    /// Whether the sender's groups let them out to each address of the receiver.
    pub leaves: bool,
    /// Whether the receiver's groups let them in from each address of the sender.
    pub enters: bool,
}

impl Walk {
    /// Whether they arrive.
    #[must_use]
    pub fn arrives(self) -> bool {
        self.possible && self.leaves && self.enters
    }
}

impl World {
    /// Whether the egress rules of a group let a packet out to an address. A group that is not there lets nothing out.
    #[must_use]
    pub fn reachable(&self, group: &SecurityGroupId, to: IpAddr, packet: Packet) -> bool {
        self.group(group)
            .is_some_and(|group| self.passes(group, to, packet, |_| true))
    }

    /// The same, by the rules that have been chosen alone.
    #[must_use]
    pub fn passes(
        &self,
        group: &Group,
        to: IpAddr,
        packet: Packet,
        chosen: impl Fn(&SecurityGroupRuleId) -> bool,
    ) -> bool {
        let egress = group
            .rules
            .iter()
            .filter(|(id, rule)| rule.direction == Direction::Egress && chosen(id));
        egress
            .into_iter()
            .any(|(_, rule)| carries(rule.permission.traffic, packet) && self.peer_is_at(&rule.permission.peer, to))
    }

    /// Whether a packet gets from one interface to another, from and to single addresses of one family: any rule of any
    /// group of the sender must let it out, and any rule of any group of the receiver in. Of an interface that is not
    /// there, nothing is sent and nothing received.
    #[must_use]
    pub fn walk(&self, from: &NetworkInterfaceId, to: &NetworkInterfaceId, ipv6: bool, packet: Packet) -> Walk {
        let (Some(sender), Some(receiver)) = (self.interface(from), self.interface(to)) else {
            return Walk::default();
        };
        let of_family = |interface: &Interface| -> Vec<IpAddr> {
            let addresses = interface.addresses.iter().copied();
            addresses.filter(|address| address.is_ipv6() == ipv6).collect()
        };
        let (sources, destinations) = (of_family(sender), of_family(receiver));
        let passes = |interface, direction, peer| self.lets_through(interface, direction, peer, packet);
        let leaves = |to: &IpAddr| passes(sender, Direction::Egress, *to);
        let enters = |from: &IpAddr| passes(receiver, Direction::Ingress, *from);
        Walk {
            possible: !sources.is_empty() && !destinations.is_empty(),
            leaves: destinations.iter().all(leaves),
            enters: sources.iter().all(enters),
        }
    }

    fn interface(&self, id: &NetworkInterfaceId) -> Option<&Interface> {
        self.interfaces.as_ref()?.get(id)
    }

    fn lets_through(&self, interface: &Interface, direction: Direction, peer: IpAddr, packet: Packet) -> bool {
        let groups = interface.groups.iter().filter_map(|group| self.group(group));
        let mut rules = groups.flat_map(|group| group.rules.values());
        rules.any(|rule| {
            rule.direction == direction
                && carries(rule.permission.traffic, packet)
                && self.peer_is_at(&rule.permission.peer, peer)
        })
    }

    fn peer_is_at(&self, peer: &Peer, address: IpAddr) -> bool {
        match peer {
            Peer::Cidr(cidr) => cidr.net().contains(&address),
            Peer::PrefixList(id) => self
                .prefix_list(id)
                .is_some_and(|list| list.entries.iter().any(|entry| entry.net().contains(&address))),
            Peer::Group { id, .. } => {
                let mut interfaces = self.interfaces.iter().flat_map(|interfaces| interfaces.values());
                interfaces.any(|interface| interface.groups.contains(id) && interface.addresses.contains(&address))
            }
        }
    }
}

/// Whether a rule's protocol and ports are those of a packet.
fn carries(traffic: Traffic, packet: Packet) -> bool {
    let (from, to) = (traffic.ports.from, traffic.ports.to);
    let port = |port: u16| (from == -1 && to == -1) || (from <= i32::from(port) && i32::from(port) <= to);
    let message = |kind: u8, code: u8| (from == -1 || from == i32::from(kind)) && (to == -1 || to == i32::from(code));
    match (traffic.protocol, packet) {
        (Protocol::All, _) => true,
        (Protocol::Tcp | Protocol::Number(6), Packet::Tcp(to)) => port(to),
        (Protocol::Udp | Protocol::Number(17), Packet::Udp(to)) => port(to),
        (Protocol::Icmp | Protocol::Number(1), Packet::Icmp(kind, code)) => message(kind, code),
        (Protocol::Icmpv6 | Protocol::Number(58), Packet::Icmpv6(kind, code)) => message(kind, code),
        (Protocol::Number(wanted), Packet::Other(number)) => wanted == number,
        _ => false,
    }
}
