//! Whether Amazon's DNS server answers in a VPC: two attributes, each with a call of its own.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{AttributeBooleanValue, VpcAttributeName};
use futures::future::{join, join_all};
use guardrail_policy::facts::{Answered, DnsAttribute, Fact, VpcDns};
use guardrail_policy::id::VpcId;

use super::Ec2;
use super::parse::missing;
use crate::failure::Failure;
use crate::needs::DESCRIBE_VPC_ATTRIBUTE as ACTION;

pub(super) async fn read(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let reads = vpcs.into_iter().map(async |vpc| {
        let dns = read_one(ec2, &vpc).await;
        Answered::VpcDns(vpc, dns)
    });
    join_all(reads).await
}

async fn read_one(ec2: &Ec2, vpc: &VpcId) -> Fact<VpcDns> {
    let of = |attribute| attribute_of(ec2, vpc, attribute);
    match join(of(DnsAttribute::DnsSupport), of(DnsAttribute::DnsHostnames)).await {
        (Ok(support), Ok(hostnames)) => Fact::Is(VpcDns { support, hostnames }),
        (Err(failure), _) | (_, Err(failure)) => failure.into(),
    }
}

/// Whether one attribute is on.
async fn attribute_of(ec2: &Ec2, vpc: &VpcId, attribute: DnsAttribute) -> Result<bool, Failure> {
    let name = match attribute {
        DnsAttribute::DnsSupport => VpcAttributeName::EnableDnsSupport,
        DnsAttribute::DnsHostnames => VpcAttributeName::EnableDnsHostnames,
    };
    let page = async |_: Option<String>| {
        let call = ec2.client.describe_vpc_attribute().vpc_id(vpc.as_str());
        let reply = call.attribute(name.clone()).send().await?;
        let found = match attribute {
            DnsAttribute::DnsSupport => reply.enable_dns_support,
            DnsAttribute::DnsHostnames => reply.enable_dns_hostnames,
        };
        Ok((found.map(|found| vec![found]), None))
    };
    let found = ec2.pages(ACTION, page).await?;
    let value = found.first().and_then(AttributeBooleanValue::value);
    value.ok_or_else(|| Failure::unparsable(ACTION, &missing(attribute.as_str())))
}
