//! AWS's services as endpoints serve them: one table, with its sources.
//!
//! What AWS says of a service now ([`EndpointService`](crate::facts::EndpointService)) goes before what stands here.

use std::borrow::Cow;

/// One of AWS's services, as far as endpoints of it are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Its short name: `ecr.api`.
    pub name: &'static str,
    /// What private DNS is to its clients.
    pub private_dns: PrivateDns,
    /// Whether endpoints of it take a policy.
    pub takes_policy: bool,
    /// The names at which its endpoints answer.
    pub own_names: OwnNames,
    /// Whether it is offered as a gateway, besides interfaces.
    pub has_gateway: bool,
    /// What its clients reach in other services, which then need endpoints of their own: by short names.
    pub requires: &'static [&'static str],
    /// The prefixes of its actions in policies: `s3` of `s3:GetObject`.
    pub actions: &'static [&'static str],
}

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

/// The form of the names at which an endpoint answers whatever its private DNS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnNames {
    /// `vpce-….LABELS.REGION.vpce.amazonaws.com`, where the labels are the parts of the short name in reverse.
    Reversed,
    /// The same, with labels of its own.
    Labels(&'static str),
    /// `*.vpce-….s3.…`, where `bucket`, `accesspoint` or `control` stands for the star.
    S3,
    /// `*.vpce-….execute-api.…`, at which an API is named in the host name or in a header.
    ExecuteApi,
}

/// Why private DNS of the endpoints of some services is nobody's to switch on by a click.
const S3_HAZARD: &str = "with private DNS, S3 traffic of the whole VPC moves to this endpoint, or, where the option for inbound resolvers only is on, AWS demands a gateway endpoint beside it";
const EXECUTE_API_HAZARD: &str =
    "private DNS of execute-api makes every public API of the Region answer 403 from this VPC";
const STREAMS_HAZARD: &str = "its documentation says that private DNS is not supported";

/// A service that is ordinary but for its actions.
const fn of(name: &'static str, actions: &'static [&'static str]) -> Service {
    Service {
        name,
        private_dns: PrivateDns::Optional,
        takes_policy: true,
        own_names: OwnNames::Reversed,
        has_gateway: false,
        requires: &[],
        actions,
    }
}

/// The services of which something is known. The prefixes are the Service Authorization Reference's; a service that is
/// not here is taken for an ordinary one whose prefix is not known.
const SERVICES: &[Service] = &[
    // `PrivateDnsOnlyForInboundResolverEndpoint` needs a gateway endpoint (API reference of `DnsOptionsSpecification`);
    // `bucket.`, `accesspoint.` and `control.`: Amazon S3 user guide, "AWS PrivateLink for Amazon S3".
    Service {
        private_dns: PrivateDns::Hazard(S3_HAZARD),
        own_names: OwnNames::S3,
        has_gateway: true,
        ..of("s3", &["s3"])
    },
    // "you must enable a private DNS hostname", and image layers come from S3 (Amazon ECR user guide, "Interface VPC endpoints").
    Service {
        private_dns: PrivateDns::Needed,
        requires: &["s3"],
        ..of("ecr.dkr", &["ecr"])
    },
    // SDKs and the CLI take an endpoint URL; docker's credential helpers, ECS and Lambda do not (the same).
    Service {
        private_dns: PrivateDns::Expected,
        requires: &["s3"],
        ..of("ecr.api", &["ecr"])
    },
    // AWS re:Post knowledge centre, "api-gateway-vpc-connections".
    Service {
        private_dns: PrivateDns::Hazard(EXECUTE_API_HAZARD),
        own_names: OwnNames::ExecuteApi,
        ..of("execute-api", &["execute-api"])
    },
    // Amazon DynamoDB developer guide, "privatelink-interface-endpoints" and "privatelink-streams".
    Service {
        has_gateway: true,
        ..of("dynamodb", &["dynamodb"])
    },
    Service {
        private_dns: PrivateDns::Hazard(STREAMS_HAZARD),
        own_names: OwnNames::Labels("streams.dynamodb"),
        ..of("dynamodb-streams", &["dynamodb"])
    },
    // The container agent on instances uses all three, and goes the public way for the others where one lacks; tasks on
    // Fargate need none (Amazon ECS developer guide, "Amazon ECS interface VPC endpoints", "Considerations").
    Service {
        requires: &["ecs-agent", "ecs-telemetry"],
        ..of("ecs", &["ecs"])
    },
    // `ecs-a.REGION.amazonaws.com`, `ecs-t.REGION.amazonaws.com`: what DescribeVpcEndpointServices lists as private names.
    Service {
        own_names: OwnNames::Labels("ecs-a"),
        requires: &["ecs", "ecs-telemetry"],
        ..of("ecs-agent", &["ecs"])
    },
    Service {
        own_names: OwnNames::Labels("ecs-t"),
        requires: &["ecs", "ecs-agent"],
        ..of("ecs-telemetry", &["ecs"])
    },
    of("athena", &["athena"]),
    of("autoscaling", &["autoscaling"]),
    of("cloudformation", &["cloudformation"]),
    of("cloudtrail", &["cloudtrail"]),
    of("ec2", &["ec2"]),
    of("ec2messages", &["ec2messages"]),
    of("elasticfilesystem", &["elasticfilesystem"]),
    of("elasticloadbalancing", &["elasticloadbalancing"]),
    of("events", &["events"]),
    of("glue", &["glue"]),
    of("kinesis-firehose", &["firehose"]),
    of("kinesis-streams", &["kinesis"]),
    of("kms", &["kms"]),
    of("lambda", &["lambda"]),
    of("logs", &["logs"]),
    of("monitoring", &["cloudwatch"]),
    of("sagemaker.api", &["sagemaker"]),
    of("sagemaker.runtime", &["sagemaker"]),
    // `aws.sagemaker.REGION.notebook`, `….studio` (Amazon SageMaker AI developer guide, "notebook-interface-endpoint").
    Service {
        own_names: OwnNames::Labels("notebook"),
        ..of("sagemaker.notebook", &["sagemaker"])
    },
    Service {
        own_names: OwnNames::Labels("studio"),
        ..of("sagemaker.studio", &["sagemaker"])
    },
    // "VPC endpoint policies are not supported": Amazon Inspector, Billing Conductor and AWS IoT Core guides, each in its
    // chapter on interface endpoints; Neptune Analytics guide, for its control plane.
    Service {
        takes_policy: false,
        ..of("billingconductor", &["billingconductor"])
    },
    Service {
        takes_policy: false,
        ..of("inspector2", &["inspector2"])
    },
    Service {
        takes_policy: false,
        ..of("iot.data", &["iot"])
    },
    Service {
        takes_policy: false,
        ..of("neptune-graph", &["neptune-graph"])
    },
    of("secretsmanager", &["secretsmanager"]),
    of("sns", &["sns"]),
    of("sqs", &["sqs"]),
    of("ssm", &["ssm"]),
    of("ssmmessages", &["ssmmessages"]),
    of("states", &["states"]),
    of("sts", &["sts"]),
];

/// What the table says of a service by its short name.
#[must_use]
pub fn find(short_name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == short_name)
}

/// What private DNS is to the clients of a service by its short name.
#[must_use]
pub fn private_dns(short_name: &str) -> PrivateDns {
    find(short_name).map_or(PrivateDns::Optional, |service| service.private_dns)
}

/// What clients of a service reach in other services, which then need endpoints of their own: by short names.
#[must_use]
pub fn requires(short_name: &str) -> &'static [&'static str] {
    find(short_name).map_or(&[], |service| service.requires)
}

/// Whether endpoints of a service by its full name take a policy; where one does not, AWS lets everything through
/// (AWS `PrivateLink` guide, "Control access to VPC endpoints using endpoint policies"). Those of others take none (the same).
#[must_use]
pub fn takes_policy(endpoint_service: &str) -> bool {
    match short_name(endpoint_service) {
        Some(short) => find(short).is_none_or(|service| service.takes_policy),
        None => is_of_aws(endpoint_service),
    }
}

/// The form of the names of a service's endpoints, by its short name.
#[must_use]
pub fn own_names(short_name: &str) -> OwnNames {
    find(short_name).map_or(OwnNames::Reversed, |service| service.own_names)
}

/// What stands between an endpoint's own part of a name and the Region: `api.ecr` of `vpce-….api.ecr.eu-west-1.vpce.amazonaws.com`.
#[must_use]
pub fn labels(short_name: &str) -> Cow<'static, str> {
    match own_names(short_name) {
        OwnNames::Labels(labels) => Cow::Borrowed(labels),
        OwnNames::S3 => Cow::Borrowed("s3"),
        OwnNames::ExecuteApi => Cow::Borrowed("execute-api"),
        OwnNames::Reversed => {
            let parts: Vec<&str> = short_name.rsplit('.').collect();
            Cow::Owned(parts.join("."))
        }
    }
}

/// Whether AWS offers a gateway endpoint for a service by its short name: one that costs nothing, beside the interface
/// endpoint that is paid for (AWS `PrivateLink` guide, "Gateway endpoints").
#[must_use]
pub fn has_gateway(short_name: &str) -> bool {
    find(short_name).is_some_and(|service| service.has_gateway)
}

/// The short name of one of AWS's own services, in every partition: `ecr.api` of `com.amazonaws.eu-west-1.ecr.api`, of
/// `cn.com.amazonaws.cn-north-1.ecr.api`, and what follows the Region in `aws.api.eu-west-1.…`; `sagemaker.notebook` of
/// `aws.sagemaker.eu-west-1.notebook`; `iam` of `com.amazonaws.iam`, which names no Region. None for what others offer.
#[must_use]
pub fn short_name(endpoint_service: &str) -> Option<&str> {
    let name = endpoint_service.strip_prefix("cn.").unwrap_or(endpoint_service);
    if let Some(rest) = name.strip_prefix("aws.sagemaker.") {
        let (_, short) = rest.split_once('.')?;
        let of_sagemaker = |service: &&Service| service.name.strip_prefix("sagemaker.") == Some(short);
        return SERVICES.iter().find(of_sagemaker).map(|service| service.name);
    }
    let rest = name
        .strip_prefix("com.amazonaws.")
        .or_else(|| name.strip_prefix("aws.api."))?;
    let (first, short) = rest.split_once('.').unwrap_or((rest, ""));
    match first {
        "vpce" | "" => None,
        region if is_region(region) => Some(short).filter(|short| !short.is_empty()),
        _ => Some(rest),
    }
}

/// Whether a part of a name is a Region's: `eu-west-1`, `us-gov-east-1`.
fn is_region(part: &str) -> bool {
    let number = part.rsplit('-').next().unwrap_or_default();
    part.matches('-').count() >= 2 && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
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
            ("aws.sagemaker.eu-west-1.notebook", Some("sagemaker.notebook")),
            ("aws.sagemaker.eu-west-1.something-new", None),
            ("com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60001", None),
            ("", None),
        ] {
            assert_eq!(short_name(full), short, "{full}");
        }
    }

    #[test]
    fn a_service_for_all_regions_has_no_region_in_its_name() {
        assert_eq!(short_name("com.amazonaws.iam"), Some("iam"));
        assert_eq!(
            short_name("com.amazonaws.s3-global.accesspoint"),
            Some("s3-global.accesspoint")
        );
        assert_eq!(short_name("com.amazonaws.eu-west-1"), None);
        assert_eq!(short_name("com.amazonaws.vpce"), None);
    }

    #[test]
    fn a_service_of_somebody_else_is_known_by_its_name() {
        for of_aws in [
            "com.amazonaws.eu-west-1.s3",
            "com.amazonaws.iam",
            "aws.sagemaker.eu-west-1.notebook",
            "cn.com.amazonaws.cn-north-1.sts",
        ] {
            assert!(is_of_aws(of_aws) && takes_policy(of_aws), "{of_aws}");
        }
        for other in [
            "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60001",
            "com.amazonaws.eu-west-1",
            "com.example.s3",
            "",
        ] {
            assert!(!is_of_aws(other) && !takes_policy(other), "{other}");
        }
        assert!(!takes_policy("com.amazonaws.eu-west-1.inspector2"));
    }

    #[test]
    fn a_service_that_is_not_in_the_table_can_do_without_private_dns() {
        assert_eq!(private_dns("ecr.dkr"), PrivateDns::Needed);
        assert_eq!(private_dns("bedrock-runtime"), PrivateDns::Optional);
    }

    #[test]
    fn the_names_of_endpoints_have_the_parts_of_the_service_in_reverse_or_labels_of_their_own() {
        for (short, expected) in [
            ("sts", "sts"),
            ("ecr.api", "api.ecr"),
            ("ecr.dkr", "dkr.ecr"),
            ("sagemaker.runtime", "runtime.sagemaker"),
            ("dynamodb-streams", "streams.dynamodb"),
            ("s3", "s3"),
        ] {
            assert_eq!(labels(short), expected, "{short}");
        }
    }

    #[test]
    fn a_service_stands_in_the_table_once_and_requires_only_services_that_stand_there_too() {
        for service in SERVICES {
            let same = SERVICES.iter().filter(|other| other.name == service.name);
            assert_eq!(same.count(), 1, "{}", service.name);
            for required in service.requires {
                assert!(find(required).is_some(), "{} requires {required}", service.name);
            }
        }
        assert_eq!(requires("ecr.dkr"), ["s3"]);
        assert_eq!(requires("sts"), [""; 0]);
    }
}
