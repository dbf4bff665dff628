//! Obeys the actions of a plan as EC2 obeys the calls that they stand for: a call is done whole or not at all.

use std::collections::BTreeSet;

use guardrail_policy::facts::AddressFamily;
use guardrail_policy::id::{
    InternetGatewayId, PrefixListId, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcEndpointId, VpcId,
};
use guardrail_policy::network::{Direction, Peer, Permission, Protocol, Traffic};
use guardrail_policy::plan::Action;

use crate::model::{Group, World};
use crate::quota::RULES_PER_GROUP;
use crate::route::Destination;
use crate::rule::Rule;

/// What an action did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// These rules were made.
    Authorized(Vec<SecurityGroupRuleId>),
    /// These rules were taken away.
    Revoked(Vec<SecurityGroupRuleId>),
    /// It is switched, or was so before.
    Switched,
}

/// Why an action was refused; nothing of it was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// `InvalidGroup.NotFound`.
    #[error("the security group `{0}` is not there: decide again")]
    GroupNotFound(SecurityGroupId),
    /// `InvalidPrefixListID.NotFound`.
    #[error("the prefix list `{0}` is not there: decide again")]
    ListNotFound(PrefixListId),
    /// `InvalidVpcID.NotFound`.
    #[error("the VPC `{0}` is not there: decide again")]
    VpcNotFound(VpcId),
    /// `InvalidSubnetID.NotFound`.
    #[error("the subnet `{0}` is not there: decide again")]
    SubnetNotFound(SubnetId),
    /// `InvalidVpcEndpointId.NotFound`.
    #[error("the endpoint `{0}` is not there: decide again")]
    EndpointNotFound(VpcEndpointId),
    /// `IncorrectState`.
    #[error("the endpoint `{0}` is not available: wait until it is")]
    EndpointNotAvailable(VpcEndpointId),
    /// `InvalidParameter`, for want of the VPC's DNS attributes.
    #[error("the VPC `{0}` has DNS support or DNS host names off: switch them on first")]
    DnsAttributesOff(VpcId),
    /// `InvalidParameter`, for a conflicting DNS domain.
    #[error("there is already a conflicting DNS domain for `{0}` in the VPC: take it away first")]
    ConflictingDomain(String),
    /// `InvalidInternetGatewayID.NotFound`.
    #[error("the internet gateway `{0}` is not there: decide again")]
    GatewayNotFound(InternetGatewayId),
    /// `Gateway.NotAttached`.
    #[error("the internet gateway `{0}` is not attached to the VPC: decide again")]
    NotAttached(InternetGatewayId),
    /// `Resource.AlreadyAssociated`.
    #[error("the internet gateway `{0}` is attached already: detach it first")]
    AlreadyAttached(InternetGatewayId),
    /// `InvalidParameterValue`, for a second internet gateway of a VPC.
    #[error("the VPC `{0}` has an internet gateway already: detach that first")]
    HasGateway(VpcId),
    /// `DependencyViolation`.
    #[error("public addresses are in use in `{0}`: release them first")]
    AddressesInUse(VpcId),
    /// `InvalidRouteTableID.NotFound`.
    #[error("the route table `{0}` is not there: decide again")]
    TableNotFound(RouteTableId),
    /// `InvalidParameterValue`, for the table and the gateway of a route being of different networks.
    #[error("the internet gateway `{0}` is not attached to the table's VPC: attach it first")]
    GatewayElsewhere(InternetGatewayId),
    /// `InvalidRoute.NotFound`.
    #[error("the table has no route to `{0}`: decide again")]
    RouteNotFound(Destination),
    /// `RouteAlreadyExists`.
    #[error("the table has a route to `{0}` already: delete it first")]
    RouteExists(Destination),
    /// `InvalidPermission.Duplicate`.
    #[error("the group has a rule `{0}` already: leave it out")]
    Duplicate(Permission),
    /// `InvalidPermission.NotFound`.
    #[error("the group has no such rule as `{0}`: decide again")]
    PermissionNotFound(Permission),
    /// `InvalidSecurityGroupRuleId.NotFound`, or the rule is another by now.
    #[error("the rule `{0}` is not there any more, or was changed: decide again")]
    Moved(SecurityGroupRuleId),
    /// `RulesPerSecurityGroupLimitExceeded`.
    #[error(
        "the group would hold {rules} {family} rules in that direction, and it may hold 60: remove or aggregate rules first"
    )]
    TooManyRules {
        /// How many it would count.
        rules: u32,
        /// `IPv4` or `IPv6`.
        family: &'static str,
    },
    /// `InvalidParameterValue`.
    #[error(
        "`{0}` names no ports that its protocol can have: give ports from 0 to 65535, the first not above the last"
    )]
    BadPorts(Permission),
    /// `InvalidParameterValue`, for the same permission twice in one call.
    #[error("the call names `{0}` more than once: name it once")]
    Repeated(Permission),
    /// `MissingParameter`.
    #[error("the call names no permission: name at least one")]
    NothingAsked,
}

impl ApplyError {
    /// AWS's error code for it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::GroupNotFound(_) => "InvalidGroup.NotFound",
            Self::ListNotFound(_) => "InvalidPrefixListID.NotFound",
            Self::VpcNotFound(_) => "InvalidVpcID.NotFound",
            Self::SubnetNotFound(_) => "InvalidSubnetID.NotFound",
            Self::EndpointNotFound(_) => "InvalidVpcEndpointId.NotFound",
            Self::EndpointNotAvailable(_) => "IncorrectState",
            Self::DnsAttributesOff(_) | Self::ConflictingDomain(_) => "InvalidParameter",
            Self::GatewayNotFound(_) => "InvalidInternetGatewayID.NotFound",
            Self::NotAttached(_) => "Gateway.NotAttached",
            Self::AlreadyAttached(_) => "Resource.AlreadyAssociated",
            Self::AddressesInUse(_) => "DependencyViolation",
            Self::TableNotFound(_) => "InvalidRouteTableID.NotFound",
            Self::RouteNotFound(_) => "InvalidRoute.NotFound",
            Self::RouteExists(_) => "RouteAlreadyExists",
            Self::Duplicate(_) => "InvalidPermission.Duplicate",
            Self::PermissionNotFound(_) => "InvalidPermission.NotFound",
            Self::Moved(_) => "InvalidSecurityGroupRuleId.NotFound",
            Self::TooManyRules { .. } => "RulesPerSecurityGroupLimitExceeded",
            Self::HasGateway(_) | Self::GatewayElsewhere(_) | Self::Repeated(_) | Self::BadPorts(_) => {
                "InvalidParameterValue"
            }
            Self::NothingAsked => "MissingParameter",
        }
    }
}

impl World {
    /// Does one step of a plan.
    ///
    /// # Errors
    /// [`ApplyError`] when EC2 would refuse the call; then nothing has changed.
    pub fn apply(&mut self, action: &Action) -> Result<Applied, ApplyError> {
        match action {
            Action::AuthorizeEgress { group, permissions } => self
                .authorize(group, Direction::Egress, permissions)
                .map(Applied::Authorized),
            Action::RevokeEgress {
                group,
                rule,
                permissions,
            } => self
                .revoke(group, Direction::Egress, rule.as_ref(), permissions)
                .map(Applied::Revoked),
            Action::ModifyVpcAttribute { vpc, attribute, on } => self.switch_attribute(vpc, *attribute, *on),
            Action::ModifyVpcEndpoint { endpoint, private_dns } => self.switch_private_dns(endpoint, *private_dns),
            Action::ModifySubnetAttribute {
                subnet,
                public_addresses,
            } => self.switch_public_addresses(subnet, *public_addresses),
            Action::SetEndpointPolicy { endpoint, to, .. } => self.set_policy(endpoint, to),
            Action::DetachInternetGateway { gateway, vpc } => self.detach_internet_gateway(gateway, vpc),
            Action::AttachInternetGateway { gateway, vpc } => self.attach_internet_gateway(gateway, vpc),
            Action::DeleteRoute(route) => self.delete_route(route),
            Action::CreateRoute(route) => self.create_route(route),
        }
    }

    /// Adds rules to a group, in one call; returns their new ids.
    ///
    /// # Errors
    /// [`ApplyError`] when the group or a peer is not there, a rule is there already, ports make no sense, or the quota is exceeded.
    pub fn authorize(
        &mut self,
        id: &SecurityGroupId,
        direction: Direction,
        permissions: &[Permission],
    ) -> Result<Vec<SecurityGroupRuleId>, ApplyError> {
        let mut group = self
            .group(id)
            .ok_or_else(|| ApplyError::GroupNotFound(id.clone()))?
            .clone();
        if permissions.is_empty() {
            return Err(ApplyError::NothingAsked);
        }
        let permissions: Vec<_> = permissions
            .iter()
            .map(|permission| self.admissible(permission))
            .collect::<Result<_, _>>()?;
        let mut known = BTreeSet::new();
        if let Some(twice) = permissions.iter().find(|permission| !known.insert(*permission)) {
            return Err(ApplyError::Repeated(twice.clone()));
        }
        let mut made = Vec::new();
        for permission in permissions {
            if find(&group, direction, &permission).is_some() {
                return Err(ApplyError::Duplicate(permission));
            }
            let rule = self.unused_rule_id(&group);
            group.rules.insert(
                rule.clone(),
                Rule {
                    direction,
                    permission,
                    description: None,
                },
            );
            made.push(rule);
        }
        self.within_quota(&group, direction)?;
        self.put(id, group);
        Ok(made)
    }

    /// Takes rules from a group by their exact properties, in one call; returns the ids that they had.
    ///
    /// Where the call says which rule had them, that one must have them still.
    ///
    /// # Errors
    /// [`ApplyError`] when the group or one of the rules is not there. (EC2 does not say so for a default VPC's groups.)
    pub fn revoke(
        &mut self,
        id: &SecurityGroupId,
        direction: Direction,
        rule: Option<&SecurityGroupRuleId>,
        permissions: &[Permission],
    ) -> Result<Vec<SecurityGroupRuleId>, ApplyError> {
        let mut group = self
            .group(id)
            .ok_or_else(|| ApplyError::GroupNotFound(id.clone()))?
            .clone();
        if permissions.is_empty() {
            return Err(ApplyError::NothingAsked);
        }
        let mut taken = Vec::new();
        for permission in permissions {
            let permission = canonical(permission);
            let Some(found) = find(&group, direction, &permission) else {
                return Err(rule.map_or(ApplyError::PermissionNotFound(permission), |rule| {
                    ApplyError::Moved(rule.clone())
                }));
            };
            if let Some(expected) = rule.filter(|expected| **expected != found) {
                return Err(ApplyError::Moved(expected.clone()));
            }
            group.rules.remove(&found);
            taken.push(found);
        }
        self.put(id, group);
        Ok(taken)
    }

    /// The permission as EC2 would store it, if its peer is there and its ports make sense. Groups of other accounts are
    /// taken on trust, since they cannot be seen from here.
    pub(crate) fn admissible(&self, permission: &Permission) -> Result<Permission, ApplyError> {
        let permission = canonical(permission);
        if !has_sensible_ports(permission.traffic) {
            return Err(ApplyError::BadPorts(permission));
        }
        match &permission.peer {
            Peer::PrefixList(list) if self.prefix_list(list).is_none() => Err(ApplyError::ListNotFound(list.clone())),
            Peer::Group { id, account }
                if account.as_ref().is_none_or(|account| *account == self.account) && self.group(id).is_none() =>
            {
                Err(ApplyError::GroupNotFound(id.clone()))
            }
            _ => Ok(permission),
        }
    }

    pub(crate) fn within_quota(&self, group: &Group, direction: Direction) -> Result<(), ApplyError> {
        for (family, name) in [(AddressFamily::Ipv4, "IPv4"), (AddressFamily::Ipv6, "IPv6")] {
            let rules = self.rules_counted(group, direction, family);
            if rules > RULES_PER_GROUP {
                return Err(ApplyError::TooManyRules { rules, family: name });
            }
        }
        Ok(())
    }

    pub(crate) fn put(&mut self, id: &SecurityGroupId, group: Group) {
        self.groups.get_or_insert_default().insert(id.clone(), group);
    }

    /// An id that no rule has: the lowest number that is free, so that the same actions give the same ids.
    fn unused_rule_id(&self, group: &Group) -> SecurityGroupRuleId {
        let groups = self.groups.iter().flat_map(|groups| groups.values());
        let used: BTreeSet<_> = groups.chain([group]).flat_map(|group| group.rules.keys()).collect();
        let mut ids = (1u64..).filter_map(|number| format!("sgr-0ff{number:014x}").parse::<SecurityGroupRuleId>().ok());
        #[expect(
            clippy::expect_used,
            reason = "a network in memory has fewer rules than there are numbers"
        )]
        ids.find(|id| !used.contains(id)).expect("some number is free")
    }
}

/// The rule of a group that permits just this. The account of a group that is referred to need not be said.
pub(crate) fn find(group: &Group, direction: Direction, permission: &Permission) -> Option<SecurityGroupRuleId> {
    let same_peer = |peer: &Peer| match (peer, &permission.peer) {
        (Peer::Group { id: one, .. }, Peer::Group { id: two, .. }) => one == two,
        (one, two) => one == two,
    };
    let is = |rule: &Rule| {
        rule.direction == direction && rule.permission.traffic == permission.traffic && same_peer(&rule.permission.peer)
    };
    group.rules.iter().find(|(_, rule)| is(rule)).map(|(id, _)| id.clone())
}

/// The permission as EC2 stores it: `-1` means every port, whatever was sent. (Host bits are cleared by [`Cidr`](guardrail_policy::network::Cidr).)
pub(crate) fn canonical(permission: &Permission) -> Permission {
    let Traffic { protocol, ports } = permission.traffic;
    Permission {
        traffic: Traffic::new(protocol, Some(ports.from), Some(ports.to)),
        peer: permission.peer.clone(),
    }
}

/// TCP and UDP need two ports in order; ICMP takes a type and a code, or -1 for any; other protocols have none.
fn has_sensible_ports(traffic: Traffic) -> bool {
    let (from, to) = (traffic.ports.from, traffic.ports.to);
    match traffic.protocol {
        Protocol::Tcp | Protocol::Udp => 0 <= from && from <= to && to <= 65_535,
        Protocol::Icmp | Protocol::Icmpv6 => (-1..=255).contains(&from) && (-1..=255).contains(&to),
        Protocol::All | Protocol::Number(_) => true,
    }
}
