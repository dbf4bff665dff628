//! What to do about it, as data: complete enough that carrying it out needs no further choice.

mod action;
mod remaining;
mod route;
mod withheld;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::facts::Question;
use crate::id::SecurityGroupRuleId;
use crate::network::Permission;
use crate::ordered;
use crate::settings::Remedy;

pub use action::{Action, Step};
pub use remaining::Left;
pub use route::{Outlet, RouteOut};
pub use withheld::Withheld;

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
            _ => &[],
        })
    }

    /// A plan without a step.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            remedy: Remedy::Revoke,
            steps: Vec::new(),
            keeps: Vec::new(),
            stops: Vec::new(),
        }
    }

    /// What takes this plan back: the inverse of every step, the last one first. Opening comes before closing then, too.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let back = self.steps.iter().rev().map(|step| Step {
            action: step.inverse.clone(),
            inverse: step.action.clone().again(),
        });
        Self {
            remedy: self.remedy,
            steps: back.collect(),
            keeps: Vec::new(),
            stops: Vec::new(),
        }
    }

    /// What must be read to see how far the plan is carried out.
    #[must_use]
    pub fn touches(&self) -> BTreeSet<Question> {
        ordered::set(self.steps.iter().map(|step| step.action.touches()))
    }

    /// What the plan closes.
    pub fn closes(&self) -> impl Iterator<Item = &Permission> {
        self.steps.iter().flat_map(|step| match &step.action {
            Action::RevokeEgress { permissions, .. } => permissions.as_slice(),
            _ => &[],
        })
    }

    /// What the plan changes besides the rules of groups: switches, gateways and routes.
    pub fn switches(&self) -> impl Iterator<Item = &Action> {
        self.steps
            .iter()
            .map(|step| &step.action)
            .filter(|action| action.is_switch())
    }

    /// The rules that the plan takes away.
    pub fn revoked(&self) -> impl Iterator<Item = &SecurityGroupRuleId> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::RevokeEgress { rule, .. } => rule.as_ref(),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SecurityGroupId;
    use crate::network::{Peer, Traffic};

    #[test]
    fn an_undo_can_be_undone_although_the_rule_has_another_id_by_then() {
        let group: SecurityGroupId = "sg-0a1b2c3d4e5f60718".parse().unwrap();
        let world = Permission {
            traffic: Traffic::HTTPS,
            peer: Peer::Cidr("0.0.0.0/0".parse().unwrap()),
        };
        let rule = "sgr-0a1b2c3d4e5f60718".parse().unwrap();
        let revoke = Step::revoke(&group, rule, world.clone());
        let plan = Plan {
            remedy: Remedy::Revoke,
            steps: vec![revoke],
            keeps: Vec::new(),
            stops: Vec::new(),
        };
        let again = plan.inverse().inverse();
        let anew = Action::RevokeEgress {
            group,
            rule: None,
            permissions: vec![world],
        };
        assert_eq!(again.steps[0].action, anew);
    }
}
