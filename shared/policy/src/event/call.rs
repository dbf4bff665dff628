//! What was called, typed as far as a rule can be woken by it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::event::api::{NewGraphqlApi, NewHttpApi, NewRestApi, RestApiChange};
use crate::event::endpoint::{EndpointChange, NewEndpoint};
use crate::event::exposure::{AddressUse, ExclusionChange, SubnetChange};
use crate::event::gateway::{NewNatGateway, RouteChange};
use crate::event::network_path::NewPath;
use crate::event::part::{PartCall, TagCall};
use crate::event::scan::Subject;
use crate::event::security_group::{ChangedRule, RulesChange};
use crate::facts::BlockMode;
use crate::functions::FunctionName;
use crate::id::{
    DhcpOptionsId, EgressOnlyInternetGatewayId, InstanceId, InternetGatewayId, NetworkInterfaceId, PrefixListId,
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
    /// A REST API was made.
    CreateRestApi(NewRestApi),
    /// A REST API was made from a definition.
    ImportRestApi(NewRestApi),
    /// A REST API was defined anew, or its definition was added to.
    PutRestApi(RestApiChange),
    /// A REST API was changed.
    UpdateRestApi(RestApiChange),
    /// An HTTP or WebSocket API was made.
    CreateApi(NewHttpApi),
    /// An HTTP API was made from a definition.
    ImportApi(NewHttpApi),
    /// An AppSync API was made.
    CreateGraphqlApi(NewGraphqlApi),
    /// An internet gateway was attached to a VPC.
    AttachInternetGateway {
        /// The gateway.
        gateway: InternetGatewayId,
        /// The VPC.
        vpc: VpcId,
    },
    /// An egress-only internet gateway was made in a VPC.
    CreateEgressOnlyInternetGateway {
        /// The new gateway, from the response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gateway: Option<EgressOnlyInternetGatewayId>,
        /// Its VPC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vpc: Option<VpcId>,
    },
    /// A NAT gateway was made.
    CreateNatGateway(NewNatGateway),
    /// A route was added to a table, which had none to the same destination.
    CreateRoute(RouteChange),
    /// A route of a table leads elsewhere from now on. The call does not say where it led.
    ReplaceRoute(RouteChange),
    /// Something that may be a part of the guardrail was changed or taken away.
    Part(PartCall),
    /// Tags were set on VPCs, perhaps in the place of others.
    CreateTags(TagCall),
    /// Tags were taken from VPCs.
    DeleteTags(TagCall),
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
            | Self::CreateSecurityGroup { group, .. } => only(group),
            Self::CreateVpc { vpc } | Self::CreateDefaultVpc { vpc } => only(vpc),
            Self::ModifyManagedPrefixList { list } | Self::RestoreManagedPrefixListVersion { list } => {
                vec![list.as_str()]
            }
            Self::ModifyNetworkInterfaceAttribute { interface, .. } => vec![interface.as_str()],
            Self::CreateNetworkInterface { interface, .. } => only(interface),
            Self::ModifyInstanceAttribute { instance, .. } => vec![instance.as_str()],
            Self::CreateVpcEndpoint(made) => only(&made.endpoint),
            Self::ModifyVpcEndpoint(change) => vec![change.endpoint.as_str()],
            Self::DeleteVpcEndpoints { endpoints, .. } => endpoints.iter().map(VpcEndpointId::as_str).collect(),
            Self::ModifyVpcAttribute { vpc, .. } | Self::AssociateDhcpOptions { vpc, .. } => vec![vpc.as_str()],
            Self::AssociateRouteTable { route_table, subnet } => [vec![route_table.as_str()], only(subnet)].concat(),
            Self::DisassociateRouteTable { association } => vec![association.as_str()],
            Self::ReplaceRouteTableAssociation {
                association,
                route_table,
                ..
            } => vec![route_table.as_str(), association.as_str()],
            Self::CreateSubnet { subnet, .. } => only(subnet),
            Self::ModifySubnetAttribute(change) => vec![change.subnet.as_str()],
            Self::AssociateAddress(used) => [only(&used.interface), only(&used.instance)].concat(),
            Self::ModifyVpcBlockPublicAccessOptions { .. } => Vec::new(),
            Self::CreateVpcBlockPublicAccessExclusion(change) | Self::ModifyVpcBlockPublicAccessExclusion(change) => {
                only(&change.exclusion)
            }
            Self::CreateVpcPeeringConnection(made)
            | Self::AcceptVpcPeeringConnection(made)
            | Self::CreateTransitGatewayVpcAttachment(made)
            | Self::CreateVpnConnection(made) => only(&made.path),
            Self::CreateRestApi(made) | Self::ImportRestApi(made) => only(&made.api),
            Self::PutRestApi(change) | Self::UpdateRestApi(change) => vec![change.api.as_str()],
            Self::CreateApi(made) | Self::ImportApi(made) => only(&made.api),
            Self::CreateGraphqlApi(made) => only(&made.api),
            Self::AttachInternetGateway { gateway, vpc } => vec![gateway.as_str(), vpc.as_str()],
            Self::CreateEgressOnlyInternetGateway { gateway, .. } => only(gateway),
            Self::CreateNatGateway(made) => only(&made.gateway),
            Self::CreateRoute(route) | Self::ReplaceRoute(route) => vec![route.route_table.as_str()],
            Self::Part(part) => part.targets.iter().map(|target| target.name.as_str()).collect(),
            Self::CreateTags(tags) | Self::DeleteTags(tags) => tags.vpcs.iter().map(VpcId::as_str).collect(),
            Self::Scan { subject } => vec![subject.id()],
            Self::Other { .. } => Vec::new(),
        }
    }
}

/// The one id that is given, or none.
fn only<Id: AsRef<str>>(id: &Option<Id>) -> Vec<&str> {
    id.iter().map(AsRef::as_ref).collect()
}

const APIGATEWAY: &str = "apigateway.amazonaws.com";
const APPSYNC: &str = "appsync.amazonaws.com";
const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
const DYNAMODB: &str = "dynamodb.amazonaws.com";
const EC2: &str = "ec2.amazonaws.com";
const EVENTS: &str = "events.amazonaws.com";
const IAM: &str = "iam.amazonaws.com";
const KMS: &str = "kms.amazonaws.com";
const LAMBDA: &str = "lambda.amazonaws.com";
const SNS: &str = "sns.amazonaws.com";
const SQS: &str = "sqs.amazonaws.com";
const SSM: &str = "ssm.amazonaws.com";

/// The calls that are typed. One line each: its name is also CloudTrail's `eventName` (some of Lambda's end with the date of its
/// API), behind it stand the `eventSource` and the function that it wakes. Those behind `parts` are all a [`Call::Part`].
macro_rules! call_names {
    ($($name:ident $source:ident $function:ident;)+ => parts $($part:ident $part_source:ident;)+) => {
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
            $(
                #[doc = concat!("`", stringify!($part), "`.")]
                $part,
            )+
        }

        impl CallName {
            /// Every typed call.
            pub const ALL: &[Self] = &[$(Self::$name,)+ $(Self::$part,)+];

            /// The calls about what the guardrail may be made of.
            pub const OF_PARTS: &[Self] = &[$(Self::$part),+];

            /// CloudTrail's `eventSource`: `ec2.amazonaws.com`.
            #[must_use]
            pub const fn source(self) -> &'static str {
                match self {
                    $(Self::$name => $source,)+
                    $(Self::$part => $part_source,)+
                }
            }

            /// The one function that the call may wake; whether it does depends on the rules that are linked into it.
            #[must_use]
            pub const fn function(self) -> FunctionName {
                match self {
                    $(Self::$name => FunctionName::$function,)+
                    $(Self::$part => FunctionName::Apis,)+
                }
            }

            /// CloudTrail's `eventName`: `CreateVpc`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                    $(Self::$part => stringify!($part),)+
                }
            }
        }

        /// The names of the calls about parts, as a pattern.
        macro_rules! part_names {
            () => { $(CallName::$part)|+ };
        }

        impl Call {
            /// Which typed call this is; none for [`Call::Scan`] and [`Call::Other`].
            #[must_use]
            pub const fn name(&self) -> Option<CallName> {
                match self {
                    $(Self::$name { .. } => Some(CallName::$name),)+
                    Self::Part(part) => Some(part.call),
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
    CreateRestApi APIGATEWAY Apis;
    ImportRestApi APIGATEWAY Apis;
    PutRestApi APIGATEWAY Apis;
    UpdateRestApi APIGATEWAY Apis;
    CreateApi APIGATEWAY Apis;
    ImportApi APIGATEWAY Apis;
    CreateGraphqlApi APPSYNC Apis;
    AttachInternetGateway EC2 Routes;
    CreateEgressOnlyInternetGateway EC2 Routes;
    CreateNatGateway EC2 Routes;
    CreateRoute EC2 Routes;
    ReplaceRoute EC2 Routes;
    CreateTags EC2 Apis;
    DeleteTags EC2 Apis;
    => parts
    StopLogging CLOUDTRAIL;
    DeleteTrail CLOUDTRAIL;
    UpdateTrail CLOUDTRAIL;
    PutEventSelectors CLOUDTRAIL;
    DisableRule EVENTS;
    DeleteRule EVENTS;
    PutRule EVENTS;
    PutTargets EVENTS;
    RemoveTargets EVENTS;
    DeleteFunction20150331 LAMBDA;
    UpdateFunctionCode20150331v2 LAMBDA;
    UpdateFunctionConfiguration20150331v2 LAMBDA;
    PutFunctionConcurrency20171031 LAMBDA;
    UpdateEventSourceMapping20150331 LAMBDA;
    DeleteEventSourceMapping20150331 LAMBDA;
    PurgeQueue SQS;
    SetQueueAttributes SQS;
    DeleteQueue SQS;
    SetTopicAttributes SNS;
    Unsubscribe SNS;
    DeleteTopic SNS;
    PutParameter SSM;
    DeleteParameter SSM;
    DeleteParameters SSM;
    DisableKey KMS;
    ScheduleKeyDeletion KMS;
    PutRolePolicy IAM;
    DeleteRolePolicy IAM;
    DetachRolePolicy IAM;
    UpdateTable DYNAMODB;
    DeleteTable DYNAMODB;
}

pub(super) use part_names;

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
