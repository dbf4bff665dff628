//! Answers every question of the policy core as the live reader answers it from EC2: what is named and absent is gone,
//! and a filter that matches nothing gives an empty list.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::facts::{
    Answered, BlockPublicAccess, DnsServers, Endpoint, EndpointDetails, EndpointService, Fact, GroupFilter,
    InterfaceFilter, NetworkInterface, NetworkPath, PathKind, PrefixList, Question, Route, RouteTable,
    RouteTableDetails, SecurityGroup, SecurityGroupRule, Subnet, SubnetDetails, Unreadable, Vpc, VpcDns,
};
use guardrail_policy::id::{
    AccountId, NetworkInterfaceId, NetworkPathId, PrefixListId, RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId,
    VpcId,
};
use guardrail_policy::network::{Cidr, Direction, Peer};
use guardrail_runner::ports::Answer;

use crate::model::{self, Group, Interface, Unknown, World};
use crate::parts::Parts;

impl Answer for World {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        questions.iter().map(|question| self.answer_one(question)).collect()
    }
}

/// Something of a part of the network that the snapshot may not have.
pub(crate) fn known<K: Ord, V, T>(
    part: Option<&Parts<K, V>>,
    action: &str,
    look: impl FnOnce(&Parts<K, V>) -> Fact<T>,
) -> Fact<T> {
    known_of(part, &format!("ec2:{action}"), look)
}

/// The same, of any service: the action is IAM's.
pub(crate) fn known_of<K: Ord, V, T>(
    part: Option<&Parts<K, V>>,
    action: &str,
    look: impl FnOnce(&Parts<K, V>) -> Fact<T>,
) -> Fact<T> {
    part.map_or_else(|| not_in_snapshot(action), look)
}

fn not_in_snapshot<T>(action: &str) -> Fact<T> {
    Fact::Unreadable(Unreadable {
        action: action.to_owned(),
        code: "NotInSnapshot".to_owned(),
    })
}

impl World {
    /// A part of the network, where also this of it is known.
    fn knows<'p, K: Ord, V>(&self, part: Option<&'p Parts<K, V>>, detail: Unknown) -> Option<&'p Parts<K, V>> {
        part.filter(|_| !self.unknown.contains(&detail))
    }
}

pub(crate) fn is_or_gone<T>(found: Option<T>) -> Fact<T> {
    found.map_or(Fact::Gone, Fact::Is)
}

impl World {
    /// Answers one question.
    #[must_use]
    pub fn answer_one(&self, question: &Question) -> Answered {
        match question.clone() {
            Question::Groups(filter) => Answered::Groups(filter.clone(), self.groups_matching(&filter)),
            Question::Rules(group) => Answered::Rules(group.clone(), self.rules_of(&group)),
            Question::Vpc(id) => Answered::Vpc(id.clone(), self.vpc_fact(&id)),
            Question::Vpcs(everywhere) => Answered::Vpcs(everywhere, self.vpc_facts()),
            Question::Subnets(vpc) => Answered::Subnets(vpc.clone(), self.subnets_of(&vpc)),
            Question::Subnet(id) => Answered::Subnet(id.clone(), self.subnet_fact(&id)),
            Question::VpcDns(id) => Answered::VpcDns(id.clone(), self.vpc_dns(&id)),
            Question::DnsServers(id) => Answered::DnsServers(id.clone(), self.dns_servers(&id)),
            Question::Endpoint(id) => Answered::Endpoint(id.clone(), self.endpoint_fact(&id)),
            Question::EndpointService(name) => Answered::EndpointService(name.clone(), self.service_offered(&name)),
            Question::Endpoints(vpc) => Answered::Endpoints(vpc.clone(), self.endpoints_of(&vpc)),
            Question::RouteTable(id) => Answered::RouteTable(id.clone(), self.route_table_fact(&id)),
            Question::RouteTables(vpc) => Answered::RouteTables(vpc.clone(), self.route_tables_of(&vpc)),
            Question::InternetGateways(vpc) => Answered::InternetGateways(vpc.clone(), self.internet_gateways_of(&vpc)),
            Question::EgressOnlyGateways(vpc) => {
                Answered::EgressOnlyGateways(vpc.clone(), self.egress_only_gateways_of(&vpc))
            }
            Question::NatGateways(vpc) => Answered::NatGateways(vpc.clone(), self.nat_gateways_of(&vpc)),
            Question::Interfaces(filter) => Answered::Interfaces(filter.clone(), self.interfaces_matching(&filter)),
            Question::PrefixLists(everywhere) => Answered::PrefixLists(everywhere, self.prefix_list_facts()),
            Question::Entries(list) => Answered::Entries(list.clone(), self.entries_of(&list)),
            Question::ServiceEndpoints(name) => Answered::ServiceEndpoints(name.clone(), self.endpoints_to(&name)),
            Question::RestApis(everywhere) => Answered::RestApis(everywhere, self.rest_api_facts()),
            Question::HttpApis(everywhere) => Answered::HttpApis(everywhere, self.http_api_facts()),
            Question::GraphqlApis(everywhere) => Answered::GraphqlApis(everywhere, self.graphql_api_facts()),
            Question::RestApi(id) => Answered::RestApi(id.clone(), self.rest_api_fact(&id)),
            Question::HttpApi(id) => Answered::HttpApi(id.clone(), self.http_api_fact(&id)),
            Question::GraphqlApi(id) => Answered::GraphqlApi(id.clone(), self.graphql_api_fact(&id)),
            Question::BlockPublicAccess(everywhere) => {
                Answered::BlockPublicAccess(everywhere, self.block_public_access_fact())
            }
            Question::NetworkPaths(kind) => Answered::NetworkPaths(kind, self.network_paths_of(kind)),
            Question::Past(about) => Answered::Past(about.clone(), Fact::Is(Vec::new())), // the network remembers nothing
        }
    }

    fn groups_matching(&self, filter: &GroupFilter) -> Fact<Vec<SecurityGroup>> {
        let groups = match filter {
            GroupFilter::EgressTo(_) => self.knows(self.groups.as_ref(), Unknown::Rules),
            _ => self.groups.as_ref(),
        };
        known(groups, "DescribeSecurityGroups", |groups| {
            let matches = |id: &SecurityGroupId, group: &Group| match filter {
                GroupFilter::Id(wanted) => id == wanted,
                GroupFilter::Named(name) => group.name == *name,
                GroupFilter::DefaultOf(vpc) => group.name == "default" && group.vpc == *vpc,
                GroupFilter::EgressTo(list) => group.rules.values().any(|rule| {
                    rule.direction == Direction::Egress && rule.permission.peer == Peer::PrefixList(list.clone())
                }),
                GroupFilter::Vpc(vpc) => group.vpc == *vpc,
            };
            let found = groups.iter().filter(|(id, group)| matches(id, group));
            let found: Vec<_> = found.map(|(id, group)| self.group_fact(id, group)).collect();
            // Every VPC has a default group: without one it is gone.
            match filter {
                GroupFilter::EgressTo(_) => Fact::Is(found),
                _ if found.is_empty() => Fact::Gone,
                _ => Fact::Is(found),
            }
        })
    }

    fn group_fact(&self, id: &SecurityGroupId, group: &Group) -> SecurityGroup {
        SecurityGroup {
            id: id.clone(),
            name: group.name.clone(),
            vpc: group.vpc.clone(),
            owner: group.owner.clone().unwrap_or_else(|| self.account.clone()),
            tags: group.tags.clone(),
        }
    }

    fn rules_of(&self, group: &SecurityGroupId) -> Fact<Vec<SecurityGroupRule>> {
        let groups = self.knows(self.groups.as_ref(), Unknown::Rules);
        known(groups, "DescribeSecurityGroupRules", |groups| {
            let facts = |group: &Group| {
                let facts = group.rules.iter().map(|(id, rule)| SecurityGroupRule {
                    id: id.clone(),
                    direction: rule.direction,
                    permission: rule.permission.clone(),
                    description: rule.description.clone(),
                });
                facts.collect()
            };
            is_or_gone(groups.get(group).map(facts))
        })
    }

    fn vpc_fact(&self, id: &VpcId) -> Fact<Vpc> {
        known(self.vpcs.as_ref(), "DescribeVpcs", |vpcs| {
            is_or_gone(vpcs.get(id).map(|vpc| self.as_fact(id, vpc)))
        })
    }

    fn vpc_facts(&self) -> Fact<Vec<Vpc>> {
        known(self.vpcs.as_ref(), "DescribeVpcs", |vpcs| {
            Fact::Is(vpcs.iter().map(|(id, vpc)| self.as_fact(id, vpc)).collect())
        })
    }

    fn as_fact(&self, id: &VpcId, vpc: &model::Vpc) -> Vpc {
        Vpc {
            id: id.clone(),
            owner: vpc.owner.clone().unwrap_or_else(|| self.account.clone()),
            cidrs: vpc.cidrs.clone(),
            tags: vpc.tags.clone(),
        }
    }

    fn subnets_of(&self, vpc: &VpcId) -> Fact<Vec<Subnet>> {
        known(self.subnets.as_ref(), "DescribeSubnets", |subnets| {
            let found = subnets.iter().filter(|(_, subnet)| subnet.vpc == *vpc);
            Fact::Is(found.map(|(id, subnet)| as_listed(id, subnet)).collect())
        })
    }

    fn subnet_fact(&self, id: &SubnetId) -> Fact<SubnetDetails> {
        known(self.subnets.as_ref(), "DescribeSubnets", |subnets| {
            is_or_gone(subnets.get(id).map(|subnet| SubnetDetails {
                subnet: as_listed(id, subnet),
                vpc: subnet.vpc.clone(),
                owner: self.owner_of(&subnet.vpc),
            }))
        })
    }

    /// The account that owns a VPC and its subnets.
    fn owner_of(&self, vpc: &VpcId) -> AccountId {
        let vpc = self.vpcs.as_ref().and_then(|vpcs| vpcs.get(vpc));
        let owner = vpc.and_then(|vpc| vpc.owner.clone());
        owner.unwrap_or_else(|| self.account.clone())
    }

    fn network_paths_of(&self, kind: PathKind) -> Fact<BTreeMap<NetworkPathId, NetworkPath>> {
        let action = match kind {
            PathKind::Peering => "DescribeVpcPeeringConnections",
            PathKind::Attachment => "DescribeTransitGatewayVpcAttachments",
            PathKind::Vpn => "DescribeVpnConnections",
        };
        known(self.network_paths.as_ref(), action, |paths| {
            let found = paths.iter().filter(|(id, _)| id.kind() == kind);
            Fact::Is(found.map(|(id, path)| (id.clone(), path.clone())).collect())
        })
    }

    fn endpoints_of(&self, vpc: &VpcId) -> Fact<Vec<Endpoint>> {
        known(self.endpoints.as_ref(), "DescribeVpcEndpoints", |endpoints| {
            let found = endpoints.iter().filter(|(_, endpoint)| endpoint.vpc == *vpc);
            Fact::Is(found.map(|(id, endpoint)| listed(id, endpoint)).collect())
        })
    }

    fn vpc_dns(&self, id: &VpcId) -> Fact<VpcDns> {
        let vpcs = self.knows(self.vpcs.as_ref(), Unknown::VpcDns);
        known(vpcs, "DescribeVpcAttribute", |vpcs| {
            is_or_gone(vpcs.get(id).map(|vpc| VpcDns {
                support: vpc.dns_support,
                hostnames: vpc.dns_hostnames,
            }))
        })
    }

    fn dns_servers(&self, id: &VpcId) -> Fact<DnsServers> {
        let vpcs = self.knows(self.vpcs.as_ref(), Unknown::DnsServers);
        known(vpcs, "DescribeDhcpOptions", |vpcs| {
            is_or_gone(vpcs.get(id).and_then(|vpc| vpc.dhcp_options.clone().or_else(amazons)))
        })
    }

    fn endpoint_fact(&self, id: &VpcEndpointId) -> Fact<EndpointDetails> {
        known(self.endpoints.as_ref(), "DescribeVpcEndpoints", |endpoints| {
            is_or_gone(endpoints.get(id).map(|endpoint| EndpointDetails {
                endpoint: listed(id, endpoint),
                vpc: endpoint.vpc.clone(),
                owner: endpoint.owner.clone().unwrap_or_else(|| self.account.clone()),
                requester_managed: endpoint.requester_managed,
                subnets: endpoint.subnets.clone(),
                interfaces: endpoint.interfaces.clone(),
                dns_names: endpoint.dns_names.clone(),
                inbound_only: endpoint.inbound_only,
                policy: endpoint.policy.clone(),
                created: endpoint.created,
                tags: endpoint.tags.clone(),
            }))
        })
    }

    fn service_offered(&self, name: &str) -> Fact<EndpointService> {
        let listed = self.endpoint_services.as_ref();
        let offered = listed.and_then(|services| services.get(name));
        let services = match offered {
            Some(_) => listed,
            None => self.knows(listed, Unknown::OtherServices),
        };
        known(services, "DescribeVpcEndpointServices", |_| {
            is_or_gone(offered.filter(|offered| !offered.is_empty()).cloned())
        })
    }

    fn route_table_fact(&self, id: &RouteTableId) -> Fact<RouteTableDetails> {
        let tables = self.knows(self.route_tables.as_ref(), Unknown::Associations);
        known(tables, "DescribeRouteTables", |tables| {
            is_or_gone(tables.get(id).map(|table| RouteTableDetails {
                id: id.clone(),
                vpc: table.vpc.clone(),
                associations: table.associations.clone(),
            }))
        })
    }

    fn route_tables_of(&self, vpc: &VpcId) -> Fact<Vec<RouteTable>> {
        known(self.route_tables.as_ref(), "DescribeRouteTables", |tables| {
            let found = tables.iter().filter(|(_, table)| table.vpc == *vpc);
            let facts = found.map(|(id, table)| {
                let routes = table.routes.iter().filter(|(_, by)| self.is_active(vpc, by));
                let routes = routes.map(|(to, by)| Route {
                    destination: to.0.clone(),
                    target: by.0.clone(),
                });
                RouteTable {
                    id: id.clone(),
                    main: table.main,
                    subnets: table.subnets.clone(),
                    routes: routes.collect(),
                }
            });
            Fact::Is(facts.collect())
        })
    }

    fn interfaces_matching(&self, filter: &InterfaceFilter) -> Fact<Vec<NetworkInterface>> {
        let interfaces = match filter {
            InterfaceFilter::Instance(_) => self.knows(self.interfaces.as_ref(), Unknown::Instances),
            _ => self.interfaces.as_ref(),
        };
        known(interfaces, "DescribeNetworkInterfaces", |interfaces| {
            let matches = |id: &NetworkInterfaceId, interface: &Interface| match filter {
                InterfaceFilter::Id(wanted) => id == wanted,
                InterfaceFilter::Instance(instance) => interface.instance.as_ref() == Some(instance),
                InterfaceFilter::Group(group) => interface.groups.contains(group),
                InterfaceFilter::Vpc(vpc) => interface.vpc == *vpc,
            };
            let found = interfaces.iter().filter(|(id, interface)| matches(id, interface));
            let found: Vec<_> = found.map(|(id, interface)| interface_fact(id, interface)).collect();
            if found.is_empty() && matches!(filter, InterfaceFilter::Id(_)) {
                Fact::Gone
            } else {
                Fact::Is(found)
            }
        })
    }

    fn prefix_list_facts(&self) -> Fact<Vec<PrefixList>> {
        known(self.prefix_lists.as_ref(), "DescribeManagedPrefixLists", |lists| {
            let facts = lists.iter().map(|(id, list)| PrefixList {
                id: id.clone(),
                name: list.name.clone(),
                owner: list.keeper(&self.account),
                family: list.family(),
                max_entries: list.capacity(&self.account),
            });
            Fact::Is(facts.collect())
        })
    }

    fn block_public_access_fact(&self) -> Fact<BlockPublicAccess> {
        let unknown = || not_in_snapshot("ec2:DescribeVpcBlockPublicAccessOptions");
        self.block_public_access.clone().map_or_else(unknown, Fact::Is)
    }

    fn entries_of(&self, list: &PrefixListId) -> Fact<BTreeSet<Cidr>> {
        let lists = self.knows(self.prefix_lists.as_ref(), Unknown::Entries);
        known(lists, "GetManagedPrefixListEntries", |lists| {
            is_or_gone(lists.get(list).map(|list| list.entries.clone()))
        })
    }
}

/// What a VPC has that was given no options of its own.
fn amazons() -> Option<DnsServers> {
    Some(DnsServers {
        options: "default".parse().ok()?,
        servers: Vec::new(),
    })
}

/// An endpoint as the list of a VPC's endpoints has it.
pub(crate) fn listed(id: &VpcEndpointId, endpoint: &model::Endpoint) -> Endpoint {
    Endpoint {
        id: id.clone(),
        service: endpoint.service.clone(),
        kind: endpoint.kind,
        state: endpoint.state,
        groups: endpoint.groups.clone(),
        route_tables: endpoint.route_tables.clone(),
        private_dns: endpoint.private_dns,
    }
}

/// A subnet as the list of a VPC's subnets has it.
fn as_listed(id: &SubnetId, subnet: &model::Subnet) -> Subnet {
    Subnet {
        id: id.clone(),
        cidrs: subnet.cidrs.clone(),
        public_addresses: subnet.public_addresses,
        zone: subnet.zone.clone(),
        tags: subnet.tags.clone(),
    }
}

fn interface_fact(id: &NetworkInterfaceId, interface: &Interface) -> NetworkInterface {
    NetworkInterface {
        id: id.clone(),
        vpc: interface.vpc.clone(),
        subnet: interface.subnet.clone(),
        groups: interface.groups.clone(),
        addresses: interface.addresses.clone(),
        public: interface.public.clone(),
        requester_managed: interface.requester_managed,
    }
}
