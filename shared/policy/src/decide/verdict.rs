//! What one rule has to say about an event.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Reason;
use crate::case::ModeInForce;
use crate::facts::{Question, Unknown};
use crate::finding::Finding;
use crate::rules::{Judgement, PassedBecause};
use crate::settings::{self, RuleName};

/// What one rule has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The rule.
    pub rule: RuleName,
    /// The mode that applies to it here.
    #[serde(flatten)]
    pub mode: ModeInForce,
    /// What it found, or why it could not judge.
    pub outcome: Judged,
}

/// How a rule's judgement came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// It could judge.
    Known {
        /// What it found and what it let pass.
        #[serde(flatten)]
        judgement: Judgement,
        /// Findings that an exemption allows for now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        exempt: Vec<Exempt>,
    },
    /// It could not.
    Unknown {
        /// What it asked.
        question: Question,
        /// What came instead of an answer.
        why: Unknown,
    },
}

/// A finding that an exemption allows for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exempt {
    /// What was found.
    pub finding: Finding,
    /// Who answers for the exemption.
    pub owner: String,
    /// Why there is one.
    pub reason: String,
    /// When it ends.
    pub until: Until,
}

/// When an exemption ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Until {
    /// With this day in UTC: one of the policy file.
    EndOf(Date),
    /// At this time: one of the ledger.
    At(Timestamp),
}

impl Exempt {
    /// In how many days the exemption ends, where it is one of the policy file and ends soon. One of the ledger lasts
    /// hours, and whoever wrote it knows.
    #[must_use]
    pub fn ends_in_days(&self, now: Timestamp) -> Option<i64> {
        match self.until {
            Until::EndOf(date) => settings::ends_in_days(date, now),
            Until::At(_) => None,
        }
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndOf(date) => write!(f, "to the end of {date}"),
            Self::At(time) => write!(f, "until {}", time.strftime("%F %T UTC")),
        }
    }
}

impl Verdict {
    pub(super) fn findings_mut(&mut self) -> Option<&mut Vec<Finding>> {
        match &mut self.outcome {
            Judged::Known { judgement, .. } => Some(&mut judgement.findings),
            Judged::Unknown { .. } => None,
        }
    }

    /// What the rule found, exempt findings left out.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        match &self.outcome {
            Judged::Known { judgement, .. } => &judgement.findings,
            Judged::Unknown { .. } => &[],
        }
    }

    /// Whether the rule could not judge.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        matches!(self.outcome, Judged::Unknown { .. })
    }

    /// What it found and an exemption allows for now.
    #[must_use]
    pub fn exempt(&self) -> &[Exempt] {
        match &self.outcome {
            Judged::Known { exempt, .. } => exempt,
            Judged::Unknown { .. } => &[],
        }
    }

    /// What came of it for this rule, in one word.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match &self.outcome {
            Judged::Unknown { .. } => Reason::Undecided,
            Judged::Known { judgement, .. } if judgement.findings.iter().any(Finding::is_withheld) => Reason::Withheld,
            Judged::Known { judgement, .. } if !judgement.findings.is_empty() => Reason::Found,
            Judged::Known { exempt, .. } if !exempt.is_empty() => Reason::Exempt,
            Judged::Known { judgement, .. } => {
                let passed = judgement.passed.iter().map(|passed| match passed.why {
                    PassedBecause::Clean => Reason::Clean,
                    PassedBecause::NotSelected => Reason::NotSelected,
                    PassedBecause::AlreadyGone => Reason::AlreadyGone,
                    PassedBecause::NotTouched => Reason::NotTouched,
                });
                passed.max().unwrap_or(Reason::Clean)
            }
        }
    }
}
