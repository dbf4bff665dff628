//! What a network consists of.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use guardrail_policy::facts::{
    AddressFamily, BlockPublicAccess, DnsServers, EndpointKind, EndpointService, EndpointState, ListOwner, NetworkPath,
    PublicAddress, Serves, Tags,
};
use guardrail_policy::id::{
    AccountId, EgressOnlyInternetGatewayId, GraphqlApiId, HttpApiId, InstanceId, InternetGatewayId, NatGatewayId,
    NetworkInterfaceId, NetworkPathId, PrefixListId, Region, RestApiId, RouteTableAssociationId, RouteTableId,
    SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcEndpointId, VpcId,
};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::network::Cidr;
use serde::{Deserialize, Serialize};

use crate::api::{GraphqlApi, HttpApi, RestApi};
use crate::gateway::{EgressOnlyGateway, InternetGateway, NatGateway};
use crate::parts::Parts;
use crate::route::{Destination, Target};
use crate::rule::Rule;

/// The network of one account in one Region.
///
/// A part that is `None` (left out of a snapshot) is not known: what is asked about it is answered `Unreadable` with
/// the code `NotInSnapshot`, never "there is none". A network that is known to have no endpoints says `endpoints: {}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The VPCs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpcs: Option<Parts<VpcId, Vpc>>,
    /// The subnets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnets: Option<Parts<SubnetId, Subnet>>,
    /// The security groups with their rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Parts<SecurityGroupId, Group>>,
    /// The VPC endpoints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<Parts<VpcEndpointId, Endpoint>>,
    /// The route tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_tables: Option<Parts<RouteTableId, RouteTable>>,
    /// The internet gateways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internet_gateways: Option<Parts<InternetGatewayId, InternetGateway>>,
    /// The egress-only internet gateways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress_only_gateways: Option<Parts<EgressOnlyInternetGatewayId, EgressOnlyGateway>>,
    /// The NAT gateways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nat_gateways: Option<Parts<NatGatewayId, NatGateway>>,
    /// The network interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interfaces: Option<Parts<NetworkInterfaceId, Interface>>,
    /// The services that endpoints can lead to, by their full names: what is offered of each, by kind of endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_services: Option<Parts<String, EndpointService>>,
    /// The managed prefix lists that the account can see: its own, those shared with it, AWS's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix_lists: Option<Parts<PrefixListId, PrefixList>>,
    /// The REST APIs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_apis: Option<Parts<RestApiId, RestApi>>,
    /// The HTTP and WebSocket APIs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_apis: Option<Parts<HttpApiId, HttpApi>>,
    /// The AppSync APIs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphql_apis: Option<Parts<GraphqlApiId, GraphqlApi>>,
    /// VPC Block Public Access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_public_access: Option<BlockPublicAccess>,
    /// The paths to other networks: peering connections, attachments of transit gateways, VPN connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_paths: Option<Parts<NetworkPathId, NetworkPath>>,
    /// What is not known of parts that are: a snapshot that was read from AWS may lack it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown: BTreeSet<Unknown>,
}

/// A detail of a part of a network that is not known, though the part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// The DNS attributes of VPCs.
    VpcDns,
    /// The rules of security groups.
    Rules,
    /// The instances that interfaces are attached to.
    Instances,
    /// The entries of prefix lists.
    Entries,
    /// The DHCP options of VPCs.
    DnsServers,
    /// By which associations route tables serve what they serve.
    Associations,
    /// Services that are not among those that are listed.
    OtherServices,
}

impl World {
    /// A network of which everything is known: that there is nothing.
    #[must_use]
    pub fn empty(account: AccountId, region: Region) -> Self {
        Self {
            account,
            region,
            vpcs: Some(Parts::default()),
            subnets: Some(Parts::default()),
            groups: Some(Parts::default()),
            endpoints: Some(Parts::default()),
            route_tables: Some(Parts::default()),
            internet_gateways: Some(Parts::default()),
            egress_only_gateways: Some(Parts::default()),
            nat_gateways: Some(Parts::default()),
            interfaces: Some(Parts::default()),
            endpoint_services: Some(Parts::default()),
            prefix_lists: Some(Parts::default()),
            rest_apis: Some(Parts::default()),
            http_apis: Some(Parts::default()),
            graphql_apis: Some(Parts::default()),
            block_public_access: Some(BlockPublicAccess::never_set()),
            network_paths: Some(Parts::default()),
            unknown: BTreeSet::new(),
        }
    }

    /// A security group, if it is there.
    #[must_use]
    pub fn group(&self, id: &SecurityGroupId) -> Option<&Group> {
        self.groups.as_ref()?.get(id)
    }

    /// A prefix list, if it is there.
    #[must_use]
    pub fn prefix_list(&self, id: &PrefixListId) -> Option<&PrefixList> {
        self.prefix_lists.as_ref()?.get(id)
    }
}

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// Its IPv4 and IPv6 blocks.
    pub cidrs: BTreeSet<Cidr>,
    /// The account that owns it, where that is another (a shared VPC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AccountId>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// `enableDnsSupport`; left out, it is on.
    #[serde(default = "on", skip_serializing_if = "is_on")]
    pub dns_support: bool,
    /// `enableDnsHostnames`; left out, it is on.
    #[serde(default = "on", skip_serializing_if = "is_on")]
    pub dns_hostnames: bool,
    /// Its DHCP options, as far as DNS goes; left out, Amazon's DNS server answers its instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dhcp_options: Option<DnsServers>,
    /// The services whose names private hosted zones hold in it: no endpoint of theirs can have private DNS.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub hosted_zones: BTreeSet<String>,
}

fn on() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_on(switch: &bool) -> bool {
    *switch
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// Its VPC.
    pub vpc: VpcId,
    /// Its blocks.
    pub cidrs: BTreeSet<Cidr>,
    /// `mapPublicIpOnLaunch`; left out, it is off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public_addresses: bool,
    /// Its Availability Zone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// A security group with its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name; `default` is the VPC's own.
    pub name: String,
    /// Its VPC.
    pub vpc: VpcId,
    /// The account that owns it, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AccountId>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Its rules, in both directions.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub rules: Parts<SecurityGroupRuleId, Rule>,
}

fn is_empty<K: Ord, V>(parts: &Parts<K, V>) -> bool {
    parts.is_empty()
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its VPC.
    pub vpc: VpcId,
    /// The service's full name: `com.amazonaws.eu-west-1.s3`.
    pub service: String,
    /// Its kind.
    pub kind: EndpointKind,
    /// Its state; left out, it is available.
    #[serde(default = "available")]
    pub state: EndpointState,
    /// The groups of an interface endpoint.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<SecurityGroupId>,
    /// The route tables of a gateway endpoint.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub route_tables: BTreeSet<RouteTableId>,
    /// Whether the service's own name resolves to it.
    #[serde(default)]
    pub private_dns: bool,
    /// The account that owns it, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AccountId>,
    /// Whether a service made and manages it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requester_managed: bool,
    /// The subnets of an interface endpoint.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subnets: BTreeSet<SubnetId>,
    /// The network interfaces of an interface endpoint.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub interfaces: BTreeSet<NetworkInterfaceId>,
    /// The names at which it answers, in AWS's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns_names: Vec<String>,
    /// Whether private DNS serves only inbound resolver endpoints.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inbound_only: bool,
    /// Its policy, a JSON document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

fn available() -> EndpointState {
    EndpointState::Available
}

/// A route table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    /// Its VPC.
    pub vpc: VpcId,
    /// Whether it serves every subnet without a table of its own.
    #[serde(default)]
    pub main: bool,
    /// The subnets that are associated with it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subnets: BTreeSet<SubnetId>,
    /// What it serves by which association, where that is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub associations: BTreeMap<RouteTableAssociationId, Serves>,
    /// Its active routes.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub routes: Parts<Destination, Target>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// The groups that filter it.
    pub groups: BTreeSet<SecurityGroupId>,
    /// Its private addresses.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub addresses: BTreeSet<IpAddr>,
    /// The public IPv4 addresses that lead to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub public: Vec<PublicAddress>,
    /// The instance that it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceId>,
    /// Whether a service made and manages it.
    #[serde(default)]
    pub requester_managed: bool,
}

/// A managed prefix list with its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrefixList {
    /// Its name; `com.amazonaws.` begins the names of AWS's own.
    pub name: String,
    /// Who keeps it; left out, it is AWS or this account, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<ListOwner>,
    /// The family of its entries; left out, it is that of the entries, and IPv4 where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<AddressFamily>,
    /// How many entries a customer's list may hold; left out, as many as it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_entries: Option<u32>,
    /// Its entries.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub entries: BTreeSet<Cidr>,
}

impl PrefixList {
    /// Who keeps it, by its name where that is not said.
    #[must_use]
    pub fn keeper(&self, account: &AccountId) -> ListOwner {
        match &self.owner {
            Some(owner) => owner.clone(),
            None if self.name.starts_with("com.amazonaws.") => ListOwner::Aws,
            None => ListOwner::Account(account.clone()),
        }
    }

    /// The family of its entries.
    #[must_use]
    pub fn family(&self) -> AddressFamily {
        let of_entries = || match self.entries.first() {
            Some(entry) if entry.is_ipv6() => AddressFamily::Ipv6,
            _ => AddressFamily::Ipv4,
        };
        self.family.unwrap_or_else(of_entries)
    }

    /// How many entries it may hold: what a customer's list counts against a group's quota. AWS says none for its own.
    #[must_use]
    pub fn capacity(&self, account: &AccountId) -> Option<u32> {
        match self.keeper(account) {
            ListOwner::Aws => None,
            ListOwner::Account(_) => Some(
                self.max_entries
                    .unwrap_or_else(|| u32::try_from(self.entries.len()).unwrap_or(u32::MAX)),
            ),
        }
    }
}
