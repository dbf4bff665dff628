//! The DNS servers of VPCs: each VPC names its set of DHCP options, and the sets are read by their ids.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{DhcpOptions as Raw, Vpc};
use guardrail_policy::facts::{Answered, DnsServers, Fact};
use guardrail_policy::id::{DhcpOptionsId, VpcId};

use super::batch::{Batch, Found, one_or_gone};
use super::parse::required;
use super::{Ec2, filter, vpcs};
use crate::failure::{Failure, Unparsable};
use crate::needs::{DESCRIBE_DHCP_OPTIONS as ACTION, DESCRIBE_VPCS};

/// The most sets that a page holds (API model of `DescribeDhcpOptions`).
const PAGE: i32 = 1000;

pub(super) async fn read(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let named = options_of(ec2, vpcs).await;
    let ids = named.iter().filter_map(|(_, outcome)| outcome.as_ref().ok());
    let sets = sets(ec2, ids.flatten().cloned().collect()).await;
    let sets: BTreeMap<_, _> = sets.into_iter().collect();
    let answers = named.into_iter().map(|(vpc, named)| {
        let servers = match one_or_gone(named) {
            Fact::Is(options) => sets.get(&options).cloned().unwrap_or(Fact::Gone),
            Fact::Gone => Fact::Gone,
            Fact::NotYet => Fact::NotYet,
            Fact::Unreadable(why) => Fact::Unreadable(why),
        };
        Answered::DnsServers(vpc, servers)
    });
    answers.collect()
}

/// The set that each VPC names.
async fn options_of(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Found<VpcId, DhcpOptionsId> {
    let batch = Batch {
        action: DESCRIBE_VPCS,
        describe: async |vpcs: Vec<String>| vpcs::describe(ec2, Some(&vpcs)).await,
        keys_of: |raw: &Vpc| Ok(vec![required("vpcId", raw.vpc_id())?]),
        parse: |raw: &Vpc| required("dhcpOptionsId", raw.dhcp_options_id()),
    };
    batch.read(vpcs).await
}

/// What the sets hold. `default` is no set: the API knows it by no other name.
async fn sets(ec2: &Ec2, ids: BTreeSet<DhcpOptionsId>) -> Vec<(DhcpOptionsId, Fact<DnsServers>)> {
    let (none, some): (BTreeSet<_>, BTreeSet<_>) = ids.into_iter().partition(|id| id.as_str() == "default");
    let batch = Batch {
        action: ACTION,
        describe: async |ids: Vec<String>| describe(ec2, &ids).await,
        keys_of: |raw: &Raw| Ok(vec![required("dhcpOptionsId", raw.dhcp_options_id())?]),
        parse,
    };
    let read = batch.read(some).await;
    let read = read.into_iter().map(|(id, outcome)| (id, one_or_gone(outcome)));
    let without = |options| DnsServers {
        options,
        servers: Vec::new(),
    };
    let none = none.into_iter().map(|id| (id.clone(), Fact::Is(without(id))));
    none.chain(read).collect()
}

async fn describe(ec2: &Ec2, ids: &[String]) -> Result<Vec<Raw>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2
            .client
            .describe_dhcp_options()
            .filters(filter("dhcp-options-id", ids));
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.dhcp_options, reply.next_token))
    };
    ec2.pages(ACTION, page).await
}

fn parse(raw: &Raw) -> Result<DnsServers, Unparsable> {
    let configurations = raw.dhcp_configurations().iter();
    let servers = configurations.filter(|option| option.key() == Some("domain-name-servers"));
    let servers = servers.flat_map(|option| option.values());
    Ok(DnsServers {
        options: required("dhcpOptionsId", raw.dhcp_options_id())?,
        servers: servers
            .filter_map(|value| value.value())
            .map(ToOwned::to_owned)
            .collect(),
    })
}
