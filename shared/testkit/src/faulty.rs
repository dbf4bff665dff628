//! Ports that fail when they are told to.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use guardrail_policy::facts::{Answered, Fact, Missing, Question, Unreadable};
use guardrail_policy::message::Notice;
use guardrail_runner::ports::{Answer, Tell, TellError};

/// How a port fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing can be read in that round; as when EC2 throttles or denies.
    Unreadable(&'static str),
    /// The first question of that round cannot be read, the others can.
    UnreadableFirst(&'static str),
    /// Everything that was asked for in that round is gone.
    Gone,
    /// Every list of that round is empty.
    Empty,
    /// Every list of that round lacks its last element.
    CutShort,
    /// Nothing is answered at all in that round.
    Silent,
    /// A notice is refused and not sent.
    Refused,
    /// A notice is sent, and the answer lost.
    ReplyLost,
}

impl Fault {
    /// The ways in which reading can fail.
    pub const OF_ANSWERS: [Self; 6] = [
        Self::Unreadable("RequestLimitExceeded"),
        Self::UnreadableFirst("UnauthorizedOperation"),
        Self::Gone,
        Self::Empty,
        Self::CutShort,
        Self::Silent,
    ];
    /// The ways in which telling can fail.
    pub const OF_TELLING: [Self; 2] = [Self::Refused, Self::ReplyLost];
}

/// A port one call of which fails.
#[derive(Debug)]
pub struct Faulty<P> {
    inner: P,
    fault: Fault,
    at: usize,
    calls: AtomicUsize,
}

impl<P> Faulty<P> {
    /// The call with this number fails, counted from 0; all others reach `inner`.
    #[must_use]
    pub fn at(call: usize, fault: Fault, inner: P) -> Self {
        Self {
            inner,
            fault,
            at: call,
            calls: AtomicUsize::new(0),
        }
    }

    /// The port behind it.
    #[must_use]
    pub fn inner(&self) -> &P {
        &self.inner
    }

    /// Whether the call that was to fail was made.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > self.at
    }

    fn fails_now(&self) -> bool {
        self.calls.fetch_add(1, Ordering::SeqCst) == self.at
    }
}

impl<P: Answer> Answer for Faulty<P> {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        if !self.fails_now() {
            return self.inner.answer(questions).await;
        }
        let unreadable = |question: &Question, code: &str| {
            let why = Unreadable {
                action: "ec2:Describe".to_owned(),
                code: code.to_owned(),
            };
            question.without(Missing::Unreadable(why))
        };
        let answers = self.inner.answer(questions).await;
        match self.fault {
            Fault::Unreadable(code) => questions.iter().map(|question| unreadable(question, code)).collect(),
            Fault::UnreadableFirst(code) => {
                let first = questions.first();
                let spoiled = answers.into_iter().map(|answered| {
                    let question = answered.question();
                    if Some(&question) == first {
                        unreadable(&question, code)
                    } else {
                        answered
                    }
                });
                spoiled.collect()
            }
            Fault::Gone => questions
                .iter()
                .map(|question| question.without(Missing::Gone))
                .collect(),
            Fault::Empty => answers.into_iter().map(|answered| shortened(answered, |_| 0)).collect(),
            Fault::CutShort => answers
                .into_iter()
                .map(|answered| shortened(answered, |length| length.saturating_sub(1)))
                .collect(),
            Fault::Silent => Vec::new(),
            Fault::Refused | Fault::ReplyLost => answers,
        }
    }
}

/// An answer whose list keeps only so many elements; what is no list stays.
fn shortened(answered: Answered, keep: impl Fn(usize) -> usize) -> Answered {
    fn first<T, C: IntoIterator<Item = T> + FromIterator<T>>(list: C, length: usize) -> Fact<C> {
        Fact::Is(list.into_iter().take(length).collect())
    }
    match answered {
        Answered::Groups(key, Fact::Is(list)) => {
            let length = keep(list.len());
            Answered::Groups(key, first(list, length))
        }
        Answered::Rules(key, Fact::Is(list)) => {
            let length = keep(list.len());
            Answered::Rules(key, first(list, length))
        }
        Answered::Endpoints(key, Fact::Is(list)) => {
            let length = keep(list.len());
            Answered::Endpoints(key, first(list, length))
        }
        Answered::RouteTables(key, Fact::Is(list)) => {
            let length = keep(list.len());
            Answered::RouteTables(key, first(list, length))
        }
        Answered::Interfaces(key, Fact::Is(list)) => {
            let length = keep(list.len());
            Answered::Interfaces(key, first(list, length))
        }
        Answered::PrefixLists(key, Fact::Is(list)) => {
            let length = keep(list.len());
            Answered::PrefixLists(key, first(list, length))
        }
        Answered::Entries(key, Fact::Is(list)) => {
            let length = keep(list.len());
            Answered::Entries(key, first(list, length))
        }
        other => other,
    }
}

impl<P: Tell> Tell for Faulty<P> {
    async fn tell(&self, notice: &Notice) -> Result<(), TellError> {
        let lost = || TellError {
            code: "Timeout".to_owned(),
            to: "the topic".to_owned(),
        };
        if !self.fails_now() {
            return self.inner.tell(notice).await;
        }
        match self.fault {
            Fault::Refused => Err(lost()),
            Fault::ReplyLost => {
                self.inner.tell(notice).await?;
                Err(lost())
            }
            _ => self.inner.tell(notice).await,
        }
    }
}
