//! Exceptions with an owner, a reason and an end.

use std::fmt;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::node::Node;
use super::problem::{Note, Position};
use super::reading::{Read, Reading};
use super::rule_name::RuleName;
use super::values::is_id_digits;
use crate::id::{AccountId, Arn, IdError};

text_type! {
    /// The resource that an exemption speaks of: an id as AWS writes it, or an ARN.
    ExemptResource, "the id or ARN of a resource", "sg-0123456789abcdef0", is_resource
}

/// One exception: this rule leaves this resource alone until the end of that day, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Exemption {
    /// The rule that is excepted from.
    pub rule: RuleName,
    /// The resource that is left alone.
    pub resource: ExemptResource,
    /// Who answers for it: a team or its address.
    pub owner: String,
    /// Why, with the number of the change or ticket.
    pub reason: String,
    /// The last day on which it holds, to its end in UTC: `2027-01-31`.
    #[schemars(with = "String", extend("format" = "date"))]
    pub until: Date,
    /// Where it stands in the file.
    #[serde(skip)]
    pub at: Position,
}

impl Exemption {
    /// Whether it still holds at this time.
    #[must_use]
    pub fn holds_at(&self, time: Timestamp) -> bool {
        TimeZone::UTC.to_datetime(time).date() <= self.until
    }
}

/// An ARN, an id with AWS's digits behind its prefix, an account, or the id of an API (10 or 26 letters and digits).
fn is_resource(text: &str) -> bool {
    let is_api = matches!(text.len(), 10 | 26) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_prefixed = text.rsplit_once('-').is_some_and(|(prefix, digits)| {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        prefix.split('-').all(is_word) && is_id_digits(digits)
    });
    is_api || is_prefixed || text.parse::<AccountId>().is_ok() || text.parse::<Arn>().is_ok() && !text.contains('*')
}

impl Read for ExemptResource {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        const WHAT: &str = "the id or ARN of a resource";
        let (text, _) = reading.scalar(node, WHAT, "sg-0123456789abcdef0")?;
        if text.contains('*') {
            return reading.refuse(
                node,
                WHAT,
                "patterns are not taken: write one exemption for each resource",
            );
        }
        reading.text(node, WHAT, "sg-0123456789abcdef0")
    }
}

impl Read for Exemption {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let at = reading.source().position(node.span.start);
        let mut keys = reading.mapping(node)?;
        let rule = keys.required("rule", "rule: open-egress");
        let resource = keys.required("resource", "resource: sg-0123456789abcdef0");
        let owner = keys.required("owner", "owner: payments@example.com");
        let reason = keys.required("reason", "reason: vendor cut-over, CHG-1234");
        let until = keys.required("until", "until: 2027-01-31");
        keys.finish();
        let exemption = Self {
            rule: rule?,
            resource: resource?,
            owner: owner?,
            reason: reason?,
            until: until?,
            at,
        };
        reading.note_unbuilt(&node.span, exemption.rule, "this exemption");
        Some(exemption)
    }
}

/// How many days before its end an exemption is named.
const ENDING: i64 = 14;

/// How many days an exemption still holds, where that is so few that its owner should hear of it.
pub(crate) fn ends_in_days(until: Date, at: Timestamp) -> Option<i64> {
    let today = TimeZone::UTC.to_datetime(at).date();
    let days = until.duration_since(today).as_hours() / 24;
    (0..=ENDING).contains(&days).then_some(days)
}

impl Exemption {
    /// What there is to know about it on this day, if anything.
    pub(super) fn review(&self, today: Date, longest: u32) -> Option<Note> {
        let days = self.until.duration_since(today).as_hours() / 24;
        let when = match days {
            0 => "today".to_owned(),
            1 => "in 1 day".to_owned(),
            days => format!("in {days} days"),
        };
        let what = format!("the exemption of `{}` from `{}`", self.resource, self.rule);
        let text = if days < 0 {
            format!(
                "{what} ended with {}: remove it, or agree on a new end with {}",
                self.until, self.owner
            )
        } else if days <= ENDING {
            format!(
                "{what} ends with {}, {when}: close it or agree on a new end with {}",
                self.until, self.owner
            )
        } else if days > i64::from(longest) {
            let latest = today.saturating_add(jiff::Span::new().days(longest));
            format!(
                "{what} ends with {}, {when}, and `max_exemption_days` is {longest}: end it by {latest}",
                self.until
            )
        } else {
            return None;
        };
        Some(Note { at: self.at, text })
    }
}
