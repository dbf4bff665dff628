//! AppSync APIs.

use std::time::Duration;

use aws_sdk_appsync::types::{GraphQlApiVisibility, GraphqlApi as Raw};
use guardrail_policy::facts::{Answered, Everywhere, Fact, GraphqlApi, Visibility};
use guardrail_policy::id::GraphqlApiId;
use guardrail_policy::ordered;

use super::listed;
use crate::answer::{missing, required};
use crate::failure::{Failure, Unparsable};
use crate::needs::{GET_GRAPHQL_API, LIST_GRAPHQL_APIS};
use crate::pages;

/// The most APIs that a page holds (API model of `ListGraphqlApis`).
const PAGE: i32 = 25;

/// Every API.
pub(super) async fn all(appsync: &aws_sdk_appsync::Client, limit: Duration) -> Answered {
    let page = async |token: Option<String>| {
        let call = appsync.list_graphql_apis().max_results(PAGE);
        let reply = call.set_next_token(token).send().await?;
        Ok((reply.graphql_apis, reply.next_token))
    };
    let all = pages::all(LIST_GRAPHQL_APIS, limit, page).await;
    Answered::GraphqlApis(Everywhere, listed(LIST_GRAPHQL_APIS, all, parse))
}

/// The API with this id.
pub(super) async fn by_id(appsync: &aws_sdk_appsync::Client, id: GraphqlApiId) -> Answered {
    let reply = appsync.get_graphql_api().api_id(id.as_str()).send().await;
    let reply = reply.map_err(|error| Failure::of(GET_GRAPHQL_API, &error));
    let api = reply.and_then(|reply| {
        let raw = reply.graphql_api().ok_or_else(|| missing("graphqlApi"));
        raw.and_then(parse)
            .map_err(|what| Failure::unparsable(GET_GRAPHQL_API, &what))
    });
    Answered::GraphqlApi(id, api.map_or_else(Fact::from, Fact::Is))
}

fn parse(raw: &Raw) -> Result<GraphqlApi, Unparsable> {
    let others = raw.additional_authentication_providers().iter();
    let others = others.filter_map(|other| other.authentication_type());
    let ways = raw.authentication_type().into_iter().chain(others);
    let urls = raw.uris().into_iter().flatten();
    let tags = raw.tags().into_iter().flatten();
    Ok(GraphqlApi {
        id: required("apiId", raw.api_id())?,
        name: raw.name().unwrap_or_default().to_owned(),
        visibility: visibility(raw.visibility())?,
        authentication: ordered::set(ways.map(|way| way.as_str().to_owned())),
        urls: ordered::map(urls.map(|(kind, url)| (kind.clone(), url.clone()))),
        tags: ordered::map(tags.map(|(key, value)| (key.clone(), value.clone()))),
    })
}

/// An API for which none was chosen is global (API reference of `GraphqlApi`).
fn visibility(raw: Option<&GraphQlApiVisibility>) -> Result<Visibility, Unparsable> {
    let named = raw.map(|visibility| visibility.as_str().parse());
    let visibility = named.unwrap_or(Ok(Visibility::Global));
    visibility.map_err(|error| Unparsable(format!("in the field `visibility`: {error}")))
}
