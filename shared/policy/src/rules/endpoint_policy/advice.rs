//! What to set instead, in the words of the tool that made the endpoint.

use crate::case::Case;
use crate::endpoint_policy::Policy;
use crate::facts::EndpointDetails;
use crate::finding::Advice;
use crate::id::{AccountId, Region};
use crate::service;

/// The longest policy that is written out in the words of every tool.
const LONGEST: usize = 1_000;

/// The policy that the file chooses, or one to begin with.
pub(super) fn of(case: &Case<'_>, details: &EndpointDetails, chosen: Option<&Policy>) -> Vec<Advice> {
    let id = &details.endpoint.id;
    let suggested = || suggested(case.account, &case.event.region, &details.endpoint.service);
    let policy = chosen.map_or_else(suggested, |policy| policy.as_str().to_owned());
    let is_short = policy.len() <= LONGEST;
    let (cli, terraform, cloudformation) = if is_short {
        (format!("'{policy}'"), format!("<<-EOT\n    {policy}\n  EOT"), policy)
    } else {
        let file = "endpoint-policy.json";
        (format!("file://{file}"), format!("file(\"{file}\")"), format!("the policy of {file}"))
    };
    let advice = |tool: &str, text: String| Advice { tool: tool.to_owned(), text };
    let mut all = vec![
        advice("AWS CLI", format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {id} --policy-document {cli}")),
        advice("Terraform", format!("In the `aws_vpc_endpoint` resource of {id}:\n  policy = {terraform}")),
        advice(
            "CloudFormation",
            format!(
                "In the AWS::EC2::VPCEndpoint resource of {id}, under Properties:\n  PolicyDocument: {cloudformation}"
            ),
        ),
    ];
    if chosen.is_none() {
        all.push(advice("the policy itself", CAUTION.to_owned()));
    }
    all
}

const CAUTION: &str = "It lets the account's own principals use the account's own resources. Add a statement for each other account that is meant, and for what belongs to AWS itself: ECR's image layers are in a bucket of AWS.";

/// The account's own principals and resources; for S3 also the bucket from which ECR's image layers come (Amazon ECR
/// user guide, "Interface VPC endpoints", "Minimum Amazon S3 bucket permissions").
fn suggested(account: &AccountId, region: &Region, endpoint_service: &str) -> String {
    let own = format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{{"StringEquals":{{"aws:PrincipalAccount":"{account}","aws:ResourceAccount":"{account}"}}}}}}"#
    );
    let layers = (service::short_name(endpoint_service) == Some("s3")).then(|| {
        let partition = partition(region);
        format!(
            r#",{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:{partition}:s3:::prod-{region}-starport-layer-bucket/*"}}"#
        )
    });
    format!(r#"{{"Version":"2012-10-17","Statement":[{own}{}]}}"#, layers.unwrap_or_default())
}

fn partition(region: &Region) -> &'static str {
    match region.as_str() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
