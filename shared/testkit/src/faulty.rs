//! Ports that fail when they are told to.

use std::collections::BTreeSet;
use std::future::pending;
use std::rc::Rc;

use guardrail_policy::facts::{Answered, Fact, Missing, Question, Unreadable};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{Abouts, EntryKey, Lease, Note};
use guardrail_policy::message::Notice;
use guardrail_policy::plan::Action;
use guardrail_policy::record::Record;
use guardrail_runner::ports::{Act, ActError, Answer, Claim, Keep, KeepError, Tell, TellError};
use guardrail_runner::sweep::Remember;

use crate::ports::iam_action;
use crate::saboteur::{Call, Fault, Saboteur};

/// A port calls of which fail.
#[derive(Debug)]
pub struct Faulty<P> {
    inner: Rc<P>,
    saboteur: Rc<Saboteur>,
}

impl<P> Faulty<P> {
    /// The call with this number fails, counted from 0; all others reach `inner`.
    #[must_use]
    pub fn at(call: usize, fault: Fault, inner: P) -> Self {
        Self::under(&Saboteur::at(call, fault), &Rc::new(inner))
    }

    /// The calls fail that a saboteur spoils, who may count those of other ports, too.
    #[must_use]
    pub fn under(saboteur: &Rc<Saboteur>, inner: &Rc<P>) -> Self {
        Self {
            inner: Rc::clone(inner),
            saboteur: Rc::clone(saboteur),
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
        self.saboteur.has_struck()
    }
}

impl<P: Answer> Answer for Faulty<P> {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        let fault = self.saboteur.spoil(&Call::Answer).await;
        let answers = self.inner.answer(questions).await;
        match fault {
            None => answers,
            Some(Fault::KilledAfter) => pending().await,
            Some(fault) => spoiled(fault, questions, answers),
        }
    }
}

/// Answers as they come when something goes wrong.
fn spoiled(fault: Fault, questions: &BTreeSet<Question>, answers: Vec<Answered>) -> Vec<Answered> {
    let unreadable = |question: &Question, code: &str| {
        let why = Unreadable {
            action: "ec2:Describe".to_owned(),
            code: code.to_owned(),
        };
        question.without(Missing::Unreadable(why))
    };
    match fault {
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
        _ => answers,
    }
}

impl<P: Act> Act for Faulty<P> {
    async fn act(&self, action: &Action) -> Result<(), ActError> {
        let error = |fault| {
            let (action, code) = (iam_action(action).to_owned(), |code: &str| code.to_owned());
            Some(match fault {
                Fault::Refused => ActError::Refused {
                    action,
                    code: code("UnauthorizedOperation"),
                },
                Fault::Throttled => ActError::Refused {
                    action,
                    code: code("RequestLimitExceeded"),
                },
                Fault::Missed => ActError::Moved {
                    action,
                    code: code("InvalidPermission.NotFound"),
                },
                Fault::Present => ActError::Present {
                    action,
                    code: code("InvalidPermission.Duplicate"),
                },
                Fault::CallLost | Fault::ReplyLost => ActError::Unclear {
                    action,
                    code: code("Timeout"),
                },
                _ => return None,
            })
        };
        let call = Call::Act(action.clone());
        self.saboteur.make(call, self.inner.act(action), error).await
    }
}

impl<P: Tell> Tell for Faulty<P> {
    async fn tell(&self, notice: &Notice) -> Result<(), TellError> {
        let error = |fault| {
            let code = match fault {
                Fault::Refused => "AuthorizationError",
                Fault::Throttled => "Throttled",
                Fault::CallLost | Fault::ReplyLost => "Timeout",
                _ => return None,
            };
            Some(TellError {
                code: code.to_owned(),
                to: "the topic".to_owned(),
            })
        };
        let call = Call::Tell(notice.notice_id.clone());
        self.saboteur.make(call, self.inner.tell(notice), error).await
    }
}

impl<P: Keep> Keep for Faulty<P> {
    async fn claim(&self, key: &EntryKey, lease: &Lease, now: Timestamp) -> Result<Claim, KeepError> {
        let call = self.inner.claim(key, lease, now);
        self.saboteur.make(Call::Claim, call, of_ledger).await
    }

    async fn recall(&self, about: &Abouts, now: Timestamp) -> Result<Vec<Note>, KeepError> {
        let call = self.inner.recall(about, now);
        self.saboteur.make(Call::Recall, call, of_ledger).await
    }

    async fn intend(&self, key: &EntryKey, lease: &Lease, record: &Record, notes: &[Note]) -> Result<(), KeepError> {
        let call = self.inner.intend(key, lease, record, notes);
        self.saboteur.make(Call::Intend, call, of_ledger).await
    }

    async fn settle(&self, key: &EntryKey, lease: &Lease, record: &Record) -> Result<(), KeepError> {
        let call = self.inner.settle(key, lease, record);
        self.saboteur.make(Call::Settle, call, of_ledger).await
    }

    async fn told(&self, key: &EntryKey, lease: &Lease, notes: &[Note]) -> Result<(), KeepError> {
        let call = self.inner.told(key, lease, notes);
        self.saboteur.make(Call::Told, call, of_ledger).await
    }

    async fn release(&self, key: &EntryKey, lease: &Lease) -> Result<(), KeepError> {
        let call = self.inner.release(key, lease);
        self.saboteur.make(Call::Release, call, of_ledger).await
    }

    async fn record(&self, id: &str) -> Result<Option<Record>, KeepError> {
        let call = self.inner.record(id);
        self.saboteur.make(Call::Record, call, of_ledger).await
    }

    async fn note(&self, notes: &[Note]) -> Result<(), KeepError> {
        let call = self.inner.note(notes);
        self.saboteur.make(Call::Note, call, of_ledger).await
    }
}

impl<P: Remember> Remember for Faulty<P> {
    async fn remembered(&self, key: &str) -> Result<Option<String>, KeepError> {
        let call = self.inner.remembered(key);
        self.saboteur.make(Call::Remembered, call, of_ledger).await
    }

    async fn remember(&self, key: &str, text: &str) -> Result<(), KeepError> {
        let call = self.inner.remember(key, text);
        self.saboteur.make(Call::Remember, call, of_ledger).await
    }
}

/// How a ledger looks that goes wrong.
fn of_ledger(fault: Fault) -> Option<KeepError> {
    let code = match fault {
        Fault::TakenOver => return Some(KeepError::Lost),
        Fault::Refused => "AccessDeniedException",
        Fault::Throttled => "ProvisionedThroughputExceededException",
        Fault::CallLost | Fault::ReplyLost => "Timeout",
        _ => return None,
    };
    Some(KeepError::Unavailable {
        action: "dynamodb:UpdateItem".to_owned(),
        code: code.to_owned(),
        table: "guardrail".to_owned(),
    })
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
