//! A policy document, read so that two that mean the same are equal.
//!
//! An element that IAM does not have makes the whole unreadable: nothing is known of a policy part of which is not.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::pattern;

/// A policy document, without what is for people alone.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Document {
    /// What it may contain: variables are only variables since `2012-10-17`.
    #[serde(default = "oldest")]
    version: String,
    #[serde(default, deserialize_with = "ignored")]
    id: (),
    statement: Statements,
}

/// What a document says where it does not say its version (IAM user guide, "IAM JSON policy elements: Version").
fn oldest() -> String {
    "2008-10-17".to_owned()
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "OneOrMany<Statement>")]
struct Statements(BTreeSet<Statement>);

/// One statement.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Statement {
    #[serde(default, deserialize_with = "ignored")]
    sid: (),
    pub(super) effect: Effect,
    pub(super) principal: Option<Principals>,
    pub(super) not_principal: Option<Principals>,
    pub(super) action: Option<Actions>,
    pub(super) not_action: Option<Actions>,
    pub(super) resource: Option<Texts>,
    pub(super) not_resource: Option<Texts>,
    /// The operators, with their keys and values.
    #[serde(default)]
    pub(super) condition: BTreeMap<String, BTreeMap<String, Texts>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// Texts in no order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "OneOrMany<Scalar>")]
pub(super) struct Texts(pub(super) BTreeSet<String>);

/// Patterns of actions, which IAM compares without regard to capitals.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "Texts")]
pub(super) struct Actions(pub(super) BTreeSet<String>);

/// Principals by kind; everyone is `{"AWS": "*"}` in both forms of it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "Principal")]
pub(super) struct Principals(BTreeMap<String, BTreeSet<String>>);

/// `"*"`, or `{"AWS": "*"}`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Principal {
    Everyone(String),
    Of(BTreeMap<String, Texts>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

/// A value as documents write it, in quotes or without.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Truth(bool),
    Number(serde_json::Number),
}

fn ignored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    IgnoredAny::deserialize(deserializer).map(drop)
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::Many(many) => many,
            Self::One(one) => vec![one],
        }
    }
}

impl From<OneOrMany<Statement>> for Statements {
    fn from(statements: OneOrMany<Statement>) -> Self {
        Self(statements.into_vec().into_iter().collect())
    }
}

impl From<OneOrMany<Scalar>> for Texts {
    fn from(scalars: OneOrMany<Scalar>) -> Self {
        let texts = scalars.into_vec().into_iter().map(|scalar| match scalar {
            Scalar::Text(text) => text,
            Scalar::Truth(truth) => truth.to_string(),
            Scalar::Number(number) => number.to_string(),
        });
        Self(texts.collect())
    }
}

impl From<Texts> for Actions {
    fn from(Texts(texts): Texts) -> Self {
        Self(texts.iter().map(|text| text.to_ascii_lowercase()).collect())
    }
}

impl From<Principal> for Principals {
    fn from(principal: Principal) -> Self {
        match principal {
            Principal::Everyone(text) => Self(BTreeMap::from([("AWS".to_owned(), BTreeSet::from([text]))])),
            Principal::Of(kinds) => {
                let kinds = kinds.into_iter();
                Self(
                    kinds
                        .map(|(kind, Texts(of))| (kind, of.iter().map(|one| account(one)).collect()))
                        .collect(),
                )
            }
        }
    }
}

/// An account by its number, which AWS writes as the ARN of its root user.
fn account(principal: &str) -> String {
    let root = principal
        .strip_suffix(":root")
        .and_then(|arn| arn.rsplit_once(":iam::"));
    root.map_or(principal, |(_, account)| account).to_owned()
}

impl Principals {
    /// Whether every principal is meant, those of other accounts and nobody in particular too.
    pub(super) fn are_everyone(&self) -> bool {
        self.0.get("AWS").is_some_and(|principals| principals.contains("*"))
    }
}

impl Document {
    /// A document; none where it cannot be read, or has no statement.
    pub(super) fn read(text: &str) -> Option<Self> {
        let document: Self = serde_json::from_str(text).ok()?;
        (!document.statement.0.is_empty()).then_some(document)
    }

    pub(super) fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.statement.0.iter()
    }

    /// Whether everything is allowed to everyone, and nothing is denied.
    pub(super) fn is_full_access(&self) -> bool {
        self.statements().all(|statement| statement.effect == Effect::Allow)
            && self.statements().any(Statement::is_about_everything)
    }

    /// Whether nothing is allowed, or everything is denied to everyone.
    pub(super) fn is_closed_to_all(&self) -> bool {
        let denies_all = |statement: &Statement| statement.effect == Effect::Deny && statement.is_about_everything();
        self.statements().any(denies_all) || self.statements().all(|statement| statement.effect == Effect::Deny)
    }
}

impl Statement {
    /// Whether each of its elements is there in just one of its two forms.
    pub(super) fn is_whole(&self) -> bool {
        self.principal.is_some() != self.not_principal.is_some()
            && self.action.is_some() != self.not_action.is_some()
            && self.resource.is_some() != self.not_resource.is_some()
    }

    fn is_about_everything(&self) -> bool {
        self.is_whole()
            && self.principal.as_ref().is_some_and(Principals::are_everyone)
            && self
                .action
                .as_ref()
                .is_some_and(|Actions(actions)| actions.iter().any(|one| pattern::is_any_action(one)))
            && self
                .resource
                .as_ref()
                .is_some_and(|Texts(resources)| resources.iter().any(|one| pattern::is_anything(one)))
            && self.condition.is_empty()
    }
}
