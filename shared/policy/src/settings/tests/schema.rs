//! The schema and the reader are two views of one grammar: they must know the same keys.

use std::collections::BTreeSet;

use serde_json::Value;

use super::BUILT;
use crate::settings::{RuleName, parse, schema};

/// Where each mapping of the grammar is in the schema, and a file with a key there that nobody knows.
fn places() -> Vec<(String, String)> {
    let mut places: Vec<(String, String)> = [
        ("", "UNKNOWN: 1"),
        ("/$defs/Scope", "scope: { UNKNOWN: 1 }"),
        ("/$defs/CentralEndpoints", "central_endpoints: [{ UNKNOWN: 1 }]"),
        ("/$defs/ClientPair", "client_pairs: [{ UNKNOWN: 1 }]"),
        (
            "/$defs/ClientSelector",
            "client_pairs: [{ client: { UNKNOWN: 1 }, services: [s3] }]",
        ),
        ("/$defs/Exemption", "exemptions: [{ UNKNOWN: 1 }]"),
        ("/$defs/Limits", "limits: { UNKNOWN: 1 }"),
        ("/$defs/Principals", "principals: { UNKNOWN: 1 }"),
        ("/$defs/Prices", "prices: { UNKNOWN: 1 }"),
        (
            "/$defs/AccountSettings",
            "accounts: { \"111122223333\": { UNKNOWN: 1 } }",
        ),
    ]
    .map(|(pointer, text)| (pointer.to_owned(), text.to_owned()))
    .to_vec();
    for rule in RuleName::ALL {
        places.push((
            format!("/$defs/Rules/properties/{rule}"),
            format!("rules: {{ {rule}: {{ UNKNOWN: 1 }} }}"),
        ));
    }
    places
}

fn texts(value: Option<&Value>) -> BTreeSet<String> {
    match value {
        Some(Value::Object(entries)) => entries.keys().cloned().collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    }
}

/// The words in backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn schema_and_reader_know_the_same_keys_and_require_the_same_ones() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    for (pointer, text) in places() {
        let object = schema
            .pointer(&pointer)
            .unwrap_or_else(|| panic!("no {pointer} in the schema"));
        let text = text.replace("UNKNOWN", "zzzzzzzzzzzzzzzzzzzz");
        let error = parse(text.as_bytes(), BUILT).unwrap_err();
        let unknown = error
            .problems()
            .iter()
            .find(|problem| problem.message.starts_with("unknown key"))
            .unwrap();
        assert_eq!(texts(object.get("properties")), quoted(&unknown.remedy), "{pointer}");
        assert_eq!(
            object.get("additionalProperties"),
            Some(&Value::Bool(false)),
            "{pointer}"
        );
        let inner = error
            .problems()
            .iter()
            .filter(|problem| pointer.is_empty() || !problem.message.contains("`version`"));
        let missing = inner.filter(|problem| problem.message.ends_with("is missing"));
        let missing: BTreeSet<String> = missing.flat_map(|problem| quoted(&problem.message)).collect();
        assert_eq!(texts(object.get("required")), missing, "{pointer}");
    }
}

#[test]
fn the_schema_names_every_rule_and_every_remedy_that_a_rule_has() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let rules = texts(schema.pointer("/$defs/Rules/properties"));
    assert_eq!(rules, RuleName::ALL.iter().map(|rule| rule.to_string()).collect());
    let remedies =
        |rule: &str| texts(schema.pointer(&format!("/$defs/Rules/properties/{rule}/properties/remedy/enum")));
    assert_eq!(
        remedies("open-egress"),
        ["narrow", "private-paths", "revoke"].map(str::to_owned).into()
    );
    assert_eq!(remedies("endpoint-policy"), ["set-policy"].map(str::to_owned).into());
}

#[test]
fn the_schema_explains_every_key_to_editors() {
    fn unexplained(value: &Value, path: &str, found: &mut Vec<String>) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            for (key, property) in properties {
                if property.get("description").is_none() && key != "Statement" {
                    found.push(format!("{path}.{key}"));
                }
                unexplained(property, &format!("{path}.{key}"), found);
            }
        }
        for (name, definition) in value.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            unexplained(definition, name, found);
        }
    }
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let mut found = Vec::new();
    unexplained(&schema, "", &mut found);
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}
