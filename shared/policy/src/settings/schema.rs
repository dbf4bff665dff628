//! The JSON Schema of the policy file, from the same types that it is read into.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::Settings;
use super::rule_name::RuleName;
use super::rule_options::{options_of, remedies_of};
use super::rules::RuleSettings;

/// The JSON Schema of the policy file (draft 2020-12), as indented JSON text, for editors and for checks in CI.
///
/// It knows every key and the form of every value; what needs arithmetic or a second look (a destination that is the
/// whole internet, `set-policy` without a document) only [`super::parse`] finds.
#[must_use]
pub fn schema() -> String {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Settings>();
    schema.insert("title".to_owned(), "vpc-guardrail policy file".into());
    if let Some(properties) = schema.pointer_mut("/properties").and_then(Value::as_object_mut) {
        let version = json!({ "description": "The version of this grammar.", "type": "integer", "const": 1 });
        properties.insert("version".to_owned(), version);
    }
    schema.insert("required".to_owned(), json!(["version"]));
    let mut value = without_null(schema.to_value());
    value.sort_all_objects();
    format!("{value:#}\n")
}

/// The form of `rules` in the file: for each rule, the options that it takes.
pub(super) enum Rules {}

impl JsonSchema for Rules {
    fn schema_name() -> Cow<'static, str> {
        "Rules".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let options = RuleSettings::json_schema(generator);
        let rules = RuleName::ALL
            .iter()
            .map(|rule| (rule.to_string(), rule_schema(*rule, &options)));
        let rules: Map<String, Value> = rules.collect();
        json_schema!({ "type": "object", "additionalProperties": false, "properties": rules })
    }
}

fn rule_schema(rule: RuleName, all_options: &Schema) -> Value {
    let option = |key: &str| {
        all_options
            .get("properties")
            .and_then(|all| all.get(key))
            .cloned()
            .unwrap_or_default()
    };
    let keys = std::iter::once("mode").chain(options_of(rule).iter().map(|option| option.key()));
    let mut properties: Map<String, Value> = keys.map(|key| (key.to_owned(), option(key))).collect();
    if let Some(remedy) = properties.get_mut("remedy") {
        let description = remedy.get("description").cloned().unwrap_or_default();
        *remedy = json!({ "description": description, "enum": remedies_of(rule) });
    }
    json!({ "description": rule.finds(), "type": "object", "additionalProperties": false, "properties": properties })
}

/// The schema without the `null` that an optional field would allow: in the file, a key is left out instead.
fn without_null(schema: Value) -> Value {
    match schema {
        Value::Object(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, without_null(value)));
            let mut object: Map<String, Value> = entries.collect();
            if let Some(Value::Array(kinds)) = object.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [kind] = kinds.as_slice() {
                    let kind = kind.clone();
                    object.insert("type".to_owned(), kind);
                }
            }
            unwrap_alternative(object)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_null).collect()),
        other => other,
    }
}

/// `anyOf` this or null, as just this.
fn unwrap_alternative(mut object: Map<String, Value>) -> Value {
    if let Some(Value::Array(alternatives)) = object.get_mut("anyOf") {
        alternatives.retain(|alternative| alternative != &json!({ "type": "null" }));
        if let [Value::Object(only)] = alternatives.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            object.extend(only);
        }
    }
    Value::Object(object)
}
