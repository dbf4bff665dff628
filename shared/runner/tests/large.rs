//! A large account: 300 VPCs with 10,000 groups of 50,000 rules and 500 endpoints, in one scan.
//!
//! How long it takes and how much memory besides the account itself is printed (`--nocapture`), and never asserted: what
//! is asserted is that what the scan holds at a time does not grow with the account.

#![cfg(test)]

use std::fs;
use std::time::Instant;

use guardrail_policy::case::{Ceiling, CeilingReason};
use guardrail_policy::rules;
use guardrail_policy::settings::RuleName;
use guardrail_runner::scan::{Scanner, Step};
use guardrail_testkit::{
    ACCOUNT, Counting, DEFAULT_GROUP, ECR_API_ENDPOINT, POLICY, REGION, VPC, block, id, now, private_network, settings,
    tcp, to,
};
use guardrail_world::{Rule, World};

const VPCS: usize = 300;
const GROUPS: usize = 10_000;
const RULES_EACH: usize = 5;
const ENDPOINTS: usize = 500;
/// Every so many groups, one is open to the world.
const OPEN: usize = 50;

/// An account with so many VPCs; everything in it is spread over them.
fn account(vpcs: usize, groups: usize, endpoints: usize) -> World {
    let mut world = private_network();
    let like = (
        world.vpcs.as_ref().unwrap()[&id(VPC)].clone(),
        world.groups.as_ref().unwrap()[&id(DEFAULT_GROUP)].clone(),
        world.endpoints.as_ref().unwrap()[&id(ECR_API_ENDPOINT)].clone(),
    );
    let vpc = |number: usize| id(&format!("vpc-0c{:015x}", number % vpcs));
    world.vpcs = Some((0..vpcs).map(|number| (vpc(number), like.0.clone())).collect());
    let group = |number: usize| {
        let mut group = like.1.clone();
        (group.name, group.vpc) = (format!("app-{number}"), vpc(number));
        let permission = |rule: usize| match (number % OPEN, rule) {
            (0, 0) => to(block("0.0.0.0/0")),
            _ => tcp(443, 443, block(&format!("10.0.{rule}.0/24"))),
        };
        let rules = (0..RULES_EACH).map(|rule| {
            let number = number * RULES_EACH + rule;
            (id(&format!("sgr-0c{number:015x}")), Rule::egress(permission(rule)))
        });
        group.rules = rules.collect();
        (id(&format!("sg-0c{number:015x}")), group)
    };
    world.groups = Some((0..groups).map(group).collect());
    let endpoint = |number: usize| {
        let mut endpoint = like.2.clone();
        endpoint.vpc = vpc(number);
        (id(&format!("vpce-0c{number:015x}")), endpoint)
    };
    world.endpoints = Some((0..endpoints).map(endpoint).collect());
    world
}

/// How many resources were judged, and how many groups are open.
fn scan(world: &impl guardrail_runner::ports::Answer) -> (usize, usize) {
    let settings = settings(POLICY);
    let ceilings = [Ceiling::notify(CeilingReason::NoLedger)];
    let rules: Vec<_> = rules::BUILT.to_vec();
    let scanner = Scanner {
        answer: world,
        settings: &settings,
        rules: &rules,
        ceilings: &ceilings,
        account: id(ACCOUNT),
        region: id(REGION),
        now: id("2026-03-02T10:00:00Z"),
    };
    now(async {
        let mut scan = scanner.begin().await.unwrap();
        let (mut resources, mut open) = (0, 0);
        while let Some(step) = scan.next().await {
            let Step::Judged(judged) = step else { continue };
            resources += judged.len();
            let verdicts = judged.iter().flat_map(|judged| &judged.decision.verdicts);
            let of_egress = verdicts.filter(|verdict| verdict.rule == RuleName::OpenEgress);
            open += of_egress.flat_map(|verdict| verdict.findings()).count();
        }
        (resources, open)
    })
}

/// A line of `/proc/self/status`, in MiB; none where there is no such file.
fn memory(line: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|found| found.strip_prefix(line))?;
    let kib: f64 = line
        .trim_matches([':', ' ', '\t'])
        .trim_end_matches(" kB")
        .parse()
        .ok()?;
    Some(kib / 1024.0)
}

#[test]
fn a_large_account_is_scanned_in_one_run() {
    let world = account(VPCS, GROUPS, ENDPOINTS);
    let before = memory("VmRSS");
    // Linux: the peak counts from here on.
    let _elsewhere = fs::write("/proc/self/clear_refs", "5");
    let started = Instant::now();
    let (resources, open) = scan(&world);
    let (took, peak) = (started.elapsed(), memory("VmHWM"));
    assert_eq!((resources, open), (VPCS + GROUPS + ENDPOINTS, GROUPS / OPEN));
    let besides = peak.zip(before).map_or("unknown".to_owned(), |(peak, before)| {
        format!("{:.1} MiB", peak - before)
    });
    eprintln!(
        "{resources} resources, {} rules: {took:.1?}, {besides} besides the account",
        GROUPS * RULES_EACH
    );
}

#[test]
fn what_is_asked_at_a_time_does_not_grow_with_the_number_of_vpcs() {
    let most = |vpcs| {
        let counting = Counting::of(account(vpcs, vpcs * 20, vpcs * 2));
        scan(&counting);
        counting
            .asked()
            .rounds
            .iter()
            .map(std::collections::BTreeSet::len)
            .max()
    };
    assert_eq!(most(3), most(30));
}
