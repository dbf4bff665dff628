//! Judges what was found in a file: an event by the facts of a source, one of our records by its own.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::decide::Reason;
use guardrail_policy::event::{self, Event};
use guardrail_policy::facts::Question;
use guardrail_policy::message::Notice;
use guardrail_policy::record::{Record, RecordReason};
use guardrail_policy::rules::BUILT;
use guardrail_policy::settings::{Mode, RuleName, Settings};
use guardrail_runner::ports::{HandsOff, Tell, TellError};
use guardrail_runner::{Delivery, Guard, Ledger, Memory, Runner};

use super::clock::ReplayClock;
use super::facts::{Asking, Refusal, Source};
use super::recorded;
use crate::input::{Found, Place, What};

/// What became of one thing that was found.
#[derive(Debug)]
pub(super) enum Outcome {
    /// No rule looks at it.
    NotOurs,
    /// It is the rest of a log.
    Skipped,
    /// It was judged, or at least tried.
    Judged(Box<Judged>),
    /// It is no event: where it stands, what is wrong with it, and the remedy.
    Unreadable(String),
}

/// One event, judged.
#[derive(Debug)]
pub(super) struct Judged {
    /// Where it stands.
    pub(super) place: Place,
    /// What came of it.
    pub(super) record: Record,
    /// What was asked of the source.
    pub(super) asked: BTreeSet<Question>,
    /// Why the source did not answer, if it did not.
    pub(super) refusal: Option<Refusal>,
    /// The mode that the policy file sets for each rule that spoke, whatever caps the mode of a replay.
    pub(super) wanted: BTreeMap<RuleName, Mode>,
    /// What there is to know about this replay itself.
    pub(super) remarks: Vec<String>,
}

/// How an event came out, for people who count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing is wrong, or nothing that is not exempt.
    Clean,
    /// Nothing is wrong but what an exemption allows.
    Exempt,
    /// Something is wrong.
    Found,
    /// No rule looks at it.
    NotOurs,
    /// It could not be judged.
    Unjudged,
}

impl Judged {
    /// A record, judged under this policy file; no source was asked.
    pub(super) fn of(place: Place, record: Record, settings: &Settings) -> Self {
        let account = record.event.as_ref().and_then(|event| event.account.as_ref());
        let verdicts = record.decision.iter().flat_map(|decision| &decision.verdicts);
        let wanted = verdicts
            .filter_map(|verdict| Some((verdict.rule, settings.mode_for(verdict.rule, account?))))
            .collect();
        Self {
            place,
            record,
            asked: BTreeSet::new(),
            refusal: None,
            wanted,
            remarks: Vec::new(),
        }
    }

    /// How it came out.
    pub(super) fn standing(&self) -> Standing {
        match self.record.reason {
            RecordReason::Refused(_) | RecordReason::Decided(Reason::Undecided) => Standing::Unjudged,
            RecordReason::Decided(Reason::Found | Reason::Withheld | Reason::BackedOff) | RecordReason::Handled(_) => {
                Standing::Found
            }
            RecordReason::Decided(Reason::Exempt) => Standing::Exempt,
            RecordReason::Decided(Reason::NotOurs) => Standing::NotOurs,
            RecordReason::Decided(_) if !self.record.event.as_ref().is_some_and(wakes_a_rule) => Standing::NotOurs,
            RecordReason::Decided(_) => Standing::Clean,
        }
    }
}

/// Judges by one policy file and one source of facts.
pub(super) struct Judge<'a> {
    pub(super) settings: &'a Settings,
    pub(super) source: &'a Source,
    pub(super) clock: ReplayClock,
    /// The rules, and the guardrail's own roles.
    pub(super) guard: Guard,
    /// Whether events that no rule looks at are judged too.
    pub(super) all: bool,
}

impl<'a> Judge<'a> {
    /// Judges one thing that was found.
    pub(super) async fn judge(&self, Found { place, what }: Found) -> Outcome {
        match what {
            What::Skipped => Outcome::Skipped,
            What::Unreadable(message) => Outcome::Unreadable(format!("`{place}` {message}")),
            What::Record(record) => Outcome::Judged(Box::new(recorded::judge(place, *record, self.settings))),
            What::Event(bytes) => match event::parse(&bytes) {
                Ok((_, event)) if !self.all && !wakes_a_rule(&event) => Outcome::NotOurs,
                Ok((_, event)) => Outcome::Judged(Box::new(self.judge_event(place, &bytes, &event).await)),
                Err(error) => Outcome::Unreadable(format!("`{place}` cannot be judged: {error}")),
            },
        }
    }

    async fn judge_event(&self, place: Place, bytes: &[u8], event: &Event) -> Judged {
        let asking = Asking::about(event, self.source);
        let Self {
            settings, clock, guard, ..
        } = self;
        let runner = Runner {
            guard,
            ceilings: &[],
            settings,
            answer: &asking,
            act: &HandsOff,
            tell: &Nobody,
            ledger: None::<Ledger<'_, Memory>>,
            clock,
        };
        let mut record = runner.handle(bytes, Delivery::Replay).await;
        record.told.clear();
        let Asking { asked, refusal, .. } = asking;
        let asked = asked.into_inner();
        let refusal = refusal.filter(|_| !asked.is_empty());
        Judged {
            asked,
            refusal,
            ..Judged::of(place, record, settings)
        }
    }
}

/// Whether any rule of this version is woken by an event.
pub(super) fn wakes_a_rule(event: &Event) -> bool {
    BUILT.iter().any(|rule| rule.is_woken_by(&event.call))
}

/// Nobody is told of a replay.
struct Nobody;

impl Tell for Nobody {
    async fn tell(&self, _: &Notice) -> Result<(), TellError> {
        Ok(())
    }
}
