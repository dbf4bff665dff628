//! The service control policy that keeps people off the guardrail, against the calls by which they would lay hands on it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use guardrail_policy::event::CallName;
use serde_json::Value;

/// What IAM knows no resource for: a policy could deny it for every topic only.
const NOT_PREVENTED: [CallName; 1] = [CallName::Unsubscribe];

/// The IAM action of a call: some of Lambda's event names end with the date of its API.
fn action(call: CallName) -> String {
    let name = call.name().split("20").next().unwrap_or_default();
    format!("{}:{name}", call.service())
}

fn denied() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/prevention/scp-guardrail.json");
    let policy: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let actions = statements
        .iter()
        .filter(|statement| statement["Effect"] == "Deny")
        .flat_map(|statement| statement["Action"].as_array().unwrap());
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_call_that_the_guardrail_tells_of_when_it_is_too_late_can_be_prevented() {
    let denied = denied();
    let tags = [CallName::CreateTags, CallName::DeleteTags];
    for call in CallName::OF_PARTS.iter().copied().chain(tags) {
        let is_denied = denied.contains(&action(call));
        assert_eq!(is_denied, !NOT_PREVENTED.contains(&call), "{call} as {}", action(call));
    }
}

#[test]
fn the_policy_is_short_enough_for_an_organisation() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/prevention/scp-guardrail.json");
    let policy: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let length = policy.to_string().len();
    assert!(length <= 5120, "{length} characters, and AWS Organizations takes 5120");
}
