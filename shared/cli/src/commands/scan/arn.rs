//! The ARNs of what is found.

use guardrail_policy::finding::Resource;
use guardrail_policy::id::Region;

use super::seen::Here;

/// The kinds of EC2's resources by what their ids begin with (service authorization reference of Amazon EC2).
const KINDS: [(&str, &str); 8] = [
    ("eni-", "network-interface"),
    ("pl-", "prefix-list"),
    ("rtb-", "route-table"),
    ("sg-", "security-group"),
    ("sgr-", "security-group-rule"),
    ("subnet-", "subnet"),
    ("vpc-", "vpc"),
    ("vpce-", "vpc-endpoint"),
];

/// The ARN of a resource; its id where that says no kind, or is an ARN itself.
pub(super) fn of(here: &Here, resource: &Resource) -> String {
    let id = resource.id.as_str();
    let kind = KINDS.iter().find(|(prefix, _)| id.starts_with(prefix));
    match (kind, &here.account) {
        (Some((_, kind)), Some(account)) => {
            let region = &here.region;
            format!("arn:{}:ec2:{region}:{account}:{kind}/{id}", partition(region))
        }
        _ => id.to_owned(),
    }
}

/// The partition that a Region is of, by its name (AWS General Reference, "Amazon Resource Names").
fn partition(region: &Region) -> &'static str {
    const PARTITIONS: [(&str, &str); 6] = [
        ("cn-", "aws-cn"),
        ("eusc-", "aws-eusc"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
    ];
    let found = PARTITIONS
        .iter()
        .find(|(prefix, _)| region.as_str().starts_with(prefix));
    found.map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_says_partition_region_account_and_kind() {
        let arn = |region: &str, id: &str| {
            let here = Here {
                account: Some("111122223333".parse().unwrap()),
                region: region.parse().unwrap(),
                vpc: None,
            };
            let resource = Resource {
                kind: String::new(),
                id: id.to_owned(),
                name: None,
                vpc: None,
            };
            of(&here, &resource)
        };
        assert_eq!(
            arn("eu-west-1", "vpce-01"),
            "arn:aws:ec2:eu-west-1:111122223333:vpc-endpoint/vpce-01"
        );
        assert_eq!(
            arn("us-gov-west-1", "vpc-01"),
            "arn:aws-us-gov:ec2:us-gov-west-1:111122223333:vpc/vpc-01"
        );
        assert_eq!(
            arn("cn-north-1", "sg-01"),
            "arn:aws-cn:ec2:cn-north-1:111122223333:security-group/sg-01"
        );
        assert_eq!(
            arn("eu-west-1", "arn:aws:apigateway:eu-west-1::/restapis/a"),
            "arn:aws:apigateway:eu-west-1::/restapis/a"
        );
    }
}
