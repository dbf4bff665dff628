//! Single packets.

use guardrail_policy::network::{Direction, Peer, Permission, Protocol, Traffic};
use guardrail_world::{Packet, World};

use crate::sample::{id, network};

fn out(network: &World, to: &str, packet: Packet) -> bool {
    network.reachable(&id("sg-1"), id(to), packet)
}

fn with(protocol: Protocol, from: Option<i32>, to: Option<i32>) -> World {
    let mut network = network();
    let permission = Permission {
        traffic: Traffic::new(protocol, from, to),
        peer: Peer::Cidr(id("192.0.2.0/24")),
    };
    network
        .authorize(&id("sg-1"), Direction::Egress, &[permission])
        .unwrap();
    network
}

#[test]
fn a_packet_gets_out_by_block_list_and_reference_and_not_otherwise() {
    let mut network = network();
    assert!(out(&network, "10.0.255.255", Packet::Tcp(443)) && out(&network, "198.51.100.9", Packet::Tcp(443)));
    assert!(!out(&network, "10.1.0.0", Packet::Tcp(443)) && !out(&network, "10.0.0.7", Packet::Tcp(444)));
    assert!(
        !out(&network, "10.0.0.7", Packet::Udp(443)),
        "the rule that lets everything pass is for ingress"
    );
    let reference = Permission {
        traffic: Traffic::ALL,
        peer: Peer::Group {
            id: id("sg-2"),
            account: None,
        },
    };
    network.authorize(&id("sg-1"), Direction::Egress, &[reference]).unwrap();
    assert!(
        out(&network, "10.0.0.7", Packet::Udp(443)),
        "an interface in the group has this address"
    );
    assert!(!out(&network, "10.0.0.8", Packet::Udp(443)));
    assert!(
        !network.reachable(&id("sg-9"), id("10.0.0.7"), Packet::Tcp(443)),
        "a group that is not there"
    );
}

#[test]
fn a_packet_arrives_where_any_group_lets_it_out_and_any_group_lets_it_in() {
    let mut network = network();
    let interface = |network: &mut World, name: &str, group: &str, addresses: &[&str]| {
        let mut interface = network.interfaces.as_ref().unwrap()[&id("eni-1")].clone();
        interface.groups = [id(group)].into();
        interface.addresses = addresses.iter().map(|address| id(address)).collect();
        network.interfaces.as_mut().unwrap().insert(id(name), interface);
    };
    interface(&mut network, "eni-2", "sg-1", &["10.0.0.8", "fd00:1::8"]);
    let walk = |network: &World, from: &str, to: &str, ipv6| network.walk(&id(from), &id(to), ipv6, Packet::Tcp(443));
    let there = walk(&network, "eni-2", "eni-1", false);
    assert!(
        there.leaves && !there.enters && !there.arrives(),
        "sg-2 admits nobody: {there:?}"
    );
    let back = walk(&network, "eni-1", "eni-2", false);
    assert!(
        !back.leaves && back.enters,
        "sg-1 admits sg-2, which lets nothing out: {back:?}"
    );
    interface(&mut network, "eni-1", "sg-2", &["10.0.0.7"]);
    let reference = Permission {
        traffic: Traffic::HTTPS,
        peer: Peer::Group {
            id: id("sg-1"),
            account: None,
        },
    };
    network
        .authorize(&id("sg-2"), Direction::Ingress, &[reference])
        .unwrap();
    assert!(walk(&network, "eni-2", "eni-1", false).arrives());
    assert!(
        !walk(&network, "eni-2", "eni-1", true).possible,
        "one of them has no IPv6"
    );
    assert!(
        !walk(&network, "eni-2", "eni-9", false).arrives(),
        "an interface that is not there"
    );
    let several = &mut network
        .interfaces
        .as_mut()
        .unwrap()
        .get_mut(&id("eni-1"))
        .unwrap()
        .groups;
    several.insert(id("sg-1"));
    assert!(
        walk(&network, "eni-1", "eni-2", false).arrives(),
        "any group of several will do"
    );
}

#[test]
fn protocols_ports_and_icmp_messages_are_told_apart() {
    let udp = with(Protocol::Udp, Some(53), Some(60));
    assert!(out(&udp, "192.0.2.1", Packet::Udp(60)) && !out(&udp, "192.0.2.1", Packet::Udp(61)));
    let echo = with(Protocol::Icmp, Some(8), Some(-1));
    assert!(out(&echo, "192.0.2.1", Packet::Icmp(8, 3)) && !out(&echo, "192.0.2.1", Packet::Icmp(0, 0)));
    let esp = with(Protocol::Number(50), None, None);
    assert!(out(&esp, "192.0.2.1", Packet::Other(50)) && !out(&esp, "192.0.2.1", Packet::Other(51)));
    let all = with(Protocol::All, None, None);
    assert!(out(&all, "192.0.2.1", Packet::Icmpv6(1, 1)) && !out(&all, "192.0.3.1", Packet::Tcp(1)));
}
