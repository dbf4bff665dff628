//! Endpoints of every type and in every state: those of VPCs, those to a service, and single ones by their ids.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::VpcEndpoint as Raw;
use futures::future::join_all;
use guardrail_policy::facts::{Answered, Endpoint, EndpointDetails, EndpointKind, EndpointState, ServiceEndpoint};
use guardrail_policy::id::{VpcEndpointId, VpcId};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ordered;

use super::batch::{Batch, list, one_or_gone};
use super::parse::{missing, parsed, present, required, tags};
use super::{Ec2, filter};
use crate::failure::{Failure, Unparsable};
use crate::needs::DESCRIBE_ENDPOINTS as ACTION;

/// The most endpoints that a page holds (API reference of `DescribeVpcEndpoints`).
const PAGE: i32 = 1000;

/// The endpoints of each VPC; none also for a VPC that is gone.
pub(super) async fn read(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |vpcs: Vec<String>| describe(ec2, "vpc-id", &vpcs).await,
        keys_of: |raw: &Raw| Ok(vec![required("vpcId", raw.vpc_id())?]),
        parse,
    };
    batch
        .read(vpcs)
        .await
        .into_iter()
        .map(|(vpc, found)| Answered::Endpoints(vpc, list(found)))
        .collect()
}

/// The endpoints with these ids. A filter that matches nothing is no error, so that each is told by itself.
pub(super) async fn by_id(ec2: &Ec2, ids: BTreeSet<VpcEndpointId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |ids: Vec<String>| describe(ec2, "vpc-endpoint-id", &ids).await,
        keys_of: |raw: &Raw| Ok(vec![required("vpcEndpointId", raw.vpc_endpoint_id())?]),
        parse: parse_details,
    };
    batch
        .read(ids)
        .await
        .into_iter()
        .map(|(id, found)| Answered::Endpoint(id, one_or_gone(found)))
        .collect()
}

/// The endpoints to each of AWS's services, by their short names.
pub(super) async fn to_services(ec2: &Ec2, services: BTreeSet<String>) -> Vec<Answered> {
    let reads = services.into_iter().map(async |service| {
        let found = describe(ec2, "service-name", &names_in(ec2, &service)).await;
        let parsed = found.and_then(|found| {
            let parsed: Result<Vec<_>, _> = found.iter().map(parse_at).collect();
            parsed.map_err(|what| Failure::unparsable(ACTION, &what))
        });
        Answered::ServiceEndpoints(service, list(parsed))
    });
    join_all(reads).await
}

/// A service's full names in the Region: in China some begin with `cn.`.
fn names_in(ec2: &Ec2, service: &str) -> [String; 2] {
    let region = ec2.client.config().region().map(AsRef::as_ref).unwrap_or_default();
    ["", "cn."].map(|china| format!("{china}com.amazonaws.{region}.{service}"))
}

fn parse_at(raw: &Raw) -> Result<ServiceEndpoint, Unparsable> {
    Ok(ServiceEndpoint {
        endpoint: parse(raw)?,
        vpc: required("vpcId", raw.vpc_id())?,
    })
}

async fn describe(ec2: &Ec2, by: &str, values: &[String]) -> Result<Vec<Raw>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_vpc_endpoints().filters(filter(by, values));
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.vpc_endpoints, reply.next_token))
    };
    ec2.pages(ACTION, page).await
}

fn parse(raw: &Raw) -> Result<Endpoint, Unparsable> {
    let groups = raw.groups().iter().map(|group| required("groupId", group.group_id()));
    let route_tables = raw.route_table_ids().iter().map(|id| parsed("routeTableId", id));
    Ok(Endpoint {
        id: required("vpcEndpointId", raw.vpc_endpoint_id())?,
        service: service(raw)?,
        kind: kind(raw),
        state: state(raw)?,
        groups: ordered::try_set(groups)?,
        route_tables: ordered::try_set(route_tables)?,
        private_dns: raw.private_dns_enabled().unwrap_or_default(),
    })
}

fn parse_details(raw: &Raw) -> Result<EndpointDetails, Unparsable> {
    let subnets = raw.subnet_ids().iter().map(|id| parsed("subnetId", id));
    let interfaces = raw.network_interface_ids().iter();
    let interfaces = interfaces.map(|id| parsed("networkInterfaceId", id));
    let names = raw.dns_entries().iter().filter_map(|entry| present(entry.dns_name()));
    let options = raw.dns_options();
    let inbound_only = options.and_then(|options| options.private_dns_only_for_inbound_resolver_endpoint());
    Ok(EndpointDetails {
        endpoint: parse(raw)?,
        vpc: required("vpcId", raw.vpc_id())?,
        owner: required("ownerId", raw.owner_id())?,
        requester_managed: raw.requester_managed().unwrap_or_default(),
        subnets: ordered::try_set(subnets)?,
        interfaces: ordered::try_set(interfaces)?,
        dns_names: names.map(ToOwned::to_owned).collect(),
        inbound_only: inbound_only.unwrap_or_default(),
        policy: present(raw.policy_document()).map(ToOwned::to_owned),
        created: created(raw),
        tags: tags(raw.tags()),
    })
}

fn created(raw: &Raw) -> Option<Timestamp> {
    Timestamp::from_second(raw.creation_timestamp()?.secs()).ok()
}

/// The service's name, which endpoints of resources and service networks lack.
fn service(raw: &Raw) -> Result<String, Unparsable> {
    match raw.service_name() {
        None if kind(raw) != EndpointKind::Other => Err(missing("serviceName")),
        name => Ok(name.unwrap_or_default().to_owned()),
    }
}

fn kind(raw: &Raw) -> EndpointKind {
    kind_named(raw.vpc_endpoint_type().map(|kind| kind.as_str()))
}

/// An endpoint made without a type is a gateway (API reference of `CreateVpcEndpoint`).
pub(super) fn kind_named(name: Option<&str>) -> EndpointKind {
    match name {
        Some("Interface") => EndpointKind::Interface,
        Some("Gateway") | None => EndpointKind::Gateway,
        Some(_) => EndpointKind::Other,
    }
}

/// The API model writes `Available`, the service `available`.
fn state(raw: &Raw) -> Result<EndpointState, Unparsable> {
    let state = raw
        .state()
        .ok_or_else(|| missing("state"))?
        .as_str()
        .to_ascii_lowercase();
    Ok(match state.as_str() {
        "available" => EndpointState::Available,
        "pending" | "pendingacceptance" => EndpointState::Pending,
        "deleting" | "deleted" => EndpointState::Deleted,
        _ => EndpointState::Other,
    })
}
