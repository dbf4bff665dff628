//! What people and machines are told: one notice per event and rule, legible and complete.

mod by_hand;
mod exemption;
mod text;
mod treatment;

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::case::{Case, ModeInForce};
use crate::decide::{Judged, Verdict};
use crate::event::{CallName, Event};
use crate::execution::Execution;
use crate::finding::{Finding, Severity};
use crate::id::{AccountId, EventId, Region};
use crate::rules::Judgement;
use crate::settings::{Digest, Mode, RuleName};

pub use by_hand::by_hand;
pub(crate) use exemption::{exemption_ends, reminder};

/// How many findings one notice carries in full; the record has them all.
const MOST_FINDINGS: usize = 20;
/// How many pieces of evidence a finding carries in a notice; the record has them all.
const MOST_EVIDENCE: usize = 40;

/// One message to the security team.
///
/// A second notice for the same event and rule carries the same `notice_id`; so does one that is sent again after a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The same for every delivery of the same event and rule: subscribers drop duplicates by it.
    pub notice_id: String,
    /// The rule that speaks.
    pub rule: RuleName,
    /// The highest severity among its findings.
    pub severity: Severity,
    /// The account concerned.
    pub account: AccountId,
    /// The Region concerned.
    pub region: Region,
    /// The mode in force.
    pub mode: Mode,
    /// One line under 100 characters of ASCII, without control characters: what SNS takes as a subject.
    pub subject: String,
    /// The text for people.
    pub text: String,
    /// The JSON for machines, a [`Body`]; it has the text for people under `text`.
    pub json: String,
}

/// The JSON for machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body<'a> {
    /// The form of this body: `vpc-guardrail/notice/1`.
    pub schema: String,
    /// See [`Notice::notice_id`].
    pub notice_id: String,
    /// The record that the delivery leaves behind.
    pub record_id: String,
    /// The rule that speaks.
    pub rule: RuleName,
    /// The highest severity among its findings.
    pub severity: Severity,
    /// The account concerned.
    pub account: AccountId,
    /// The Region concerned.
    pub region: Region,
    /// The mode in force, and what lowered it.
    #[serde(flatten)]
    pub mode: ModeInForce,
    /// The policy file in force.
    pub policy: Digest,
    /// The call that was judged.
    pub event: BodyEvent,
    /// When it was judged.
    pub judged_at: Timestamp,
    /// What was found: at most 20 findings with at most 40 pieces of evidence each; the record has them all.
    pub findings: Vec<Shown<'a>>,
    /// What came of the plans that were carried out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub executions: Vec<Execution>,
    /// How many more findings the record has.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_findings: usize,
    /// The text for people.
    pub text: Cow<'a, str>,
}

/// A finding as a message has it: of its evidence, the record has all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Shown<'a>(pub Cow<'a, Finding>);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.with_evidence(MOST_EVIDENCE).serialize(serializer)
    }
}

impl<'a> From<&'a Finding> for Shown<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self(Cow::Borrowed(finding))
    }
}

/// The call that was judged, as far as a message tells of it. The caller is left out where the call is not the cause (law 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyEvent {
    /// CloudTrail's `eventID`.
    pub id: EventId,
    /// The call.
    pub call: Option<CallName>,
    /// When it was made.
    pub time: Timestamp,
    /// The caller's ARN, where the call is the cause of a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The notice about what a rule found, and what came of the plans that were carried out; none when it found nothing.
#[must_use]
pub fn notice(case: &Case<'_>, verdict: &Verdict, executions: &[Execution]) -> Option<Notice> {
    let severity = verdict.findings().iter().map(|finding| finding.severity).max()?;
    let ids = Ids::of(case, notice_id(&case.event.id, verdict.rule));
    let text = text::text(case, verdict, executions, &ids);
    let body = Body {
        findings: verdict.findings().iter().take(MOST_FINDINGS).map(Shown::from).collect(),
        executions: own(verdict, executions),
        more_findings: verdict.findings().len().saturating_sub(MOST_FINDINGS),
        ..body_of(case, verdict, &ids, severity, &text)
    };
    let json = serde_json::to_string(&body).unwrap_or_default();
    Some(Notice {
        notice_id: ids.notice,
        rule: verdict.rule,
        severity,
        account: case.account.clone(),
        region: case.event.region.clone(),
        mode: verdict.mode.mode,
        subject: text::subject(case, verdict, executions, severity),
        text,
        json,
    })
}

/// The notice about what a sweep found new in a VPC, or beside the VPCs, by one rule; none when that is nothing.
#[must_use]
pub fn of_sweep(
    case: &Case<'_>,
    rule: RuleName,
    mut findings: Vec<Finding>,
    last: Option<Timestamp>,
) -> Option<Notice> {
    let since = last
        .map(|last| format!(" at {}", last.strftime("%F %T UTC")))
        .unwrap_or_default();
    for finding in &mut findings {
        finding.context.push(format!(
            "new since the last sweep{since}: an event told of it then and it still stands, or no event did"
        ));
    }
    let verdict = Verdict {
        rule,
        mode: case.mode(rule),
        outcome: Judged::Known {
            judgement: Judgement {
                findings,
                passed: Vec::new(),
            },
            exempt: Vec::new(),
        },
    };
    notice(case, &verdict, &[])
}

/// What a notice is known by, and the record that it refers to.
struct Ids {
    notice: String,
    record: String,
}

impl Ids {
    fn of(case: &Case<'_>, notice: String) -> Self {
        let record = record_id(case.event, case.now);
        Self { notice, record }
    }
}

/// The JSON for machines, as yet without findings.
fn body_of<'t>(case: &Case<'_>, verdict: &Verdict, ids: &Ids, severity: Severity, text: &'t str) -> Body<'t> {
    Body {
        schema: "vpc-guardrail/notice/1".to_owned(),
        notice_id: ids.notice.clone(),
        record_id: ids.record.clone(),
        rule: verdict.rule,
        severity,
        account: case.account.clone(),
        region: case.event.region.clone(),
        mode: verdict.mode,
        policy: case.settings.digest.clone(),
        event: body_event(case.event, verdict),
        judged_at: case.now,
        findings: Vec::new(),
        executions: Vec::new(),
        more_findings: 0,
        text: Cow::Borrowed(text),
    }
}

/// The same for every delivery of an event to the same rule.
fn notice_id(event: &EventId, rule: RuleName) -> String {
    format!("notice-{}", hex(&[event.as_str(), rule.as_str()]))
}

/// The id of the record that judging an event at a time leaves behind.
#[must_use]
pub fn record_id(event: &Event, now: Timestamp) -> String {
    format!("record-{}", hex(&[event.id.as_str(), &now.to_string()]))
}

/// A text in 24 hexadecimal digits: others for any other text.
#[must_use]
pub fn digest(text: &str) -> String {
    hex(&[text])
}

/// The first 24 hexadecimal digits of the SHA-256 of some texts, each ended by a zero byte.
pub(crate) fn hex(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    let mut digits = String::with_capacity(24);
    for byte in hash.finalize().iter().take(12) {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

fn body_event(event: &Event, verdict: &Verdict) -> BodyEvent {
    let actor =
        text::names_the_caller(verdict).then(|| event.actor.arn.clone().unwrap_or_else(|| event.actor.display_name()));
    BodyEvent {
        id: event.id.clone(),
        call: event.call.name(),
        time: event.time,
        actor,
    }
}

/// The executions of a rule's plans.
fn own(verdict: &Verdict, executions: &[Execution]) -> Vec<Execution> {
    let own = executions.iter().filter(|execution| execution.rule == verdict.rule);
    own.cloned().collect()
}
