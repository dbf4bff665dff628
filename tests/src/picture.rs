//! A picture of everything in a VPC that a guardrail could change, to see afterwards what it did change.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::user::User;
use crate::{Error, Result};

/// What is there: by id, each thing as the API tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture(BTreeMap<String, Value>);

/// What differs between two pictures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference {
    /// What is new.
    pub added: Vec<Value>,
    /// What is not there any more.
    pub removed: Vec<Value>,
    /// What is another under the same id, as it is now.
    pub changed: Vec<Value>,
}

/// How a kind of thing is listed: the call, the list in its answer, the id of each.
const KINDS: [(&str, &str, &str); 5] = [
    ("describe_security_groups", "SecurityGroups", "GroupId"),
    ("describe_route_tables", "RouteTables", "RouteTableId"),
    ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("describe_subnets", "Subnets", "SubnetId"),
];

impl Picture {
    /// Looks at the VPC: its groups with all their rules, tables, endpoints, interfaces and subnets.
    ///
    /// # Errors
    /// Where AWS refuses a call.
    pub fn of(user: &User, vpc: &str) -> Result<Self> {
        let mut things = BTreeMap::new();
        let in_vpc = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
        for (operation, list, id) in KINDS {
            for mut thing in listed(user, operation, list, &in_vpc)? {
                // A group's rules are looked at one by one.
                if let Some(fields) = thing.as_object_mut() {
                    fields.remove("IpPermissions");
                    fields.remove("IpPermissionsEgress");
                }
                things.insert(text(&thing, id)?, thing);
            }
        }
        let groups: Vec<&String> = things.keys().filter(|id| id.starts_with("sg-")).collect();
        let of_groups = json!({"Filters": [{"Name": "group-id", "Values": groups}]});
        for rule in listed(user, "describe_security_group_rules", "SecurityGroupRules", &of_groups)? {
            things.insert(text(&rule, "SecurityGroupRuleId")?, rule);
        }
        Ok(Self(things))
    }

    /// What is different in a later picture.
    #[must_use]
    pub fn until(&self, later: &Self) -> Difference {
        let missing_in = |one: &Self, other: &Self| -> Vec<Value> {
            let missing = one.0.iter().filter(|(id, _)| !other.0.contains_key(*id));
            missing.map(|(_, thing)| thing.clone()).collect()
        };
        let changed = later
            .0
            .iter()
            .filter(|(id, thing)| self.0.get(*id).is_some_and(|before| before != *thing));
        Difference {
            added: missing_in(later, self),
            removed: missing_in(self, later),
            changed: changed.map(|(_, thing)| thing.clone()).collect(),
        }
    }
}

fn listed(user: &User, operation: &str, list: &str, parameters: &Value) -> Result<Vec<Value>> {
    let answer = user.call("ec2", operation, parameters)?;
    let things = answer.get(list).and_then(Value::as_array).cloned();
    things.ok_or_else(|| Error::shape(list, &answer))
}

fn text(thing: &Value, key: &str) -> Result<String> {
    let text = thing.get(key).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| Error::shape(key, thing))
}

/// A rule's traffic and destination in one line: `tcp/443 10.0.0.0/8`, `-1 0.0.0.0/0`.
#[must_use]
pub fn in_short(rule: &Value) -> String {
    let protocol = rule.get("IpProtocol").and_then(Value::as_str).unwrap_or_default();
    let port = |key: &str| rule.get(key).and_then(Value::as_i64).filter(|port| *port >= 0);
    let traffic = match (port("FromPort"), port("ToPort")) {
        (Some(from), Some(to)) if from == to => format!("{protocol}/{from}"),
        (Some(from), Some(to)) => format!("{protocol}/{from}-{to}"),
        _ => protocol.to_owned(),
    };
    format!("{traffic} {}", crate::network::destination(rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::Emulator;
    use crate::identity::Identity;
    use crate::network::{PrivateVpc, open_egress};

    #[test]
    fn a_picture_shows_exactly_what_was_added_and_removed() {
        let emulator = Emulator::shared().unwrap();
        let owner = emulator.user(Identity::role_session("Owner", "picture")).unwrap();
        let network = PrivateVpc::build(&owner).unwrap();
        let before = Picture::of(&owner, &network.vpc).unwrap();
        assert_eq!(before.until(&before), Difference::default());
        open_egress(&owner, &network.app_group, "8.8.8.0/24").unwrap();
        let after = Picture::of(&owner, &network.vpc).unwrap();
        let difference = before.until(&after);
        let added: Vec<_> = difference.added.iter().map(in_short).collect();
        assert_eq!(added, ["-1 8.8.8.0/24"]);
        assert!(difference.removed.is_empty() && difference.changed.is_empty());
        let back = after.until(&before);
        assert_eq!((back.removed, back.added), (difference.added, Vec::new()));
    }
}
