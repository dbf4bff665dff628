//! What a call asked of a security group's rules, and what the response says came of it.

use serde::{Deserialize, Serialize};

use crate::id::{SecurityGroupId, SecurityGroupRuleId};
use crate::network::{Direction, Permission};

/// Rules added to or taken from one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesChange {
    /// The group.
    pub group: GroupName,
    /// What the request asked for, one for each CIDR, prefix list or group, in the request's order; CIDRs are canonical.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Permission>,
    /// The rules that the response lists as added (`securityGroupRuleSet`, in every success since 2023) or as taken
    /// away (`revokedSecurityGroupRuleSet`, since 2026); empty where it lists none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<EventRule>,
    /// The rules that the request named by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rule_ids: Vec<SecurityGroupRuleId>,
    /// The groups that the request referred to by name alone (a legacy form); they are in no `permissions`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named_peers: Vec<String>,
}

/// How a call names its group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupName {
    /// By id, in the request or in the response's rules.
    Id(SecurityGroupId),
    /// By name alone, which the API takes for groups of the default VPC.
    Name(String),
}

/// A rule as the response of an event lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRule {
    /// Its id.
    pub id: SecurityGroupRuleId,
    /// The direction that it filters.
    pub direction: Direction,
    /// What it permits.
    #[serde(flatten)]
    pub permission: Permission,
}

/// A rule that was edited in place: its id stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRule {
    /// Its id.
    pub id: SecurityGroupRuleId,
    /// What it permits from now on; none where the request does not give all of it (a new description, say).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
}

impl GroupName {
    /// The id or the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Id(id) => id.as_str(),
            Self::Name(name) => name,
        }
    }

    /// The group's id, where the event gives it.
    #[must_use]
    pub fn id(&self) -> Option<&SecurityGroupId> {
        match self {
            Self::Id(id) => Some(id),
            Self::Name(_) => None,
        }
    }
}
