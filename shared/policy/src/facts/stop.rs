//! Why a rule cannot go on: something must be read first, or cannot be known.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Fact, Question, Unreadable};

/// Why a judgement stops short. `?` carries it out of a rule; [`both`] joins those of independent reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// These questions were not asked yet.
    Need(BTreeSet<Question>),
    /// The answers to these contradict the event: they must come out the same twice.
    Settle(BTreeSet<Question>),
    /// It was asked, and the answer is not `Is`.
    Unknown {
        /// What was asked.
        question: Question,
        /// What came instead of an answer.
        why: Unknown,
    },
}

/// What came instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// There is no such thing (any more).
    Gone,
    /// AWS may just not show it yet: ask again later.
    NotYet,
    /// AWS did not say: ask again later, and alarm when it never does.
    Unreadable(Unreadable),
}

impl Stop {
    /// The value of a fact that is `Is`; else what is to be asked, or why it cannot be known.
    pub(super) fn unless_is<T>(fact: Option<&Fact<T>>, question: impl Fn() -> Question) -> Result<&T, Self> {
        let why = match fact {
            None => return Err(Self::Need(BTreeSet::from([question()]))),
            Some(Fact::Is(value)) => return Ok(value),
            Some(Fact::Gone) => Unknown::Gone,
            Some(Fact::NotYet) => Unknown::NotYet,
            Some(Fact::Unreadable(why)) => Unknown::Unreadable(why.clone()),
        };
        Err(Self::Unknown {
            question: question(),
            why,
        })
    }

    /// Both stops as one. What can still be asked comes first: nothing is given up before all is read.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Need(mut one), Self::Need(two)) => {
                one.extend(two);
                Self::Need(one)
            }
            (need @ Self::Need(_), _) | (_, need @ Self::Need(_)) => need,
            (Self::Settle(mut one), Self::Settle(two)) => {
                one.extend(two);
                Self::Settle(one)
            }
            (gone @ Self::Unknown { why: Unknown::Gone, .. }, _)
            | (_, gone @ Self::Unknown { why: Unknown::Gone, .. }) => gone,
            (unknown @ Self::Unknown { .. }, _) | (_, unknown @ Self::Unknown { .. }) => unknown,
        }
    }
}

/// Two independent reads at once: when both are missing, both are asked in the same round.
///
/// # Errors
/// The [`Stop`] of either, or of both joined.
pub fn both<A, B>(a: Result<A, Stop>, b: Result<B, Stop>) -> Result<(A, B), Stop> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(stop), Ok(_)) | (Ok(_), Err(stop)) => Err(stop),
        (Err(one), Err(two)) => Err(one.join(two)),
    }
}

/// Any number of independent reads at once: what all of them still miss is asked in the same round.
///
/// # Errors
/// The [`Stop`] of those that stopped, joined.
pub fn all<T>(each: impl IntoIterator<Item = Result<T, Stop>>) -> Result<Vec<T>, Stop> {
    let mut all = Vec::new();
    let mut stopped: Option<Stop> = None;
    for one in each {
        match one {
            Ok(one) => all.push(one),
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    stopped.map_or(Ok(all), Err)
}
