//! What people do by hand: undo, apply, exempt; over a ledger in memory and a network that obeys.

#![cfg(test)]

use guardrail_policy::by_hand::Exempted;
use guardrail_policy::decide::Reason;
use guardrail_policy::id::SecurityGroupId;
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::message;
use guardrail_policy::network::{Direction, Permission};
use guardrail_policy::plan::Withheld;
use guardrail_policy::record::{Handled, Record, RecordReason};
use guardrail_policy::settings::Settings;
use guardrail_runner::Memory;
use guardrail_runner::by_hand::{ByHand, ByHandError, Exempting, Outcome, Undoing};
use guardrail_runner::ports::{HandsOff, Keep as _, Tell};
use guardrail_testkit::{
    ACCOUNT, APP_GROUP, Changing, Desk, Fault, Faulty, Identity, Outbox, POLICY, Ports, REGION, SteppedClock,
    TrailRecord, block, id, now, private_network, settings, to,
};
use guardrail_world::World;

/// A guarded network, its ledger and its topic, at a time that goes on.
struct Scene {
    network: Changing,
    ledger: Memory,
    told: Outbox,
    settings: Settings,
    time: Timestamp,
    events: u32,
}

/// Everything that one run by hand needs, with this topic and this name of the run.
macro_rules! by_hand {
    ($scene:ident, $tell:expr, $run:expr) => {
        ByHand {
            answer: &$scene.network,
            act: &$scene.network,
            tell: $tell,
            keep: &$scene.ledger,
            clock: &SteppedClock::at($scene.time),
            by: "Ada",
            run: $run,
        }
    };
}

impl Scene {
    fn of(policy: &str, world: World) -> Self {
        Self {
            network: Changing::of(world),
            ledger: Memory::default(),
            told: Outbox::default(),
            settings: settings(policy),
            time: id("2026-11-02T09:00:00Z"),
            events: 0,
        }
    }

    fn guarded() -> Self {
        Self::of(POLICY, private_network())
    }

    /// Somebody opens the application's group, and the function handles that.
    fn opens(&mut self, permission: &Permission) -> Record {
        self.events += 1;
        self.time = self.later(600);
        let group: SecurityGroupId = id(APP_GROUP);
        let made = self
            .network
            .change(|world| world.authorize(&group, Direction::Egress, std::slice::from_ref(permission)))
            .unwrap();
        let rules = [(made.into_iter().next().unwrap(), permission.clone())];
        let event = TrailRecord::authorize_egress(&group, &rules)
            .by(Identity::role_session("Developer", "work"))
            .number(self.events)
            .at(self.time);
        self.time = self.later(90);
        self.handle(&event)
    }

    fn handle(&self, event: &TrailRecord) -> Record {
        let ports = Ports {
            answer: &self.network,
            act: &self.network,
            tell: &self.told,
            keep: Some(&self.ledger),
        };
        Desk::new(self.settings.clone(), self.time).run(&event.envelope(), ports)
    }

    fn later(&self, seconds: i64) -> Timestamp {
        self.time.checked_add(SignedDuration::from_secs(seconds)).unwrap()
    }

    fn undoing(&self, record: &str) -> Result<Undoing, ByHandError> {
        let hand = by_hand!(self, &self.told, "one");
        now(async { hand.undoing(hand.record(record).await?).await })
    }

    fn undo_telling(&self, record: &str, tell: &impl Tell, run: &str) -> Result<Option<Outcome>, ByHandError> {
        let until = self.later(3_600);
        let hand = by_hand!(self, tell, run);
        now(async {
            let undoing = hand.undoing(hand.record(record).await?).await?;
            hand.undo(&undoing, until).await
        })
    }

    fn undo(&mut self, record: &str) -> Outcome {
        self.time = self.later(60);
        let run = self.time.to_string();
        self.undo_telling(record, &self.told, &run).unwrap().unwrap()
    }

    fn apply(&mut self, record: &str) -> Result<Option<Outcome>, ByHandError> {
        self.time = self.later(60);
        let run = self.time.to_string();
        let guard = Desk::new(self.settings.clone(), self.time).guard;
        let hand = by_hand!(self, &self.told, &run);
        now(async {
            let recorded = hand.record(record).await?;
            let applying = hand.applying(recorded, &self.settings, &guard).await?;
            if applying.chosen.is_empty() {
                return Ok(None);
            }
            hand.apply(&applying, &self.settings, &guard).await.map(Some)
        })
    }

    /// What the application's group may reach.
    fn egress(&self) -> Vec<String> {
        let world = self.network.world();
        let group = world.group(&id(APP_GROUP)).unwrap();
        let egress = group.rules.values().filter(|rule| rule.direction == Direction::Egress);
        let mut said: Vec<String> = egress.map(|rule| rule.permission.to_string()).collect();
        said.sort();
        said
    }

    fn last_text(&self) -> String {
        self.told.notices().pop().unwrap().text
    }
}

fn world() -> Permission {
    to(block("0.0.0.0/0"))
}

fn withheld(record: &Record) -> Vec<Withheld> {
    let findings = record.decision.iter().flat_map(|decision| &decision.verdicts);
    let findings = findings.flat_map(|verdict| verdict.findings());
    let reasons = findings.filter_map(|finding| match &finding.treatment {
        guardrail_policy::plan::Treatment::Withheld { reasons, .. } => Some(reasons.clone()),
        _ => None,
    });
    reasons.flatten().collect()
}

#[test]
fn a_revert_is_undone_and_then_left_alone_for_the_stated_time() {
    let mut scene = Scene::guarded();
    let before = scene.egress();
    let reverted = scene.opens(&world());
    assert_eq!(reverted.reason, RecordReason::Handled(Handled::Reverted));
    let outcome = scene.undo(&reverted.record_id);

    let mut opened = before;
    opened.push(world().to_string());
    opened.sort();
    assert_eq!(scene.egress(), opened);
    assert!(outcome.is_done() && outcome.untold.is_none() && outcome.unkept.is_none());
    let kept = now(scene.ledger.record(&outcome.record.record_id)).unwrap().unwrap();
    assert_eq!(kept.reason, RecordReason::Handled(Handled::Undone));
    assert_eq!(kept.undid(), Some(reverted.record_id.as_str()));

    // Within the hour the same is only told; after it, it is taken back again.
    let again = scene.opens_anew();
    assert!(
        matches!(withheld(&again).as_slice(), [Withheld::Undone { by, .. }] if by == "Ada"),
        "{again:#?}"
    );
    scene.time = scene.later(3_600);
    let after = scene.opens_anew();
    assert_eq!(after.reason, RecordReason::Handled(Handled::Reverted));
}

impl Scene {
    /// Somebody takes the open rule away and makes it again.
    fn opens_anew(&mut self) -> Record {
        let revoked = self
            .network
            .change(|world_| world_.revoke(&id(APP_GROUP), Direction::Egress, None, &[world()]));
        revoked.unwrap();
        self.opens(&world())
    }
}

#[test]
fn an_undo_says_who_what_until_when_and_how_to_take_it_back() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let outcome = scene.undo(&reverted.record_id);
    let text = scene
        .last_text()
        .replace(&outcome.record.record_id, "record-NEW")
        .replace(&reverted.record_id, "record-OLD");
    let (text, _) = text.rsplit_once(", notice-").unwrap();
    insta::assert_snapshot!(text, @r"
    UNDONE BY HAND: what record-OLD did.

      Where    account 111122223333, eu-west-1
      Who      Ada (as they say; CloudTrail has the caller)
      When     2026-11-02 09:12:30 UTC

    open-egress, sg-0a1b2c3d4e5f600a1:
      1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0: done
      2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16: done
    Read again afterwards: it is so.

    Left alone until 2026-11-02 10:12:30 UTC: until then the same is told, and not taken back.

    To take that back again:
      guardrail undo record-NEW

    Record record-NEW about event 10000000-0000-4000-8000-000000000001
    ");
    let notice = message::by_hand(&outcome.record).unwrap();
    assert!(
        notice.json.starts_with("{\"schema\":\"vpc-guardrail/by-hand/1\""),
        "{}",
        notice.json
    );
    insta::assert_snapshot!(notice.subject, @"[medium] open-egress: undone by hand: sg-0a1b2c3d4e5f600a1 in 111122223333 eu-west-1");
}

#[test]
fn what_is_undone_already_is_not_undone_again() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    scene.undo(&reverted.record_id);
    let (state, told) = (scene.egress(), scene.told.notices().len());
    scene.time = scene.later(60);
    assert!(scene.undoing(&reverted.record_id).unwrap().is_done());
    assert_eq!(scene.undo_telling(&reverted.record_id, &scene.told, "later"), Ok(None));
    assert_eq!((scene.egress(), scene.told.notices().len()), (state, told));
}

#[test]
fn looking_changes_nothing() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let (state, told) = (scene.egress(), scene.told.notices().len());
    let undoing = scene.undoing(&reverted.record_id).unwrap();
    let left: Vec<String> = undoing
        .parts
        .iter()
        .flat_map(|part| &part.left)
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(left.join("\n"), @r"
    authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0
    revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16
    ");
    assert_eq!((scene.egress(), scene.told.notices().len()), (state, told));
    assert_eq!(scene.opens(&world()).reason, RecordReason::Handled(Handled::Reverted));
}

#[test]
fn only_what_is_left_is_undone() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    // Somebody has taken away what the guardrail had put in the open rule's place.
    let narrow: Permission = to(block("10.0.0.0/16"));
    scene
        .network
        .change(|world| world.revoke(&id(APP_GROUP), Direction::Egress, None, std::slice::from_ref(&narrow)))
        .unwrap();
    let outcome = scene.undo(&reverted.record_id);
    assert!(outcome.is_done());
    assert!(scene.egress().contains(&world().to_string()));
}

#[test]
fn an_undo_can_be_undone_and_is_not_left_alone_then() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let closed = scene.egress();
    let undone = scene.undo(&reverted.record_id);
    let redone = scene.undo(&undone.record.record_id);
    assert!(redone.is_done());
    assert!(!scene.last_text().contains("Left alone"), "{}", scene.last_text());
    assert_eq!(scene.egress(), closed);
    assert_eq!(scene.opens(&world()).reason, RecordReason::Handled(Handled::Reverted));
    // And the first record can be undone once more.
    scene.undo(&reverted.record_id);
    assert!(scene.egress().contains(&world().to_string()));
}

#[test]
fn an_undo_that_is_refused_leaves_nothing_alone() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let closed = scene.egress();
    let hand = ByHand {
        answer: &scene.network,
        act: &HandsOff,
        tell: &scene.told,
        keep: &scene.ledger,
        clock: &SteppedClock::at(scene.time),
        by: "Ada",
        run: "one",
    };
    let outcome = now(async {
        let undoing = hand.undoing(hand.record(&reverted.record_id).await?).await?;
        hand.undo(&undoing, scene.later(3_600)).await
    });
    let outcome = outcome.unwrap().unwrap();
    assert!(!outcome.is_done());
    assert_eq!(outcome.record.reason, RecordReason::Handled(Handled::UndoFailed));
    assert!(scene.last_text().starts_with("NOT UNDONE"), "{}", scene.last_text());
    assert!(!scene.last_text().contains("Left alone"), "{}", scene.last_text());
    assert_eq!(scene.egress(), closed);
    assert_eq!(scene.opens(&world()).reason, RecordReason::Handled(Handled::Reverted));
}

#[test]
fn what_was_never_done_cannot_be_undone() {
    let mut scene = Scene::of(&POLICY.replace("revert", "notify"), private_network());
    let told = scene.opens(&world());
    let error = scene.undoing(&told.record_id).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&told.record_id, "record-OLD"), @"`record-OLD` is of nothing that was carried out, so there is nothing to undo: its plan, if it has one, was only shown; `guardrail apply` carries it out");
    insta::assert_snapshot!(scene.undoing("record-0").unwrap_err(), @"the ledger has no record `record-0`: take the id from the message; records are kept for 90 days, and only of events about which something was to be told or done");
}

#[test]
fn a_group_that_is_not_there_is_said_to_be_so() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    scene
        .network
        .change(|world| world.delete_group(&id(APP_GROUP)))
        .unwrap();
    insta::assert_snapshot!(scene.undoing(&reverted.record_id).unwrap_err(), @"`sg-0a1b2c3d4e5f600a1` is not there: it was deleted, or the credentials and the Region are not those of its account");
}

#[test]
fn two_people_do_not_undo_the_same_at_once() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let key = guardrail_policy::ledger::EntryKey::by_hand("undo", &reverted.record_id);
    let lease = guardrail_policy::ledger::Lease {
        owner: "somebody else".to_owned(),
        until: scene.later(300),
    };
    now(scene.ledger.claim(&key, &lease, scene.time)).unwrap();
    let state = scene.egress();
    let error = scene.undo_telling(&reverted.record_id, &scene.told, "one").unwrap_err();
    assert!(matches!(error, ByHandError::Held { .. }), "{error}");
    assert_eq!(scene.egress(), state);
}

#[test]
fn an_undo_stands_when_nobody_could_be_told_and_the_next_run_tells_it() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let deaf = Faulty::at(0, Fault::Refused, Outbox::default());
    let outcome = scene.undo_telling(&reverted.record_id, &deaf, "one").unwrap().unwrap();
    assert!(outcome.is_done() && outcome.untold.is_some());
    assert!(scene.egress().contains(&world().to_string()));
    let before = scene.told.notices().len();
    let retold = scene
        .undo_telling(&reverted.record_id, &scene.told, "two")
        .unwrap()
        .unwrap();
    assert_eq!(retold.record.record_id, outcome.record.record_id);
    assert_eq!(scene.told.notices().len(), before + 1);
    assert_eq!(scene.undo_telling(&reverted.record_id, &scene.told, "three"), Ok(None));
}

/// A VPC without endpoints: what would close its way out is withheld.
fn without_endpoints() -> World {
    let mut world = private_network();
    world.endpoints = Some(guardrail_world::Parts::default());
    world
}

#[test]
fn a_withheld_plan_is_judged_again_and_applied_and_can_be_undone() {
    let mut scene = Scene::of(POLICY, without_endpoints());
    let found = scene.opens(&world());
    assert_eq!(found.reason, RecordReason::Decided(Reason::Withheld));
    let outcome = scene.apply(&found.record_id).unwrap().unwrap();
    assert!(outcome.is_done());
    assert!(!scene.egress().contains(&world().to_string()));
    assert_eq!(outcome.record.reason, RecordReason::Handled(Handled::Reverted));
    let text = scene
        .last_text()
        .replace(&outcome.record.record_id, "record-NEW")
        .replace(&found.record_id, "record-OLD");
    let (text, _) = text.rsplit_once(", notice-").unwrap();
    insta::assert_snapshot!(text, @r"
    APPLIED BY HAND: the plan of record-OLD, judged again.

      Where    account 111122223333, eu-west-1
      Who      Ada (as they say; CloudTrail has the caller)
      When     2026-11-02 09:12:30 UTC

    Although the rule carries HTTPS and the VPC has no working endpoint that could take its place: create the endpoints first, or set `require_private_path: false`.
    open-egress, sg-0a1b2c3d4e5f600a1:
      1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16: done
      2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0 (sgr-0ff00000000000001): done
    Read again afterwards: it is so.
    Keeps working:
      - all traffic to 10.0.0.0/16 (the VPC itself)
      - the group's 2 other egress rules
      - connections that are open now, until they are closed
    Stops:
      - new connections that only sgr-0ff00000000000001 (all traffic to 0.0.0.0/0) permits
      - AWS services without an endpoint in this VPC, and S3 and DynamoDB of other Regions

    To take that back again:
      guardrail undo record-NEW

    Record record-NEW about event 10000000-0000-4000-8000-000000000001
    ");
    // There is nothing left to apply.
    assert_eq!(scene.apply(&found.record_id), Ok(None));
    scene.undo(&outcome.record.record_id);
    assert!(scene.egress().contains(&world().to_string()));
}

#[test]
fn what_mode_notify_only_tells_is_applied_as_well() {
    let mut scene = Scene::of(&POLICY.replace("revert", "notify"), private_network());
    let told = scene.opens(&world());
    let outcome = scene.apply(&told.record_id).unwrap().unwrap();
    assert!(outcome.is_done());
    assert!(!scene.egress().contains(&world().to_string()));
}

#[test]
fn applying_goes_over_an_undo_and_ends_it() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    scene.undo(&reverted.record_id);
    let again = scene.opens_anew();
    assert!(!withheld(&again).is_empty());
    assert!(scene.apply(&again.record_id).unwrap().unwrap().is_done());
    assert_eq!(scene.opens(&world()).reason, RecordReason::Handled(Handled::Reverted));
}

#[test]
fn what_is_gone_need_not_be_applied() {
    let mut scene = Scene::of(&POLICY.replace("revert", "notify"), private_network());
    let told = scene.opens(&world());
    scene
        .network
        .change(|network| network.revoke(&id(APP_GROUP), Direction::Egress, None, &[world()]))
        .unwrap();
    assert_eq!(scene.apply(&told.record_id), Ok(None));
}

fn exempting(scene: &Scene) -> Exempting {
    Exempting {
        what: exempted(),
        owner: "payments@example.com".to_owned(),
        reason: "vendor cut-over, CHG-1234".to_owned(),
        until: scene.later(14_400),
    }
}

fn exempted() -> Exempted {
    Exempted {
        rule: id("open-egress"),
        resource: id(APP_GROUP),
        account: id(ACCOUNT),
        region: id(REGION),
    }
}

#[test]
fn an_exemption_by_hand_holds_until_it_ends_or_is_ended() {
    let mut scene = Scene::guarded();
    let outcome = now(by_hand!(scene, &scene.told, "one").exempt(exempting(&scene))).unwrap();
    assert!(outcome.untold.is_none() && outcome.unkept.is_none());
    assert_eq!(outcome.record.reason, RecordReason::Handled(Handled::Exempted));
    let text = scene.last_text();
    insta::assert_snapshot!(text.rsplit_once("Record ").unwrap().0, @r"
    EXEMPT BY HAND: open-egress leaves sg-0a1b2c3d4e5f600a1 alone.

      Where    account 111122223333, eu-west-1
      Who      Ada (as they say; CloudTrail has the caller)
      When     2026-11-02 09:00:00 UTC
      Owner    payments@example.com
      Why      vendor cut-over, CHG-1234
      Until    2026-11-02 13:00:00 UTC

    To end it before that:
      guardrail exempt open-egress sg-0a1b2c3d4e5f600a1 --account 111122223333 --end
    To have it for longer, write it into the policy file.
    ");
    assert_eq!(scene.opens(&world()).reason, RecordReason::Decided(Reason::Exempt));

    let ended = now(by_hand!(scene, &scene.told, "two").end_exemption(exempted())).unwrap();
    assert_eq!(
        ended.unwrap().record.reason,
        RecordReason::Handled(Handled::ExemptionEnded)
    );
    assert_eq!(scene.opens_anew().reason, RecordReason::Handled(Handled::Reverted));
    assert_eq!(
        now(by_hand!(scene, &scene.told, "three").end_exemption(exempted())),
        Ok(None)
    );

    now(by_hand!(scene, &scene.told, "four").exempt(exempting(&scene))).unwrap();
    scene.time = scene.later(14_400);
    assert_eq!(scene.opens(&world()).reason, RecordReason::Handled(Handled::Reverted));
}

#[test]
fn records_made_by_hand_are_not_replayed_as_judgements() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let outcome = scene.undo(&reverted.record_id);
    let error = outcome.record.replay(&scene.settings).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&outcome.record.record_id, "record-NEW"), @"the record `record-NEW` is of `guardrail undo`, which a person called: replay the record of the event");
    let again: Record = serde_json::from_str(&serde_json::to_string(&outcome.record).unwrap()).unwrap();
    assert_eq!(again, outcome.record);
}
