//! Judges what was found in a file: an event by the facts of a source, one of our records by its own.

use std::collections::BTreeSet;

use guardrail_policy::decide::Reason;
use guardrail_policy::event::{self, Event};
use guardrail_policy::facts::Question;
use guardrail_policy::id::Arn;
use guardrail_policy::message::Notice;
use guardrail_policy::record::{Record, RecordReason};
use guardrail_policy::rules::{self, BUILT};
use guardrail_policy::settings::Settings;
use guardrail_runner::ports::{Tell, TellError};
use guardrail_runner::{Delivery, Guard, Runner};

use super::clock::ReplayClock;
use super::facts::{Asking, Refusal, Source};
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
    /// It is no event; where, what it is, and the remedy.
    Unreadable(String),
}

/// One event, judged.
#[derive(Debug)]
pub(super) struct Judged {
    /// Where it stands.
    pub(super) place: Place,
    /// What came of it.
    pub(super) record: Record,
    /// What the policy file wants, whatever capped the mode of this replay.
    pub(super) asked: BTreeSet<Question>,
    /// Why nothing answered, if that is so.
    pub(super) refusal: Option<Refusal>,
    /// What there is to know about the judging itself.
    pub(super) remarks: Vec<String>,
}
