//! What a function's role may do, as the template says it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::places::workspace;
use crate::{Error, Result};

/// The template, as `make expand` writes it.
const TEMPLATE: &str = "infra/generated/template.cloudformation.yaml";

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
        let text = fs::read_to_string(workspace().join(TEMPLATE)).map_err(Error::io("read the expanded template"))?;
        let template: Value =
            serde_saphyr::from_str(&text).map_err(|error| Error::shape(&error.to_string(), &TEMPLATE))?;
        let id: String = function.split('-').map(capitalised).collect();
        let policies = template.pointer(&format!("/Resources/{id}Role/Properties/Policies"));
        let policies = policies.ok_or_else(|| Error::shape("a role with policies", &function))?;
        Ok(Self {
            policies: policies.clone(),
        })
    }

    /// The IAM actions that it grants where the template's parameter `Mode` is `mode`, the policy file is in a parameter, and
    /// the function runs outside a VPC.
    ///
    /// # Errors
    /// Where the template uses something that is not understood here.
    pub fn actions(&self, mode: &str) -> Result<BTreeSet<String>> {
        let conditions = Conditions { mode };
        let mut actions = BTreeSet::new();
        for policy in conditions.list(&self.policies)? {
            for statement in conditions.list(&policy["PolicyDocument"]["Statement"])? {
                if statement["Effect"] == "Allow" {
                    actions.extend(texts(&statement["Action"])?);
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
            .filter(|element| element["Ref"] != "AWS::NoValue")
            .collect())
    }

    fn chosen<'v>(&self, element: &'v Value) -> Result<&'v Value> {
        let Some(branches) = element["Fn::If"].as_array() else {
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
            Some("HasPolicyParameter") => Ok(true),
            Some("IsInVpc") => Ok(false),
            _ => Err(Error::shape("a condition that the harness knows", condition)),
        }
    }
}

fn texts(value: &Value) -> Result<Vec<String>> {
    let one = value.as_str().map(|text| vec![text.to_owned()]);
    let several = || {
        let texts = value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned));
        texts.collect::<Option<Vec<_>>>()
    };
    one.or_else(several).ok_or_else(|| Error::shape("actions", value))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
