//! Laws 3, 6, 7, 8, 12 and 13 of the whole flow, with a ledger and a network that obeys: whatever an event brought in is
//! taken back once, and only that; it can be undone; and a fault or a second delivery comes to the same end.

use std::collections::BTreeSet;

use guardrail_policy::id::{SecurityGroupId, SecurityGroupRuleId};
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::plan::Action;
use guardrail_policy::record::{Handled, Record, RecordReason};
use guardrail_runner::Memory;
use guardrail_runner::by_hand::ByHand;
use guardrail_testkit::outcomes::automatic;
use guardrail_testkit::strategies::{Scenario, scenarios};
use guardrail_testkit::{Changing, Fault, Outbox, Queue, Saboteur, SteppedClock, now};
use guardrail_world::World;
use proptest::prelude::*;

use crate::healthy::{Permits, notices, permits, worlds};
use crate::probes::newly_reachable;

fn queue(scenario: &Scenario) -> Queue {
    let network = Changing::of(scenario.world.clone());
    Queue::of(
        scenario.desk(),
        scenario.event.envelope(),
        network,
        Some(Memory::default()),
    )
}

/// The scenario as it comes out when nothing fails.
fn handled(scenario: &Scenario) -> Queue {
    let mut queue = queue(scenario);
    queue.drain();
    queue
}

fn is(record: &Record, handled: Handled) -> bool {
    record.reason == RecordReason::Handled(handled)
}

/// The record of the revert, if there was one.
fn revert(queue: &Queue) -> Option<&Record> {
    queue.records.iter().find(|record| is(record, Handled::Reverted))
}

fn rules(world: &World) -> BTreeSet<(SecurityGroupId, SecurityGroupRuleId)> {
    let groups = world.groups.iter().flat_map(|groups| groups.iter());
    groups
        .flat_map(|(id, group)| group.rules.keys().map(|rule| (id.clone(), rule.clone())))
        .collect()
}

/// Has a revert undone by hand; returns what is permitted then.
fn undone(queue: &Queue, record: &Record) -> Permits {
    let ledger = queue.ledger.as_deref().unwrap();
    let hand = ByHand {
        answer: &*queue.network,
        act: &*queue.network,
        tell: &Outbox::default(),
        keep: ledger,
        clock: &SteppedClock::at(queue.desk.time),
        by: "Ada",
        run: "one",
    };
    let until = queue.desk.time.checked_add(SignedDuration::from_hours(1)).unwrap();
    let outcome = now(async {
        let kept = hand.record(&record.record_id).await.unwrap();
        let undoing = hand.undoing(kept).await.unwrap();
        hand.undo(&undoing, until).await.unwrap().unwrap()
    });
    assert!(outcome.is_done(), "{:?}", outcome.record.outcomes);
    permits(&queue.network.world())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn only_what_the_event_brought_in_is_taken_back_and_all_other_rules_stay(scenario in scenarios()) {
        let queue = handled(&scenario);
        let end = queue.network.world();
        let gone: BTreeSet<_> = rules(&scenario.world).difference(&rules(&end)).map(|(_, rule)| rule.clone()).collect();
        prop_assert!(gone.is_subset(&scenario.brought), "{:?} of {:?}", gone, scenario.brought);
        let planned: BTreeSet<_> = queue.records.iter().flat_map(automatic).flat_map(|(_, plan)| plan.revoked().cloned()).collect();
        prop_assert_eq!(&gone, &planned, "what is planned is done, and nothing else");
        for change in queue.network.history() {
            let by_id = |action: &Action| matches!(action, Action::AuthorizeEgress { .. } | Action::RevokeEgress { rule: Some(_), .. });
            prop_assert!(change.action.as_ref().is_some_and(by_id), "{:?}", change.action);
        }
        prop_assert_eq!(scenario.world.interfaces, end.interfaces);
        prop_assert_eq!(scenario.world.prefix_lists, end.prefix_lists);
    }

    #[test]
    fn nothing_gets_out_at_any_moment_that_did_not_before(scenario in scenarios()) {
        let queue = handled(&scenario);
        let states = worlds(&queue.network);
        prop_assert_eq!(newly_reachable(&scenario.world, &states), None);
    }

    #[test]
    fn after_a_revert_the_same_event_is_done_with_and_a_copy_of_it_finds_nothing_to_do(scenario in scenarios()) {
        let mut queue = handled(&scenario);
        let Some(first) = queue.records.last().filter(|record| !record.deliver_again) else { return Ok(()) };
        prop_assert_eq!(first.told.len(), notices(&queue).len());
        let (end, told) = (queue.network.world(), notices(&queue));
        let again = queue.deliver(&Saboteur::idle()).unwrap();
        prop_assert!(is(&again, Handled::HandledBefore) && again.told.is_empty());
        queue.event = scenario.event.clone().number(77).envelope();
        let copy = queue.deliver(&Saboteur::idle()).unwrap();
        prop_assert_eq!(automatic(&copy).count(), 0);
        prop_assert_eq!(&queue.network.world(), &end);
        prop_assert!(notices(&queue).starts_with(&told));
    }

    #[test]
    fn a_fault_in_any_call_of_any_delivery_comes_to_the_same_end(
        scenario in scenarios(), call in 0_usize..14, way in any::<prop::sample::Index>(), wait in 0_u8..3,
    ) {
        let healthy = handled(&scenario);
        let mut idle = queue(&scenario);
        let calls = { let first = Saboteur::idle(); idle.deliver(&first); first.made() };
        let Some(made) = calls.get(call) else { return Ok(()) };
        let faults: Vec<Fault> = made.faults().into_iter().filter(|fault| !fault.is_a_lie()).collect();
        let fault = faults[way.index(faults.len())];
        let mut queue = queue(&scenario);
        for _ in 0..=wait {
            let saboteur = Saboteur::at(call, fault);
            queue.deliver(&saboteur);
            if !saboteur.has_struck() {
                break;
            }
        }
        let is_acknowledged = queue.drain();
        prop_assert!(is_acknowledged || !healthy.is_acknowledged());
        prop_assert_eq!(permits(&queue.network.world()), permits(&healthy.network.world()), "{} {:?}", made, fault);
        let ids = |queue: &Queue| notices(queue).into_iter().collect::<BTreeSet<_>>();
        prop_assert_eq!(ids(&queue), ids(&healthy));
    }

    #[test]
    fn the_record_of_a_revert_replays_to_its_decision_byte_for_byte(scenario in scenarios()) {
        let queue = handled(&scenario);
        for record in queue.records.iter().filter(|record| record.decision.is_some()) {
            let line = serde_json::to_string(record).unwrap();
            let read: Record = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(&read, record);
            let again = read.replay(&queue.desk.settings).unwrap();
            let decided = record.decision.as_ref().unwrap();
            prop_assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(decided).unwrap());
        }
    }

    #[test]
    fn a_revert_can_be_undone_from_its_record_and_brings_back_what_was_permitted(scenario in scenarios()) {
        let mut queue = handled(&scenario);
        let Some(record) = revert(&queue).cloned() else { return Ok(()) };
        prop_assert!(permits(&queue.network.world()) != permits(&scenario.world));
        prop_assert_eq!(undone(&queue, &record), permits(&scenario.world));
        queue.event = scenario.event.clone().number(77).envelope();
        let copy = queue.deliver(&Saboteur::idle()).unwrap();
        prop_assert!(!is(&copy, Handled::Reverted), "what was undone is left alone");
        prop_assert_eq!(permits(&queue.network.world()), permits(&scenario.world));
    }
}

#[test]
fn the_scenarios_have_reverts_to_hold_against_the_laws() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut scenario = || scenarios().new_tree(&mut runner).unwrap().current();
    let queues: Vec<Queue> = (0..256).map(|_| handled(&scenario())).collect();
    let reverts: Vec<&Queue> = queues.iter().filter(|queue| revert(queue).is_some()).collect();
    let narrowed = reverts.iter().filter(|queue| queue.network.history().len() > 1).count();
    assert!(
        reverts.len() > 40 && narrowed > 10,
        "{} reverts, {narrowed} narrowed",
        reverts.len()
    );
}
