//! The functions' configuration: environment variables, all checked at start-up, all problems named at once.
//!
//! The command line reads the same variables, so that both always mean the same table, topic and policy file.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use guardrail_policy::id::{Arn, SecurityGroupId};
use guardrail_policy::ordered;
use guardrail_policy::own::Own;
use guardrail_policy::settings::Mode;

use crate::topic::Topic;

/// What the environment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// `GUARDRAIL_POLICY`: where the policy file is.
    pub policy: PolicySource,
    /// `GUARDRAIL_TOPIC_ARN`: the SNS topic that notices go to; its Region is taken from the ARN.
    pub topic: Topic,
    /// `GUARDRAIL_LEDGER_TABLE`: the `DynamoDB` table of the ledger, or `memory`.
    pub ledger: Option<String>,
    /// `GUARDRAIL_ROLE_ARNS`: the guardrail's own roles.
    pub own_roles: Vec<Arn>,
    /// `GUARDRAIL_PARTS`: what else the guardrail is made of.
    pub parts: BTreeSet<Arn>,
    /// `GUARDRAIL_MAX_MODE`: a cap on the mode of every rule.
    pub max_mode: Option<Mode>,
    /// `GUARDRAIL_KILL_SWITCH`: the SSM parameter that holds a mode.
    pub kill_switch: Option<String>,
    /// `GUARDRAIL_MARKER_GROUP`: the group that the sweep edits, to see whether events come.
    pub marker: Option<SecurityGroupId>,
    /// `GUARDRAIL_MAX_RECEIVES`: how often the queue delivers a message before it is a dead letter; 5 where it is not set.
    pub max_receives: u32,
}

/// Every variable by itself, whether or not they are enough for a function to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variables {
    /// `GUARDRAIL_POLICY`.
    pub policy: Option<PolicySource>,
    /// `GUARDRAIL_TOPIC_ARN`.
    pub topic: Option<Topic>,
    /// `GUARDRAIL_LEDGER_TABLE`.
    pub ledger: Option<String>,
    /// `GUARDRAIL_ROLE_ARNS`.
    pub own_roles: Vec<Arn>,
    /// `GUARDRAIL_PARTS`.
    pub parts: BTreeSet<Arn>,
    /// `GUARDRAIL_MAX_MODE`.
    pub max_mode: Option<Mode>,
    /// `GUARDRAIL_KILL_SWITCH`.
    pub kill_switch: Option<String>,
    /// `GUARDRAIL_MARKER_GROUP`.
    pub marker: Option<SecurityGroupId>,
    /// `GUARDRAIL_MAX_RECEIVES`, or what holds without it.
    pub max_receives: u32,
    /// Everything that is wrong with them.
    pub problems: Vec<Problem>,
}

/// What is wrong with one variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its name.
    pub variable: String,
    /// What is wrong, and the remedy.
    pub says: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says)
    }
}

/// Where the policy file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySource {
    /// `file:PATH`: bundled with the function; a relative path starts at the function's own folder.
    File(PathBuf),
    /// `ssm:/NAME`: an SSM parameter.
    Parameter(String),
}

impl fmt::Display for PolicySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Parameter(name) => write!(f, "ssm:{name}"),
        }
    }
}

/// Everything that is wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration cannot be used:\n{}", .0.iter().map(|problem| format!("  - {problem}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigurationError(pub Vec<Problem>);

/// The queue's `maxReceiveCount` where nothing else is said, as AWS recommends for queues of functions. With one receive
/// alone, what a crash leaves half done would never be finished.
const MAX_RECEIVES: u32 = 5;

/// Every variable of the guardrail, with an example of its value.
const VARIABLES: [(&str, &str); 9] = [
    ("GUARDRAIL_POLICY", "`file:policy.yaml` or `ssm:/guardrail/policy`"),
    ("GUARDRAIL_TOPIC_ARN", "`arn:aws:sns:eu-west-1:111122223333:guardrail`"),
    (
        "GUARDRAIL_LEDGER_TABLE",
        "the table's name, like `guardrail-ledger`, or `memory` for tests",
    ),
    (
        "GUARDRAIL_ROLE_ARNS",
        "role ARNs with commas between them, like `arn:aws:iam::111122223333:role/guardrail`",
    ),
    (
        "GUARDRAIL_PARTS",
        "ARNs of its functions, queues and event rules with commas between them, each whole or with `*` at its end, like `arn:aws:sqs:eu-west-1:111122223333:guardrail-routes-*`",
    ),
    ("GUARDRAIL_MAX_MODE", "`observe`, `notify` or `revert`"),
    (
        "GUARDRAIL_KILL_SWITCH",
        "the parameter's name, like `/guardrail/max-mode`",
    ),
    (
        "GUARDRAIL_MARKER_GROUP",
        "the marker group's id, like `sg-0a1b2c3d4e5f67890`",
    ),
    (
        "GUARDRAIL_MAX_RECEIVES",
        "the queue's `maxReceiveCount`, a number from 2 to 1000",
    ),
];

impl Configuration {
    /// Reads the configuration from environment variables. An empty variable counts as not set.
    ///
    /// # Errors
    /// [`ConfigurationError`] with everything that is missing, malformed, or misspelt.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigurationError> {
        let variables = Variables::read(variables);
        match (variables.policy, variables.topic) {
            (Some(policy), Some(topic)) if variables.problems.is_empty() => Ok(Self {
                policy,
                topic,
                ledger: variables.ledger,
                own_roles: variables.own_roles,
                parts: variables.parts,
                max_mode: variables.max_mode,
                kill_switch: variables.kill_switch,
                marker: variables.marker,
                max_receives: variables.max_receives,
            }),
            _ => Err(ConfigurationError(variables.problems)),
        }
    }
}

impl Variables {
    /// Reads each variable by itself. An empty variable counts as not set.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = variables
            .into_iter()
            .filter(|(name, value)| name.starts_with("GUARDRAIL_") && !value.is_empty());
        let mut reader = Reader {
            values: ordered::map(ours),
            problems: Vec::new(),
        };
        reader.refuse_unknown();
        Self {
            policy: reader.required("GUARDRAIL_POLICY", policy_source),
            topic: reader.required("GUARDRAIL_TOPIC_ARN", |text| text.parse::<Topic>().ok()),
            ledger: reader.optional("GUARDRAIL_LEDGER_TABLE", table),
            own_roles: reader.optional("GUARDRAIL_ROLE_ARNS", roles).unwrap_or_default(),
            parts: reader.optional("GUARDRAIL_PARTS", parts).unwrap_or_default(),
            max_mode: reader.optional("GUARDRAIL_MAX_MODE", |text| Mode::from_str(text).ok()),
            kill_switch: reader.optional("GUARDRAIL_KILL_SWITCH", |text| parameter(text).map(ToOwned::to_owned)),
            marker: reader.optional("GUARDRAIL_MARKER_GROUP", |text| text.parse().ok()),
            max_receives: reader
                .optional("GUARDRAIL_MAX_RECEIVES", |text| {
                    text.parse().ok().filter(|receives| (2..=1000).contains(receives))
                })
                .unwrap_or(MAX_RECEIVES),
            problems: reader.problems,
        }
    }

    /// What they say that the guardrail is made of. What is wrong with them is told with it.
    #[must_use]
    pub fn own(&self) -> Own {
        let topic = self.topic.iter().map(|topic| topic.arn().clone());
        let policy = match &self.policy {
            Some(PolicySource::Parameter(name)) => Some(name.clone()),
            Some(PolicySource::File(_)) | None => None,
        };
        Own {
            parts: self.parts.iter().cloned().chain(topic).collect(),
            ledger: self.ledger.clone(),
            kill_switch: self.kill_switch.clone(),
            policy,
            troubles: self.problems.iter().map(ToString::to_string).collect(),
        }
    }

    /// What is wrong with one of them.
    #[must_use]
    pub fn problem(&self, variable: &str) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.variable == variable)
    }
}

/// Reads variables one by one and keeps every problem.
struct Reader {
    values: BTreeMap<String, String>,
    problems: Vec<Problem>,
}

impl Reader {
    fn complain(&mut self, variable: &str, says: String) {
        self.problems.push(Problem {
            variable: variable.to_owned(),
            says,
        });
    }

    fn required<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        if !self.values.contains_key(name) {
            self.complain(name, format!("`{name}` is not set: set it to {}", example(name)));
        }
        self.optional(name, read)
    }

    fn optional<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = self.values.get(name)?;
        let read = read(value);
        if read.is_none() {
            let shown: String = value.chars().take(120).collect();
            self.complain(name, format!("`{name}` is `{shown}`: set it to {}", example(name)));
        }
        read
    }

    /// A misspelt variable would silently leave a brake off.
    fn refuse_unknown(&mut self) {
        let is_known = |name: &String| VARIABLES.iter().any(|(known, _)| known == name);
        let unknown: Vec<String> = self.values.keys().filter(|name| !is_known(name)).cloned().collect();
        for name in unknown {
            let nearest = VARIABLES
                .iter()
                .max_by(|(one, _), (two, _)| strsim::jaro(&name, one).total_cmp(&strsim::jaro(&name, two)));
            let nearest = nearest.map_or("", |(known, _)| known);
            let says = format!("`{name}` is no setting of the guardrail: did you mean `{nearest}`?");
            self.complain(&name, says);
        }
    }
}

fn example(name: &str) -> &'static str {
    VARIABLES
        .iter()
        .find(|(known, _)| *known == name)
        .map_or("", |(_, example)| example)
}

fn policy_source(text: &str) -> Option<PolicySource> {
    if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
        return Some(PolicySource::File(PathBuf::from(path)));
    }
    text.strip_prefix("ssm:")
        .and_then(parameter)
        .map(|name| PolicySource::Parameter(name.to_owned()))
}

/// A parameter's full name, as SSM takes it: `/` and then letters, digits, `.`, `-`, `_`, `/`.
fn parameter(text: &str) -> Option<&str> {
    let form = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/');
    (text.starts_with('/') && text.len() > 1 && text.len() <= 1011 && text.bytes().all(form)).then_some(text)
}

/// A table's name, 3 to 255 letters, digits, `.`, `-`, `_`; `memory` is one of them.
fn table(text: &str) -> Option<String> {
    let form = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    ((3..=255).contains(&text.len()) && text.bytes().all(form)).then(|| text.to_owned())
}

fn roles(text: &str) -> Option<Vec<Arn>> {
    let role = |text: &str| {
        text.trim()
            .parse::<Arn>()
            .ok()
            .filter(|arn| arn.service() == "iam" && arn.resource().starts_with("role/"))
    };
    text.split(',').map(role).collect()
}

fn parts(text: &str) -> Option<BTreeSet<Arn>> {
    let part = |text: &str| text.trim().parse::<Arn>().ok().filter(Own::can_be);
    text.split(',').map(part).collect()
}
