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
            read: granting("Read", &function.reads(), permission::resources),
            write: granting("Write", &function.writes(), permission::resources),
        }
    }

    /// What a function reads with that looks at everything as it stands.
    pub(super) fn of_sweep(function: &Function) -> Vec<Value> {
        granting("Read", &function.scans(), permission::resources_to_list)
    }
}

/// A statement for each kind of resource, or for the kinds that an action needs together, in this Region and, where IAM can
/// tell, in this account only.
fn granting(
    to: &str,
    actions: &BTreeSet<&'static str>,
    resources_of: impl Fn(&str) -> &'static [&'static str],
) -> Vec<Value> {
    let mut by_resources: BTreeMap<(&str, &[&str]), Vec<&str>> = BTreeMap::new();
    for action in actions {
        let resources = resources_of(action);
        let service = if resources.is_empty() {
            ""
        } else {
            permission::service(action)
        };
        by_resources.entry((service, resources)).or_default().push(action);
    }
    let statements = by_resources
        .into_iter()
        .map(|((service, resources), actions)| match resources {
            [] => json!({
                "Sid": to,
                "Effect": "Allow",
                "Action": actions,
                "Resource": "*",
                "Condition": { "StringEquals": { "aws:RequestedRegion": { "Ref": "AWS::Region" } } },
            }),
            [resource] => json!({
                "Sid": format!("{to}{}", in_words(service, resources)),
                "Effect": "Allow",
                "Action": actions,
                "Resource": arn(service, resource),
            }),
            several => json!({
                "Sid": format!("{to}{}", in_words(service, resources)),
                "Effect": "Allow",
                "Action": actions,
                "Resource": several.iter().map(|resource| arn(service, resource)).collect::<Vec<_>>(),
            }),
        });
    statements.collect()
}

fn arn(service: &str, resource: &str) -> Value {
    let account = account_of(service);
    json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:{account}:{resource}") })
}

/// The account in a service's ARNs.
fn account_of(service: &str) -> &'static str {
    if permission::names_account(service) {
        "${AWS::AccountId}"
    } else {
        ""
    }
}

/// `security-group/*` of EC2 as `SecurityGroup`, `apis/*` of AppSync as `AppsyncApis`: what IAM takes for a statement's id.
fn in_words(service: &str, resources: &[&str]) -> String {
    let service = Some(service).filter(|service| *service != "ec2");
    let words = resources
        .iter()
        .flat_map(|resource| resource.split(|c: char| !c.is_ascii_alphanumeric()));
    service.into_iter().chain(words).map(super::capitalised).collect()
}
