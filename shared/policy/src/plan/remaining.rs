//! How far a plan is carried out, by what is there now: the same whether it was never begun or broken off in the middle.

use crate::endpoint_policy::Policy;
use crate::facts::{EndpointDetails, EndpointState, Facts, SecurityGroupRule, Stop};
use crate::id::{InternetGatewayId, SecurityGroupId, VpcId};
use crate::network::{Direction, Permission};

use super::route::{RouteOut, Standing};
use super::{Action, Plan};

/// What is left to do of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// This much of it.
    Do(Action),
    /// Nothing: it is so.
    Nothing,
    /// What it was to change is another now.
    Moved,
}

impl Plan {
    /// What is left to do of each step.
    ///
    /// # Errors
    /// [`Stop`] where what the plan touches is not known or is gone.
    pub fn remaining(&self, facts: &Facts) -> Result<Vec<Left>, Stop> {
        self.steps.iter().map(|step| step.action.remaining(facts)).collect()
    }

    /// Whether the plan was made for something that is not there any more: it would permit what takes the place of rules
    /// that are gone or are others by now, and so permit what nothing permitted before (law 7).
    #[must_use]
    pub fn is_stale(&self, remaining: &[Left]) -> bool {
        let steps = || self.steps.iter().map(|step| &step.action).zip(remaining);
        let adds =
            steps().any(|(action, left)| matches!((action, left), (Action::AuthorizeEgress { .. }, Left::Do(_))));
        let gone = steps().any(|(action, left)| {
            let replaced = matches!(action, Action::RevokeEgress { rule: Some(_), .. });
            replaced && !matches!(left, Left::Do(_))
        });
        adds && gone
    }
}

impl Action {
    fn remaining(&self, facts: &Facts) -> Result<Left, Stop> {
        match self {
            Self::AuthorizeEgress { group, permissions } => {
                let rules = egress(facts, group)?;
                let missing = permissions.iter().filter(|wanted| !permits(&rules, wanted));
                Ok(some(missing.cloned().collect(), |permissions| Self::AuthorizeEgress {
                    group: group.clone(),
                    permissions,
                }))
            }
            Self::RevokeEgress {
                group,
                rule: Some(id),
                permissions,
            } => {
                let rules = egress(facts, group)?;
                Ok(self.of_one_rule(rules.into_iter().find(|rule| rule.id == *id), permissions))
            }
            Self::RevokeEgress {
                group,
                rule: None,
                permissions,
            } => {
                let rules = egress(facts, group)?;
                let present = permissions.iter().filter(|wanted| permits(&rules, wanted));
                Ok(some(present.cloned().collect(), |permissions| Self::RevokeEgress {
                    group: group.clone(),
                    rule: None,
                    permissions,
                }))
            }
            Self::ModifyVpcAttribute { vpc, attribute, on } => {
                Ok(self.unless(facts.vpc_dns(vpc)?.is_on(*attribute) == *on))
            }
            Self::ModifySubnetAttribute {
                subnet,
                public_addresses,
            } => Ok(self.unless(facts.subnet(subnet)?.subnet.public_addresses == *public_addresses)),
            // AWS changes an endpoint only while it is available; while it carries a change out it may be pending.
            Self::ModifyVpcEndpoint { endpoint, private_dns } => {
                let found = &facts.endpoint(endpoint)?.endpoint;
                Ok(match found.state {
                    EndpointState::Deleted => Left::Moved,
                    _ if found.private_dns == *private_dns => Left::Nothing,
                    EndpointState::Available => Left::Do(self.clone()),
                    EndpointState::Pending | EndpointState::Other => Left::Moved,
                })
            }
            Self::SetEndpointPolicy { endpoint, from, to } => {
                let left = left_of_policy(facts.endpoint(endpoint)?, from, to);
                Ok(left.unwrap_or_else(|| Left::Do(self.clone())))
            }
            Self::DetachInternetGateway { .. }
            | Self::AttachInternetGateway { .. }
            | Self::DeleteRoute(_)
            | Self::CreateRoute(_) => self.left_of_way_out(facts),
        }
    }
}

impl Action {
    /// What is left of taking back one rule by its id: it is still as it was, it is gone, or somebody edited it in place.
    fn of_one_rule(&self, found: Option<&SecurityGroupRule>, expected: &[Permission]) -> Left {
        match found {
            None => Left::Nothing,
            Some(found) if expected.iter().any(|expected| found.permission.is_same(expected)) => Left::Do(self.clone()),
            Some(_) => Left::Moved,
        }
    }

    /// What is left to do of a gateway or a route. There is no condition to give AWS: what stands there is compared here,
    /// just before the call.
    fn left_of_way_out(&self, facts: &Facts) -> Result<Left, Stop> {
        let is_attached = |gateway: &InternetGatewayId, vpc: &VpcId| {
            let attached = facts.internet_gateways(vpc)?.iter();
            Ok(attached.into_iter().any(|attached| attached.id == *gateway))
        };
        let standing = |route: &RouteOut| Ok(route.standing(facts.route_tables(&route.vpc)?));
        let is_left = match self {
            Self::DetachInternetGateway { gateway, vpc } => is_attached(gateway, vpc)?,
            Self::AttachInternetGateway { gateway, vpc } => !is_attached(gateway, vpc)?,
            Self::DeleteRoute(route) | Self::CreateRoute(route) => match (self, standing(route)?) {
                (_, Standing::Other) => return Ok(Left::Moved),
                (Self::DeleteRoute(_), Standing::Same) | (Self::CreateRoute(_), Standing::None) => true,
                _ => false,
            },
            _ => false,
        };
        Ok(if is_left { Left::Do(self.clone()) } else { Left::Nothing })
    }

    /// The whole of it, unless it is so already.
    fn unless(&self, is_so: bool) -> Left {
        if is_so { Left::Nothing } else { Left::Do(self.clone()) }
    }
}

/// Whether there is nothing to set, or nothing that may be; none where the policy is to be set. There is no condition to
/// give AWS: what stands there is compared here, just before the call.
fn left_of_policy(found: &EndpointDetails, from: &Policy, to: &Policy) -> Option<Left> {
    let is = |policy: &Policy| found.policy.as_deref().is_some_and(|found| policy.is_same(found));
    match found.endpoint.state {
        EndpointState::Deleted => Some(Left::Moved),
        _ if is(to) => Some(Left::Nothing),
        EndpointState::Available if is(from) => None,
        EndpointState::Available | EndpointState::Pending | EndpointState::Other => Some(Left::Moved),
    }
}

fn some(permissions: Vec<Permission>, action: impl FnOnce(Vec<Permission>) -> Action) -> Left {
    if permissions.is_empty() {
        Left::Nothing
    } else {
        Left::Do(action(permissions))
    }
}

fn egress<'f>(facts: &'f Facts, group: &SecurityGroupId) -> Result<Vec<&'f SecurityGroupRule>, Stop> {
    let rules = facts.rules(group)?.iter();
    Ok(rules.filter(|rule| rule.direction == Direction::Egress).collect())
}

fn permits(rules: &[&SecurityGroupRule], wanted: &Permission) -> bool {
    rules.iter().any(|rule| rule.permission.is_same(wanted))
}
