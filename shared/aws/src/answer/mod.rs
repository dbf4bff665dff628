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
use crate::needs;
use crate::only::{Everything, Reach, is_linked};
use crate::pages::{self, Page};

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
        self.answer_within::<Everything>(questions).await
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
            Question::RestApis(_)
            | Question::RestApi(_)
            | Question::HttpApis(_)
            | Question::HttpApi(_)
            | Question::GraphqlApis(_)
            | Question::GraphqlApi(_) => false, // is asked of `Apis`
            Question::Subnet(id) => self.subnets_by_id.insert(id),
            Question::NetworkPaths(kind) => self.network_paths.insert(kind),
            Question::BlockPublicAccess(_) => !std::mem::replace(&mut self.block_public_access, true),
            Question::Past(_) => false, // is asked of the ledger
        };
    }

    /// One read for each kind of question whose calls are linked; without questions it comes to nothing.
    fn reads<R: Reach>(self, ec2: &Ec2) -> impl Iterator<Item = LocalBoxFuture<'_, Vec<Answered>>> {
        macro_rules! linked {
            ($needs:expr, $read:expr) => {
                linked!($needs, $read, if true)
            };
            ($needs:expr, $read:expr, if $asked:expr) => {
                if const { is_linked::<R>($needs) } && $asked { Some($read.boxed_local()) } else { None }
            };
        }
        let reads = [
            linked!(needs::RULES, groups::with_rules(ec2, self.groups, self.rules)),
            linked!(needs::GROUPS, groups::named(ec2, self.groups_named)),
            linked!(needs::GROUPS, groups::default_of(ec2, self.default_groups)),
            linked!(needs::GROUPS, groups::with_egress_to(ec2, self.groups_with_egress_to)),
            linked!(needs::GROUPS, groups::in_vpcs(ec2, self.groups_in_vpcs)),
            linked!(needs::VPC, vpcs::read(ec2, self.vpcs)),
            linked!(needs::VPCS, vpcs::all(ec2), if self.every_vpc),
            linked!(needs::SUBNETS, subnets::read(ec2, self.subnets)),
            linked!(needs::SUBNET, subnets::by_id(ec2, self.subnets_by_id)),
            linked!(needs::VPC_DNS, vpc_dns::read(ec2, self.vpc_dns)),
            linked!(needs::DNS_SERVERS, dns_servers::read(ec2, self.dns_servers)),
            linked!(needs::ENDPOINT, endpoints::by_id(ec2, self.endpoints_by_id)),
            linked!(
                needs::ENDPOINT_SERVICE,
                endpoint_services::read(ec2, self.endpoint_services)
            ),
            linked!(needs::ENDPOINTS, endpoints::read(ec2, self.endpoints)),
            linked!(needs::SERVICE_ENDPOINTS, endpoints::to_services(ec2, self.endpoints_to)),
            linked!(needs::ROUTE_TABLE, route_tables::by_id(ec2, self.route_tables_by_id)),
            linked!(needs::ROUTE_TABLES, route_tables::read(ec2, self.route_tables)),
            linked!(
                needs::INTERNET_GATEWAYS,
                gateways::internet(ec2, self.internet_gateways)
            ),
            linked!(
                needs::EGRESS_ONLY_GATEWAYS,
                gateways::egress_only(ec2, self.egress_only_gateways)
            ),
            linked!(needs::NAT_GATEWAYS, gateways::nat(ec2, self.nat_gateways)),
            linked!(needs::INTERFACES, interfaces::by_id(ec2, self.interfaces)),
            linked!(
                needs::INTERFACES,
                interfaces::of_instances(ec2, self.interfaces_of_instances)
            ),
            linked!(needs::INTERFACES, interfaces::in_groups(ec2, self.interfaces_in_groups)),
            linked!(needs::INTERFACES, interfaces::in_vpcs(ec2, self.interfaces_in_vpcs)),
            linked!(needs::PREFIX_LISTS, prefix_lists::read(ec2), if self.prefix_lists),
            linked!(needs::ENTRIES, prefix_lists::entries(ec2, self.entries)),
            linked!(needs::NETWORK_PATHS, network_paths::read(ec2, self.network_paths)),
            linked!(needs::BLOCK_PUBLIC_ACCESS, block_public_access::read(ec2), if self.block_public_access),
        ];
        reads.into_iter().flatten()
    }
}

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

    /// The answers that can be had with the calls that are linked.
    pub(crate) async fn answer_within<R: Reach>(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        let reads = Asked::sort(questions).reads::<R>(self);
        join_all(reads).await.concat()
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
        pages::all(action, self.limit, page).await
    }
}

/// A filter of a Describe call: things match that have any of the values.
fn filter(name: &str, values: &[String]) -> Filter {
    Filter::builder().name(name).set_values(Some(values.to_vec())).build()
}
