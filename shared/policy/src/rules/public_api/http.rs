//! HTTP and WebSocket APIs: they have no private kind.

use super::{SERVICE, evidence, http_api};
use crate::case::Case;
use crate::facts::{Facts, HttpApi, ServiceEndpoint, Stop, Unknown, both};
use crate::finding::{Advice, Cause, Finding, Severity};
use crate::id::HttpApiId;
use crate::plan::Treatment;
use crate::rules::api::{Ways, advice};
use crate::rules::{Judgement, PassedBecause, managed_by};
use crate::settings::RuleName;

pub(super) fn judge(
    case: &Case<'_>,
    facts: &Facts,
    id: &HttpApiId,
    name: Option<&str>,
) -> Result<Judgement, Stop> {
    let passed = |why| Ok(Judgement::passed(http_api(id, name), why));
    if !case.settings.scope.selects_account(case.account) {
        return passed(PassedBecause::NotSelected);
    }
    match both(facts.http_api(id), facts.service_endpoints(&SERVICE.to_owned())) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => passed(PassedBecause::AlreadyGone),
        Err(stop) => Err(stop),
        Ok((api, endpoints)) => Ok(Judgement { findings: vec![finding(case, api, endpoints)], passed: Vec::new() }),
    }
}

fn finding(case: &Case<'_>, api: &HttpApi, endpoints: &[ServiceEndpoint]) -> Finding {
    let kind = if api.protocol == "WEBSOCKET" { "a WebSocket API" } else { "an HTTP API" };
    let url = api.url.iter().map(|url| {
        let off = if api.default_url_off { " (switched off: only custom domain names lead to it)" } else { "" };
        evidence("URL", format!("{url}{off}"))
    });
    Finding {
        rule: RuleName::PublicApi,
        class: "public-http-api".to_owned(),
        severity: Severity::High,
        cause: if case.event.is_scan() { Cause::Standing } else { Cause::ThisEvent },
        resource: http_api(&api.id, Some(&api.name)),
        summary: format!("{kind} answers on the internet, and has no private kind"),
        evidence: std::iter::once(evidence("protocolType", api.protocol.clone())).chain(url).collect(),
        context: vec![
            "an integration with a VPC link is private towards what stands behind the API, not towards its callers".to_owned(),
            Ways { service: SERVICE, endpoints }.in_words(),
        ],
        treatment: treatment(case, api),
        advice: anew(api),
    }
}

fn treatment(case: &Case<'_>, api: &HttpApi) -> Treatment {
    let cannot = "AWS has no private HTTP or WebSocket API; make a REST API with the type PRIVATE in its place, or an internal load balancer, then delete this one";
    Treatment::Told(match managed_by(case, &api.tags) {
        Some(service) => format!("{service} manages the API, and {cannot}"),
        None => cannot.to_owned(),
    })
}

/// What stands in its place; there is nothing to convert it with.
fn anew(api: &HttpApi) -> Vec<Advice> {
    let id = &api.id;
    let instead = if api.protocol == "WEBSOCKET" {
        "an internal load balancer in front of servers that speak WebSocket"
    } else {
        "aws apigateway create-rest-api --name NAME --endpoint-configuration types=PRIVATE,vpcEndpointIds=ENDPOINT-ID --policy file://POLICY.json\nwhere the policy allows execute-api:Invoke under the condition aws:SourceVpce, then its resources, methods and a deployment"
    };
    vec![
        advice("AWS CLI", format!("{instead}\nthen move the clients, whose URL is another one\naws apigatewayv2 delete-api --api-id {id}")),
        advice(
            "Terraform",
            format!("`aws_api_gateway_rest_api` with endpoint_configuration {{ types = [\"PRIVATE\"] }}, or an internal `aws_lb`, in the place of the `aws_apigatewayv2_api` resource of {id}"),
        ),
        advice(
            "CloudFormation",
            format!("AWS::ApiGateway::RestApi with EndpointConfiguration Types [PRIVATE], or an internal AWS::ElasticLoadBalancingV2::LoadBalancer, in the place of the AWS::ApiGatewayV2::Api resource of {id}"),
        ),
    ]
}
