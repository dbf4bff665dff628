//! Law 7, probed packet by packet: what gets out of a network that did not before.

use std::collections::BTreeSet;
use std::net::IpAddr;

use guardrail_policy::id::SecurityGroupId;
use guardrail_policy::network::{Peer, Permission};
use guardrail_world::{Packet, World};

/// Where something gets out, and what, in one of the later states that did not get out of the first.
pub(crate) fn newly_reachable(first: &World, later: &[World]) -> Option<(IpAddr, Packet)> {
    let changed: Vec<_> = later.iter().flat_map(|state| changes(first, state)).collect();
    let groups: BTreeSet<_> = changed.iter().map(|(group, _)| group).collect();
    let permissions: Vec<_> = changed.iter().map(|(_, permission)| permission.clone()).collect();
    let (addresses, packets) = (borders(first, &permissions), packets(&permissions));
    let probes = || {
        addresses
            .iter()
            .flat_map(|address| packets.iter().map(move |packet| (*address, *packet)))
    };
    let is_new = |group: &SecurityGroupId, (address, packet): (IpAddr, Packet)| {
        !first.reachable(group, address, packet) && later.iter().any(|state| state.reachable(group, address, packet))
    };
    groups
        .into_iter()
        .find_map(|group| probes().find(|probe| is_new(group, *probe)))
}

/// What the groups permit in one of two states and not in the other.
fn changes(one: &World, two: &World) -> BTreeSet<(SecurityGroupId, Permission)> {
    let permits = |world: &World| -> BTreeSet<_> {
        let groups = world.groups.iter().flat_map(|groups| groups.iter());
        groups
            .flat_map(|(id, group)| group.rules.values().map(|rule| (id.clone(), rule.permission.clone())))
            .collect()
    };
    permits(one).symmetric_difference(&permits(two)).cloned().collect()
}

/// The addresses at which anything can change: the ends of every block that the plan, the lists or the policy name, the
/// addresses beside them, and those of the interfaces.
fn borders(world: &World, permissions: &[Permission]) -> BTreeSet<IpAddr> {
    let named = permissions.iter().filter_map(|permission| match permission.peer {
        Peer::Cidr(cidr) => Some(cidr),
        _ => None,
    });
    let listed = world
        .prefix_lists
        .iter()
        .flat_map(|lists| lists.values())
        .flat_map(|list| list.entries.iter().copied());
    let ends = named
        .chain(listed)
        .flat_map(|cidr| [cidr.net().network(), cidr.net().broadcast()]);
    let beside = ends.flat_map(|address| [neighbour(address, false), Some(address), neighbour(address, true)]);
    let interfaces = world.interfaces.iter().flat_map(|interfaces| interfaces.values());
    let fixed = [
        "8.8.8.8",
        "10.0.1.20",
        "2600:1f00::1",
        "0.0.0.0",
        "255.255.255.255",
        "::",
    ];
    let fixed = fixed.into_iter().map(|address| address.parse().unwrap());
    beside
        .flatten()
        .chain(interfaces.flat_map(|interface| interface.addresses.iter().copied()))
        .chain(fixed)
        .collect()
}

fn neighbour(address: IpAddr, above: bool) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => {
            let bits = u32::from(address);
            let next = if above {
                bits.checked_add(1)
            } else {
                bits.checked_sub(1)
            };
            next.map(|bits| IpAddr::V4(bits.into()))
        }
        IpAddr::V6(address) => {
            let bits = u128::from(address);
            let next = if above {
                bits.checked_add(1)
            } else {
                bits.checked_sub(1)
            };
            next.map(|bits| IpAddr::V6(bits.into()))
        }
    }
}

/// The packets at which anything can change: 443, and the ends of every range of ports with the ports beside them.
fn packets(permissions: &[Permission]) -> Vec<Packet> {
    let ends = permissions
        .iter()
        .flat_map(|permission| [permission.traffic.ports.from, permission.traffic.ports.to]);
    let around = ends
        .flat_map(|port| [port - 1, port, port + 1])
        .filter_map(|port| u16::try_from(port).ok());
    let ports: BTreeSet<u16> = around.chain([442, 443, 444]).collect();
    let ports = ports
        .into_iter()
        .flat_map(|port| [Packet::Tcp(port), Packet::Udp(port)]);
    ports
        .chain([
            Packet::Icmp(8, 0),
            Packet::Icmp(0, 0),
            Packet::Icmpv6(8, 0),
            Packet::Other(2),
            Packet::Other(50),
        ])
        .collect()
}
