//! Every call that a revert makes, failing on the wire in every way: once, and until the message is a dead letter.
//!
//! What must come of it stands in [`CALLS`]. In the end it is always the same: the door is closed once, nobody else's
//! things are changed, it was told under one id, the ledger says so, and keeps the record that an undo needs.

use std::time::Duration;

use harness::faults::{Fault, Line, Rule};
use harness::picture::Picture;
use harness::queue::Queue;
use harness::record::Record;
use harness::stage::{Setting, Stage};
use serde_json::Value;

use crate::reading::{comes_again, text_at, told};
use crate::revert::{NARROWED, assert_only_added, clear, drain, opens, reasons_of, side_by_side, tireless, writes};
use crate::scene::queue;

/// How many stages play at once: most cases wait for pauses and time-outs.
const STAGES: usize = 6;

/// Longer than any call is waited for.
const LONG: Duration = Duration::from_secs(60);

const OPEN: &[&str] = &["-1 0.0.0.0/0"];
const BOTH: &[&str] = &["-1 0.0.0.0/0", "-1 10.0.0.0/8"];

/// What comes of an event: the reasons of its deliveries, how many notices, and the rules that are there besides.
#[derive(Debug, Clone, Copy)]
struct Course {
    reasons: &'static [&'static str],
    notices: usize,
    leaves: &'static [&'static str],
}

const fn course(reasons: &'static [&'static str], notices: usize, leaves: &'static [&'static str]) -> Course {
    Course {
        reasons,
        notices,
        leaves,
    }
}

/// A call of the protocol, and what comes of it where AWS refuses it once, and where it fails as often as it is made.
#[derive(Debug, Clone, Copy)]
struct Call {
    what: &'static str,
    service: &'static str,
    /// Without one it is every call of the service.
    action: Option<&'static str>,
    /// How many others of that kind come before it.
    spared: u32,
    once: Option<Course>,
    for_good: Course,
}

const fn call(
    what: &'static str,
    (service, action, spared): (&'static str, &'static str, u32),
    courses: [Course; 2],
) -> Call {
    let [once, for_good] = courses;
    Call {
        what,
        service,
        action: Some(action),
        spared,
        once: Some(once),
        for_good,
    }
}

const fn ledger_gone(what: &'static str, spared: u32, for_good: Course) -> Call {
    Call {
        what,
        service: "dynamodb",
        action: None,
        spared,
        once: None,
        for_good,
    }
}

/// A look at the network: nothing is known, so nothing is said and nothing is done.
const LOOK: [Course; 2] = [
    course(&["undecided", "reverted"], 1, &NARROWED),
    course(&["undecided"; 3], 0, OPEN),
];
/// The ledger before anything is done: without it nothing is done, and each delivery tells.
const UNTRACKED: [Course; 2] = [
    course(&["found", "reverted"], 2, &NARROWED),
    course(&["found"; 3], 3, OPEN),
];
/// The two writes: what fails is told at the last delivery.
const MAKE: [Course; 2] = [
    course(&["revert_failed", "reverted"], 1, &NARROWED),
    course(&["revert_failed"; 3], 1, OPEN),
];
const TAKE: [Course; 2] = [
    course(&["revert_failed", "reverted"], 1, &NARROWED),
    course(&["revert_failed"; 3], 1, BOTH),
];
/// The look afterwards: it is done and told all the same.
const VERIFY: [Course; 2] = [course(&["reverted"], 1, &NARROWED); 2];
/// The outcome: told each time, until it is put down.
const OUTCOME: [Course; 2] = [
    course(&["reverted", "reverted"], 2, &NARROWED),
    course(&["reverted"; 3], 3, &NARROWED),
];
const PUBLISH: [Course; 2] = [
    course(&["reverted", "reverted"], 1, &NARROWED),
    course(&["reverted"; 3], 0, &NARROWED),
];
/// The mark that it was told. Where it fails for good, so do the claims of later deliveries: these find what was opened
/// gone, and do not take it for somebody else's doing.
const MARK: [Course; 2] = [
    course(&["reverted", "reverted"], 2, &NARROWED),
    course(&["reverted", "already_gone", "already_gone"], 1, &NARROWED),
];

const CALLS: [Call; 15] = [
    call("the claim", ("dynamodb", "UpdateItem", 0), UNTRACKED),
    call("the VPC", ("ec2", "DescribeVpcs", 0), LOOK),
    call("the group", ("ec2", "DescribeSecurityGroups", 0), LOOK),
    call("its rules", ("ec2", "DescribeSecurityGroupRules", 0), LOOK),
    call("the endpoints", ("ec2", "DescribeVpcEndpoints", 0), LOOK),
    call("the past", ("dynamodb", "BatchGetItem", 0), UNTRACKED),
    call("the intent", ("dynamodb", "TransactWriteItems", 0), UNTRACKED),
    call("authorising", ("ec2", "AuthorizeSecurityGroupEgress", 0), MAKE),
    call("revoking", ("ec2", "RevokeSecurityGroupEgress", 0), TAKE),
    call("the look afterwards", ("ec2", "DescribeSecurityGroupRules", 1), VERIFY),
    call("the outcome", ("dynamodb", "TransactWriteItems", 1), OUTCOME),
    call("the notice", ("sns", "Publish", 0), PUBLISH),
    call("the mark", ("dynamodb", "UpdateItem", 1), MARK),
    ledger_gone("the ledger from the intent on", 2, course(&["found"; 3], 3, OPEN)),
    ledger_gone("the ledger from the outcome on", 3, MARK[1]),
];

/// A stage, its line to AWS, and how it looks before anything happens.
struct Set {
    stage: Stage,
    line: Line,
    before: Picture,
}

fn set() -> Set {
    let setting = Setting::of(&tireless()).with_ledger().max_receives(3);
    let (stage, line) = setting.set_with_faults().unwrap();
    let before = stage.picture().unwrap();
    Set { stage, line, before }
}

/// One event on its way, while a call fails.
struct Played {
    record: Record,
    queue: Queue,
    records: Vec<Value>,
    notices: Vec<Value>,
}

impl Set {
    /// Somebody opens the group, and its event is delivered as often as it comes.
    fn play(&mut self, call: &Call, fault: &Fault, times: Option<u32>, place: &str) -> Played {
        self.start_again();
        let record = opens(
            &self.stage.person().unwrap(),
            &self.stage.network.app_group,
            "0.0.0.0/0",
        );
        let fired = self.line.fired().unwrap().len();
        self.line.fail(&rule(call, fault, times)).unwrap();
        let mut queue = queue().max_receives(3);
        queue.send(&record);
        let records = drain(&mut self.stage, &mut queue);
        assert!(
            self.line.fired().unwrap().len() > fired,
            "{place}: the fault never struck"
        );
        self.line.mend().unwrap();
        let notices = self.notices();
        Played {
            record,
            queue,
            records,
            notices,
        }
    }

    fn start_again(&mut self) {
        clear(&self.stage);
        writes(&mut self.stage);
    }

    fn notices(&self) -> Vec<Value> {
        let notices = self.stage.inbox.messages().unwrap();
        notices.iter().map(harness::inbox::Notice::json).collect()
    }

    /// It went as it should: reasons, notices, dead letters, rules.
    fn assert_is(&self, played: &Played, course: &Course, place: &str) {
        let Played {
            queue,
            records,
            notices,
            ..
        } = played;
        assert_eq!(reasons_of(records), course.reasons, "{place}: {records:#?}");
        assert_eq!(notices.len(), course.notices, "{place}: {notices:#?}");
        let (last, earlier) = records.split_last().unwrap();
        assert!(earlier.iter().all(comes_again), "{place}: {earlier:#?}");
        let dead = queue.dead_letters().len();
        assert_eq!(
            dead,
            usize::from(comes_again(last)),
            "{place}: what is not done with is a dead letter"
        );
        let says_so = |notice: &Value| text_at(notice, "/text").contains("NOT TAKEN BACK");
        let failed = course.reasons.last() == Some(&"revert_failed");
        assert_eq!(notices.iter().any(says_so), failed, "{place}: {notices:#?}");
        if course.leaves != NARROWED {
            assert_only_added(&self.stage, &self.before, course.leaves, place);
        }
    }

    /// What must hold in the end, whatever failed on the way.
    fn assert_ends_well(&mut self, records: &[Value], notices: &[Value], place: &str) {
        assert_only_added(&self.stage, &self.before, &NARROWED, place);
        assert_eq!(writes(&mut self.stage), (1, 1), "{place}: made once, taken away once");
        let ids: Vec<_> = records.iter().flat_map(told).map(|(id, _)| id).collect();
        let told_ids = notices.iter().map(|notice| text_at(notice, "/notice_id"));
        assert!(
            told_ids.chain(ids.iter().map(String::as_str)).all(|id| id == ids[0]),
            "{place}: one id"
        );
        let sent = records
            .iter()
            .flat_map(told)
            .filter(|(_, error)| error.is_none())
            .count();
        assert!(
            (1..=notices.len()).contains(&sent),
            "{place}: the records say who was told"
        );
        let ledger = self.stage.ledger.as_ref().unwrap();
        assert_eq!(ledger.stages().unwrap(), ["told"], "{place}");
        let last = notices.last().unwrap();
        assert!(text_at(last, "/text").contains("TAKEN BACK"), "{place}: {last:#}");
        let last = text_at(last, "/record_id");
        assert_eq!(
            ledger.items(last).unwrap().len(),
            1,
            "{place}: `guardrail undo {last}` finds it"
        );
    }

    /// The dead letter is put back into the queue.
    fn redrive(&mut self, played: &mut Played, place: &str) {
        let mut again = queue();
        again.send(&played.record);
        let records = drain(&mut self.stage, &mut again);
        assert_eq!(reasons_of(&records), ["reverted"], "{place}, redriven: {records:#?}");
        let notices = self.notices();
        assert_eq!(notices.len(), 1, "{place}, redriven: {notices:#?}");
        played.records.extend(records);
        played.notices.extend(notices);
    }
}

fn rule(call: &Call, fault: &Fault, times: Option<u32>) -> Rule {
    let rule = match call.action {
        Some(action) => Rule::on(call.service, action, fault.clone()),
        None => Rule::on_all(call.service, fault.clone()),
    };
    let rule = rule.after(call.spared);
    match times {
        Some(times) => rule.times(times),
        None => rule,
    }
}

fn is_write(call: &Call) -> bool {
    call.service == "ec2" && !call.action.is_some_and(|action| action.starts_with("Describe"))
}

fn with_each<'f>(calls: &'f [Call], faults: &'f [Fault]) -> impl Iterator<Item = (&'f Call, &'f Fault)> {
    faults
        .iter()
        .flat_map(move |fault| calls.iter().map(move |call| (call, fault)))
}

#[test]
fn what_goes_wrong_once_on_the_wire_is_mended_within_the_delivery() {
    let faults = [
        Fault::HeldOpen(LONG),
        Fault::Throttled,
        Fault::Reset,
        Fault::ReplyLost,
        Fault::Cut(50),
        Fault::Truncated(50),
    ];
    let calls: Vec<Call> = CALLS.into_iter().filter(|call| call.once.is_some()).collect();
    side_by_side(
        STAGES,
        set,
        with_each(&calls, &faults),
        |set: &mut Set, (call, fault)| {
            let place = format!("{}: {fault:?} once", call.what);
            let played = set.play(call, fault, Some(1), &place);
            // SNS cannot be asked whether a message whose reply was lost was sent.
            let is_told_twice = call.service == "sns" && matches!(fault, Fault::ReplyLost | Fault::Cut(_));
            let course = course(&["reverted"], 1 + usize::from(is_told_twice), &NARROWED);
            set.assert_is(&played, &course, &place);
            set.assert_ends_well(&played.records, &played.notices, &place);
        },
    );
}

#[test]
fn what_is_refused_once_is_finished_by_the_next_delivery() {
    side_by_side(STAGES / 2, set, &CALLS, |set: &mut Set, call| {
        let Some(course) = &call.once else { return };
        let place = format!("{}: refused once", call.what);
        let played = set.play(call, &Fault::Denied, Some(1), &place);
        set.assert_is(&played, course, &place);
        set.assert_ends_well(&played.records, &played.notices, &place);
    });
}

#[test]
fn what_fails_for_good_is_a_dead_letter_that_ends_well_once_it_is_put_back() {
    // A write may have been made where the connection was reset, so it is read again; a look is just tried again.
    let writes: Vec<Call> = CALLS.into_iter().filter(is_write).collect();
    let cases = with_each(&writes, &[Fault::Reset]).chain(with_each(&CALLS, &[Fault::Throttled, Fault::Denied]));
    side_by_side(STAGES, set, cases, |set: &mut Set, (call, fault)| {
        let place = format!("{}: {fault:?} for good", call.what);
        let mut played = set.play(call, fault, None, &place);
        set.assert_is(&played, &call.for_good, &place);
        if !played.queue.dead_letters().is_empty() {
            set.redrive(&mut played, &place);
        }
        set.assert_ends_well(&played.records, &played.notices, &place);
    });
}
