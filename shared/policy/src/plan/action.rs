//! One step of a plan: the call that is made, and the one that takes it back.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::RouteOut;
use crate::endpoint_policy::Policy;
use crate::facts::{DnsAttribute, Question};
use crate::id::{InternetGatewayId, SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcEndpointId, VpcId};
use crate::network::Permission;

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
    /// `ModifyVpcAttribute` of one attribute, which is the other way round before.
    ModifyVpcAttribute {
        /// The VPC.
        vpc: VpcId,
        /// The attribute.
        attribute: DnsAttribute,
        /// Whether it is on from then on.
        on: bool,
    },
    /// `ModifyVpcEndpoint` of private DNS alone, which is the other way round before.
    ModifyVpcEndpoint {
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// Whether private DNS is on from then on.
        private_dns: bool,
    },
    /// `ModifyVpcEndpoint` of the policy alone.
    SetEndpointPolicy {
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// The policy that is expected to be there before.
        from: Policy,
        /// The policy from then on.
        to: Policy,
    },
    /// `DetachInternetGateway` of a gateway that is attached to the VPC.
    DetachInternetGateway {
        /// The gateway.
        gateway: InternetGatewayId,
        /// The VPC.
        vpc: VpcId,
    },
    /// `AttachInternetGateway` of a gateway that is not attached; only an undo does it.
    AttachInternetGateway {
        /// The gateway.
        gateway: InternetGatewayId,
        /// The VPC.
        vpc: VpcId,
    },
    /// `DeleteRoute` of a route that leads there.
    DeleteRoute(RouteOut),
    /// `CreateRoute` of a route to a destination to which the table has none; only an undo does it.
    CreateRoute(RouteOut),
    /// `ModifySubnetAttribute` of `mapPublicIpOnLaunch` alone, which is the other way round before.
    ModifySubnetAttribute {
        /// The subnet.
        subnet: SubnetId,
        /// Whether what is launched in it gets a public address from then on.
        public_addresses: bool,
    },
}

impl Action {
    /// What must be read to see whether it is done.
    #[must_use]
    pub fn touches(&self) -> Question {
        match self {
            Self::AuthorizeEgress { group, .. } | Self::RevokeEgress { group, .. } => Question::Rules(group.clone()),
            Self::ModifyVpcAttribute { vpc, .. } => Question::VpcDns(vpc.clone()),
            Self::ModifyVpcEndpoint { endpoint, .. } | Self::SetEndpointPolicy { endpoint, .. } => {
                Question::Endpoint(endpoint.clone())
            }
            Self::DetachInternetGateway { vpc, .. } | Self::AttachInternetGateway { vpc, .. } => {
                Question::InternetGateways(vpc.clone())
            }
            Self::DeleteRoute(route) | Self::CreateRoute(route) => Question::RouteTables(route.vpc.clone()),
            Self::ModifySubnetAttribute { subnet, .. } => Question::Subnet(subnet.clone()),
        }
    }

    /// Whether it puts something into another state, instead of adding rules to a group or taking them away: it is
    /// known by itself then, and not by what it permits. A gateway is attached or not, and a route there or not.
    #[must_use]
    pub fn is_switch(&self) -> bool {
        !matches!(self, Self::AuthorizeEgress { .. } | Self::RevokeEgress { .. })
    }

    /// Whether both bring the same about, whatever was there before.
    #[must_use]
    pub fn comes_to_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::SetEndpointPolicy { endpoint, to, .. },
                Self::SetEndpointPolicy {
                    endpoint: of, to: same, ..
                },
            ) => endpoint == of && to.is_same(same.as_str()),
            (one, two) => one == two,
        }
    }
}

impl Action {
    /// The same at another time, when the same rule has another id.
    #[must_use]
    pub fn again(mut self) -> Self {
        if let Self::RevokeEgress { rule, .. } = &mut self {
            *rule = None;
        }
        self
    }
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

impl Step {
    /// Switches an attribute of a VPC; undone by switching it back.
    #[must_use]
    pub fn switch_attribute(vpc: &VpcId, attribute: DnsAttribute, on: bool) -> Self {
        let switch = |on| Action::ModifyVpcAttribute {
            vpc: vpc.clone(),
            attribute,
            on,
        };
        Self {
            action: switch(on),
            inverse: switch(!on),
        }
    }

    /// Switches private DNS of an endpoint; undone by switching it back.
    #[must_use]
    pub fn switch_private_dns(endpoint: &VpcEndpointId, on: bool) -> Self {
        let switch = |private_dns| Action::ModifyVpcEndpoint {
            endpoint: endpoint.clone(),
            private_dns,
        };
        Self {
            action: switch(on),
            inverse: switch(!on),
        }
    }
}

impl Step {
    /// Sets the policy of an endpoint; undone by setting the one that was there.
    #[must_use]
    pub fn set_endpoint_policy(endpoint: &VpcEndpointId, from: &Policy, to: &Policy) -> Self {
        let set = |from: &Policy, to: &Policy| Action::SetEndpointPolicy {
            endpoint: endpoint.clone(),
            from: from.clone(),
            to: to.clone(),
        };
        Self {
            action: set(from, to),
            inverse: set(to, from),
        }
    }
}

impl Step {
    /// Detaches an internet gateway; undone by attaching it again.
    #[must_use]
    pub fn detach_internet_gateway(gateway: &InternetGatewayId, vpc: &VpcId) -> Self {
        let (gateway, vpc) = (gateway.clone(), vpc.clone());
        Self {
            inverse: Action::AttachInternetGateway {
                gateway: gateway.clone(),
                vpc: vpc.clone(),
            },
            action: Action::DetachInternetGateway { gateway, vpc },
        }
    }

    /// Deletes a route; undone by making the same again.
    #[must_use]
    pub fn delete_route(route: RouteOut) -> Self {
        Self {
            inverse: Action::CreateRoute(route.clone()),
            action: Action::DeleteRoute(route),
        }
    }

    /// Switches whether what is launched in a subnet gets a public address; undone by switching it back.
    #[must_use]
    pub fn switch_public_addresses(subnet: &SubnetId, on: bool) -> Self {
        let switch = |public_addresses| Action::ModifySubnetAttribute {
            subnet: subnet.clone(),
            public_addresses,
        };
        Self {
            action: switch(on),
            inverse: switch(!on),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_words = |on: &bool| if *on { "on" } else { "off" };
        let (verb, group, permissions, rule) = match self {
            Self::AuthorizeEgress { group, permissions } => ("authorise", group, permissions, None),
            Self::RevokeEgress {
                group,
                rule,
                permissions,
            } => ("revoke", group, permissions, rule.as_ref()),
            Self::ModifyVpcAttribute { vpc, attribute, on } => {
                return write!(f, "switch {attribute} of {vpc} {}", in_words(on));
            }
            Self::ModifyVpcEndpoint { endpoint, private_dns } => {
                return write!(f, "switch private DNS of {endpoint} {}", in_words(private_dns));
            }
            Self::ModifySubnetAttribute {
                subnet,
                public_addresses,
            } => {
                return write!(
                    f,
                    "switch mapPublicIpOnLaunch of {subnet} {}",
                    in_words(public_addresses)
                );
            }
            Self::SetEndpointPolicy { endpoint, to, .. } => return write!(f, "set the policy of {endpoint} to {to}"),
            Self::DetachInternetGateway { gateway, vpc } => return write!(f, "detach {gateway} from {vpc}"),
            Self::AttachInternetGateway { gateway, vpc } => return write!(f, "attach {gateway} to {vpc}"),
            Self::DeleteRoute(route) => return write!(f, "delete the route of {} to {route}", route.table),
            Self::CreateRoute(route) => return write!(f, "add to {} a route to {route}", route.table),
        };
        write!(f, "{verb} egress of {group}: ")?;
        for (number, permission) in permissions.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            write!(f, "{comma}{permission}")?;
        }
        match rule {
            Some(rule) => write!(f, " ({rule})"),
            None => Ok(()),
        }
    }
}
