//! What people have done by hand: a revert undone, a plan applied, an exemption for some hours.
//!
//! Each goes the ledger's way as an event does: claim, put down the intent, act, read again, put down the outcome, tell,
//! mark as told. Two people who do the same at once do not meet on the network, and a run that was broken off is
//! finished by the next one. What is there now decides what is left to do.

mod apply;
mod exempt;
mod undo;

use guardrail_policy::execution::Execution;
use guardrail_policy::facts::Unreadable;
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::ledger::{EntryKey, Lease, Note};
use guardrail_policy::message;
use guardrail_policy::record::{Record, Told};

use crate::carry_out::Hands;
use crate::ports::{Act, Answer, Claim, Clock, Keep, KeepError, Tell, TellError};

pub use apply::{Applying, Chosen};
pub use exempt::Exempting;
pub use undo::{Part, Undoing};

/// For how long one run holds what it claimed: far longer than it takes.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// How often the same thing can be done anew to one record before the ledger forgets the first time.
const MOST_TIMES: usize = 50;

/// A person's hands: the ports through which a command acts, and who calls it.
#[derive(Debug)]
pub struct ByHand<'a, A, X, T, K, C> {
    /// Reads what is there.
    pub answer: &'a A,
    /// Changes what is there.
    pub act: &'a X,
    /// Tells the security team.
    pub tell: &'a T,
    /// The ledger.
    pub keep: &'a K,
    /// The clock.
    pub clock: &'a C,
    /// Who it is, as they say.
    pub by: &'a str,
    /// Another for every run.
    pub run: &'a str,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The record, as it was put down.
    pub record: Record,
    /// Why nobody was told, if nobody was.
    pub untold: Option<TellError>,
    /// Why the record was not put down, if it was not.
    pub unkept: Option<KeepError>,
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ByHandError {
    /// The ledger does not have the record.
    #[error(
        "the ledger has no record `{0}`: take the id from the message; records are kept for 90 days, and only of events about which something was to be told or done"
    )]
    NoRecord(String),
    /// There is nothing to take back.
    #[error("`{record}` is of nothing that was carried out, so there is nothing to undo: {remedy}")]
    NothingDone {
        /// The record.
        record: String,
        /// What to do instead.
        remedy: &'static str,
    },
    /// The record is not of an event.
    #[error("`{0}` is of no event that could be judged again: give the record of the event itself")]
    NoEvent(String),
    /// What a plan is about is not seen.
    #[error("`{0}` is not there: it was deleted, or the credentials and the Region are not those of its account")]
    NotThere(String),
    /// What is there could not be read.
    #[error("the network could not be read: `{}` came to `{}`: mend that, and try again", .0.action, .0.code)]
    Unreadable(Unreadable),
    /// Nothing could be decided.
    #[error("it could not be known what is wrong now: {0}")]
    Undecided(String),
    /// Somebody else is at it.
    #[error("somebody else is at it, until {} at the latest: wait, and look again", .until.strftime("%F %T UTC"))]
    Held {
        /// When it may be taken over.
        until: Timestamp,
    },
    /// The ledger could not be used.
    #[error(transparent)]
    Ledger(#[from] KeepError),
}

/// What a run has claimed.
#[derive(Debug)]
struct Claimed {
    key: EntryKey,
    lease: Lease,
    /// Whether an earlier run came further than claiming it.
    begun: bool,
    /// What an earlier run put down as its outcome, and may not have told.
    outcome: Option<Record>,
}

impl<A: Answer, X: Act, T: Tell, K: Keep, C: Clock> ByHand<'_, A, X, T, K, C> {
    /// The record with this id.
    ///
    /// # Errors
    /// [`ByHandError::NoRecord`] where the ledger does not have it.
    pub async fn record(&self, id: &str) -> Result<Record, ByHandError> {
        let found = self.keep.record(id).await?;
        found.ok_or_else(|| ByHandError::NoRecord(id.chars().take(80).collect()))
    }

    /// Claims something to be done: the first time, or another time after it was done and told.
    async fn claim(&self, command: &str, subject: &str) -> Result<Claimed, ByHandError> {
        let now = self.clock.now();
        let lease = Lease {
            owner: self.run.to_owned(),
            until: later(now, LEASE),
        };
        for time in 0..MOST_TIMES {
            let key = EntryKey::by_hand(command, &nth(subject, time));
            let (begun, outcome) = match self.keep.claim(&key, &lease, now).await? {
                Claim::Told => continue,
                Claim::Held { until } => return Err(ByHandError::Held { until }),
                Claim::New => (false, None),
                Claim::Intended(_) => (true, None),
                Claim::Settled(outcome) => (true, self.keep.record(&outcome.record_id).await?),
            };
            return Ok(Claimed {
                key,
                lease,
                begun,
                outcome,
            });
        }
        Err(ByHandError::Held {
            until: later(now, guardrail_policy::ledger::ENTRIES_KEPT),
        })
    }

    /// Puts down what is going to be done. Nothing was done where that fails.
    async fn intend(&self, claimed: &Claimed, record: &Record, notes: &[Note]) -> Result<(), ByHandError> {
        let put = self.keep.intend(&claimed.key, &claimed.lease, record, notes).await;
        Ok(put?)
    }

    /// Puts down what came of it, tells it, and marks it as told.
    async fn conclude(&self, claimed: &Claimed, mut record: Record) -> Outcome {
        let unkept = self.keep.settle(&claimed.key, &claimed.lease, &record).await.err();
        let untold = self.tell(&mut record).await;
        let marked = match untold {
            None => self.keep.told(&claimed.key, &claimed.lease, &[]).await,
            Some(_) => self.keep.release(&claimed.key, &claimed.lease).await,
        };
        Outcome {
            record,
            untold,
            unkept: unkept.or_else(|| marked.err()),
        }
    }

    async fn tell(&self, record: &mut Record) -> Option<TellError> {
        let notice = message::by_hand(record)?;
        let untold = self.tell.tell(&notice).await.err();
        record.told.push(Told {
            notice_id: notice.notice_id,
            error: untold.as_ref().map(ToString::to_string),
        });
        untold
    }

    /// Gives a claim back under which there was nothing to do.
    async fn release(&self, claimed: &Claimed) -> Result<(), ByHandError> {
        Ok(self.keep.release(&claimed.key, &claimed.lease).await?)
    }

    /// What carries a plan out, until its lease is over.
    fn hands(&self, may_open: bool, until: Timestamp) -> Hands<'_, A, X, C> {
        Hands {
            answer: self.answer,
            act: self.act,
            clock: self.clock,
            may_open,
            until,
        }
    }
}

impl Outcome {
    /// Whether all of it was done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.record.outcomes.iter().all(Execution::is_carried_out)
    }
}

/// What the same thing is called when it is done for the nth time.
fn nth(subject: &str, time: usize) -> String {
    match time {
        0 => subject.to_owned(),
        time => format!("{subject} {time}"),
    }
}

/// A time so much later.
fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}
