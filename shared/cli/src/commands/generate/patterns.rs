//! EventBridge patterns: which calls reach a function at once, and which after a delay.
//!
//! Tools that describe infrastructure as code mend their own half-way states (Terraform takes the default egress rule from
//! a group two seconds after it made the group), so their calls are looked at late; and so are new groups, new subnets and
//! route tables that are taken away, whoever called: the next call gives the group its rules, and the subnet its table. The two patterns of a function match no event both, and together every call of it that did not fail.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::event::CallName;
use guardrail_policy::functions::Function;
use serde_json::{Map, Value, json};

/// The two patterns of a function.
pub(super) struct Patterns {
    /// What is delivered at once.
    pub(super) immediate: Value,
    /// What is delivered late.
    pub(super) delayed: Value,
}

/// What is late whoever called it.
const ALWAYS_LATE: [CallName; 3] = [
    CallName::CreateSecurityGroup,
    CallName::CreateSubnet,
    CallName::DisassociateRouteTable,
];

/// What is judged at once whoever called it: while a queue holds the message back, it may be deleted itself.
fn is_always_at_once(call: CallName) -> bool {
    CallName::OF_PARTS.contains(&call) || OF_TAGS.contains(&call)
}

/// The calls about tags, which nearly every tool makes for nearly everything: only what names a VPC is delivered.
const OF_TAGS: [CallName; 2] = [CallName::CreateTags, CallName::DeleteTags];

/// What the user agents of tools look like. CloudFormation calls in the name of the person who runs the stack.
const TOOLS: [&str; 5] = [
    "*Terraform*",
    "*OpenTofu*",
    "*Pulumi*",
    "*crossplane*",
    "cloudformation.amazonaws.com",
];

/// The services that call for a tool.
const SERVICES: [&str; 1] = ["cloudformation.amazonaws.com"];

impl Patterns {
    /// The patterns of one function.
    pub(super) fn of(function: &Function) -> Self {
        let calls = function.calls();
        let (own, others): (Vec<CallName>, Vec<CallName>) = calls.iter().partition(|call| is_always_at_once(**call));
        let mut by_source: BTreeMap<&str, BTreeSet<CallName>> = BTreeMap::new();
        for call in others {
            by_source.entry(call.source()).or_default().insert(call);
        }
        let (mut at_once, mut late) = (always_at_once(&own), Vec::new());
        for (source, calls) in by_source {
            let (always, by_caller): (Vec<CallName>, Vec<CallName>) =
                calls.iter().partition(|call| ALWAYS_LATE.contains(call));
            if !always.is_empty() {
                late.push(calls_of(source, &always));
            }
            if !by_caller.is_empty() {
                let person = json!({
                    "userAgent": [{"exists": false}, {"anything-but": {"wildcard": TOOLS}}],
                    "userIdentity": {"invokedBy": [{"exists": false}, {"anything-but": SERVICES}]},
                });
                let tool = json!({ "userAgent": TOOLS.map(|tool| json!({ "wildcard": tool })) });
                let service = json!({ "userIdentity": { "invokedBy": SERVICES } });
                at_once.push(with(calls_of(source, &by_caller), person));
                late.push(with(calls_of(source, &by_caller), tool));
                late.push(with(calls_of(source, &by_caller), service));
            }
        }
        Self {
            immediate: pattern(function, at_once),
            delayed: pattern(function, late),
        }
    }
}

/// Those about tags, and all others together. The pattern's `source` alone says whose they are: no two of the services have a
/// call of the same name, and a pattern has room for 2,048 characters only.
fn always_at_once(calls: &[CallName]) -> Vec<Map<String, Value>> {
    let (tags, parts): (Vec<CallName>, Vec<CallName>) = calls.iter().partition(|call| OF_TAGS.contains(call));
    let of_vpcs = json!({
        "requestParameters": { "resourcesSet": { "items": { "resourceId": [{ "prefix": "vpc-" }] } } },
    });
    let mut details = Vec::new();
    if !parts.is_empty() {
        details.push(named(&parts));
    }
    if !tags.is_empty() {
        details.push(with(named(&tags), of_vpcs));
    }
    details
}

/// A pattern that any of these details matches, unless the call failed.
fn pattern(function: &Function, mut details: Vec<Map<String, Value>>) -> Value {
    let mut detail = Map::new();
    for (key, value) in details.first().cloned().unwrap_or_default() {
        if details.iter().all(|other| other.get(&key) == Some(&value)) {
            for other in &mut details {
                other.remove(&key);
            }
            detail.insert(key, value);
        }
    }
    detail.insert("errorCode".to_owned(), json!([{"exists": false}]));
    if details.len() > 1 {
        detail.insert("$or".to_owned(), json!(details));
    }
    let services: BTreeSet<String> = function
        .calls()
        .iter()
        .map(|call| format!("aws.{}", call.service()))
        .collect();
    json!({ "source": services, "detail-type": ["AWS API Call via CloudTrail"], "detail": detail })
}

fn calls_of(source: &str, calls: &[CallName]) -> Map<String, Value> {
    with(named(calls), json!({ "eventSource": [source] }))
}

fn named(calls: &[CallName]) -> Map<String, Value> {
    let names: Vec<&str> = calls.iter().map(|call| call.name()).collect();
    with(Map::new(), json!({ "eventName": names }))
}

fn with(mut detail: Map<String, Value>, more: Value) -> Map<String, Value> {
    if let Value::Object(more) = more {
        detail.extend(more);
    }
    detail
}

#[cfg(test)]
mod tests {
    use guardrail_policy::functions::BUILT;

    use super::*;

    /// EventBridge's quota for one pattern, in characters.
    const LONGEST: usize = 2048;

    #[test]
    fn every_pattern_keeps_within_the_quota_of_event_bridge() {
        for function in BUILT {
            let patterns = Patterns::of(function);
            for pattern in [patterns.immediate, patterns.delayed] {
                let length = pattern.to_string().len();
                assert!(length <= LONGEST, "{}: {length} characters", function.name);
            }
        }
    }
}
