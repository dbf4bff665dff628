//! One delivery's way: parse, claim, ask and answer until it is decided, act, tell, and leave a record.

use std::collections::BTreeSet;
use std::time::Duration;

use guardrail_policy::case::{Case, Ceiling, CeilingReason};
use guardrail_policy::decide::{Decision, Progress, Reason, decide, is_settled_without_looking};
use guardrail_policy::event::{self, Event};
use guardrail_policy::facts::{Answered, Fact, Facts, Missing, Question, Unreadable};
use guardrail_policy::id::{AccountId, Arn};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::Lease;
use guardrail_policy::own::Own;
use guardrail_policy::record::{Record, Refused, Told};
use guardrail_policy::rules::Rule;
use guardrail_policy::settings::{Mode, Settings};

use crate::ports::{Act, Answer, Clock, Keep, KeepError, Tell};

/// How often it is asked before a case is given up: twice as often as any case of the tests needs, so that what goes on for
/// ever ends.
pub(crate) const MOST_ROUNDS: usize = 16;
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
    /// What else the guardrail is made of.
    pub own: Own,
}

/// How an event came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As a message of an SQS queue.
    Queue {
        /// Whether the queue gives it to the dead letters when it is handed back once more.
        last: bool,
    },
    /// By a direct invocation.
    Direct,
    /// From a file, by hand.
    Replay,
}

/// The ledger as one delivery uses it.
#[derive(Debug)]
pub struct Ledger<'a, K> {
    /// The ledger.
    pub keep: &'a K,
    /// The lease under which this delivery writes.
    pub lease: Lease,
}

/// The flow with its ports.
#[derive(Debug)]
pub struct Runner<'a, A, X, T, K, C> {
    /// What stays the same from event to event.
    pub guard: &'a Guard,
    /// What caps the mode of this delivery besides.
    pub ceilings: &'a [Ceiling],
    /// The policy file in force.
    pub settings: &'a Settings,
    /// Reads what is there.
    pub answer: &'a A,
    /// Changes what is there.
    pub act: &'a X,
    /// Tells the security team.
    pub tell: &'a T,
    /// The ledger; without one nothing is changed.
    pub ledger: Option<Ledger<'a, K>>,
    /// The clock.
    pub clock: &'a C,
}

impl<A: Answer, X: Act, T: Tell, K: Keep, C: Clock> Runner<'_, A, X, T, K, C> {
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
        let case = self.case(&event, &account, &ceilings, delivery, now);
        if is_settled_without_looking(&case) {
            let decision = self.decide(&case, &mut Facts::default()).await;
            return Record::of(&case, Facts::default(), decision, Vec::new());
        }
        match &self.ledger {
            Some(ledger) => self.handle_once(&case, ledger).await,
            None => self.handle_untracked(&case, None).await,
        }
    }

    /// The case of an event.
    pub(crate) fn case<'c>(
        &'c self,
        event: &'c Event,
        account: &'c AccountId,
        ceilings: &'c [Ceiling],
        delivery: Delivery,
        now: Timestamp,
    ) -> Case<'c> {
        Case {
            event,
            account,
            now,
            settings: self.settings,
            rules: &self.guard.rules,
            ceilings,
            own_roles: &self.guard.own_roles,
            own: &self.guard.own,
            last_delivery: delivery == Delivery::Queue { last: true },
        }
    }

    /// What caps the mode for this event.
    fn ceilings(&self, event: &Event, door: event::Door, delivery: Delivery) -> Vec<Ceiling> {
        let mut ceilings = self.guard.ceilings.clone();
        ceilings.extend(self.ceilings);
        if door != event::Door::Envelope || !matches!(delivery, Delivery::Queue { .. }) {
            ceilings.push(Ceiling::notify(CeilingReason::Unproven));
        }
        if event.replay.is_some() {
            ceilings.push(Ceiling::notify(CeilingReason::Replay));
        }
        if self.ledger.is_none() {
            ceilings.push(Ceiling::notify(CeilingReason::NoLedger));
        }
        ceilings
    }

    /// Judges and tells without a ledger, or with one that cannot be used: nothing is changed, and a notice may be sent
    /// again by another delivery.
    pub(crate) async fn handle_untracked(&self, case: &Case<'_>, error: Option<&KeepError>) -> Record {
        let mut ceilings = case.ceilings.to_vec();
        ceilings.extend(error.map(|_| Ceiling::notify(CeilingReason::LedgerDown)));
        let case = Case {
            ceilings: &ceilings,
            ..*case
        };
        let mut facts = Facts::default();
        let decision = self.decide(&case, &mut facts).await;
        let lacks_the_ledger = decision.lacks_the_ledger() || error.is_some() && may_have_been_reverted(&decision);
        let mut record = Record::of(&case, facts, decision, Vec::new());
        record.ledger_error = error.map(ToString::to_string);
        record.deliver_again |= lacks_the_ledger;
        self.tell_all(&mut record).await;
        record
    }

    /// Asks until it is decided, a bounded number of times.
    pub(crate) async fn decide(&self, case: &Case<'_>, facts: &mut Facts) -> Decision {
        for _ in 0..MOST_ROUNDS {
            match decide(case, facts) {
                Progress::Done(decision) => return decision,
                Progress::Ask(questions) => self.ask(case, facts, &questions).await,
                Progress::Settle(questions) => self.settle(case, facts, &questions).await,
            }
        }
        tracing::error!(event = %case.event.id, "undecided after {MOST_ROUNDS} rounds");
        Decision::of_none(Reason::Undecided)
    }

    /// Takes in the answers to one round of questions; one that was not answered counts as unreadable.
    async fn ask(&self, case: &Case<'_>, facts: &mut Facts, questions: &BTreeSet<Question>) {
        let (past, mut unanswered): (BTreeSet<_>, BTreeSet<_>) = questions
            .iter()
            .cloned()
            .partition(|question| matches!(question, Question::Past(_)));
        for question in past {
            facts.insert(self.recall(case, question).await);
        }
        let answers = match unanswered.is_empty() {
            true => Vec::new(),
            false => self.answer.answer(&unanswered).await,
        };
        for answered in answers {
            unanswered.remove(&answered.question());
            facts.insert(if case.is_fresh() {
                answered.not_yet_if_gone()
            } else {
                answered
            });
        }
        for question in unanswered {
            facts.insert(unreadable(&question, "guardrail:Answer", "NoAnswer"));
        }
    }

    /// What the ledger remembers.
    async fn recall(&self, case: &Case<'_>, question: Question) -> Answered {
        match &self.ledger {
            Some(ledger) => recalled(ledger.keep, question, case.now).await,
            None => unreadable(&question, "guardrail:Keep", "NoLedger"),
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

    /// Tells every notice of a record, also when an earlier one could not be sent. Returns whether all were sent.
    pub(crate) async fn tell_all(&self, record: &mut Record) -> bool {
        let notices = record.decision.iter().flat_map(|decision| &decision.notices);
        for notice in notices {
            let error = self.tell.tell(notice).await.err().map(|error| error.to_string());
            record.told.push(Told {
                notice_id: notice.notice_id.clone(),
                error,
            });
        }
        let all = record.told.iter().all(|told| told.error.is_none());
        record.deliver_again |= !all;
        all
    }
}

/// What the ledger answers.
pub(crate) async fn recalled(keep: &impl Keep, question: Question, now: Timestamp) -> Answered {
    let Question::Past(about) = &question else {
        return unreadable(&question, "guardrail:Keep", "NoAnswer");
    };
    match keep.recall(about, now).await {
        Ok(notes) => Answered::Past(about.clone(), Fact::Is(notes)),
        Err(KeepError::Unavailable { action, code, .. }) => unreadable(&question, &action, &code),
        Err(KeepError::Lost) => unreadable(&question, "guardrail:Keep", "Lost"),
    }
}

/// No answer, and why.
pub(crate) fn unreadable(question: &Question, action: &str, code: &str) -> Answered {
    question.without(Missing::Unreadable(Unreadable {
        action: action.to_owned(),
        code: code.to_owned(),
    }))
}

/// Whether an earlier delivery may have taken back what was opened, and not have told it: only the ledger knows.
fn may_have_been_reverted(decision: &Decision) -> bool {
    decision.reason == Reason::AlreadyGone
}

/// Whether a ceiling keeps plans from being carried out.
pub(crate) fn stopping(ceilings: &[Ceiling]) -> Option<CeilingReason> {
    let lowest = ceilings.iter().min_by_key(|ceiling| ceiling.mode);
    lowest
        .filter(|ceiling| ceiling.mode < Mode::Revert)
        .map(|ceiling| ceiling.why)
}
