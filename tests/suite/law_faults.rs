//! Law 8: whatever fails in one call of one delivery, and wherever the function is killed, the deliveries after it come to
//! the same end.

use std::collections::BTreeSet;

use guardrail_testkit::{Call, Fault, Saboteur};

use crate::healthy::{Healthy, healthy, is_of_a_kind, notices, permits, revoked, worlds};

/// Whether a second notice is excused: the reply to a Publish was lost, the function was killed before the mark, or the
/// ledger failed.
fn may_tell_twice(call: &Call, fault: Fault) -> bool {
    match call {
        Call::Tell(_) => matches!(fault, Fault::ReplyLost | Fault::KilledAfter),
        Call::Told => true,
        call => call.is_of_ledger() && !Fault::OF_KILLING.contains(&fault),
    }
}

/// The first delivery fails in one call, and all that come after it are whole.
fn after(healthy: &Healthy, number: usize, fault: Fault) -> Vec<String> {
    let mut queue = healthy.case.queue();
    let saboteur = Saboteur::at(number, fault);
    let killed = queue.deliver(&saboteur).is_none();
    let is_acknowledged = queue.drain();
    let (states, told) = (worlds(&queue.network), notices(&queue));
    let ids: BTreeSet<_> = told.iter().collect();
    let call = &healthy.calls[number];
    let most = healthy.notices.len() + usize::from(may_tell_twice(call, fault));
    let received = usize::try_from(queue.received()).unwrap_or_default();
    let is_a_lie = fault.is_a_lie();
    let checks = [
        (saboteur.has_struck(), "the call was not made"),
        (
            killed == Fault::OF_KILLING.contains(&fault),
            "a delivery that ends leaves a record",
        ),
        (
            queue.records.len() + usize::from(killed) == received,
            "a delivery leaves two records",
        ),
        (is_acknowledged || !healthy.is_acknowledged, "it is not acknowledged"),
        (
            revoked(&queue.network).is_subset(&healthy.revoked),
            "a rule is revoked that would not have been",
        ),
        (!healthy.is_opened_in(&states), "something gets out that did not before"),
        (ids.len() <= 1, "an event and a rule have two notices"),
        (
            intends_before_it_acts(&queue.done),
            "it acts before the intent is put down",
        ),
        (
            is_a_lie || states.last().map(permits) == healthy.states.last().cloned(),
            "it ends in another state",
        ),
        (
            is_a_lie || states.iter().all(|state| healthy.states.contains(&permits(state))),
            "it goes through another state",
        ),
        (
            is_a_lie || healthy.notices.iter().all(|id| ids.contains(id)),
            "a notice is missing",
        ),
        (is_a_lie || told.len() <= most, "a notice is told again"),
    ];
    let records: Vec<_> = queue
        .records
        .iter()
        .map(|record| (record.reason, record.deliver_again))
        .collect();
    let place = format!("{}, call {number} ({call}), {fault:?}", healthy.case.name);
    let wrong = checks.iter().filter(|(holds, _)| !holds);
    wrong.map(|(_, what)| format!("{place}: {what}; {records:?}")).collect()
}

fn intends_before_it_acts(done: &[Call]) -> bool {
    let intent = done.iter().position(|call| *call == Call::Intend);
    let act = done.iter().position(|call| matches!(call, Call::Act(_)));
    act.is_none_or(|act| intent.is_some_and(|intent| intent < act))
}

fn assert_nothing_is_wrong(chosen: impl Fn(&Call, Fault) -> bool) {
    let mut wrong = Vec::new();
    for healthy in healthy() {
        for (number, call) in healthy.calls.iter().enumerate() {
            for fault in call.faults().into_iter().filter(|fault| chosen(call, *fault)) {
                wrong.extend(after(&healthy, number, fault));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_round_of_questions_that_fails_is_made_good_by_the_next_delivery() {
    assert_nothing_is_wrong(|call, fault| *call == Call::Answer && !Fault::OF_KILLING.contains(&fault));
}

#[test]
fn the_corpus_makes_every_call_that_a_delivery_can_make_and_each_fails_in_six_ways_or_more() {
    let mut kinds: Vec<Call> = Vec::new();
    for call in healthy().flat_map(|healthy| healthy.calls) {
        assert!(call.faults().len() >= 6, "{call}: {:?}", call.faults());
        if !kinds.iter().any(|known| is_of_a_kind(known, &call)) {
            kinds.push(call);
        }
    }
    // Questions and notices; authorise, revoke, switch an attribute, a subnet and private DNS, set a policy, delete a route,
    // detach a gateway; claim, recall, intend, settle, told, release.
    assert_eq!(kinds.len(), 16, "{kinds:?}");
}

#[test]
fn an_action_or_a_notice_that_fails_is_made_good() {
    assert_nothing_is_wrong(|call, fault| {
        matches!(call, Call::Act(_) | Call::Tell(_)) && !Fault::OF_KILLING.contains(&fault)
    });
}

#[test]
fn a_call_of_the_ledger_that_fails_is_made_good_by_the_next_delivery() {
    assert_nothing_is_wrong(|call, fault| call.is_of_ledger() && !Fault::OF_KILLING.contains(&fault));
}

#[test]
fn a_function_that_is_killed_at_any_call_is_made_good_by_the_next_delivery() {
    assert_nothing_is_wrong(|_, fault| Fault::OF_KILLING.contains(&fault));
}
