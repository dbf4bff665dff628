//! The SAM template: the common parts, those of each function that calls wake, and those of the sweep.
//!
//! They stand in `infra/source` as YAML with placeholders. `{{name}}` within a line becomes a text; `{{block}}` alone on a
//! line becomes lines with that line's indentation. What is written once for each function is cut into sections by lines
//! `--- # section: NAME`; all instances of a section stand where the common part has its `{{NAME}}`, those before the first
//! such line where it has `{{functions}}`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use guardrail_policy::functions::{BUILT, Function, SWEEP};
use serde::Serialize;

use super::patterns::Patterns;
use super::statements::Statements;

const BASE: &str = include_str!("../../../../../infra/source/base.yaml");
const FUNCTION: &str = include_str!("../../../../../infra/source/function.yaml");
const SWEEP_SOURCE: &str = include_str!("../../../../../infra/source/sweep.yaml");
const SECTION: &str = "--- # section: ";
const HEADING: &str = "\
# Made from the rules and infra/source/*.yaml by `make generate`: change those, not this file.
";

/// What placeholders stand for.
type Values = BTreeMap<&'static str, String>;

/// The whole template.
///
/// # Errors
/// None that the rules could cause; a defect of this program otherwise.
pub(super) fn template() -> Result<String> {
    let mut parts: Values = BTreeMap::new();
    for function in BUILT {
        let values = values(function)?;
        for (name, text) in sections(FUNCTION) {
            parts.entry(name).or_default().push_str(&filled(text, &values));
        }
    }
    let values = BTreeMap::from([("read_statements", yaml(&Statements::of_sweep(&SWEEP))?)]);
    for (name, text) in sections(SWEEP_SOURCE) {
        parts.entry(name).or_default().push_str(&filled(text, &values));
    }
    Ok(format!("{HEADING}{}", filled(BASE, &parts)))
}

fn values(function: &Function) -> Result<Values> {
    let name = function.name.to_string();
    let patterns = Patterns::of(function);
    let statements = Statements::of(function);
    Ok(BTreeMap::from([
        ("Name", name.split('-').map(super::capitalised).collect()),
        ("name", name),
        ("description", function.guards.to_owned()),
        ("immediate_pattern", yaml(&patterns.immediate)?),
        ("delayed_pattern", yaml(&patterns.delayed)?),
        ("read_statements", yaml(&statements.read)?),
        ("write_statements", yaml(&statements.write)?),
    ]))
}

fn yaml(value: &impl Serialize) -> Result<String> {
    serde_saphyr::to_string(value).context("it cannot be written as YAML")
}

/// The sections of a text, with their names.
fn sections(text: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut parts = text.split(SECTION);
    let first = parts.next().map(|part| ("functions", part));
    let named = parts.filter_map(|part| part.split_once('\n'));
    first
        .into_iter()
        .chain(named.map(|(name, part)| (name.trim(), part)))
        .collect()
}

/// A text whose placeholders are filled in.
fn filled(text: &str, values: &Values) -> String {
    let lines = text.lines().map(|line| {
        let indentation = line.strip_suffix(line.trim_start()).unwrap_or_default();
        let block = line.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        match block.and_then(|name| values.get(name)) {
            Some(block) => block
                .lines()
                .map(|line| {
                    if line.is_empty() {
                        "\n".to_owned()
                    } else {
                        format!("{indentation}{line}\n")
                    }
                })
                .collect(),
            None => {
                let mut line = line.to_owned();
                for (name, text) in values {
                    line = line.replace(&format!("{{{{{name}}}}}"), text);
                }
                line + "\n"
            }
        }
    });
    lines.collect::<Vec<String>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_keeps_its_lines_indentation_and_a_text_its_place() {
        let values = BTreeMap::from([("name", "x-y".to_owned()), ("block", "a:\n  - b\n".to_owned())]);
        let text = "Name: guard-{{name}}-{{name}}\nAll:\n    {{block}}\n  {{other}}\n";
        assert_eq!(
            filled(text, &values),
            "Name: guard-x-y-x-y\nAll:\n    a:\n      - b\n  {{other}}\n"
        );
    }

    #[test]
    fn a_text_is_cut_at_its_sections() {
        let text = "a: 1\n--- # section: alarms\n- b\n- c\n--- # section: roles\nd\n";
        assert_eq!(
            sections(text),
            [("functions", "a: 1\n"), ("alarms", "- b\n- c\n"), ("roles", "d\n")]
        );
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        let template = template().unwrap();
        let left: Vec<&str> = template
            .lines()
            .filter(|line| line.contains("{{") && !line.contains("{{resolve:"))
            .collect();
        assert_eq!(left, Vec::<&str>::new());
    }
}
