//! What came of carrying a plan out, step by step, and what was seen when the network was read again.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::case::CeilingReason;
use crate::facts::Facts;
use crate::finding::Finding;
use crate::plan::{Plan, Withheld};
use crate::settings::RuleName;

/// What came of one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// The rule whose finding the plan was for.
    pub rule: RuleName,
    /// The resource of the finding, by id or ARN.
    pub resource: String,
    /// The plan.
    pub plan: Plan,
    /// When it was begun.
    pub began: Timestamp,
    /// When it was ended.
    pub ended: Timestamp,
    /// What came of each step, in the plan's order.
    pub steps: Vec<Done>,
    /// How it ended.
    pub end: End,
    /// What the plan is about, as it was read before.
    pub before: Facts,
    /// The same as it was read afterwards; empty where it could not be read.
    pub after: Facts,
}

/// As much of an [`Execution`] as a later delivery needs.
#[derive(Deserialize)]
struct WithoutFacts {
    rule: RuleName,
    resource: String,
    plan: Plan,
    began: Timestamp,
    ended: Timestamp,
    steps: Vec<Done>,
    end: End,
}

impl From<WithoutFacts> for Execution {
    fn from(read: WithoutFacts) -> Self {
        Self {
            rule: read.rule,
            resource: read.resource,
            plan: read.plan,
            began: read.began,
            ended: read.ended,
            steps: read.steps,
            end: read.end,
            before: Facts::default(),
            after: Facts::default(),
        }
    }
}

/// Reads what came of plans, and leaves out the facts.
pub(crate) fn without_facts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Execution>, D::Error> {
    let read = Vec::<WithoutFacts>::deserialize(deserializer)?;
    Ok(read.into_iter().map(Execution::from).collect())
}

/// What came of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// It was done.
    Done,
    /// There was nothing to do: it was so already.
    Already,
    /// What it was to change was not there any more, or was another by then: nothing was done.
    Moved,
    /// It was done and taken back again, since what it was to make room for had moved.
    TakenBack,
    /// AWS did not do it, or did not say that it did.
    Failed(Failure),
    /// It was not tried, since an earlier step was not done.
    NotTried,
}

/// A call that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Failure {
    /// The IAM action: `ec2:RevokeSecurityGroupEgress`.
    pub action: String,
    /// AWS's error code, or `Timeout`, `ConnectionFailed`.
    pub code: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed with `{}`", self.action, self.code)
    }
}

/// How carrying out a plan ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// All steps are done, and reading again showed it.
    Seen,
    /// All steps are done, and reading again did not show it within a few seconds, or could not be done.
    Unseen,
    /// What the plan was to change was another by then: it must be decided again.
    Moved,
    /// A step failed; none after it was tried.
    Failed(Failure),
    /// AWS will not do it as things are, for a reason that could not be seen before: nothing was changed, and to try
    /// again would change nothing.
    Withheld(Withheld),
    /// The mode was lowered before all steps were done, so no further one was.
    Stopped(CeilingReason),
}

impl Execution {
    /// Whether it is of a finding's plan.
    #[must_use]
    pub fn is_for(&self, finding: &Finding) -> bool {
        self.rule == finding.rule && self.resource == finding.resource.id
    }

    /// The same, without what was read before and afterwards.
    #[must_use]
    pub fn without_facts(&self) -> Self {
        Self {
            before: Facts::default(),
            after: Facts::default(),
            ..self.clone()
        }
    }

    /// Whether every step of the plan is done.
    #[must_use]
    pub fn is_carried_out(&self) -> bool {
        matches!(self.end, End::Seen | End::Unseen)
    }

    /// Why it failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match &self.end {
            End::Failed(failure) => Some(failure),
            End::Seen | End::Unseen | End::Moved | End::Withheld(_) | End::Stopped(_) => None,
        }
    }
}
