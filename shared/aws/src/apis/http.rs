//! HTTP and WebSocket APIs of API Gateway.

use std::time::Duration;

use aws_sdk_apigatewayv2::operation::get_api::GetApiOutput;
use aws_sdk_apigatewayv2::types::Api as Raw;
use guardrail_policy::facts::{Answered, Everywhere, Fact, HttpApi};
use guardrail_policy::id::HttpApiId;
use guardrail_policy::ordered;

use super::listed;
use crate::answer::{missing, present, required};
use crate::failure::{Failure, Unparsable};
use crate::needs::GET_API as ACTION;
use crate::pages;

/// Every API.
pub(super) async fn all(gateway: &aws_sdk_apigatewayv2::Client, limit: Duration) -> Answered {
    let page = async |token: Option<String>| {
        let reply = gateway.get_apis().set_next_token(token).send().await?;
        Ok((reply.items, reply.next_token))
    };
    let all = pages::all(ACTION, limit, page).await;
    Answered::HttpApis(Everywhere, listed(ACTION, all, parse))
}

/// The API with this id.
pub(super) async fn by_id(gateway: &aws_sdk_apigatewayv2::Client, id: HttpApiId) -> Answered {
    let reply = gateway.get_api().api_id(id.as_str()).send().await;
    let reply = reply.map_err(|error| Failure::of(ACTION, &error));
    let api = reply.and_then(|reply| parse(&alone(reply)).map_err(|what| Failure::unparsable(ACTION, &what)));
    Answered::HttpApi(id, api.map_or_else(Fact::from, Fact::Is))
}

/// What a reply says, in the form in which lists say it.
fn alone(reply: GetApiOutput) -> Raw {
    let raw = Raw::builder().set_api_id(reply.api_id).set_name(reply.name);
    let raw = raw
        .set_protocol_type(reply.protocol_type)
        .set_api_endpoint(reply.api_endpoint);
    let raw = raw.set_disable_execute_api_endpoint(reply.disable_execute_api_endpoint);
    raw.set_tags(reply.tags).build()
}

fn parse(raw: &Raw) -> Result<HttpApi, Unparsable> {
    let tags = raw.tags().into_iter().flatten();
    let protocol = raw.protocol_type().ok_or_else(|| missing("protocolType"))?;
    Ok(HttpApi {
        id: required("apiId", raw.api_id())?,
        name: raw.name().unwrap_or_default().to_owned(),
        protocol: protocol.as_str().to_owned(),
        url: present(raw.api_endpoint()).map(ToOwned::to_owned),
        default_url_off: raw.disable_execute_api_endpoint().unwrap_or_default(),
        tags: ordered::map(tags.map(|(key, value)| (key.clone(), value.clone()))),
    })
}
