//! What a function's role may do, as the template says it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::template::Template;
use crate::{Error, Result};

/// The role of a function.
#[derive(Debug, Clone)]
pub struct Role {
    policies: Value,
}

/// What the template decides by.
struct Conditions<'m> {
    mode: &'m str,
}

impl Role {
    /// The role of `function` in the template.
    ///
    /// # Errors
    /// Where the template has none, or cannot be read.
    pub fn of(function: &str) -> Result<Self> {
        let template = Template::read()?;
        let policies = template.property(function, "Role", "Policies")?;
        Ok(Self {
            policies: policies.clone(),
        })
    }

    /// The IAM actions that it grants where the template's parameter `Mode` is `mode`, the policy file is in a parameter,
    /// there is a marker group, and the function runs outside a VPC.
    ///
    /// # Errors
    /// Where the template uses something that is not understood here.
    pub fn actions(&self, mode: &str) -> Result<BTreeSet<String>> {
        let conditions = Conditions { mode };
        let mut actions = BTreeSet::new();
        for policy in conditions.list(&self.policies)? {
            for statement in conditions.list(at(policy, "/PolicyDocument/Statement"))? {
                if at(statement, "/Effect") == "Allow" {
                    actions.extend(texts(at(statement, "/Action"))?);
                }
            }
        }
        Ok(actions)
    }
}

impl Conditions<'_> {
    /// The elements of a list that are there.
    fn list<'v>(&self, list: &'v Value) -> Result<Vec<&'v Value>> {
        let elements = list.as_array().ok_or_else(|| Error::shape("a list", list))?;
        let there = elements.iter().map(|element| self.chosen(element));
        let there = there.collect::<Result<Vec<_>>>()?;
        Ok(there
            .into_iter()
            .filter(|element| at(element, "/Ref") != "AWS::NoValue")
            .collect())
    }

    fn chosen<'v>(&self, element: &'v Value) -> Result<&'v Value> {
        let Some(branches) = at(element, "/Fn::If").as_array() else {
            return Ok(element);
        };
        match branches.as_slice() {
            [condition, yes, no] => Ok(if self.holds(condition)? { yes } else { no }),
            _ => Err(Error::shape("a condition with two branches", element)),
        }
    }

    fn holds(&self, condition: &Value) -> Result<bool> {
        match condition.as_str() {
            Some("MayRevert") => Ok(self.mode == "revert"),
            Some("HasPolicyParameter" | "HasMarker") => Ok(true),
            Some("IsInVpc") => Ok(false),
            _ => Err(Error::shape("a condition that the harness knows", condition)),
        }
    }
}

/// What stands there, or null.
fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn texts(value: &Value) -> Result<Vec<String>> {
    let one = value.as_str().map(|text| vec![text.to_owned()]);
    let several = || {
        let texts = value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned));
        texts.collect::<Option<Vec<_>>>()
    };
    one.or_else(several).ok_or_else(|| Error::shape("actions", value))
}
