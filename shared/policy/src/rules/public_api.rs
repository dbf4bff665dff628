//! `public-api`: an API of API Gateway that answers on the internet, or a private one that lets any endpoint in.

mod advice;
mod http;
mod rest;

use super::{Judgement, PassedBecause, Rule};
use crate::case::Case;
use crate::event::{Call, CallName, NewHttpApi, NewRestApi, RestApiChange, Subject, SubjectKind};
use crate::facts::{ApiReach, Facts, Stop};
use crate::finding::{Evidence, Resource, Severity};
use crate::id::{HttpApiId, Region, RestApiId};
use crate::settings::RuleName;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::PublicApi,
    severity: Severity::High,
    title: "an API answers on the internet, or lets any endpoint in",
    woken_by: &[
        CallName::CreateRestApi,
        CallName::ImportRestApi,
        CallName::PutRestApi,
        CallName::UpdateRestApi,
        CallName::CreateApi,
        CallName::ImportApi,
    ],
    scans: &[SubjectKind::RestApi, SubjectKind::HttpApi],
    reads: &["apigateway:GET", "ec2:DescribeVpcEndpoints"],
    writes: &[],
    judge,
};

/// The service by whose endpoints private APIs are called.
const SERVICE: &str = "execute-api";

/// A REST API that a call is about, and what the call brought in.
#[derive(Debug, Clone, Copy)]
struct Told<'e> {
    api: &'e RestApiId,
    name: Option<&'e str>,
    /// Whether the API answers on the internet by this call.
    opened: bool,
    /// Whether its resource policy is this call's.
    policy: bool,
    /// Whether this call says that the policy lets any endpoint in.
    open_policy: bool,
}

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    match &case.event.call {
        Call::CreateRestApi(made) | Call::ImportRestApi(made) => match made {
            NewRestApi { api: Some(api), name, reach } => {
                let opened = reach.is_none_or(|reach| reach != ApiReach::Private);
                rest::judge(case, facts, Told { api, name: name.as_deref(), opened, policy: true, open_policy: false })
            }
            NewRestApi { api: None, .. } => Ok(Judgement::default()),
        },
        Call::PutRestApi(change) | Call::UpdateRestApi(change) => changed(case, facts, change),
        Call::CreateApi(made) | Call::ImportApi(made) => match made {
            NewHttpApi { api: Some(api), name } => http::judge(case, facts, api, name.as_deref()),
            NewHttpApi { api: None, .. } => Ok(Judgement::default()),
        },
        Call::Scan { subject: Subject::RestApi(api) } => rest::judge(case, facts, Told::nothing_of(api)),
        Call::Scan { subject: Subject::HttpApi(api) } => http::judge(case, facts, api, None),
        _ => Ok(Judgement::default()),
    }
}

impl<'e> Told<'e> {
    /// Nobody called: it is looked at as it stands.
    fn nothing_of(api: &'e RestApiId) -> Self {
        Self { api, name: None, opened: false, policy: false, open_policy: false }
    }
}

fn changed(case: &Case<'_>, facts: &Facts, change: &RestApiChange) -> Result<Judgement, Stop> {
    let RestApiChange { api, opened, policy, open_policy, endpoint } = change;
    if !(*opened || *policy || *endpoint) {
        return Ok(Judgement::passed(rest_api(api, None), PassedBecause::NotTouched));
    }
    rest::judge(case, facts, Told { api, name: None, opened: *opened, policy: *policy, open_policy: *open_policy })
}

fn rest_api(id: &RestApiId, name: Option<&str>) -> Resource {
    Resource { kind: "REST API".to_owned(), id: id.to_string(), name: name.map(ToOwned::to_owned), vpc: None }
}

fn http_api(id: &HttpApiId, name: Option<&str>) -> Resource {
    Resource { kind: "HTTP API".to_owned(), id: id.to_string(), name: name.map(ToOwned::to_owned), vpc: None }
}

fn evidence(part: &str, says: String) -> Evidence {
    Evidence { part: part.to_owned(), says, permits: None }
}

/// The host of an API's URL: `execute-api.eu-west-1.amazonaws.com`.
fn host(region: &Region) -> String {
    let china = if region.as_str().starts_with("cn-") { ".cn" } else { "" };
    format!("{SERVICE}.{region}.amazonaws.com{china}")
}
