//! A small network to look at, and short ways to speak of it.

use guardrail_policy::network::{Permission, Protocol, Traffic};
use guardrail_world::World;

pub(crate) const NETWORK: &str = r#"
account: "111122223333"
region: eu-west-1
vpcs:
  vpc-1: { cidrs: [10.0.0.0/16], tags: { connectivity: private } }
  vpc-2: { cidrs: [10.1.0.0/16, "fd00:1::/56"], owner: "444455556666" }
groups:
  sg-1:
    name: app
    vpc: vpc-1
    rules:
      sgr-1: { direction: egress, protocol: tcp, from: 443, to: 443, cidr: 10.0.0.0/16 }
      sgr-2: { direction: egress, protocol: tcp, from: 443, to: 443, prefix_list: pl-1 }
      sgr-3: { direction: ingress, protocol: "-1", group: sg-2, description: from the tier above }
  sg-2: { name: default, vpc: vpc-1 }
endpoints:
  vpce-1: { vpc: vpc-1, service: com.amazonaws.eu-west-1.s3, kind: gateway, route_tables: [rtb-1] }
route_tables:
  rtb-1: { vpc: vpc-1, main: true, routes: { 10.0.0.0/16: local, pl-1: vpce-1 } }
interfaces:
  eni-1: { vpc: vpc-1, subnet: subnet-1, groups: [sg-2], addresses: [10.0.0.7], instance: i-1 }
subnets:
  subnet-1: { vpc: vpc-1, cidrs: [10.0.0.0/24] }
  subnet-2: { vpc: vpc-2, cidrs: [10.1.0.0/24] }
network_paths:
  pcx-1: { ends: [{ vpc: vpc-1 }, { vpc: vpc-2, owner: "444455556666" }] }
  tgw-attach-1: { ends: [{ vpc: vpc-1 }], gateway: tgw-1, state: pending }
prefix_lists:
  pl-1: { name: com.amazonaws.eu-west-1.s3, entries: [198.51.100.0/24] }
  pl-2: { name: partners, max_entries: 20, entries: ["2001:db8::/32"] }
"#;

pub(crate) fn network() -> World {
    World::read(NETWORK.as_bytes()).unwrap()
}

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// TCP to this port, to a block.
pub(crate) fn tcp(port: i32, cidr: &str) -> Permission {
    let traffic = Traffic::new(Protocol::Tcp, Some(port), Some(port));
    Permission {
        traffic,
        peer: guardrail_policy::network::Peer::Cidr(id(cidr)),
    }
}
