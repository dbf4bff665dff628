//! Why a plan is not carried out by itself.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::VpcEndpointId;
use crate::settings::Age;

/// Why an automatic plan is withheld, whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// The precise rules would not fit beside those that are there.
    NoRoom {
        /// How many rules the group would hold in that direction and family.
        rules: usize,
        /// How many it may.
        quota: usize,
        /// `IPv4` or `IPv6`.
        family: String,
    },
    /// The rule carries HTTPS and nothing in the VPC could take its place.
    NoPrivatePath {
        /// Endpoints that are still being made: once they are available there is a path.
        pending: Vec<VpcEndpointId>,
    },
    /// A service that the policy requires would have no path left.
    ServiceCutOff(String),
    /// The caller is one whose changes the policy file has told and never reverted.
    ReportOnly(String),
    /// The change is older than the policy file lets a revert be.
    TooOld(Age),
    /// The same was taken back before, and a person undid that.
    Undone {
        /// The record of the revert that was undone.
        record: String,
        /// Who undid it.
        by: String,
        /// Until when it is left alone.
        until: Timestamp,
    },
    /// The same principal makes the same change again and again, for over an hour: two sides are at odds.
    Loop {
        /// The other side.
        principal: String,
        /// The tool that it uses, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tool: Option<String>,
        /// How often the change was taken back in the last 24 hours.
        reverts: usize,
        /// When it was taken back first.
        since: Timestamp,
    },
    /// So many of the principal's changes were taken back in the last 24 hours that no more are.
    Budget {
        /// The principal.
        principal: String,
        /// How many.
        reverts: usize,
    },
    /// Many reverts on this resource within an hour, and this was the last delivery before the pause is over.
    Burst {
        /// How many.
        reverts: usize,
        /// When the next revert might have been made.
        until: Timestamp,
    },
}

impl Withheld {
    /// Whether people must look at once, however bad the finding itself is: the guardrail holds still although it
    /// could act.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        matches!(self, Self::Loop { .. } | Self::Budget { .. } | Self::Burst { .. })
    }
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom { rules, quota, family } => write!(
                f,
                "the group would hold {rules} {family} egress rules, and it may hold {quota}: aggregate its rules first"
            ),
            Self::NoPrivatePath { pending } if pending.is_empty() => f.write_str(
                "the rule carries HTTPS and the VPC has no working endpoint that could take its place: create the endpoints first, or set `require_private_path: false`",
            ),
            Self::NoPrivatePath { pending } => {
                let pending: Vec<&str> = pending.iter().map(VpcEndpointId::as_str).collect();
                write!(
                    f,
                    "the rule carries HTTPS and the VPC's endpoints are not available yet: wait for {}",
                    pending.join(", ")
                )
            }
            Self::ServiceCutOff(service) => {
                write!(f, "`{service}`, which the policy requires, would have no path left: create its endpoint first")
            }
            Self::ReportOnly(principal) => {
                write!(f, "the policy file reports changes of {principal} and never reverts them (`report_only`)")
            }
            Self::TooOld(limit) => write!(
                f,
                "the change is older than {limit}, and the policy file reverts only newer ones (`only_newer_than`)"
            ),
            Self::Undone { record, by, until } => write!(
                f,
                "{by} undid the revert of the same ({record}), which is left alone until {}",
                time(*until)
            ),
            Self::Loop { principal, tool, reverts, since } => {
                let with = tool.as_ref().map(|tool| format!(" with {tool}")).unwrap_or_default();
                write!(
                    f,
                    "two sides are at odds: {principal} makes this change{with} again and again, and the guardrail has taken it back {reverts} times since {}; it stops here: change it at its source, or have it exempted",
                    time(*since)
                )
            }
            Self::Budget { principal, reverts } => write!(
                f,
                "{reverts} changes of {principal} were taken back within 24 hours, as many as `reverts_per_principal_per_day` allows: find out what it is doing"
            ),
            Self::Burst { reverts, until } => write!(
                f,
                "{reverts} reverts on this resource within an hour: the next was to wait until {}, and the event will not be delivered again by then",
                time(*until)
            ),
        }
    }
}

fn time(time: Timestamp) -> String {
    time.strftime("%F %T UTC").to_string()
}
