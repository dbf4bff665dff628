//! What is to be judged: an event, when it is judged, and what the shell around it decided.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::id::{AccountId, Arn};
use crate::own::Own;
use crate::rules::Rule;
use crate::settings::{Mode, RuleName, Settings};

/// For how long after a call "there is no such thing" may only mean "not visible yet".
///
/// EC2 is eventually consistent and states no bound; a minute is far beyond what its users report.
pub const CONSISTENT_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// For how long after a call something that is still being made may yet come to be what was asked for.
pub const MADE_AFTER: SignedDuration = SignedDuration::from_mins(15);

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
    /// What else the guardrail is made of.
    pub own: &'a Own,
    /// Whether the event is not delivered again after this: what cannot wait is told now.
    pub last_delivery: bool,
}

impl Case<'_> {
    /// Whether AWS may not show yet what this event made; a scan made nothing.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        !self.event.is_scan() && self.now.duration_since(self.event.time) < CONSISTENT_AFTER
    }

    /// Whether to wait for what this event's call may still be making: not at the last delivery, which tells what there
    /// is, and not in a scan, which looks at what is there.
    #[must_use]
    pub fn waits_for_what_is_made(&self) -> bool {
        let is_young = self.now.duration_since(self.event.time) < MADE_AFTER;
        !self.event.is_scan() && !self.last_delivery && is_young
    }

    /// Whether there is a ledger that can be asked.
    #[must_use]
    pub fn has_ledger(&self) -> bool {
        let without = |ceiling: &Ceiling| matches!(ceiling.why, CeilingReason::NoLedger | CeilingReason::LedgerDown);
        !self.ceilings.iter().any(without)
    }

    /// Whether no ledger is configured, so that nothing is ever remembered. One that does not answer is another matter.
    #[must_use]
    pub fn remembers_nothing(&self) -> bool {
        self.ceilings
            .iter()
            .any(|ceiling| ceiling.why == CeilingReason::NoLedger)
    }

    /// The mode in force for a rule, and what lowered it.
    ///
    /// That the guardrail is tampered with is always told: whoever may set the kill switch or change the policy file must not
    /// be able to silence the message about just that. The rule changes nothing, so that there is nothing to stop.
    #[must_use]
    pub fn mode(&self, rule: RuleName) -> ModeInForce {
        let mode = self.capped_mode(rule);
        match rule {
            RuleName::GuardrailTampered if mode.mode < Mode::Notify => ModeInForce {
                mode: Mode::Notify,
                lowered_by: None,
            },
            _ => mode,
        }
    }

    fn capped_mode(&self, rule: RuleName) -> ModeInForce {
        let wanted = ModeInForce {
            mode: self.settings.mode_for(rule, self.account),
            lowered_by: None,
        };
        match self.ceilings.iter().min_by_key(|ceiling| ceiling.mode) {
            Some(ceiling) => wanted.under(*ceiling),
            None => wanted,
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
    /// The kill switch says so.
    KillSwitch,
    /// The kill switch could not be read.
    KillSwitchUnreadable,
    /// The event did not come as an envelope inside an SQS batch, so nothing proves its origin.
    Unproven,
    /// The envelope is a replay of archived events.
    Replay,
    /// No ledger is configured, and without one nothing is taken back.
    NoLedger,
    /// The ledger could not be used.
    LedgerDown,
}

impl Ceiling {
    /// A cap at notify.
    #[must_use]
    pub fn notify(why: CeilingReason) -> Self {
        Self {
            mode: Mode::Notify,
            why,
        }
    }
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

impl ModeInForce {
    /// The mode under one more cap.
    #[must_use]
    pub fn under(self, ceiling: Ceiling) -> Self {
        if ceiling.mode < self.mode {
            Self {
                mode: ceiling.mode,
                lowered_by: Some(ceiling.why),
            }
        } else {
            self
        }
    }
}
