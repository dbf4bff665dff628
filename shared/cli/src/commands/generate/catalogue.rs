//! The catalogue of rules, in Markdown: what each finds, and which call wakes it in which function.

use guardrail_policy::event::CallName;
use guardrail_policy::functions::BUILT;
use guardrail_policy::rules::{self, Rule};
use guardrail_policy::settings::RuleName;

/// The catalogue of rules, in Markdown.
pub(super) fn catalogue() -> String {
    let rows: String = RuleName::ALL
        .iter()
        .filter_map(|name| rules::find(*name))
        .map(row)
        .collect();
    let unbuilt: Vec<&RuleName> = RuleName::ALL
        .iter()
        .filter(|name| rules::find(**name).is_none())
        .collect();
    let announced: String = unbuilt
        .iter()
        .map(|name| format!("* `{name}`: {}\n", name.finds()))
        .collect();
    let mut text = format!("{HEADING}\n{TITLES}\n|---|---|---|---|---|---|\n{rows}");
    if !unbuilt.is_empty() {
        text.push_str(&format!(
            "\n## Not in this version\n\nThe policy file may already speak of these.\n\n{announced}"
        ));
    }
    text.push_str(&calls());
    text
}

const HEADING: &str = "\
<!-- Made from the rules by `make generate`: change the rules, not this file. -->
# Rules

The severity is that of the worst finding.
What a rule changes, it changes in mode `revert` only.
";

const TITLES: &str = "| rule | severity | finds | woken by | reads with | changes with |";

fn row(rule: &'static Rule) -> String {
    let code = |texts: Vec<String>| {
        texts
            .iter()
            .map(|text| format!("`{text}`"))
            .collect::<Vec<_>>()
            .join("<br>")
    };
    let page = format!("../shared/policy/src/rules/{}.md", rule.name.as_str().replace('-', "_"));
    format!(
        "| [`{name}`]({page}) | {severity} | {title} | {woken} | {reads} | {writes} |\n",
        name = rule.name,
        severity = rule.severity,
        title = rule.title,
        woken = code(rule.woken_by.iter().map(ToString::to_string).collect()),
        reads = code(rule.reads.iter().map(ToString::to_string).collect()),
        writes = code(rule.writes.iter().map(ToString::to_string).collect()),
    )
}

/// Which function hears of which call, and which of its rules it wakes.
fn calls() -> String {
    let rows = BUILT.iter().flat_map(|function| {
        let row = move |call: CallName| {
            let rules: Vec<String> = function.woken_by(call).map(|rule| format!("`{}`", rule.name)).collect();
            format!("| `{call}` | `{}` | {} |\n", function.name, rules.join("<br>"))
        };
        function.calls().into_iter().map(row)
    });
    format!("\n## Calls\n\n{CALLS}\n|---|---|---|\n{}", rows.collect::<String>())
}

const CALLS: &str = "\
Each call is delivered to one function, unless it failed; its patterns and its role are in `infra/generated/FUNCTION.json`.

| call | function | rules |";
