//! Faults between the function and AWS, on the wire: nothing is lost, and nothing unknown passes for
//! clean.

use std::time::Duration;

use harness::faults::{Fault, Line, Rule};
use harness::function::Outcome;
use harness::stage::{NOTIFY_POLICY, Stage};

use crate::reading::{assert_silence, comes_again, notice_id, only_notice, only_record, reason, reasons, told};
use crate::scene::{SETTLED, deliver, deliver_done, opens, queue};

fn stage_with_faults() -> (Stage, Line) {
    Stage::set_with_faults(NOTIFY_POLICY).unwrap()
}

#[test]
fn two_throttled_calls_are_tried_again_within_the_delivery() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(&Rule::on_all("ec2", Fault::Throttled).times(2)).unwrap();
    let invocation = deliver_done(&mut stage, &record);
    assert_eq!(reasons(&invocation), ["found"]);
    assert_eq!(line.fired().unwrap().len(), 2);
    only_notice(&stage);
}

#[test]
fn a_connection_reset_once_is_tried_again_within_the_delivery() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(&Rule::on_all("ec2", Fault::Reset).times(1)).unwrap();
    let invocation = deliver_done(&mut stage, &record);
    assert_eq!(reasons(&invocation), ["found"]);
    assert_eq!(line.fired().unwrap().len(), 1);
    only_notice(&stage);
}

#[test]
fn what_may_not_be_read_is_never_clean_and_ends_among_the_dead_letters() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(&Rule::on_all("ec2", Fault::Denied)).unwrap();
    let mut queue = queue();
    queue.send(&record);
    let deliveries = queue.drain(&mut stage.function).unwrap();
    assert_eq!(deliveries.len(), 3);
    for delivery in &deliveries {
        let record = only_record(&delivery.invocation);
        assert_eq!((reason(&record), comes_again(&record)), ("undecided", true));
        let said = record.to_string();
        assert!(
            said.contains("unreadable") && said.contains("UnauthorizedOperation"),
            "says why: {record:#}"
        );
    }
    assert_eq!(queue.dead_letters().len(), 1);
    assert!(!line.fired().unwrap().is_empty());
    assert_silence(&stage);
}

#[test]
fn each_read_that_is_denied_keeps_the_event_from_passing_for_clean() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0");
    stage.calls.take().unwrap();
    deliver_done(&mut stage, &record);
    only_notice(&stage);
    let mut reads: Vec<_> = stage
        .calls
        .take()
        .unwrap()
        .0
        .into_iter()
        .filter(|call| call.service == "ec2")
        .collect();
    reads.sort_by(|one, two| one.action.cmp(&two.action));
    reads.dedup_by(|one, two| one.action == two.action);
    assert!(!reads.is_empty());
    for read in reads {
        stage.function.kill(); // a new process remembers no list
        line.fail(&Rule::on("ec2", &read.action, Fault::Denied)).unwrap();
        let delivery = deliver(&mut stage, &record);
        assert_eq!(delivery.returned.len(), 1, "{} denied", read.action);
        assert_eq!(reasons(&delivery.invocation), ["undecided"], "{} denied", read.action);
        line.mend().unwrap();
    }
    assert_silence(&stage);
}

/// Half an XML list parses as a shorter one, or as none.
#[test]
fn truncated_replies_never_pass_for_an_empty_network() {
    for part in [10, 25, 40, 50, 60, 75, 90] {
        for aged in [Duration::ZERO, SETTLED] {
            let (mut stage, line) = stage_with_faults();
            let record = opens(&stage, "0.0.0.0/0").aged(aged);
            line.fail(&Rule::on_all("ec2", Fault::Truncated(part))).unwrap();
            let mut queue = queue();
            queue.send(&record);
            let first = queue.deliver(&mut stage.function).unwrap().unwrap();
            assert!(!line.fired().unwrap().is_empty(), "{part} %");
            line.mend().unwrap();
            let mut notices = stage.inbox.messages().unwrap();
            if !first.returned.is_empty() {
                queue.drain(&mut stage.function).unwrap();
                notices.extend(stage.inbox.messages().unwrap());
            }
            assert_eq!(
                notices.len(),
                1,
                "told once in the end, at {part} %, {aged:?}: {:#?}",
                first.invocation
            );
            assert!(queue.dead_letters().is_empty());
        }
    }
}

#[test]
fn one_truncated_list_of_rules_is_read_again() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0").aged(SETTLED);
    line.fail(&Rule::on("ec2", "DescribeSecurityGroupRules", Fault::Truncated(50)).times(1))
        .unwrap();
    let mut queue = queue();
    queue.send(&record);
    queue.drain(&mut stage.function).unwrap();
    assert_eq!(line.fired().unwrap().len(), 1);
    only_notice(&stage);
}

#[test]
fn a_reply_that_breaks_off_is_read_again() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(&Rule::on_all("ec2", Fault::Cut(50)).times(1)).unwrap();
    let mut queue = queue();
    queue.send(&record);
    queue.drain(&mut stage.function).unwrap();
    assert_eq!(line.fired().unwrap().len(), 1);
    only_notice(&stage);
}

#[test]
fn a_connection_held_open_does_not_hold_the_function() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(&Rule::on_all("ec2", Fault::HeldOpen(Duration::from_secs(300))))
        .unwrap();
    let mut queue = queue();
    queue.send(&record);
    let first = queue.deliver(&mut stage.function).unwrap().unwrap();
    assert!(
        matches!(first.invocation.outcome, Outcome::Response(_)),
        "answers in time: {:#?}",
        first.invocation
    );
    assert_eq!(reasons(&first.invocation), ["undecided"]);
    line.mend().unwrap();
    queue.drain(&mut stage.function).unwrap();
    only_notice(&stage);
}

#[test]
fn a_message_that_sns_refuses_once_is_sent_again_within_the_delivery() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(&Rule::on("sns", "Publish", Fault::Error("InternalError", 500)).times(1))
        .unwrap();
    deliver_done(&mut stage, &record);
    assert_eq!(line.fired().unwrap().len(), 1);
    only_notice(&stage);
}

#[test]
fn with_sns_down_for_a_whole_delivery_the_event_comes_again_and_is_told_once() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(&Rule::on("sns", "Publish", Fault::Error("InternalError", 500)))
        .unwrap();
    let mut queue = queue();
    let id = queue.send(&record);
    let first = queue.deliver(&mut stage.function).unwrap().unwrap();
    assert_eq!(first.returned, std::slice::from_ref(&id));
    let untold = only_record(&first.invocation);
    assert!(comes_again(&untold));
    let [(notice, Some(why))] = &told(&untold)[..] else {
        panic!("one notice, not sent: {untold:#}")
    };
    assert!(!why.is_empty());
    assert_silence(&stage);

    line.mend().unwrap();
    let later = queue.drain(&mut stage.function).unwrap();
    assert_eq!(later[0].acknowledged, [id]);
    assert_eq!(notice_id(&only_notice(&stage)), *notice);
}

#[test]
fn a_lost_reply_to_the_message_at_most_repeats_it_under_the_same_id() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(&Rule::on("sns", "Publish", Fault::ReplyLost).times(1))
        .unwrap();
    let mut queue = queue();
    queue.send(&record);
    queue.drain(&mut stage.function).unwrap();
    assert_eq!(line.fired().unwrap().len(), 1);
    let ids: Vec<_> = stage.inbox.messages().unwrap().iter().map(notice_id).collect();
    assert!(!ids.is_empty());
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn with_sns_down_for_good_the_event_ends_among_the_dead_letters() {
    let (mut stage, line) = stage_with_faults();
    let record = opens(&stage, "0.0.0.0/0");
    line.fail(&Rule::on_all("sns", Fault::Denied)).unwrap();
    let mut queue = queue();
    queue.send(&record);
    let deliveries = queue.drain(&mut stage.function).unwrap();
    assert_eq!(deliveries.len(), 3);
    assert!(deliveries.iter().all(|delivery| delivery.acknowledged.is_empty()));
    assert_eq!(queue.dead_letters().len(), 1);
    assert_silence(&stage);
}
