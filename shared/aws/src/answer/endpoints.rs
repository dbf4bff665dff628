//! The endpoints of VPCs, of every type and in every state.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::VpcEndpoint as Raw;
use guardrail_policy::facts::{Answered, Endpoint, EndpointKind, EndpointState};
use guardrail_policy::id::VpcId;
use guardrail_policy::ordered;

use super::batch::{Batch, list};
use super::parse::{missing, parsed, required};
use super::{Ec2, filter};
use crate::failure::{Failure, Unparsable};
use crate::needs::DESCRIBE_ENDPOINTS as ACTION;

/// The most endpoints that a page holds (API reference of `DescribeVpcEndpoints`).
const PAGE: i32 = 1000;

/// The endpoints of each VPC; none also for a VPC that is gone.
pub(super) async fn read(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |vpcs: Vec<String>| describe(ec2, &vpcs).await,
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

async fn describe(ec2: &Ec2, vpcs: &[String]) -> Result<Vec<Raw>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_vpc_endpoints().filters(filter("vpc-id", vpcs));
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
        service: raw.service_name().ok_or_else(|| missing("serviceName"))?.to_owned(),
        kind: kind(raw),
        state: state(raw)?,
        groups: ordered::try_set(groups)?,
        route_tables: ordered::try_set(route_tables)?,
        private_dns: raw.private_dns_enabled().unwrap_or_default(),
    })
}

/// An endpoint made without a type is a gateway (API reference of `CreateVpcEndpoint`).
fn kind(raw: &Raw) -> EndpointKind {
    match raw.vpc_endpoint_type().map(|kind| kind.as_str()) {
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
        _ => EndpointState::Other,
    })
}
