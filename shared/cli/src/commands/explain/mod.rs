//! `guardrail explain`: what a rule finds, and why; without a rule, all of them.

mod page;

use anyhow::Result;
use clap::Args;
use guardrail_policy::rules::{self, BUILT, Rule};
use guardrail_policy::settings::RuleName;

use super::rule_names;
use crate::output::{STRONG, Screen};
use crate::status::Status;
use crate::table::Table;

/// Explains a rule; without RULE, lists all rules
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 it was explained, 2 there is no such rule.")]
pub(crate) struct Arguments {
    /// The rule
    #[arg(value_name = "RULE", value_parser = rule_names())]
    rule: Option<RuleName>,
}

impl Arguments {
    /// Shows the page of the rule, or the catalogue.
    pub(crate) fn run(self, screen: &mut Screen) -> Result<Status> {
        match self.rule {
            None => catalogue(screen),
            Some(name) => match rules::find(name) {
                Some(rule) => explain(screen, rule),
                None => announce(screen, name),
            },
        }
        Ok(Status::Clean)
    }
}

fn catalogue(screen: &mut Screen) {
    let mut table = Table::new(["rule", "severity", "finds"]);
    for name in RuleName::ALL {
        let severity = rules::find(*name).map_or_else(|| "not yet".to_owned(), |rule| rule.severity.to_string());
        table.row([name.as_str(), &severity, name.finds()]);
    }
    table.show(screen);
    screen.line("");
    let built = BUILT.len();
    let has = if built == 1 {
        "1 rule has".to_owned()
    } else {
        format!("{built} rules have")
    };
    screen.paragraph(0, &format!("In this version {has} been built; the policy file may already speak of the others. `guardrail explain RULE` says more."));
}

fn explain(screen: &mut Screen, rule: &Rule) {
    page::show(screen, rules::page(rule.name).unwrap_or_default());
    screen.line("");
    let calls: Vec<String> = rule.woken_by.iter().map(ToString::to_string).collect();
    let facts = [
        ("Severity", format!("{} at worst", rule.severity)),
        ("Woken by", calls.join(", ")),
        ("Reads with", rule.reads.join(", ")),
        ("Changes with (mode revert)", rule.writes.join(", ")),
    ];
    for (title, text) in facts {
        screen.paragraph(0, &format!("{STRONG}{title}{STRONG:#}: {text}"));
    }
}

/// A rule that this version does not have.
fn announce(screen: &mut Screen, name: RuleName) {
    screen.line(format_args!("{STRONG}{name}{STRONG:#}"));
    screen.line("");
    screen.paragraph(0, name.finds());
    screen.paragraph(
        0,
        "This version does not have the rule yet: what the policy file sets for it has no effect.",
    );
}
