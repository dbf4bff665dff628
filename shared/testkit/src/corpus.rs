//! The corpus: golden cases, each a folder with an event, the network that it meets, the policy file, and the record that
//! must come of it.

use std::fs;
use std::path::{Path, PathBuf};

use guardrail_policy::case::Ceiling;
use guardrail_policy::id::{AccountId, Arn, Region};
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::ledger::Note;
use guardrail_policy::own::Own;
use guardrail_policy::record::Record;
use guardrail_policy::settings::RuleName;
use guardrail_runner::ports::Keep;
use guardrail_runner::{Delivery, Memory};
use guardrail_world::World;
use serde::Deserialize;
use serde_json::Value;

use crate::desk::{Desk, Ports, now};
use crate::network::{ACCOUNT, REGION, id, settings};
use crate::ports::{Changing, Outbox};
use crate::queue::Queue;

/// How long after the call it is judged, where a case does not say: longer than EC2 may take to show what is there.
const LATER: SignedDuration = SignedDuration::from_secs(120);

/// One golden case.
#[derive(Debug)]
pub struct CorpusCase {
    /// The name of its folder.
    pub name: String,
    /// What it shows, in one sentence.
    pub shows: String,
    /// The bytes that are delivered.
    pub event: Vec<u8>,
    /// The network, as each round of questions meets it.
    pub networks: Vec<World>,
    /// The text of the policy file.
    pub policy: String,
    /// When it is judged.
    pub judged_at: Timestamp,
    folder: PathBuf,
    setup: Setup,
    desk: Desk,
}

/// `case.yaml`: what a case shows, and what is out of the ordinary about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Setup {
    shows: String,
    /// When it is judged, if not two minutes after the call.
    judged_at: Option<Timestamp>,
    /// The files of the networks that the rounds of questions meet, if not `world.yaml` alone.
    networks: Option<Vec<String>>,
    /// The rules that judge it, so that a new rule leaves the cases of the others as they are.
    #[serde(default = "open_egress")]
    rules: Vec<RuleName>,
    /// The guardrail's own roles.
    #[serde(default)]
    own_roles: Vec<Arn>,
    /// What else the guardrail is made of.
    #[serde(default)]
    own: Own,
    /// What caps the mode.
    #[serde(default)]
    ceilings: Vec<Ceiling>,
    /// Whether somebody replays the event by hand, so that nothing proves where it is from.
    #[serde(default)]
    by_hand: bool,
    /// Whether the queue gives it to the dead letters when it is handed back.
    #[serde(default)]
    last_delivery: bool,
    /// Whether there is a ledger.
    #[serde(default = "yes")]
    ledger: bool,
    /// What the ledger remembers.
    #[serde(default)]
    notes: Vec<Note>,
}

impl Setup {
    fn desk(&self, policy: &str, judged_at: Timestamp) -> Desk {
        let desk = Desk::new(settings(policy), judged_at).with(&self.rules);
        let desk = desk.as_roles(self.own_roles.clone()).made_of(self.own.clone());
        let mut desk = desk.under(self.ceilings.iter().copied());
        desk.delivery = match self.by_hand {
            true => Delivery::Replay,
            false => Delivery::Queue {
                last: self.last_delivery,
            },
        };
        desk
    }
}

fn yes() -> bool {
    true
}

fn open_egress() -> Vec<RuleName> {
    vec![RuleName::OpenEgress]
}

/// Every case of a corpus, by name.
#[must_use]
pub fn load(corpus: &Path) -> Vec<CorpusCase> {
    let folders = fs::read_dir(corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
    let mut folders: Vec<PathBuf> = folders
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders.into_iter().map(CorpusCase::read).collect()
}

impl CorpusCase {
    fn read(folder: PathBuf) -> Self {
        let setup: Setup = serde_saphyr::from_str(&text(&folder.join("case.yaml")))
            .unwrap_or_else(|error| panic!("{}/case.yaml: {error}", folder.display()));
        let event = text(&folder.join("event.json")).into_bytes();
        let judged_at = setup
            .judged_at
            .or_else(|| event_time(&event).and_then(|time| time.checked_add(LATER).ok()));
        let judged_at =
            judged_at.unwrap_or_else(|| panic!("{}: an event without a time needs `judged_at`", folder.display()));
        let policy = text(&folder.join("policy.yaml"));
        let networks = setup.networks.clone().unwrap_or_else(|| vec!["world.yaml".to_owned()]);
        Self {
            name: folder
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            shows: setup.shows.clone(),
            networks: networks.iter().map(|name| network(&folder.join(name))).collect(),
            desk: setup.desk(&policy, judged_at),
            policy,
            judged_at,
            event,
            folder,
            setup,
        }
    }

    /// Where the record stands that must come of it.
    #[must_use]
    pub fn golden(&self) -> PathBuf {
        self.folder.join("record.json")
    }

    /// The flow of this case, up to its delivery.
    #[must_use]
    pub fn desk(&self) -> Desk {
        self.desk.clone()
    }

    /// Handles the delivery, with a ledger that remembers what the case says, and carries out what is to be done.
    #[must_use]
    pub fn run(&self) -> (Record, Outbox) {
        let (network, outbox, ledger) = (self.network(), Outbox::default(), self.ledger());
        let ports = Ports {
            answer: &network,
            act: &network,
            tell: &outbox,
            keep: self.setup.ledger.then_some(&ledger),
        };
        let record = self.desk().run(&self.event, ports);
        (record, outbox)
    }

    /// A queue with the event, over the case's network and ledger.
    #[must_use]
    pub fn queue(&self) -> Queue {
        let ledger = self.setup.ledger.then(|| self.ledger());
        Queue::of(self.desk(), self.event.clone(), self.network(), ledger)
    }

    /// Whether there is a ledger.
    #[must_use]
    pub fn has_ledger(&self) -> bool {
        self.setup.ledger
    }

    /// The ledger before the delivery.
    #[must_use]
    pub fn ledger(&self) -> Memory {
        let ledger = Memory::default();
        now(ledger.note(&self.setup.notes)).expect("a ledger in memory takes every note");
        ledger
    }

    /// The network, which each round of questions meets in its next state.
    #[must_use]
    pub fn network(&self) -> Changing {
        Changing::through(self.networks.clone())
    }
}

/// A network from its file; without one there is nothing.
fn network(file: &Path) -> World {
    if !file.exists() {
        return World::empty(id::<AccountId>(ACCOUNT), id::<Region>(REGION));
    }
    World::read(text(file).as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// When the call was made: from the record, bare or in its envelope.
fn event_time(event: &[u8]) -> Option<Timestamp> {
    let event: Value = serde_json::from_slice(event).ok()?;
    let record = event.get("detail").unwrap_or(&event);
    record.get("eventTime")?.as_str()?.parse().ok()
}
