//! What to do about it, as data: complete enough that carrying it out needs no further choice.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{SecurityGroupId, SecurityGroupRuleId, VpcEndpointId};
use crate::network::Permission;
use crate::settings::Remedy;

/// What is to be done about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// May be carried out by itself where the mode allows.
    Automatic(Plan),
    /// Is offered to people, who may have it carried out after it was judged again.
    Proposal(Plan),
    /// Would have been automatic, but is not safe here.
    Withheld {
        /// What would be done, as far as it is known.
        plan: Plan,
        /// Why it is not.
        reasons: Vec<Withheld>,
    },
    /// Nothing is to be done by the guardrail; people are told why.
    Told(String),
}

impl Treatment {
    /// The plan, whether or not it may be carried out.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Automatic(plan) | Self::Proposal(plan) | Self::Withheld { plan, .. } => Some(plan),
            Self::Told(_) => None,
        }
    }
}

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
        }
    }
}

/// Steps to be carried out in this order; if one fails, none after it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The remedy that it carries out.
    pub remedy: Remedy,
    /// The steps.
    pub steps: Vec<Step>,
    /// What keeps working, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keeps: Vec<String>,
    /// What stops working, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<String>,
}

impl Plan {
    /// What the plan permits that was not permitted by a rule of its own before.
    pub fn added(&self) -> impl Iterator<Item = &Permission> {
        self.steps.iter().flat_map(|step| match &step.action {
            Action::AuthorizeEgress { permissions, .. } => permissions.as_slice(),
            Action::RevokeEgress { .. } => &[],
        })
    }

    /// The rules that the plan takes away.
    pub fn revoked(&self) -> impl Iterator<Item = &SecurityGroupRuleId> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::RevokeEgress { rule, .. } => rule.as_ref(),
            Action::AuthorizeEgress { .. } => None,
        })
    }
}

/// One step: an action and what takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// What undoes it, in meaning: a rule that is made again has another id.
    pub inverse: Action,
}

/// One call that changes the network. Its fields are what is expected to be there: on a mismatch nothing is done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `AuthorizeSecurityGroupEgress` of these permissions, in one call.
    AuthorizeEgress {
        /// The group.
        group: SecurityGroupId,
        /// What to permit.
        permissions: Vec<Permission>,
    },
    /// `RevokeSecurityGroupEgress` of permissions by their exact properties.
    RevokeEgress {
        /// The group.
        group: SecurityGroupId,
        /// The rule that had them when the plan was made; none when a plan is undone, since ids are new then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<SecurityGroupRuleId>,
        /// What to take back.
        permissions: Vec<Permission>,
    },
}

impl Step {
    /// Permits egress; undone by revoking just that.
    #[must_use]
    pub fn authorize(group: &SecurityGroupId, permissions: Vec<Permission>) -> Self {
        let inverse = Action::RevokeEgress {
            group: group.clone(),
            rule: None,
            permissions: permissions.clone(),
        };
        Self {
            action: Action::AuthorizeEgress {
                group: group.clone(),
                permissions,
            },
            inverse,
        }
    }

    /// Revokes one egress rule; undone by permitting the same again.
    #[must_use]
    pub fn revoke(group: &SecurityGroupId, rule: SecurityGroupRuleId, permission: Permission) -> Self {
        let permissions = vec![permission];
        let inverse = Action::AuthorizeEgress {
            group: group.clone(),
            permissions: permissions.clone(),
        };
        Self {
            action: Action::RevokeEgress {
                group: group.clone(),
                rule: Some(rule),
                permissions,
            },
            inverse,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |permissions: &[Permission]| {
            permissions
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self {
            Self::AuthorizeEgress { group, permissions } => {
                write!(f, "authorise egress of {group}: {}", list(permissions))
            }
            Self::RevokeEgress {
                group,
                rule: Some(rule),
                permissions,
            } => {
                write!(f, "revoke egress of {group}: {} ({rule})", list(permissions))
            }
            Self::RevokeEgress {
                group,
                rule: None,
                permissions,
            } => {
                write!(f, "revoke egress of {group}: {}", list(permissions))
            }
        }
    }
}
