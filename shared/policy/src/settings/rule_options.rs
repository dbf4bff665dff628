//! Which options each rule takes, and the reading of them.

use std::collections::BTreeMap;

use super::node::{Content, Node};
use super::reading::{Mapping, Read, Reading};
use super::rule_name::RuleName;
use super::rules::{AccountSettings, Age, Mode, Remedy, RuleSettings};

/// An option that some rules take; every rule takes `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RuleOption {
    Remedy,
    OnlyNewerThan,
    RequirePrivatePath,
    IntendedOff,
    Document,
}

impl RuleOption {
    /// The option's key in the file, which is also its field in [`RuleSettings`].
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Remedy => "remedy",
            Self::OnlyNewerThan => "only_newer_than",
            Self::RequirePrivatePath => "require_private_path",
            Self::IntendedOff => "intended_off",
            Self::Document => "document",
        }
    }
}

/// What a rule takes besides `mode`.
pub(super) fn options_of(rule: RuleName) -> &'static [RuleOption] {
    match rule {
        RuleName::OpenEgress => &[
            RuleOption::Remedy,
            RuleOption::OnlyNewerThan,
            RuleOption::RequirePrivatePath,
        ],
        RuleName::PrivateDns => &[RuleOption::IntendedOff],
        RuleName::EndpointPolicy => &[RuleOption::Remedy, RuleOption::Document],
        _ => &[],
    }
}

/// The remedies that can be chosen for a rule.
pub(super) fn remedies_of(rule: RuleName) -> &'static [Remedy] {
    match rule {
        RuleName::OpenEgress => &[Remedy::Narrow, Remedy::PrivatePaths, Remedy::Revoke],
        RuleName::EndpointPolicy => &[Remedy::SetPolicy],
        _ => &[],
    }
}

/// The settings of rules, by rule; `general` are those of the whole file, where these are an account's.
pub(super) fn read_rules(
    node: &Node,
    reading: &mut Reading<'_>,
    general: &BTreeMap<RuleName, RuleSettings>,
) -> Option<BTreeMap<RuleName, RuleSettings>> {
    let entries = reading.entries(node)?;
    let mut rules = BTreeMap::new();
    for (name, value) in entries {
        let Some(rule) = RuleName::read(name, reading) else {
            continue;
        };
        reading.note_unbuilt(&name.span, rule, "what is set for it");
        let Some(settings) = read_rule(rule, value, reading) else {
            continue;
        };
        let inherited = general.get(&rule).is_some_and(|general| general.document.is_some());
        if settings.remedy == Some(Remedy::SetPolicy) && settings.document.is_none() && !inherited {
            reading.problem(
                &name.span,
                "the remedy `set-policy` has no policy to set",
                "add `document:` with the endpoint policy",
            );
        }
        if rule == RuleName::GuardrailTampered && settings.mode == Some(Mode::Observe) {
            let text = format!("rule `{rule}` tells in every mode: `mode: observe` has no effect on it");
            reading.note(&name.span, text);
        }
        rules.insert(rule, settings);
    }
    Some(rules)
}

fn read_rule(rule: RuleName, node: &Node, reading: &mut Reading<'_>) -> Option<RuleSettings> {
    if let Content::Scalar { text, .. } = &node.content
        && let Ok(mode) = text.parse::<Mode>()
    {
        let message = format!("`{mode}` alone is not the settings of a rule");
        reading.problem(&node.span, &message, &format!("write `{rule}: {{ mode: {mode} }}`"));
        return None;
    }
    let mut keys = reading.mapping(node)?;
    let mode = keys.optional("mode");
    let settings = RuleSettings {
        mode,
        remedy: option(&mut keys, rule, RuleOption::Remedy, |node, reading| {
            read_remedy(rule, node, reading)
        }),
        only_newer_than: option(&mut keys, rule, RuleOption::OnlyNewerThan, Age::read),
        require_private_path: option(&mut keys, rule, RuleOption::RequirePrivatePath, bool::read),
        intended_off: option(&mut keys, rule, RuleOption::IntendedOff, Read::read),
        document: option(&mut keys, rule, RuleOption::Document, Read::read),
    };
    keys.finish();
    Some(settings)
}

/// The value of an option, if the rule takes it; one that it does not take is reported, with those that do.
fn option<T>(
    keys: &mut Mapping<'_, '_, '_>,
    rule: RuleName,
    option: RuleOption,
    read: impl FnOnce(&Node, &mut Reading<'_>) -> Option<T>,
) -> Option<T> {
    if options_of(rule).contains(&option) {
        return keys.with(option.key(), read);
    }
    keys.foreign(option.key(), || {
        let takers = RuleName::ALL
            .iter()
            .filter(|other| options_of(**other).contains(&option));
        let takers: Vec<String> = takers.map(|other| format!("`{other}`")).collect();
        let message = format!("rule `{rule}` has no option `{}`", option.key());
        (
            message,
            format!("remove it: it is an option of {}", takers.join(" and ")),
        )
    });
    None
}

fn read_remedy(rule: RuleName, node: &Node, reading: &mut Reading<'_>) -> Option<Remedy> {
    let words: Vec<(&str, Remedy)> = remedies_of(rule)
        .iter()
        .map(|remedy| (remedy.as_str(), *remedy))
        .collect();
    reading.word(node, &format!("a remedy of `{rule}`"), &words)
}

impl Read for Age {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let (text, _) = reading.scalar(node, "a length of time", "60m")?;
        let remedy = "write a number and its unit, like `90s`, `60m`, `2h` or `1d`, up to `365d`";
        text.parse()
            .ok()
            .or_else(|| reading.refuse(node, "a length of time", remedy))
    }
}

/// What single accounts have of their own.
pub(super) fn read_account(
    node: &Node,
    reading: &mut Reading<'_>,
    general: &BTreeMap<RuleName, RuleSettings>,
) -> Option<AccountSettings> {
    let mut keys = reading.mapping(node)?;
    let mode = keys.optional("mode");
    let rules = keys
        .with("rules", |node, reading| read_rules(node, reading, general))
        .unwrap_or_default();
    keys.finish();
    Some(AccountSettings { mode, rules })
}
