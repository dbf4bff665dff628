//! The rules: each in a file of its own, beside the page that explains it.
//!
//! A rule is pure: it asks [`Facts`] and stops where an answer is missing. To add one, write `rules/NAME.rs` and
//! `rules/NAME.md` and add its line to the list below; the catalogue, the event patterns and the IAM statements follow.

mod api;
mod endpoint;
mod network;
pub(crate) mod selection;
mod served;

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::event::{Call, CallName, SubjectKind};
use crate::facts::{Facts, Stop, Tags};
use crate::finding::{Finding, Resource, Severity};
use crate::id::VpcId;
use crate::plan::Treatment;
use crate::settings::RuleName;

/// One rule: what it is called, what wakes it, and how it judges.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub name: RuleName,
    /// The severity of its worst finding.
    pub severity: Severity,
    /// One line that says what it finds.
    pub title: &'static str,
    /// The calls that wake it.
    pub woken_by: &'static [CallName],
    /// What a scan has it judge as it stands.
    pub scans: &'static [SubjectKind],
    /// The IAM actions that its questions need.
    pub reads: &'static [&'static str],
    /// The IAM actions that its plans need, in mode `revert` only.
    pub writes: &'static [&'static str],
    /// Judges one case.
    pub judge: fn(&Case<'_>, &Facts) -> Result<Judgement, Stop>,
}

impl Rule {
    /// Whether it has something to say of this call.
    #[must_use]
    pub fn is_woken_by(&self, call: &Call) -> bool {
        match call {
            Call::Scan { subject } => self.scans.contains(&subject.kind()),
            call => call.name().is_some_and(|name| self.woken_by.contains(&name)),
        }
    }
}

/// What a rule has to say about one case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What was looked at and let pass, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<Passed>,
}

/// A resource that was looked at and let pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The resource.
    pub resource: Resource,
    /// Why it was let pass.
    pub why: PassedBecause,
}

/// Why a resource was let pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassedBecause {
    /// Nothing is wrong with it.
    Clean,
    /// The policy file does not select it.
    NotSelected,
    /// What the event made is not there any more.
    AlreadyGone,
    /// The call changed nothing that the rule looks at.
    NotTouched,
}

impl Judgement {
    /// Takes in what was found out about another resource.
    pub fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.passed.extend(other.passed);
    }

    /// A resource that was let pass.
    #[must_use]
    pub fn passed(resource: Resource, why: PassedBecause) -> Self {
        Self {
            findings: Vec::new(),
            passed: vec![Passed { resource, why }],
        }
    }
}

/// A resource of some kind, for people.
fn resource(kind: &str, id: &str, vpc: Option<&VpcId>) -> Resource {
    Resource {
        kind: kind.to_owned(),
        id: id.to_owned(),
        name: None,
        vpc: vpc.cloned(),
    }
}

/// The service that manages a resource, if one does: it made the call by itself, or marked the resource with its tags.
///
/// CloudFormation's tags are no such mark: the stack's author owns what is in it.
fn managed_by(case: &Case<'_>, tags: &Tags) -> Option<String> {
    let by_tag = tags
        .keys()
        .find(|key| key.starts_with("aws:") && !key.starts_with("aws:cloudformation:"));
    let by_call = case.event.actor.service().map(ToOwned::to_owned);
    by_call.or_else(|| by_tag.map(|key| format!("the service that set the tag `{key}`")))
}

/// Why nothing is done about what no event brought in; `in_an_event` says it of what stood there when one came.
fn standing(case: &Case<'_>, in_an_event: &str) -> Treatment {
    let why = if case.event.is_scan() {
        "a scan changes nothing, since only what an event brings in is taken back"
    } else {
        in_an_event
    };
    Treatment::Told(why.to_owned())
}

/// Lists the rules of this version.
macro_rules! rules {
    ($($module:ident)+) => {
        $(pub(crate) mod $module;)+

        /// Every rule of this version, in the order of the catalogue.
        pub const BUILT: &[&Rule] = &[$(&$module::RULE),+];

        /// The names of the rules of this version, without the rules: a function links only its own.
        pub const BUILT_NAMES: &[RuleName] = &[$($module::RULE.name),+];

        const PAGES: &[&str] = &[$(include_str!(concat!(stringify!($module), ".md"))),+];
    };
}

rules! {
    open_egress
    private_dns
    vpc_dns_attributes
    endpoint_service
    private_path
    endpoint_policy
    endpoint_security_group
    gateway_route
    required_endpoints
    internet_path
    public_address
    block_public_access
    new_network_path
    public_api
    public_graphql_api
    guardrail_tampered
}

/// The rules of this version by name; none where the name is of a rule that it does not have.
#[must_use]
pub fn find(name: RuleName) -> Option<&'static Rule> {
    BUILT.iter().copied().find(|rule| rule.name == name)
}

/// The page of a rule of this version, in Markdown; the examples on it run as tests.
#[must_use]
pub fn page(name: RuleName) -> Option<&'static str> {
    let at = BUILT_NAMES.iter().position(|built| *built == name)?;
    PAGES.get(at).copied()
}
