//! Taking a snapshot of a network: everything that it answers, read part by part.

mod routes;

use std::collections::BTreeSet;

use guardrail_policy::facts::{
    self, Answered, Everywhere, Fact, GroupFilter, InterfaceFilter, PathKind, Question, Unreadable,
};
use guardrail_policy::id::{AccountId, PrefixListId, Region, SecurityGroupId, VpcEndpointId, VpcId};
use guardrail_runner::ports::Answer;

use crate::api::{GraphqlApi, HttpApi, RestApi};
use crate::model::{Endpoint, Group, Interface, PrefixList, Subnet, Unknown, Vpc, World};
use crate::parts::Parts;
use crate::rule::Rule;

/// How many VPCs are read side by side.
const VPCS: usize = 50;
/// How many groups, endpoints or lists are read side by side.
const THINGS: usize = 1_000;

/// A snapshot, and why it lacks what it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// The network. A part of which anything could not be read is not known; instances never are, nor services without an
    /// endpoint.
    pub world: World,
    /// Why something could not be read, each reason once.
    pub unread: Vec<Unreadable>,
}

impl World {
    /// Reads the whole network of an account in a Region, selected VPCs and others alike.
    ///
    /// It takes as much memory as the snapshot does.
    pub async fn capture(answer: &impl Answer, account: AccountId, region: Region) -> Captured {
        let mut world = Self::empty(account, region);
        world.unknown.extend([Unknown::Instances, Unknown::OtherServices]);
        let mut capture = Capture {
            captured: Captured {
                world,
                unread: Vec::new(),
            },
        };
        let everywhere = [
            Question::Vpcs(Everywhere),
            Question::PrefixLists(Everywhere),
            Question::BlockPublicAccess(Everywhere),
            Question::RestApis(Everywhere),
            Question::HttpApis(Everywhere),
            Question::GraphqlApis(Everywhere),
        ];
        let paths = PathKind::ALL.map(Question::NetworkPaths);
        capture
            .read(answer, everywhere.into_iter().chain(paths).collect())
            .await;
        let vpcs: Vec<VpcId> = capture.ids(|world| &world.vpcs);
        for vpcs in vpcs.chunks(VPCS) {
            capture.read(answer, vpcs.iter().flat_map(in_vpc).collect()).await;
        }
        let groups = capture.ids(|world| &world.groups).into_iter().map(Question::Rules);
        let endpoints = capture
            .ids(|world| &world.endpoints)
            .into_iter()
            .map(Question::Endpoint);
        let lists = capture
            .ids(|world| &world.prefix_lists)
            .into_iter()
            .map(Question::Entries);
        let tables = capture
            .ids(|world| &world.route_tables)
            .into_iter()
            .map(Question::RouteTable);
        let services = capture.services().into_iter().map(Question::EndpointService);
        let things = groups.chain(endpoints).chain(lists).chain(tables).chain(services);
        let things: Vec<Question> = things.collect();
        for things in things.chunks(THINGS) {
            capture.read(answer, things.iter().cloned().collect()).await;
        }
        capture.captured
    }
}

/// What is asked about a VPC.
fn in_vpc(vpc: &VpcId) -> [Question; 10] {
    [
        Question::VpcDns(vpc.clone()),
        Question::DnsServers(vpc.clone()),
        Question::Subnets(vpc.clone()),
        Question::Groups(GroupFilter::Vpc(vpc.clone())),
        Question::Endpoints(vpc.clone()),
        Question::RouteTables(vpc.clone()),
        Question::InternetGateways(vpc.clone()),
        Question::EgressOnlyGateways(vpc.clone()),
        Question::NatGateways(vpc.clone()),
        Question::Interfaces(InterfaceFilter::Vpc(vpc.clone())),
    ]
}

/// A snapshot that is being taken.
struct Capture {
    captured: Captured,
}

impl Capture {
    async fn read(&mut self, answer: &impl Answer, questions: BTreeSet<Question>) {
        for answered in answer.answer(&questions).await {
            self.take(answered);
        }
    }

    /// The ids of a part, where it is known.
    fn ids<K: Ord + Clone, V>(&self, part: impl Fn(&World) -> &Option<Parts<K, V>>) -> Vec<K> {
        let part = part(&self.captured.world).as_ref();
        part.map(|part| part.keys().cloned().collect()).unwrap_or_default()
    }

    /// The services that have an endpoint.
    fn services(&self) -> BTreeSet<String> {
        let endpoints = self
            .captured
            .world
            .endpoints
            .iter()
            .flat_map(|endpoints| endpoints.values());
        let named = endpoints.filter(|endpoint| !endpoint.service.is_empty());
        named.map(|endpoint| endpoint.service.clone()).collect()
    }

    /// The value of a fact. What is gone was there when it was listed, and is left out; what is not known is noted.
    fn known<T>(&mut self, fact: Fact<T>) -> Known<T> {
        match fact {
            Fact::Is(value) => Known::Is(value),
            Fact::Gone | Fact::NotYet => Known::Gone,
            Fact::Unreadable(why) => {
                if !self.captured.unread.contains(&why) {
                    self.captured.unread.push(why);
                }
                Known::No
            }
        }
    }

    fn take(&mut self, answered: Answered) {
        match answered {
            Answered::Vpcs(_, fact) => self.vpcs(fact),
            Answered::PrefixLists(_, fact) => self.prefix_lists(fact),
            Answered::NetworkPaths(_, fact) => self.network_paths(fact),
            Answered::BlockPublicAccess(_, fact) => self.block_public_access(fact),
            Answered::RestApis(_, fact) => {
                let apis = self.known(fact);
                add(&mut self.captured.world.rest_apis, apis, RestApi::listed);
            }
            Answered::HttpApis(_, fact) => {
                let apis = self.known(fact);
                add(&mut self.captured.world.http_apis, apis, HttpApi::listed);
            }
            Answered::GraphqlApis(_, fact) => {
                let apis = self.known(fact);
                add(&mut self.captured.world.graphql_apis, apis, GraphqlApi::listed);
            }
            Answered::VpcDns(vpc, fact) => self.vpc_dns(&vpc, fact),
            Answered::DnsServers(vpc, fact) => self.dns_servers(&vpc, fact),
            Answered::RouteTable(table, fact) => self.associations(&table, fact),
            Answered::EndpointService(name, fact) => self.service(name, fact),
            Answered::Subnets(vpc, fact) => self.subnets(&vpc, fact),
            Answered::Groups(_, fact) => self.groups(fact),
            Answered::Endpoints(vpc, fact) => self.endpoints(&vpc, fact),
            Answered::RouteTables(vpc, fact) => self.route_tables(&vpc, fact),
            Answered::InternetGateways(vpc, fact) => self.internet_gateways(&vpc, fact),
            Answered::EgressOnlyGateways(vpc, fact) => self.egress_only_gateways(&vpc, fact),
            Answered::NatGateways(vpc, fact) => self.nat_gateways(&vpc, fact),
            Answered::Interfaces(_, fact) => self.interfaces(fact),
            Answered::Rules(group, fact) => self.rules(&group, fact),
            Answered::Endpoint(id, fact) => self.endpoint(&id, fact),
            Answered::Entries(list, fact) => self.entries(&list, fact),
            _ => {} // was not asked
        }
    }

    fn vpcs(&mut self, fact: Fact<Vec<facts::Vpc>>) {
        let vpcs = self.known(fact);
        let world = &mut self.captured.world;
        let account = world.account.clone();
        add(&mut world.vpcs, vpcs, |vpc| {
            let made = Vpc {
                owner: Some(vpc.owner).filter(|owner| *owner != account),
                cidrs: vpc.cidrs,
                tags: vpc.tags,
                dns_support: true,
                dns_hostnames: true,
                dhcp_options: None,
                hosted_zones: BTreeSet::new(),
            };
            (vpc.id, made)
        });
        // What cannot be listed by its VPC is not known either.
        if world.vpcs.is_none() {
            (world.subnets, world.groups, world.endpoints) = (None, None, None);
            (world.route_tables, world.interfaces) = (None, None);
            (world.internet_gateways, world.egress_only_gateways, world.nat_gateways) = (None, None, None);
        }
    }

    fn vpc_dns(&mut self, id: &VpcId, fact: Fact<facts::VpcDns>) {
        let dns = self.known(fact);
        let world = &mut self.captured.world;
        let vpc = world.vpcs.as_mut().and_then(|vpcs| vpcs.get_mut(id));
        match (dns, vpc) {
            (Known::Is(dns), Some(vpc)) => (vpc.dns_support, vpc.dns_hostnames) = (dns.support, dns.hostnames),
            (Known::No, _) => _ = world.unknown.insert(Unknown::VpcDns),
            (Known::Gone, _) | (_, None) => {}
        }
    }

    fn dns_servers(&mut self, id: &VpcId, fact: Fact<facts::DnsServers>) {
        let servers = self.known(fact);
        let world = &mut self.captured.world;
        let vpc = world.vpcs.as_mut().and_then(|vpcs| vpcs.get_mut(id));
        match (servers, vpc) {
            (Known::Is(servers), Some(vpc)) => vpc.dhcp_options = Some(servers),
            (Known::No, _) => _ = world.unknown.insert(Unknown::DnsServers),
            (Known::Gone, _) | (_, None) => {}
        }
    }

    /// A service; one that AWS does not list is kept without an offer.
    fn service(&mut self, name: String, fact: Fact<facts::EndpointService>) {
        let offered = match self.known(fact) {
            Known::Is(offered) => offered,
            Known::Gone => facts::EndpointService::new(),
            Known::No => return,
        };
        if let Some(services) = &mut self.captured.world.endpoint_services {
            services.insert(name, offered);
        }
    }

    fn subnets(&mut self, vpc: &VpcId, fact: Fact<Vec<facts::Subnet>>) {
        let subnets = self.known(fact);
        add(&mut self.captured.world.subnets, subnets, |subnet| {
            let made = Subnet {
                vpc: vpc.clone(),
                cidrs: subnet.cidrs,
                public_addresses: subnet.public_addresses,
                zone: subnet.zone,
                tags: subnet.tags,
            };
            (subnet.id, made)
        });
    }

    fn groups(&mut self, fact: Fact<Vec<facts::SecurityGroup>>) {
        let groups = self.known(fact);
        let world = &mut self.captured.world;
        add(&mut world.groups, groups, |group| {
            let made = Group {
                name: group.name,
                vpc: group.vpc,
                owner: Some(group.owner).filter(|owner| *owner != world.account),
                tags: group.tags,
                rules: Parts::default(),
            };
            (group.id, made)
        });
    }

    fn rules(&mut self, id: &SecurityGroupId, fact: Fact<Vec<facts::SecurityGroupRule>>) {
        let rules = self.known(fact);
        let world = &mut self.captured.world;
        match (rules, &mut world.groups) {
            (Known::Is(rules), Some(groups)) => {
                let rules = rules.into_iter().map(|rule| {
                    let made = Rule {
                        direction: rule.direction,
                        permission: rule.permission,
                        description: rule.description,
                    };
                    (rule.id, made)
                });
                if let Some(group) = groups.get_mut(id) {
                    group.rules = rules.collect();
                }
            }
            (Known::Gone, Some(groups)) => _ = groups.remove(id),
            (Known::No, _) => _ = world.unknown.insert(Unknown::Rules),
            (_, None) => {}
        }
    }

    fn endpoints(&mut self, vpc: &VpcId, fact: Fact<Vec<facts::Endpoint>>) {
        let endpoints = self.known(fact);
        add(&mut self.captured.world.endpoints, endpoints, |endpoint| {
            (endpoint.id.clone(), listed(vpc.clone(), endpoint))
        });
    }

    /// An endpoint with all that is known of it; where that cannot be read, the list of endpoints is no answer either.
    fn endpoint(&mut self, id: &VpcEndpointId, fact: Fact<facts::EndpointDetails>) {
        let details = self.known(fact);
        let world = &mut self.captured.world;
        match (details, &mut world.endpoints) {
            (Known::Is(details), Some(endpoints)) => {
                let made = Endpoint {
                    owner: Some(details.owner).filter(|owner| *owner != world.account),
                    requester_managed: details.requester_managed,
                    subnets: details.subnets,
                    interfaces: details.interfaces,
                    dns_names: details.dns_names,
                    inbound_only: details.inbound_only,
                    policy: details.policy,
                    created: details.created,
                    tags: details.tags,
                    ..listed(details.vpc, details.endpoint)
                };
                endpoints.insert(id.clone(), made);
            }
            (Known::Gone, Some(endpoints)) => _ = endpoints.remove(id),
            (Known::No, _) => world.endpoints = None,
            (_, None) => {}
        }
    }

    fn interfaces(&mut self, fact: Fact<Vec<facts::NetworkInterface>>) {
        let interfaces = self.known(fact);
        add(&mut self.captured.world.interfaces, interfaces, |interface| {
            let made = Interface {
                vpc: interface.vpc,
                subnet: interface.subnet,
                groups: interface.groups,
                addresses: interface.addresses,
                public: interface.public,
                instance: None,
                requester_managed: interface.requester_managed,
            };
            (interface.id, made)
        });
    }

    fn prefix_lists(&mut self, fact: Fact<Vec<facts::PrefixList>>) {
        let lists = self.known(fact);
        add(&mut self.captured.world.prefix_lists, lists, |list| {
            let made = PrefixList {
                name: list.name,
                owner: Some(list.owner),
                family: Some(list.family),
                max_entries: list.max_entries,
                entries: BTreeSet::new(),
            };
            (list.id, made)
        });
    }

    fn entries(&mut self, id: &PrefixListId, fact: Fact<BTreeSet<guardrail_policy::network::Cidr>>) {
        let entries = self.known(fact);
        let world = &mut self.captured.world;
        match (entries, &mut world.prefix_lists) {
            (Known::Is(entries), Some(lists)) => {
                if let Some(list) = lists.get_mut(id) {
                    list.entries = entries;
                }
            }
            (Known::Gone, Some(lists)) => _ = lists.remove(id),
            (Known::No, _) => _ = world.unknown.insert(Unknown::Entries),
            (_, None) => {}
        }
    }
}

/// What came of one question.
enum Known<T> {
    Is(T),
    Gone,
    No,
}

/// Adds what was listed to a part. A part of which one list could not be read is not known at all: what is not in it
/// would pass for gone.
fn add<K: Ord, V, T>(part: &mut Option<Parts<K, V>>, listed: Known<Vec<T>>, make: impl Fn(T) -> (K, V)) {
    match (listed, part.as_mut()) {
        (Known::Is(things), Some(known)) => known.extend(things.into_iter().map(make)),
        (Known::No, _) => *part = None,
        (Known::Gone, _) | (_, None) => {}
    }
}

/// An endpoint as the list of a VPC's endpoints has it.
fn listed(vpc: VpcId, endpoint: facts::Endpoint) -> Endpoint {
    Endpoint {
        vpc,
        service: endpoint.service,
        kind: endpoint.kind,
        state: endpoint.state,
        groups: endpoint.groups,
        route_tables: endpoint.route_tables,
        private_dns: endpoint.private_dns,
        owner: None,
        requester_managed: false,
        subnets: BTreeSet::new(),
        interfaces: BTreeSet::new(),
        dns_names: Vec::new(),
        inbound_only: false,
        policy: None,
        created: None,
        tags: facts::Tags::new(),
    }
}
