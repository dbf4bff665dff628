//! What AWS answers, as far as a rule needs it: the network's parts with their own types.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::id::{
    AccountId, AddressAssociationId, NetworkInterfaceId, PrefixListId, RouteTableAssociationId, RouteTableId,
    SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcEndpointId, VpcId,
};
use crate::network::{Cidr, Direction, Permission};

/// The tags of a resource, by key.
pub type Tags = BTreeMap<String, String>;

/// Which security groups a question is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupFilter {
    /// The one with this id; `Gone` when there is none.
    Id(SecurityGroupId),
    /// Those with this name, in any VPC (legacy calls name a group so).
    Named(String),
    /// The default group of a VPC.
    DefaultOf(VpcId),
    /// Those with an egress rule to this prefix list.
    EgressTo(PrefixListId),
    /// Those of a VPC.
    Vpc(VpcId),
}

/// Which network interfaces a question is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterfaceFilter {
    /// The one with this id.
    Id(NetworkInterfaceId),
    /// Those attached to an instance.
    Instance(crate::id::InstanceId),
    /// Those that are in a security group.
    Group(SecurityGroupId),
    /// Those in a VPC.
    Vpc(VpcId),
}

/// A security group, without its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its name, unique in its VPC; `default` for the VPC's own.
    pub name: String,
    /// The VPC it belongs to.
    pub vpc: VpcId,
    /// The account that owns it.
    pub owner: AccountId,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// One rule of a security group, as `DescribeSecurityGroupRules` lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// Its id; an edit in place keeps it.
    pub id: SecurityGroupRuleId,
    /// The direction it filters.
    pub direction: Direction,
    /// What it permits.
    #[serde(flatten)]
    pub permission: Permission,
    /// Its description, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// The account that owns it (another than the group's when it is shared).
    pub owner: AccountId,
    /// Its IPv4 and IPv6 blocks that are associated.
    pub cidrs: BTreeSet<Cidr>,
    /// Its tags; a participant of a shared VPC cannot see them.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// Its blocks.
    pub cidrs: BTreeSet<Cidr>,
    /// `mapPublicIpOnLaunch`: whether what is launched in it gets a public IPv4 address, unless the launch says otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public_addresses: bool,
    /// Its Availability Zone, by the name that it has in this account: `eu-west-1a`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// A subnet by itself, with its VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetDetails {
    /// What the list of a VPC's subnets says of it, too.
    #[serde(flatten)]
    pub subnet: Subnet,
    /// Its VPC.
    pub vpc: VpcId,
    /// The account that owns it.
    pub owner: AccountId,
}

/// The kinds of VPC endpoint that a rule tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointKind {
    /// Interface: addresses in the VPC's subnets, filtered by security groups.
    Interface,
    /// Gateway: routes to a prefix list (S3, `DynamoDB`).
    Gateway,
    /// Any other: Gateway Load Balancer, resource, service network, tunnel.
    Other,
}

/// Where an endpoint stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    /// It works.
    Available,
    /// It is being made, or waits for acceptance.
    Pending,
    /// It is being deleted, or is deleted.
    Deleted,
    /// Rejected, failed, expired, partial: it cannot be relied on.
    Other,
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: VpcEndpointId,
    /// The service's full name: `com.amazonaws.eu-west-1.ecr.dkr`.
    pub service: String,
    /// Its kind.
    pub kind: EndpointKind,
    /// Its state.
    pub state: EndpointState,
    /// The security groups of an interface endpoint.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<SecurityGroupId>,
    /// The route tables of a gateway endpoint.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub route_tables: BTreeSet<RouteTableId>,
    /// Whether the service's own name resolves to it inside the VPC.
    #[serde(default)]
    pub private_dns: bool,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteTarget {
    /// Within the VPC.
    Local,
    /// Anything else, by its id: `igw-…`, `nat-…`, `eigw-…`, `tgw-…`, `pcx-…`, `vpce-…`, `eni-…`.
    To(String),
}

impl fmt::Display for RouteTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::To(id) => f.write_str(id),
        }
    }
}

/// Whither a route matches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteDestination {
    /// A block of addresses.
    Cidr(Cidr),
    /// Whatever a prefix list holds.
    PrefixList(PrefixListId),
}

impl fmt::Display for RouteDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(cidr) => cidr.fmt(f),
            Self::PrefixList(list) => list.fmt(f),
        }
    }
}

/// One active route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Route {
    /// Whither it matches.
    pub destination: RouteDestination,
    /// Where it leads.
    pub target: RouteTarget,
}

/// A route table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// Its id.
    pub id: RouteTableId,
    /// Whether it is the VPC's main table, which serves every subnet without one of its own.
    #[serde(default)]
    pub main: bool,
    /// The subnets that are associated with it explicitly.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subnets: BTreeSet<SubnetId>,
    /// Its active routes; blackholes are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
}

/// A route table by itself: whose it is, and what it serves by which association.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableDetails {
    /// Its id.
    pub id: RouteTableId,
    /// Its VPC.
    pub vpc: VpcId,
    /// What it serves, by the association that says so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub associations: BTreeMap<RouteTableAssociationId, Serves>,
}

/// What a route table serves by one association.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Serves {
    /// Every subnet of the VPC without a table of its own.
    Main,
    /// A subnet.
    Subnet(SubnetId),
    /// A gateway: what comes into the VPC by it.
    Gateway,
}

/// An elastic network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// Its id.
    pub id: NetworkInterfaceId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// The groups that filter it.
    pub groups: BTreeSet<SecurityGroupId>,
    /// Its private addresses, of both families.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub addresses: BTreeSet<IpAddr>,
    /// The public IPv4 addresses that lead to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub public: Vec<PublicAddress>,
    /// Whether a service made and manages it.
    #[serde(default)]
    pub requester_managed: bool,
}

/// A public IPv4 address that leads to a network interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicAddress {
    /// The address.
    pub address: IpAddr,
    /// Its association, if it is an elastic one; the others come at the launch and go with the instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association: Option<AddressAssociationId>,
}

/// Who keeps a managed prefix list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListOwner {
    /// AWS itself.
    Aws,
    /// A customer account, this one or another that shares it.
    Account(AccountId),
}

/// The addresses that a prefix list may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressFamily {
    /// IPv4 blocks.
    Ipv4,
    /// IPv6 blocks.
    Ipv6,
}

/// A managed prefix list, without its entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixList {
    /// Its id.
    pub id: PrefixListId,
    /// Its name; for AWS's own the service's: `com.amazonaws.eu-west-1.s3`.
    pub name: String,
    /// Who keeps it.
    pub owner: ListOwner,
    /// The family of its entries.
    pub family: AddressFamily,
    /// How many entries it may hold: what a customer's list counts against a group's quota. AWS's own lists say none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_entries: Option<u32>,
}
