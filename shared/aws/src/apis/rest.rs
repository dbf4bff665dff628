//! REST APIs of API Gateway.

use std::time::Duration;

use aws_sdk_apigateway::operation::get_rest_api::GetRestApiOutput;
use aws_sdk_apigateway::types::{ApiStatus, RestApi as Raw};
use guardrail_policy::facts::{Answered, ApiReach, Everywhere, Fact, RestApi};
use guardrail_policy::id::RestApiId;
use guardrail_policy::ordered;

use super::listed;
use crate::answer::{missing, parsed, present, required};
use crate::failure::{Failure, Unparsable};
use crate::needs::GET_API as ACTION;
use crate::pages;

/// The most APIs that a page holds (API reference of `GetRestApis`).
const PAGE: i32 = 500;

/// Every API.
pub(super) async fn all(gateway: &aws_sdk_apigateway::Client, limit: Duration) -> Answered {
    let page = async |token: Option<String>| {
        let call = gateway.get_rest_apis().limit(PAGE);
        let reply = call.set_position(token).send().await?;
        Ok((reply.items, reply.position))
    };
    let all = pages::all(ACTION, limit, page).await;
    Answered::RestApis(Everywhere, listed(ACTION, all, parse))
}

/// The API with this id.
pub(super) async fn by_id(gateway: &aws_sdk_apigateway::Client, id: RestApiId) -> Answered {
    let reply = gateway.get_rest_api().rest_api_id(id.as_str()).send().await;
    let reply = reply.map_err(|error| Failure::of(ACTION, &error));
    let api = reply.and_then(|reply| parse(&alone(reply)).map_err(|what| Failure::unparsable(ACTION, &what)));
    Answered::RestApi(id, api.map_or_else(Fact::from, Fact::Is))
}

/// What a reply says, in the form in which lists say it.
fn alone(reply: GetRestApiOutput) -> Raw {
    let raw = Raw::builder()
        .set_id(reply.id)
        .set_name(reply.name)
        .set_policy(reply.policy);
    let raw = raw.set_endpoint_configuration(reply.endpoint_configuration);
    let raw = raw.disable_execute_api_endpoint(reply.disable_execute_api_endpoint);
    raw.set_api_status(reply.api_status).set_tags(reply.tags).build()
}

fn parse(raw: &Raw) -> Result<RestApi, Unparsable> {
    let tags = raw.tags().into_iter().flatten();
    Ok(RestApi {
        id: required("id", raw.id())?,
        name: raw.name().unwrap_or_default().to_owned(),
        reach: reach(raw)?,
        policy: present(raw.policy()).map(ToOwned::to_owned),
        default_url_off: raw.disable_execute_api_endpoint(),
        changing: raw.api_status().is_some_and(|status| *status != ApiStatus::Available),
        tags: ordered::map(tags.map(|(key, value)| (key.clone(), value.clone()))),
    })
}

/// Its one type (API reference of `EndpointConfiguration`); where there should be several, the widest counts.
fn reach(raw: &Raw) -> Result<ApiReach, Unparsable> {
    let types = raw.endpoint_configuration().map(|configuration| configuration.types());
    let types = types.unwrap_or_default().iter();
    let types = types.map(|one| parsed("types", one.as_str()));
    let types = types.collect::<Result<Vec<ApiReach>, Unparsable>>()?;
    let public = types.iter().find(|one| **one != ApiReach::Private);
    public.or(types.first()).copied().ok_or_else(|| missing("types"))
}
