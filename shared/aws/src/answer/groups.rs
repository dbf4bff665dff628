//! Security groups: by id, by name, the default ones, those of a VPC, and those with egress to a prefix list.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, SecurityGroup as Raw};
use futures::future::join;
use guardrail_policy::facts::{Answered, Fact, GroupFilter, SecurityGroup, SecurityGroupRule};
use guardrail_policy::id::{PrefixListId, SecurityGroupId, VpcId};
use guardrail_policy::ordered;

use super::batch::{Batch, Found, found, list, list_or_gone};
use super::parse::{parsed, required, tags};
use super::{Ec2, filter, rules};
use crate::failure::{Failure, Unparsable};
use crate::needs::DESCRIBE_GROUPS as ACTION;

/// The most groups that a page holds (API reference of `DescribeSecurityGroups`).
const PAGE: i32 = 1000;

/// Groups by id, and the rules of groups.
///
/// EC2 answers an empty list of rules for a group that is gone, too: a group without rules is looked for, with this
/// round's own answer where the round asks for the group, else with a call of its own.
pub(super) async fn with_rules(
    ec2: &Ec2,
    ids: BTreeSet<SecurityGroupId>,
    rules_of: BTreeSet<SecurityGroupId>,
) -> Vec<Answered> {
    let (groups, rules) = join(by_id(ec2, ids), rules::read(ec2, rules_of)).await;
    let empty = rules
        .iter()
        .filter(|(_, found)| found.as_ref().is_ok_and(Vec::is_empty))
        .map(|(id, _)| id);
    let unseen = ordered::set(empty.filter(|id| found(&groups, id).is_none()).cloned());
    let looked_for = by_id(ec2, unseen).await;
    let exists = |id: &SecurityGroupId| found(&groups, id).or_else(|| found(&looked_for, id)).cloned();
    let rules: Vec<_> = rules
        .into_iter()
        .map(|(id, found)| rules_answered(exists(&id), id, found))
        .collect();
    let groups = groups
        .into_iter()
        .map(|(id, found)| Answered::Groups(GroupFilter::Id(id), list_or_gone(found)));
    groups.chain(rules).collect()
}

fn rules_answered(
    group: Option<Result<Vec<SecurityGroup>, Failure>>,
    id: SecurityGroupId,
    found: Result<Vec<SecurityGroupRule>, Failure>,
) -> Answered {
    let fact = match (found, group) {
        (Ok(rules), Some(group)) if rules.is_empty() => match list_or_gone(group) {
            Fact::Is(_) => Fact::Is(rules),
            Fact::Gone => Fact::Gone,
            Fact::NotYet => Fact::NotYet,
            Fact::Unreadable(why) => Fact::Unreadable(why),
        },
        (found, _) => list(found),
    };
    Answered::Rules(id, fact)
}

async fn by_id(ec2: &Ec2, ids: BTreeSet<SecurityGroupId>) -> Found<SecurityGroupId, SecurityGroup> {
    let batch = Batch {
        action: ACTION,
        describe: async |ids: Vec<String>| describe(ec2, vec![filter("group-id", &ids)]).await,
        keys_of: |raw: &Raw| Ok(vec![required("groupId", raw.group_id())?]),
        parse,
    };
    batch.read(ids).await
}

/// Groups with these names, in any VPC. A legacy call names a group so; that there is none means that it is gone.
pub(super) async fn named(ec2: &Ec2, names: BTreeSet<String>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |names: Vec<String>| {
            let literal: Vec<String> = names.iter().map(|name| literal(name)).collect();
            describe(ec2, vec![filter("group-name", &literal)]).await
        },
        keys_of: |raw: &Raw| Ok(vec![raw.group_name().unwrap_or_default().to_owned()]),
        parse,
    };
    let found = batch.read(names).await;
    found
        .into_iter()
        .map(|(name, found)| Answered::Groups(GroupFilter::Named(name), list_or_gone(found)))
        .collect()
}

/// The default groups of VPCs. Every VPC has one, which cannot be deleted: without it the VPC is gone.
pub(super) async fn default_of(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |vpcs: Vec<String>| {
            describe(
                ec2,
                vec![filter("group-name", &["default".to_owned()]), filter("vpc-id", &vpcs)],
            )
            .await
        },
        keys_of: |raw: &Raw| Ok(vec![required("vpcId", raw.vpc_id())?]),
        parse,
    };
    let found = batch.read(vpcs).await;
    found
        .into_iter()
        .map(|(vpc, found)| Answered::Groups(GroupFilter::DefaultOf(vpc), list_or_gone(found)))
        .collect()
}

/// The groups with an egress rule to prefix lists; there may well be none.
pub(super) async fn with_egress_to(ec2: &Ec2, lists: BTreeSet<PrefixListId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |lists: Vec<String>| {
            describe(ec2, vec![filter("egress.ip-permission.prefix-list-id", &lists)]).await
        },
        keys_of: egress_lists,
        parse,
    };
    let found = batch.read(lists).await;
    found
        .into_iter()
        .map(|(id, found)| Answered::Groups(GroupFilter::EgressTo(id), list(found)))
        .collect()
}

/// The groups of VPCs. Every VPC has its default group: where none is listed, the VPC is gone.
pub(super) async fn in_vpcs(ec2: &Ec2, vpcs: BTreeSet<VpcId>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |vpcs: Vec<String>| describe(ec2, vec![filter("vpc-id", &vpcs)]).await,
        keys_of: |raw: &Raw| Ok(vec![required("vpcId", raw.vpc_id())?]),
        parse,
    };
    let found = batch.read(vpcs).await;
    found
        .into_iter()
        .map(|(vpc, found)| Answered::Groups(GroupFilter::Vpc(vpc), list_or_gone(found)))
        .collect()
}

async fn describe(ec2: &Ec2, filters: Vec<Filter>) -> Result<Vec<Raw>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_security_groups().set_filters(Some(filters.clone()));
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.security_groups, reply.next_token))
    };
    ec2.pages(ACTION, page).await
}

fn egress_lists(raw: &Raw) -> Result<Vec<PrefixListId>, Unparsable> {
    let lists = raw
        .ip_permissions_egress()
        .iter()
        .flat_map(|permission| permission.prefix_list_ids());
    let ids = lists
        .filter_map(|list| list.prefix_list_id())
        .map(|id| parsed("prefixListId", id));
    // A group that has several rules to one list belongs to it once.
    ordered::try_set(ids).map(|ids| ids.into_iter().collect())
}

/// A name with its wildcards taken literally: in a filter `*` and `?` stand for any text, and `\` escapes them.
fn literal(name: &str) -> String {
    let mut literal = String::with_capacity(name.len());
    for character in name.chars() {
        if matches!(character, '*' | '?' | '\\') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal
}

fn parse(raw: &Raw) -> Result<SecurityGroup, Unparsable> {
    Ok(SecurityGroup {
        id: required("groupId", raw.group_id())?,
        name: raw.group_name().unwrap_or_default().to_owned(),
        vpc: required("vpcId", raw.vpc_id())?,
        owner: required("ownerId", raw.owner_id())?,
        tags: tags(raw.tags()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_name_are_taken_literally() {
        assert_eq!(literal(r"web*?\ (1)"), r"web\*\?\\ (1)");
    }
}
