//! One delivery's way: parse, ask and answer until it is decided, tell, and leave a record.

use std::collections::BTreeSet;
use std::time::Duration;

use guardrail_policy::case::{Case, Ceiling, CeilingReason};
use guardrail_policy::decide::{Decision, Progress, Reason, decide};
use guardrail_policy::event::{self, Event};
use guardrail_policy::facts::{Facts, Missing, Question, Unreadable};
use guardrail_policy::id::{AccountId, Arn};
use guardrail_policy::record::{Record, Refused, Told};
use guardrail_policy::rules::Rule;
use guardrail_policy::settings::{Mode, Settings};

use crate::ports::{Answer, Clock, Tell};

/// How often it is asked before a case is given up: no rule needs more than a handful of rounds.
const MOST_ROUNDS: usize = 8;
/// How long to wait before asking again what contradicts the event.
const SETTLE_AFTER: Duration = Duration::from_secs(3);

/// What stays the same from event to event.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The rules that are linked into this function.
    pub rules: Vec<&'static Rule>,
    /// What caps the mode of every event.
    pub ceilings: Vec<Ceiling>,
    /// The guardrail's own roles.
    pub own_roles: Vec<Arn>,
}

/// How an event came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As a message of an SQS queue.
    Queue,
    /// By a direct invocation.
    Direct,
    /// From a file, by hand.
    Replay,
}

/// The flow with its ports.
#[derive(Debug)]
pub struct Runner<'a, A, T, C> {
    /// What stays the same from event to event.
    pub guard: &'a Guard,
    /// The policy file in force.
    pub settings: &'a Settings,
    /// Reads what is there.
    pub answer: &'a A,
    /// Tells the security team.
    pub tell: &'a T,
    /// The clock.
    pub clock: &'a C,
}

impl<A: Answer, T: Tell, C: Clock> Runner<'_, A, T, C> {
    /// Handles one delivery, whatever its bytes are; there is always exactly one record.
    pub async fn handle(&self, bytes: &[u8], delivery: Delivery) -> Record {
        let now = self.clock.now();
        let (door, event) = match event::parse(bytes) {
            Ok(parsed) => parsed,
            Err(error) => return Record::refused(Refused::Unparsable, bytes, None, error.to_string(), now),
        };
        let Some(account) = event.account.clone() else {
            let error = "the record names no account (`recipientAccountId`): replay a complete record".to_owned();
            return Record::refused(Refused::NoAccount, bytes, Some(event), error, now);
        };
        let ceilings = self.ceilings(&event, door, delivery);
        self.judge(&event, &account, &ceilings, now).await
    }

    /// What caps the mode for this event.
    fn ceilings(&self, event: &Event, door: event::Door, delivery: Delivery) -> Vec<Ceiling> {
        let mut ceilings = self.guard.ceilings.clone();
        if (door, delivery) != (event::Door::Envelope, Delivery::Queue) {
            ceilings.push(Ceiling {
                mode: Mode::Notify,
                why: CeilingReason::Unproven,
            });
        }
        if event.replay.is_some() {
            ceilings.push(Ceiling {
                mode: Mode::Notify,
                why: CeilingReason::Replay,
            });
        }
        ceilings
    }

    async fn judge(
        &self,
        event: &Event,
        account: &AccountId,
        ceilings: &[Ceiling],
        now: guardrail_policy::jiff::Timestamp,
    ) -> Record {
        let case = Case {
            event,
            account,
            now,
            settings: self.settings,
            rules: &self.guard.rules,
            ceilings,
            own_roles: &self.guard.own_roles,
        };
        let mut facts = Facts::default();
        let decision = self.decide(&case, &mut facts).await;
        let told = self.tell_all(&decision).await;
        Record::of(&case, facts, decision, told)
    }

    /// Asks until it is decided, a bounded number of times.
    async fn decide(&self, case: &Case<'_>, facts: &mut Facts) -> Decision {
        for _ in 0..MOST_ROUNDS {
            match decide(case, facts) {
                Progress::Done(decision) => return decision,
                Progress::Ask(questions) => self.ask(case, facts, &questions).await,
                Progress::Settle(questions) => self.settle(case, facts, &questions).await,
            }
        }
        tracing::error!(event = %case.event.id, "undecided after {MOST_ROUNDS} rounds");
        Decision {
            reason: Reason::Undecided,
            verdicts: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Takes in the answers to one round of questions; one that was not answered counts as unreadable.
    async fn ask(&self, case: &Case<'_>, facts: &mut Facts, questions: &BTreeSet<Question>) {
        let mut unanswered = questions.clone();
        for answered in self.answer.answer(questions).await {
            unanswered.remove(&answered.question());
            facts.insert(if case.is_fresh() {
                answered.not_yet_if_gone()
            } else {
                answered
            });
        }
        for question in unanswered {
            let why = Unreadable {
                action: "guardrail:Answer".to_owned(),
                code: "NoAnswer".to_owned(),
            };
            facts.insert(question.without(Missing::Unreadable(why)));
        }
    }

    /// Asks again, after a while, what contradicts the event; an answer that comes out the same is believed.
    async fn settle(&self, case: &Case<'_>, facts: &mut Facts, questions: &BTreeSet<Question>) {
        let before: Vec<_> = questions.iter().map(|question| facts.answered(question)).collect();
        self.clock.wait(SETTLE_AFTER).await;
        self.ask(case, facts, questions).await;
        for (question, before) in questions.iter().zip(before) {
            if facts.answered(question) == before {
                facts.settle(question.clone());
            }
        }
    }

    /// Tells every notice, also when an earlier one could not be sent.
    async fn tell_all(&self, decision: &Decision) -> Vec<Told> {
        let mut told = Vec::new();
        for notice in &decision.notices {
            let error = self.tell.tell(notice).await.err().map(|error| error.to_string());
            told.push(Told {
                notice_id: notice.notice_id.clone(),
                error,
            });
        }
        told
    }
}
