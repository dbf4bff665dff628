//! The schema, applied by a validator that knows just the keywords which it uses, and no others.

use serde_json::{Value, json};

use super::whole::EVERY_KEY;
use crate::settings::node::{self, Content, Node};
use crate::settings::reading::Reading;
use crate::settings::schema;
use crate::settings::source::Source;

/// A file as other readers of YAML see it: numbers and truth values where there are no quotes.
fn yaml(text: &str) -> Value {
    fn value(node: &Node) -> Value {
        match &node.content {
            Content::Scalar { text, plain: true } => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            Content::Scalar { text, .. } => json!(text),
            Content::List(items) => items.iter().map(value).collect(),
            Content::Map(entries) => entries.iter().map(|(key, item)| (key_of(key), value(item))).collect(),
            Content::Refused => panic!("refused"),
        }
    }
    fn key_of(node: &Node) -> String {
        match &node.content {
            Content::Scalar { text, .. } => text.clone(),
            other => panic!("{other:?} as a key"),
        }
    }
    value(&node::load(&mut Reading::new(Source::new(text), &[])).unwrap())
}

/// Where and why a value does not fit, if it does not.
fn misfit(root: &Value, schema: &Value, value: &Value, path: &str) -> Option<String> {
    let told = |keyword: &str| Some(format!("{path}: {keyword}"));
    let keywords = schema.as_object().unwrap();
    keywords.iter().find_map(|(keyword, rule)| match keyword.as_str() {
        "$ref" => misfit(
            root,
            root.pointer(rule.as_str()?.strip_prefix('#')?).unwrap(),
            value,
            path,
        ),
        "type" => (!is_type(rule, value)).then(|| told(keyword)).flatten(),
        "const" => (rule != value).then(|| told(keyword)).flatten(),
        "enum" => (!rule.as_array()?.contains(value)).then(|| told(keyword)).flatten(),
        "anyOf" | "oneOf" => {
            let fitting = rule
                .as_array()?
                .iter()
                .filter(|rule| misfit(root, rule, value, path).is_none())
                .count();
            (fitting == 0 || keyword == "oneOf" && fitting > 1)
                .then(|| told(keyword))
                .flatten()
        }
        "required" => {
            let missing = rule
                .as_array()?
                .iter()
                .any(|key| value.get(key.as_str().unwrap_or_default()).is_none());
            missing.then(|| told(keyword)).flatten()
        }
        "minimum" => (value.as_f64()? < rule.as_f64()?).then(|| told(keyword)).flatten(),
        "maximum" => (value.as_f64()? > rule.as_f64()?).then(|| told(keyword)).flatten(),
        "minProperties" => ((value.as_object()?.len() as u64) < rule.as_u64()?)
            .then(|| told(keyword))
            .flatten(),
        "items" => value.as_array()?.iter().find_map(|item| misfit(root, rule, item, path)),
        "properties" => value
            .as_object()?
            .iter()
            .find_map(|(key, item)| misfit(root, rule.get(key)?, item, &format!("{path}/{key}"))),
        "additionalProperties" => value.as_object()?.iter().find_map(|(key, item)| match rule {
            _ if schema.get("properties").is_some_and(|known| known.get(key).is_some()) => None,
            Value::Bool(false) => Some(format!("{path}/{key}: unknown")),
            rule => misfit(root, rule, item, &format!("{path}/{key}")),
        }),
        "$schema" | "$defs" | "title" | "description" | "default" | "examples" | "format" | "pattern"
        | "uniqueItems" => None,
        other => panic!("the schema uses `{other}`, which this validator does not know"),
    })
}

fn is_type(rule: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        other => panic!("no type `{other}`"),
    };
    rule.as_array().map_or_else(|| is(rule), |names| names.iter().any(is))
}

fn judged(text: &str) -> Option<String> {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    misfit(&schema, &schema, &yaml(text), "")
}

#[test]
fn the_schema_accepts_every_key_and_the_shipped_example() {
    assert_eq!(judged(EVERY_KEY), None);
    assert_eq!(judged(include_str!("../../../../../infra/policy.example.yaml")), None);
}

#[test]
fn the_schema_refuses_what_the_reader_refuses_for_its_form() {
    let cases = [
        ("mode: notify", ": required"),
        ("version: 2", "/version: const"),
        ("{ version: 1, modes: notify }", "/modes: unknown"),
        ("{ version: 1, mode: revrt }", "/mode: oneOf"),
        (
            "{ version: 1, scope: { private_vpcs: [{ tags: {} }] } }",
            "/scope/private_vpcs: anyOf",
        ),
        (
            "{ version: 1, scope: { private_vpcs: [{ tags: { a: b }, account: x }] } }",
            "/scope/private_vpcs: anyOf",
        ),
        (
            "{ version: 1, rules: { open-egress: { intended_off: [] } } }",
            "/rules/open-egress/intended_off: unknown",
        ),
        (
            "{ version: 1, rules: { endpoint-policy: { remedy: narrow } } }",
            "/rules/endpoint-policy/remedy: enum",
        ),
        (
            "{ version: 1, limits: { max_exemption_days: 0 } }",
            "/limits/max_exemption_days: minimum",
        ),
        (
            "{ version: 1, exemptions: [{ rule: open-egress }] }",
            "/exemptions: required",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(judged(text).as_deref(), Some(expected), "{text}");
    }
}
