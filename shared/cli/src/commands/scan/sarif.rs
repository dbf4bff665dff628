//! What was seen as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format").
//!
//! A network has no files: results stand at logical locations, which are ARNs. The log is one JSON document, written as
//! the results come: a result a line.

use std::collections::BTreeMap;

use anyhow::Result;
use guardrail_policy::finding::{Finding, Severity};
use guardrail_policy::rules::{self, Rule};
use guardrail_policy::settings::RuleName;
use serde::Serialize;
use serde_json::{Value, json};

use super::arn;
use super::seen::{Here, Seen, Unjudged};
use crate::output::Screen;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A log under way.
#[derive(Debug)]
pub(super) struct Sarif {
    /// Where each rule stands in the list of rules.
    rules: BTreeMap<RuleName, usize>,
    results: usize,
    notifications: Vec<Notification>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: RuleName,
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Value>,
    properties: Properties<'a>,
}

#[derive(Debug, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    logical_locations: [LogicalLocation; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    name: String,
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Debug, Serialize)]
struct Properties<'a> {
    severity: Severity,
    class: &'a str,
    account: Option<&'a guardrail_policy::id::AccountId>,
    region: &'a guardrail_policy::id::Region,
    vpc: Option<&'a guardrail_policy::id::VpcId>,
    context: &'a [String],
    advice: &'a [guardrail_policy::finding::Advice],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    associated_rule: Option<Value>,
}

impl Sarif {
    /// Begins the log: who looked, and by which rules.
    pub(super) fn begin(rules: &[&Rule], screen: &mut Screen) -> Result<Self> {
        let driver = json!({
            "name": "vpc-guardrail",
            "version": env!("CARGO_PKG_VERSION"),
            "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
        });
        let tool = serde_json::to_string(&json!({ "driver": driver }))?;
        screen.line(format_args!(
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{tool},\"results\":["
        ));
        Ok(Self {
            rules: rules.iter().enumerate().map(|(at, rule)| (rule.name, at)).collect(),
            results: 0,
            notifications: Vec::new(),
        })
    }

    /// Writes one result; what could not be judged is kept for the end.
    pub(super) fn add(&mut self, here: &Here, seen: &Seen<'_>, screen: &mut Screen) -> Result<()> {
        let result = match seen {
            Seen::Finding(finding) => self.result(here, finding, Vec::new()),
            Seen::Exempt(exempt) => {
                let why = format!("{} ({} answers for it, {})", exempt.reason, exempt.owner, exempt.until);
                let suppression = json!({ "kind": "external", "status": "accepted", "justification": why });
                self.result(here, &exempt.finding, vec![suppression])
            }
            Seen::Unjudged(unjudged) => {
                self.notifications.push(self.notification(here, unjudged));
                return Ok(());
            }
        };
        let comma = if self.results == 0 { "" } else { "," };
        self.results += 1;
        screen.line(format_args!("{comma}{}", serde_json::to_string(&result)?));
        Ok(())
    }

    /// Ends the log: whether all could be judged, and what could not.
    pub(super) fn end(&self, screen: &mut Screen) -> Result<()> {
        let invocation = json!({
            "executionSuccessful": self.notifications.is_empty(),
            "toolExecutionNotifications": self.notifications,
        });
        screen.line(format_args!(
            "],\"invocations\":[{}]}}]}}",
            serde_json::to_string(&invocation)?
        ));
        Ok(())
    }

    fn result<'f>(&self, here: &'f Here, finding: &'f Finding, suppressions: Vec<Value>) -> Outcome<'f> {
        let arn = arn::of(here, &finding.resource);
        let evidence = finding
            .evidence
            .iter()
            .map(|evidence| format!("; {}: {}", evidence.part, evidence.says));
        let text = format!(
            "{}: {}{}",
            finding.resource,
            finding.summary,
            evidence.collect::<String>()
        );
        let fingerprint = format!("{}/{}/{arn}", finding.rule, finding.class);
        Outcome {
            rule_id: finding.rule,
            rule_index: self.rules.get(&finding.rule).copied(),
            level: level(finding.severity),
            message: Message { text },
            locations: [Location {
                logical_locations: [LogicalLocation {
                    name: finding.resource.id.clone(),
                    fully_qualified_name: arn,
                    kind: "resource",
                }],
            }],
            partial_fingerprints: BTreeMap::from([("finding/v1", fingerprint)]),
            suppressions,
            properties: Properties {
                severity: finding.severity,
                class: &finding.class,
                account: here.account.as_ref(),
                region: &here.region,
                vpc: here.vpc.as_ref().map(|vpc| &vpc.id),
                context: &finding.context,
                advice: &finding.advice,
            },
        }
    }

    fn notification(&self, here: &Here, unjudged: &Unjudged) -> Notification {
        let at = |rule: &RuleName| self.rules.get(rule).map(|index| json!({ "id": rule, "index": index }));
        Notification {
            level: "error",
            message: Message {
                text: format!(
                    "{} in {} could not be judged: {}",
                    unjudged.what, here.region, unjudged.why
                ),
            },
            associated_rule: unjudged.rule.as_ref().and_then(at),
        }
    }
}

/// A rule with its page as help.
fn descriptor(rule: &Rule) -> Value {
    let page = rules::page(rule.name).unwrap_or(rule.title);
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.title },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": ["security", "network"], "security-severity": score(rule.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// As code-scanning services rank rules: a number in the range of CVSS for each severity (GitHub's documentation,
/// "SARIF support for code scanning", `security-severity`).
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}
