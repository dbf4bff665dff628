//! Networks: variations of the private one.

use std::collections::BTreeSet;

use guardrail_policy::facts::EndpointState;
use guardrail_policy::id::{NetworkInterfaceId, RouteTableId, SecurityGroupId, VpcEndpointId};
use guardrail_policy::network::{Cidr, Direction, Permission};
use guardrail_world::{PrefixList, World};
use proptest::prelude::*;

use super::rules::{cidrs, permissions};
use crate::network::{
    APP_GROUP, APP_INTERFACE, ECR_API_ENDPOINT, ECR_DKR_ENDPOINT, MAIN_TABLE, ROUTE_TABLE, S3_ENDPOINT, SUBNETS, block,
    dual_stack_network, id, private_network, tcp, with_nat,
};

/// The customer's own prefix lists: the first holds IPv4 blocks, the second IPv6 blocks.
pub const CUSTOMER_LISTS: [&str; 2] = ["pl-0c1b2c3d4e5f60001", "pl-0c1b2c3d4e5f60002"];

/// What varies from network to network.
#[derive(Debug, Clone)]
struct Variation {
    dual_stack: bool,
    nat: bool,
    endpoints: [Option<EndpointState>; 3],
    gateway_table: &'static str,
    /// Where the application's interface is, if there is one.
    subnet: Option<&'static str>,
    entries: Vec<Cidr>,
    room: u32,
    /// How many rules of no interest the group has, so that it may be nearly full.
    filler: i32,
    standing: Vec<Permission>,
}

fn variations() -> impl Strategy<Value = Variation> {
    let state = prop_oneof![
        6 => Just(Some(EndpointState::Available)),
        1 => Just(Some(EndpointState::Pending)),
        1 => Just(Some(EndpointState::Other)),
        2 => Just(None),
    ];
    let subnet = prop_oneof![4 => Just(Some(SUBNETS[0])), 1 => Just(Some("subnet-0a1b2c3d4e5f60009")), 1 => Just(None)];
    let filler = prop_oneof![6 => Just(0), 1 => 50i32..=58];
    let places = (
        any::<bool>(),
        any::<bool>(),
        prop_oneof![5 => Just(ROUTE_TABLE), 1 => Just(MAIN_TABLE)],
        subnet,
    );
    let rules = (
        prop::collection::vec(cidrs(), 0..4),
        0u32..20,
        filler,
        prop::collection::vec(permissions(), 0..4),
    );
    (places, prop::array::uniform3(state), rules).prop_map(
        |((dual_stack, nat, gateway_table, subnet), endpoints, (entries, spare, filler, standing))| Variation {
            dual_stack,
            nat,
            endpoints,
            gateway_table,
            subnet,
            room: spare,
            entries,
            filler,
            standing,
        },
    )
}

/// Networks around the application's group: with one family or two, with and without a way out, with endpoints in every state
/// and place, with rules of all kinds that were there before.
pub fn worlds() -> impl Strategy<Value = World> {
    variations().prop_map(|variation| {
        let mut world = if variation.dual_stack {
            dual_stack_network()
        } else {
            private_network()
        };
        if variation.nat {
            world = with_nat(world);
        }
        set_endpoints(&mut world, &variation);
        set_interface(&mut world, variation.subnet);
        set_lists(&mut world, &variation);
        add_rules(&mut world, &variation);
        world
    })
}

fn set_endpoints(world: &mut World, variation: &Variation) {
    let endpoints = world.endpoints.get_or_insert_default();
    let ids = [S3_ENDPOINT, ECR_API_ENDPOINT, ECR_DKR_ENDPOINT].map(id::<VpcEndpointId>);
    for (endpoint, state) in ids.iter().zip(variation.endpoints) {
        match (state, endpoints.get_mut(endpoint)) {
            (Some(state), Some(endpoint)) => endpoint.state = state,
            _ => drop(endpoints.remove(endpoint)),
        }
    }
    if let Some(gateway) = ids.first().and_then(|gateway| endpoints.get_mut(gateway)) {
        gateway.route_tables = BTreeSet::from([id::<RouteTableId>(variation.gateway_table)]);
    }
}

fn set_interface(world: &mut World, subnet: Option<&str>) {
    let interfaces = world.interfaces.get_or_insert_default();
    let application = id::<NetworkInterfaceId>(APP_INTERFACE);
    match (subnet, interfaces.get_mut(&application)) {
        (Some(subnet), Some(interface)) => interface.subnet = id(subnet),
        _ => drop(interfaces.remove(&application)),
    }
}

fn set_lists(world: &mut World, variation: &Variation) {
    let lists = world.prefix_lists.get_or_insert_default();
    for (list, ipv6) in CUSTOMER_LISTS.iter().zip([false, true]) {
        let entries: BTreeSet<Cidr> = variation
            .entries
            .iter()
            .filter(|entry| entry.is_ipv6() == ipv6)
            .copied()
            .collect();
        let held = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let list = (
            id(list),
            PrefixList {
                name: if ipv6 { "partners-ipv6" } else { "partners" }.to_owned(),
                family: Some(if ipv6 {
                    guardrail_policy::facts::AddressFamily::Ipv6
                } else {
                    guardrail_policy::facts::AddressFamily::Ipv4
                }),
                max_entries: Some(held + variation.room),
                entries,
                ..PrefixList::default()
            },
        );
        lists.insert(list.0, list.1);
    }
}

/// Rules that EC2 would refuse (twice the same, too many) are left out.
fn add_rules(world: &mut World, variation: &Variation) {
    let group = id::<SecurityGroupId>(APP_GROUP);
    let filler = (1..=variation.filler).map(|port| tcp(port, port, block("10.0.0.0/16")));
    for permission in variation.standing.iter().cloned().chain(filler) {
        let _refused = world.authorize(&group, Direction::Egress, &[permission]);
    }
}
