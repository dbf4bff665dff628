//! AWS's services as endpoints serve them: one table, with its sources.

/// What private DNS is to a service's clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateDns {
    /// Clients can use no other name than the service's own.
    Needed,
    /// Some clients can, others cannot.
    Expected,
    /// Clients can be given the endpoint's own name.
    Optional,
    /// It must not be switched on without a second look, for this reason.
    Hazard(&'static str),
}

/// Why private DNS of the endpoints of some services is nobody's to switch on by a click.
const S3_HAZARD: &str = "with private DNS, S3 traffic of the whole VPC moves to this endpoint, or, where the option for inbound resolvers only is on, AWS demands a gateway endpoint beside it";
const EXECUTE_API_HAZARD: &str =
    "private DNS of execute-api makes every public API of the Region answer 403 from this VPC";
const STREAMS_HAZARD: &str = "its documentation says that private DNS is not supported";

/// Services that are out of the ordinary, by short name.
///
/// * `ecr.dkr`: "you must enable a private DNS hostname" (Amazon ECR user guide, "Interface VPC endpoints").
/// * `ecr.api`: SDKs and the CLI take an endpoint URL; docker's credential helpers, ECS and Lambda do not (the same).
/// * `s3`: `PrivateDnsOnlyForInboundResolverEndpoint` needs a gateway endpoint (API reference of `DnsOptionsSpecification`).
/// * `execute-api`: AWS re:Post knowledge centre, "api-gateway-vpc-connections".
/// * `dynamodb-streams`: Amazon `DynamoDB` developer guide, "privatelink-streams".
const SERVICES: [(&str, PrivateDns); 5] = [
    ("ecr.dkr", PrivateDns::Needed),
    ("ecr.api", PrivateDns::Expected),
    ("s3", PrivateDns::Hazard(S3_HAZARD)),
    ("execute-api", PrivateDns::Hazard(EXECUTE_API_HAZARD)),
    ("dynamodb-streams", PrivateDns::Hazard(STREAMS_HAZARD)),
];

/// What private DNS is to the clients of a service by its short name.
#[must_use]
pub fn private_dns(short_name: &str) -> PrivateDns {
    let found = SERVICES.iter().find(|(name, _)| *name == short_name);
    found.map_or(PrivateDns::Optional, |(_, need)| *need)
}

/// What clients of a service reach in other services, which then need endpoints of their own: by short names.
///
/// * `ecr.dkr`, `ecr.api`: image layers come from S3 (Amazon ECR user guide, "Interface VPC endpoints", "Create the
///   Amazon S3 gateway endpoint").
/// * `ecs`, `ecs-agent`, `ecs-telemetry`: the container agent on instances uses all three, and goes the public way for
///   the others where one lacks (Amazon ECS developer guide, "Amazon ECS interface VPC endpoints", "Considerations").
///   Tasks on Fargate need none of them.
#[must_use]
pub fn requires(short_name: &str) -> &'static [&'static str] {
    match short_name {
        "ecr.dkr" | "ecr.api" => &["s3"],
        "ecs" => &["ecs-agent", "ecs-telemetry"],
        "ecs-agent" => &["ecs", "ecs-telemetry"],
        "ecs-telemetry" => &["ecs", "ecs-agent"],
        _ => &[],
    }
}

/// Whether AWS offers a gateway endpoint for a service by its short name: one that costs nothing, beside the interface
/// endpoint that is paid for (AWS `PrivateLink` guide, "Gateway endpoints").
#[must_use]
pub fn has_gateway(short_name: &str) -> bool {
    matches!(short_name, "s3" | "dynamodb")
}

/// The short name of one of AWS's own services, in every partition: `ecr.api` of `com.amazonaws.eu-west-1.ecr.api`, of
/// `cn.com.amazonaws.cn-north-1.ecr.api`, and what follows the Region in `aws.api.eu-west-1.…`. None for what others offer.
#[must_use]
pub fn short_name(endpoint_service: &str) -> Option<&str> {
    let name = endpoint_service.strip_prefix("cn.").unwrap_or(endpoint_service);
    let rest = name
        .strip_prefix("com.amazonaws.")
        .or_else(|| name.strip_prefix("aws.api."))?;
    let (region, short) = rest.split_once('.')?;
    (region != "vpce" && !short.is_empty()).then_some(short)
}

/// Whether a service is one of AWS's own: all others are known by a `vpce-svc-…` of their own.
#[must_use]
pub fn is_of_aws(endpoint_service: &str) -> bool {
    let name = endpoint_service.strip_prefix("cn.").unwrap_or(endpoint_service);
    short_name(endpoint_service).is_some() || name.starts_with("aws.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_name_is_the_same_in_every_partition() {
        for (full, short) in [
            ("com.amazonaws.eu-west-1.ecr.api", Some("ecr.api")),
            ("com.amazonaws.us-gov-east-1.s3", Some("s3")),
            ("cn.com.amazonaws.cn-north-1.ecr.dkr", Some("ecr.dkr")),
            ("aws.api.eu-west-1.bcm-data-exports", Some("bcm-data-exports")),
            ("com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60001", None),
            ("", None),
        ] {
            assert_eq!(short_name(full), short, "{full}");
        }
    }

    #[test]
    fn a_service_of_somebody_else_is_known_by_its_name() {
        for of_aws in [
            "com.amazonaws.eu-west-1.s3",
            "aws.sagemaker.eu-west-1.notebook",
            "cn.com.amazonaws.cn-north-1.sts",
        ] {
            assert!(is_of_aws(of_aws), "{of_aws}");
        }
        for other in [
            "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60001",
            "com.amazonaws.eu-west-1",
            "com.example.s3",
            "",
        ] {
            assert!(!is_of_aws(other), "{other}");
        }
    }

    #[test]
    fn a_service_that_is_not_in_the_table_can_do_without_private_dns() {
        assert_eq!(private_dns("ecr.dkr"), PrivateDns::Needed);
        assert_eq!(private_dns("sts"), PrivateDns::Optional);
    }
}
