//! IAM statements: what a function's role may do for its rules.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::functions::Function;
use serde_json::{Value, json};

use crate::permission;

/// What a function's role must be granted: in each mode, and in mode `revert` besides.
pub(super) struct Statements {
    /// What it reads with.
    pub(super) read: Vec<Value>,
    /// What it changes the network with.
    pub(super) write: Vec<Value>,
}

impl Statements {
    /// The statements of one function.
    pub(super) fn of(function: &Function) -> Self {
        Self {
            read: granting("Read", &function.reads()),
            write: granting("Write", &function.writes()),
        }
    }
}

/// A statement for each kind of resource, in this Region and, where IAM can tell, in this account only.
fn granting(to: &str, actions: &BTreeSet<&'static str>) -> Vec<Value> {
    let mut by_resource: BTreeMap<Option<(&str, &str)>, Vec<&str>> = BTreeMap::new();
    for action in actions {
        let resources = permission::resources(action);
        for resource in resources {
            let of_service = (permission::service(action), *resource);
            by_resource.entry(Some(of_service)).or_default().push(action);
        }
        if resources.is_empty() {
            by_resource.entry(None).or_default().push(action);
        }
    }
    let statements = by_resource.into_iter().map(|(resource, actions)| match resource {
        None => json!({
            "Sid": to,
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
            "Condition": { "StringEquals": { "aws:RequestedRegion": { "Ref": "AWS::Region" } } },
        }),
        Some((service, resource)) => json!({
            "Sid": format!("{to}{}", in_words(service, resource)),
            "Effect": "Allow",
            "Action": actions,
            "Resource": {
                "Fn::Sub": format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"),
            },
        }),
    });
    statements.collect()
}

/// `security-group/*` of EC2 as `SecurityGroup`, `apis/*` of AppSync as `AppsyncApis`: what IAM takes for a statement's id.
fn in_words(service: &str, resource: &str) -> String {
    let service = Some(service).filter(|service| *service != "ec2");
    let words = resource.split(|c: char| !c.is_ascii_alphanumeric());
    service.into_iter().chain(words).map(super::capitalised).collect()
}
