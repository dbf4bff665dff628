//! What parts are called, what is done to them, and what that means.

use crate::case::Case;
use crate::event::{CallName, PartCall, PartChange, PartKind, Target};
use crate::own::OwnPart;

/// Whether a call is about an event source mapping.
pub(super) fn is_mapping(call: CallName) -> bool {
    matches!(call, CallName::UpdateEventSourceMapping20150331 | CallName::DeleteEventSourceMapping20150331)
}

/// The class of a finding: what is at stake.
pub(super) fn class(call: CallName, kind: PartKind, part: &OwnPart) -> &'static str {
    match (part, kind) {
        (OwnPart::KillSwitch, _) => "kill-switch",
        (OwnPart::PolicyFile, _) => "policy-file",
        (OwnPart::Ledger, _) => "ledger",
        _ if is_mapping(call) => "event-source",
        (_, PartKind::Trail) => "trail",
        (_, PartKind::Rule) => "event-rule",
        (_, PartKind::Function) => "function",
        (_, PartKind::Queue) => "queue",
        (_, PartKind::Topic) => "topic",
        (_, PartKind::Parameter) => "parameter",
        (_, PartKind::Key) => "key",
        (_, PartKind::Role) => "role",
        (_, PartKind::Table) => "table",
    }
}

/// What such a thing is called.
pub(super) fn kind(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Trail => "trail",
        PartKind::Rule => "event rule",
        PartKind::Function => "function",
        PartKind::Queue => "queue",
        PartKind::Topic => "topic",
        PartKind::Parameter => "parameter",
        PartKind::Key => "key",
        PartKind::Role => "role",
        PartKind::Table => "table",
    }
}

/// The beginning of the sentence that says what happened.
pub(super) fn noun(kind: PartKind, part: &OwnPart) -> &'static str {
    match (part, kind) {
        (OwnPart::KillSwitch, _) => "the guardrail's kill switch was",
        (OwnPart::PolicyFile, _) => "the guardrail's policy file was",
        (OwnPart::Ledger, _) => "the guardrail's ledger was",
        (OwnPart::AnyTrail, _) => "a trail, perhaps the one by which the guardrail hears, was",
        (_, PartKind::Trail) => "the trail by which the guardrail hears was",
        (_, PartKind::Rule) => "an event rule of the guardrail was",
        (_, PartKind::Function) => "a function of the guardrail was",
        (_, PartKind::Queue) => "a queue of the guardrail was",
        (_, PartKind::Topic) => "the guardrail's topic was",
        (_, PartKind::Parameter) => "a parameter of the guardrail was",
        (_, PartKind::Key) => "a key of the guardrail was",
        (_, PartKind::Role) => "a role of the guardrail was",
        (_, PartKind::Table) => "a table of the guardrail was",
    }
}

/// The end of it.
pub(super) fn deed(call: &PartCall, kind: PartKind) -> &'static str {
    let is_taken_away = call.change == PartChange::TakenAway;
    match call.call {
        // Its function is not the guardrail's: somebody connected the queue to another one.
        CallName::UpdateEventSourceMapping20150331 if kind == PartKind::Queue => "connected to somebody else's function",
        CallName::StopLogging => "stopped",
        CallName::PutEventSelectors if is_taken_away => "told to leave out the calls that change something",
        CallName::PutEventSelectors => "given other event selectors",
        CallName::DisableRule | CallName::DisableKey => "disabled",
        CallName::PutRule if is_taken_away => "written anew, and disabled",
        CallName::PutRule => "written anew",
        CallName::PutTargets => "given other targets",
        CallName::RemoveTargets => "cut off from its target",
        CallName::UpdateFunctionCode20150331v2 => "given other code",
        CallName::PutFunctionConcurrency20171031 if is_taken_away => "given no concurrency: it does not run any more",
        CallName::UpdateEventSourceMapping20150331 if is_taken_away => "cut off from its queue",
        CallName::UpdateEventSourceMapping20150331 => "connected to its queue in another way",
        CallName::DeleteEventSourceMapping20150331 => "cut off from its queue for good",
        CallName::PurgeQueue => "emptied",
        CallName::Unsubscribe => "left by a subscriber",
        CallName::PutParameter => "set",
        CallName::ScheduleKeyDeletion => "scheduled for deletion",
        CallName::PutRolePolicy => "given another policy",
        CallName::DeleteRolePolicy | CallName::DetachRolePolicy => "stripped of a policy",
        _ if is_taken_away => "deleted",
        _ => "changed",
    }
}

/// What hangs on it.
pub(super) fn consequence(kind: PartKind, part: &OwnPart) -> &'static str {
    match (part, kind) {
        (OwnPart::KillSwitch, _) => "it caps the mode of every rule, and where it cannot be read nothing is taken back",
        (OwnPart::PolicyFile, _) => "it says what must stay private, what is allowed and how far each rule may go; running functions take a new version within a minute",
        (OwnPart::Ledger, _) => "without it nothing is taken back, and nobody can undo a revert by its record",
        (_, PartKind::Trail) => "only what a trail writes down as a management event reaches EventBridge: without one the guardrail hears of nothing in this account",
        (_, PartKind::Rule) => "it passes the calls on that a function judges: what it does not pass on, nobody judges",
        (_, PartKind::Function) => "it judges the calls of its family of resources, with the rights of its role",
        (_, PartKind::Queue) => "it holds the calls that wait to be judged, or could not be: what is thrown away or refused there, nobody judges",
        (_, PartKind::Topic) => "every finding and alarm goes out by it",
        (_, PartKind::Key) => "the topic is encrypted with it: without it no finding and no alarm goes out",
        (_, PartKind::Role) => "a function reads, tells and takes back by its rights",
        (_, PartKind::Parameter | PartKind::Table) => "the guardrail is configured with it",
    }
}

/// The ARN of what a call is about.
pub(super) fn arn(case: &Case<'_>, target: &Target) -> String {
    let region = target.region.as_ref().unwrap_or(&case.event.region).as_str();
    let account = target.account.as_ref().unwrap_or(case.account);
    let partition = match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let region = if target.kind == PartKind::Role { "" } else { region };
    let (service, prefix) = (target.kind.service(), target.kind.prefix());
    format!("arn:{partition}:{service}:{region}:{account}:{prefix}{}", target.name)
}
