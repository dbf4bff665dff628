//! What is to be judged: an event, when it is judged, and what the shell around it decided.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::id::{AccountId, Arn};
use crate::rules::Rule;
use crate::settings::{Mode, RuleName, Settings};

/// For how long after a call "there is no such thing" may only mean "not visible yet".
///
/// EC2 is eventually consistent and states no bound; a minute is far beyond what its users report.
pub const CONSISTENT_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// One event to be judged, with everything but the facts.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What happened.
    pub event: &'a Event,
    /// The account whose network it touched.
    pub account: &'a AccountId,
    /// The time of judging.
    pub now: Timestamp,
    /// The policy file.
    pub settings: &'a Settings,
    /// The rules that are linked into this function.
    pub rules: &'a [&'static Rule],
    /// What caps the mode, whatever the policy file says.
    pub ceilings: &'a [Ceiling],
    /// The guardrail's own roles: their calls are recorded, not judged.
    pub own_roles: &'a [Arn],
}

impl Case<'_> {
    /// Whether AWS may not show yet what this event made.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.now.duration_since(self.event.time) < CONSISTENT_AFTER
    }

    /// The mode in force for a rule, and what lowered it.
    #[must_use]
    pub fn mode(&self, rule: RuleName) -> ModeInForce {
        let wanted = self.settings.mode_for(rule, self.account);
        match self.ceilings.iter().min_by_key(|ceiling| ceiling.mode) {
            Some(ceiling) if ceiling.mode < wanted => ModeInForce {
                mode: ceiling.mode,
                lowered_by: Some(ceiling.why),
            },
            _ => ModeInForce {
                mode: wanted,
                lowered_by: None,
            },
        }
    }
}

/// A cap on the mode of every rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ceiling {
    /// The highest mode allowed.
    pub mode: Mode,
    /// Why.
    pub why: CeilingReason,
}

/// Why the mode is capped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CeilingReason {
    /// `GUARDRAIL_MAX_MODE` says so.
    MaxMode,
    /// This version makes plans and does not carry them out.
    PlansOnly,
    /// The event did not come as an envelope inside an SQS batch, so nothing proves its origin.
    Unproven,
    /// The envelope is a replay of archived events.
    Replay,
}

/// The mode that applies to one rule in this case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeInForce {
    /// The mode.
    pub mode: Mode,
    /// What lowered it below what the policy file wants, if anything did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowered_by: Option<CeilingReason>,
}
