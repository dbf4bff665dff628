//! The endpoint policy that the file may give: YAML on the way in, JSON on the way to AWS.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::node::{Content, Node};
use super::reading::{Read, Reading};

/// The longest endpoint policy that AWS takes, in characters (VPC quotas).
const LONGEST: usize = 20_480;

/// An IAM policy document: an object with statements, kept as compact JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyDocument(String);

impl PolicyDocument {
    /// The document as the AWS API takes it: compact JSON.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl JsonSchema for PolicyDocument {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PolicyDocument".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object", "required": ["Statement"], "properties": { "Statement": { "type": ["array", "object"] } } })
    }
}

impl Read for PolicyDocument {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let entries = reading.entries(node)?;
        let statements = entries
            .iter()
            .find(|(key, _)| matches!(&key.content, Content::Scalar { text, .. } if text == "Statement"));
        let given = statements.is_some_and(|(_, value)| match &value.content {
            Content::List(items) => !items.is_empty(),
            Content::Map(_) | Content::Refused => true,
            Content::Scalar { .. } => false,
        });
        if !given {
            let remedy = "give it `Version` and a list `Statement`, as IAM has them";
            reading.problem(&node.span, "an endpoint policy without statements", remedy);
            return None;
        }
        let json = to_json(node, reading)?.to_string();
        let length = json.chars().count();
        if length > LONGEST {
            let message = format!("an endpoint policy of {length} characters");
            reading.problem(
                &node.span,
                &message,
                &format!("AWS takes at most {LONGEST}: write fewer statements"),
            );
            return None;
        }
        Some(Self(json))
    }
}

/// The value as JSON, all scalars but truth values as texts: IAM takes those everywhere, and an account id without
/// quotes stays one.
fn to_json(node: &Node, reading: &mut Reading<'_>) -> Option<Value> {
    match &node.content {
        Content::Refused => None,
        Content::Scalar { .. } => match reading.scalar(node, "a value", "\"\"")? {
            ("true", true) => Some(Value::from(true)),
            ("false", true) => Some(Value::from(false)),
            (text, _) => Some(Value::from(text)),
        },
        Content::List(items) => items
            .iter()
            .map(|item| to_json(item, reading))
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        Content::Map(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let (key, _) = reading.scalar(key, "a key", "Version")?;
                object.insert(key.to_owned(), to_json(value, reading)?);
            }
            Some(Value::Object(object))
        }
    }
}
