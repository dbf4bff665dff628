//! What was called, typed as far as a rule can be woken by it.

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
