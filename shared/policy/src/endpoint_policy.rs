//! What the policy of an endpoint lets through, by its meaning.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// Whether a policy lets every principal do everything with every resource, as the policy does that AWS gives an endpoint
/// made without one. A document that cannot be read is not known to.
#[must_use]
pub fn is_full_access(document: &str) -> bool {
    let Ok(Document { statement }) = serde_json::from_str(document) else {
        return false;
    };
    let statements = statement.into_vec();
    statements.iter().all(|statement| statement.effect == "Allow") && statements.iter().any(Statement::is_open)
}

/// Whether a policy lets nobody do anything: it allows nothing, or denies everything to everyone. Of a document that cannot
/// be read nobody can say so.
#[must_use]
pub fn is_closed_to_all(document: &str) -> bool {
    let Ok(Document { statement }) = serde_json::from_str(document) else {
        return false;
    };
    let statements = statement.into_vec();
    let denies_all = |statement: &Statement| statement.effect == "Deny" && statement.is_open();
    statements.iter().any(denies_all) || !statements.iter().any(|statement| statement.effect == "Allow")
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Statement")]
    statement: OneOrMany<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: String,
    principal: Option<Principal>,
    action: Option<OneOrMany<String>>,
    resource: Option<OneOrMany<String>>,
    condition: Option<IgnoredAny>,
}

/// `"*"`, or `{"AWS": "*"}`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Principal {
    Everyone(String),
    Of(BTreeMap<String, OneOrMany<String>>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::Many(many) => many,
            Self::One(one) => vec![one],
        }
    }

    fn as_slice(&self) -> &[T] {
        match self {
            Self::Many(many) => many,
            Self::One(one) => std::slice::from_ref(one),
        }
    }
}

impl Statement {
    /// What names exceptions (`NotAction`) has no `Action`, and is open in no case.
    fn is_open(&self) -> bool {
        let everyone = match &self.principal {
            Some(Principal::Everyone(text)) => text == "*",
            Some(Principal::Of(kinds)) => kinds.get("AWS").is_some_and(|aws| holds(aws, &["*"])),
            None => false,
        };
        let all =
            |list: &Option<OneOrMany<String>>, words: &[&str]| list.as_ref().is_some_and(|list| holds(list, words));
        everyone && all(&self.action, &["*", "*:*"]) && all(&self.resource, &["*"]) && self.condition.is_none()
    }
}

fn holds(list: &OneOrMany<String>, words: &[&str]) -> bool {
    list.as_slice().iter().any(|text| words.contains(&text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_access_is_known_in_every_form_of_it() {
        for document in [
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
            r#"{"Version":"2008-10-17","Statement":{"Action":["*"],"Effect":"Allow","Principal":{"AWS":"*"},"Resource":["*"]}}"#,
            r#"{"Statement":[{"Sid":"x","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:Get*","*:*"],"Resource":"*"}]}"#,
        ] {
            assert!(is_full_access(document), "{document}");
        }
    }

    #[test]
    fn what_allows_nothing_or_denies_everything_is_closed_to_all() {
        for (document, closed) in [
            (
                r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#,
                true,
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["*"],"Resource":"*"}]}"#,
                true,
            ),
            (r#"{"Statement":[]}"#, true),
            (
                r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{}}}]}"#,
                false,
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"ecr:*","Resource":"*"}}"#,
                false,
            ),
            ("no JSON", false),
        ] {
            assert_eq!(is_closed_to_all(document), closed, "{document}");
        }
    }

    #[test]
    fn whatever_narrows_it_is_not_full_access() {
        for document in [
            "",
            "{}",
            r#"{"Statement":[]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","NotAction":"s3:*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::mine/*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{}}}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"*"}]}"#,
        ] {
            assert!(!is_full_access(document), "{document}");
        }
    }
}
