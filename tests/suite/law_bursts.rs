//! The laws over all families at once: bursts of calls on groups, routes, gateways, subnets, endpoints and attributes, by
//! several people and tools, whose events are delivered in any order, late, up to three times and to two instances at the
//! same moment.
//!
//! What fails is shrunk, and its seed kept in `law_bursts/seeds.txt`, from where every later run plays it first.

mod burst;
mod deeds;

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::decide::Reason;
use guardrail_policy::facts::DnsAttribute;
use guardrail_policy::finding::Finding;
use guardrail_policy::message::Body;
use guardrail_policy::plan::Action;
use guardrail_policy::record::RecordReason;
use guardrail_policy::settings::RuleName;
use guardrail_testkit::{Change, Identity, TrailRecord};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};

use crate::probes::newly_reachable;
use burst::{Burst, Played, bursts};
use deeds::{Brought, network};

/// Over all properties of this file.
const CASES: u32 = 10_000;
const PROPERTIES: u32 = 4;

/// The same bursts in every run, and others for each property; `PROPTEST_RNG_SEED=7` plays others.
fn config(property: u64) -> ProptestConfig {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/suite/law_bursts/seeds.txt");
    let config = ProptestConfig::with_cases(CASES / PROPERTIES);
    let rng_seed = match config.rng_seed {
        RngSeed::Fixed(seed) => RngSeed::Fixed(seed.wrapping_add(property)),
        RngSeed::Random => RngSeed::Fixed(property),
    };
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(seeds))),
        rng_seed,
        ..config
    }
}

/// What an action of the guardrail takes back; none for what it permits in the place of a rule.
fn taken(action: &Action) -> Option<Brought> {
    match action {
        Action::RevokeEgress { rule, .. } => Some(Brought::Rule(rule.clone()?)),
        Action::DetachInternetGateway { gateway, .. } => Some(Brought::Gateway(gateway.clone())),
        Action::DeleteRoute(route) => Some(Brought::Route(route.table.clone(), route.destination.to_string())),
        Action::ModifySubnetAttribute { subnet, .. } => Some(Brought::PublicAddresses(subnet.clone())),
        Action::ModifyVpcAttribute { attribute, .. } => Some(Brought::AttributeOff(*attribute)),
        Action::ModifyVpcEndpoint { endpoint, .. } => Some(Brought::PrivateDnsOff(endpoint.clone())),
        _ => None,
    }
}

/// Whether an action goes the way that is always safe: closes, narrows, or has private names again.
fn is_safe(action: &Action) -> bool {
    match action {
        Action::AuthorizeEgress { .. }
        | Action::RevokeEgress { .. }
        | Action::DetachInternetGateway { .. }
        | Action::DeleteRoute(_) => true,
        Action::ModifySubnetAttribute { public_addresses, .. } => !public_addresses,
        Action::ModifyVpcAttribute { on, .. } => *on,
        Action::ModifyVpcEndpoint { private_dns, .. } => *private_dns,
        Action::AttachInternetGateway { .. } | Action::CreateRoute(_) | Action::SetEndpointPolicy { .. } => false,
    }
}

fn own(played: &Played) -> Vec<Change> {
    let history = played.network.history();
    history.into_iter().filter(|change| change.action.is_some()).collect()
}

/// What a finding is known by.
fn known_by(finding: &Finding) -> (RuleName, String, String) {
    (finding.rule, finding.resource.id.clone(), finding.class.clone())
}

/// What was told of, and by which rule.
fn told(played: &Played) -> BTreeSet<(RuleName, String)> {
    let notices = played.topic.notices();
    let of = notices.iter().flat_map(|notice| {
        let body: Body<'_> = serde_json::from_str(&notice.json).unwrap();
        let resources: Vec<_> = body
            .findings
            .iter()
            .map(|finding| (notice.rule, finding.0.resource.id.clone()))
            .collect();
        resources
    });
    of.collect()
}

proptest! {
    #![proptest_config(config(1))]

    #[test]
    fn only_what_the_burst_brought_in_is_taken_back_and_nothing_is_ever_opened(burst in bursts()) {
        let played = Played::of(&burst);
        let mut permitted = Vec::new();
        for change in own(&played) {
            let action = change.action.unwrap();
            prop_assert!(is_safe(&action), "{action}");
            match &action {
                Action::AuthorizeEgress { group, permissions } => {
                    permitted.extend(permissions.iter().map(|permission| (group.clone(), permission.clone())));
                }
                // What it permitted in the place of a rule, and takes back since that had moved.
                Action::RevokeEgress { group, rule: None, permissions } => {
                    let is_own = permissions.iter().all(|permission| permitted.contains(&(group.clone(), permission.clone())));
                    prop_assert!(is_own, "{action}");
                }
                _ => {}
            }
            let is_brought = taken(&action).is_none_or(|taken| played.brought.contains(&taken));
            prop_assert!(is_brought, "{action} of {:?}", played.brought);
            prop_assert_eq!(newly_reachable(&change.before, &[change.after]), None, "{}", action);
        }
    }
}

proptest! {
    #![proptest_config(config(2))]

    #[test]
    fn what_is_left_standing_is_told(burst in bursts()) {
        let played = Played::of(&burst);
        let (first, end, told) = (network(), played.network.world(), told(&played));
        let stood: Vec<_> = played.found(&first).iter().map(known_by).collect();
        for finding in played.found(&end).iter().filter(|finding| !stood.contains(&known_by(finding))) {
            let known = (finding.rule, finding.resource.id.clone());
            prop_assert!(told.contains(&known), "{:?} told, and not {:?}: {}", told, known, finding.summary);
        }
    }
}

proptest! {
    #![proptest_config(config(3))]

    #[test]
    fn every_event_is_acknowledged_and_told_under_one_id_for_each_rule(burst in bursts()) {
        let played = Played::of(&burst);
        for queue in &played.queues {
            prop_assert!(queue.records.iter().any(|record| !record.deliver_again), "{:?}", reasons(queue));
        }
        let mut ids: BTreeMap<(String, RuleName), BTreeSet<String>> = BTreeMap::new();
        for notice in played.topic.notices() {
            let body: Body<'_> = serde_json::from_str(&notice.json).unwrap();
            let known = ids.entry((body.event.id.to_string(), notice.rule)).or_default();
            known.insert(notice.notice_id);
        }
        prop_assert!(ids.values().all(|ids| ids.len() == 1), "{ids:?}");
    }
}

proptest! {
    #![proptest_config(config(4))]

    #[test]
    fn once_all_is_done_nothing_comes_of_another_delivery_nor_of_its_own_calls(burst in bursts()) {
        let mut played = Played::of(&burst);
        let (end, told) = (played.network.world(), played.topic.notices().len());
        for which in 0..played.queues.len() {
            let again = played.again(which);
            prop_assert_eq!(played.topic.notices().len(), told, "{:?} after {:?}", again.reason, reasons(&played.queues[which]));
        }
        for change in own(&played) {
            let Some(Action::RevokeEgress { group, permissions, .. }) = change.action else { continue };
            let record = TrailRecord::revoke_egress(&group, &permissions.iter().collect::<Vec<_>>());
            let role = Identity::role_session("security/vpc-guardrail", "function");
            let queue = played.happened(record.by(role));
            queue.drain();
            prop_assert_eq!(queue.records.last().unwrap().reason, RecordReason::Decided(Reason::OwnCall));
        }
        prop_assert_eq!(&played.network.world(), &end);
        prop_assert_eq!(played.topic.notices().len(), told);
    }
}

fn reasons(queue: &guardrail_testkit::Queue) -> Vec<(RecordReason, bool)> {
    let records = queue.records.iter();
    records.map(|record| (record.reason, record.deliver_again)).collect()
}

#[test]
fn the_bursts_bring_in_every_kind_of_thing_and_a_third_of_them_have_something_taken_back() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut next = || bursts().new_tree(&mut runner).unwrap().current();
    let bursts: Vec<Burst> = (0..600).map(|_| next()).collect();
    let played: Vec<Played> = bursts.iter().map(Played::of).collect();
    let taken: BTreeSet<_> = played
        .iter()
        .flat_map(own)
        .filter_map(|change| taken(&change.action?))
        .collect();
    let kinds: BTreeSet<_> = taken
        .iter()
        .map(|taken| match taken {
            Brought::Rule(_) => "rule",
            Brought::Gateway(_) => "gateway",
            Brought::Route(..) => "route",
            Brought::PublicAddresses(_) => "subnet",
            Brought::AttributeOff(DnsAttribute::DnsSupport) => "DNS support",
            Brought::AttributeOff(DnsAttribute::DnsHostnames) => "DNS host names",
            Brought::PrivateDnsOff(_) => "private DNS",
        })
        .collect();
    let all = [
        "rule",
        "gateway",
        "route",
        "subnet",
        "DNS support",
        "DNS host names",
        "private DNS",
    ];
    assert_eq!(kinds, all.into());
    assert!(
        played
            .iter()
            .filter(|played| played.network.history().iter().any(|change| change.action.is_some()))
            .count()
            > 200
    );
}
