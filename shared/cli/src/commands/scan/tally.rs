//! How a scan came out as a whole.

use std::collections::BTreeMap;
use std::fmt;

use guardrail_policy::finding::Severity;
use guardrail_policy::settings::RuleName;

use super::seen::Seen;
use crate::status::Status;

/// The severities, the worst first.
pub(super) const SEVERITIES: [Severity; 5] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
    Severity::Info,
];

/// How much was looked at, and what was found.
#[derive(Debug, Default)]
pub(super) struct Tally {
    vpcs: usize,
    resources: usize,
    below: usize,
    unjudged: usize,
    /// By rule; what could not be judged by any rule is only in `unjudged`.
    pub(super) rules: BTreeMap<RuleName, OfRule>,
}

/// What one rule found.
#[derive(Debug, Default)]
pub(super) struct OfRule {
    found: BTreeMap<Severity, usize>,
    pub(super) exempt: usize,
    pub(super) unjudged: usize,
}

impl OfRule {
    pub(super) fn of(&self, severity: Severity) -> usize {
        self.found.get(&severity).copied().unwrap_or_default()
    }
}

impl Tally {
    /// Over these rules.
    pub(super) fn over(rules: impl IntoIterator<Item = RuleName>) -> Self {
        Self {
            rules: rules.into_iter().map(|rule| (rule, OfRule::default())).collect(),
            ..Self::default()
        }
    }

    /// Another VPC was looked at.
    pub(super) fn enter_vpc(&mut self) {
        self.vpcs += 1;
    }

    /// So many resources were judged.
    pub(super) fn judged(&mut self, resources: usize) {
        self.resources += resources;
    }

    /// Takes in what is told.
    pub(super) fn count(&mut self, seen: &Seen<'_>) {
        match seen {
            Seen::Finding(finding) => {
                *self
                    .rules
                    .entry(finding.rule)
                    .or_default()
                    .found
                    .entry(finding.severity)
                    .or_default() += 1;
            }
            Seen::Exempt(exempt) => self.rules.entry(exempt.finding.rule).or_default().exempt += 1,
            Seen::Unjudged(unjudged) => {
                self.unjudged += 1;
                if let Some(rule) = unjudged.rule {
                    self.rules.entry(rule).or_default().unjudged += 1;
                }
            }
        }
    }

    /// A finding below the severity that was asked for.
    pub(super) fn leave_out(&mut self) {
        self.below += 1;
    }

    pub(super) fn found(&self) -> usize {
        self.rules.values().flat_map(|rule| rule.found.values()).sum()
    }

    fn exempt(&self) -> usize {
        self.rules.values().map(|rule| rule.exempt).sum()
    }

    /// Whether there is nothing to count by rule.
    pub(super) fn is_blank(&self) -> bool {
        let unjudged: usize = self.rules.values().map(|rule| rule.unjudged).sum();
        self.found() + self.exempt() + unjudged == 0
    }

    /// The exit status that this comes to.
    pub(super) fn status(&self) -> Status {
        Status::of(self.found() > 0, self.unjudged > 0)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            vpcs,
            resources,
            below,
            unjudged,
            ..
        } = self;
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let found = self.found();
        write!(
            f,
            "{vpcs} VPC{}, {resources} resource{} looked at: {found} finding{}, {unjudged} could not be judged",
            s(*vpcs),
            s(*resources),
            s(found)
        )?;
        if self.exempt() > 0 {
            write!(f, ", {} exempt", self.exempt())?;
        }
        if *below > 0 {
            write!(f, "; {below} of lower severity left out")?;
        }
        Ok(())
    }
}
