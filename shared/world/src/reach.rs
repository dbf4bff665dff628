//! Whether single packets get out: a walk over rules, one by one, that shares nothing with the policy core's sets of
//! addresses, so that it can be held against them.

use std::net::IpAddr;

use guardrail_policy::id::{SecurityGroupId, SecurityGroupRuleId};
use guardrail_policy::network::{Direction, Peer, Protocol, Traffic};

use crate::model::{Group, World};

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
