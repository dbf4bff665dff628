//! Answers questions with EC2's Describe calls: questions of one kind share a call, calls go out side by side.

mod batch;
mod block_public_access;
mod dns_servers;
mod endpoint_services;
mod endpoints;
mod gateways;
mod groups;
mod interfaces;
mod network_paths;
mod parse;
mod prefix_lists;
mod route_tables;
mod rules;
mod subnets;
mod vpc_dns;
mod vpcs;

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_sdk_ec2::types::Filter;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use futures::future::{FutureExt, LocalBoxFuture, join_all};
use guardrail_policy::facts::{Answered, GroupFilter, InterfaceFilter, PathKind, Question};
use guardrail_policy::id::{
    InstanceId, NetworkInterfaceId, PrefixListId, RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId, VpcId,
};
use guardrail_runner::ports::Answer;
use tokio::sync::Semaphore;

use crate::failure::Failure;

pub(crate) use parse::{missing, parsed, present, required};

/// How many calls run side by side at most: a sweep that asks hundreds of questions must not spend the account's
/// whole allowance of requests at once (EC2 throttles per account, Region and API).
const SIDE_BY_SIDE: usize = 16;

/// Reads and changes networks through EC2's API.
///
/// What the API cannot show is not an answer: denied, throttled to the end, timed out, cut short, not in the documented
/// form, each is `Unreadable` with its code. A thing that was asked for by its id and is not there is `Gone`.
#[derive(Debug)]
pub struct Ec2 {
    client: aws_sdk_ec2::Client,
    writing: aws_sdk_ec2::Client,
    limit: Duration,
    gate: Semaphore,
    lists: prefix_lists::Memory,
}

impl Answer for Ec2 {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        let asked = Asked::sort(questions);
        join_all(asked.reads(self)).await.concat()
    }
}

/// The questions of a round, by the call that answers them.
#[derive(Default)]
struct Asked {
    groups: BTreeSet<SecurityGroupId>,
    groups_named: BTreeSet<String>,
    default_groups: BTreeSet<VpcId>,
    groups_with_egress_to: BTreeSet<PrefixListId>,
    groups_in_vpcs: BTreeSet<VpcId>,
    rules: BTreeSet<SecurityGroupId>,
    vpcs: BTreeSet<VpcId>,
    every_vpc: bool,
    subnets: BTreeSet<VpcId>,
    vpc_dns: BTreeSet<VpcId>,
    dns_servers: BTreeSet<VpcId>,
    endpoints_by_id: BTreeSet<VpcEndpointId>,
    endpoint_services: BTreeSet<String>,
    endpoints: BTreeSet<VpcId>,
    endpoints_to: BTreeSet<String>,
    route_tables_by_id: BTreeSet<RouteTableId>,
    route_tables: BTreeSet<VpcId>,
    internet_gateways: BTreeSet<VpcId>,
    egress_only_gateways: BTreeSet<VpcId>,
    nat_gateways: BTreeSet<VpcId>,
    interfaces: BTreeSet<NetworkInterfaceId>,
    interfaces_of_instances: BTreeSet<InstanceId>,
    interfaces_in_groups: BTreeSet<SecurityGroupId>,
    interfaces_in_vpcs: BTreeSet<VpcId>,
    prefix_lists: bool,
    entries: BTreeSet<PrefixListId>,
    subnets_by_id: BTreeSet<SubnetId>,
    network_paths: BTreeSet<PathKind>,
    block_public_access: bool,
}

impl Asked {
    fn sort(questions: &BTreeSet<Question>) -> Self {
        let mut asked = Self::default();
        for question in questions {
            asked.add(question.clone());
        }
        asked
    }

    fn add(&mut self, question: Question) {
        let _new = match question {
            Question::Groups(GroupFilter::Id(id)) => self.groups.insert(id),
            Question::Groups(GroupFilter::Named(name)) => self.groups_named.insert(name),
            Question::Groups(GroupFilter::DefaultOf(vpc)) => self.default_groups.insert(vpc),
            Question::Groups(GroupFilter::EgressTo(list)) => self.groups_with_egress_to.insert(list),
            Question::Groups(GroupFilter::Vpc(vpc)) => self.groups_in_vpcs.insert(vpc),
            Question::Rules(group) => self.rules.insert(group),
            Question::Vpc(vpc) => self.vpcs.insert(vpc),
            Question::Vpcs(_) => !std::mem::replace(&mut self.every_vpc, true),
            Question::Subnets(vpc) => self.subnets.insert(vpc),
            Question::VpcDns(vpc) => self.vpc_dns.insert(vpc),
            Question::DnsServers(vpc) => self.dns_servers.insert(vpc),
            Question::Endpoint(id) => self.endpoints_by_id.insert(id),
            Question::EndpointService(name) => self.endpoint_services.insert(name),
            Question::Endpoints(vpc) => self.endpoints.insert(vpc),
            Question::RouteTable(id) => self.route_tables_by_id.insert(id),
            Question::RouteTables(vpc) => self.route_tables.insert(vpc),
            Question::InternetGateways(vpc) => self.internet_gateways.insert(vpc),
            Question::EgressOnlyGateways(vpc) => self.egress_only_gateways.insert(vpc),
            Question::NatGateways(vpc) => self.nat_gateways.insert(vpc),
            Question::Interfaces(InterfaceFilter::Id(id)) => self.interfaces.insert(id),
            Question::Interfaces(InterfaceFilter::Instance(id)) => self.interfaces_of_instances.insert(id),
            Question::Interfaces(InterfaceFilter::Group(id)) => self.interfaces_in_groups.insert(id),
            Question::Interfaces(InterfaceFilter::Vpc(id)) => self.interfaces_in_vpcs.insert(id),
            Question::PrefixLists(_) => !std::mem::replace(&mut self.prefix_lists, true),
            Question::Entries(list) => self.entries.insert(list),
            Question::ServiceEndpoints(service) => self.endpoints_to.insert(service),
            Question::RestApi(_) | Question::HttpApi(_) | Question::GraphqlApi(_) => false, // is asked of `Apis`
            Question::Subnet(id) => self.subnets_by_id.insert(id),
            Question::NetworkPaths(kind) => self.network_paths.insert(kind),
            Question::BlockPublicAccess(_) => !std::mem::replace(&mut self.block_public_access, true),
            Question::Past(_) => false, // is asked of the ledger
        };
    }

    fn reads(self, ec2: &Ec2) -> Vec<LocalBoxFuture<'_, Vec<Answered>>> {
        let mut reads = vec![
            groups::with_rules(ec2, self.groups, self.rules).boxed_local(),
            groups::named(ec2, self.groups_named).boxed_local(),
            groups::default_of(ec2, self.default_groups).boxed_local(),
            groups::with_egress_to(ec2, self.groups_with_egress_to).boxed_local(),
            groups::in_vpcs(ec2, self.groups_in_vpcs).boxed_local(),
            vpcs::read(ec2, self.vpcs).boxed_local(),
            subnets::read(ec2, self.subnets).boxed_local(),
            vpc_dns::read(ec2, self.vpc_dns).boxed_local(),
            dns_servers::read(ec2, self.dns_servers).boxed_local(),
            endpoints::by_id(ec2, self.endpoints_by_id).boxed_local(),
            endpoint_services::read(ec2, self.endpoint_services).boxed_local(),
            endpoints::read(ec2, self.endpoints).boxed_local(),
            endpoints::to_services(ec2, self.endpoints_to).boxed_local(),
            route_tables::by_id(ec2, self.route_tables_by_id).boxed_local(),
            route_tables::read(ec2, self.route_tables).boxed_local(),
            gateways::internet(ec2, self.internet_gateways).boxed_local(),
            gateways::egress_only(ec2, self.egress_only_gateways).boxed_local(),
            gateways::nat(ec2, self.nat_gateways).boxed_local(),
            interfaces::by_id(ec2, self.interfaces).boxed_local(),
            interfaces::of_instances(ec2, self.interfaces_of_instances).boxed_local(),
            interfaces::in_groups(ec2, self.interfaces_in_groups).boxed_local(),
            interfaces::in_vpcs(ec2, self.interfaces_in_vpcs).boxed_local(),
            subnets::by_id(ec2, self.subnets_by_id).boxed_local(),
            network_paths::read(ec2, self.network_paths).boxed_local(),
            prefix_lists::entries(ec2, self.entries).boxed_local(),
        ];
        if self.every_vpc {
            reads.push(vpcs::all(ec2).boxed_local());
        }
        if self.prefix_lists {
            reads.push(prefix_lists::read(ec2).boxed_local());
        }
        if self.block_public_access {
            reads.push(block_public_access::read(ec2).boxed_local());
        }
        reads
    }
}

/// One page of a list, and the token of the next one.
type Page<R> = (Option<Vec<R>>, Option<String>);

impl Ec2 {
    /// Reads through one client and changes through the other, which never sends twice what may have been done.
    pub(crate) fn new(client: aws_sdk_ec2::Client, writing: aws_sdk_ec2::Client, limit: Duration) -> Self {
        Self {
            client,
            writing,
            limit,
            gate: Semaphore::new(SIDE_BY_SIDE),
            lists: prefix_lists::Memory::default(),
        }
    }

    pub(crate) fn reading(&self) -> &aws_sdk_ec2::Client {
        &self.client
    }

    pub(crate) fn writing(&self) -> &aws_sdk_ec2::Client {
        &self.writing
    }

    /// All pages of one list, within the time that one operation may take.
    async fn pages<R, E>(
        &self,
        action: &'static str,
        page: impl AsyncFn(Option<String>) -> Result<Page<R>, SdkError<E, HttpResponse>>,
    ) -> Result<Vec<R>, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let _permit = self.gate.acquire().await; // fails only when the gate is closed, which nobody does
        let all = async {
            let mut items = Vec::new();
            let mut token = None;
            loop {
                let (more, next) = page(token.clone()).await.map_err(|error| Failure::of(action, &error))?;
                items.extend(more.unwrap_or_default());
                let next = next.filter(|next| !next.is_empty());
                if next.is_none() {
                    return Ok(items);
                }
                // The SDK's own paginator takes a repeated token for the end, and half a list for all of it.
                if next == token {
                    return Err(Failure::unreadable(action, "Truncated".to_owned()));
                }
                token = next;
            }
        };
        let in_time = tokio::time::timeout(self.limit, all).await;
        in_time.unwrap_or_else(|_| Err(Failure::unreadable(action, "Timeout".to_owned())))
    }
}

/// A filter of a Describe call: things match that have any of the values.
fn filter(name: &str, values: &[String]) -> Filter {
    Filter::builder().name(name).set_values(Some(values.to_vec())).build()
}
