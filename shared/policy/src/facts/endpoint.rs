//! What single endpoints and VPCs are asked for, besides what their lists say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::{Endpoint, EndpointKind, Tags};
use crate::id::{AccountId, DhcpOptionsId, NetworkInterfaceId, SubnetId, VpcId};

/// A VPC endpoint by itself, with all that a rule about endpoints asks of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointDetails {
    /// What the list of a VPC's endpoints says of it, too.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// Its VPC.
    pub vpc: VpcId,
    /// The account that owns it.
    pub owner: AccountId,
    /// Whether a service made and manages it.
    #[serde(default)]
    pub requester_managed: bool,
    /// The subnets in which it has interfaces.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subnets: BTreeSet<SubnetId>,
    /// These interfaces.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub interfaces: BTreeSet<NetworkInterfaceId>,
    /// The names at which it answers, in AWS's order: that of all zones, those of single zones, and, where private DNS is
    /// on, the service's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns_names: Vec<String>,
    /// Whether private DNS serves only the VPC's inbound resolver endpoints (S3 with a gateway endpoint beside it).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inbound_only: bool,
    /// Its policy, as AWS gives it: a JSON document; none where the service takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// The DNS servers that a VPC's DHCP options give to its instances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsServers {
    /// The set of options.
    pub options: DhcpOptionsId,
    /// Their `domain-name-servers`; none where the options name none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<String>,
}

impl DnsServers {
    /// Whether all of them are Amazon's: the set is `default`, or it names `AmazonProvidedDNS` alone (API reference of
    /// `CreateDhcpOptions`).
    #[must_use]
    pub fn are_amazons(&self) -> bool {
        let named = !self.servers.is_empty() && self.servers.iter().all(|server| server == "AmazonProvidedDNS");
        named || self.options.as_str() == "default"
    }
}

/// What AWS says of a service that endpoints can lead to: one offer for each kind of endpoint.
pub type EndpointService = BTreeMap<EndpointKind, ServiceOffer>;

/// What endpoints of one kind to a service can do (API reference of `ServiceDetail`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceOffer {
    /// Whether they take a policy; none where AWS does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<bool>,
    /// The service's own names, which private DNS makes lead to them; none where it has no private DNS.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub private_names: BTreeSet<String>,
    /// Whether the service manages them itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub manages_endpoints: bool,
}

/// Whether Amazon's DNS server answers in a VPC. Private DNS of endpoints needs both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcDns {
    /// `enableDnsSupport`.
    pub support: bool,
    /// `enableDnsHostnames`.
    pub hostnames: bool,
}

/// An attribute of a VPC that endpoints need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DnsAttribute {
    /// `enableDnsSupport`: Amazon's DNS server answers.
    DnsSupport,
    /// `enableDnsHostnames`: instances get host names, and endpoints the service's own.
    DnsHostnames,
}

impl DnsAttribute {
    /// Both.
    pub const ALL: [Self; 2] = [Self::DnsSupport, Self::DnsHostnames];

    /// As the API calls it: `enableDnsSupport`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DnsSupport => "enableDnsSupport",
            Self::DnsHostnames => "enableDnsHostnames",
        }
    }
}

impl fmt::Display for DnsAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl VpcDns {
    /// Whether an attribute is on.
    #[must_use]
    pub fn is_on(self, attribute: DnsAttribute) -> bool {
        match attribute {
            DnsAttribute::DnsSupport => self.support,
            DnsAttribute::DnsHostnames => self.hostnames,
        }
    }

    /// The attributes that are off.
    pub fn off(self) -> impl Iterator<Item = DnsAttribute> {
        DnsAttribute::ALL
            .into_iter()
            .filter(move |attribute| !self.is_on(*attribute))
    }
}
