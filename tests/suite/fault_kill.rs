//! A function that is killed between two steps, and two functions with the same message at once: at every step there is.

use std::thread;
use std::time::Duration;

use harness::calls::Calls;
use harness::function::{Function, Outcome};
use harness::gate::Hold;
use harness::picture::Picture;
use harness::queue::Queue;
use harness::record::Record;
use harness::stage::{Setting, Stage};

use crate::reading::{comes_again, only_notice, only_record, reason, text_at};
use crate::revert::{
    NARROWED, assert_only_added, clear, deliver_now, drain, notices_of_one_id, opens, reasons_of, side_by_side,
    tireless, writes_among,
};
use crate::scene::queue;

/// How many stages play at once.
const STAGES: usize = 4;
/// More calls than a function makes for a revert.
const STEPS: usize = 20;
/// Fewer than it makes, started just now or warm.
const SURELY: usize = 10;

struct Set {
    stage: Stage,
    /// Another instance of the same function.
    second: Function,
    before: Picture,
}

fn set() -> Set {
    let stage = Setting::of(&tireless()).with_ledger().set().unwrap();
    let before = stage.picture().unwrap();
    let second = stage.function.another().unwrap();
    Set { stage, second, before }
}

impl Set {
    /// Somebody opens the group.
    fn opened(&mut self) -> Record {
        clear(&self.stage);
        self.stage.calls.take().unwrap();
        opens(
            &self.stage.person().unwrap(),
            &self.stage.network.app_group,
            "0.0.0.0/0",
        )
    }

    /// What must hold in the end; `calls` are those that were looked at already. Gives how many notices came.
    fn assert_ends_well(&mut self, mut calls: Calls, place: &str) -> usize {
        calls.0.extend(self.stage.calls.take().unwrap().0);
        assert_only_added(&self.stage, &self.before, &NARROWED, place);
        assert_eq!(writes_among(&calls), (1, 1), "{place}: made once, taken away once");
        let ledger = self.stage.ledger.as_ref().unwrap();
        assert_eq!(ledger.stages().unwrap(), ["told"], "{place}");
        assert_eq!(ledger.items("record-").unwrap().len(), 1, "{place}: the record is kept");
        notices_of_one_id(&self.stage, place)
    }
}

/// A queue with one message.
fn holding(record: &Record) -> Queue {
    let mut queue = queue().max_receives(5);
    queue.send(record);
    queue
}

/// Delivers to a function that is killed as soon as its call comes to the gate; whether it was.
fn deliver_and_kill(stage: &mut Stage, queue: &mut Queue, hold: &Hold) -> bool {
    let gate = stage.gate(hold).unwrap();
    let now = || gate.is_reached().unwrap();
    let delivery = queue.deliver_and_kill(&mut stage.function, &now).unwrap().unwrap();
    delivery.invocation.outcome == Outcome::Killed
}

#[test]
fn killed_after_any_call_the_next_delivery_finishes_what_was_begun() {
    side_by_side(STAGES, set, 1..=STEPS, |set: &mut Set, step| {
        let record = set.opened();
        let mut queue = holding(&record);
        set.stage.function.kill(); // always a new process, so that the steps are the same
        let is_killed = deliver_and_kill(&mut set.stage, &mut queue, &Hold::after_call(step));
        let calls = set.stage.calls.take().unwrap();
        let last = calls.0.last().map(|call| call.action.clone()).unwrap_or_default();
        let place = format!("killed after call {step}, {last}");
        if !is_killed {
            assert!(step > SURELY, "{place}: there was no such call");
            assert_eq!(set.assert_ends_well(calls, &place), 1);
            return;
        }
        let marked = set.stage.ledger.as_ref().unwrap().stages().unwrap() == ["told"];
        let records = drain(&mut set.stage, &mut queue);
        let comes_to = if marked { "handled_before" } else { "reverted" };
        assert_eq!(reasons_of(&records), [comes_to], "{place}: {records:#?}");
        // Between the notice and the mark nobody can know that it was sent.
        let notices = 1 + usize::from(last == "Publish");
        assert_eq!(set.assert_ends_well(calls, &place), notices, "{place}");
    });
}

#[test]
fn as_long_as_a_killed_function_might_run_nobody_else_takes_its_event_over() {
    let mut set = set();
    let record = set.opened();
    let mut queue = holding(&record);
    assert!(deliver_and_kill(
        &mut set.stage,
        &mut queue,
        &Hold::after("AuthorizeSecurityGroupEgress")
    ));
    let visibility = queue.visibility();
    queue.elapse(visibility); // for the queue alone: the lease holds on
    let early = only_record(&deliver_now(&mut set.stage, &mut queue).invocation);
    assert_eq!((reason(&early), comes_again(&early)), ("in_other_hands", true));
    let records = drain(&mut set.stage, &mut queue);
    assert_eq!(reasons_of(&records), ["reverted"]);
    assert_eq!(set.assert_ends_well(Calls::default(), "after the lease"), 1);
}

#[test]
fn a_kill_switch_that_is_thrown_while_a_revert_is_broken_off_stops_the_rest_of_it() {
    let both = ["-1 0.0.0.0/0", "-1 10.0.0.0/8"];
    for (last, comes_to, leaves, steps_done) in [
        ("TransactWriteItems", "revert_stopped", &both[..1], 0),
        ("AuthorizeSecurityGroupEgress", "revert_stopped", &both[..], 1),
        ("RevokeSecurityGroupEgress", "reverted", &NARROWED[..], 2),
    ] {
        let setting = Setting::of(&tireless()).with_ledger().with_kill_switch("revert");
        let mut stage = setting.set().unwrap();
        let before = stage.picture().unwrap();
        let record = opens(&stage.person().unwrap(), &stage.network.app_group, "0.0.0.0/0");
        let mut queue = holding(&record);
        assert!(deliver_and_kill(&mut stage, &mut queue, &Hold::after(last)));
        stage.kill_switch.as_ref().unwrap().turn("notify").unwrap();
        let records = drain(&mut stage, &mut queue);
        assert_eq!(reasons_of(&records), [comes_to], "after {last}: {records:#?}");
        assert_only_added(&stage, &before, leaves, last);
        let body = only_notice(&stage).json();
        let text = text_at(&body, "/text");
        let is_stopped = text.contains("STOPPED before it was taken back, because the kill switch caps it");
        assert_eq!(is_stopped, comes_to == "revert_stopped", "after {last}:\n{text}");
        let so_already = text.matches("it was so already").count();
        assert_eq!(so_already, steps_done, "after {last}:\n{text}");
    }
}

/// The first is held at each of its calls in turn, while the second has the message from its first step to its last.
#[test]
fn two_functions_with_one_message_close_the_door_once_and_tell_once() {
    side_by_side(STAGES, set, 1..=STEPS, |set: &mut Set, step| {
        let record = set.opened();
        let hold = match step {
            1 => Hold::first(),
            _ => Hold::after_call(step - 1),
        };
        let place = format!("two at once, held {hold}");
        let gate = set.stage.gate(&hold).unwrap();
        let (mut to_first, mut to_second) = (holding(&record), holding(&record));
        let first = &mut set.stage.function;
        let (is_held, first, second) = thread::scope(|scope| {
            let first = scope.spawn(|| to_first.deliver(first).unwrap().unwrap());
            while !gate.is_reached().unwrap() && !first.is_finished() {
                thread::sleep(Duration::from_millis(5));
            }
            let is_held = gate.is_reached().unwrap();
            let second = to_second.deliver(&mut set.second).unwrap().unwrap();
            gate.open().unwrap();
            (
                is_held,
                only_record(&first.join().unwrap().invocation),
                only_record(&second.invocation),
            )
        });
        assert!(is_held || step > SURELY, "{place}: there was no such call");
        match (reason(&first), reason(&second)) {
            // A claim that is held for too long is sent again.
            ("handled_before" | "in_other_hands", "reverted") => assert_eq!(step, 1, "{place}: before the claim"),
            ("reverted", "in_other_hands") => assert!(comes_again(&second), "{place}"),
            ("reverted", "handled_before") => assert!(step > SURELY, "{place}: after the mark"),
            other => panic!("{place}: {other:?}"),
        }
        assert_eq!(set.assert_ends_well(Calls::default(), &place), 1, "{place}");
    });
}

#[test]
fn two_functions_that_race_for_one_message_close_the_door_once_and_tell_once() {
    let mut set = set();
    for round in 0..5 {
        let record = set.opened();
        let (mut to_first, mut to_second) = (holding(&record), holding(&record));
        let first = &mut set.stage.function;
        let mut records = thread::scope(|scope| {
            let first = scope.spawn(|| to_first.deliver(first).unwrap().unwrap());
            let second = to_second.deliver(&mut set.second).unwrap().unwrap();
            [
                only_record(&first.join().unwrap().invocation),
                only_record(&second.invocation),
            ]
        });
        records.sort_by_key(|record| reason(record) == "reverted");
        let [other, done] = &records;
        assert_eq!(reason(done), "reverted");
        assert!(
            ["in_other_hands", "handled_before"].contains(&reason(other)),
            "{other:#?}"
        );
        let place = format!("race {round}");
        assert_eq!(set.assert_ends_well(Calls::default(), &place), 1);
    }
}
