//! What the file says about each rule, and what an account changes about it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::PolicyDocument;
use super::network::ServiceSelector;
use super::rule_name::RuleName;

/// How far the guardrail may go. The order is that of the power given: the lowest of several wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Judge and record; tell nobody, change nothing.
    Observe,
    /// Tell; change nothing.
    #[default]
    Notify,
    /// Tell, and carry out the rule's automatic remedy.
    Revert,
}

impl Mode {
    /// Every mode, the weakest first.
    pub const ALL: &'static [Self] = &[Self::Observe, Self::Notify, Self::Revert];

    /// The mode as the policy file, the kill switch and records write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Notify => "notify",
            Self::Revert => "revert",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is not a mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mode: write `observe`, `notify` or `revert`")]
pub struct UnknownMode(String);

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        let found = Self::ALL.iter().find(|mode| mode.as_str() == text);
        found
            .copied()
            .ok_or_else(|| UnknownMode(text.chars().take(80).collect()))
    }
}

/// What is put in the place of what a rule found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// The same traffic, to the allowed destinations only.
    Narrow,
    /// 443 to the VPC's endpoints, and nothing else.
    PrivatePaths,
    /// Nothing.
    Revoke,
    /// The endpoint policy that `document` gives.
    SetPolicy,
    /// The switch that was turned off, on again. No rule has another remedy beside it, so that no file names it.
    #[schemars(skip)]
    SwitchOn,
    /// The switch that was turned on, off again; no file names it either.
    #[schemars(skip)]
    SwitchOff,
}

impl Remedy {
    /// Every remedy that the file can name.
    pub const ALL: &'static [Self] = &[Self::Narrow, Self::PrivatePaths, Self::Revoke, Self::SetPolicy];

    /// The remedy as the policy file, messages and records write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Narrow => "narrow",
            Self::PrivatePaths => "private-paths",
            Self::Revoke => "revoke",
            Self::SetPolicy => "set-policy",
            Self::SwitchOn => "switch-on",
            Self::SwitchOff => "switch-off",
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the file sets for one rule; what it leaves out is `None` here, and the rule's own default in force.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RuleSettings {
    /// How far this rule may go; without it, as far as the file's `mode` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Which of the rule's remedies to use; without it `narrow` for `open-egress`, and none for `endpoint-policy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// Revert only what is at most this old; without it, whatever the event brought in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_newer_than: Option<Age>,
    /// Whether a revert is withheld where the VPC has no working endpoint; without it, true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_private_path: Option<bool>,
    /// Services whose endpoints have private DNS off on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intended_off: Option<BTreeSet<ServiceSelector>>,
    /// The endpoint policy that `set-policy` puts in place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<PolicyDocument>,
}

impl RuleSettings {
    /// These settings, with what `closer` sets put over them.
    #[must_use]
    pub(super) fn overlaid(&self, closer: &Self) -> Self {
        Self {
            mode: closer.mode.or(self.mode),
            remedy: closer.remedy.or(self.remedy),
            only_newer_than: closer.only_newer_than.or(self.only_newer_than),
            require_private_path: closer.require_private_path.or(self.require_private_path),
            intended_off: closer.intended_off.clone().or_else(|| self.intended_off.clone()),
            document: closer.document.clone().or_else(|| self.document.clone()),
        }
    }
}

/// What one account has of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AccountSettings {
    /// How far any rule may go in this account, unless the account's own `rules` say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Settings of rules in this account; an option given here goes before the same option of the rule elsewhere.
    #[schemars(default, with = "super::schema::Rules")]
    pub rules: BTreeMap<RuleName, RuleSettings>,
}

/// How old a thing may be, to the second: `90s`, `60m`, `2h`, `1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Age(u32);

impl Age {
    /// The age as a length of time.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

impl fmt::Display for Age {
    /// In the largest unit that leaves no rest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
        let (size, unit) = units
            .into_iter()
            .find(|(size, _)| self.0.is_multiple_of(*size))
            .unwrap_or((1, "s"));
        write!(f, "{}{unit}", self.0 / size)
    }
}

impl FromStr for Age {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self, AgeError> {
        let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
        let parsed = units.into_iter().find_map(|(unit, size)| {
            let digits = text.strip_suffix(unit)?;
            let plain = (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse::<u32>().ok().filter(|_| plain)?.checked_mul(size)
        });
        let seconds = parsed.filter(|seconds| (1..=LONGEST_AGE).contains(seconds));
        seconds
            .map(Self)
            .ok_or_else(|| AgeError(text.chars().take(80).collect()))
    }
}

/// A year.
const LONGEST_AGE: u32 = 365 * 86_400;

/// A text that is not an age.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time: write a number and its unit, like `90s`, `60m`, `2h` or `1d`, up to `365d`")]
pub struct AgeError(String);

impl JsonSchema for Age {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Age".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]{1,8}[smhd]$", "examples": ["60m", "2h", "1d"] })
    }
}

impl TryFrom<String> for Age {
    type Error = AgeError;

    fn try_from(text: String) -> Result<Self, AgeError> {
        text.parse()
    }
}

impl From<Age> for String {
    fn from(age: Age) -> Self {
        age.to_string()
    }
}
