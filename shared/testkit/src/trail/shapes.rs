//! The shapes of what permissions look like in requests and responses.

use guardrail_policy::id::{SecurityGroupId, SecurityGroupRuleId};
use guardrail_policy::network::{Peer, Permission, Protocol, Traffic};
use serde_json::{Map, Value, json};

use crate::network::{ACCOUNT, REGION};

/// In the newer dialect a list of one is its element.
pub(super) fn one_or_many(mut items: Vec<Value>) -> Value {
    if items.len() == 1 {
        items.remove(0)
    } else {
        Value::Array(items)
    }
}

pub(super) fn group_items(groups: &[&str]) -> Vec<Value> {
    groups.iter().map(|group| json!({ "groupId": group })).collect()
}

/// `ipPermissions`: one item for each run of permissions with the same traffic.
pub(super) fn nested(permissions: &[&Permission]) -> Vec<Value> {
    permissions
        .chunk_by(|one, two| one.traffic == two.traffic)
        .map(nested_item)
        .collect()
}

fn nested_item(permissions: &[&Permission]) -> Value {
    let mut lists: [(&str, Vec<Value>); 4] = [
        ("groups", Vec::new()),
        ("ipRanges", Vec::new()),
        ("ipv6Ranges", Vec::new()),
        ("prefixListIds", Vec::new()),
    ];
    let mut item = json!({});
    for permission in permissions {
        put_traffic(&mut item, permission.traffic, ["ipProtocol", "fromPort", "toPort"]);
        let (list, value) = match &permission.peer {
            Peer::Group { id, account } => (0, json!({ "groupId": id, "userId": account })),
            Peer::Cidr(cidr) if !cidr.is_ipv6() => (1, json!({ "cidrIp": cidr })),
            Peer::Cidr(cidr) => (2, json!({ "cidrIpv6": cidr })),
            Peer::PrefixList(list) => (3, json!({ "prefixListId": list })),
        };
        lists
            .iter_mut()
            .skip(list)
            .take(1)
            .for_each(|(_, values)| values.push(value.clone()));
    }
    for (name, values) in lists {
        item[name] = if values.is_empty() {
            json!({})
        } else {
            json!({ "items": values })
        };
    }
    item
}

/// Requests leave the ports out where every protocol is meant.
pub(super) fn put_traffic(into: &mut Value, traffic: Traffic, [protocol, from, to]: [&str; 3]) {
    into[protocol] = json!(traffic.protocol);
    if traffic.protocol != Protocol::All {
        into[from] = json!(traffic.ports.from);
        into[to] = json!(traffic.ports.to);
    }
}

/// One item of `securityGroupRuleSet`.
pub(super) fn listed_rule(group: &SecurityGroupId, id: &SecurityGroupRuleId, permission: &Permission) -> Value {
    let mut item = Map::new();
    item.insert("groupOwnerId".to_owned(), json!(ACCOUNT));
    item.insert("groupId".to_owned(), json!(group));
    item.insert("securityGroupRuleId".to_owned(), json!(id));
    item.insert("isEgress".to_owned(), json!(true));
    item.insert("ipProtocol".to_owned(), json!(permission.traffic.protocol));
    item.insert("fromPort".to_owned(), json!(permission.traffic.ports.from));
    item.insert("toPort".to_owned(), json!(permission.traffic.ports.to));
    let (key, value) = match &permission.peer {
        Peer::Cidr(cidr) if cidr.is_ipv6() => ("cidrIpv6", json!(cidr)),
        Peer::Cidr(cidr) => ("cidrIpv4", json!(cidr)),
        Peer::PrefixList(list) => ("prefixListId", json!(list)),
        Peer::Group { id, account } => ("referencedGroupInfo", json!({ "userId": account, "groupId": id })),
    };
    item.insert(key.to_owned(), value);
    let arn = format!("arn:aws:ec2:{REGION}:{ACCOUNT}:security-group-rule/{id}");
    item.insert("securityGroupRuleArn".to_owned(), json!(arn));
    Value::Object(item)
}
