//! What a person had done with the command line: taken a revert back, carried out a plan, written an exemption.
//!
//! A record carries it as [`ByHand`], so that whoever looks at the ledger later finds who said so, and why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::execution::{End, Execution};
use crate::facts::Facts;
use crate::id::{AccountId, Region};
use crate::ledger::{About, LedgerExemption, Note, Says};
use crate::message;
use crate::plan::Withheld;
use crate::record::{Handled, Inputs, Record, RecordReason, VERSION};
use crate::settings::{Digest, ExemptResource, RuleName};

/// What a person had done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// Who, as they say themselves; CloudTrail has the caller of every call that was made for it.
    pub by: String,
    /// What.
    pub deed: Deed,
}

/// What can be done by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// What a record says was done was taken back.
    Undid {
        /// That record.
        record: String,
        /// Until when what is permitted again is left alone; none where an undo was taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_alone_until: Option<Timestamp>,
    },
    /// What a record says was withheld, or proposed, was judged again and carried out.
    Applied {
        /// That record.
        record: String,
        /// Why it was not carried out by itself.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        despite: Vec<Withheld>,
    },
    /// A rule leaves a resource alone for some hours.
    Exempted {
        /// Whose rule leaves what alone.
        #[serde(flatten)]
        what: Exempted,
        /// Who answers for it.
        owner: String,
        /// Why.
        reason: String,
        /// Until when.
        until: Timestamp,
    },
    /// Such an exemption was ended before its time.
    EndedExemption {
        /// Whose rule left what alone.
        #[serde(flatten)]
        what: Exempted,
    },
}

/// A rule and the resource that it leaves alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exempted {
    /// The rule.
    pub rule: RuleName,
    /// The resource.
    pub resource: ExemptResource,
    /// Its account.
    pub account: AccountId,
    /// Its Region.
    pub region: Region,
}

impl Deed {
    /// The command that does it.
    #[must_use]
    pub fn command(&self) -> &'static str {
        match self {
            Self::Undid { .. } => "undo",
            Self::Applied { .. } => "apply",
            Self::Exempted { .. } => "exempt",
            Self::EndedExemption { .. } => "exempt --end",
        }
    }

    /// What it is done to: a record, or a rule and a resource.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Undid { record, .. } | Self::Applied { record, .. } => record.clone(),
            Self::Exempted { what, .. } | Self::EndedExemption { what } => what.to_string(),
        }
    }

    fn handled(&self) -> Handled {
        match self {
            Self::Undid { .. } => Handled::Undone,
            Self::Applied { .. } => Handled::Reverted,
            Self::Exempted { .. } => Handled::Exempted,
            Self::EndedExemption { .. } => Handled::ExemptionEnded,
        }
    }
}

impl std::fmt::Display for Exempted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            rule,
            resource,
            account,
            region,
        } = self;
        write!(f, "{rule} {resource} {account} {region}")
    }
}

impl Exempted {
    /// What a note of it is about.
    #[must_use]
    pub fn about(&self) -> About {
        About::Resource {
            account: self.account.clone(),
            region: self.region.clone(),
            id: self.resource.to_string(),
        }
    }

    /// What a note of it is called: a later one takes the place of an earlier one.
    #[must_use]
    pub fn note_name(&self) -> String {
        format!("exempt {}", self.rule)
    }

    /// The note that says so from now on, or that ends it by holding no longer than until now.
    #[must_use]
    pub fn note(&self, until: Timestamp, exemption: LedgerExemption) -> Note {
        Note {
            about: self.about(),
            name: self.note_name(),
            until,
            says: Says::Exempted(exemption),
        }
    }
}

impl ByHand {
    /// The record of it, before anything came of it.
    #[must_use]
    pub fn record(self, event: Option<Event>, policy: Option<Digest>, now: Timestamp) -> Record {
        let (command, subject, time) = (self.deed.command(), self.deed.subject(), now.to_string());
        Record {
            record_id: format!("record-{}", message::hex(&[command, &subject, &time])),
            version: VERSION,
            judged_at: now,
            reason: RecordReason::Handled(self.deed.handled()),
            deliver_again: false,
            error: None,
            event,
            inputs: Inputs {
                policy,
                ..Inputs::default()
            },
            facts: Facts::default(),
            decision: None,
            outcomes: Vec::new(),
            told: Vec::new(),
            ledger_error: None,
            by_hand: Some(self),
        }
    }
}

impl Record {
    /// The plans of this record that were carried out, and can be taken back.
    pub fn carried_out(&self) -> impl Iterator<Item = &Execution> {
        self.outcomes.iter().filter(|execution| execution.is_carried_out())
    }

    /// Puts down what came of plans that a person had carried out.
    pub fn came_to(&mut self, outcomes: Vec<Execution>) {
        let has_failed = outcomes
            .iter()
            .any(|outcome| !matches!(outcome.end, End::Seen | End::Unseen));
        let is_undo = self.undid().is_some();
        if has_failed {
            let failed = if is_undo {
                Handled::UndoFailed
            } else {
                Handled::RevertFailed
            };
            self.reason = RecordReason::Handled(failed);
        }
        self.outcomes = outcomes;
    }

    /// The record that this one took back, if it is of that.
    #[must_use]
    pub fn undid(&self) -> Option<&str> {
        match self.by_hand.as_ref().map(|by_hand| &by_hand.deed) {
            Some(Deed::Undid { record, .. }) => Some(record),
            _ => None,
        }
    }

    /// The account and the Region that it is about, where it says so.
    #[must_use]
    pub fn place(&self) -> Option<(&AccountId, &Region)> {
        match (&self.event, self.by_hand.as_ref().map(|by_hand| &by_hand.deed)) {
            (Some(event), _) => Some((event.account.as_ref()?, &event.region)),
            (None, Some(Deed::Exempted { what, .. } | Deed::EndedExemption { what })) => {
                Some((&what.account, &what.region))
            }
            (None, _) => None,
        }
    }
}

/// What a note is called that says that what a record took back is left alone.
#[must_use]
pub fn left_alone(record: &str) -> String {
    format!("undone {record}")
}
