//! Which endpoints the resource policy of a private API lets in.
//!
//! Each statement is weighed by itself. What cannot be weighed counts as narrowing, so that a finding is never wrong.

use super::document::{Actions, Document, Effect, Principals, Statement, Texts};
use super::{Policy, pattern};

/// What a call of an API asks for (API Gateway developer guide, "Control access to a REST API with resource policies").
const INVOKE: &str = "execute-api:invoke";

/// How far a private API is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doors {
    /// Whoever has an endpoint, in any account, may call something of it.
    AnyEndpoint,
    /// Only those that it names may, or nobody.
    Narrowed,
    /// It could not be read.
    Unreadable,
}

impl Policy {
    /// A resource policy as API Gateway gives it, which is JSON with its quotes escaped.
    #[must_use]
    pub fn of_api(given: &str) -> Self {
        let unescaped = || serde_json::from_str::<String>(&format!("\"{given}\""));
        match Document::read(given) {
            Some(_) => Self::new(given),
            None => unescaped().map_or_else(|_| Self::new(given), |plain| Self::new(&plain)),
        }
    }

    /// Which endpoints are let in, where this is the resource policy of a private API.
    #[must_use]
    pub fn doors(&self) -> Doors {
        let document = Document::read(self.as_str()).filter(|document| document.statements().all(Statement::is_whole));
        let Some(document) = document else {
            return Doors::Unreadable;
        };
        let about_calls = || document.statements().filter(|statement| is_about_calls(statement));
        let of = |effect| about_calls().filter(move |statement| statement.effect == effect);
        if of(Effect::Allow).any(lets_any_in) && !of(Effect::Deny).any(keeps_somebody_out) {
            Doors::AnyEndpoint
        } else {
            Doors::Narrowed
        }
    }
}

/// Whether a statement may be about calls of an API.
fn is_about_calls(statement: &Statement) -> bool {
    let covers = |actions: &Actions| actions.0.iter().any(|one| pattern::matches(one, INVOKE));
    match (&statement.action, &statement.not_action) {
        (Some(actions), _) => covers(actions),
        (None, Some(but)) => !covers(but),
        (None, None) => true,
    }
}

/// Whether a statement allows something to whoever has an endpoint.
fn lets_any_in(statement: &Statement) -> bool {
    let everyone = statement.principal.as_ref().is_some_and(Principals::are_everyone);
    let conditions = statement.condition.iter();
    let mut keys =
        conditions.flat_map(|(operator, keys)| keys.iter().map(move |(key, Texts(values))| (operator, key, values)));
    everyone && keys.all(|(operator, key, values)| values.iter().any(|value| is_met_by_any(operator, key, value)))
}

/// Whether a condition with this value is met by whatever endpoint a call comes through.
fn is_met_by_any(operator: &str, key: &str, value: &str) -> bool {
    let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
    let begins = match key.to_ascii_lowercase().as_str() {
        "aws:securetransport" => return operator == "Bool" && value == "true",
        "aws:sourcevpce" => "vpce-",
        "aws:sourcevpc" => "vpc-",
        _ => return false,
    };
    match operator {
        "StringLike" => pattern::covers_all_that_begins_with(value, begins),
        // Everybody but these: the accounts of strangers are full of others.
        "StringNotEquals" | "StringNotEqualsIgnoreCase" | "StringNotLike" => {
            !pattern::covers_all_that_begins_with(value, begins)
        }
        _ => false,
    }
}

/// Whether a denial may keep some endpoint, or everybody, out. One of a few resources to everyone keeps nobody out of the rest.
fn keeps_somebody_out(statement: &Statement) -> bool {
    let only_plain_http = |keys: &std::collections::BTreeMap<String, Texts>| {
        keys.keys().all(|key| key.eq_ignore_ascii_case("aws:SecureTransport"))
    };
    let conditional = !statement.condition.is_empty();
    let plain_http = conditional && statement.condition.values().all(only_plain_http);
    let everything = || {
        statement
            .resource
            .as_ref()
            .is_none_or(|Texts(resources)| resources.iter().any(|one| covers_every_call(one)))
    };
    if conditional { !plain_http } else { everything() }
}

/// `*`, `execute-api:/*`, or an ARN that ends after the API's id.
fn covers_every_call(resource: &str) -> bool {
    let path = resource.split_once('/').map(|(_, path)| path);
    pattern::is_anything(resource) || path.is_some_and(pattern::is_anything)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors(statements: &str) -> Doors {
        Policy::of_api(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).doors()
    }

    fn allow(condition: &str) -> String {
        let condition = Some(condition).filter(|text| !text.is_empty());
        let condition = condition
            .map(|text| format!(r#","Condition":{text}"#))
            .unwrap_or_default();
        format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"{condition}}}"#
        )
    }

    fn deny(rest: &str) -> String {
        format!(r#"{{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke",{rest}}}"#)
    }

    #[test]
    fn a_policy_that_narrows_nobody_lets_any_endpoint_in() {
        for statements in [
            allow(""),
            allow(r#"{"Bool":{"aws:SecureTransport":"true"}}"#),
            allow(r#"{"StringLike":{"aws:SourceVpce":"*"}}"#),
            allow(r#"{"StringLike":{"aws:sourceVpce":["vpce-0a1b2c3d4e5f60001","vpce-*"]}}"#),
            allow(r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-0a1b2c3d4e5f60001"}}"#),
            allow("").replace("execute-api:Invoke", "*"),
            allow("").replace(
                "execute-api:/*",
                "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/health",
            ),
            format!("{},{}", allow(""), deny(r#""Resource":"execute-api:/prod/DELETE/*""#)),
            format!(
                "{},{}",
                allow(""),
                deny(r#""Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#)
            ),
            format!(
                "{},{}",
                allow(""),
                allow(r#"{"StringEquals":{"aws:SourceVpce":"vpce-0a1b2c3d4e5f60001"}}"#)
            ),
        ] {
            assert_eq!(doors(&statements), Doors::AnyEndpoint, "{statements}");
        }
    }

    #[test]
    fn a_policy_that_names_endpoints_vpcs_or_principals_is_narrowed_and_so_is_what_cannot_be_weighed() {
        for statements in [
            allow(r#"{"StringEquals":{"aws:SourceVpce":"vpce-0a1b2c3d4e5f60001"}}"#),
            allow(r#"{"StringLike":{"aws:SourceVpc":["vpc-0a1b*"]}}"#),
            allow(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#),
            allow(r#"{"StringNotLike":{"aws:SourceVpce":"vpce-*"}}"#),
            allow("").replace(r#""*""#, r#"{"AWS":"111122223333"}"#),
            allow("").replace("execute-api:Invoke", "execute-api:ManageConnections"),
            format!(
                "{},{}",
                allow(""),
                deny(
                    r#""Resource":"execute-api:/*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-0a1b2c3d4e5f60001"}}"#
                )
            ),
            format!("{},{}", allow(""), deny(r#""Resource":"execute-api:/*""#)),
        ] {
            assert_eq!(doors(&statements), Doors::Narrowed, "{statements}");
        }
    }

    #[test]
    fn a_policy_is_read_with_its_quotes_escaped_and_without() {
        let plain = format!(r#"{{"Statement":[{}]}}"#, allow(""));
        let escaped = plain.replace('"', "\\\"").replace('/', "\\/");
        assert_eq!(Policy::of_api(&escaped), Policy::new(&plain));
        assert_eq!(Policy::of_api(&escaped).doors(), Doors::AnyEndpoint);
        assert_eq!(Policy::of_api("\\\"no policy").doors(), Doors::Unreadable);
    }
}
