//! HTTP and WebSocket APIs of API Gateway.

use aws_sdk_apigatewayv2::operation::get_api::GetApiOutput as Raw;
use guardrail_policy::facts::{Answered, Fact, HttpApi};
use guardrail_policy::id::HttpApiId;
use guardrail_policy::ordered;

use crate::answer::{missing, present, required};
use crate::failure::{Failure, Unparsable};
use crate::needs::GET_API as ACTION;

/// The API with this id.
pub(super) async fn by_id(gateway: &aws_sdk_apigatewayv2::Client, id: HttpApiId) -> Answered {
    let reply = gateway.get_api().api_id(id.as_str()).send().await;
    let reply = reply.map_err(|error| Failure::of(ACTION, &error));
    let api = reply.and_then(|raw| parse(&raw).map_err(|what| Failure::unparsable(ACTION, &what)));
    Answered::HttpApi(id, api.map_or_else(Fact::from, Fact::Is))
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
