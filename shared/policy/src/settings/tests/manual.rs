//! The users' page says what the reader does.

use serde_json::Value;

use super::{BUILT, told};
use crate::settings::{RuleName, parse, schema};

const PAGE: &str = include_str!("../../../../../docs/policy-file.md");

#[test]
fn every_example_on_the_page_can_be_used() {
    let examples: Vec<&str> = PAGE
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(examples.len() > 12, "only {} examples were found", examples.len());
    for example in examples {
        let version = if example.contains("version: 1") {
            ""
        } else {
            "version: 1\n"
        };
        parse(format!("{version}{example}").as_bytes(), BUILT).unwrap_or_else(|error| panic!("{example}\n{error}"));
    }
}

#[test]
fn the_problem_on_the_page_is_told_like_that() {
    let shown = PAGE
        .split("$ guardrail check policy.yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    assert_eq!(shown.map(str::trim_end), Some(told("modes: notify\n").as_str()));
}

#[test]
fn the_page_names_every_key_and_every_rule() {
    fn keys(value: &Value, found: &mut Vec<String>) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            found.extend(properties.keys().cloned());
        }
        match value {
            Value::Object(entries) => entries.values().for_each(|value| keys(value, found)),
            Value::Array(items) => items.iter().for_each(|value| keys(value, found)),
            _ => {}
        }
    }
    let mut wanted: Vec<String> = RuleName::ALL.iter().map(|rule| rule.to_string()).collect();
    keys(&serde_json::from_str(&schema()).unwrap(), &mut wanted);
    let is_named = |key: &String| PAGE.contains(&format!("`{key}`")) || PAGE.contains(&format!("{key}:"));
    let missing: Vec<&String> = wanted.iter().filter(|key| !is_named(key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
