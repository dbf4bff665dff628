//! The gateways of VPCs that lead to the internet: internet gateways, egress-only ones, NAT gateways.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{
    AttachmentStatus, AvailabilityMode, ConnectivityType, EgressOnlyInternetGateway as RawEgressOnly,
    InternetGateway as RawInternet, InternetGatewayAttachment, NatGateway as RawNat, NatGatewayState as RawState,
};
use guardrail_policy::facts::{
    Answered, Connectivity, EgressOnlyGateway, InternetGateway, NatGateway, NatGatewayState, NatPlace,
};
use guardrail_policy::id::VpcId;

use super::batch::{Batch, list};
use super::parse::{required, tags};
use super::{Ec2, filter};
use crate::failure::{Failure, Unparsable};
use crate::needs::{DESCRIBE_EGRESS_ONLY_GATEWAYS, DESCRIBE_INTERNET_GATEWAYS, DESCRIBE_NAT_GATEWAYS};

/// The most internet and NAT gateways that a page holds (API models of their Describe calls).
const PAGE: i32 = 1000;
/// The most egress-only internet gateways that a page holds (API model of its Describe call).
const EGRESS_ONLY_PAGE: i32 = 255;

/// The internet gateways that are attached to each VPC.
pub(super) async fn internet(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let batch = Batch {
        action: DESCRIBE_INTERNET_GATEWAYS,
        describe: async |vpcs: Vec<String>| describe_internet(ec2, &vpcs).await,
        keys_of: |raw: &RawInternet| attached_to(raw.attachments()),
        parse: parse_internet,
    };
    let found = batch.read(vpcs).await.into_iter();
    found
        .map(|(vpc, found)| Answered::InternetGateways(vpc, list(found)))
        .collect()
}

async fn describe_internet(ec2: &Ec2, vpcs: &[String]) -> Result<Vec<RawInternet>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_internet_gateways();
        let call = call.filters(filter("attachment.vpc-id", vpcs));
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.internet_gateways, reply.next_token))
    };
    ec2.pages(DESCRIBE_INTERNET_GATEWAYS, page).await
}

/// The egress-only internet gateways of each VPC. EC2 has no filter for their VPC: all are read, which are few.
pub(super) async fn egress_only(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let batch = Batch {
        action: DESCRIBE_EGRESS_ONLY_GATEWAYS,
        describe: async |_: Vec<String>| describe_egress_only(ec2).await,
        keys_of: |raw: &RawEgressOnly| attached_to(raw.attachments()),
        parse: parse_egress_only,
    };
    let found = batch.read(vpcs).await.into_iter();
    found
        .map(|(vpc, found)| Answered::EgressOnlyGateways(vpc, list(found)))
        .collect()
}

async fn describe_egress_only(ec2: &Ec2) -> Result<Vec<RawEgressOnly>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_egress_only_internet_gateways();
        let reply = call.max_results(EGRESS_ONLY_PAGE).set_next_token(token).send().await?;
        Ok((reply.egress_only_internet_gateways, reply.next_token))
    };
    ec2.pages(DESCRIBE_EGRESS_ONLY_GATEWAYS, page).await
}

/// The NAT gateways of each VPC; AWS lists those that are deleted for about an hour.
pub(super) async fn nat(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let batch = Batch {
        action: DESCRIBE_NAT_GATEWAYS,
        describe: async |vpcs: Vec<String>| describe_nat(ec2, &vpcs).await,
        keys_of: |raw: &RawNat| Ok(vec![required("vpcId", raw.vpc_id())?]),
        parse: parse_nat,
    };
    let found = batch.read(vpcs).await.into_iter();
    found
        .map(|(vpc, found)| Answered::NatGateways(vpc, list(found)))
        .collect()
}

async fn describe_nat(ec2: &Ec2, vpcs: &[String]) -> Result<Vec<RawNat>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_nat_gateways().filter(filter("vpc-id", vpcs));
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.nat_gateways, reply.next_token))
    };
    ec2.pages(DESCRIBE_NAT_GATEWAYS, page).await
}

/// The VPCs that a gateway is attached to, or is about to be. (The state of an internet gateway that is attached reads
/// `available`.)
fn attached_to(attachments: &[InternetGatewayAttachment]) -> Result<Vec<VpcId>, Unparsable> {
    let is_going = |state: Option<&AttachmentStatus>| {
        matches!(state, Some(AttachmentStatus::Detaching | AttachmentStatus::Detached))
    };
    let attached = attachments.iter().filter(|attachment| !is_going(attachment.state()));
    attached
        .map(|attachment| required("vpcId", attachment.vpc_id()))
        .collect()
}

fn parse_internet(raw: &RawInternet) -> Result<InternetGateway, Unparsable> {
    Ok(InternetGateway {
        id: required("internetGatewayId", raw.internet_gateway_id())?,
        tags: tags(raw.tags()),
    })
}

fn parse_egress_only(raw: &RawEgressOnly) -> Result<EgressOnlyGateway, Unparsable> {
    Ok(EgressOnlyGateway {
        id: required("egressOnlyInternetGatewayId", raw.egress_only_internet_gateway_id())?,
        tags: tags(raw.tags()),
    })
}

/// A NAT gateway of which EC2 does not say that it is private is taken for a public one, and one in a state that is not
/// known for one that is there.
fn parse_nat(raw: &RawNat) -> Result<NatGateway, Unparsable> {
    Ok(NatGateway {
        id: required("natGatewayId", raw.nat_gateway_id())?,
        connectivity: match raw.connectivity_type() {
            Some(ConnectivityType::Private) => Connectivity::Private,
            _ => Connectivity::Public,
        },
        state: match raw.state() {
            Some(RawState::Deleted | RawState::Deleting | RawState::Failed) => NatGatewayState::Gone,
            _ => NatGatewayState::There,
        },
        place: match raw.availability_mode() {
            Some(AvailabilityMode::Regional) => NatPlace::Regional,
            _ => NatPlace::Subnet(required("subnetId", raw.subnet_id())?),
        },
        tags: tags(raw.tags()),
    })
}
