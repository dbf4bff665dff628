//! What stops the guardrail's hand on the wire: the kill switch, a ledger that is not there, itself, a fight, a burst.

use std::thread;
use std::time::{Duration, Instant};

use harness::bus::{Bus, Route};
use harness::delivery::envelope;
use harness::identity::Identity;
use harness::stage::{REVERT_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::reading::{assert_silence, notice_id, only_notice, only_record, reason, reasons, text_at};
use crate::revert::{NARROWED, assert_only_added, deliver_now, drain, let_pass, opens, tireless, writes};
use crate::scene::{deliver_done, queue};

fn stage() -> Stage {
    Setting::of(&tireless()).with_ledger().set().unwrap()
}

/// Opens the application's group and delivers; gives the record.
fn open_and_deliver(stage: &mut Stage, cidr: &str) -> Value {
    let record = opens(&stage.person().unwrap(), &stage.network.app_group, cidr);
    only_record(&deliver_done(stage, &record))
}

/// What lowered the mode of the only verdict.
fn lowered_by(record: &Value) -> &Value {
    &record["decision"]["verdicts"][0]["lowered_by"]
}

/// A function believes what it read for half a minute; one that could not read asks again each time.
#[test]
fn the_kill_switch_stops_reverts_within_half_a_minute_and_lets_them_go_on() {
    let mut stage = Setting::of(&tireless())
        .with_ledger()
        .with_kill_switch("notify")
        .set()
        .unwrap();
    let turn = |stage: &Stage, mode: &str| stage.kill_switch.as_ref().unwrap().turn(mode).unwrap();

    let before = stage.picture().unwrap();
    let record = open_and_deliver(&mut stage, "8.8.1.0/24");
    assert_eq!((reason(&record), lowered_by(&record)), ("found", &json!("kill_switch")));
    let text = only_notice(&stage).json()["text"].to_string();
    assert!(
        text.contains("the mode is notify, because the kill switch caps it"),
        "{text}"
    );

    stage.function.kill(); // a new process reads at once
    turn(&stage, "off, please");
    let record = open_and_deliver(&mut stage, "8.8.2.0/24");
    assert_eq!(
        (reason(&record), lowered_by(&record)),
        ("found", &json!("kill_switch_unreadable"))
    );
    let text = only_notice(&stage).json()["text"].to_string();
    assert!(text.contains("because the kill switch could not be read"), "{text}");
    assert_eq!(writes(&mut stage), (0, 0));

    turn(&stage, "revert");
    let read = Instant::now();
    assert_eq!(reason(&open_and_deliver(&mut stage, "8.8.3.0/24")), "reverted");
    only_notice(&stage);

    turn(&stage, "observe");
    thread::sleep(Duration::from_secs(31).saturating_sub(read.elapsed()));
    stage.calls.take().unwrap();
    let record = open_and_deliver(&mut stage, "8.8.4.0/24");
    assert_eq!((reason(&record), lowered_by(&record)), ("found", &json!("kill_switch")));
    assert_eq!(writes(&mut stage), (0, 0));
    assert_silence(&stage);
    assert_only_added(
        &stage,
        &before,
        &["-1 8.8.1.0/24", "-1 8.8.2.0/24", "-1 8.8.4.0/24"],
        "only the third was taken back",
    );
}

#[test]
fn a_kill_switch_that_may_not_be_read_leaves_it_at_telling() {
    use harness::faults::{Fault, Rule};
    let (mut stage, line) = Setting::of(REVERT_POLICY)
        .with_ledger()
        .with_kill_switch("revert")
        .set_with_faults()
        .unwrap();
    line.fail(&Rule::on_all("ssm", Fault::Denied)).unwrap();
    let record = open_and_deliver(&mut stage, "0.0.0.0/0");
    assert_eq!(lowered_by(&record), "kill_switch_unreadable");
    only_notice(&stage);
    assert_eq!(writes(&mut stage), (0, 0));
}

#[test]
fn without_a_ledger_in_its_configuration_it_tells_and_says_why() {
    let mut stage = Setting::of(REVERT_POLICY).set().unwrap();
    let record = open_and_deliver(&mut stage, "0.0.0.0/0");
    assert_eq!((reason(&record), lowered_by(&record)), ("found", &json!("no_ledger")));
    let notice = only_notice(&stage);
    assert_eq!(notice.attributes["mode"], "notify");
    let text = notice.json()["text"].to_string();
    assert!(
        text.contains("no ledger is configured (GUARDRAIL_LEDGER_TABLE)"),
        "{text}"
    );
    assert_eq!(writes(&mut stage), (0, 0));
}

/// Anybody who may invoke the function could make up an event: only what comes through the queue is believed, and
/// nothing else keeps it from being acted on.
#[test]
fn what_did_not_come_through_the_queue_is_told_and_does_not_stand_in_the_way_of_what_does() {
    let mut stage = stage();
    let before = stage.picture().unwrap();
    let person = stage.person().unwrap();
    let record = opens(&person, &stage.network.app_group, "0.0.0.0/0");
    for event in [record.json().clone(), envelope(&record)] {
        let told = only_record(&stage.function.invoke(&event).unwrap());
        match reason(&told) {
            "found" => assert_eq!(lowered_by(&told), "unproven"),
            other => assert_eq!(other, "handled_before", "it is told once"),
        }
    }
    let mut queue = queue();
    queue.send_bare(&record);
    let bare = only_record(&deliver_now(&mut stage, &mut queue).invocation);
    assert_eq!(
        reason(&bare),
        "handled_before",
        "an SQS message that is no envelope proves nothing"
    );
    let unproven = only_notice(&stage);
    assert_eq!(unproven.attributes["mode"], "notify");
    assert_eq!(writes(&mut stage), (0, 0));

    let record = only_record(&deliver_done(&mut stage, &record));
    assert_eq!(reason(&record), "reverted");
    assert_only_added(&stage, &before, &NARROWED, "the event itself");
    assert_eq!(notice_id(&only_notice(&stage)), notice_id(&unproven));
}

#[test]
fn what_comes_from_an_archive_is_told_and_not_reverted() {
    let mut stage = stage();
    let person = stage.person().unwrap();
    let later = opens(&person, &stage.network.app_group, "8.8.8.0/24");
    let mut replayed = envelope(&later);
    replayed["replay-name"] = "last-week".into();
    let mut queue = queue();
    queue.send_text(&replayed.to_string());
    let delivery = deliver_now(&mut stage, &mut queue);
    assert_eq!(lowered_by(&only_record(&delivery.invocation)), "replay");
    assert_eq!(writes(&mut stage), (0, 0));
}

#[test]
fn its_own_calls_come_back_as_events_and_are_recorded_and_never_judged() {
    let mut stage = stage();
    stage.guardrail.records().unwrap();
    assert_eq!(reason(&open_and_deliver(&mut stage, "0.0.0.0/0")), "reverted");
    only_notice(&stage);
    let own = stage.guardrail.records().unwrap();
    let names: Vec<_> = own.iter().map(|record| record.event_name()).collect();
    assert_eq!(names, ["AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"]);
    stage.calls.take().unwrap();
    let mut bus = Bus::of("security-groups").unwrap();
    let routes: Vec<_> = own.iter().map(|record| bus.publish(record)).collect();
    assert_eq!(routes, [Route::AtOnce, Route::AtOnce]);
    let delivery = deliver_now(&mut stage, &mut bus.at_once);
    assert_eq!(reasons(&delivery.invocation), ["own_call", "own_call"]);
    assert!(delivery.returned.is_empty());
    assert_eq!(stage.calls.take().unwrap().actions(), Vec::<String>::new());
    assert_silence(&stage);
}

#[test]
fn a_role_of_the_same_name_in_another_path_is_not_the_guardrail() {
    let mut stage = stage();
    let before = stage.picture().unwrap();
    let namesake = Identity::role_session("security-groups", "somebody");
    let namesake = stage.emulator.user(namesake).unwrap();
    let record = opens(&namesake, &stage.network.app_group, "0.0.0.0/0");
    let record = only_record(&deliver_done(&mut stage, &record));
    assert_eq!(reason(&record), "reverted");
    assert_only_added(&stage, &before, &NARROWED, "a namesake");
}

#[test]
fn a_fight_over_one_rule_ends_after_an_hour_and_names_both_sides() {
    let mut stage = stage();
    let mut queue = queue();
    for _ in 0..3 {
        assert_eq!(reason(&open_and_deliver(&mut stage, "8.8.8.0/24")), "reverted");
        let_pass(&stage, &mut queue, Duration::from_secs(31 * 60));
    }
    assert_eq!(stage.inbox.messages().unwrap().len(), 3);
    let before = stage.picture().unwrap();
    let record = open_and_deliver(&mut stage, "8.8.8.0/24");
    assert_eq!(reason(&record), "withheld", "{record:#}");
    assert_only_added(&stage, &before, &["-1 8.8.8.0/24"], "a loop");
    let notice = only_notice(&stage);
    assert_eq!(notice.attributes["severity"], "critical");
    let body = notice.json();
    let text = text_at(&body, "/text");
    for said in [
        "two sides are at odds",
        "arn:aws:iam::111122223333:role/PlatformEngineer",
        "the guardrail has taken it back 3 times",
    ] {
        assert!(text.contains(said), "`{said}` is missing in:\n{text}");
    }
}

#[test]
fn in_a_burst_each_revert_waits_longer_and_is_made_or_told_in_the_end() {
    let policy = format!("{REVERT_POLICY}limits: {{ attempts_per_resource_per_hour: 1 }}\n");
    let mut stage = Setting::of(&policy).with_ledger().max_receives(3).set().unwrap();
    let before = stage.picture().unwrap();
    assert_eq!(reason(&open_and_deliver(&mut stage, "8.8.1.0/24")), "reverted");
    only_notice(&stage);
    let person = stage.person().unwrap();

    let mut queue = queue();
    queue.send(&opens(&person, &stage.network.app_group, "8.8.2.0/24"));
    let records = drain(&mut stage, &mut queue);
    let came_to: Vec<_> = records.iter().map(reason).collect();
    assert_eq!(came_to, ["backed_off", "reverted"]);
    assert_eq!(only_notice(&stage).attributes["severity"], "critical");

    // A queue that gives it back without a pause: the last delivery comes before the next revert may be made.
    queue.send(&opens(&person, &stage.network.app_group, "8.8.3.0/24"));
    let mut came_to = Vec::new();
    while !queue.is_empty() {
        let delivery = deliver_now(&mut stage, &mut queue);
        came_to.push(reason(&only_record(&delivery.invocation)).to_owned());
        let visibility = queue.visibility();
        queue.elapse(visibility);
    }
    assert_eq!(came_to, ["backed_off", "backed_off", "withheld"]);
    let notice = only_notice(&stage);
    assert_eq!(notice.attributes["severity"], "critical");
    assert!(text_at(&notice.json(), "/text").contains("reverts on this resource within an hour"));
    assert_only_added(&stage, &before, &["-1 8.8.3.0/24"], "a burst");
}
