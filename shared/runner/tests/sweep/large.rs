//! A large account is swept in one run, and in bounded memory.

use guardrail_policy::id::VpcId;
use guardrail_runner::sweep::End;
use guardrail_testkit::{APP_GROUP, ECR_API_ENDPOINT, MAIN_TABLE, VPC, block, id, private_network, tcp, to};
use guardrail_world::{Rule, World};

use crate::Account;

/// The most that the process may ever take, the emulated network included.
const MOST: usize = 512 * 1024 * 1024;

const VPCS: usize = 300;
const ENDPOINTS: usize = 500;
const GROUPS: usize = 10_000;
const RULES_OF_A_GROUP: usize = 5;

/// 300 VPCs with 500 endpoints and 10,000 groups with 50,000 rules, 1,000 of which lead to the internet.
fn large() -> World {
    let mut world = private_network();
    let vpc = |number: usize| -> VpcId { id(&format!("vpc-0c{:015x}", number % VPCS)) };
    let vpcs = world.vpcs.as_mut().unwrap();
    let like = vpcs.remove(&id(VPC)).unwrap();
    vpcs.extend((0..VPCS).map(|number| (vpc(number), like.clone())));
    let tables = world.route_tables.as_mut().unwrap();
    let like = tables.get(&id(MAIN_TABLE)).unwrap().clone();
    *tables = (0..VPCS)
        .map(|number| {
            (
                id(&format!("rtb-0c{number:015x}")),
                guardrail_world::RouteTable {
                    vpc: vpc(number),
                    ..like.clone()
                },
            )
        })
        .collect();
    let endpoints = world.endpoints.as_mut().unwrap();
    let like = endpoints.get(&id(ECR_API_ENDPOINT)).unwrap().clone();
    *endpoints = (0..ENDPOINTS)
        .map(|number| {
            (
                id(&format!("vpce-0c{number:015x}")),
                guardrail_world::Endpoint {
                    vpc: vpc(number),
                    ..like.clone()
                },
            )
        })
        .collect();
    world.subnets.as_mut().unwrap().clear();
    world.interfaces.as_mut().unwrap().clear();
    let groups = world.groups.as_mut().unwrap();
    let like = groups.remove(&id(APP_GROUP)).unwrap();
    groups.clear();
    for number in 0..GROUPS {
        let mut group = guardrail_world::Group {
            vpc: vpc(number),
            rules: Default::default(),
            ..like.clone()
        };
        for rule in 0..RULES_OF_A_GROUP {
            let port = i32::try_from(8_000 + rule).unwrap();
            let permission = match number % 10 == 0 && rule == 0 {
                true => to(block("0.0.0.0/0")),
                false => tcp(port, port, block("10.0.0.0/16")),
            };
            group.rules.insert(
                id(&format!("sgr-0c{:015x}", number * RULES_OF_A_GROUP + rule)),
                Rule::egress(permission),
            );
        }
        groups.insert(id(&format!("sg-0c{number:015x}")), group);
    }
    world
}

/// The most memory that this process has had so far, in bytes (`VmHWM` of proc(5)).
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn ten_thousand_groups_are_swept_in_one_run_within_half_a_gibibyte() {
    let (account, world) = (Account::new(), large());
    let first = account.sweep_for(std::time::Duration::from_secs(86_400), &world);
    assert_eq!(
        (first.end, first.vpcs, first.baseline),
        (End::Complete, VPCS, VPCS),
        "{:?}",
        first.error
    );
    assert_eq!(first.judged, VPCS + GROUPS + ENDPOINTS);
    assert!(first.findings >= GROUPS / 10 && first.unread.is_empty());
    let second = account.sweep_for(std::time::Duration::from_secs(86_400), &world);
    assert_eq!((second.new, second.gone, second.findings), (0, 0, first.findings));
    let peak = peak();
    println!(
        "{} resources of {VPCS} VPCs, {} findings: at most {} MiB, the emulated network included",
        first.judged,
        first.findings,
        peak / 1_048_576
    );
    assert!(peak < MOST, "{peak} bytes");
}
