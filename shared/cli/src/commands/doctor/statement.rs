//! What is denied, as an IAM policy that grants it.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::id::{AccountId, Region};
use serde_json::{Value, json};

/// An IAM action that is denied, and what it would have to be granted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Denied {
    pub(super) action: String,
    pub(super) resource: String,
}

/// The policy; none where nothing is denied.
pub(super) fn granting(denied: &[Denied]) -> Option<Value> {
    let mut by_resource: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Denied { action, resource } in denied {
        by_resource.entry(resource).or_default().insert(action);
    }
    let statements: Vec<Value> = by_resource
        .into_iter()
        .map(|(resource, actions)| json!({ "Effect": "Allow", "Action": actions, "Resource": resource }))
        .collect();
    (!statements.is_empty()).then(|| json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// An ARN in a Region; where the account is not known, a wildcard stands for it.
pub(super) fn arn(service: &str, region: &Region, account: Option<&AccountId>, resource: &str) -> String {
    let partition = match region.as_str() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let account = account.map_or("*", AccountId::as_str);
    format!("arn:{partition}:{service}:{region}:{account}:{resource}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_granted_by_resource() {
        let denied = |action: &str, resource: &str| Denied {
            action: action.to_owned(),
            resource: resource.to_owned(),
        };
        assert_eq!(granting(&[]), None);
        let all = [
            denied("ec2:DescribeVpcs", "*"),
            denied("a:B", "x"),
            denied("ec2:DescribeSecurityGroups", "*"),
        ];
        insta::assert_snapshot!(granting(&all).unwrap(), @r#"{"Statement":[{"Action":["ec2:DescribeSecurityGroups","ec2:DescribeVpcs"],"Effect":"Allow","Resource":"*"},{"Action":["a:B"],"Effect":"Allow","Resource":"x"}],"Version":"2012-10-17"}"#);
    }

    #[test]
    fn an_arn_is_of_its_partition() {
        let region = |text: &str| text.parse::<Region>().unwrap();
        let account = "111122223333".parse().unwrap();
        let table = arn("dynamodb", &region("us-gov-west-1"), Some(&account), "table/guardrail");
        assert_eq!(
            table,
            "arn:aws-us-gov:dynamodb:us-gov-west-1:111122223333:table/guardrail"
        );
        assert_eq!(
            arn("ssm", &region("eu-west-1"), None, "parameter/x"),
            "arn:aws:ssm:eu-west-1:*:parameter/x"
        );
    }
}
