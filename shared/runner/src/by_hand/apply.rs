//! Apply: judges the event of a record again, and carries out the plan whatever kept it from being carried out.

use guardrail_policy::by_hand::{ByHand as Said, Deed, left_alone};
use guardrail_policy::case::Case;
use guardrail_policy::decide::{Decision, Judged, Reason};
use guardrail_policy::event::Event;
use guardrail_policy::facts::{Facts, Question, Unknown};
use guardrail_policy::finding::Finding;
use guardrail_policy::id::AccountId;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{About, Lease, LeftAlone, Note, Says};
use guardrail_policy::plan::{Plan, Treatment, Withheld};
use guardrail_policy::record::Record;
use guardrail_policy::settings::Settings;

use super::{ByHand, ByHandError, LEASE, Outcome, later};
use crate::flow::{Guard, Ledger, Runner};
use crate::ports::{Act, Answer, Clock, Keep, Tell};

/// What applying a record comes to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applying {
    /// The record whose event was judged again.
    pub record: Record,
    /// When it was judged again.
    pub now: Timestamp,
    /// What was decided now.
    pub decision: Decision,
    /// The plans that there are now; empty where there is nothing to do.
    pub chosen: Vec<Chosen>,
    facts: Facts,
    event: Event,
    account: AccountId,
}

/// One plan to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// What it is for.
    pub finding: Finding,
    /// The plan.
    pub plan: Plan,
    /// What withholds it now.
    pub despite: Vec<Withheld>,
}

impl<A: Answer, X: Act, T: Tell, K: Keep, C: Clock> ByHand<'_, A, X, T, K, C> {
    /// Judges the event of a record again by what is there now, under a policy file and whatever the mode is. Changes
    /// nothing.
    ///
    /// # Errors
    /// [`ByHandError`] where the record is of no event, or it cannot be known what is wrong.
    pub async fn applying(&self, record: Record, settings: &Settings, guard: &Guard) -> Result<Applying, ByHandError> {
        let event = record.event.clone().filter(|_| record.by_hand.is_none());
        let account = event.as_ref().and_then(|event| event.account.clone());
        let (Some(event), Some(account)) = (event, account) else {
            return Err(ByHandError::NoEvent(record.record_id));
        };
        let now = self.clock.now();
        let runner = Runner {
            guard,
            ceilings: &[],
            settings,
            answer: self.answer,
            act: self.act,
            tell: self.tell,
            ledger: Some(Ledger {
                keep: self.keep,
                lease: Lease {
                    owner: self.run.to_owned(),
                    until: later(now, LEASE),
                },
            }),
            clock: self.clock,
        };
        let mut facts = Facts::default();
        let case = case(&event, &account, now, settings, guard);
        let decision = runner.decide(&case, &mut facts).await;
        if decision.reason == Reason::Undecided {
            return Err(undecided(&decision));
        }
        Ok(Applying {
            chosen: chosen(&decision),
            record,
            now,
            decision,
            facts,
            event,
            account,
        })
    }

    /// Carries the plans out, as a function does: puts down the intent, acts, reads again, puts down a record, and tells.
    ///
    /// # Errors
    /// [`ByHandError`] where nothing was done.
    pub async fn apply(&self, applying: &Applying, settings: &Settings, guard: &Guard) -> Result<Outcome, ByHandError> {
        let Applying { event, account, .. } = applying;
        let claimed = self.claim("apply", &applying.record.record_id).await?;
        let said = Said {
            by: self.by.to_owned(),
            deed: Deed::Applied {
                record: applying.record.record_id.clone(),
                despite: applying.despite(),
            },
        };
        let case = case(event, account, applying.now, settings, guard);
        let mut decision = applying.decision.clone();
        decision.notices.clear();
        let intent = Record::of(&case, applying.facts.clone(), decision, Vec::new());
        let mut record = Record {
            record_id: said.clone().record(None, None, applying.now).record_id,
            by_hand: Some(said),
            reason: guardrail_policy::record::RecordReason::Handled(guardrail_policy::record::Handled::Reverted),
            deliver_again: false,
            ..intent
        };
        let notes = applying.notes(self.by);
        self.intend(&claimed, &record, &notes).await?;
        let hands = self.hands(false, claimed.lease.until);
        let mut executions = Vec::new();
        for Chosen { finding, plan, .. } in &applying.chosen {
            executions.push(hands.carry_out(finding, plan, None).await);
        }
        record.came_to(executions);
        Ok(self.conclude(&claimed, record).await)
    }
}

impl Applying {
    /// Keeps only the plans about one resource.
    pub fn keep_only(&mut self, resource: &str) {
        self.chosen.retain(|chosen| chosen.finding.resource.id == resource);
    }

    /// Where it is.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The event that was judged again.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }

    fn despite(&self) -> Vec<Withheld> {
        let mut despite: Vec<Withheld> = self.chosen.iter().flat_map(|chosen| chosen.despite.clone()).collect();
        despite.sort_unstable();
        despite.dedup();
        despite
    }

    /// What was undone before is not left alone any longer, once somebody has it closed again.
    fn notes(&self, by: &str) -> Vec<Note> {
        let undone = |chosen: &Chosen, reason: &Withheld| match reason {
            Withheld::Undone { record, .. } => Some(Note {
                about: About::Resource {
                    account: self.account.clone(),
                    region: self.event.region.clone(),
                    id: chosen.finding.resource.id.clone(),
                },
                name: left_alone(record),
                until: self.now,
                says: Says::LeftAlone(LeftAlone {
                    record: record.clone(),
                    by: by.to_owned(),
                    permissions: Vec::new(),
                    switched: Vec::new(),
                }),
            }),
            _ => None,
        };
        let chosen = self.chosen.iter();
        chosen
            .flat_map(|chosen| chosen.despite.iter().filter_map(move |reason| undone(chosen, reason)))
            .collect()
    }
}

/// The case as a person puts it: nothing caps the mode, and no pause makes it wait.
fn case<'c>(
    event: &'c Event,
    account: &'c AccountId,
    now: Timestamp,
    settings: &'c Settings,
    guard: &'c Guard,
) -> Case<'c> {
    Case {
        event,
        account,
        now,
        settings,
        rules: &guard.rules,
        ceilings: &[],
        own_roles: &guard.own_roles,
        own: &guard.own,
        last_delivery: true,
    }
}

/// Every plan that there is, whatever is to become of it by itself.
fn chosen(decision: &Decision) -> Vec<Chosen> {
    let findings = decision.verdicts.iter().flat_map(|verdict| verdict.findings());
    let chosen = findings.filter_map(|finding| {
        let plan = finding.treatment.plan().filter(|plan| !plan.steps.is_empty())?;
        let despite = match &finding.treatment {
            Treatment::Withheld { reasons, .. } => reasons.clone(),
            Treatment::Automatic(_) | Treatment::Proposal(_) | Treatment::Told(_) => Vec::new(),
        };
        Some(Chosen {
            finding: finding.clone(),
            plan: plan.clone(),
            despite,
        })
    });
    chosen.collect()
}

/// Why a rule could not judge.
fn undecided(decision: &Decision) -> ByHandError {
    let unknown = decision.verdicts.iter().find_map(|verdict| match &verdict.outcome {
        Judged::Unknown { question, why } => Some((question, why)),
        Judged::Known { .. } => None,
    });
    match unknown {
        Some((_, Unknown::Unreadable(why))) => ByHandError::Unreadable(why.clone()),
        Some((Question::Rules(group), Unknown::Gone)) => ByHandError::NotThere(group.to_string()),
        Some((_, Unknown::Gone | Unknown::NotYet)) => {
            ByHandError::Undecided("AWS does not show yet what the call made: try again in a minute".to_owned())
        }
        None => ByHandError::Undecided("the network changed while it was read: try again".to_owned()),
    }
}
