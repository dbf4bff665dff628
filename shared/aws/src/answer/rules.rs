//! The rules of security groups, in both directions.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::SecurityGroupRule as Raw;
use guardrail_policy::facts::SecurityGroupRule;
use guardrail_policy::id::SecurityGroupId;
use guardrail_policy::network::{Direction, Peer, Permission, Traffic};

use super::batch::{Batch, Found};
use super::parse::{missing, parsed, present, required};
use super::{Ec2, filter};
use crate::failure::{Failure, Unparsable};
use crate::needs::DESCRIBE_RULES as ACTION;

/// The most rules that a page holds (API reference of `DescribeSecurityGroupRules`).
const PAGE: i32 = 1000;

/// The rules of each group; none also for a group that is gone.
pub(super) async fn read(ec2: &Ec2, groups: BTreeSet<SecurityGroupId>) -> Found<SecurityGroupId, SecurityGroupRule> {
    let batch = Batch {
        action: ACTION,
        describe: async |groups: Vec<String>| describe(ec2, &groups).await,
        keys_of: |raw: &Raw| Ok(vec![required("groupId", raw.group_id())?]),
        parse,
    };
    batch.read(groups).await
}

async fn describe(ec2: &Ec2, groups: &[String]) -> Result<Vec<Raw>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2
            .client
            .describe_security_group_rules()
            .filters(filter("group-id", groups));
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.security_group_rules, reply.next_token))
    };
    ec2.pages(ACTION, page).await
}

fn parse(raw: &Raw) -> Result<SecurityGroupRule, Unparsable> {
    let protocol = required("ipProtocol", raw.ip_protocol())?;
    let direction = match raw.is_egress() {
        Some(true) => Direction::Egress,
        Some(false) => Direction::Ingress,
        None => return Err(missing("isEgress")),
    };
    Ok(SecurityGroupRule {
        id: required("securityGroupRuleId", raw.security_group_rule_id())?,
        direction,
        permission: Permission {
            traffic: Traffic::new(protocol, raw.from_port(), raw.to_port()),
            peer: peer(raw)?,
        },
        description: present(raw.description()).map(str::to_owned),
    })
}

fn peer(raw: &Raw) -> Result<Peer, Unparsable> {
    if let Some(cidr) = present(raw.cidr_ipv4()) {
        parsed("cidrIpv4", cidr).map(Peer::Cidr)
    } else if let Some(cidr) = present(raw.cidr_ipv6()) {
        parsed("cidrIpv6", cidr).map(Peer::Cidr)
    } else if let Some(list) = present(raw.prefix_list_id()) {
        parsed("prefixListId", list).map(Peer::PrefixList)
    } else if let Some(group) = raw.referenced_group_info() {
        let id = required("referencedGroupInfo.groupId", group.group_id())?;
        let account = present(group.user_id()).map(|account| parsed("referencedGroupInfo.userId", account));
        Ok(Peer::Group {
            id,
            account: account.transpose()?,
        })
    } else {
        Err(Unparsable(format!(
            "the rule `{}` names no peer",
            raw.security_group_rule_id().unwrap_or_default()
        )))
    }
}
