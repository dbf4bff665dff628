//! Where the facts about the network come from, and for which events they can be used.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use anyhow::Result;
use guardrail_policy::event::Event;
use guardrail_policy::facts::{Answered, Missing, Question, Unreadable};
use guardrail_runner::ports::Answer;
use guardrail_world::World;

use crate::live::Live;
use crate::snapshot;

/// Where the facts come from.
pub(super) enum Source {
    /// Nowhere: what is asked is written down.
    Nothing,
    /// A snapshot of a network.
    Snapshot(Box<World>),
    /// AWS as it is now.
    Live(Box<Live>),
}

/// How many events are judged side by side by asking AWS: it mostly is the waiting that takes time.
const LIVE_SIDE_BY_SIDE: usize = 8;

/// Why a source cannot answer for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no source.
    Nothing,
    /// It shows another account or Region, and what it does not show need not be gone: what it shows, and the remedy.
    Elsewhere(String),
}

impl Source {
    /// A snapshot from a file.
    ///
    /// # Errors
    /// When it cannot be read: where, and the remedy.
    pub(super) fn snapshot(path: &Path) -> Result<Self> {
        Ok(Self::Snapshot(Box::new(snapshot::read(path)?)))
    }

    /// Whether it is AWS itself, where waiting can change an answer.
    pub(super) fn is_live(&self) -> bool {
        matches!(self, Self::Live(_))
    }

    /// How many events are judged side by side.
    pub(super) fn side_by_side(&self) -> usize {
        if self.is_live() { LIVE_SIDE_BY_SIDE } else { 1 }
    }

    /// Why it cannot answer for an event, if it cannot. What another account or Region does not show is not gone.
    fn refusal(&self, event: &Event) -> Option<Refusal> {
        match self {
            Self::Nothing => Some(Refusal::Nothing),
            Self::Snapshot(world) => {
                let shows = format!("the snapshot is of account {} and {}", world.account, world.region);
                let is_there = event.region == world.region && event.account.as_ref() == Some(&world.account);
                (!is_there).then(|| Refusal::Elsewhere(format!("{shows}: give one of the event's account and Region")))
            }
            Self::Live(live) => live.elsewhere(event).map(Refusal::Elsewhere),
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
        Self {
            source,
            refusal: source.refusal(event),
            asked: RefCell::default(),
        }
    }
}

impl Answer for Asking<'_> {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        self.asked.borrow_mut().extend(questions.iter().cloned());
        match (&self.refusal, self.source) {
            (None, Source::Snapshot(world)) => world.answer(questions).await,
            (None, Source::Live(live)) => live.network.answer(questions).await,
            (refusal, _) => {
                let code = refusal.as_ref().map_or("NoAnswer", Refusal::code);
                let why = Unreadable {
                    action: "guardrail:Replay".to_owned(),
                    code: code.to_owned(),
                };
                questions
                    .iter()
                    .map(|question| question.without(Missing::Unreadable(why.clone())))
                    .collect()
            }
        }
    }
}

impl Refusal {
    /// The code under which records keep it.
    fn code(&self) -> &'static str {
        match self {
            Self::Nothing => "NotAsked",
            Self::Elsewhere(_) => "Elsewhere",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing says what the network looks like: give `--world` or `--live`"),
            Self::Elsewhere(why) => f.write_str(why),
        }
    }
}
