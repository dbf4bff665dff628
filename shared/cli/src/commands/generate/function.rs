//! What follows from the rules for one function, as JSON: for the tests, and for people who deploy in another way.

use anyhow::Result;
use guardrail_policy::functions::Function;
use guardrail_policy::settings::RuleName;
use serde::Serialize;
use serde_json::Value;

use super::patterns::Patterns;
use super::statements::Statements;

/// One function.
#[derive(Serialize)]
struct Description {
    function: &'static str,
    guards: &'static str,
    rules: Vec<RuleName>,
    calls: Vec<String>,
    event_patterns: EventPatterns,
    statements: RoleStatements,
}

/// Its two patterns.
#[derive(Serialize)]
struct EventPatterns {
    immediate: Value,
    delayed: Value,
}

/// Its role's statements, with CloudFormation's functions in them.
#[derive(Serialize)]
struct RoleStatements {
    read: Vec<Value>,
    write: Vec<Value>,
}

/// A function's description.
///
/// # Errors
/// None that the rules could cause; a defect of this program otherwise.
pub(super) fn description(function: &Function) -> Result<String> {
    let Patterns { immediate, delayed } = Patterns::of(function);
    let Statements { read, write } = Statements::of(function);
    let description = Description {
        function: function.name.as_str(),
        guards: function.guards,
        rules: function.rules.iter().map(|rule| rule.name).collect(),
        calls: function.calls().iter().map(ToString::to_string).collect(),
        event_patterns: EventPatterns { immediate, delayed },
        statements: RoleStatements { read, write },
    };
    Ok(serde_json::to_string_pretty(&description)? + "\n")
}
