//! Permissions in the form that EC2's calls take: one `IpPermission` for each kind of traffic, with all its peers.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};
use guardrail_policy::network::{Peer, Permission, Ports, Protocol, Traffic};

/// The permissions by their traffic; EC2 refuses a call that names one twice, so that each is there once.
pub(crate) fn ip_permissions(permissions: &[Permission], description: Option<&str>) -> Vec<IpPermission> {
    let mut by_traffic: BTreeMap<Traffic, BTreeSet<&Peer>> = BTreeMap::new();
    for Permission { traffic, peer } in permissions {
        by_traffic.entry(*traffic).or_default().insert(peer);
    }
    let grouped = by_traffic
        .into_iter()
        .map(|(traffic, peers)| ip_permission(traffic, &peers, description));
    grouped.collect()
}

/// How many rules an `IpPermission` stands for; at least one.
pub(super) fn peers(permission: &IpPermission) -> usize {
    let peers = permission.ip_ranges().len()
        + permission.ipv6_ranges().len()
        + permission.prefix_list_ids().len()
        + permission.user_id_group_pairs().len();
    peers.max(1)
}

fn ip_permission(traffic: Traffic, peers: &BTreeSet<&Peer>, description: Option<&str>) -> IpPermission {
    let (from, to) = ports(traffic).unzip();
    let said = || description.map(str::to_owned);
    let mut permission = IpPermission::builder()
        .ip_protocol(traffic.protocol.to_string())
        .set_from_port(from)
        .set_to_port(to);
    for peer in peers {
        permission = match peer {
            Peer::Cidr(cidr) if cidr.is_ipv6() => {
                let range = Ipv6Range::builder().cidr_ipv6(cidr.to_string());
                permission.ipv6_ranges(range.set_description(said()).build())
            }
            Peer::Cidr(cidr) => {
                let range = IpRange::builder().cidr_ip(cidr.to_string());
                permission.ip_ranges(range.set_description(said()).build())
            }
            Peer::PrefixList(id) => {
                let list = PrefixListId::builder().prefix_list_id(id.as_str());
                permission.prefix_list_ids(list.set_description(said()).build())
            }
            Peer::Group { id, account } => {
                let account = account.as_ref().map(ToString::to_string);
                let pair = UserIdGroupPair::builder().group_id(id.as_str()).set_user_id(account);
                permission.user_id_group_pairs(pair.set_description(said()).build())
            }
        };
    }
    permission.build()
}

/// The ports, or ICMP's type and code, where the protocol has any: EC2 takes every port for `-1`, and for a protocol that
/// is only a number (API reference of `IpPermission`).
fn ports(Traffic { protocol, ports }: Traffic) -> Option<(i32, i32)> {
    match protocol {
        Protocol::All => None,
        Protocol::Number(_) if ports == Ports::ALL => None,
        _ => Some((ports.from, ports.to)),
    }
}
