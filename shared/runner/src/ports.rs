//! The narrow ports through which the flow touches the world.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use guardrail_policy::execution::Failure;
use guardrail_policy::facts::{Answered, Question};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{Abouts, EntryKey, Lease, Note};
use guardrail_policy::message::Notice;
use guardrail_policy::plan::{Action, Withheld};
use guardrail_policy::record::{Handover, Record};

/// Reads what is there.
pub trait Answer {
    /// Answers every question, side by side: exactly one answer for each, `Unreadable` rather than none.
    fn answer(&self, questions: &BTreeSet<Question>) -> impl Future<Output = Vec<Answered>>;
}

/// Changes what is there.
pub trait Act {
    /// Does one action of a plan: whole, or not at all.
    ///
    /// # Errors
    /// [`ActError`], which tells what was certainly not done from what may have been.
    fn act(&self, action: &Action) -> impl Future<Output = Result<(), ActError>>;
}

/// An action that is not known to have been done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// What it was to change is not there, or is another by now. Nothing was done.
    #[error("`{action}` did not find what it was to change (`{code}`): decide again")]
    Moved {
        /// The IAM action.
        action: String,
        /// AWS's error code.
        code: String,
    },
    /// Some of what it was to make is there already. Nothing was done.
    #[error("`{action}` found some of it in place (`{code}`): leave that out")]
    Present {
        /// The IAM action.
        action: String,
        /// AWS's error code.
        code: String,
    },
    /// AWS refused it: denied, throttled to the end, over a quota. Nothing was done.
    #[error("`{action}` was refused (`{code}`): check that the role may call it, and the account's quotas")]
    Refused {
        /// The IAM action.
        action: String,
        /// AWS's error code.
        code: String,
    },
    /// AWS will not do it as things are, however often it is asked. Nothing was done.
    #[error("`{action}` cannot be done (`{code}`): {why}")]
    Impossible {
        /// The IAM action.
        action: String,
        /// AWS's error code.
        code: String,
        /// Why not.
        why: Withheld,
    },
    /// No reply came, or none that can be believed: it may have been done.
    #[error("`{action}` got no reply (`{code}`): read again whether it was done")]
    Unclear {
        /// The IAM action.
        action: String,
        /// AWS's error code, or `Timeout`, `ConnectionFailed`.
        code: String,
    },
}

/// Changes nothing: where there is only something to be seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct HandsOff;

impl Act for HandsOff {
    async fn act(&self, _: &Action) -> Result<(), ActError> {
        Err(ActError::Refused {
            action: "guardrail:Act".to_owned(),
            code: "HandsOff".to_owned(),
        })
    }
}

/// Tells the security team.
pub trait Tell {
    /// Sends one notice.
    ///
    /// # Errors
    /// [`TellError`] when it is not known to have been sent; it may have been.
    fn tell(&self, notice: &Notice) -> impl Future<Output = Result<(), TellError>>;
}

/// Keeps the ledger: who handles an event and how far that has come, records, and notes.
///
/// Every write names the lease under which it is made, and is refused with [`KeepError::Lost`] once another delivery
/// has taken over. Each may be repeated: a second one with the same content changes nothing.
pub trait Keep {
    /// Claims an event for one delivery, or takes it over from one that cannot run any more.
    ///
    /// # Errors
    /// [`KeepError::Unavailable`] when it is not known whether it was claimed.
    fn claim(&self, key: &EntryKey, lease: &Lease, now: Timestamp) -> impl Future<Output = Result<Claim, KeepError>>;

    /// The notes about these that still matter, in order, in one consistent read.
    ///
    /// # Errors
    /// [`KeepError::Unavailable`].
    fn recall(&self, about: &Abouts, now: Timestamp) -> impl Future<Output = Result<Vec<Note>, KeepError>>;

    /// Puts down what is going to be done, and the notes that count it, before anything is done: all or nothing.
    ///
    /// # Errors
    /// [`KeepError`]; when it is not known whether it was put down, nothing may be done.
    fn intend(
        &self,
        key: &EntryKey,
        lease: &Lease,
        record: &Record,
        notes: &[Note],
    ) -> impl Future<Output = Result<(), KeepError>>;

    /// Puts down what came of it, and keeps the record by its id: all or nothing.
    ///
    /// # Errors
    /// [`KeepError`].
    fn settle(&self, key: &EntryKey, lease: &Lease, record: &Record) -> impl Future<Output = Result<(), KeepError>>;

    /// Marks the event as done with: whoever is to be told was told; with notes on what need not be told again.
    ///
    /// # Errors
    /// [`KeepError`].
    fn told(&self, key: &EntryKey, lease: &Lease, notes: &[Note]) -> impl Future<Output = Result<(), KeepError>>;

    /// Gives a claim back, so that the next delivery need not wait for its end.
    ///
    /// # Errors
    /// [`KeepError`].
    fn release(&self, key: &EntryKey, lease: &Lease) -> impl Future<Output = Result<(), KeepError>>;

    /// The record with this id, if it is kept.
    ///
    /// # Errors
    /// [`KeepError::Unavailable`].
    fn record(&self, id: &str) -> impl Future<Output = Result<Option<Record>, KeepError>>;

    /// Writes notes, each in the place of an earlier one of its name.
    ///
    /// # Errors
    /// [`KeepError::Unavailable`].
    fn note(&self, notes: &[Note]) -> impl Future<Output = Result<(), KeepError>>;
}

/// What came of claiming an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is this delivery's, and nothing was done about the event yet.
    New,
    /// It is this delivery's: an earlier one put down this intent and came no further; the plan may be done in part.
    Intended(Box<Handover>),
    /// It is this delivery's: an earlier one put down this outcome and may not have told it.
    Settled(Box<Handover>),
    /// Another delivery is at it until then.
    Held {
        /// When it may be taken over.
        until: Timestamp,
    },
    /// It was done with.
    Told,
}

/// A ledger that did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeepError {
    /// It did not answer, or refused: it is not known whether it was done.
    #[error(
        "the ledger `{table}` could not be used (`{code}`): check that the table exists, and that the role may call {action}"
    )]
    Unavailable {
        /// The IAM action.
        action: String,
        /// AWS's error code, or `Timeout`, `ConnectionFailed`.
        code: String,
        /// The table.
        table: String,
    },
    /// Another delivery has taken over: nothing more may be done under this lease.
    #[error("another delivery of the event has taken over: leave it to that one")]
    Lost,
}

/// The only clock.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn wait(&self, duration: Duration) -> impl Future<Output = ()>;
}

/// A notice that is not known to have been sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the notice could not be sent (`{code}`): check that `{to}` exists, and that publishing to it is allowed")]
pub struct TellError {
    /// AWS's error code, or `Timeout`, `ConnectionFailed`.
    pub code: String,
    /// Where it was to go.
    pub to: String,
}

impl ActError {
    /// The failure, for the record.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let (Self::Moved { action, code }
        | Self::Present { action, code }
        | Self::Refused { action, code }
        | Self::Impossible { action, code, .. }
        | Self::Unclear { action, code }) = self;
        Failure {
            action: action.clone(),
            code: code.clone(),
        }
    }
}
