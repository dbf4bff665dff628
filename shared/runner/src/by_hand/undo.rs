//! Undo: takes back what a record says was done, by what is there now.

use guardrail_policy::by_hand::{ByHand as Said, Deed, left_alone};
use guardrail_policy::event::Event;
use guardrail_policy::execution::{Done, Execution};
use guardrail_policy::facts::{Stop, Unknown};
use guardrail_policy::id::{AccountId, Region};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{About, LeftAlone, Note, Says};
use guardrail_policy::network::Permission;
use guardrail_policy::plan::{Action, Left, Plan};
use guardrail_policy::record::Record;
use guardrail_policy::settings::RuleName;

use super::{ByHand, ByHandError, Outcome};
use crate::carry_out::Purpose;
use crate::ports::{Act, Answer, Clock, Keep, Tell};

/// What undoing a record comes to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoing {
    /// The record whose plans are taken back.
    pub record: Record,
    /// Each plan that was carried out, the last one first.
    pub parts: Vec<Part>,
    event: Event,
    account: AccountId,
}

/// One plan to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The rule whose plan it was.
    pub rule: RuleName,
    /// The resource, by id or ARN.
    pub resource: String,
    /// What takes it back.
    pub plan: Plan,
    /// What is left to do of that, by what is there now.
    pub left: Vec<Action>,
    /// What the plan had closed: it is permitted again.
    pub reopens: Vec<Permission>,
    /// What the plan had switched: it is switched back.
    pub switches: Vec<Action>,
}

impl Undoing {
    /// Whether it is so already.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.parts.iter().all(|part| part.left.is_empty())
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> (&AccountId, &Region) {
        (&self.account, &self.event.region)
    }

    /// What keeps the functions from closing it again, or, where an undo is taken back, lets them.
    fn notes(&self, by: &str, now: Timestamp, until: Timestamp) -> Vec<Note> {
        let resources: std::collections::BTreeSet<&str> =
            self.parts.iter().map(|part| part.resource.as_str()).collect();
        let (record, until) = match self.record.undid() {
            Some(undone) => (undone, now),
            None => (self.record.record_id.as_str(), until),
        };
        let note = |resource: &str| {
            let parts = self.parts.iter().filter(|part| part.resource == resource);
            Note {
                about: About::Resource {
                    account: self.account.clone(),
                    region: self.event.region.clone(),
                    id: resource.to_owned(),
                },
                name: left_alone(record),
                until,
                says: Says::LeftAlone(LeftAlone {
                    record: record.to_owned(),
                    by: by.to_owned(),
                    permissions: parts.clone().flat_map(|part| part.reopens.iter().cloned()).collect(),
                    switched: parts.flat_map(|part| part.switches.iter().cloned()).collect(),
                }),
            }
        };
        resources.into_iter().map(note).collect()
    }
}

impl<A: Answer, X: Act, T: Tell, K: Keep, C: Clock> ByHand<'_, A, X, T, K, C> {
    /// What undoing a record would come to now. Changes nothing.
    ///
    /// # Errors
    /// [`ByHandError`] where there is nothing to undo, or it cannot be known what is there.
    pub async fn undoing(&self, record: Record) -> Result<Undoing, ByHandError> {
        let id = record.record_id.as_str();
        let event = record.event.clone();
        let account = event.as_ref().and_then(|event| event.account.clone());
        let (Some(event), Some(account)) = (event, account) else {
            return Err(nothing_done(id, "only what was done about an event can be undone"));
        };
        let mut parts = Vec::new();
        for execution in record.carried_out() {
            parts.push(self.part(execution).await?);
        }
        parts.reverse();
        if parts.is_empty() {
            return Err(nothing_done(id, why_nothing(&record)));
        }
        Ok(Undoing {
            record,
            parts,
            event,
            account,
        })
    }

    async fn part(&self, execution: &Execution) -> Result<Part, ByHandError> {
        let plan = execution.plan.inverse();
        let facts = self.hands(true, self.clock.now()).read(&plan.touches()).await;
        let left = plan
            .remaining(&facts)
            .map_err(|stop| not_known(&execution.resource, stop))?;
        let left = left.into_iter().filter_map(|left| match left {
            Left::Do(action) => Some(action),
            Left::Nothing | Left::Moved => None,
        });
        Ok(Part {
            rule: execution.rule,
            resource: execution.resource.clone(),
            left: left.collect(),
            reopens: execution.plan.closes().cloned().collect(),
            switches: execution.plan.switches().cloned().collect(),
            plan,
        })
    }

    /// Undoes it: says in the ledger that it is left alone, then opens what was closed and closes what was opened for it,
    /// reads again, puts down a record, and tells. None where there was nothing to do and nothing to tell.
    ///
    /// # Errors
    /// [`ByHandError`] where nothing was done.
    pub async fn undo(&self, undoing: &Undoing, until: Timestamp) -> Result<Option<Outcome>, ByHandError> {
        let claimed = self.claim("undo", &undoing.record.record_id).await?;
        match &claimed.outcome {
            Some(earlier) if undoing.is_done() => return Ok(Some(self.conclude(&claimed, earlier.clone()).await)),
            None if undoing.is_done() && !claimed.begun => {
                self.release(&claimed).await?;
                return Ok(None);
            }
            _ => {}
        }
        let now = self.clock.now();
        let said = Said {
            by: self.by.to_owned(),
            deed: Deed::Undid {
                record: undoing.record.record_id.clone(),
                left_alone_until: undoing.record.undid().is_none().then_some(until),
            },
        };
        let policy = undoing.record.inputs.policy.clone();
        let mut record = said.record(Some(undoing.event.clone()), policy, now);
        let notes = undoing.notes(self.by, now, until);
        self.intend(&claimed, &record, &notes).await?;
        let hands = self.hands(true, claimed.lease.until);
        let mut executions = Vec::new();
        for part in &undoing.parts {
            let purpose = Purpose {
                rule: part.rule,
                resource: &part.resource,
            };
            executions.push(hands.carry_out_for(purpose, &part.plan, None).await);
        }
        let has_begun = executions
            .iter()
            .flat_map(|execution| &execution.steps)
            .any(|step| *step == Done::Done);
        let is_none = !has_begun && !executions.iter().all(Execution::is_carried_out);
        let left_alone = if is_none {
            undoing.notes(self.by, now, now)
        } else {
            Vec::new()
        };
        let unended = self.keep.note(&left_alone).await.err();
        record.came_to(executions);
        let outcome = self.conclude(&claimed, record).await;
        Ok(Some(Outcome {
            unkept: outcome.unkept.or(unended),
            ..outcome
        }))
    }
}

fn nothing_done(record: &str, remedy: &'static str) -> ByHandError {
    ByHandError::NothingDone {
        record: record.to_owned(),
        remedy,
    }
}

fn why_nothing(record: &Record) -> &'static str {
    if record.outcomes.is_empty() {
        "its plan, if it has one, was only shown; `guardrail apply` carries it out"
    } else {
        "its plan was begun and not carried out to the end; the message says which steps were done"
    }
}

/// What it means to somebody who wants to undo that the state is not known.
pub(super) fn not_known(resource: &str, stop: Stop) -> ByHandError {
    match stop {
        Stop::Unknown {
            why: Unknown::Unreadable(why),
            ..
        } => ByHandError::Unreadable(why),
        Stop::Unknown { .. } | Stop::Need(_) | Stop::Settle(_) => ByHandError::NotThere(resource.to_owned()),
    }
}
