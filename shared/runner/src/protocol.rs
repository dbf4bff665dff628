//! The protocol of the ledger: claim, decide, put down the intent, act, read again, put down the outcome, tell, mark as
//! told. ARCHITECTURE.md has its states; each arrow there is one call here.

use guardrail_policy::case::{Case, Ceiling, CeilingReason};
use guardrail_policy::decide::{Decision, Reason};
use guardrail_policy::execution::{Done, End, Execution};
use guardrail_policy::facts::Facts;
use guardrail_policy::finding::Finding;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{About, EntryKey, Note, REVERTS_COUNT, Revert, Says};
use guardrail_policy::plan::{Left, Plan};
use guardrail_policy::record::{Handled, Handover, Record};
use guardrail_policy::settings::Settings;

use crate::carry_out::Hands;
use crate::flow::{Ledger, Runner, stopping};
use crate::ports::{Act, Answer, Claim, Clock, Keep, KeepError, Tell};

/// How often an event is decided again because what a plan was made for had moved.
const MOST_DECISIONS: usize = 3;

/// The entry of one event, held under a lease.
struct Entry<'e, K> {
    key: EntryKey,
    ledger: &'e Ledger<'e, K>,
}

impl<A: Answer, X: Act, T: Tell, K: Keep, C: Clock> Runner<'_, A, X, T, K, C> {
    /// Handles an event at most once at a time, whatever an earlier delivery left behind.
    pub(crate) async fn handle_once(&self, case: &Case<'_>, ledger: &Ledger<'_, K>) -> Record {
        let entry = Entry {
            key: entry_key(case),
            ledger,
        };
        match ledger.keep.claim(&entry.key, &ledger.lease, case.now).await {
            Ok(Claim::New) => self.judge(case, &entry).await,
            Ok(Claim::Intended(intent)) => self.finish_intent(case, &entry, *intent).await,
            Ok(Claim::Settled(outcome)) => self.tell_outcome(case, &entry, *outcome).await,
            Ok(Claim::Held { .. }) => Record::of_another(case.event, case.now, Handled::InOtherHands),
            Ok(Claim::Told) => Record::of_another(case.event, case.now, Handled::HandledBefore),
            Err(error) => self.handle_untracked(case, Some(&error)).await,
        }
    }

    /// Decides, acts and tells.
    async fn judge(&self, case: &Case<'_>, entry: &Entry<'_, K>) -> Record {
        let mut facts = Facts::default();
        let mut decision = self.decide(case, &mut facts).await;
        for _ in 0..MOST_DECISIONS {
            if waits(case, &decision) || decision.to_do().next().is_none() {
                return self.conclude(case, entry, facts, decision, Vec::new()).await;
            }
            let intent = Record::of(case, Facts::default(), decision.clone(), Vec::new());
            let notes = notes(case, &intent, &decision);
            match entry.intend(&intent, &notes).await {
                Ok(()) => {}
                Err(KeepError::Lost) => return Record::of_another(case.event, case.now, Handled::InOtherHands),
                Err(error) => return self.handle_untracked(case, Some(&error)).await,
            }
            let executions = self.carry_out_all(&decision, Some(&facts), entry).await;
            if !executions.iter().all(|execution| execution.end == End::Moved) {
                return self.conclude(case, entry, facts, decision, executions).await;
            }
            facts = Facts::default();
            decision = self.decide(case, &mut facts).await;
        }
        self.conclude(case, entry, facts, Decision::of_none(Reason::Undecided), Vec::new())
            .await
    }

    /// Finishes what an earlier delivery intended and may have done in part. Where what it was for has moved, the event
    /// is judged anew; where the mode was lowered since, nothing more is done.
    async fn finish_intent(&self, case: &Case<'_>, entry: &Entry<'_, K>, intent: Handover) -> Record {
        let (Some(decision), Some(digest)) = (intent.decision, intent.inputs.policy) else {
            return self.judge(case, entry).await;
        };
        let settings = under(self.settings, digest);
        let then = Case {
            now: intent.judged_at,
            settings: &settings,
            ceilings: &intent.inputs.ceilings,
            ..*case
        };
        let executions = match stopping(case.ceilings) {
            Some(why) => self.stop_all(&decision, why, entry).await,
            None => self.carry_out_all(&decision, None, entry).await,
        };
        if executions.iter().all(|execution| execution.end == End::Moved) {
            return self.judge(case, entry).await;
        }
        self.conclude(&then, entry, Facts::default(), decision, executions)
            .await
    }

    /// Tells what an earlier delivery has put down as the outcome.
    async fn tell_outcome(&self, case: &Case<'_>, entry: &Entry<'_, K>, outcome: Handover) -> Record {
        let (Some(decision), Some(digest)) = (outcome.decision, outcome.inputs.policy) else {
            return self.judge(case, entry).await;
        };
        let settings = under(self.settings, digest);
        let then = Case {
            now: outcome.judged_at,
            settings: &settings,
            ceilings: &outcome.inputs.ceilings,
            ..*case
        };
        let mut decision = decision;
        decision.announce(&then, &outcome.outcomes);
        let mut record = Record::of(&then, Facts::default(), decision, outcome.outcomes);
        self.tell_and_mark(&then, entry, &mut record).await;
        record
    }

    /// Puts down what came of it, and tells it.
    async fn conclude(
        &self,
        case: &Case<'_>,
        entry: &Entry<'_, K>,
        facts: Facts,
        mut decision: Decision,
        executions: Vec<Execution>,
    ) -> Record {
        if !executions.is_empty() {
            decision.announce(case, &executions);
        }
        let has_failed = executions.iter().any(|execution| execution.failure().is_some());
        let lacks_the_ledger = decision.lacks_the_ledger();
        let mut record = Record::of(case, facts, decision, executions);
        if has_failed || record.deliver_again || lacks_the_ledger {
            return self.hand_back(case, entry, record).await;
        }
        if has_something_to_keep(&record) {
            match entry.settle(&record).await {
                Ok(()) => {}
                Err(KeepError::Lost) => return Record::of_another(case.event, case.now, Handled::InOtherHands),
                Err(error) => return self.tell_what_is_not_kept(entry, record, &error).await,
            }
        }
        self.tell_and_mark(case, entry, &mut record).await;
        record
    }

    /// Tells what could not be put down, and does not mark it as told: another delivery keeps the record, without which
    /// nobody could undo or apply it.
    async fn tell_what_is_not_kept(&self, entry: &Entry<'_, K>, mut record: Record, error: &KeepError) -> Record {
        record.note_ledger_error(error.to_string());
        self.tell_all(&mut record).await;
        give_back(entry, &mut record).await;
        record
    }

    /// Gives the event back to its queue. What cannot wait for another delivery is told: whatever there is at the last one,
    /// and what was found while the ledger cannot be used.
    async fn hand_back(&self, case: &Case<'_>, entry: &Entry<'_, K>, mut record: Record) -> Record {
        record.deliver_again = true;
        let is_undecided = record
            .decision
            .as_ref()
            .is_some_and(|decision| matches!(decision.reason, Reason::Undecided | Reason::BackedOff));
        let can_wait = !case.last_delivery && (is_undecided || !record.outcomes.is_empty());
        if !can_wait {
            self.tell_all(&mut record).await;
        }
        give_back(entry, &mut record).await;
        record
    }

    async fn tell_and_mark(&self, case: &Case<'_>, entry: &Entry<'_, K>, record: &mut Record) {
        let all_told = self.tell_all(record).await;
        let marked = match all_told {
            true => entry.told(record).await,
            false => entry.release().await,
        };
        match marked {
            Ok(()) => {}
            Err(KeepError::Lost) => tracing::warn!(event = %case.event.id, "another delivery has taken over"),
            Err(error) => record.note_ledger_error(error.to_string()),
        }
    }

    async fn carry_out_all(&self, decision: &Decision, known: Option<&Facts>, entry: &Entry<'_, K>) -> Vec<Execution> {
        let hands = self.hands(entry);
        let mut executions = Vec::new();
        for (finding, plan) in decision.to_do() {
            executions.push(hands.carry_out(finding, plan, known).await);
        }
        executions
    }

    /// Does nothing more, and reads what there is.
    async fn stop_all(&self, decision: &Decision, why: CeilingReason, entry: &Entry<'_, K>) -> Vec<Execution> {
        let hands = self.hands(entry);
        let mut executions = Vec::new();
        for (finding, plan) in decision.to_do() {
            let seen = hands.read(&plan.touches()).await;
            executions.push(stopped(finding, plan, why, seen, self.clock.now()));
        }
        executions
    }

    /// What carries a plan out under the entry's lease.
    fn hands(&self, entry: &Entry<'_, K>) -> Hands<'_, A, X, C> {
        Hands {
            answer: self.answer,
            act: self.act,
            clock: self.clock,
            may_open: false,
            until: entry.ledger.lease.until,
        }
    }
}

impl<K: Keep> Entry<'_, K> {
    async fn intend(&self, record: &Record, notes: &[Note]) -> Result<(), KeepError> {
        self.ledger
            .keep
            .intend(&self.key, &self.ledger.lease, record, notes)
            .await
    }

    async fn settle(&self, record: &Record) -> Result<(), KeepError> {
        self.ledger.keep.settle(&self.key, &self.ledger.lease, record).await
    }

    async fn told(&self, record: &Record) -> Result<(), KeepError> {
        let reminders = record.decision.as_ref().map_or(&[][..], |decision| &decision.reminders);
        self.ledger.keep.told(&self.key, &self.ledger.lease, reminders).await
    }

    async fn release(&self) -> Result<(), KeepError> {
        self.ledger.keep.release(&self.key, &self.ledger.lease).await
    }
}

async fn give_back<K: Keep>(entry: &Entry<'_, K>, record: &mut Record) {
    if let Err(error) = entry.release().await {
        record.note_ledger_error(error.to_string());
    }
}

/// Whether nothing is done yet, because one of the rules does not know: what was done would be told only once all of them
/// know, and an entry with an intent is not judged again. The last delivery does what it can.
fn waits(case: &Case<'_>, decision: &Decision) -> bool {
    decision.reason == Reason::Undecided && !case.last_delivery
}

/// What the event is known by. One whose origin nothing proves must not stand in the way of the proven one.
fn entry_key(case: &Case<'_>) -> EntryKey {
    let is_unproven = |ceiling: &Ceiling| ceiling.why == CeilingReason::Unproven;
    match case.ceilings.iter().any(is_unproven) {
        true => EntryKey::of_unproven(case.event),
        false => EntryKey::of(case.event),
    }
}

/// The policy in force when something was decided, as far as a message speaks of it.
fn under(settings: &Settings, digest: guardrail_policy::settings::Digest) -> Settings {
    Settings {
        digest,
        ..settings.clone()
    }
}

/// Whether there is a plan or a notice that must not get lost.
fn has_something_to_keep(record: &Record) -> bool {
    let findings = record.decision.iter().flat_map(|decision| &decision.verdicts);
    let mut findings = findings.flat_map(|verdict| verdict.findings());
    let notices = record.decision.iter().any(|decision| !decision.notices.is_empty());
    notices || findings.any(|finding| finding.treatment.plan().is_some())
}

/// What counts a revert before it is made: on its principal and on its resource.
fn notes(case: &Case<'_>, intent: &Record, decision: &Decision) -> Vec<Note> {
    let until = case.now.checked_add(REVERTS_COUNT).unwrap_or(Timestamp::MAX);
    let principal = case.event.actor.principal().map(ToOwned::to_owned);
    let mut notes = Vec::new();
    for (finding, plan) in decision.to_do() {
        let revert = Revert {
            record: intent.record_id.clone(),
            event: case.event.id.clone(),
            at: case.now,
            principal: principal.clone(),
            tool: case.event.actor.tool().map(|tool| tool.to_string()),
            closed: plan.closes().cloned().collect(),
            switched: plan.switches().cloned().collect(),
        };
        let resource = About::Resource {
            account: case.account.clone(),
            region: case.event.region.clone(),
            id: finding.resource.id.clone(),
        };
        let name = format!("revert {} {}", case.event.id, finding.resource.id);
        for about in principal.clone().map(About::Principal).into_iter().chain([resource]) {
            notes.push(Note {
                about,
                name: name.clone(),
                until,
                says: Says::Reverted(revert.clone()),
            });
        }
    }
    notes
}

/// What came of a plan that is not gone on with: what an earlier delivery has done of it is seen from what is there.
fn stopped(finding: &Finding, plan: &Plan, why: CeilingReason, seen: Facts, now: Timestamp) -> Execution {
    let left = plan.remaining(&seen).unwrap_or_default();
    let done = |number| match left.get(number) {
        Some(Left::Nothing) => Done::Already,
        Some(Left::Moved) => Done::Moved,
        Some(Left::Do(_)) | None => Done::NotTried,
    };
    let steps: Vec<Done> = (0..plan.steps.len()).map(done).collect();
    let is_done = steps.iter().all(|done| *done == Done::Already);
    Execution {
        rule: finding.rule,
        resource: finding.resource.id.clone(),
        plan: plan.clone(),
        began: now,
        ended: now,
        steps,
        end: if is_done { End::Seen } else { End::Stopped(why) },
        before: seen.clone(),
        after: seen,
    }
}
