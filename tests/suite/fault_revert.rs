//! Faults on the wire while a revert is made: nothing is left half done, lost, or done twice.

use harness::faults::{Fault, Line, Rule};
use harness::stage::{REVERT_POLICY, Stage};

use crate::flow_revert::{destinations, innocent};
use crate::reading::{comes_again, notice_id, only_record, reason};
use crate::scene::{opens, queue};

/// What must have come of it in the end, whatever failed on the way.
fn assert_closed_once(stage: &Stage, before: &[String], place: &str) {
    let now = destinations(stage);
    assert!(!now.contains(&"0.0.0.0/0".to_owned()), "{place}: still open: {now:?}");
    assert!(now.contains(&"10.0.0.0/8".to_owned()), "{place}: no way left: {now:?}");
    assert!(before.iter().all(|rule| now.contains(rule)), "{place}: {now:?}");
    assert_eq!(now.len(), before.len() + 1, "{place}: {now:?}");
}

/// Opens the group, lets one call fail, and delivers until the queue is empty; returns the records' reasons.
fn play(fault: &Rule, place: &str) -> (Stage, Line, Vec<String>) {
    let (mut stage, line) = Stage::set_with_ledger(REVERT_POLICY).unwrap();
    let (before, others) = (destinations(&stage), innocent(&stage));
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(fault).unwrap();
    let mut queue = queue().max_receives(5);
    queue.send(&record);
    let deliveries = queue.drain(&mut stage.function).unwrap();
    let records: Vec<_> = deliveries
        .iter()
        .map(|delivery| only_record(&delivery.invocation))
        .collect();
    assert!(!line.fired().unwrap().is_empty(), "{place}: the fault never struck");
    assert_closed_once(&stage, &before, place);
    assert_eq!(innocent(&stage), others, "{place}");
    assert!(queue.dead_letters().is_empty(), "{place}: {records:#?}");
    assert!(!comes_again(records.last().unwrap()), "{place}");
    (
        stage,
        line,
        records.iter().map(|record| reason(record).to_owned()).collect(),
    )
}

/// One after the other: each has a stage of its own on the shared emulator.
fn each_closes_once_with_notices_of_one_id(faults: &[(&str, &str, Fault)], most_notices: usize) {
    for (service, action, fault) in faults {
        let place = format!("{action} {fault:?}");
        let (stage, _, reasons) = play(&Rule::on(service, action, fault.clone()).times(1), &place);
        let notices = stage.inbox.messages().unwrap();
        assert!(
            (1..=most_notices).contains(&notices.len()),
            "{place}: {reasons:?}: {notices:#?}"
        );
        assert!(
            notices.iter().all(|notice| notice_id(notice) == notice_id(&notices[0])),
            "{place}"
        );
    }
}

#[test]
fn a_write_whose_reply_is_lost_is_seen_to_be_done_and_not_done_twice() {
    let faults = [
        ("ec2", "AuthorizeSecurityGroupEgress", Fault::ReplyLost),
        ("ec2", "RevokeSecurityGroupEgress", Fault::ReplyLost),
        ("ec2", "AuthorizeSecurityGroupEgress", Fault::Truncated(50)),
        ("ec2", "RevokeSecurityGroupEgress", Fault::Truncated(50)),
    ];
    each_closes_once_with_notices_of_one_id(&faults, 1);
}

#[test]
fn a_write_that_never_arrives_is_made_again() {
    let faults = [
        ("ec2", "AuthorizeSecurityGroupEgress", Fault::Reset),
        ("ec2", "RevokeSecurityGroupEgress", Fault::Reset),
        ("ec2", "AuthorizeSecurityGroupEgress", Fault::Throttled),
        ("ec2", "RevokeSecurityGroupEgress", Fault::Throttled),
    ];
    each_closes_once_with_notices_of_one_id(&faults, 1);
}

#[test]
fn a_write_that_is_refused_once_is_finished_by_the_next_delivery() {
    let faults = [
        ("ec2", "AuthorizeSecurityGroupEgress", Fault::Denied),
        ("ec2", "RevokeSecurityGroupEgress", Fault::Denied),
    ];
    for (service, action, fault) in faults {
        let (stage, _, reasons) = play(&Rule::on(service, action, fault).times(1), action);
        assert_eq!(reasons, ["revert_failed", "reverted"], "{action}");
        assert_eq!(stage.inbox.messages().unwrap().len(), 1, "{action}");
    }
}

#[test]
fn the_ledgers_lost_replies_neither_act_twice_nor_keep_silent() {
    let faults = [
        ("dynamodb", "UpdateItem", Fault::ReplyLost),
        ("dynamodb", "TransactWriteItems", Fault::ReplyLost),
        ("dynamodb", "BatchGetItem", Fault::ReplyLost),
        ("dynamodb", "UpdateItem", Fault::Throttled),
        ("dynamodb", "TransactWriteItems", Fault::Reset),
    ];
    each_closes_once_with_notices_of_one_id(&faults, 2);
}

#[test]
fn without_its_ledger_nothing_is_taken_back_and_everything_is_told() {
    let (mut stage, line) = Stage::set_with_ledger(REVERT_POLICY).unwrap();
    let record = opens(&stage, "0.0.0.0/0");
    let open = destinations(&stage);
    line.fail(&Rule::on_all("dynamodb", Fault::Denied)).unwrap();
    let mut queue = queue().max_receives(2);
    queue.send(&record);
    let deliveries = queue.drain(&mut stage.function).unwrap();
    for delivery in &deliveries {
        let record = only_record(&delivery.invocation);
        assert_eq!((reason(&record), comes_again(&record)), ("found", true), "{record:#}");
        assert!(
            record["ledger_error"]
                .as_str()
                .is_some_and(|error| error.contains("dynamodb:")),
            "{record:#}"
        );
    }
    assert_eq!(destinations(&stage), open);
    assert_eq!(queue.dead_letters().len(), 1, "the alarm rings, and it can be put back");
    let notices = stage.inbox.messages().unwrap();
    assert!(!notices.is_empty());
    assert!(notices.iter().all(|notice| notice_id(notice) == notice_id(&notices[0])));
}

#[test]
fn a_revert_that_is_throttled_to_the_end_is_told_at_the_last_delivery_and_ends_among_the_dead_letters() {
    let (mut stage, line) = Stage::set_with_ledger(REVERT_POLICY).unwrap();
    let record = opens(&stage, "0.0.0.0/0");
    let open = destinations(&stage);
    line.fail(&Rule::on("ec2", "AuthorizeSecurityGroupEgress", Fault::Throttled))
        .unwrap();
    let mut queue = queue().max_receives(5);
    queue.send(&record);
    let deliveries = queue.drain(&mut stage.function).unwrap();
    assert_eq!(deliveries.len(), 5);
    assert_eq!(destinations(&stage), open, "what could not be replaced was not revoked");
    assert_eq!(queue.dead_letters().len(), 1);
    let notices = stage.inbox.messages().unwrap();
    assert_eq!(notices.len(), 1, "{notices:#?}");
    assert!(
        notices[0].json()["text"].to_string().contains("NOT TAKEN BACK"),
        "{notices:#?}"
    );
}

#[test]
fn a_topic_that_is_down_for_a_delivery_is_told_by_the_next_without_acting_again() {
    let (mut stage, line) = Stage::set_with_ledger(REVERT_POLICY).unwrap();
    let before = destinations(&stage);
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(&Rule::on("sns", "Publish", Fault::Denied).times(1)).unwrap();
    let mut queue = queue().max_receives(5);
    queue.send(&record);
    let deliveries = queue.drain(&mut stage.function).unwrap();
    assert_eq!(deliveries.len(), 2);
    assert_closed_once(&stage, &before, "SNS down");
    let notices = stage.inbox.messages().unwrap();
    assert_eq!(notices.len(), 1, "{notices:#?}");
    let actions = stage.calls.take().unwrap();
    assert_eq!(actions.of("RevokeSecurityGroupEgress"), 1);
    assert!(notices[0].json()["text"].to_string().contains("TAKEN BACK"));
}
