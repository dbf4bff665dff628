//! Whether a policy narrows what its endpoint would let through without one.
//!
//! Each statement is weighed by itself. What cannot be weighed counts as narrowing, so that a finding is never wrong:
//! several statements that only together allow everything, exceptions of principals and resources, and all conditions
//! but those that every request through the endpoint meets.

use std::collections::BTreeMap;

use super::document::{Actions, Document, Effect, Principals, Statement, Texts};
use super::{Policy, is_full_access, pattern};
use crate::id::{VpcEndpointId, VpcId};
use crate::service;

/// How far a policy is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// Everything of every service is allowed to everyone, as AWS's own default allows it.
    FullAccess,
    /// Everything of the endpoint's service is allowed to everyone.
    WholeService,
    /// Something is left out.
    Narrowed,
    /// It could not be read.
    Unreadable,
}

impl Openness {
    /// Whether nothing that the endpoint could let through is left out.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::FullAccess | Self::WholeService)
    }
}

/// The endpoint that a policy is of.
#[derive(Debug, Clone, Copy)]
pub struct Through<'e> {
    /// The endpoint.
    pub endpoint: &'e VpcEndpointId,
    /// Its VPC.
    pub vpc: &'e VpcId,
    /// The full name of its service.
    pub service: &'e str,
}

impl Policy {
    /// How far the policy is open for what goes through an endpoint.
    #[must_use]
    pub fn openness(&self, through: Through<'_>) -> Openness {
        let Some(document) = Document::read(self.as_str()) else {
            return Openness::Unreadable;
        };
        if !document.statements().all(Statement::is_whole) {
            return Openness::Unreadable;
        }
        if is_full_access(self.as_str()) {
            return Openness::FullAccess;
        }
        let weighed = Weighed::of(through);
        let denies = document
            .statements()
            .filter(|statement| statement.effect == Effect::Deny);
        let mut allows = document
            .statements()
            .filter(|statement| statement.effect == Effect::Allow);
        let takes_away = denies.into_iter().any(|statement| weighed.may_be_about_it(statement));
        if !takes_away && allows.any(|statement| weighed.allows_the_whole_service(statement)) {
            Openness::WholeService
        } else {
            Openness::Narrowed
        }
    }
}

/// A policy is weighed for one endpoint.
struct Weighed<'e> {
    through: Through<'e>,
    /// The prefixes of its service's actions; none where they are not known.
    prefixes: &'static [&'static str],
}

impl<'e> Weighed<'e> {
    fn of(through: Through<'e>) -> Self {
        let known = service::short_name(through.service).and_then(service::find);
        Self {
            through,
            prefixes: known.map_or(&[], |service| service.actions),
        }
    }

    /// Whether a statement may be about actions of the service at all.
    fn may_be_about_it(&self, statement: &Statement) -> bool {
        let touches = |pattern: &String| {
            self.prefixes.is_empty()
                || self
                    .prefixes
                    .iter()
                    .any(|prefix| pattern::may_be_of_service(pattern, prefix))
        };
        match (&statement.action, &statement.not_action) {
            (Some(Actions(actions)), _) => actions.iter().any(touches),
            (None, Some(_)) => !statement
                .not_action
                .as_ref()
                .is_some_and(|Actions(but)| self.are_all(but)),
            (None, None) => true,
        }
    }

    fn allows_the_whole_service(&self, statement: &Statement) -> bool {
        let everyone = statement.principal.as_ref().is_some_and(Principals::are_everyone);
        let actions = match (&statement.action, &statement.not_action) {
            (Some(Actions(actions)), _) => self.are_all(actions),
            (None, Some(_)) => !self.prefixes.is_empty() && self.are_none(statement),
            (None, None) => false,
        };
        let resources = statement.resource.as_ref();
        everyone
            && actions
            && resources
                .is_some_and(|Texts(resources)| resources.iter().any(|resource| self.is_every_resource(resource)))
            && statement
                .condition
                .iter()
                .all(|(operator, keys)| self.is_always_met(operator, keys))
    }

    /// Whether these patterns leave out no action of the service.
    fn are_all<'p>(&self, patterns: impl IntoIterator<Item = &'p String> + Clone) -> bool {
        let all = |prefix: &&str| {
            let begins = format!("{prefix}:");
            patterns
                .clone()
                .into_iter()
                .any(|one| pattern::covers_all_that_begins_with(one, &begins))
        };
        let any_service = || patterns.clone().into_iter().any(|one| pattern::is_any_action(one));
        any_service() || !self.prefixes.is_empty() && self.prefixes.iter().all(all)
    }

    /// Whether what a statement excepts is of other services alone.
    fn are_none(&self, statement: &Statement) -> bool {
        let touches = |pattern: &String| {
            self.prefixes
                .iter()
                .any(|prefix| pattern::may_be_of_service(pattern, prefix))
        };
        statement
            .not_action
            .as_ref()
            .is_some_and(|Actions(but)| !but.iter().any(touches))
    }

    /// `*`, and for S3 `arn:aws:s3:::*`: every bucket, and every object in it.
    fn is_every_resource(&self, resource: &str) -> bool {
        let is_s3 = self.prefixes.contains(&"s3");
        let beginnings = ["arn:aws:s3:::", "arn:aws-cn:s3:::", "arn:aws-us-gov:s3:::"];
        pattern::is_anything(resource)
            || is_s3
                && beginnings
                    .iter()
                    .any(|beginning| pattern::covers_all_that_begins_with(resource, beginning))
    }

    /// Whether every request through the endpoint meets the conditions of one operator.
    fn is_always_met(&self, operator: &str, keys: &BTreeMap<String, Texts>) -> bool {
        !keys.is_empty()
            && keys
                .iter()
                .all(|(key, Texts(values))| self.is_met(operator, key, values.iter()))
    }

    /// The endpoint's own id and VPC are in every request through it; TLS narrows neither who may do something nor what;
    /// and `…IfExists` with a bare star is met by whatever is there, or is not.
    fn is_met<'v>(&self, operator: &str, key: &str, mut values: impl Iterator<Item = &'v String>) -> bool {
        let (plain, if_exists) = match operator.strip_suffix("IfExists") {
            Some(plain) => (plain, true),
            None => (operator, false),
        };
        let own = match key.to_ascii_lowercase().as_str() {
            "aws:sourcevpce" => Some(self.through.endpoint.as_str()),
            "aws:sourcevpc" => Some(self.through.vpc.as_str()),
            "aws:securetransport" => return plain == "Bool" && values.all(|value| value == "true"),
            _ => None,
        };
        let likes = matches!(plain, "StringLike" | "ArnLike");
        let equals = matches!(plain, "StringEquals" | "StringLike" | "StringEqualsIgnoreCase");
        values
            .any(|value| equals && own == Some(value.as_str()) || likes && value == "*" && (if_exists || own.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn openness(service: &str, statements: &str) -> Openness {
        let (endpoint, vpc) = (
            "vpce-0a1b2c3d4e5f60002".parse().unwrap(),
            "vpc-0a1b2c3d4e5f60001".parse().unwrap(),
        );
        let service = format!("com.amazonaws.eu-west-1.{service}");
        let through = Through {
            endpoint: &endpoint,
            vpc: &vpc,
            service: &service,
        };
        Policy::new(&format!("{{\"Statement\":[{statements}]}}")).openness(through)
    }

    /// A statement that allows everything, but for what is said of it.
    fn allow(but: &str) -> String {
        let mut elements: Vec<&str> = Vec::new();
        let whole = [
            ("Principal", r#""Principal":"*""#),
            ("Action", r#""Action":"*""#),
            ("Resource", r#""Resource":"*""#),
        ];
        for (name, element) in whole {
            if !but.contains(&format!("{name}\"")) {
                elements.push(element);
            }
        }
        elements.push(but);
        elements.retain(|element| !element.is_empty());
        format!("{{\"Effect\":\"Allow\",{}}}", elements.join(","))
    }

    #[test]
    fn everything_of_the_service_to_everyone_is_open_in_whatever_words() {
        for but in [
            r#""Action":"s3:*""#,
            r#""Action":["s3:Get*","S3:*"]"#,
            r#""Action":"s*""#,
            r#""Principal":{"AWS":["arn:aws:iam::111122223333:role/App","*"]},"Action":"s3:*""#,
            r#""NotAction":["iam:*","sts:AssumeRole"]"#,
            r#""Resource":["arn:aws:s3:::*"]"#,
            r#""Resource":["arn:aws:s3:::mine/*","*"]"#,
            r#""Condition":{}"#,
            r#""Condition":{"StringEquals":{"aws:SourceVpce":"vpce-0a1b2c3d4e5f60002"}}"#,
            r#""Condition":{"StringEquals":{"aws:sourceVpc":["vpc-0a1b2c3d4e5f60009","vpc-0a1b2c3d4e5f60001"]}}"#,
            r#""Condition":{"Bool":{"aws:SecureTransport":"true"}}"#,
            r#""Condition":{"StringLikeIfExists":{"aws:PrincipalArn":"*"}}"#,
            r#""Condition":{"StringLike":{"aws:SourceVpce":"*"},"Bool":{"aws:SecureTransport":[true]}}"#,
        ] {
            assert!(openness("s3", &allow(but)).is_open(), "{but}");
        }
        assert_eq!(
            openness("ecr.dkr", &allow(r#""Action":"ecr:*""#)),
            Openness::WholeService
        );
        assert_eq!(
            openness("monitoring", &allow(r#""Action":"cloudwatch:*""#)),
            Openness::WholeService
        );
        assert_eq!(openness("s3", &allow("")), Openness::FullAccess);
    }

    #[test]
    fn whatever_leaves_something_out_is_narrowed() {
        for but in [
            r#""Action":"s3:Get*""#,
            r#""Action":["s3:Get*","s3:Put*","s3:List*"]"#,
            r#""Action":"ecr:*""#,
            r#""NotAction":"s3:DeleteBucket""#,
            r#""NotAction":"*:Delete*""#,
            r#""Resource":"arn:aws:s3:::mine/*""#,
            r#""Resource":"arn:aws:s3:::*/*""#,
            r#""Resource":"arn:aws:s3:::${aws:PrincipalAccount}-*""#,
            r#""NotResource":"arn:aws:s3:::secret/*""#,
            r#""Principal":{"AWS":"111122223333"}"#,
            r#""Principal":{"Service":"*"}"#,
            r#""NotPrincipal":{"AWS":"111122223333"}"#,
            r#""Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorg"}}"#,
            r#""Condition":{"StringEquals":{"aws:SourceVpce":"vpce-0a1b2c3d4e5f60009"}}"#,
            r#""Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-0a1b2c3d4e5f60002"}}"#,
            r#""Condition":{"StringLike":{"aws:PrincipalOrgID":"*"}}"#,
            r#""Condition":{"Bool":{"aws:SecureTransport":"false"}}"#,
            r#""Condition":{"ForAllValues:StringEquals":{"aws:SourceVpce":"vpce-0a1b2c3d4e5f60002"}}"#,
            r#""Condition":{"Bool":{}}"#,
        ] {
            assert_eq!(openness("s3", &allow(but)), Openness::Narrowed, "{but}");
        }
    }

    #[test]
    fn a_deny_that_may_be_about_the_service_closes_it_and_one_of_another_service_does_not() {
        let deny = |what: &str| format!(r#"{{"Effect":"Deny","Principal":"*","Resource":"*",{what}}}"#);
        for closed in [
            r#""Action":"*""#,
            r#""Action":"s3:*""#,
            r#""Action":["iam:*","s3:PutObject"]"#,
            r#""NotAction":"s3:Get*""#,
            r#""Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorg"}}"#,
        ] {
            let statements = format!("{},{}", allow(""), deny(closed));
            assert_eq!(openness("s3", &statements), Openness::Narrowed, "{closed}");
        }
        for elsewhere in [r#""Action":"iam:*""#, r#""NotAction":"s3:*""#] {
            let statements = format!("{},{}", allow(""), deny(elsewhere));
            assert_eq!(openness("s3", &statements), Openness::WholeService, "{elsewhere}");
        }
    }

    #[test]
    fn of_a_service_whose_actions_are_not_known_only_a_bare_star_is_everything() {
        assert_eq!(openness("something-new", &allow("")), Openness::FullAccess);
        assert_eq!(
            openness("something-new", &allow(r#""Action":"something-new:*""#)),
            Openness::Narrowed
        );
        assert_eq!(
            openness("something-new", &allow(r#""NotAction":"iam:*""#)),
            Openness::Narrowed
        );
        let denied = format!(
            "{},{}",
            allow(""),
            r#"{"Effect":"Deny","Principal":"*","Resource":"*","Action":"iam:*"}"#
        );
        assert_eq!(openness("something-new", &denied), Openness::Narrowed);
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_anything() {
        for statements in [
            "",
            "1",
            r#"{"Effect":"Permit","Principal":"*","Action":"*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Principal":"*","Action":"*"}"#,
            r#"{"Effect":"Allow","Principal":"*","Action":"*","NotAction":"s3:*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Unless":"never"}"#,
            r#"{"Effect":"Allow","Principal":"*","Action":"*","Action":"s3:Get*","Resource":"*"}"#,
        ] {
            assert_eq!(openness("s3", statements), Openness::Unreadable, "{statements}");
        }
    }
}
