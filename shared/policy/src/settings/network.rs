//! What the private network consists of besides the VPCs: services, endpoints elsewhere, targets of routes, clients.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::node::{Node, shortened};
use super::reading::{Read, Reading};
use super::values::is_id_digits;
use crate::address::{AddressSet, INTERNET};
use crate::id::{AccountId, IdError, VpcId};
use crate::network::Cidr;
use crate::service;

text_type! {
    /// An AWS service as the end of its endpoint service's name has it, without the Region: `s3`, `ecr.api`.
    ServiceName, "the short name of an AWS service", "ecr.api", is_service_name
}

text_type! {
    /// Services whose endpoints are meant: by short name in every Region, or by the full name of the endpoint service.
    ServiceSelector, "the name of an AWS service or endpoint service", "com.amazonaws.eu-west-1.s3", is_service_selector
}

text_type! {
    /// The full name of an endpoint service that is not AWS's own: `com.amazonaws.vpce.REGION.vpce-svc-…`.
    EndpointServiceName, "the name of an endpoint service", "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0", is_endpoint_service
}

text_type! {
    /// What a route may lead to without being a way out: a transit gateway, a peering, an appliance.
    RouteTarget, "the target of a route", "tgw-0123456789abcdef0", is_route_target
}

/// Endpoints that stand in another VPC and serve the private ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CentralEndpoints {
    /// The VPC that holds the endpoints.
    pub vpc: VpcId,
    /// The account that owns the VPC.
    pub account: AccountId,
    /// The addresses at which clients reach the endpoints.
    pub cidrs: Vec<Cidr>,
    /// The services that have an endpoint there.
    pub services: BTreeSet<ServiceName>,
}

/// Clients and the services that they must be able to reach privately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClientPair {
    /// Which security groups the clients are in.
    pub client: ClientSelector,
    /// The services that they use.
    pub services: BTreeSet<ServiceName>,
}

/// Security groups, by their tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClientSelector {
    /// The groups that carry all these tags, with exactly these values.
    #[schemars(extend("minProperties" = 1))]
    pub tags: BTreeMap<String, String>,
}

impl ServiceName {
    /// Whether an endpoint with this full service name serves it: `com.amazonaws.eu-west-1.s3` serves `s3`.
    #[must_use]
    pub fn is_served_by(&self, endpoint_service: &str) -> bool {
        short_name(endpoint_service) == Some(self.as_str())
    }
}

impl ServiceSelector {
    /// Whether it means endpoints with this full service name.
    #[must_use]
    pub fn selects(&self, endpoint_service: &str) -> bool {
        self.as_str() == endpoint_service || short_name(endpoint_service) == Some(self.as_str())
    }
}

/// The short name of one of AWS's own endpoint services, in the form that the file takes.
fn short_name(endpoint_service: &str) -> Option<&str> {
    service::short_name(endpoint_service).filter(|short| is_service_name(short))
}

fn is_service_name(text: &str) -> bool {
    let full = ["com.", "cn.", "aws."].iter().any(|start| text.starts_with(start));
    !full && text.len() <= 64 && is_dotted(text)
}

fn is_service_selector(text: &str) -> bool {
    is_service_name(text)
        || text.starts_with("aws.") && is_dotted(text)
        || short_name(text).is_some()
        || is_endpoint_service(text)
}

/// Parts of lower-case letters, digits, hyphens and underscores, with dots between them.
fn is_dotted(text: &str) -> bool {
    let is_part = |part: &str| {
        let form = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        !part.is_empty() && part.bytes().all(form)
    };
    text.len() <= 256 && text.split('.').all(is_part)
}

fn is_endpoint_service(text: &str) -> bool {
    let name = text
        .strip_prefix("com.amazonaws.vpce.")
        .and_then(|rest| rest.split_once('.'));
    name.is_some_and(|(region, service)| {
        let id = service.strip_prefix("vpce-svc-").unwrap_or_default();
        region.parse::<crate::id::Region>().is_ok() && is_id_digits(id)
    })
}

fn is_route_target(text: &str) -> bool {
    const PREFIXES: [&str; 9] = ["tgw-", "pcx-", "vgw-", "eni-", "i-", "vpce-", "nat-", "lgw-", "cagw-"];
    let core_network = text.contains(":core-network/") && text.parse::<crate::id::Arn>().is_ok();
    core_network
        || PREFIXES
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .is_some_and(is_id_digits)
}

impl Read for ServiceName {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        const WHAT: &str = "the short name of an AWS service";
        let (text, _) = reading.scalar(node, WHAT, "ecr.api")?;
        if let Some(short) = short_name(text) {
            return reading.refuse(node, WHAT, &format!("write `{short}`: each VPC's own Region is meant"));
        }
        reading.text(node, WHAT, "ecr.api")
    }
}

impl Read for ServiceSelector {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        reading.text(node, "the name of an AWS service", "com.amazonaws.eu-west-1.s3")
    }
}

impl Read for EndpointServiceName {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        const WHAT: &str = "the name of an endpoint service";
        let (text, _) = reading.scalar(node, WHAT, "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0")?;
        if short_name(text).is_some() || is_service_name(text) && !text.starts_with("vpce-svc-") {
            let message = format!("`{}` is one of AWS's own services", shortened(text));
            reading.problem(&node.span, &message, "remove it: AWS's own services are always allowed");
            return None;
        }
        reading.text(node, WHAT, "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0")
    }
}

impl Read for RouteTarget {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        const WHAT: &str = "the target of a route";
        let (text, _) = reading.scalar(node, WHAT, "tgw-0123456789abcdef0")?;
        if text.starts_with("igw-") || text.starts_with("eigw-") {
            let message = format!(
                "`{}` is an internet gateway, which is never an allowed target",
                shortened(text)
            );
            reading.problem(
                &node.span,
                &message,
                "write an exemption from `internet-path`, with its owner and end",
            );
            return None;
        }
        reading.text(node, WHAT, "tgw-0123456789abcdef0")
    }
}

impl Read for CentralEndpoints {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let mut keys = reading.mapping(node)?;
        let vpc = keys.required("vpc", "vpc: vpc-0123456789abcdef0");
        let account = keys.required("account", "account: \"111122223333\"");
        let cidrs = keys.required("cidrs", "cidrs: [10.200.0.0/24]");
        let services = keys.required("services", "services: [sts, kms]");
        keys.finish();
        Some(Self {
            vpc: vpc?,
            account: account?,
            cidrs: cidrs?,
            services: services?,
        })
    }
}

impl Read for ClientPair {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let mut keys = reading.mapping(node)?;
        let client = keys.required("client", "client: { tags: { tier: app } }");
        let services = keys.required("services", "services: [s3, sqs]");
        keys.finish();
        Some(Self {
            client: client?,
            services: services?,
        })
    }
}

impl Read for ClientSelector {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let mut keys = reading.mapping(node)?;
        let tags = keys.required_with("tags", "tags: { tier: app }", read_tags);
        keys.finish();
        Some(Self { tags: tags? })
    }
}

/// Tags that must all be there. None at all would mean everything, and is refused.
pub(super) fn read_tags(node: &Node, reading: &mut Reading<'_>) -> Option<BTreeMap<String, String>> {
    let entries = reading.entries(node)?;
    if entries.is_empty() {
        reading.problem(
            &node.span,
            "no tag is given, which would mean everything",
            "name a tag, like `{ connectivity: private }`",
        );
        return None;
    }
    let mut tags = BTreeMap::new();
    for (key, value) in entries {
        let (key, _) = reading.scalar(key, "the name of a tag", "connectivity")?;
        let (value, _) = reading.scalar(value, "the value of a tag (an empty one as `\"\"`)", "private")?;
        tags.insert(key.to_owned(), value.to_owned());
    }
    Some(tags)
}

/// The destinations that egress may have: blocks which, even together, leave the internet out.
pub(super) fn read_destinations(node: &Node, reading: &mut Reading<'_>) -> Option<Vec<Cidr>> {
    const REMEDY: &str = "list the private blocks only; to judge less, use `mode` or `scope`";
    let items = reading.items(node)?;
    let read: Vec<(&Node, Cidr)> = items
        .iter()
        .filter_map(|item| Some((item, Cidr::read(item, reading)?)))
        .collect();
    for (item, cidr) in &read {
        let block = AddressSet::from(*cidr);
        if is_world(&block) {
            reading.problem(
                &item.span,
                &format!("`{cidr}` is the whole internet, and would switch `open-egress` off"),
                REMEDY,
            );
        } else if !block.within(&INTERNET).is_empty() {
            reading.note(
                &item.span,
                format!("`{cidr}` holds addresses of the internet: egress to them is allowed"),
            );
        }
    }
    let cidrs: Vec<Cidr> = read.iter().map(|(_, cidr)| *cidr).collect();
    let together: AddressSet = cidrs.iter().collect();
    if is_world(&together) && !cidrs.iter().any(|cidr| is_world(&AddressSet::from(*cidr))) {
        reading.problem(
            &node.span,
            "these blocks together are the whole internet, and would switch `open-egress` off",
            REMEDY,
        );
    }
    Some(cidrs)
}

/// Whether a set holds every internet address of IPv4, or every one of IPv6.
fn is_world(set: &AddressSet) -> bool {
    let families = ["0.0.0.0/0", "2000::/3"]
        .into_iter()
        .filter_map(|block| block.parse::<Cidr>().ok());
    families
        .map(|family| INTERNET.within(&AddressSet::from(family)))
        .any(|family| set.covers(&family))
}
