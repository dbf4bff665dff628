//! What a policy file means, in a few lines and a table.

use guardrail_policy::jiff::civil::Date;
use guardrail_policy::rules::{self, BUILT};
use guardrail_policy::settings::{Mode, RuleName, RuleSettings, Settings, VpcSelector};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::output::{STRONG, Screen};
use crate::table::Table;

/// What a policy file means.
pub(super) struct Meaning {
    judges: String,
    allows: String,
    excepts: String,
    /// What it sets for each rule of this version: for all accounts first, then for each that has it otherwise.
    pub(super) rules: Vec<RuleLine>,
    /// The rules of which the file may speak, and which this version does not have.
    unbuilt: Vec<RuleName>,
}

/// What a policy file sets for one rule.
#[derive(Debug, Serialize)]
pub(super) struct RuleLine {
    rule: RuleName,
    /// The account that has it so; none for all that have nothing of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    mode: Mode,
    /// The rule's other options, as the file names them.
    options: Map<String, Value>,
}

impl Meaning {
    pub(super) fn of(settings: &Settings, today: Date) -> Self {
        Self {
            judges: judges(settings),
            allows: allows(settings),
            excepts: excepts(settings, today),
            rules: BUILT.iter().flat_map(|rule| rule_lines(settings, rule.name)).collect(),
            unbuilt: RuleName::ALL
                .iter()
                .copied()
                .filter(|rule| rules::find(*rule).is_none())
                .collect(),
        }
    }

    /// Writes it for people.
    pub(super) fn show(&self, screen: &mut Screen) {
        for (title, text) in [
            ("Judged", &self.judges),
            ("Allowed", &self.allows),
            ("Exempt", &self.excepts),
        ] {
            screen.paragraph(0, &format!("{STRONG}{title}{STRONG:#}: {text}"));
        }
        screen.line("");
        let mut table = Table::new(["rule", "account", "mode", "options"]);
        for RuleLine {
            rule,
            account,
            mode,
            options,
        } in &self.rules
        {
            let account = account.as_deref().unwrap_or("any");
            table.row([rule.as_str(), account, mode.as_str(), &in_words(options)]);
        }
        table.show(screen);
        let unbuilt: Vec<&str> = self.unbuilt.iter().map(|rule| rule.as_str()).collect();
        if !unbuilt.is_empty() {
            screen.line("");
            screen.paragraph(0, &format!("Not in this version: {}", unbuilt.join(", ")));
        }
    }
}

/// Which VPCs and accounts are judged.
fn judges(settings: &Settings) -> String {
    let scope = &settings.scope;
    let count = |is: fn(&VpcSelector) -> bool| scope.private_vpcs.iter().filter(|selector| is(selector)).count();
    let tags = count(|selector| matches!(selector, VpcSelector::Tags(_)));
    let ids = count(|selector| matches!(selector, VpcSelector::Id(_)));
    let accounts = count(|selector| matches!(selector, VpcSelector::Account { .. }));
    let total = counted(scope.private_vpcs.len(), "VPC selector");
    let kinds = listed(
        [(tags, "by tags"), (ids, "by id"), (accounts, "by account")].map(|(n, kind)| (n, format!("{n} {kind}"))),
    );
    let others = listed([
        (
            scope.exclude_subnets.len(),
            format!("{} left out", counted(scope.exclude_subnets.len(), "subnet")),
        ),
        (
            scope.private_accounts.len(),
            format!("APIs of {}", counted(scope.private_accounts.len(), "account")),
        ),
    ]);
    match (kinds.is_empty(), others.is_empty()) {
        (true, true) => total,
        (true, false) => format!("{total}; {others}"),
        (false, true) => format!("{total} ({kinds})"),
        (false, false) => format!("{total} ({kinds}); {others}"),
    }
}

/// What egress, routes and endpoints may lead to besides the VPC itself.
fn allows(settings: &Settings) -> String {
    let parts = listed([
        (
            settings.allowed_destinations.len(),
            joined(&settings.allowed_destinations),
        ),
        (
            settings.allowed_route_targets.len(),
            counted(settings.allowed_route_targets.len(), "route target"),
        ),
        (
            settings.allowed_endpoint_services.len(),
            counted(settings.allowed_endpoint_services.len(), "endpoint service"),
        ),
        (
            settings.central_endpoints.len(),
            format!(
                "central endpoints in {}",
                counted(settings.central_endpoints.len(), "VPC")
            ),
        ),
    ]);
    let own = "each VPC's own CIDRs";
    if parts.is_empty() {
        own.to_owned()
    } else {
        format!("{own}, {parts}")
    }
}

/// How many exemptions there are, and how many of them still hold.
fn excepts(settings: &Settings, today: Date) -> String {
    let all = settings.exemptions.len();
    let holding = settings
        .exemptions
        .iter()
        .filter(|exemption| today <= exemption.until)
        .count();
    match (all, all - holding) {
        (0, _) => "nothing".to_owned(),
        (all, 0) => counted(all, "resource"),
        (all, ended) => format!("{} ({ended} ended)", counted(all, "resource")),
    }
}

/// The line of a rule for all accounts, and one for each account that has it otherwise.
fn rule_lines(settings: &Settings, rule: RuleName) -> Vec<RuleLine> {
    let general = settings.rules.get(&rule).cloned().unwrap_or_default();
    let mode = general.mode.unwrap_or(settings.mode);
    let first = RuleLine {
        rule,
        account: None,
        mode,
        options: options(&general),
    };
    let others = settings.accounts.keys().map(|account| {
        let own = settings.rule(rule, account);
        let mode = settings.mode_for(rule, account);
        RuleLine {
            rule,
            account: Some(account.to_string()),
            mode,
            options: options(&own),
        }
    });
    let others: Vec<RuleLine> = others
        .filter(|line| (line.mode, &line.options) != (first.mode, &first.options))
        .collect();
    std::iter::once(first).chain(others).collect()
}

/// The options besides the mode, whatever options there are, now or later.
fn options(settings: &RuleSettings) -> Map<String, Value> {
    let options = RuleSettings {
        mode: None,
        ..settings.clone()
    };
    match serde_json::to_value(options) {
        Ok(Value::Object(options)) => options,
        _ => Map::new(),
    }
}

/// Options as the file writes them; one that is long, as a policy document is, is only named.
fn in_words(options: &Map<String, Value>) -> String {
    const LONG: usize = 40;
    let shown = options.iter().map(|(key, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if text.chars().count() > LONG {
            format!("{key}: …")
        } else {
            format!("{key}: {text}")
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

/// Those of which there are any, with commas between them.
fn listed<const N: usize>(parts: [(usize, String); N]) -> String {
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text);
    parts.collect::<Vec<_>>().join(", ")
}

fn joined<T: ToString>(things: &[T]) -> String {
    const MOST: usize = 8;
    let mut texts: Vec<String> = things.iter().take(MOST).map(ToString::to_string).collect();
    if things.len() > MOST {
        texts.push(format!("{} more", things.len() - MOST));
    }
    texts.join(", ")
}
