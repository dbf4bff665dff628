//! What was seen as a table for people: a block for each VPC, the worst first, and a summary.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anstyle::Style;
use guardrail_policy::finding::{Finding, Resource, Severity};
use guardrail_policy::settings::RuleName;

use super::seen::{Here, Seen, Unjudged};
use super::tally::{SEVERITIES, Tally};
use crate::output::{BAD, FAINT, GOOD, STRONG, Screen, UNSURE};
use crate::table::Table;

/// The rows of the VPC under way.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Whether also evidence and advice are shown.
    verbose: bool,
    rows: Vec<Row>,
    /// How much one rule could not judge for one reason, with the first such resource.
    unjudged: BTreeMap<(Option<RuleName>, String), (usize, String)>,
}

#[derive(Debug)]
struct Row {
    label: String,
    style: Style,
    severity: Severity,
    rule: RuleName,
    resource: String,
    says: String,
    below: Vec<String>,
}

impl Rows {
    /// With evidence and advice, or without.
    pub(super) fn new(verbose: bool) -> Self {
        Self {
            verbose,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, here: &Here, seen: &Seen<'_>) {
        match seen {
            Seen::Finding(finding) => {
                self.rows
                    .push(self.row(here, finding, finding.severity.to_string(), style(finding.severity)))
            }
            Seen::Exempt(exempt) => {
                let row = self.row(here, &exempt.finding, "exempt".to_owned(), GOOD);
                let says = format!("{} ({}; {} answers for it)", row.says, exempt.until, exempt.owner);
                // Below whatever is not exempt, and without what would mend it.
                self.rows.push(Row {
                    severity: Severity::Info,
                    says,
                    below: Vec::new(),
                    ..row
                });
            }
            Seen::Unjudged(Unjudged { rule, what, why, .. }) => {
                let same = self
                    .unjudged
                    .entry((*rule, why.clone()))
                    .or_insert_with(|| (0, what.clone()));
                same.0 += 1;
            }
        }
    }

    fn row(&self, here: &Here, finding: &Finding, label: String, style: Style) -> Row {
        Row {
            label,
            style,
            severity: finding.severity,
            rule: finding.rule,
            resource: named(here, &finding.resource),
            says: finding.summary.clone(),
            below: if self.verbose { below(finding) } else { Vec::new() },
        }
    }

    /// Writes the block of a VPC, if there is anything to say of it.
    pub(super) fn show(&mut self, here: &Here, screen: &mut Screen) {
        let (mut rows, unjudged) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.unjudged));
        if rows.is_empty() && unjudged.is_empty() {
            return;
        }
        screen.line(format_args!("{STRONG}{}{STRONG:#}", heading(here)));
        rows.sort_by(|one, other| {
            let place = |row: &Row| (Reverse(row.severity), row.label == "exempt", row.rule);
            place(one)
                .cmp(&place(other))
                .then_with(|| one.resource.cmp(&other.resource))
        });
        let mut table = Table::untitled(2);
        for row in &rows {
            table.styled_row(
                row.style,
                [&row.label, row.rule.as_str(), &row.resource, &row.says],
                &row.below,
            );
        }
        table.show(screen);
        for ((rule, why), (count, first)) in &unjudged {
            let more = if *count > 1 {
                format!(" and {} more", count - 1)
            } else {
                String::new()
            };
            let rule = rule.map(|rule| format!(" by {rule}")).unwrap_or_default();
            screen.paragraph(2, &format!("{UNSURE}not judged{UNSURE:#}{rule}: {first}{more}: {why}"));
        }
        screen.line("");
    }
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => BAD,
        Severity::Medium | Severity::Low => UNSURE,
        Severity::Info => FAINT,
    }
}

fn heading(here: &Here) -> String {
    let account = here
        .account
        .as_ref()
        .map(|account| format!(", account {account}"))
        .unwrap_or_default();
    match &here.vpc {
        None => format!("{}{account}", here.region),
        Some(vpc) => {
            let name = vpc
                .tags
                .get("Name")
                .map(|name| format!(" ({name})"))
                .unwrap_or_default();
            format!("{}{name}{account}, {}", vpc.id, here.region)
        }
    }
}

/// A resource by its id and its name; the services of this Region by their short names.
fn named(here: &Here, resource: &Resource) -> String {
    let of_region = format!("com.amazonaws.{}.", here.region);
    match resource.name.as_deref() {
        None => resource.id.clone(),
        Some(name) => format!("{} ({})", resource.id, name.strip_prefix(&of_region).unwrap_or(name)),
    }
}

/// By what it was seen, what bears on it, and how to mend it.
fn below(finding: &Finding) -> Vec<String> {
    let evidence = finding
        .evidence
        .iter()
        .map(|evidence| format!("{}: {}", evidence.part, evidence.says));
    let advice = finding.advice.iter().map(|advice| {
        let lines: Vec<String> = advice.text.lines().map(|line| format!("  {line}")).collect();
        format!("to mend it, in {}:\n{}", advice.tool, lines.join("\n"))
    });
    evidence.chain(finding.context.iter().cloned()).chain(advice).collect()
}

/// Writes how many findings each rule has, and what that comes to.
pub(super) fn sum_up(tally: &Tally, screen: &mut Screen) {
    if !tally.is_blank() {
        let mut table = Table::new([
            "rule",
            "critical",
            "high",
            "medium",
            "low",
            "info",
            "exempt",
            "not judged",
        ]);
        for (rule, of_rule) in &tally.rules {
            let [critical, high, medium, low, info] = SEVERITIES.map(|severity| figure(of_rule.of(severity)));
            let (exempt, unjudged) = (figure(of_rule.exempt), figure(of_rule.unjudged));
            table.row([
                rule.as_str(),
                &critical,
                &high,
                &medium,
                &low,
                &info,
                &exempt,
                &unjudged,
            ]);
        }
        table.show(screen);
        screen.line("");
    }
    screen.line(tally);
}

fn figure(count: usize) -> String {
    if count == 0 { "-".to_owned() } else { count.to_string() }
}
