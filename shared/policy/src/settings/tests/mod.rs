//! The policy file, key by key: what is taken, and how what is not taken is told.

mod bytes;
mod keys;
mod keys_network;
mod keys_scope;
mod manual;
mod questions;
mod rules;
mod schema;
mod schema_accepts;
mod whole;
mod yaml;

use super::{RuleName, Settings, parse};

/// The rules that these tests pretend are built.
const BUILT: &[RuleName] = &[RuleName::OpenEgress];

/// The settings of a good file.
fn good(text: &str) -> Settings {
    parse(text.as_bytes(), BUILT).unwrap_or_else(|error| panic!("{error}"))
}

/// What is told about a bad file that has `version: 1` in its first line.
fn told(text: &str) -> String {
    told_of(&format!("version: 1\n{text}"))
}

/// What is told about a bad file.
fn told_of(text: &str) -> String {
    parse(text.as_bytes(), BUILT)
        .unwrap_err()
        .display_with("policy.yaml")
        .to_string()
}

/// The notes on a good file, each in one line.
fn notes(text: &str) -> String {
    let notes = good(text).notes;
    notes
        .iter()
        .map(|note| format!("{} {}\n", note.at, note.text))
        .collect()
}
