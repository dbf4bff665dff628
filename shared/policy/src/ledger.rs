//! What the ledger keeps: how far the handling of an event has come, and notes that bear on later decisions.
//!
//! The ledger itself is a port of the runner. What it keeps is plain data: an [entry](EntryKey) for each event that is
//! being handled, with its record once there is a plan or an outcome, and [`Note`]s about principals and resources.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::facts::Tags;
use crate::id::{AccountId, EventId, Region, VpcId};
use crate::message;
use crate::network::Permission;
use crate::plan::Action;
use crate::settings::RuleName;

/// For how long a record with a plan is kept.
pub const RECORDS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// For how long it is known that an event was handled: beyond what queues and retries can deliver again (SQS keeps a
/// message for at most 14 days).
pub const ENTRIES_KEPT: SignedDuration = SignedDuration::from_hours(15 * 24);
/// For how long a revert counts: the day of the budget of its principal.
pub const REVERTS_COUNT: SignedDuration = SignedDuration::from_hours(24);
/// For how long what was undone is left alone, unless whoever undoes it says less.
pub const LEFT_ALONE: SignedDuration = SignedDuration::from_hours(24);
/// The longest exemption that is written to the ledger; longer ones belong into the policy file.
pub const LONGEST_EXEMPTION: SignedDuration = SignedDuration::from_hours(24);
/// For how long a note can matter at most.
pub const NOTES_KEPT: SignedDuration = SignedDuration::from_hours(15 * 24);

/// What the handling of an event is known by: the same for every delivery of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryKey(String);

impl EntryKey {
    /// The key of an event: its account, Region and `eventID`, and what it is about.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self(format!("event-{}", digest(event)))
    }

    /// The key of what says that it is this event, and did not come through the queue. It is another one: telling of it
    /// must not keep the event itself, when the queue delivers it, from being taken back.
    #[must_use]
    pub fn of_unproven(event: &Event) -> Self {
        Self(format!("unproven-{}", digest(event)))
    }

    /// The key of the sweep of an account in a Region.
    #[must_use]
    pub fn of_sweep(account: &AccountId, region: &Region) -> Self {
        Self(format!("sweep-{}", message::hex(&[account.as_str(), region.as_str()])))
    }

    /// The key of what a person had done on a record: `undo`, `apply`.
    #[must_use]
    pub fn by_hand(command: &str, record: &str) -> Self {
        Self(format!("{command}-{}", message::hex(&[record])))
    }

    /// The key as text: letters, digits and `-`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What tells an event from every other.
fn digest(event: &Event) -> String {
    let account = event.account.as_ref().map_or("", AccountId::as_str);
    let mut parts = vec![event.id.as_str(), account, event.region.as_str()];
    let subjects = event.call.subjects();
    parts.extend(subjects.iter().copied());
    message::hex(&parts)
}

/// Who handles an event, and until when nobody else does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Another for every delivery.
    pub owner: String,
    /// When others may take over: after the function that holds it cannot run any more.
    pub until: Timestamp,
}

/// What a note is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A caller: see [`crate::event::Actor::principal`].
    Principal(String),
    /// A resource, by id or ARN.
    Resource {
        /// Its account.
        account: AccountId,
        /// Its Region.
        region: Region,
        /// Its id or ARN.
        id: String,
    },
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(principal) => write!(f, "principal#{principal}"),
            Self::Resource { account, region, id } => write!(f, "resource#{account}#{region}#{id}"),
        }
    }
}

/// Whatever notes are asked for together.
pub type Abouts = BTreeSet<About>;

/// Something to remember about a principal or a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// What it is about.
    pub about: About,
    /// What it is known by; a later note about the same with the same name takes its place.
    pub name: String,
    /// When it ceases to matter; at most [`NOTES_KEPT`] ahead.
    pub until: Timestamp,
    /// What it says.
    pub says: Says,
}

/// What a note says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// A change was taken back.
    Reverted(Revert),
    /// A revert was undone by hand: what it took back may stay.
    LeftAlone(LeftAlone),
    /// A rule leaves a resource alone for some hours.
    Exempted(LedgerExemption),
    /// People were told of something that need not be told again as long as this note holds.
    Told,
    /// An endpoint was there.
    Endpoint(SeenEndpoint),
    /// A VPC was selected by its tags.
    Selected(SelectedVpc),
}

/// A VPC that was selected by its tags, so that whoever takes them away does not take it out of sight.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SelectedVpc {
    /// The tags that an entry of the policy file asks for.
    pub by: Tags,
}

/// An endpoint that was there, so that what it was is known when it is gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeenEndpoint {
    /// Its VPC.
    pub vpc: VpcId,
    /// Its service's full name: `com.amazonaws.eu-west-1.ecr.dkr`.
    pub service: String,
}

/// One change that was taken back, for budgets and to know loops by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Revert {
    /// The record of it.
    pub record: String,
    /// The event that had brought it in.
    pub event: EventId,
    /// When.
    pub at: Timestamp,
    /// Whose change it was; none where the event names nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// With which tool it was made, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What was permitted and is not any more.
    pub closed: Vec<Permission>,
    /// What was switched, beside that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub switched: Vec<Action>,
}

/// What may stay after a revert of it was undone by hand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftAlone {
    /// The record of the revert.
    pub record: String,
    /// Who undid it.
    pub by: String,
    /// What is permitted again.
    pub permissions: Vec<Permission>,
    /// What was switched by the revert, and is switched back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub switched: Vec<Action>,
}

/// An exemption for some hours, written by hand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LedgerExemption {
    /// The rule.
    pub rule: RuleName,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Who wrote it, as AWS knows them.
    pub by: String,
    /// When.
    pub at: Timestamp,
}
