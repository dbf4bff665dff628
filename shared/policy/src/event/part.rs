//! Calls about what the guardrail may be made of: trails, event rules, functions, queues, topics, parameters, keys, roles, tables.

use serde::{Deserialize, Serialize};

use crate::event::CallName;
use crate::id::{AccountId, Arn, Region, VpcId};

/// A call about something that may be a part of the guardrail, or what it hears by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartCall {
    /// Which call.
    pub call: CallName,
    /// What it is about. Several are several things, but for an event source mapping: it has no name, and is known by its
    /// function or its queue.
    pub targets: Vec<Target>,
    /// What became of it.
    pub change: PartChange,
}

/// What became of what a call was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartChange {
    /// It does not do any more what it did: it is deleted, stopped, disabled, emptied.
    TakenAway,
    /// It was changed in these respects, by the names of the request's members.
    Changed(Vec<String>),
    /// It was switched on, and nothing else.
    SwitchedOn,
    /// Nothing: AWS was only asked whether it could be done.
    Nothing,
}

/// The kinds of things that the guardrail is made of, and the trails that it hears by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// A trail of CloudTrail.
    Trail,
    /// A rule of EventBridge, with its targets.
    Rule,
    /// A Lambda function, with its event source mappings.
    Function,
    /// An SQS queue.
    Queue,
    /// An SNS topic, with its subscriptions.
    Topic,
    /// An SSM parameter.
    Parameter,
    /// A KMS key.
    Key,
    /// An IAM role.
    Role,
    /// A DynamoDB table.
    Table,
}

/// What a call is about, as far as it says. An account or a Region that it does not name are the event's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// Its kind.
    pub kind: PartKind,
    /// Its name or id: what stands in its ARN behind the kind, without the path of a role.
    pub name: String,
    /// Its account, where the call names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Its Region, where the call names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

/// Tags that were set on, or taken from, VPCs; other resources of the same call are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagCall {
    /// The VPCs.
    pub vpcs: Vec<VpcId>,
    /// The tags. Where they were taken away, none means all of them.
    pub tags: Vec<TagOfCall>,
}

/// One tag as a call names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagOfCall {
    /// The key.
    pub key: String,
    /// The value; a call that takes a tag away need not name it, and an empty one cannot be told from none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl PartKind {
    /// The service as ARNs name it.
    #[must_use]
    pub const fn service(self) -> &'static str {
        match self {
            Self::Trail => "cloudtrail",
            Self::Rule => "events",
            Self::Function => "lambda",
            Self::Queue => "sqs",
            Self::Topic => "sns",
            Self::Parameter => "ssm",
            Self::Key => "kms",
            Self::Role => "iam",
            Self::Table => "dynamodb",
        }
    }

    /// What stands before the name in the last part of the ARN.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Trail => "trail/",
            Self::Rule => "rule/",
            Self::Function => "function:",
            Self::Queue | Self::Topic => "",
            Self::Parameter => "parameter/",
            Self::Key => "key/",
            Self::Role => "role/",
            Self::Table => "table/",
        }
    }

    /// The name in the last part of an ARN of this kind, or what a call gives for one: without the version or alias of a
    /// function, the subscription of a topic and the path of a role.
    fn name_in(self, text: &str) -> &str {
        let text = text.strip_prefix(self.prefix()).unwrap_or(text);
        match self {
            Self::Function | Self::Topic => text.split(':').next().unwrap_or(text),
            Self::Role => text.rsplit('/').next().unwrap_or(text),
            Self::Parameter => text.trim_start_matches('/'),
            _ => text,
        }
    }
}

impl Target {
    /// What a text names: an ARN, or a bare name or id.
    #[must_use]
    pub fn named(kind: PartKind, text: &str) -> Self {
        let arn = text.parse::<Arn>().ok().filter(|arn| arn.service() == kind.service());
        let (account, region) = arn.as_ref().map_or((None, None), |arn| {
            (arn.account().parse().ok(), arn.region().parse().ok())
        });
        let name = arn.as_ref().map_or(text, Arn::resource);
        Self {
            kind,
            name: kind.name_in(name).to_owned(),
            account,
            region,
        }
    }

    /// A function by its ARN, its name, or its account and name, with or without a version or an alias.
    pub(super) fn function(text: &str) -> Self {
        if text.starts_with("arn:") {
            return Self::named(PartKind::Function, text);
        }
        let (account, name) = match text.split_once(':') {
            Some((account, name)) if account.parse::<AccountId>().is_ok() => (account.parse().ok(), name),
            _ => (None, text),
        };
        Self {
            account,
            ..Self::named(PartKind::Function, name)
        }
    }

    /// A queue by its URL, which ends with account and name, or by its ARN.
    pub(super) fn queue(text: &str) -> Self {
        let mut parts = text.rsplit('/');
        let (name, account) = (parts.next().unwrap_or(text), parts.next());
        let account = account.and_then(|account| account.parse().ok());
        match account {
            Some(account) => Self {
                account: Some(account),
                ..Self::named(PartKind::Queue, name)
            },
            None => Self::named(PartKind::Queue, text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(target: &Target) -> (&str, &str, &str) {
        let account = target.account.as_ref().map_or("", AccountId::as_str);
        (
            target.name.as_str(),
            account,
            target.region.as_ref().map_or("", Region::as_str),
        )
    }

    #[test]
    fn a_function_is_the_same_by_name_by_account_and_by_arn_with_or_without_a_version() {
        for (text, expected) in [
            ("guard", ("guard", "", "")),
            ("guard:7", ("guard", "", "")),
            ("111122223333:guard", ("guard", "111122223333", "")),
            ("111122223333:function:guard:live", ("guard", "111122223333", "")),
            (
                "arn:aws:lambda:eu-west-1:111122223333:function:guard:$LATEST",
                ("guard", "111122223333", "eu-west-1"),
            ),
        ] {
            assert_eq!(told(&Target::function(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_queue_is_known_by_the_end_of_its_url() {
        for url in [
            "https://sqs.eu-west-1.amazonaws.com/111122223333/guard",
            "https://queue.amazonaws.com/111122223333/guard",
        ] {
            assert_eq!(told(&Target::queue(url)), ("guard", "111122223333", ""), "{url}");
        }
        assert_eq!(
            told(&Target::queue("arn:aws:sqs:eu-west-1:111122223333:guard")),
            ("guard", "111122223333", "eu-west-1")
        );
    }

    #[test]
    fn a_role_is_known_without_its_path_a_parameter_without_its_first_slash_and_a_topic_without_the_subscription() {
        let name = |kind, text: &str| Target::named(kind, text).name;
        assert_eq!(
            name(PartKind::Role, "arn:aws:iam::111122223333:role/vpc-guardrail/guard"),
            "guard"
        );
        assert_eq!(name(PartKind::Role, "guard"), "guard");
        assert_eq!(name(PartKind::Parameter, "/guardrail/max-mode"), "guardrail/max-mode");
        let parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/guardrail/max-mode";
        assert_eq!(name(PartKind::Parameter, parameter), "guardrail/max-mode");
        let subscription = "arn:aws:sns:eu-west-1:111122223333:notices:0a1b2c3d-0000-4000-8000-000000000001";
        assert_eq!(name(PartKind::Topic, subscription), "notices");
    }

    #[test]
    fn an_arn_of_another_service_is_a_name_that_nothing_has() {
        let target = Target::named(PartKind::Table, "arn:aws:s3:::ledger");
        assert_eq!((target.name.as_str(), target.account), ("arn:aws:s3:::ledger", None));
    }
}
