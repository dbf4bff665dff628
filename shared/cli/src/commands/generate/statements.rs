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

    /// What a function reads with that looks at everything as it stands.
    pub(super) fn of_sweep(function: &Function) -> Vec<Value> {
        granting("Read", &function.scans())
    }
}

/// A statement for each kind of resource, in this Region and, where IAM can tell, in this account only.
fn granting(to: &str, actions: &BTreeSet<&'static str>) -> Vec<Value> {
    let mut by_resource: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
    for action in actions {
        by_resource
            .entry(permission::resource(action))
            .or_default()
            .push(action);
    }
    let statements = by_resource.into_iter().map(|(resource, actions)| match resource {
        None => json!({
            "Sid": to,
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
            "Condition": { "StringEquals": { "aws:RequestedRegion": { "Ref": "AWS::Region" } } },
        }),
        Some(resource) => json!({
            "Sid": format!("{to}{}", in_words(resource)),
            "Effect": "Allow",
            "Action": actions,
            "Resource": {
                "Fn::Sub": format!("arn:${{AWS::Partition}}:ec2:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"),
            },
        }),
    });
    statements.collect()
}

/// `security-group/*` as `SecurityGroup`: what IAM takes for a statement's id.
fn in_words(resource: &str) -> String {
    let words = resource.split(|c: char| !c.is_ascii_alphanumeric());
    words.map(super::capitalised).collect()
}
