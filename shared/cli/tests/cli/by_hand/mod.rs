//! `guardrail undo`, `apply` and `exempt`, against as much of AWS as they need.

mod apply;
mod exempt;
mod undo;

use guardrail_policy::id::SecurityGroupId;
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::network::{Direction, Permission};
use guardrail_policy::record::Record;
use guardrail_runner::Memory;
use guardrail_testkit::{
    APP_GROUP, Changing, Desk, Identity, Outbox, POLICY, Ports, TrailRecord, block, id, private_network, settings, to,
};
use guardrail_world::{Parts, World};

use crate::cloud::Cloud;
use crate::folder::{Folder, Run};

fn everywhere() -> Permission {
    to(block("0.0.0.0/0"))
}

/// The record that a function leaves behind when somebody opens the application's group to the world.
pub(crate) fn recorded(mut world: World) -> Record {
    world
        .groups
        .as_mut()
        .unwrap()
        .get_mut(&id::<SecurityGroupId>(APP_GROUP))
        .unwrap()
        .rules = Parts::default();
    let network = Changing::of(world);
    let group: SecurityGroupId = id(APP_GROUP);
    let made = network
        .change(|world| world.authorize(&group, Direction::Egress, &[everywhere()]))
        .unwrap();
    let event = TrailRecord::authorize_egress(&group, &[(made.into_iter().next().unwrap(), everywhere())])
        .by(Identity::role_session("Developer", "work"))
        .at(id("2026-11-02T09:01:00Z"));
    let ports = Ports {
        answer: &network,
        act: &network,
        tell: &Outbox::default(),
        keep: Some(&Memory::default()),
    };
    let judged = event.time().checked_add(SignedDuration::from_secs(90)).unwrap();
    Desk::new(settings(POLICY), judged).run(&event.envelope(), ports)
}

/// A cloud in which what was opened has been taken back, and the record of that.
pub(crate) fn taken_back() -> (Cloud, Folder, Record) {
    let record = recorded(private_network());
    assert_eq!(record.carried_out().count(), 1);
    let cloud = Cloud::start();
    cloud.keep(&record);
    cloud.with(|state| state.egress = vec![to(block("10.0.0.0/16"))]);
    (cloud, folder(), record)
}

/// A cloud without endpoints in which what was opened is still open, and the record of a plan that was withheld.
pub(crate) fn withheld() -> (Cloud, Folder, Record) {
    let mut world = private_network();
    world.endpoints = Some(Parts::default());
    let record = recorded(world);
    let cloud = Cloud::start();
    cloud.keep(&record);
    cloud.with(|state| state.egress = vec![everywhere()]);
    (cloud, folder(), record)
}

pub(crate) fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("guard.yaml", POLICY);
    folder
}

impl Run {
    /// All of it, with the ids of records that were made just now and the times that follow from it left out.
    fn steady(&self, known: &Record) -> String {
        let transcript = self.transcript();
        let mut parts = transcript.split("record-");
        let mut steady = parts.next().unwrap().to_owned();
        for part in parts {
            let is_known = known
                .record_id
                .strip_prefix("record-")
                .is_some_and(|id| part.starts_with(id));
            let (digits, rest) = part.split_at(if part.len() < 24 { 0 } else { 24 });
            let is_id = digits.len() == 24 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            match (is_known, is_id) {
                (false, true) => steady.push_str(&format!("record-NEW{rest}")),
                _ => steady.push_str(&format!("record-{part}")),
            }
        }
        let lines = steady.lines().map(|line| match line.split_once(" until 20") {
            Some((before, _)) if before.ends_with("alone") || before.ends_with("holds") => {
                format!("{before} until TIME")
            }
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}
