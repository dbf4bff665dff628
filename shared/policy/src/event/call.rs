//! What was called, typed as far as a rule can be woken by it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::event::endpoint::{EndpointChange, NewEndpoint};
use crate::event::exposure::{AddressUse, ExclusionChange, SubnetChange};
use crate::event::network_path::NewPath;
use crate::event::scan::Subject;
use crate::event::security_group::{ChangedRule, RulesChange};
use crate::facts::BlockMode;
use crate::functions::FunctionName;
use crate::id::{
    BlockPublicAccessExclusionId, DhcpOptionsId, InstanceId, NetworkInterfaceId, NetworkPathId, PrefixListId,
    RouteTableAssociationId, RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId, VpcId,
};

/// One API call: what it asked for, and, where the response says so, what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action")]
pub enum Call {
    /// Egress rules were added to a group.
    AuthorizeSecurityGroupEgress(RulesChange),
    /// Ingress rules were added to a group.
    AuthorizeSecurityGroupIngress(RulesChange),
    /// Egress rules were taken from a group.
    RevokeSecurityGroupEgress(RulesChange),
    /// Ingress rules were taken from a group.
    RevokeSecurityGroupIngress(RulesChange),
    /// Rules of a group were edited in place; the call does not say in which direction they filter.
    ModifySecurityGroupRules {
        /// The group, where the request names it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<SecurityGroupId>,
        /// The rules that were edited.
        rules: Vec<ChangedRule>,
    },
    /// Descriptions of egress rules were edited: no traffic changes.
    UpdateSecurityGroupRuleDescriptionsEgress {
        /// The group, where the request names it by id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<SecurityGroupId>,
    },
    /// A group was made. In a VPC it is born with a rule that allows all egress, for which there is no event.
    CreateSecurityGroup {
        /// The new group, from the response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<SecurityGroupId>,
        /// The VPC that was asked for; none means the default VPC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vpc: Option<VpcId>,
        /// The group's name, as the caller gave it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A VPC was made, and with it a default group that allows all egress.
    CreateVpc {
        /// The new VPC, from the response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vpc: Option<VpcId>,
    },
    /// A default VPC was made, and with it a default group that allows all egress.
    CreateDefaultVpc {
        /// The new VPC, from the response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vpc: Option<VpcId>,
    },
    /// Entries of a customer's prefix list were changed.
    ModifyManagedPrefixList {
        /// The list.
        list: PrefixListId,
    },
    /// A customer's prefix list was set back to an older version.
    RestoreManagedPrefixListVersion {
        /// The list.
        list: PrefixListId,
    },
    /// An attribute of a network interface was changed.
    ModifyNetworkInterfaceAttribute {
        /// The interface.
        interface: NetworkInterfaceId,
        /// All its groups from now on; none when the call changed another attribute.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        groups: Option<Vec<SecurityGroupId>>,
    },
    /// A network interface was made.
    CreateNetworkInterface {
        /// The new interface, from the response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interface: Option<NetworkInterfaceId>,
        /// Its groups: as the response gives them, else as they were asked for (none means the VPC's default group).
        groups: Vec<SecurityGroupId>,
        /// Its subnet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subnet: Option<SubnetId>,
    },
    /// An attribute of an instance was changed.
    ModifyInstanceAttribute {
        /// The instance.
        instance: InstanceId,
        /// All groups of its primary interface from now on; none when the call changed another attribute.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        groups: Option<Vec<SecurityGroupId>>,
    },
    /// An endpoint was made.
    CreateVpcEndpoint(NewEndpoint),
    /// An endpoint was changed.
    ModifyVpcEndpoint(EndpointChange),
    /// Endpoints were deleted.
    DeleteVpcEndpoints {
        /// Those that were to be deleted.
        endpoints: Vec<VpcEndpointId>,
        /// Those of them that the response says were not: such a call has no error code.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<VpcEndpointId>,
    },
    /// An attribute of a VPC was changed; AWS takes one in a call.
    ModifyVpcAttribute {
        /// The VPC.
        vpc: VpcId,
        /// `enableDnsSupport` from now on; none when the call changed another attribute.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dns_support: Option<bool>,
        /// `enableDnsHostnames` from now on; none when the call changed another attribute.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dns_hostnames: Option<bool>,
    },
    /// A VPC was given another set of DHCP options, and so perhaps other DNS servers.
    AssociateDhcpOptions {
        /// The VPC.
        vpc: VpcId,
        /// The options.
        options: DhcpOptionsId,
    },
    /// A route table was put in front of a subnet or of a gateway that had none of its own.
    AssociateRouteTable {
        /// The table.
        route_table: RouteTableId,
        /// The subnet; none where it is a gateway, whose table serves what comes in by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subnet: Option<SubnetId>,
    },
    /// A subnet or a gateway lost its own route table. The call does not say which, nor whose table it was.
    DisassociateRouteTable {
        /// The association, which is gone by then.
        association: RouteTableAssociationId,
    },
    /// A subnet, a gateway, or the place of the VPC's main table got another route table. The call does not say which.
    ReplaceRouteTableAssociation {
        /// The association that was replaced, which is gone by then.
        association: RouteTableAssociationId,
        /// The table from then on.
        route_table: RouteTableId,
        /// The association in its place, from the response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<RouteTableAssociationId>,
    },
    /// A subnet was made. It is served by the VPC's main route table until it gets one of its own.
    CreateSubnet {
        /// The new subnet, from the response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subnet: Option<SubnetId>,
        /// Its VPC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vpc: Option<VpcId>,
    },
    /// An attribute of a subnet was changed.
    ModifySubnetAttribute(SubnetChange),
    /// An elastic address was given to a network interface.
    AssociateAddress(AddressUse),
    /// The mode of VPC Block Public Access was set, for the account in the Region.
    ModifyVpcBlockPublicAccessOptions {
        /// The mode from now on. The call does not say what it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<BlockMode>,
    },
    /// A VPC or a subnet was excluded from VPC Block Public Access.
    CreateVpcBlockPublicAccessExclusion(ExclusionChange),
    /// An exclusion from VPC Block Public Access lets other things through from now on.
    ModifyVpcBlockPublicAccessExclusion(ExclusionChange),
    /// A peering connection of two VPCs was asked for.
    CreateVpcPeeringConnection(NewPath),
    /// A peering connection of two VPCs was accepted.
    AcceptVpcPeeringConnection(NewPath),
    /// A VPC was attached to a transit gateway.
    CreateTransitGatewayVpcAttachment(NewPath),
    /// A VPN connection was made, on a gateway of one VPC or of many.
    CreateVpnConnection(NewPath),
    /// Nobody called: something is looked at as it stands. No record says so; a scan does.
    Scan {
        /// What is looked at.
        subject: Subject,
    },
    /// Not ours: a call that wakes no rule, an event that a service makes by itself, or a failed call that does not even say what it was about.
    Other {
        /// `eventSource`.
        source: String,
        /// `eventName`.
        name: String,
    },
}

impl Call {
    /// What the call is about, by the ids and names that it gives; the same for every delivery of it.
    #[must_use]
    pub fn subjects(&self) -> Vec<&str> {
        match self {
            Self::AuthorizeSecurityGroupEgress(change)
            | Self::AuthorizeSecurityGroupIngress(change)
            | Self::RevokeSecurityGroupEgress(change)
            | Self::RevokeSecurityGroupIngress(change) => vec![change.group.as_str()],
            Self::ModifySecurityGroupRules { group, .. }
            | Self::UpdateSecurityGroupRuleDescriptionsEgress { group }
            | Self::CreateSecurityGroup { group, .. } => group.iter().map(SecurityGroupId::as_str).collect(),
            Self::CreateVpc { vpc } | Self::CreateDefaultVpc { vpc } => vpc.iter().map(VpcId::as_str).collect(),
            Self::ModifyManagedPrefixList { list } | Self::RestoreManagedPrefixListVersion { list } => {
                vec![list.as_str()]
            }
            Self::ModifyNetworkInterfaceAttribute { interface, .. } => vec![interface.as_str()],
            Self::CreateNetworkInterface { interface, .. } => {
                interface.iter().map(NetworkInterfaceId::as_str).collect()
            }
            Self::ModifyInstanceAttribute { instance, .. } => vec![instance.as_str()],
            Self::CreateVpcEndpoint(made) => made.endpoint.iter().map(VpcEndpointId::as_str).collect(),
            Self::ModifyVpcEndpoint(change) => vec![change.endpoint.as_str()],
            Self::DeleteVpcEndpoints { endpoints, .. } => endpoints.iter().map(VpcEndpointId::as_str).collect(),
            Self::ModifyVpcAttribute { vpc, .. } | Self::AssociateDhcpOptions { vpc, .. } => vec![vpc.as_str()],
            Self::AssociateRouteTable { route_table, subnet } => {
                let subnet = subnet.iter().map(SubnetId::as_str);
                std::iter::once(route_table.as_str()).chain(subnet).collect()
            }
            Self::DisassociateRouteTable { association } => vec![association.as_str()],
            Self::ReplaceRouteTableAssociation {
                association,
                route_table,
                ..
            } => vec![route_table.as_str(), association.as_str()],
            Self::CreateSubnet { subnet, .. } => subnet.iter().map(SubnetId::as_str).collect(),
            Self::ModifySubnetAttribute(change) => vec![change.subnet.as_str()],
            Self::AssociateAddress(used) => {
                let instance = used.instance.iter().map(InstanceId::as_str);
                used.interface
                    .iter()
                    .map(NetworkInterfaceId::as_str)
                    .chain(instance)
                    .collect()
            }
            Self::ModifyVpcBlockPublicAccessOptions { .. } => Vec::new(),
            Self::CreateVpcBlockPublicAccessExclusion(change) | Self::ModifyVpcBlockPublicAccessExclusion(change) => {
                change
                    .exclusion
                    .iter()
                    .map(BlockPublicAccessExclusionId::as_str)
                    .collect()
            }
            Self::CreateVpcPeeringConnection(made)
            | Self::AcceptVpcPeeringConnection(made)
            | Self::CreateTransitGatewayVpcAttachment(made)
            | Self::CreateVpnConnection(made) => made.path.iter().map(NetworkPathId::as_str).collect(),
            Self::Scan { subject } => vec![subject.id()],
            Self::Other { .. } => Vec::new(),
        }
    }
}

const EC2: &str = "ec2.amazonaws.com";

/// The calls that are typed. One line each: its name is also CloudTrail's `eventName`, behind it stand the `eventSource` and the
/// function that it wakes.
macro_rules! call_names {
    ($($name:ident $source:ident $function:ident;)+) => {
        /// The name of a typed call, apart from what it was about.
        ///
        /// Event names are not unique (`CreateRoute` is of EC2, API Gateway and App Mesh): a call is known by source and name.
        /// As text it is `ec2:CreateVpc`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum CallName {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                $name,
            )+
        }

        impl CallName {
            /// Every typed call.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// CloudTrail's `eventSource`: `ec2.amazonaws.com`.
            #[must_use]
            pub const fn source(self) -> &'static str {
                match self {
                    $(Self::$name => $source,)+
                }
            }

            /// The one function that the call may wake; whether it does depends on the rules that are linked into it.
            #[must_use]
            pub const fn function(self) -> FunctionName {
                match self {
                    $(Self::$name => FunctionName::$function,)+
                }
            }

            /// CloudTrail's `eventName`: `CreateVpc`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }
        }

        impl Call {
            /// Which typed call this is; none for [`Call::Scan`] and [`Call::Other`].
            #[must_use]
            pub const fn name(&self) -> Option<CallName> {
                match self {
                    $(Self::$name { .. } => Some(CallName::$name),)+
                    Self::Scan { .. } | Self::Other { .. } => None,
                }
            }
        }
    };
}

call_names! {
    AuthorizeSecurityGroupEgress EC2 SecurityGroups;
    AuthorizeSecurityGroupIngress EC2 SecurityGroups;
    RevokeSecurityGroupEgress EC2 SecurityGroups;
    RevokeSecurityGroupIngress EC2 SecurityGroups;
    ModifySecurityGroupRules EC2 SecurityGroups;
    UpdateSecurityGroupRuleDescriptionsEgress EC2 SecurityGroups;
    CreateSecurityGroup EC2 SecurityGroups;
    CreateVpc EC2 SecurityGroups;
    CreateDefaultVpc EC2 SecurityGroups;
    ModifyManagedPrefixList EC2 SecurityGroups;
    RestoreManagedPrefixListVersion EC2 SecurityGroups;
    ModifyNetworkInterfaceAttribute EC2 SecurityGroups;
    CreateNetworkInterface EC2 SecurityGroups;
    ModifyInstanceAttribute EC2 SecurityGroups;
    CreateVpcEndpoint EC2 VpcEndpoints;
    ModifyVpcEndpoint EC2 VpcEndpoints;
    DeleteVpcEndpoints EC2 VpcEndpoints;
    ModifyVpcAttribute EC2 VpcEndpoints;
    AssociateDhcpOptions EC2 VpcEndpoints;
    AssociateRouteTable EC2 Routes;
    DisassociateRouteTable EC2 Routes;
    ReplaceRouteTableAssociation EC2 Routes;
    CreateSubnet EC2 Routes;
    ModifySubnetAttribute EC2 Routes;
    AssociateAddress EC2 Routes;
    ModifyVpcBlockPublicAccessOptions EC2 Routes;
    CreateVpcBlockPublicAccessExclusion EC2 Routes;
    ModifyVpcBlockPublicAccessExclusion EC2 Routes;
    CreateVpcPeeringConnection EC2 Routes;
    AcceptVpcPeeringConnection EC2 Routes;
    CreateTransitGatewayVpcAttachment EC2 Routes;
    CreateVpnConnection EC2 Routes;
}

/// A text that names no typed call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a call that vpc-guardrail knows: write it like `ec2:AuthorizeSecurityGroupEgress`")]
pub struct CallNameError(String);

impl CallName {
    /// The typed call of an `eventSource` and an `eventName`, if it is one.
    #[must_use]
    pub fn find(source: &str, name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|call| call.source() == source && call.name() == name)
    }

    /// The service's short name: `ec2`.
    #[must_use]
    pub fn service(self) -> &'static str {
        self.source().split('.').next().unwrap_or_default()
    }
}

impl fmt::Display for CallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service(), self.name())
    }
}

impl FromStr for CallName {
    type Err = CallNameError;

    fn from_str(text: &str) -> Result<Self, CallNameError> {
        let found = Self::ALL.iter().find(|call| {
            text.split_once(':')
                .is_some_and(|(service, name)| call.service() == service && call.name() == name)
        });
        found
            .copied()
            .ok_or_else(|| CallNameError(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for CallName {
    type Error = CallNameError;

    fn try_from(text: String) -> Result<Self, CallNameError> {
        text.parse()
    }
}

impl From<CallName> for String {
    fn from(name: CallName) -> Self {
        name.to_string()
    }
}
