//! What the checks came to: a line each, what is missing in IAM's terms, and whose rights were tested.

use guardrail_aws::{Access, Checked};
use serde::Serialize;

use super::statement::{self, Denied};
use crate::output::{BAD, FAINT, GOOD, STRONG, Screen, UNSURE};
use crate::status::Status;

/// Everything that was checked.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Whose rights were tested.
    tested_with: String,
    groups: Vec<Group>,
    /// The policy that would grant what is denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_policy: Option<serde_json::Value>,
    #[serde(skip)]
    denied: Vec<Denied>,
}

/// Checks of one thing.
#[derive(Debug, Serialize)]
struct Group {
    name: &'static str,
    checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    state: State,
    says: String,
    #[serde(skip)]
    denied: Option<Denied>,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    /// Worth knowing; neither good nor bad.
    Note,
    /// Something must be done.
    Missing,
    /// It could not be checked.
    Unknown,
}

impl Check {
    fn new(state: State, says: impl Into<String>) -> Self {
        Self {
            state,
            says: says.into(),
            denied: None,
        }
    }

    pub(super) fn ok(says: impl Into<String>) -> Self {
        Self::new(State::Ok, says)
    }

    pub(super) fn note(says: impl Into<String>) -> Self {
        Self::new(State::Note, says)
    }

    pub(super) fn missing(says: impl Into<String>) -> Self {
        Self::new(State::Missing, says)
    }

    pub(super) fn unknown(says: impl Into<String>) -> Self {
        Self::new(State::Unknown, says)
    }

    /// What is denied here, and on what it would have to be granted.
    pub(super) fn denied(action: &str, resource: &str, code: &str) -> Self {
        Self {
            state: State::Missing,
            says: format!("{action} is denied (`{code}`)"),
            denied: Some(Denied {
                action: action.to_owned(),
                resource: resource.to_owned(),
            }),
        }
    }

    /// A permission, tested on a resource.
    pub(super) fn of(checked: &Checked, resource: &str) -> Self {
        let action = &checked.action;
        match &checked.access {
            Access::Allowed => Self::ok(action.as_str()),
            Access::Denied { code } => Self::denied(action, resource, code),
            Access::Missing { .. } => Self::missing(checked.to_string()),
            Access::Unknown { .. } => Self::unknown(checked.to_string()),
        }
    }
}

impl Report {
    pub(super) fn new(tested_with: String) -> Self {
        Self {
            tested_with,
            groups: Vec::new(),
            missing_policy: None,
            denied: Vec::new(),
        }
    }

    /// Adds checks of one thing.
    pub(super) fn add(&mut self, name: &'static str, checks: Vec<Check>) {
        self.denied
            .extend(checks.iter().filter_map(|check| check.denied.clone()));
        self.missing_policy = statement::granting(&self.denied);
        self.groups.push(Group { name, checks });
    }

    fn count(&self, state: State) -> usize {
        let checks = self.groups.iter().flat_map(|group| &group.checks);
        checks.filter(|check| check.state == state).count()
    }

    /// How the run ends.
    pub(super) fn status(&self) -> Status {
        match (self.count(State::Unknown), self.count(State::Missing)) {
            (0, 0) => Status::Clean,
            (0, _) => Status::Findings,
            _ => Status::Unjudged,
        }
    }

    /// Shows it to people.
    pub(super) fn show(&self, screen: &mut Screen) {
        for Group { name, checks } in &self.groups {
            screen.line(format_args!("{STRONG}{name}{STRONG:#}"));
            for Check { state, says, .. } in checks {
                let (style, word) = match state {
                    State::Ok => (GOOD, "ok"),
                    State::Note => (FAINT, "note"),
                    State::Missing => (BAD, "missing"),
                    State::Unknown => (UNSURE, "unknown"),
                };
                screen.hanging(2, 11, &format!("{style}{word:<7}{style:#}  {says}"));
            }
            screen.line("");
        }
        screen.paragraph(0, &self.tested_with);
        if let Some(policy) = &self.missing_policy {
            screen.line("");
            screen.line("What is denied, as a policy that grants it:");
            screen.line(serde_json::to_string_pretty(policy).unwrap_or_default());
        }
        screen.line("");
        screen.line(self.summary());
    }

    fn summary(&self) -> String {
        let (ok, missing, unknown) = (
            self.count(State::Ok),
            self.count(State::Missing),
            self.count(State::Unknown),
        );
        format!("{ok} ok, {missing} missing, {unknown} could not be checked")
    }
}
