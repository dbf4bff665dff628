//! What one run of the sweep leaves behind: one JSON line.

use guardrail_policy::event::SubjectKind;
use guardrail_policy::facts::Unreadable;
use guardrail_policy::id::{AccountId, Region, VpcId};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::message::Notice;
use guardrail_policy::settings::{Digest, RuleName};
use serde::{Deserialize, Serialize};

use super::position::Position;
use crate::ports::TellError;
use crate::scan::{AreaId, Scanner};

/// The record of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// The form of this record: `vpc-guardrail/sweep/1`.
    pub schema: String,
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The policy file in force.
    pub policy: Digest,
    /// When the run began.
    pub at: Timestamp,
    /// When the sweep began, which may be an earlier run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// Whether it went on with the sweep of an earlier run, and after what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed_after: Option<AreaId>,
    /// How it ended.
    pub end: End,
    /// How many VPCs there are.
    pub there: usize,
    /// How many of them the policy file selects.
    pub selected: usize,
    /// How many of them this run looked at.
    pub vpcs: usize,
    /// Whether this run looked at what belongs to no VPC: the account's settings, and its APIs.
    pub looked_at_account: bool,
    /// How many resources it judged.
    pub judged: usize,
    /// How much is wrong.
    pub findings: usize,
    /// How much of what it looked at, VPCs and the account, was never looked at before: what is wrong there is counted, and
    /// not told.
    pub baseline: usize,
    /// How much of what is wrong was not there at the last sweep.
    pub new: usize,
    /// How much that was wrong at the last sweep is not any more.
    pub gone: usize,
    /// How many judgements could not be made.
    pub undecided: usize,
    /// What could not be read at all, and VPCs that are too large for one run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// The notices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<ToldOf>,
    /// What went wrong with the sweep itself, the last of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Every VPC was looked at.
    Complete,
    /// Its time ran out: the next run goes on.
    OutOfTime,
    /// Another run is at it.
    InOtherHands,
    /// Something stood in its way: see `error`. The next run goes on.
    Failed,
}

/// A notice of a sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldOf {
    /// The VPC; none for what belongs to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<VpcId>,
    /// The rule.
    pub rule: RuleName,
    /// See [`Notice::notice_id`].
    pub notice_id: String,
    /// Why it is not known to have been sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl ToldOf {
    pub(super) fn new(area: &AreaId, notice: &Notice, error: Option<&TellError>) -> Self {
        Self {
            vpc: area.vpc().cloned(),
            rule: notice.rule,
            notice_id: notice.notice_id.clone(),
            error: error.map(ToString::to_string),
        }
    }
}

impl Swept {
    /// A run that has not looked at anything yet.
    pub(super) fn new<A>(scanner: &Scanner<'_, A>) -> Self {
        Self {
            schema: "vpc-guardrail/sweep/1".to_owned(),
            account: scanner.account.clone(),
            region: scanner.region.clone(),
            policy: scanner.settings.digest.clone(),
            at: scanner.now,
            began: None,
            resumed_after: None,
            end: End::Failed,
            there: 0,
            selected: 0,
            vpcs: 0,
            looked_at_account: false,
            judged: 0,
            findings: 0,
            baseline: 0,
            new: 0,
            gone: 0,
            undecided: 0,
            unread: Vec::new(),
            told: Vec::new(),
            error: None,
        }
    }

    pub(super) fn fail(&mut self, error: &str) {
        self.error = Some(error.to_owned());
    }

    pub(super) fn begin(&mut self, there: usize, selected: usize, position: &Position) {
        (self.there, self.selected) = (there, selected);
        self.began = Some(position.began);
        self.resumed_after.clone_from(&position.last);
    }

    /// An area was looked at.
    pub(super) fn looked_at(&mut self, area: &AreaId, judged: usize, findings: usize, is_first: bool, gone: usize) {
        match area {
            AreaId::Account => self.looked_at_account = true,
            AreaId::Vpc(_) => self.vpcs += 1,
        }
        self.judged += judged;
        self.findings += findings;
        self.baseline += usize::from(is_first);
        self.gone += gone;
    }

    pub(super) fn unlisted(&mut self, area: &AreaId, kind: SubjectKind, why: &Unreadable) {
        self.unread.push(format!(
            "the {} of {area}: `{}` was answered with `{}`",
            kind.plural(),
            why.action,
            why.code
        ));
    }

    pub(super) fn too_large(&mut self, area: &AreaId) {
        self.unread.push(format!(
            "a part of {area}, which is too large for one run: raise the function's timeout, or its share of AWS's requests"
        ));
    }

    /// Whether everything that there is was looked at and could be judged, and whoever is to be told was told.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let all_told = self.told.iter().all(|told| told.error.is_none());
        self.end == End::Complete && self.error.is_none() && self.unread.is_empty() && self.undecided == 0 && all_told
    }
}
