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

mod apply;
mod exempt;
mod undo;

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
fn records_made_by_hand_are_not_replayed_as_judgements() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let outcome = scene.undo(&reverted.record_id);
    let error = outcome.record.replay(&scene.settings).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&outcome.record.record_id, "record-NEW"), @"the record `record-NEW` is of `guardrail undo`, which a person called: replay the record of the event");
    let again: Record = serde_json::from_str(&serde_json::to_string(&outcome.record).unwrap()).unwrap();
    assert_eq!(again, outcome.record);
}
