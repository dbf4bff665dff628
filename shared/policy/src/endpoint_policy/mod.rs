//! What the policy of an endpoint lets through, and that of a private API lets in, by its meaning and not by its text.

mod api;
mod document;
mod pattern;
mod reach;

use std::fmt;

use serde::{Deserialize, Serialize};

use document::Document;

pub use api::Doors;
pub use reach::{Openness, Through};

/// The text of an endpoint policy: a JSON document, as AWS gives it or takes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policy(String);

impl Policy {
    /// A policy by its text, which is not looked at until something is asked of it.
    #[must_use]
    pub fn new(document: &str) -> Self {
        Self(document.to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both let the same through, as far as it can be told: spaces, the order of what has none, `Sid`s, and the
    /// several forms in which one may write the same do not matter. AWS keeps a policy by its meaning, not by its text.
    #[must_use]
    pub fn is_same(&self, other: &str) -> bool {
        match (Document::read(&self.0), Document::read(other)) {
            (Some(one), Some(two)) => one == two,
            _ => self.0 == other,
        }
    }
}

impl fmt::Display for Policy {
    /// On one line, and without the end where it is long: it may have 20,480 characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 400;
        let line = on_one_line(&self.0);
        let length = line.chars().count();
        if length <= SHOWN {
            return f.write_str(&line);
        }
        let shown: String = line.chars().take(SHOWN).collect();
        write!(f, "{shown}… ({length} characters)")
    }
}

/// JSON without the white space between its parts.
fn on_one_line(json: &str) -> String {
    let (mut line, mut in_text, mut escaped) = (String::new(), false, false);
    for letter in json.chars() {
        if in_text || !letter.is_whitespace() {
            line.push(letter);
        }
        in_text ^= letter == '"' && !escaped;
        escaped = in_text && letter == '\\' && !escaped;
    }
    line
}

/// Whether a policy lets every principal do everything with every resource, as the policy does that AWS gives an endpoint
/// made without one. A document that cannot be read, or that says more than that, is not known to: no other document
/// lets anything through that this one does not.
#[must_use]
pub fn is_full_access(document: &str) -> bool {
    Document::read(document).is_some_and(|document| document.is_full_access())
}

/// Whether a policy lets nobody do anything: it allows nothing, or denies everything to everyone. Of a document that cannot
/// be read nobody can say so.
#[must_use]
pub fn is_closed_to_all(document: &str) -> bool {
    Document::read(document).is_some_and(|document| document.is_closed_to_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

    #[test]
    fn full_access_is_known_in_every_form_of_it() {
        for document in [
            FULL,
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
            (
                r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
                true,
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"a":"b"}}}]}"#,
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
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","condition":{"Bool":{}}}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"*"}]}"#,
        ] {
            assert!(!is_full_access(document), "{document}");
        }
    }

    #[test]
    fn two_policies_are_the_same_whatever_their_spaces_order_and_forms() {
        let one = Policy::new(
            r#"{"Version":"2012-10-17","Statement":[
                {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["s3:GetObject","s3:PutObject"],"Resource":"*"},
                {"Effect":"Deny","Principal":"*","Action":"s3:Delete*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":false}}}]}"#,
        );
        let two = r#"{"Statement":[{"Sid":"no","Condition":{"Bool":{"aws:SecureTransport":["false"]}},"Resource":["*"],"Action":"S3:delete*","Principal":{"AWS":"*"},"Effect":"Deny"},{"Resource":["*"],"Action":["s3:PutObject","s3:GetObject"],"Principal":{"AWS":["111122223333"]},"Effect":"Allow"}],"Version":"2012-10-17"}"#;
        assert!(one.is_same(two));
        for other in [
            two.replace("2012-10-17", "2008-10-17"),
            two.replace("111122223333", "444455556666"),
            two.replace("false", "true"),
            two.replace("Deny", "Allow"),
            two.replace(
                "\"Resource\":[\"*\"],\"Action\":[\"s3",
                "\"NotResource\":[\"*\"],\"Action\":[\"s3",
            ),
        ] {
            assert!(!one.is_same(&other), "{other}");
        }
    }

    #[test]
    fn texts_that_are_no_policies_are_the_same_only_letter_by_letter() {
        assert!(Policy::new("none").is_same("none"));
        assert!(!Policy::new("none").is_same(" none"));
        assert!(!Policy::new(FULL).is_same("none"));
    }

    #[test]
    fn a_policy_is_shown_on_one_line_and_not_to_its_end() {
        let spaced = Policy::new("{\n  \"Statement\": [ \"a b\", \"c\\\" d\" ]\n}");
        assert_eq!(spaced.to_string(), r#"{"Statement":["a b","c\" d"]}"#);
        let long = Policy::new(&format!("{{\"Sid\":\"{}\"}}", "x".repeat(500)));
        assert!(long.to_string().ends_with("… (510 characters)"), "{long}");
    }
}
