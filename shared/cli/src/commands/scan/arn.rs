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

/// The ARN of a resource; for an account as a whole its id and the Region, and else the id where that says no kind, or is an
/// ARN itself.
pub(super) fn of(here: &Here, resource: &Resource) -> String {
    let (id, region) = (resource.id.as_str(), &here.region);
    let Some(account) = &here.account else {
        return id.to_owned();
    };
    let aws = partition(region);
    match resource.kind.as_str() {
        "account" => return format!("{id}/{region}"),
        "REST API" => return format!("arn:{aws}:apigateway:{region}::/restapis/{id}"),
        "HTTP API" => return format!("arn:{aws}:apigateway:{region}::/apis/{id}"),
        "AppSync API" => return format!("arn:{aws}:appsync:{region}:{account}:apis/{id}"),
        _ => {}
    }
    let kind = KINDS.iter().find(|(prefix, _)| id.starts_with(prefix));
    match kind {
        Some((_, kind)) => format!("arn:{aws}:ec2:{region}:{account}:{kind}/{id}"),
        None => id.to_owned(),
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
        let arn_of = |kind: &str, region: &str, id: &str| {
            let here = Here {
                account: Some("111122223333".parse().unwrap()),
                region: region.parse().unwrap(),
                vpc: None,
            };
            let resource = Resource {
                kind: kind.to_owned(),
                id: id.to_owned(),
                name: None,
                vpc: None,
            };
            of(&here, &resource)
        };
        let arn = |region: &str, id: &str| arn_of("", region, id);
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
        assert_eq!(
            arn_of("REST API", "eu-west-1", "a1b2c3d4e5"),
            "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5"
        );
        assert_eq!(
            arn_of("AppSync API", "eu-west-1", "a1b2c3d4e5f6a7b8c9d0e1f2a3"),
            "arn:aws:appsync:eu-west-1:111122223333:apis/a1b2c3d4e5f6a7b8c9d0e1f2a3"
        );
        assert_eq!(arn_of("account", "eu-west-1", "111122223333"), "111122223333/eu-west-1");
    }
}
