//! Law 8: two deliveries of one event at the same time come to the same end as one, and whoever has lost its claim marks
//! nothing any more.

use std::pin::pin;

use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::record::{Handled, Record, RecordReason};
use guardrail_runner::ports::Clock as _;
use guardrail_testkit::{Call, Fault, Faulty, Ports, Queue, Saboteur, SteppedClock, going, now};

use crate::healthy::{Healthy, healthy, notices, revoked, states};

/// The first delivery stands still at one call, a second one begins so much later and comes to its end, then the first goes
/// on. Returns the record of the first and what it called from then on.
fn overtaken(queue: &mut Queue, number: usize, later: SignedDuration) -> (Record, Record, Vec<Call>) {
    let saboteur = Saboteur::at(number, Fault::Held);
    let ledger = queue.ledger.clone().expect("cases with a ledger alone are played");
    let network = Faulty::under(&saboteur, &queue.network);
    let (tell, keep) = (
        Faulty::under(&saboteur, &queue.topic),
        Faulty::under(&saboteur, &ledger),
    );
    let ports = Ports {
        answer: &network,
        act: &network,
        tell: &tell,
        keep: Some(&keep),
    };
    queue.receive();
    let (desk, event) = (queue.desk.clone(), queue.event.clone());
    let clock = SteppedClock::at(desk.time);
    let mut first = pin!(desk.deliver_by(&clock, &event, ports));
    assert!(going(first.as_mut()).is_none(), "it is held up at call {number}");
    let until = saboteur.made().len();
    queue.pass(later);
    now(clock.wait(later.unsigned_abs()));
    let second = queue.deliver(&Saboteur::idle()).expect("nobody kills the second");
    saboteur.let_go();
    let first = going(first).expect("it is let go");
    (first, second, saboteur.made().split_off(until))
}

/// What is wrong after both have come to their ends and the event was delivered until it was acknowledged.
fn wrong_in(healthy: &Healthy, queue: &mut Queue, first: &Record, most_notices: usize) -> Vec<&'static str> {
    let is_acknowledged = !first.deliver_again || queue.drain();
    let told = notices(queue);
    let checks = [
        (is_acknowledged || !healthy.is_acknowledged, "it is not acknowledged"),
        (
            states(&queue.network).last() == healthy.states.last(),
            "it ends in another state",
        ),
        (
            states(&queue.network)
                .iter()
                .all(|state| healthy.states.contains(state)),
            "it goes through another state",
        ),
        (
            revoked(&queue.network).is_subset(&healthy.revoked),
            "another rule is revoked",
        ),
        (
            healthy.notices.iter().all(|id| told.contains(id)),
            "a notice is missing",
        ),
        (
            told.len() <= most_notices && told.iter().all(|id| healthy.notices.contains(id)),
            "a notice is told again",
        ),
    ];
    checks
        .iter()
        .filter(|(holds, _)| !holds)
        .map(|(_, what)| *what)
        .collect()
}

fn assert_nothing_is_wrong(check: impl Fn(&Healthy, usize) -> Vec<&'static str>) {
    let mut wrong = Vec::new();
    for healthy in healthy() {
        for (number, call) in healthy.calls.iter().enumerate() {
            let place = format!("{}, call {number} ({call})", healthy.case.name);
            wrong.extend(check(&healthy, number).iter().map(|what| format!("{place}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_delivery_while_another_is_at_it_is_handed_back_and_does_nothing() {
    assert_nothing_is_wrong(|healthy, number| {
        let mut queue = healthy.case.queue();
        let (first, second, _) = overtaken(&mut queue, number, SignedDuration::from_secs(5));
        let is_claimed = number > 0;
        let in_other_hands = second.reason == RecordReason::Handled(Handled::InOtherHands);
        let mut wrong = wrong_in(healthy, &mut queue, &first, healthy.notices.len());
        if is_claimed && !(in_other_hands && second.deliver_again && second.told.is_empty()) {
            wrong.push("the second delivery was not handed back");
        }
        wrong
    });
}

#[test]
fn a_delivery_whose_lease_is_over_acts_and_marks_nothing_once_the_ledger_tells_it() {
    assert_nothing_is_wrong(|healthy, number| {
        let mut queue = healthy.case.queue();
        let (first, _, after) = overtaken(&mut queue, number, SignedDuration::from_secs(90));
        // What it had begun to tell before it stood still goes out, and the second delivery has told it, too.
        let told = after.iter().filter(|call| matches!(call, Call::Tell(_))).count();
        let tells = matches!(healthy.calls[number], Call::Tell(_) | Call::Told) || told > 0;
        let most = healthy.notices.len() + usize::from(tells);
        let mut wrong = wrong_in(healthy, &mut queue, &first, most);
        let writes = after
            .iter()
            .position(|call| matches!(call, Call::Intend | Call::Settle | Call::Told | Call::Release));
        let goes_on = writes.is_some_and(|write| after[write + 1..].iter().any(|call| !matches!(call, Call::Release)));
        if goes_on {
            wrong.push("it goes on after the ledger told it");
        }
        wrong
    });
}
