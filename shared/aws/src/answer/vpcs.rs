//! VPCs, with the blocks that are associated with them.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Vpc as Raw, VpcCidrBlockState, VpcCidrBlockStateCode};
use guardrail_policy::facts::{Answered, Everywhere, Vpc};
use guardrail_policy::id::VpcId;
use guardrail_policy::network::Cidr;
use guardrail_policy::ordered;

use super::batch::{Batch, list, one_or_gone};
use super::parse::{required, tags};
use super::{Ec2, filter};
use crate::failure::{Failure, Unparsable};
use crate::needs::DESCRIBE_VPCS as ACTION;

/// The most VPCs that a page holds (API model of `DescribeVpcs`).
const PAGE: i32 = 1000;

pub(super) async fn read(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |vpcs: Vec<String>| describe(ec2, Some(&vpcs)).await,
        keys_of: |raw: &Raw| Ok(vec![required("vpcId", raw.vpc_id())?]),
        parse,
    };
    batch
        .read(vpcs)
        .await
        .into_iter()
        .map(|(id, found)| Answered::Vpc(id, one_or_gone(found)))
        .collect()
}

/// Every VPC that the account owns or that is shared with it.
pub(super) async fn all(ec2: &Ec2) -> Vec<Answered> {
    let unparsable = |what| Failure::unparsable(ACTION, &what);
    let vpcs = describe(ec2, None).await.and_then(|vpcs| {
        let parsed: Result<Vec<_>, _> = vpcs.iter().map(parse).collect();
        parsed.map_err(unparsable)
    });
    vec![Answered::Vpcs(Everywhere, list(vpcs))]
}

pub(super) async fn describe(ec2: &Ec2, vpcs: Option<&[String]>) -> Result<Vec<Raw>, Failure> {
    let filters: Option<Vec<_>> = vpcs.map(|vpcs| vec![filter("vpc-id", vpcs)]);
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_vpcs().set_filters(filters.clone());
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.vpcs, reply.next_token))
    };
    ec2.pages(ACTION, page).await
}

fn parse(raw: &Raw) -> Result<Vpc, Unparsable> {
    Ok(Vpc {
        id: required("vpcId", raw.vpc_id())?,
        owner: required("ownerId", raw.owner_id())?,
        cidrs: cidrs(raw)?,
        tags: tags(raw.tags()),
    })
}

/// The blocks that are associated now: neither those that are still to be nor those that are on their way out.
fn cidrs(raw: &Raw) -> Result<BTreeSet<Cidr>, Unparsable> {
    let v4 = raw.cidr_block_association_set().iter();
    let v4 = v4
        .filter(|block| is_associated(block.cidr_block_state()))
        .map(|block| block.cidr_block());
    let v6 = raw.ipv6_cidr_block_association_set().iter();
    let v6 = v6
        .filter(|block| is_associated(block.ipv6_cidr_block_state()))
        .map(|block| block.ipv6_cidr_block());
    let v4 = v4.map(|block| required("cidrBlock", block));
    ordered::try_set(v4.chain(v6.map(|block| required("ipv6CidrBlock", block))))
}

fn is_associated(state: Option<&VpcCidrBlockState>) -> bool {
    state.and_then(VpcCidrBlockState::state) == Some(&VpcCidrBlockStateCode::Associated)
}
