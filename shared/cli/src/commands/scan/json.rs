//! What was seen as JSON, one value a line.

use anyhow::Result;
use guardrail_policy::decide::Exempt;
use guardrail_policy::finding::Finding;
use guardrail_policy::id::{AccountId, Region, VpcId};
use serde::Serialize;

use super::seen::{Here, Seen, Unjudged};

/// One line: where it was seen, and one of `finding`, `exempt` and `unjudged`.
#[derive(Debug, Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a AccountId>,
    region: &'a Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc: Option<&'a VpcId>,
    #[serde(flatten)]
    says: Says<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Says<'a> {
    Finding(&'a Finding),
    Exempt(&'a Exempt),
    Unjudged(&'a Unjudged),
}

/// The line of one thing that was seen.
pub(super) fn line(here: &Here, seen: &Seen<'_>) -> Result<String> {
    let line = Line {
        account: here.account.as_ref(),
        region: &here.region,
        vpc: here.vpc.as_ref().map(|vpc| &vpc.id),
        says: match seen {
            Seen::Finding(finding) => Says::Finding(finding),
            Seen::Exempt(exempt) => Says::Exempt(exempt),
            Seen::Unjudged(unjudged) => Says::Unjudged(unjudged),
        },
    };
    Ok(serde_json::to_string(&line)?)
}
