//! The template of the stack, as plain CloudFormation.

use std::fs;

use serde_json::Value;

use crate::places::workspace;
use crate::{Error, Result};

/// Where `make expand` writes it.
const PATH: &str = "infra/generated/template.cloudformation.yaml";

/// The template.
#[derive(Debug, Clone)]
pub struct Template(Value);

impl Template {
    /// Reads it.
    ///
    /// # Errors
    /// Where it is not there, or no YAML.
    pub fn read() -> Result<Self> {
        let text = fs::read_to_string(workspace().join(PATH)).map_err(Error::io("read the expanded template"))?;
        let template = serde_saphyr::from_str(&text).map_err(|error| Error::shape(error.to_string(), &PATH))?;
        Ok(Self(template))
    }

    /// A property of a resource of `function`: `kind` is what the resource's logical id has behind the function's name.
    ///
    /// # Errors
    /// Where there is no such resource, or it has no such property.
    pub fn property(&self, function: &str, kind: &str, property: &str) -> Result<&Value> {
        let name: String = function.split('-').map(capitalised).collect();
        let found = self
            .0
            .pointer(&format!("/Resources/{name}{kind}/Properties/{property}"));
        found.ok_or_else(|| Error::shape(format!("{name}{kind} with {property}"), &PATH))
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
