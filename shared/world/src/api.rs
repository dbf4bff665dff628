//! The APIs of an account, and what is asked about them.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::facts::{self, Fact, ServiceEndpoint, Tags, Visibility};
use guardrail_policy::id::GraphqlApiId;
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

fn global() -> Visibility {
    Visibility::Global
}

impl World {
    pub(crate) fn graphql_api_fact(&self, id: &GraphqlApiId) -> Fact<facts::GraphqlApi> {
        known_of(self.graphql_apis.as_ref(), "appsync:GetGraphqlApi", |apis| {
            is_or_gone(apis.get(id).map(|api| facts::GraphqlApi {
                id: id.clone(),
                name: api.name.clone(),
                visibility: api.visibility,
                authentication: api.authentication.clone(),
                urls: api.urls.clone(),
                tags: api.tags.clone(),
            }))
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
