//! `public-graphql-api`: an AppSync API that answers on the internet.

use super::api::{Ways, advice};
use super::{Judgement, PassedBecause, Rule, managed_by};
use crate::case::Case;
use crate::event::{Call, CallName, NewGraphqlApi, Subject, SubjectKind};
use crate::facts::{Facts, GraphqlApi, Question, Stop, Unknown, Visibility, both};
use crate::finding::{Advice, Cause, Evidence, Finding, Resource, Severity};
use crate::id::{GraphqlApiId, Region};
use crate::plan::Treatment;
use crate::settings::RuleName;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::PublicGraphqlApi,
    severity: Severity::High,
    title: "an AppSync API answers on the internet",
    woken_by: &[CallName::CreateGraphqlApi],
    scans: &[SubjectKind::GraphqlApi],
    reads: &["appsync:GetGraphqlApi", "ec2:DescribeVpcEndpoints"],
    writes: &[],
    judge,
};

/// The service by whose endpoints private APIs are called (AWS AppSync developer guide, "Using AWS AppSync Private APIs").
const SERVICE: &str = "appsync-api";

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    let (id, name, visibility) = match &case.event.call {
        Call::CreateGraphqlApi(NewGraphqlApi { api: Some(id), name, visibility }) => (id, name.as_deref(), *visibility),
        Call::Scan { subject: Subject::GraphqlApi(id) } => (id, None, None),
        _ => return Ok(Judgement::default()),
    };
    let passed = |why| Ok(Judgement::passed(resource(id, name), why));
    if !case.settings.scope.selects_account(case.account) {
        return passed(PassedBecause::NotSelected);
    }
    // It never changes: what the event says of it needs no look.
    if visibility == Some(Visibility::Private) {
        return passed(PassedBecause::Clean);
    }
    let (api, endpoints) = match both(facts.graphql_api(id), facts.service_endpoints(&SERVICE.to_owned())) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        read => read?,
    };
    if api.visibility == Visibility::Private {
        if visibility.is_some() {
            facts.settled(Question::GraphqlApi(id.clone()))?;
        }
        return passed(PassedBecause::Clean);
    }
    let ways = Ways { service: SERVICE, endpoints };
    Ok(Judgement { findings: vec![finding(case, api, ways)], passed: Vec::new() })
}

fn resource(id: &GraphqlApiId, name: Option<&str>) -> Resource {
    Resource { kind: "AppSync API".to_owned(), id: id.to_string(), name: name.map(ToOwned::to_owned), vpc: None }
}

fn finding(case: &Case<'_>, api: &GraphqlApi, ways: Ways<'_>) -> Finding {
    Finding {
        rule: RuleName::PublicGraphqlApi,
        class: "global-visibility".to_owned(),
        severity: Severity::High,
        cause: if case.event.is_scan() { Cause::Standing } else { Cause::ThisEvent },
        resource: resource(&api.id, Some(&api.name)),
        summary: "an AppSync API answers on the internet".to_owned(),
        evidence: evidence(api),
        context: vec![callers(api), ways.in_words()],
        treatment: treatment(case, api),
        advice: plan(&case.event.region, api, ways),
    }
}

fn evidence(api: &GraphqlApi) -> Vec<Evidence> {
    let evidence = |part: &str, says: String| Evidence { part: part.to_owned(), says, permits: None };
    let urls = api.urls.iter().map(|(kind, url)| evidence(kind, url.clone()));
    std::iter::once(evidence("visibility", api.visibility.to_string())).chain(urls).collect()
}

/// Who it answers.
fn callers(api: &GraphqlApi) -> String {
    if api.authentication.is_empty() {
        return "how its callers prove who they are was not said".to_owned();
    }
    let ways: Vec<&str> = api.authentication.iter().map(String::as_str).collect();
    format!("it answers whoever proves who they are by {}; the network keeps nobody out", ways.join(" or "))
}

fn treatment(case: &Case<'_>, api: &GraphqlApi) -> Treatment {
    let cannot = "the visibility of an AppSync API cannot be changed once it is made; make it anew as PRIVATE, under another id and other URLs, then delete this one";
    Treatment::Told(match managed_by(case, &api.tags) {
        Some(service) => format!("{service} manages the API, and {cannot}"),
        None => cannot.to_owned(),
    })
}

/// How to make it anew, and what its clients must change.
fn plan(region: &Region, api: &GraphqlApi, ways: Ways<'_>) -> Vec<Advice> {
    let id = &api.id;
    let endpoint = ways.to_make(region);
    let first = endpoint.map(|make| format!("{make}\n")).unwrap_or_default();
    vec![
        advice(
            "AWS CLI",
            format!(
                "{first}aws appsync create-graphql-api --name NAME --authentication-type TYPE --visibility PRIVATE\nthen give the new API what this one has: schema, data sources, functions, resolvers, API keys, logging, web ACL\nthen move the clients\naws appsync delete-graphql-api --api-id {id}"
            ),
        ),
        advice(
            "Terraform",
            format!("In the `aws_appsync_graphql_api` resource of {id}, which is replaced then:\n  visibility = \"PRIVATE\""),
        ),
        advice(
            "CloudFormation",
            format!(
                "In the AWS::AppSync::GraphQLApi resource of {id}, under Properties; the API is replaced then:\n  Visibility: PRIVATE"
            ),
        ),
        advice("the clients, which get another URL and API keys of the new API", clients(region)),
    ]
}

/// The two ways to a private API (the same page of the developer guide).
fn clients(region: &Region) -> String {
    format!(
        "Through the endpoint's own name:\n  curl https://ENDPOINT-DNS-NAME/graphql -H 'Host: NEW-NAME.appsync-api.{region}.amazonaws.com'\nor, where private DNS of the endpoint is on, by the new URL itself.\nPrivate DNS of {SERVICE} leads every AppSync URL of the Region to the endpoint: public APIs cannot be called by theirs from that VPC any more."
    )
}
