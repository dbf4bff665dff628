//! What is wrong: a rule's finding about one resource, with its evidence and what should be done about it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::id::{SecurityGroupRuleId, VpcId};
use crate::legible;
use crate::network::Permission;
use crate::plan::Treatment;
use crate::settings::RuleName;

/// How much a finding matters, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness that needs another one to matter.
    Low,
    /// Opens or breaks something in some circumstances.
    Medium,
    /// Opens or breaks something now.
    High,
    /// The guardrail itself, or everything it guards, is at stake.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}

/// Whether the event brought in what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// This very event did; its caller is named.
    ThisEvent,
    /// It was there before, or somebody else changed it since: reported apart, naming no caller (law 3).
    Standing,
}

/// One thing that is wrong with one resource.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Finding {
    /// The rule that found it.
    pub rule: RuleName,
    /// What kind of thing it is, for filters: `internet`, `unlisted-private`.
    pub class: String,
    /// How much it matters here.
    pub severity: Severity,
    /// Whether the event brought it in.
    pub cause: Cause,
    /// The resource that is in violation.
    pub resource: Resource,
    /// One sentence that says what is wrong, for people.
    pub summary: String,
    /// What it was seen by.
    pub evidence: Vec<Evidence>,
    /// What bears on how bad it is, for people: is there a route to the internet at all?
    #[serde(default)]
    pub context: Vec<String>,
    /// What is to be done about it.
    pub treatment: Treatment,
    /// How the owner mends it for good, in the words of their own tools.
    #[serde(default)]
    pub advice: Vec<Advice>,
}

/// A finding as it is written; it is read back as it stands above.
#[derive(Serialize)]
struct Written<'f> {
    rule: RuleName,
    class: &'f str,
    severity: Severity,
    cause: Cause,
    resource: &'f Resource,
    summary: &'f str,
    evidence: &'f [Evidence],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    context: &'f Vec<String>,
    treatment: &'f Treatment,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advice: &'f Vec<Advice>,
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_evidence(usize::MAX).serialize(serializer)
    }
}

impl Finding {
    /// The finding with at most so many pieces of its evidence, to be written.
    pub(crate) fn with_evidence(&self, most: usize) -> impl Serialize {
        let Self {
            rule,
            class,
            severity,
            cause,
            resource,
            summary,
            evidence,
            context,
            treatment,
            advice,
        } = self;
        Written {
            rule: *rule,
            class,
            severity: *severity,
            cause: *cause,
            resource,
            summary,
            evidence: evidence.get(..most).unwrap_or(evidence),
            context,
            treatment,
            advice,
        }
    }
}

impl Finding {
    /// Whether an exemption may allow it. What would silence the guardrail is told in any case: an exemption stands in the very
    /// file that was changed.
    #[must_use]
    pub fn may_be_exempt(&self) -> bool {
        let silences = ["kill-switch", "policy-file"].contains(&self.class.as_str());
        self.rule != RuleName::GuardrailTampered || !silences
    }

    /// Takes out of its texts what people could be deceived by: they quote names, descriptions and tags that others chose.
    /// Advice has several lines, and quotes none.
    pub(crate) fn make_legible(&mut self) {
        let Self {
            resource,
            summary,
            evidence,
            context,
            treatment,
            ..
        } = self;
        resource.make_legible();
        let of_evidence = evidence
            .iter_mut()
            .flat_map(|evidence| [&mut evidence.part, &mut evidence.says]);
        let of_treatment: Vec<&mut String> = match treatment {
            Treatment::Told(why) => vec![why],
            Treatment::Automatic(plan) | Treatment::Proposal(plan) | Treatment::Withheld { plan, .. } => {
                plan.keeps.iter_mut().chain(&mut plan.stops).collect()
            }
        };
        let texts = std::iter::once(summary)
            .chain(of_evidence)
            .chain(context)
            .chain(of_treatment);
        texts.for_each(legible::put_in_one_line);
    }

    /// Whether its plan would have been automatic and is withheld.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        matches!(self.treatment, Treatment::Withheld { .. })
    }
}

/// A resource that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Resource {
    /// Its kind, as people say it: `security group`.
    pub kind: String,
    /// Its id or ARN.
    pub id: String,
    /// Its name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The VPC it is in, if it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<VpcId>,
}

impl Resource {
    /// See [`Finding::make_legible`].
    pub(crate) fn make_legible(&mut self) {
        self.name.iter_mut().for_each(legible::put_in_one_line);
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)?;
        match &self.name {
            Some(name) => write!(f, " ({name})"),
            None => Ok(()),
        }
    }
}

/// What a finding was seen by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// The part of the resource: a rule's id, a route's destination.
    pub part: String,
    /// What it says, for people.
    pub says: String,
    /// The security-group rule, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permits: Option<RuleEvidence>,
}

/// A security-group rule as evidence, for machines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleEvidence {
    /// The rule.
    pub rule: SecurityGroupRuleId,
    /// What it permits.
    #[serde(flatten)]
    pub permission: Permission,
}

/// How to mend it, for one tool.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Advice {
    /// The tool: `Terraform`, `CloudFormation`, `AWS CLI`.
    pub tool: String,
    /// Text to paste or to follow.
    pub text: String,
}
