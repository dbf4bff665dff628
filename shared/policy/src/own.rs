//! What the guardrail knows of itself: what it is made of, as its configuration names it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::{Call, PartKind, Target};
use crate::id::{AccountId, Arn, Region};

/// The guardrail's own parts, besides its roles, and what is wrong with the configuration that names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Own {
    /// Functions, queues, event rules, topics, keys and whatever else it is made of, by their ARNs. One that ends with `*`
    /// stands for every ARN that begins so.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub parts: BTreeSet<Arn>,
    /// The table of its ledger, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
    /// The parameter that is its kill switch, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kill_switch: Option<String>,
    /// The parameter that holds its policy file, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Everything that is wrong with its configuration, where it runs in spite of that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<String>,
}

/// What something is to the guardrail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnPart {
    /// The parameter that is its kill switch.
    KillSwitch,
    /// The parameter that holds its policy file.
    PolicyFile,
    /// The table of its ledger.
    Ledger,
    /// A trail, and nothing says by which one it hears.
    AnyTrail,
    /// One of its roles, by its ARN.
    Role(Arn),
    /// Any other part.
    Other,
}

const KINDS: [PartKind; 9] = [
    PartKind::Trail,
    PartKind::Rule,
    PartKind::Function,
    PartKind::Queue,
    PartKind::Topic,
    PartKind::Parameter,
    PartKind::Key,
    PartKind::Role,
    PartKind::Table,
];

static NONE: Own = Own {
    parts: BTreeSet::new(),
    ledger: None,
    kill_switch: None,
    policy: None,
    troubles: Vec::new(),
};

impl Own {
    /// Nothing is known of it.
    #[must_use]
    pub fn none() -> &'static Self {
        &NONE
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self == Self::none()
    }

    /// What something is to the guardrail; none where it is somebody else's. The account and the Region are those of the
    /// event, which hold where the call names none itself.
    ///
    /// Parameters and the ledger are known by their names alone: the configuration does not say where they are, and the
    /// functions hear of their own account and Region.
    #[must_use]
    pub fn part(&self, target: &Target, roles: &[Arn], account: &AccountId, region: &Region) -> Option<OwnPart> {
        let is = |name: &Option<String>| {
            let name = name.as_deref().map(|name| name.trim_start_matches('/'));
            name == Some(target.name.as_str())
        };
        match target.kind {
            PartKind::Parameter if is(&self.kill_switch) => return Some(OwnPart::KillSwitch),
            PartKind::Parameter if is(&self.policy) => return Some(OwnPart::PolicyFile),
            PartKind::Table if is(&self.ledger) => return Some(OwnPart::Ledger),
            PartKind::Trail if !self.names_trails() => return Some(OwnPart::AnyTrail),
            _ => {}
        }
        let account = target.account.as_ref().unwrap_or(account).as_str();
        let region = target.region.as_ref().unwrap_or(region).as_str();
        let is_it = |arn: &&Arn| {
            let is_there = arn.account() == account && (target.kind == PartKind::Role || arn.region() == region);
            arn.service() == target.kind.service() && is_there && is_named(arn, target)
        };
        if let Some(role) = roles.iter().find(is_it) {
            return Some(OwnPart::Role(role.clone()));
        }
        self.parts.iter().find(is_it).map(|_| OwnPart::Other)
    }

    /// Whether something of this ARN can be a part: it is of a kind that the guardrail knows, and named, at least by its
    /// beginning.
    #[must_use]
    pub fn can_be(arn: &Arn) -> bool {
        let name = KINDS.iter().find_map(|kind| {
            let is_of_kind = arn.service() == kind.service();
            arn.resource().strip_prefix(kind.prefix()).filter(|_| is_of_kind)
        });
        let name = name.map(|name| name.strip_suffix('*').unwrap_or(name));
        name.is_some_and(|name| !name.is_empty() && !name.contains('*'))
    }

    /// As much of it as a call can be judged by: what a record keeps.
    #[must_use]
    pub fn for_call(&self, call: &Call) -> Self {
        let Call::Part(part) = call else {
            return Self {
                troubles: self.troubles.clone(),
                ..Self::default()
            };
        };
        let concerns = |service: &str| part.targets.iter().any(|target| target.kind.service() == service);
        let parameters = concerns(PartKind::Parameter.service());
        Self {
            parts: self
                .parts
                .iter()
                .filter(|arn| concerns(arn.service()))
                .cloned()
                .collect(),
            ledger: self.ledger.clone().filter(|_| concerns(PartKind::Table.service())),
            kill_switch: self.kill_switch.clone().filter(|_| parameters),
            policy: self.policy.clone().filter(|_| parameters),
            troubles: self.troubles.clone(),
        }
    }

    fn names_trails(&self) -> bool {
        self.parts.iter().any(|arn| arn.service() == PartKind::Trail.service())
    }
}

/// Whether an ARN, or the beginning of one, is that of something with this name.
fn is_named(arn: &Arn, target: &Target) -> bool {
    let resource = arn.resource();
    if target.kind == PartKind::Role {
        return resource.rsplit('/').next() == Some(target.name.as_str());
    }
    let Some(name) = resource.strip_prefix(target.kind.prefix()) else {
        return false;
    };
    match name.strip_suffix('*') {
        Some(beginning) => target.name.starts_with(beginning),
        None => target.name == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Own {
        let arns = [
            "arn:aws:sqs:eu-west-1:111122223333:guard-apis-*",
            "arn:aws:events:eu-west-1:111122223333:rule/guard-apis-immediate",
            "arn:aws:lambda:eu-west-1:111122223333:function:guard-apis",
        ];
        Own {
            parts: arns.map(|arn| arn.parse().unwrap()).into(),
            ledger: Some("guard-ledger".to_owned()),
            kill_switch: Some("/guard/max-mode".to_owned()),
            policy: Some("/guard/policy".to_owned()),
            troubles: Vec::new(),
        }
    }

    fn part(own: &Own, kind: PartKind, text: &str) -> Option<OwnPart> {
        let role: Arn = "arn:aws:iam::111122223333:role/path/guard-role".parse().unwrap();
        let (account, region) = ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap());
        own.part(&Target::named(kind, text), &[role], &account, &region)
    }

    #[test]
    fn parts_are_known_by_their_arns_and_by_the_beginnings_of_them() {
        for (kind, name) in [
            (PartKind::Queue, "guard-apis-dead-letters"),
            (PartKind::Rule, "guard-apis-immediate"),
            (PartKind::Function, "guard-apis"),
            (
                PartKind::Function,
                "arn:aws:lambda:eu-west-1:111122223333:function:guard-apis:7",
            ),
        ] {
            assert_eq!(part(&own(), kind, name), Some(OwnPart::Other), "{name}");
        }
    }

    #[test]
    fn what_is_named_alike_and_is_elsewhere_or_of_another_kind_is_somebody_elses() {
        for (kind, name) in [
            (PartKind::Queue, "guard-orders"),
            (PartKind::Queue, "guard-api"),
            (PartKind::Topic, "guard-apis-x"),
            (PartKind::Rule, "guard-apis-immediate-2"),
            (PartKind::Rule, "bus/guard-apis-immediate"),
            (
                PartKind::Function,
                "arn:aws:lambda:eu-west-1:444455556666:function:guard-apis",
            ),
            (
                PartKind::Function,
                "arn:aws:lambda:us-east-1:111122223333:function:guard-apis",
            ),
            (PartKind::Parameter, "/guard/max-mode/other"),
            (PartKind::Table, "guard-ledger-2"),
            (PartKind::Role, "guard-rol"),
        ] {
            assert_eq!(part(&own(), kind, name), None, "{name}");
        }
    }

    #[test]
    fn the_ledger_the_switch_the_policy_and_the_roles_are_told_apart() {
        assert_eq!(
            part(&own(), PartKind::Parameter, "/guard/max-mode"),
            Some(OwnPart::KillSwitch)
        );
        assert_eq!(
            part(&own(), PartKind::Parameter, "/guard/policy"),
            Some(OwnPart::PolicyFile)
        );
        assert_eq!(part(&own(), PartKind::Table, "guard-ledger"), Some(OwnPart::Ledger));
        assert!(matches!(
            part(&own(), PartKind::Role, "guard-role"),
            Some(OwnPart::Role(_))
        ));
    }

    #[test]
    fn any_trail_counts_until_the_parts_name_one() {
        assert_eq!(part(&own(), PartKind::Trail, "main"), Some(OwnPart::AnyTrail));
        let mut named = own();
        named
            .parts
            .insert("arn:aws:cloudtrail:eu-west-1:111122223333:trail/main".parse().unwrap());
        assert_eq!(part(&named, PartKind::Trail, "main"), Some(OwnPart::Other));
        assert_eq!(part(&named, PartKind::Trail, "other"), None);
    }

    #[test]
    fn an_arn_can_be_that_of_a_part_where_it_names_something_of_a_known_kind() {
        for arn in own().parts {
            assert!(Own::can_be(&arn), "{arn}");
        }
        for arn in [
            "arn:aws:sqs:eu-west-1:111122223333:*",
            "arn:aws:lambda:eu-west-1:111122223333:function:*",
            "arn:aws:lambda:eu-west-1:111122223333:layer:guard",
            "arn:aws:events:eu-west-1:111122223333:rule/*-immediate",
            "arn:aws:s3:::guard",
        ] {
            assert!(!Own::can_be(&arn.parse().unwrap()), "{arn}");
        }
    }

    #[test]
    fn nothing_is_a_part_where_nothing_is_configured() {
        let roles = [];
        let (account, region) = ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap());
        let target = Target::named(PartKind::Parameter, "/guard/max-mode");
        assert_eq!(Own::none().part(&target, &roles, &account, &region), None);
    }
}
