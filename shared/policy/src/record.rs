//! The record: the one line that every delivery leaves behind, whether or not anything was done, and why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::by_hand::ByHand;
use crate::case::{Case, Ceiling};
use crate::decide::{Decision, Progress, Reason, decide};
use crate::event::Event;
use crate::execution::{self, End, Execution};
use crate::facts::Facts;
use crate::id::{AccountId, Arn};
use crate::message;
use crate::own::Own;
use crate::rules;
use crate::settings::{Digest, RuleName, Settings};

/// The form of the records that this version writes; past forms stay readable.
pub const VERSION: u32 = 1;

/// What one delivery came to, with everything that the decision was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The record's own id: another for every delivery.
    pub record_id: String,
    /// The form of this record.
    pub version: u32,
    /// When it was judged.
    pub judged_at: Timestamp,
    /// What came of it, in one word; `unparsable` where there was no event in it.
    pub reason: RecordReason,
    /// Whether the event must be delivered again: something could not be known, or a notice could not be sent.
    pub deliver_again: bool,
    /// What the bytes did not hold, if they held no event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// What else went into the decision.
    pub inputs: Inputs,
    /// What was known of the network.
    pub facts: Facts,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// What came of the plans that were carried out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Execution>,
    /// What came of telling it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
    /// Why the ledger could not be used, where it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_error: Option<String>,
    /// Who had it done, where no event but a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
}

/// What one delivery hands over to the next through the ledger: as much of its record as that goes on from, read from the
/// record's own JSON. Whoever needs no more does not link what reads an event and facts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Handover {
    /// The record's id.
    pub record_id: String,
    /// When it was judged.
    pub judged_at: Timestamp,
    /// What went into the decision besides the event and the facts.
    pub inputs: Inputs,
    /// What was decided.
    #[serde(default)]
    pub decision: Option<Decision>,
    /// What came of the plans that were carried out, without what was read before and afterwards.
    #[serde(default, deserialize_with = "execution::without_facts")]
    pub outcomes: Vec<Execution>,
}

/// What came of a delivery, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordReason {
    /// A decision was made.
    Decided(Reason),
    /// None could be made from what was delivered.
    Refused(Refused),
    /// It went beyond a decision, or none was called for.
    Handled(Handled),
}

/// What came of carrying a decision out, or of an event that another delivery handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handled {
    /// What the event brought in was taken back.
    Reverted,
    /// It was to be taken back, and that failed.
    RevertFailed,
    /// It was to be taken back, and the mode was lowered in the middle of it.
    RevertStopped,
    /// An earlier delivery has done all that was to be done.
    HandledBefore,
    /// Another delivery is at it.
    InOtherHands,
    /// A person had a revert undone.
    Undone,
    /// A person had a revert undone, and that failed.
    UndoFailed,
    /// A person wrote an exemption to the ledger.
    Exempted,
    /// A person ended such an exemption before its time.
    ExemptionEnded,
}

/// Why nothing was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// The bytes hold no event.
    Unparsable,
    /// The event does not say which account it touched.
    NoAccount,
    /// The function's time ran out.
    OutOfTime,
    /// The function's configuration cannot be used, and the rules that would judge it do not run.
    Misconfigured,
}

/// What went into a decision besides the event and the facts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The policy file in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Digest>,
    /// The rules that were linked in.
    #[serde(default)]
    pub rules: Vec<RuleName>,
    /// What capped the mode.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ceilings: Vec<Ceiling>,
    /// The guardrail's own roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_roles: Vec<Arn>,
    /// What else the guardrail is made of, as far as the call can be judged by it.
    #[serde(default, skip_serializing_if = "Own::is_none")]
    pub own: Own,
    /// Whether this was the last delivery of the event.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last_delivery: bool,
}

/// What came of sending one notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Which notice.
    pub notice_id: String,
    /// Why it is not known to have been sent; none when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Why a record cannot be judged again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// It holds no event.
    #[error("the record `{0}` holds no event to judge: replay the event itself, once it is mended")]
    NoEvent(String),
    /// It was written under another policy file.
    #[error(
        "the record was written under policy {recorded} and the policy given is {given}: give the policy file of that time, or replay the event itself"
    )]
    OtherPolicy {
        /// The digest in the record, shortened.
        recorded: String,
        /// The digest of the file that was given, shortened.
        given: String,
    },
    /// Its facts do not answer what the rules of this version ask.
    #[error(
        "the record `{0}` lacks facts that this version asks for: replay the event itself with `--live` or `--world`"
    )]
    LacksFacts(String),
    /// A person had it done, whatever was judged.
    #[error("the record `{record}` is of `guardrail {command}`, which a person called: replay the record of the event")]
    ByHand {
        /// The record.
        record: String,
        /// The command.
        command: &'static str,
    },
}

impl Record {
    /// The record of a decision, before anything was told.
    #[must_use]
    pub fn of(case: &Case<'_>, facts: Facts, decision: Decision, outcomes: Vec<Execution>) -> Self {
        Self {
            record_id: message::record_id(case.event, case.now),
            version: VERSION,
            judged_at: case.now,
            reason: Self::reason_of(&decision, &outcomes),
            deliver_again: matches!(decision.reason, Reason::Undecided | Reason::BackedOff),
            error: None,
            event: Some(case.event.clone()),
            inputs: Inputs {
                policy: Some(case.settings.digest.clone()),
                rules: case.rules.iter().map(|rule| rule.name).collect(),
                ceilings: case.ceilings.to_vec(),
                own_roles: case.own_roles.to_vec(),
                own: case.own.for_call(&case.event.call),
                last_delivery: case.last_delivery,
            },
            facts,
            decision: Some(decision),
            outcomes,
            told: Vec::new(),
            ledger_error: None,
            by_hand: None,
        }
    }

    fn reason_of(decision: &Decision, outcomes: &[Execution]) -> RecordReason {
        let ends = outcomes.iter().filter_map(|outcome| match &outcome.end {
            End::Seen | End::Unseen | End::Moved => Some(Handled::Reverted),
            End::Failed(_) => Some(Handled::RevertFailed),
            End::Stopped(_) => Some(Handled::RevertStopped),
            End::Withheld(_) => None,
        });
        ends.max()
            .map_or(RecordReason::Decided(decision.reason), RecordReason::Handled)
    }

    /// The record of a delivery whose event is, or was, in the hands of another delivery.
    #[must_use]
    pub fn of_another(event: &Event, now: Timestamp, why: Handled) -> Self {
        Self {
            record_id: message::record_id(event, now),
            version: VERSION,
            judged_at: now,
            reason: RecordReason::Handled(why),
            deliver_again: why == Handled::InOtherHands,
            error: None,
            event: Some(event.clone()),
            inputs: Inputs::default(),
            facts: Facts::default(),
            decision: None,
            outcomes: Vec::new(),
            told: Vec::new(),
            ledger_error: None,
            by_hand: None,
        }
    }

    /// The record of a delivery from which nothing could be decided. It is to be delivered again, so that it ends among
    /// the dead letters and somebody looks at it.
    #[must_use]
    pub fn refused(why: Refused, bytes: &[u8], event: Option<Event>, error: String, now: Timestamp) -> Self {
        let content = Digest::of(bytes);
        Self {
            record_id: format!("record-{}", message::hex(&[content.as_str(), &now.to_string()])),
            version: VERSION,
            judged_at: now,
            reason: RecordReason::Refused(why),
            deliver_again: true,
            error: Some(error),
            event,
            inputs: Inputs::default(),
            facts: Facts::default(),
            decision: None,
            outcomes: Vec::new(),
            told: Vec::new(),
            ledger_error: None,
            by_hand: None,
        }
    }

    /// Notes that the ledger could not be used: the event is to be delivered again, so that what it lacks is put down.
    pub fn note_ledger_error(&mut self, error: String) {
        self.deliver_again = true;
        self.ledger_error.get_or_insert(error);
    }

    /// What the next delivery of the event goes on from.
    #[must_use]
    pub fn handover(&self) -> Handover {
        Handover {
            record_id: self.record_id.clone(),
            judged_at: self.judged_at,
            inputs: self.inputs.clone(),
            decision: self.decision.clone(),
            outcomes: self.outcomes.iter().map(Execution::without_facts).collect(),
        }
    }

    /// The record as the ledger keeps it: without the facts, which are in the log's line, and the notices, which can be
    /// composed again. Where it would be longer than so many bytes of JSON, findings are left out, but none with an
    /// automatic plan.
    #[must_use]
    pub fn for_ledger(&self, most_bytes: usize) -> Self {
        let mut kept = Self {
            facts: Facts::default(),
            ..self.clone()
        };
        if let Some(decision) = &mut kept.decision {
            decision.notices.clear();
        }
        while length(&kept) > most_bytes && kept.decision.as_mut().is_some_and(Decision::shorten) {}
        kept
    }

    /// Judges the recorded event again, from the recorded facts at the recorded time: within a version the decision is
    /// the same, byte for byte.
    ///
    /// # Errors
    /// [`ReplayError`] where the record holds no event, was written under another policy, or lacks facts.
    pub fn replay(&self, settings: &Settings) -> Result<Decision, ReplayError> {
        if let Some(by_hand) = &self.by_hand {
            return Err(ReplayError::ByHand {
                record: self.record_id.clone(),
                command: by_hand.deed.command(),
            });
        }
        let event = self
            .event
            .as_ref()
            .ok_or_else(|| ReplayError::NoEvent(self.record_id.clone()))?;
        let account: &AccountId = event
            .account
            .as_ref()
            .ok_or_else(|| ReplayError::NoEvent(self.record_id.clone()))?;
        if let Some(recorded) = self
            .inputs
            .policy
            .as_ref()
            .filter(|recorded| **recorded != settings.digest)
        {
            let (recorded, given) = (recorded.short().to_owned(), settings.digest.short().to_owned());
            return Err(ReplayError::OtherPolicy { recorded, given });
        }
        let rules: Vec<_> = self.inputs.rules.iter().filter_map(|name| rules::find(*name)).collect();
        let case = Case {
            event,
            account,
            now: self.judged_at,
            settings,
            rules: &rules,
            ceilings: &self.inputs.ceilings,
            own_roles: &self.inputs.own_roles,
            own: &self.inputs.own,
            last_delivery: self.inputs.last_delivery,
        };
        match decide(&case, &self.facts) {
            Progress::Done(mut decision) => {
                if !self.outcomes.is_empty() {
                    decision.announce(&case, &self.outcomes);
                }
                Ok(decision)
            }
            Progress::Ask(_) | Progress::Settle(_) => Err(ReplayError::LacksFacts(self.record_id.clone())),
        }
    }
}

/// How long a record is as JSON.
fn length(record: &Record) -> usize {
    serde_json::to_vec(record).map_or(usize::MAX, |json| json.len())
}
