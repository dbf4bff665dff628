//! The route tables of VPCs, with their active routes.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{
    Route as RawRoute, RouteState, RouteTable as Raw, RouteTableAssociation, RouteTableAssociationStateCode as Code,
};
use guardrail_policy::facts::{Answered, Route, RouteDestination, RouteTable, RouteTableDetails, RouteTarget, Serves};
use guardrail_policy::id::{RouteTableId, VpcId};
use guardrail_policy::ordered;

use super::batch::{Batch, list_or_not_shown, one_or_gone};
use super::parse::{missing, parsed, present, required};
use super::{Ec2, filter};
use crate::failure::{Failure, Unparsable};
use crate::needs::DESCRIBE_ROUTE_TABLES as ACTION;

/// The most route tables that a page holds (API model of `DescribeRouteTables`).
const PAGE: i32 = 100;

/// The route tables of each VPC. Every VPC has a main one: where none is listed, they are another account's to read, or
/// the VPC is gone, and the answer is `Unreadable` with the code `NotShown`.
pub(super) async fn read(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |vpcs: Vec<String>| describe(ec2, "vpc-id", &vpcs).await,
        keys_of: |raw: &Raw| Ok(vec![required("vpcId", raw.vpc_id())?]),
        parse,
    };
    let found = batch.read(vpcs).await;
    found
        .into_iter()
        .map(|(vpc, found)| Answered::RouteTables(vpc, list_or_not_shown(ACTION, found)))
        .collect()
}

/// The route tables with these ids. A filter that matches nothing is no error, so that each is told by itself.
pub(super) async fn by_id(ec2: &Ec2, ids: BTreeSet<RouteTableId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |ids: Vec<String>| describe(ec2, "route-table-id", &ids).await,
        keys_of: |raw: &Raw| Ok(vec![required("routeTableId", raw.route_table_id())?]),
        parse: parse_details,
    };
    let found = batch.read(ids).await;
    found
        .into_iter()
        .map(|(id, found)| Answered::RouteTable(id, one_or_gone(found)))
        .collect()
}

async fn describe(ec2: &Ec2, by: &str, values: &[String]) -> Result<Vec<Raw>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_route_tables().filters(filter(by, values));
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.route_tables, reply.next_token))
    };
    ec2.pages(ACTION, page).await
}

fn parse(raw: &Raw) -> Result<RouteTable, Unparsable> {
    let associations = || raw.associations().iter().filter(|association| holds(association));
    let subnets = associations()
        .filter_map(|association| present(association.subnet_id()))
        .map(|id| parsed("subnetId", id));
    let routes = raw.routes().iter().map(route).filter_map(Result::transpose);
    Ok(RouteTable {
        id: required("routeTableId", raw.route_table_id())?,
        main: associations().any(|association| association.main().unwrap_or_default()),
        subnets: ordered::try_set(subnets)?,
        routes: routes.collect::<Result<_, _>>()?,
    })
}

fn parse_details(raw: &Raw) -> Result<RouteTableDetails, Unparsable> {
    let associations = raw.associations().iter().filter(|association| holds(association));
    let serves = associations.map(|association| {
        let id = required("routeTableAssociationId", association.route_table_association_id())?;
        Ok((id, serves(association)?))
    });
    Ok(RouteTableDetails {
        id: required("routeTableId", raw.route_table_id())?,
        vpc: required("vpcId", raw.vpc_id())?,
        associations: serves.collect::<Result<_, _>>()?,
    })
}

fn serves(association: &RouteTableAssociation) -> Result<Serves, Unparsable> {
    match present(association.subnet_id()) {
        Some(subnet) => parsed("subnetId", subnet).map(Serves::Subnet),
        None if association.main().unwrap_or_default() => Ok(Serves::Main),
        None => Ok(Serves::Gateway),
    }
}

/// Whether an association is in force, or about to be.
fn holds(association: &RouteTableAssociation) -> bool {
    let state = association.association_state().and_then(|state| state.state());
    !matches!(state, Some(Code::Disassociating | Code::Disassociated | Code::Failed))
}

/// An active route; `None` for one that carries nothing (a blackhole).
fn route(raw: &RawRoute) -> Result<Option<Route>, Unparsable> {
    match raw.state().ok_or_else(|| missing("state"))? {
        RouteState::Active => Ok(Some(Route {
            destination: destination(raw)?,
            target: target(raw)?,
        })),
        RouteState::Blackhole | RouteState::Filtered => Ok(None),
        other => Err(Unparsable(format!("the route state `{other}` is not known"))),
    }
}

fn destination(raw: &RawRoute) -> Result<RouteDestination, Unparsable> {
    if let Some(cidr) = present(raw.destination_cidr_block()) {
        parsed("destinationCidrBlock", cidr).map(RouteDestination::Cidr)
    } else if let Some(cidr) = present(raw.destination_ipv6_cidr_block()) {
        parsed("destinationIpv6CidrBlock", cidr).map(RouteDestination::Cidr)
    } else {
        required("destinationPrefixListId", raw.destination_prefix_list_id()).map(RouteDestination::PrefixList)
    }
}

/// Where the route leads. An instance comes with its interface: the instance names it better.
fn target(raw: &RawRoute) -> Result<RouteTarget, Unparsable> {
    let targets = [
        raw.gateway_id(),
        raw.nat_gateway_id(),
        raw.egress_only_internet_gateway_id(),
        raw.transit_gateway_id(),
        raw.vpc_peering_connection_id(),
        raw.instance_id(),
        raw.network_interface_id(),
        raw.local_gateway_id(),
        raw.carrier_gateway_id(),
        raw.core_network_arn(),
        raw.odb_network_arn(),
        raw.ip_address(),
    ];
    match targets.into_iter().find_map(present) {
        Some("local") => Ok(RouteTarget::Local),
        Some(id) => Ok(RouteTarget::To(id.to_owned())),
        None => Err(Unparsable("an active route names no target".to_owned())),
    }
}
