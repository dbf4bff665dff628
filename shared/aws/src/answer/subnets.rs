//! The subnets of VPCs.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Subnet as Raw, SubnetCidrBlockStateCode};
use guardrail_policy::facts::{Answered, Subnet, SubnetDetails};
use guardrail_policy::id::{SubnetId, VpcId};
use guardrail_policy::network::Cidr;
use guardrail_policy::ordered;

use super::batch::{Batch, list, one_or_gone};
use super::parse::{missing, present, required, tags};
use super::{Ec2, filter};
use crate::failure::{Failure, Unparsable};
use crate::needs::DESCRIBE_SUBNETS as ACTION;

/// The most subnets that a page holds (API model of `DescribeSubnets`).
const PAGE: i32 = 1000;

/// The subnets of each VPC; there may well be none, and of a VPC that another account shares only the shared ones.
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
        .map(|(vpc, found)| Answered::Subnets(vpc, list(found)))
        .collect()
}

/// Subnets by themselves.
pub(super) async fn by_id(ec2: &Ec2, ids: BTreeSet<SubnetId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |ids: Vec<String>| describe(ec2, "subnet-id", &ids).await,
        keys_of: |raw: &Raw| Ok(vec![required("subnetId", raw.subnet_id())?]),
        parse: |raw: &Raw| {
            Ok(SubnetDetails {
                subnet: parse(raw)?,
                vpc: required("vpcId", raw.vpc_id())?,
                owner: required("ownerId", raw.owner_id())?,
            })
        },
    };
    let found = batch.read(ids).await;
    found
        .into_iter()
        .map(|(id, found)| Answered::Subnet(id, one_or_gone(found)))
        .collect()
}

async fn describe(ec2: &Ec2, by: &str, values: &[String]) -> Result<Vec<Raw>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_subnets().filters(filter(by, values));
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.subnets, reply.next_token))
    };
    ec2.pages(ACTION, page).await
}

fn parse(raw: &Raw) -> Result<Subnet, Unparsable> {
    Ok(Subnet {
        id: required("subnetId", raw.subnet_id())?,
        cidrs: cidrs(raw)?,
        public_addresses: raw
            .map_public_ip_on_launch()
            .ok_or_else(|| missing("mapPublicIpOnLaunch"))?,
        zone: raw.availability_zone().unwrap_or_default().to_owned(),
        tags: tags(raw.tags()),
    })
}

/// Its IPv4 block, which an IPv6-only subnet lacks, and the IPv6 blocks that are associated now.
fn cidrs(raw: &Raw) -> Result<BTreeSet<Cidr>, Unparsable> {
    let v4 = present(raw.cidr_block())
        .into_iter()
        .map(|block| required("cidrBlock", Some(block)));
    let v6 = raw.ipv6_cidr_block_association_set().iter();
    let v6 = v6.filter(|block| {
        let state = block.ipv6_cidr_block_state().and_then(|state| state.state());
        state == Some(&SubnetCidrBlockStateCode::Associated)
    });
    ordered::try_set(v4.chain(v6.map(|block| required("ipv6CidrBlock", block.ipv6_cidr_block()))))
}
