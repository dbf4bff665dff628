//! What a scan has to tell, whatever the form in which it is told.

use guardrail_policy::decide::{Exempt, Judged as Outcome, Reason};
use guardrail_policy::event::{Call, Event};
use guardrail_policy::facts::{Unknown, Unreadable, Vpc};
use guardrail_policy::finding::Finding;
use guardrail_policy::id::{AccountId, Region};
use guardrail_policy::settings::RuleName;
use guardrail_runner::scan::Judged;
use serde::Serialize;

use crate::commands::replay::text::question;

/// Where something was seen.
#[derive(Debug, Clone)]
pub(super) struct Here {
    /// The account, where it is known.
    pub(super) account: Option<AccountId>,
    /// The Region.
    pub(super) region: Region,
    /// The VPC, once one is looked at.
    pub(super) vpc: Option<Vpc>,
}

/// One thing to tell.
#[derive(Debug)]
pub(super) enum Seen<'a> {
    /// Something is wrong.
    Finding(&'a Finding),
    /// Something is wrong, and an exemption allows it for now.
    Exempt(&'a Exempt),
    /// Something could not be judged.
    Unjudged(Unjudged),
}

/// What could not be judged, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Unjudged {
    /// The rule, where it was one alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<RuleName>,
    /// What was not judged: a resource's id, or what could not be listed.
    pub(super) what: String,
    /// Why, and the remedy.
    pub(super) why: String,
    /// The IAM action that failed and AWS's error code, where that is why.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) unreadable: Option<Unreadable>,
}

impl Unjudged {
    /// A Region, or a kind of its resources, that could not be read.
    pub(super) fn unread(what: impl Into<String>, why: &Unreadable) -> Self {
        Self {
            rule: None,
            what: what.into(),
            why: in_words(why),
            unreadable: Some(why.clone()),
        }
    }
}

/// What there is to tell of one resource.
pub(super) fn of(judged: &Judged) -> Vec<Seen<'_>> {
    let mut seen = Vec::new();
    for verdict in &judged.decision.verdicts {
        seen.extend(verdict.findings().iter().map(Seen::Finding));
        seen.extend(verdict.exempt().iter().map(Seen::Exempt));
        if let Outcome::Unknown { question: asked, why } = &verdict.outcome {
            seen.push(Seen::Unjudged(Unjudged {
                rule: Some(verdict.rule),
                what: subject(&judged.event).to_owned(),
                why: match why {
                    Unknown::Unreadable(why) => in_words(why),
                    Unknown::Gone => format!("{} is gone: scan again", question(asked)),
                    Unknown::NotYet => format!("AWS does not show {} yet: scan again", question(asked)),
                },
                unreadable: match why {
                    Unknown::Unreadable(why) => Some(why.clone()),
                    Unknown::Gone | Unknown::NotYet => None,
                },
            }));
        }
    }
    if judged.decision.reason == Reason::Undecided && judged.decision.verdicts.is_empty() {
        seen.push(Seen::Unjudged(Unjudged {
            rule: None,
            what: subject(&judged.event).to_owned(),
            why: "a rule asks for more and more: please report it".to_owned(),
            unreadable: None,
        }));
    }
    seen
}

fn subject(event: &Event) -> &str {
    match &event.call {
        Call::Scan { subject } => subject.id(),
        _ => event.id.as_str(),
    }
}

/// Why something could not be read, and the remedy.
pub(super) fn in_words(Unreadable { action, code }: &Unreadable) -> String {
    let remedy = match code.as_str() {
        "NotInSnapshot" => return format!("the snapshot does not say what `{action}` would: add that part"),
        "RequestLimitExceeded" | "Throttling" | "ThrottlingException" | "TooManyRequestsException" | "SlowDown" => {
            return format!(
                "`{action}` was throttled to the end (`{code}`): scan again when less else calls AWS in this account"
            );
        }
        "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" => {
            return format!("`{action}` is denied (`{code}`): grant it to whoever scans");
        }
        "NotShown" => "only the account that owns the VPC is shown it: scan that one",
        "NoCredentials" => "sign in, or choose a profile that has credentials",
        "ExpiredToken" | "RequestExpired" => "sign in again",
        "AuthFailure" | "InvalidClientTokenId" | "OptInRequired" => {
            "check that the account has this Region switched on"
        }
        "ConnectionFailed" | "Timeout" => "check the network and the proxy, and scan again",
        _ => "mend that, and scan again",
    };
    format!("`{action}` came to `{code}`: {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_something_could_not_be_read_is_said_with_the_remedy() {
        let said = |code: &str| {
            in_words(&Unreadable {
                action: "ec2:DescribeVpcs".to_owned(),
                code: code.to_owned(),
            })
        };
        let codes = [
            "RequestLimitExceeded",
            "UnauthorizedOperation",
            "Timeout",
            "NotInSnapshot",
            "InternalError",
        ];
        insta::assert_snapshot!(codes.map(said).join("\n"), @r"
        `ec2:DescribeVpcs` was throttled to the end (`RequestLimitExceeded`): scan again when less else calls AWS in this account
        `ec2:DescribeVpcs` is denied (`UnauthorizedOperation`): grant it to whoever scans
        `ec2:DescribeVpcs` came to `Timeout`: check the network and the proxy, and scan again
        the snapshot does not say what `ec2:DescribeVpcs` would: add that part
        `ec2:DescribeVpcs` came to `InternalError`: mend that, and scan again
        ");
    }
}
