//! How a REST API is made private, and how a private one is narrowed: in the order in which it must be done.
//!
//! Sources: API Gateway developer guide, "Change a public or private API endpoint type", "Private REST APIs in API Gateway",
//! and, for the hazard of private DNS, AWS re:Post, "api-gateway-vpc-connections".

use serde_json::{Value, json};

use super::host;
use crate::facts::RestApi;
use crate::finding::Advice;
use crate::id::Region;
use crate::rules::api::{Ways, advice};

/// What stands for endpoints that are not made yet.
const ENDPOINT: &str = "ENDPOINT-ID";

/// First the endpoint and the policy, then the type, then the deployments.
pub(super) fn made_private(region: &Region, api: &RestApi, ways: Ways<'_>) -> Vec<Advice> {
    let id = &api.id;
    let endpoints = endpoints(ways);
    let make = ways.to_make(region).map(|make| format!("{make}\n")).unwrap_or_default();
    let associated: Vec<String> =
        endpoints.iter().map(|one| format!(" op=add,path=/endpointConfiguration/vpcEndpointIds,value={one}")).collect();
    let quoted = format!("\"{}\"", endpoints.join("\", \""));
    vec![
        advice(
            "AWS CLI",
            format!(
                "{make}{}\naws apigateway update-rest-api --rest-api-id {id} --patch-operations op=replace,path=/endpointConfiguration/types/{},value=PRIVATE{}\naws apigateway get-rest-api --rest-api-id {id} --query apiStatus  # until it is AVAILABLE\naws apigateway create-deployment --rest-api-id {id} --stage-name STAGE  # every stage; whatever else was changed is published, too",
                set_policy(api, &endpoints),
                api.reach,
                associated.concat(),
            ),
        ),
        advice(
            "Terraform",
            format!(
                "In the `aws_api_gateway_rest_api` resource of {id}:\n  endpoint_configuration {{\n    types            = [\"PRIVATE\"]\n    vpc_endpoint_ids = [{quoted}]\n  }}\nin an `aws_api_gateway_rest_api_policy` resource:\n  policy = jsonencode({})\nand a new trigger in its `aws_api_gateway_deployment`",
                policy(&endpoints)
            ),
        ),
        advice(
            "CloudFormation",
            format!(
                "In the AWS::ApiGateway::RestApi resource of {id}, under Properties:\n  EndpointConfiguration: {{ Types: [PRIVATE], VpcEndpointIds: [{}] }}\n  Policy: {}\nand a new AWS::ApiGateway::Deployment",
                endpoints.join(", "),
                policy(&endpoints)
            ),
        ),
        advice("the clients, whose URL changes unless private DNS of the endpoint is on", clients(region, api, &endpoints)),
    ]
}

/// The policy, and the deployments that bring it into force.
pub(super) fn narrowed(api: &RestApi, ways: Ways<'_>) -> Vec<Advice> {
    let id = &api.id;
    let endpoints = endpoints(ways);
    vec![
        advice(
            "AWS CLI",
            format!(
                "{}\naws apigateway create-deployment --rest-api-id {id} --stage-name STAGE  # every stage; whatever else was changed is published, too",
                set_policy(api, &endpoints)
            ),
        ),
        advice(
            "Terraform",
            format!(
                "In the `aws_api_gateway_rest_api_policy` resource of {id}:\n  policy = jsonencode({})\nand a new trigger in its `aws_api_gateway_deployment`",
                policy(&endpoints)
            ),
        ),
        advice(
            "CloudFormation",
            format!(
                "In the AWS::ApiGateway::RestApi resource of {id}, under Properties:\n  Policy: {}\nand a new AWS::ApiGateway::Deployment",
                policy(&endpoints)
            ),
        ),
    ]
}

fn endpoints(ways: Ways<'_>) -> Vec<String> {
    let ids: Vec<String> = ways.there().map(|found| found.endpoint.id.to_string()).collect();
    if ids.is_empty() { vec![ENDPOINT.to_owned()] } else { ids }
}

/// Only these endpoints may call anything of it.
fn policy(endpoints: &[String]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": "execute-api:/*",
            "Condition": { "StringEquals": { "aws:SourceVpce": endpoints } },
        }],
    })
}

fn set_policy(api: &RestApi, endpoints: &[String]) -> String {
    let patch = json!([{ "op": "replace", "path": "/policy", "value": policy(endpoints).to_string() }]);
    let keep = if api.policy.is_some() { "  # with whatever else the policy says that it has" } else { "" };
    format!("aws apigateway update-rest-api --rest-api-id {} --patch-operations '{patch}'{keep}", api.id)
}

fn clients(region: &Region, api: &RestApi, endpoints: &[String]) -> String {
    let (id, host) = (&api.id, host(region));
    let urls: Vec<String> = endpoints.iter().map(|endpoint| format!("https://{id}-{endpoint}.{host}/STAGE")).collect();
    format!(
        "{}\nWith private DNS of an execute-api endpoint on, https://{id}.{host}/STAGE leads to it, too; but every public API of the Region then answers 403 from that VPC.",
        urls.join("\n")
    )
}
