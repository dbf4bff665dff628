//! Laws 4, 8 and 11 where a kind of call fails in every delivery: nothing innocent is changed, an event is acknowledged only
//! where it came to the end that it has when nothing fails, and what was found is told before the queue gives it up.

use std::collections::BTreeSet;
use std::mem::discriminant;

use guardrail_testkit::{Call, Fault, Saboteur};

use crate::healthy::{Healthy, healthy, is_of_a_kind, notices, permits, revoked, worlds};

/// The case of a VPC of which only the ledger knows that it is to be judged.
const KNOWN_BY_THE_LEDGER_ALONE: &str = "selected-once";

/// Whether it can be told in the end, though every call of this kind fails so: what keeps it from being known, and from
/// being told, leaves only the dead letter.
fn is_told_though(case: &str, call: &Call, fault: Fault) -> bool {
    let is_unknown = case == KNOWN_BY_THE_LEDGER_ALONE && *call == Call::Recall;
    let is_silenced = is_unknown || matches!(call, Call::Answer | Call::Tell(_));
    !is_silenced && fault != Fault::TakenOver && !Fault::OF_KILLING.contains(&fault)
}

/// Every call of this kind fails in every delivery.
fn after(healthy: &Healthy, call: &Call, fault: Fault) -> Vec<String> {
    let mut queue = healthy.case.queue();
    let saboteur = || {
        let call = call.clone();
        Saboteur::each(fault, move |made| is_of_a_kind(made, &call))
    };
    let is_acknowledged = queue.drain_under(saboteur);
    let (states, told) = (worlds(&queue.network), notices(&queue));
    let came_to_its_end = states.last().map(permits) == healthy.states.last().cloned()
        && healthy.notices.iter().all(|id| told.contains(id));
    let received = usize::try_from(queue.received()).unwrap_or_default();
    let is_a_lie = fault.is_a_lie();
    let checks = [
        (
            Fault::OF_KILLING.contains(&fault) || queue.records.len() == received,
            "a delivery leaves no record, or two",
        ),
        (
            revoked(&queue.network).is_subset(&healthy.revoked),
            "another rule is revoked",
        ),
        (!healthy.is_opened_in(&states), "something gets out that did not before"),
        (
            is_a_lie || states.iter().all(|state| healthy.states.contains(&permits(state))),
            "it goes through another state",
        ),
        (
            is_a_lie || !is_acknowledged || came_to_its_end,
            "it is acknowledged and did not come to its end",
        ),
        (
            told.iter().collect::<BTreeSet<_>>().len() <= 1,
            "an event and a rule have two notices",
        ),
        (
            !is_told_though(&healthy.case.name, call, fault) || healthy.notices.iter().all(|id| told.contains(id)),
            "nobody is told",
        ),
    ];
    let records: Vec<_> = queue
        .records
        .iter()
        .map(|record| (record.reason, record.deliver_again))
        .collect();
    let wrong = checks.iter().filter(|(holds, _)| !holds);
    wrong
        .map(|(_, what)| format!("{}, {call}, {fault:?}: {what}; {records:?}", healthy.case.name))
        .collect()
}

/// One call of each kind that a delivery makes.
fn kinds(healthy: &Healthy) -> Vec<&Call> {
    let mut kinds: Vec<&Call> = Vec::new();
    for call in &healthy.calls {
        if !kinds.iter().any(|known| is_of_a_kind(known, call)) {
            kinds.push(call);
        }
    }
    kinds
}

#[test]
fn a_call_that_fails_in_every_delivery_changes_nothing_innocent_and_is_not_passed_over_in_silence() {
    let mut wrong = Vec::new();
    let mut tried = BTreeSet::new();
    for healthy in healthy() {
        for call in kinds(&healthy) {
            for fault in call.faults() {
                tried.insert(format!("{:?} {fault:?}", discriminant(call)));
                wrong.extend(after(&healthy, call, fault));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried.len() >= 50, "the corpus makes calls of all kinds: {tried:?}");
}
