//! Where the facts about the network come from, and for which events they can be used.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::cell::RefCell;

use anyhow::{Context as _, Result, anyhow};
use guardrail_policy::event::Event;
use guardrail_policy::facts::{Answered, Missing, Question, Unreadable};
use guardrail_runner::ports::Answer;
use guardrail_world::World;

use crate::input::unreadable;

/// Where the facts come from.
pub(super) enum Source {
    /// Nowhere: what is asked is written down.
    Nothing,
    /// A snapshot of a network.
    Snapshot(Box<World>),
}

/// Why a source cannot answer for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no source.
    Nothing,
    /// It shows another account than the event is of.
    OtherAccount(String),
    /// It shows another Region.
    OtherRegion(String),
}

impl Source {
    /// A snapshot from a file.
    ///
    /// # Errors
    /// When it cannot be read: where, and the remedy.
    pub(super) fn snapshot(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|error| anyhow!("the snapshot {}", unreadable(&name, &error)))?;
        let world = World::read(&bytes).with_context(|| format!("the snapshot `{name}` cannot be used"))?;
        Ok(Self::Snapshot(Box::new(world)))
    }

    /// Whether it is AWS itself, where waiting can change an answer.
    pub(super) fn is_live(&self) -> bool {
        false
    }

    /// How many events are judged side by side.
    pub(super) fn side_by_side(&self) -> usize {
        1
    }

    /// Why it cannot answer for an event, if it cannot. What another account or Region does not show is not gone.
    fn refusal(&self, event: &Event) -> Option<Refusal> {
        match self {
            Self::Nothing => Some(Refusal::Nothing),
            Self::Snapshot(world) if event.account.as_ref().is_some_and(|account| *account != world.account) => {
                Some(Refusal::OtherAccount(format!("the snapshot is of account {}", world.account)))
            }
            Self::Snapshot(world) if event.region != world.region => {
                Some(Refusal::OtherRegion(format!("the snapshot is of {}", world.region)))
            }
            Self::Snapshot(_) => None,
        }
    }
}

/// A source as one event asks it.
pub(super) struct Asking<'a> {
    source: &'a Source,
    /// Why it does not answer.
    pub(super) refusal: Option<Refusal>,
    /// What was asked.
    pub(super) asked: RefCell<BTreeSet<Question>>,
}

impl<'a> Asking<'a> {
    pub(super) fn about(event: &Event, source: &'a Source) -> Self {
        Self { source, refusal: source.refusal(event), asked: RefCell::default() }
    }
}

impl Answer for Asking<'_> {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        self.asked.borrow_mut().extend(questions.iter().cloned());
        match (&self.refusal, self.source) {
            (None, Source::Snapshot(world)) => world.answer(questions).await,
            (refusal, _) => {
                let code = refusal.as_ref().map_or("NoAnswer", Refusal::code);
                let why = Unreadable { action: "guardrail:Replay".to_owned(), code: code.to_owned() };
                questions.iter().map(|question| question.without(Missing::Unreadable(why.clone()))).collect()
            }
        }
    }
}

impl Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Nothing => "NotAsked",
            Self::OtherAccount(_) => "OtherAccount",
            Self::OtherRegion(_) => "OtherRegion",
        }
    }
}
