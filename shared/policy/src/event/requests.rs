//! From `requestParameters` and `responseElements` to a [`Call`].

use std::str::FromStr;

use crate::event::call_name::part_names;
use crate::event::lenient::Node;
use crate::event::permissions::{asked, changed_rule, listed};
use crate::event::security_group::{GroupName, RulesChange};
use crate::event::{Call, CallName, EventError};
use crate::id::{PrefixListId, SecurityGroupId, VpcId};
use crate::network::Direction;

/// Both halves of a call, out of their wrappers.
pub(super) struct Exchange<'a> {
    pub(super) request: Node<'a>,
    pub(super) response: Node<'a>,
    /// Whether AWS did what was asked: only then must it say what came of it.
    pub(super) succeeded: bool,
    /// CloudTrail dropped a half that was too long.
    pub(super) omitted: bool,
}

impl<'a> Exchange<'a> {
    /// Takes a record's halves. What CloudTrail dropped is marked on the half, or on the whole record.
    pub(super) fn of(record: &Node<'a>, succeeded: bool) -> Self {
        let halves = [record.member("requestParameters"), record.member("responseElements")];
        let omitted = record.member("omitted").is_true() || halves.iter().any(|half| half.member("omitted").is_true());
        let [request, response] = halves.map(|half| half.unwrapped());
        Self {
            request,
            response,
            succeeded,
            omitted,
        }
    }

    /// The typed call. A call that failed need not even say what it was about; one that succeeded must.
    pub(super) fn call(&self, name: CallName) -> Result<Call, EventError> {
        use Direction::{Egress, Ingress};
        match name {
            CallName::AuthorizeSecurityGroupEgress => self.rules_change(Egress).map(Call::AuthorizeSecurityGroupEgress),
            CallName::AuthorizeSecurityGroupIngress => {
                self.rules_change(Ingress).map(Call::AuthorizeSecurityGroupIngress)
            }
            CallName::RevokeSecurityGroupEgress => self.rules_change(Egress).map(Call::RevokeSecurityGroupEgress),
            CallName::RevokeSecurityGroupIngress => self.rules_change(Ingress).map(Call::RevokeSecurityGroupIngress),
            CallName::ModifySecurityGroupRules => self.modify_rules(),
            CallName::UpdateSecurityGroupRuleDescriptionsEgress => self.update_descriptions(),
            CallName::CreateSecurityGroup => self.create_group(),
            CallName::CreateVpc => self.made_vpc().map(|vpc| Call::CreateVpc { vpc }),
            CallName::CreateDefaultVpc => self.made_vpc().map(|vpc| Call::CreateDefaultVpc { vpc }),
            CallName::ModifyManagedPrefixList => self.list().map(|list| Call::ModifyManagedPrefixList { list }),
            CallName::RestoreManagedPrefixListVersion => {
                self.list().map(|list| Call::RestoreManagedPrefixListVersion { list })
            }
            CallName::ModifyNetworkInterfaceAttribute => self.modify_interface(),
            CallName::CreateNetworkInterface => self.create_interface(),
            CallName::ModifyInstanceAttribute => self.modify_instance(),
            CallName::CreateVpcEndpoint => self.create_endpoint(),
            CallName::ModifyVpcEndpoint => self.modify_endpoint(),
            CallName::DeleteVpcEndpoints => self.delete_endpoints(),
            CallName::ModifyVpcAttribute => self.modify_vpc_attribute(),
            CallName::AssociateDhcpOptions => self.associate_dhcp_options(),
            CallName::AssociateRouteTable => self.associate_route_table(),
            CallName::DisassociateRouteTable => self.disassociate_route_table(),
            CallName::ReplaceRouteTableAssociation => self.replace_route_table_association(),
            CallName::CreateSubnet => self.create_subnet(),
            CallName::ModifySubnetAttribute => self.modify_subnet(),
            CallName::AssociateAddress => self.associate_address(),
            CallName::ModifyVpcBlockPublicAccessOptions => Ok(self.modify_block_public_access()),
            CallName::CreateVpcBlockPublicAccessExclusion => self.create_exclusion(),
            CallName::ModifyVpcBlockPublicAccessExclusion => self.modify_exclusion(),
            CallName::CreateVpcPeeringConnection => self.peering(false).map(Call::CreateVpcPeeringConnection),
            CallName::AcceptVpcPeeringConnection => self.peering(true).map(Call::AcceptVpcPeeringConnection),
            CallName::CreateTransitGatewayVpcAttachment => {
                self.attachment().map(Call::CreateTransitGatewayVpcAttachment)
            }
            CallName::CreateVpnConnection => self.vpn().map(Call::CreateVpnConnection),
            CallName::CreateRestApi => self.made_rest_api().map(Call::CreateRestApi),
            CallName::ImportRestApi => self.made_rest_api().map(Call::ImportRestApi),
            CallName::PutRestApi => self.put_rest_api(),
            CallName::UpdateRestApi => self.update_rest_api(),
            CallName::CreateApi => self.made_http_api().map(Call::CreateApi),
            CallName::ImportApi => self.made_http_api().map(Call::ImportApi),
            CallName::CreateGraphqlApi => self.create_graphql_api(),
            CallName::AttachInternetGateway => self.attach_internet_gateway(),
            CallName::CreateEgressOnlyInternetGateway => self.create_egress_only_gateway(),
            CallName::CreateNatGateway => self.create_nat_gateway(),
            CallName::CreateRoute => self.route().map(Call::CreateRoute),
            CallName::ReplaceRoute => self.route().map(Call::ReplaceRoute),
            CallName::CreateTags => self.tag_call().map(Call::CreateTags),
            CallName::DeleteTags => self.tag_call().map(Call::DeleteTags),
            part @ part_names!() => self.part_call(part),
        }
    }

    fn rules_change(&self, direction: Direction) -> Result<RulesChange, EventError> {
        let asked = asked(&self.request)?;
        let (rules, listed_group) = listed(&self.response, direction)?;
        let rule_ids = self
            .request
            .any(&["securityGroupRuleIds", "securityGroupRuleId"])
            .list_of("securityGroupRuleId")?;
        let nothing =
            asked.permissions.is_empty() && asked.named_peers.is_empty() && rules.is_empty() && rule_ids.is_empty();
        if nothing && self.succeeded && !self.omitted {
            return Err(self.request.member("ipPermissions").missing());
        }
        let group = self.group(listed_group)?;
        Ok(RulesChange {
            group,
            permissions: asked.permissions,
            rules,
            rule_ids,
            named_peers: asked.named_peers,
        })
    }

    /// The group that a call is about: by id from either half, else by name.
    fn group(&self, listed: Option<SecurityGroupId>) -> Result<GroupName, EventError> {
        let id = self.request.member("groupId");
        match id.optional()?.or(listed) {
            Some(id) => Ok(GroupName::Id(id)),
            None => self
                .request
                .member("groupName")
                .legible()
                .map(GroupName::Name)
                .ok_or_else(|| id.missing()),
        }
    }

    fn modify_rules(&self) -> Result<Call, EventError> {
        let items = self.request.any(&["securityGroupRule", "securityGroupRules"]);
        let rules: Vec<_> = items.items().iter().map(changed_rule).collect::<Result<_, _>>()?;
        let group = self.request.member("groupId").optional()?;
        if rules.is_empty() && (group.is_none() || self.succeeded && !self.omitted) {
            return Err(items.missing());
        }
        Ok(Call::ModifySecurityGroupRules { group, rules })
    }

    fn create_group(&self) -> Result<Call, EventError> {
        Ok(Call::CreateSecurityGroup {
            group: self.outcome(&self.response.member("groupId"))?,
            vpc: self.request.member("vpcId").optional()?,
            name: self.request.member("groupName").legible(),
        })
    }

    fn update_descriptions(&self) -> Result<Call, EventError> {
        Ok(Call::UpdateSecurityGroupRuleDescriptionsEgress {
            group: self.request.member("groupId").optional()?,
        })
    }

    fn associate_dhcp_options(&self) -> Result<Call, EventError> {
        Ok(Call::AssociateDhcpOptions {
            vpc: self.request.member("vpcId").required()?,
            options: self.request.member("dhcpOptionsId").required()?,
        })
    }

    fn made_vpc(&self) -> Result<Option<VpcId>, EventError> {
        self.outcome(&self.response.member("vpc").member("vpcId"))
    }

    fn modify_interface(&self) -> Result<Call, EventError> {
        Ok(Call::ModifyNetworkInterfaceAttribute {
            interface: self.request.member("networkInterfaceId").required()?,
            groups: self.groups(&self.request)?,
        })
    }

    fn modify_instance(&self) -> Result<Call, EventError> {
        Ok(Call::ModifyInstanceAttribute {
            instance: self.request.member("instanceId").required()?,
            groups: self.groups(&self.request)?,
        })
    }

    fn create_interface(&self) -> Result<Call, EventError> {
        let made = self.response.member("networkInterface");
        let groups = match self.groups(&made)? {
            Some(groups) => groups,
            None => self.groups(&self.request)?.unwrap_or_default(),
        };
        let subnet = made.member("subnetId").optional()?;
        Ok(Call::CreateNetworkInterface {
            interface: self.outcome(&made.member("networkInterfaceId"))?,
            groups,
            subnet: subnet.or(self.request.member("subnetId").optional()?),
        })
    }

    /// The groups that a half names; none if it names none.
    fn groups(&self, half: &Node<'_>) -> Result<Option<Vec<SecurityGroupId>>, EventError> {
        let groups = half
            .any(&["groupSet", "groups", "securityGroupId", "groupId"])
            .list_of("groupId")?;
        Ok(Some(groups).filter(|groups| !groups.is_empty()))
    }

    /// The prefix list that a call is about.
    fn list(&self) -> Result<PrefixListId, EventError> {
        let asked = self.request.member("prefixListId");
        let answered = self.response.member("prefixList").member("prefixListId");
        if asked.is_absent() && !answered.is_absent() {
            answered.required()
        } else {
            asked.required()
        }
    }

    /// The id of what a call made, which a call that succeeded must tell.
    pub(super) fn outcome<T>(&self, node: &Node<'_>) -> Result<Option<T>, EventError>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        if self.succeeded {
            node.required().map(Some)
        } else {
            node.optional()
        }
    }
}
