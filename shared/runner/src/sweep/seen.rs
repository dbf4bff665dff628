//! What was found in an area, kept short: enough to know a finding again.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::finding::Finding;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::message;
use guardrail_policy::rules::Rule;
use guardrail_policy::settings::RuleName;
use serde::{Deserialize, Serialize};

use super::ByRule;
use super::remember::{self, Remember};
use crate::ports::KeepError;

/// How many hexadecimal digits tell what a finding was seen by: two findings of one rule and class about one resource are told
/// apart by them, so that few are enough.
const DIGITS: usize = 12;

/// What was found in an area at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    /// When.
    pub(super) at: Timestamp,
    /// The rules that looked: what another one finds later is not new, it was not looked for.
    rules: BTreeSet<RuleName>,
    /// What was found, by the resource that was judged.
    found: BTreeMap<String, BTreeSet<String>>,
    /// What could not be judged.
    #[serde(skip)]
    lacking: Lacking,
}

/// What could not be judged: of that, what was found before still counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Lacking {
    /// The resources that were judged, by all rules or some.
    judged: BTreeSet<String>,
    /// Of those, what each rule could not tell; none stands for all rules.
    undecided: BTreeSet<(String, Option<RuleName>)>,
    /// Whether there are more resources than were judged.
    incomplete: bool,
}

/// The difference from what was found before.
pub(super) struct News {
    /// What was not there, the worst first.
    pub(super) new: ByRule,
    /// How much is not there any more.
    pub(super) gone: usize,
}

impl Seen {
    /// Nothing as yet, by these rules.
    pub(super) fn by(rules: &[&Rule], at: Timestamp) -> Self {
        Self {
            at,
            rules: rules.iter().map(|rule| rule.name).collect(),
            found: BTreeMap::new(),
            lacking: Lacking::default(),
        }
    }

    /// A resource was judged.
    pub(super) fn judged(&mut self, subject: &str) {
        self.lacking.judged.insert(subject.to_owned());
    }

    /// A rule, or all of them, could not tell of a resource.
    pub(super) fn undecided(&mut self, subject: &str, rule: Option<RuleName>) {
        self.lacking.undecided.insert((subject.to_owned(), rule));
    }

    /// There are resources that are not judged.
    pub(super) fn lack_some(&mut self) {
        self.lacking.incomplete = true;
    }

    /// Something was found when a resource was judged.
    pub(super) fn add(&mut self, subject: &str, finding: &Finding) {
        self.found.entry(subject.to_owned()).or_default().insert(name(finding));
    }

    /// How much was found.
    pub(super) fn count(&self) -> usize {
        self.found.values().map(BTreeSet::len).sum()
    }

    /// What is new among the findings, and how much is gone; what could not be judged now is taken to be as it was.
    pub(super) fn since(&mut self, before: Option<&Self>, findings: Vec<(RuleName, Finding)>) -> News {
        let Some(before) = before else {
            return News {
                new: ByRule::new(),
                gone: 0,
            };
        };
        for (subject, names) in &before.found {
            let names = names.iter().filter(|name| self.lacking.covers(subject, name));
            let names: Vec<String> = names.cloned().collect();
            if !names.is_empty() {
                self.found.entry(subject.clone()).or_default().extend(names);
            }
        }
        let known: BTreeSet<&String> = before.found.values().flatten().collect();
        let now: BTreeSet<&String> = self.found.values().flatten().collect();
        let gone = known.iter().filter(|name| !now.contains(*name)).count();
        let mut new = ByRule::new();
        for (rule, finding) in findings {
            if before.rules.contains(&rule) && !known.contains(&name(&finding)) {
                new.entry(rule).or_default().push(finding);
            }
        }
        for findings in new.values_mut() {
            findings.sort_by_key(|finding| Reverse(finding.severity));
        }
        News { new, gone }
    }

    /// Takes out what nobody was told of, so that it is new to the next sweep.
    pub(super) fn forget(&mut self, findings: &[Finding]) {
        let untold: BTreeSet<String> = findings.iter().map(name).collect();
        for names in self.found.values_mut() {
            names.retain(|name| !untold.contains(name));
        }
    }

    /// What a sweep put down; none where there is none, or none that this version reads.
    pub(super) async fn read(keep: &impl Remember, key: &str) -> Result<Option<Self>, KeepError> {
        let text = remember::read(keep, key).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    pub(super) async fn write(&self, keep: &impl Remember, key: &str) -> Result<(), KeepError> {
        let text = serde_json::to_string(self).unwrap_or_default();
        remember::write(keep, key, &text).await
    }
}

impl Lacking {
    /// Whether what was found before, under this name, could not be looked for.
    fn covers(&self, subject: &str, name: &str) -> bool {
        if !self.judged.contains(subject) {
            return self.incomplete;
        }
        let of = |rule: RuleName| name.split(' ').next() == Some(rule.as_str());
        let undecided = self.undecided.iter().filter(|(undecided, _)| undecided == subject);
        undecided.map(|(_, rule)| rule).any(|rule| rule.is_none_or(of))
    }
}

/// What some findings come to: the same for the same findings.
pub(super) fn digest(findings: &[Finding]) -> String {
    let names: Vec<String> = findings.iter().map(name).collect();
    message::digest(&names.join("\n"))
}

/// What a finding is known by, from sweep to sweep: rule, class, resource, and by what it was seen.
fn name(finding: &Finding) -> String {
    let seen = finding
        .evidence
        .iter()
        .map(|evidence| format!("{}: {}\n", evidence.part, evidence.says));
    let mut digest = message::digest(&seen.collect::<String>());
    digest.truncate(DIGITS);
    format!("{} {} {} {digest}", finding.rule, finding.class, finding.resource.id)
}
