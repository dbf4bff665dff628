//! What rules permit.

use guardrail_policy::network::{Cidr, Peer, Permission, Protocol, Traffic};
use proptest::prelude::*;

use super::worlds::CUSTOMER_LISTS;
use crate::network::{ACCOUNT, CLOUDFRONT_LIST, DYNAMODB_LIST, ENDPOINT_GROUP, S3_LIST, id};

/// Blocks that meet the borders of everything that is told apart: the world and its halves, the VPC and its surroundings,
/// private and special space, the lists' own addresses.
const BLOCKS: &[&str] = &[
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "192.0.0.0/2",
    "8.0.0.0/5",
    "8.8.8.0/24",
    "8.8.4.0/22",
    "52.0.0.0/8",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.0.0/15",
    "10.0.1.0/24",
    "10.0.1.20/32",
    "10.200.0.0/24",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.169.254/32",
    "255.255.255.255/32",
    "224.0.0.0/4",
    "198.51.100.0/24",
    "203.0.113.0/25",
    "203.0.113.0/24",
    "192.0.2.0/25",
    "198.0.0.0/8",
    "::/0",
    "::/1",
    "8000::/1",
    "2000::/3",
    "2001:db8:10::/56",
    "2001:db8::/32",
    "2600:1f00::/24",
    "fd00::/8",
    "fe80::/10",
    "64:ff9b::/96",
];

/// Blocks of addresses, most of them at interesting borders.
pub fn cidrs() -> impl Strategy<Value = Cidr> {
    prop_oneof![
        8 => prop::sample::select(BLOCKS).prop_map(id),
        2 => (any::<[u8; 4]>(), 0u8..=32).prop_map(|([a, b, c, d], length)| id(&format!("{a}.{b}.{c}.{d}/{length}"))),
        1 => (0u8..=255, 0u8..=32).prop_map(|(byte, length)| id(&format!("10.0.{byte}.0/{length}"))),
        1 => (any::<u128>(), 0u8..=128)
            .prop_map(|(bits, length)| id(&format!("{}/{length}", std::net::Ipv6Addr::from(bits)))),
    ]
}

/// Protocols and ports as EC2 stores them.
pub fn traffic() -> impl Strategy<Value = Traffic> {
    let ports = (0i32..=65_535, 0i32..=65_535).prop_map(|(one, two)| (one.min(two), one.max(two)));
    prop_oneof![
        3 => Just(Traffic::ALL),
        3 => Just(Traffic::HTTPS),
        1 => Just(Traffic::new(Protocol::Tcp, Some(0), Some(65_535))),
        2 => (prop_oneof![Just(Protocol::Tcp), Just(Protocol::Udp)], ports)
            .prop_map(|(protocol, (from, to))| Traffic::new(protocol, Some(from), Some(to))),
        1 => (prop_oneof![Just(Protocol::Icmp), Just(Protocol::Icmpv6)], prop_oneof![Just(-1), 0i32..=40])
            .prop_map(|(protocol, kind)| Traffic::new(protocol, Some(kind), Some(-1))),
        1 => (2u8..=5).prop_map(|number| Traffic::new(Protocol::Number(number), None, None)),
    ]
}

/// The other ends of rules: blocks, lists of AWS's and the customer's, the endpoints' group.
pub fn peers() -> impl Strategy<Value = Peer> {
    let lists = [
        S3_LIST,
        DYNAMODB_LIST,
        CLOUDFRONT_LIST,
        CUSTOMER_LISTS[0],
        CUSTOMER_LISTS[1],
    ];
    prop_oneof![
        8 => cidrs().prop_map(Peer::Cidr),
        2 => prop::sample::select(lists.to_vec()).prop_map(|list| Peer::PrefixList(id(list))),
        1 => Just(Peer::Group { id: id(ENDPOINT_GROUP), account: Some(id(ACCOUNT)) }),
    ]
}

/// What a rule permits.
pub fn permissions() -> impl Strategy<Value = Permission> {
    (traffic(), peers()).prop_map(|(traffic, peer)| Permission { traffic, peer })
}
