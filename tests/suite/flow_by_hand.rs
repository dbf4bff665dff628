//! People overrule the function: the compiled command line on the function's own ledger, topic and network.

use harness::network;
use harness::operator::{Operator, Ran};
use harness::picture::Picture;
use harness::role::Role;
use harness::stage::{REVERT_POLICY, Setting, Stage};

use crate::reading::{assert_silence, only_notice, only_record, reason, text_at};
use crate::revert::{NARROWED, assert_only_added, opens};
use crate::scene::deliver_done;

struct Story {
    stage: Stage,
    operator: Operator,
    before: Picture,
}

impl Story {
    fn begin(policy: &str) -> Self {
        let setting = Setting::of(&format!("{REVERT_POLICY}{policy}")).with_ledger();
        let stage = setting.with_kill_switch("revert").set().unwrap();
        let (operator, before) = (stage.operator().unwrap(), stage.picture().unwrap());
        Self {
            stage,
            operator,
            before,
        }
    }

    /// Somebody opens the application's group to the world; gives what came of it and the record's id.
    fn opened(&mut self) -> (String, String) {
        let person = self.stage.person().unwrap();
        let record = opens(&person, &self.stage.network.app_group, "0.0.0.0/0");
        let record = only_record(&deliver_done(&mut self.stage, &record));
        (reason(&record).to_owned(), text_at(&record, "/record_id").to_owned())
    }

    fn runs(&self, line: &str) -> Ran {
        self.operator.runs(&line.split(' ').collect::<Vec<_>>()).unwrap()
    }

    fn done(&self, line: &str) -> String {
        let ran = self.runs(line);
        assert_eq!(
            (ran.status, ran.stderr.as_str()),
            (Some(0), ""),
            "{line}\n{}",
            ran.stdout
        );
        ran.stdout
    }

    fn assert_only_added(&self, rules: &[&str]) {
        assert_only_added(&self.stage, &self.before, rules, "by hand");
    }
}

/// The id of the record that a command left behind.
fn record_of(printed: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(printed).unwrap();
    text_at(&record, "/record_id").to_owned()
}

#[test]
fn a_revert_is_undone_by_its_record_and_the_undo_taken_back_by_its_own() {
    let mut story = Story::begin("");
    let (came_to, id) = story.opened();
    assert_eq!(came_to, "reverted");
    only_notice(&story.stage);
    story.assert_only_added(&NARROWED);

    let planned = story.done(&format!("undo {id} --dry-run"));
    assert!(
        planned.ends_with("nothing was changed: this is a dry run\n"),
        "{planned}"
    );
    story.assert_only_added(&NARROWED);
    assert_silence(&story.stage);

    let undo = record_of(&story.done(&format!("undo {id} --format json")));
    story.assert_only_added(&["-1 0.0.0.0/0"]);
    assert!(only_notice(&story.stage).message.contains(&undo));

    story.done(&format!("undo {undo}"));
    story.assert_only_added(&NARROWED);
    only_notice(&story.stage);
}

#[test]
fn what_was_undone_is_told_and_left_alone_when_somebody_does_it_again() {
    let mut story = Story::begin("");
    let (_, id) = story.opened();
    story.done(&format!("undo {id}"));
    story.stage.inbox.messages().unwrap();
    let group = story.stage.network.app_group.clone();
    let person = story.stage.person().unwrap();
    let closed = network::revoke_egress(&person, &group, &network::everything()).unwrap();
    closed.outcome.unwrap();
    assert_eq!(story.opened().0, "withheld");
    only_notice(&story.stage);
    story.assert_only_added(&["-1 0.0.0.0/0"]);
}

#[test]
fn an_undo_comes_back_as_an_event_of_a_person_and_is_left_alone() {
    let mut story = Story::begin("");
    let (_, id) = story.opened();
    only_notice(&story.stage);
    story.operator.user.records().unwrap();
    story.done(&format!("undo {id}"));
    only_notice(&story.stage);
    let calls = story.operator.user.records().unwrap();
    let names: Vec<_> = calls.iter().map(|call| call.event_name()).collect();
    assert_eq!(names, ["AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"]);
    let record = only_record(&deliver_done(&mut story.stage, &calls[0]));
    assert_eq!(reason(&record), "withheld", "{record:#}");
    story.assert_only_added(&["-1 0.0.0.0/0"]);
}

#[test]
fn a_plan_that_was_withheld_is_applied_and_that_can_be_undone() {
    let mut story =
        Story::begin("principals: { report_only: [\"arn:aws:iam::111122223333:role/PlatformEngineer\"] }\n");
    let (came_to, id) = story.opened();
    assert_eq!(came_to, "withheld");
    only_notice(&story.stage);
    story.assert_only_added(&["-1 0.0.0.0/0"]);
    let applied = record_of(&story.done(&format!("apply {id} --format json")));
    story.assert_only_added(&NARROWED);
    only_notice(&story.stage);
    // Within a minute of the call, AWS may just not show yet what it made.
    let again = story.runs(&format!("apply {id}"));
    assert_eq!(again.status, Some(2), "{}", again.stdout);
    assert!(again.stderr.contains("try again in a minute"), "{}", again.stderr);
    assert_silence(&story.stage);
    story.done(&format!("undo {applied}"));
    story.assert_only_added(&["-1 0.0.0.0/0"]);
    only_notice(&story.stage);
}

#[test]
fn an_exemption_for_the_night_holds_at_once_and_ends_when_it_is_ended() {
    let mut story = Story::begin("");
    let group = story.stage.network.app_group.clone();
    let exempt = format!("exempt open-egress {group} --owner payments --reason CHG-1234 --for 2h");
    story.done(&exempt);
    let told = only_notice(&story.stage);
    assert!(
        told.message.contains("CHG-1234") && told.message.contains("payments"),
        "{}",
        told.message
    );
    assert_eq!(story.opened().0, "exempt");
    assert_silence(&story.stage);
    story.assert_only_added(&["-1 0.0.0.0/0"]);
    story.done(&format!("exempt open-egress {group} --end"));
    only_notice(&story.stage);
    let person = story.stage.person().unwrap();
    let half = opens(&person, &group, "0.0.0.0/1");
    assert_eq!(reason(&only_record(&deliver_done(&mut story.stage, &half))), "reverted");
}

#[test]
fn a_record_that_nobody_kept_is_not_undone() {
    let story = Story::begin("");
    let ran = story.runs("undo record-0123456789abcdef01234567");
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("record-0123456789abcdef01234567"), "{}", ran.stderr);
    story.assert_only_added(&[]);
    assert_silence(&story.stage);
}

#[test]
fn the_doctor_finds_nothing_missing_with_the_functions_rights_and_names_what_is_taken_away() {
    let story = Story::begin("");
    let stage = &story.stage;
    let rights = |function| Role::of(function).unwrap().actions("revert").unwrap();
    let key = story.operator.user.access_key();
    // It looks at the topic as well, which a function never does.
    let mut actions = rights("security-groups");
    actions.extend(rights("vpc-endpoints"));
    actions.extend(rights("routes"));
    actions.extend(rights("apis"));
    actions.insert("sns:GetTopicAttributes".to_owned());
    stage.emulator.restrict(key, &actions).unwrap();
    let healthy = story.runs("doctor");
    assert!(
        healthy.stdout.contains(" 0 missing"),
        "{}\n{}",
        healthy.stdout,
        healthy.stderr
    );
    let mut fewer = actions.clone();
    fewer.remove("ec2:RevokeSecurityGroupEgress");
    stage.emulator.restrict(key, &fewer).unwrap();
    let ill = story.runs("doctor");
    assert_eq!(ill.status, Some(1), "{}\n{}", ill.stdout, ill.stderr);
    assert!(
        ill.stdout.contains("missing  ec2:RevokeSecurityGroupEgress is denied"),
        "{}",
        ill.stdout
    );
    story.assert_only_added(&[]);
    assert_silence(stage);
}
