//! Network interfaces: by id, of instances, in groups, in VPCs.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::NetworkInterface as Raw;
use guardrail_policy::facts::{Answered, InterfaceFilter, NetworkInterface, PublicAddress};
use guardrail_policy::id::{InstanceId, NetworkInterfaceId, SecurityGroupId, VpcId};
use guardrail_policy::ordered;

use super::batch::{Batch, list, list_or_gone};
use super::parse::{parsed, present, required};
use super::{Ec2, filter};
use crate::failure::{Failure, Unparsable};
use crate::needs::DESCRIBE_INTERFACES as ACTION;

/// The most interfaces that a page holds (API model of `DescribeNetworkInterfaces`).
const PAGE: i32 = 1000;

pub(super) async fn by_id(ec2: &Ec2, ids: BTreeSet<NetworkInterfaceId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |ids: Vec<String>| describe(ec2, "network-interface-id", &ids).await,
        keys_of: |raw: &Raw| Ok(vec![required("networkInterfaceId", raw.network_interface_id())?]),
        parse,
    };
    let found = batch.read(ids).await;
    found
        .into_iter()
        .map(|(id, found)| Answered::Interfaces(InterfaceFilter::Id(id), list_or_gone(found)))
        .collect()
}

pub(super) async fn of_instances(ec2: &Ec2, instances: BTreeSet<InstanceId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |instances: Vec<String>| describe(ec2, "attachment.instance-id", &instances).await,
        keys_of: |raw: &Raw| {
            let instance = raw.attachment().and_then(|attachment| attachment.instance_id());
            Ok(vec![required("attachment.instanceId", instance)?])
        },
        parse,
    };
    let found = batch.read(instances).await;
    found
        .into_iter()
        .map(|(id, found)| Answered::Interfaces(InterfaceFilter::Instance(id), list(found)))
        .collect()
}

pub(super) async fn in_groups(ec2: &Ec2, groups: BTreeSet<SecurityGroupId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |groups: Vec<String>| describe(ec2, "group-id", &groups).await,
        keys_of: |raw: &Raw| groups_of(raw).map(|groups| groups.into_iter().collect()),
        parse,
    };
    let found = batch.read(groups).await;
    found
        .into_iter()
        .map(|(id, found)| Answered::Interfaces(InterfaceFilter::Group(id), list(found)))
        .collect()
}

pub(super) async fn in_vpcs(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |vpcs: Vec<String>| describe(ec2, "vpc-id", &vpcs).await,
        keys_of: |raw: &Raw| Ok(vec![required("vpcId", raw.vpc_id())?]),
        parse,
    };
    let found = batch.read(vpcs).await;
    found
        .into_iter()
        .map(|(id, found)| Answered::Interfaces(InterfaceFilter::Vpc(id), list(found)))
        .collect()
}

async fn describe(ec2: &Ec2, by: &str, values: &[String]) -> Result<Vec<Raw>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_network_interfaces().filters(filter(by, values));
        // An account may have the interfaces that services manage hidden from lists; they carry traffic all the same.
        let call = call.include_managed_resources(true);
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.network_interfaces, reply.next_token))
    };
    ec2.pages(ACTION, page).await
}

/// The prefixes that are delegated to an interface are left out: they are no addresses of its own.
fn parse(raw: &Raw) -> Result<NetworkInterface, Unparsable> {
    let v4 = raw
        .private_ip_addresses()
        .iter()
        .map(|address| ("privateIpAddress", address.private_ip_address()));
    let v6 = raw
        .ipv6_addresses()
        .iter()
        .map(|address| ("ipv6Address", address.ipv6_address()));
    Ok(NetworkInterface {
        id: required("networkInterfaceId", raw.network_interface_id())?,
        vpc: required("vpcId", raw.vpc_id())?,
        subnet: required("subnetId", raw.subnet_id())?,
        groups: groups_of(raw)?,
        addresses: ordered::try_set(v4.chain(v6).map(|(field, address)| required(field, address)))?,
        public: public(raw)?,
        requester_managed: raw.requester_managed().unwrap_or_default(),
    })
}

/// The public addresses, each behind a private one; only an elastic one has an association with an id.
fn public(raw: &Raw) -> Result<Vec<PublicAddress>, Unparsable> {
    let behind = raw
        .private_ip_addresses()
        .iter()
        .filter_map(|address| address.association());
    let public = behind.filter(|association| present(association.public_ip()).is_some());
    let public = public.map(|association| {
        let id = present(association.association_id());
        Ok(PublicAddress {
            address: required("publicIp", association.public_ip())?,
            association: id.map(|id| parsed("associationId", id)).transpose()?,
        })
    });
    public.collect()
}

fn groups_of(raw: &Raw) -> Result<BTreeSet<SecurityGroupId>, Unparsable> {
    let ids = raw.groups().iter().filter_map(|group| group.group_id());
    ordered::try_set(ids.map(|id| parsed("groupId", id)))
}
