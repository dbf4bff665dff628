//! The APIs of an account, and what is asked about them.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::facts::{self, ApiReach, Fact, ServiceEndpoint, Tags, Visibility};
use guardrail_policy::id::{GraphqlApiId, HttpApiId, RestApiId};
use guardrail_policy::service;
use serde::{Deserialize, Serialize};

use crate::answer::{is_or_gone, known, known_of, listed};
use crate::model::World;

/// An AppSync API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphqlApi {
    /// Its name.
    pub name: String,
    /// From where it answers; left out, from the internet.
    #[serde(default = "global")]
    pub visibility: Visibility,
    /// How its callers may prove who they are.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub authentication: BTreeSet<String>,
    /// Its URLs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub urls: BTreeMap<String, String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// A REST API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestApi {
    /// Its name.
    pub name: String,
    /// From where it answers.
    pub reach: ApiReach,
    /// Its resource policy; left out, it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Whether its default URL is switched off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default_url_off: bool,
    /// Whether a change of its endpoint is under way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changing: bool,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// An HTTP or WebSocket API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpApi {
    /// Its name.
    pub name: String,
    /// `HTTP` or `WEBSOCKET`.
    pub protocol: String,
    /// Its default URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether that URL is switched off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default_url_off: bool,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

fn global() -> Visibility {
    Visibility::Global
}

impl GraphqlApi {
    fn fact(&self, id: &GraphqlApiId) -> facts::GraphqlApi {
        facts::GraphqlApi {
            id: id.clone(),
            name: self.name.clone(),
            visibility: self.visibility,
            authentication: self.authentication.clone(),
            urls: self.urls.clone(),
            tags: self.tags.clone(),
        }
    }

    /// As AWS lists it.
    pub(crate) fn listed(api: facts::GraphqlApi) -> (GraphqlApiId, Self) {
        let made = Self {
            name: api.name,
            visibility: api.visibility,
            authentication: api.authentication,
            urls: api.urls,
            tags: api.tags,
        };
        (api.id, made)
    }
}

impl RestApi {
    fn fact(&self, id: &RestApiId) -> facts::RestApi {
        facts::RestApi {
            id: id.clone(),
            name: self.name.clone(),
            reach: self.reach,
            policy: self.policy.clone(),
            default_url_off: self.default_url_off,
            changing: self.changing,
            tags: self.tags.clone(),
        }
    }

    /// As AWS lists it.
    pub(crate) fn listed(api: facts::RestApi) -> (RestApiId, Self) {
        let made = Self {
            name: api.name,
            reach: api.reach,
            policy: api.policy,
            default_url_off: api.default_url_off,
            changing: api.changing,
            tags: api.tags,
        };
        (api.id, made)
    }
}

impl HttpApi {
    fn fact(&self, id: &HttpApiId) -> facts::HttpApi {
        facts::HttpApi {
            id: id.clone(),
            name: self.name.clone(),
            protocol: self.protocol.clone(),
            url: self.url.clone(),
            default_url_off: self.default_url_off,
            tags: self.tags.clone(),
        }
    }

    /// As AWS lists it.
    pub(crate) fn listed(api: facts::HttpApi) -> (HttpApiId, Self) {
        let made = Self {
            name: api.name,
            protocol: api.protocol,
            url: api.url,
            default_url_off: api.default_url_off,
            tags: api.tags,
        };
        (api.id, made)
    }
}

impl World {
    pub(crate) fn graphql_api_fact(&self, id: &GraphqlApiId) -> Fact<facts::GraphqlApi> {
        known_of(self.graphql_apis.as_ref(), "appsync:GetGraphqlApi", |apis| {
            is_or_gone(apis.get(id).map(|api| api.fact(id)))
        })
    }

    pub(crate) fn graphql_api_facts(&self) -> Fact<Vec<facts::GraphqlApi>> {
        known_of(self.graphql_apis.as_ref(), "appsync:ListGraphqlApis", |apis| {
            Fact::Is(apis.iter().map(|(id, api)| api.fact(id)).collect())
        })
    }

    pub(crate) fn rest_api_fact(&self, id: &RestApiId) -> Fact<facts::RestApi> {
        known_of(self.rest_apis.as_ref(), "apigateway:GET", |apis| {
            is_or_gone(apis.get(id).map(|api| api.fact(id)))
        })
    }

    pub(crate) fn rest_api_facts(&self) -> Fact<Vec<facts::RestApi>> {
        known_of(self.rest_apis.as_ref(), "apigateway:GET", |apis| {
            Fact::Is(apis.iter().map(|(id, api)| api.fact(id)).collect())
        })
    }

    pub(crate) fn http_api_fact(&self, id: &HttpApiId) -> Fact<facts::HttpApi> {
        known_of(self.http_apis.as_ref(), "apigateway:GET", |apis| {
            is_or_gone(apis.get(id).map(|api| api.fact(id)))
        })
    }

    pub(crate) fn http_api_facts(&self) -> Fact<Vec<facts::HttpApi>> {
        known_of(self.http_apis.as_ref(), "apigateway:GET", |apis| {
            Fact::Is(apis.iter().map(|(id, api)| api.fact(id)).collect())
        })
    }

    /// The endpoints that lead to one of AWS's services.
    pub(crate) fn endpoints_to(&self, short_name: &str) -> Fact<Vec<ServiceEndpoint>> {
        known(self.endpoints.as_ref(), "DescribeVpcEndpoints", |endpoints| {
            let leads_there = |found: &str| service::short_name(found) == Some(short_name);
            let found = endpoints.iter().filter(|(_, endpoint)| leads_there(&endpoint.service));
            let facts = found.map(|(id, endpoint)| ServiceEndpoint {
                endpoint: listed(id, endpoint),
                vpc: endpoint.vpc.clone(),
            });
            Fact::Is(facts.collect())
        })
    }
}
