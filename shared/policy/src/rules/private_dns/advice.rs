//! What to change: in the words of the tool that made the endpoint, and of the clients that use it.

use super::names::OwnName;
use crate::case::Case;
use crate::facts::EndpointDetails;
use crate::finding::Advice;
use crate::id::Region;
use crate::service::{self, OwnNames, PrivateDns};

/// Private DNS on, where that may be; and the endpoint's own URLs for the clients, where they can take them.
pub(super) fn of(case: &Case<'_>, details: &EndpointDetails, need: PrivateDns, own: &[OwnName]) -> Vec<Advice> {
    let (switch, clients) = match need {
        PrivateDns::Needed => (true, false),
        PrivateDns::Expected | PrivateDns::Optional => (true, true),
        PrivateDns::Hazard(_) => (false, true),
    };
    let short = service::short_name(&details.endpoint.service).unwrap_or_default();
    let switch = if switch { switched_on(details) } else { Vec::new() };
    let url = own.first().filter(|_| clients);
    let clients = match (service::own_names(short), url) {
        (_, None) => Vec::new(),
        (OwnNames::S3, Some(name)) => s3_clients(&case.event.region, &name.url),
        (OwnNames::ExecuteApi, Some(name)) => vec![advice("the callers of private APIs", format!("curl {}", name.url))],
        (_, Some(name)) => vec![clients_of(&name.url)],
    };
    switch.into_iter().chain(clients).collect()
}

fn advice(tool: &str, text: String) -> Advice {
    Advice { tool: tool.to_owned(), text }
}

fn switched_on(details: &EndpointDetails) -> Vec<Advice> {
    let id = &details.endpoint.id;
    vec![
        advice("AWS CLI", format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {id} --private-dns-enabled")),
        advice("Terraform", format!("In the `aws_vpc_endpoint` resource of {id}:\n  private_dns_enabled = true")),
        advice(
            "CloudFormation",
            format!("In the AWS::EC2::VPCEndpoint resource of {id}, under Properties:\n  PrivateDnsEnabled: true"),
        ),
    ]
}

fn clients_of(url: &str) -> Advice {
    advice(
        "the clients, as long as private DNS is off",
        format!(
            "aws --endpoint-url {url} …\nboto3.client(…, endpoint_url=\"{url}\")\nor `endpoint_url` of the service in the AWS config file"
        ),
    )
}

/// A client that is set so reaches buckets, and no access points: those have a URL of their own.
fn s3_clients(region: &Region, url: &str) -> Vec<Advice> {
    vec![
        advice(
            "the AWS SDK for JavaScript v3",
            format!("new S3Client({{ region: \"{region}\", endpoint: \"{url}\" }})"),
        ),
        advice("boto3", format!("boto3.client(\"s3\", region_name=\"{region}\", endpoint_url=\"{url}\")")),
        advice(
            "the AWS SDK for Rust",
            format!(
                "aws_sdk_s3::Client::from_conf(\n    aws_sdk_s3::config::Builder::from(&sdk_config).endpoint_url(\"{url}\").build(),\n)"
            ),
        ),
        advice("the AWS CLI", format!("aws s3 ls s3://BUCKET --region {region} --endpoint-url {url}")),
    ]
}
