//! Records of calls about APIs.

use guardrail_policy::facts::Visibility;
use guardrail_policy::id::GraphqlApiId;
use guardrail_world::GraphqlApi;
use serde_json::{Value, json};

use super::TrailRecord;
use crate::network::{ACCOUNT, REGION};

impl TrailRecord {
    /// An AppSync API was made as it is; who wanted a public one did not say so.
    #[must_use]
    pub fn create_graphql_api(id: &GraphqlApiId, api: &GraphqlApi) -> Self {
        let first = api.authentication.first().map_or("API_KEY", String::as_str);
        let others = api.authentication.iter().skip(1);
        let others: Vec<Value> = others.map(|other| json!({ "authenticationType": other })).collect();
        let mut request = json!({
            "name": api.name,
            "authenticationType": first,
            "additionalAuthenticationProviders": others,
            "queryDepthLimit": 0,
            "resolverCountLimit": 0,
            "tags": api.tags,
        });
        if api.visibility == Visibility::Private {
            request["visibility"] = json!("PRIVATE");
        }
        let response = json!({
            "graphqlApi": {
                "name": api.name,
                "apiId": id,
                "authenticationType": first,
                "additionalAuthenticationProviders": others,
                "arn": format!("arn:aws:appsync:{REGION}:{ACCOUNT}:apis/{id}"),
                "uris": api.urls,
                "tags": api.tags,
                "xrayEnabled": false,
                "visibility": api.visibility.to_string(),
                "apiType": "GRAPHQL",
                "owner": ACCOUNT,
                "ownerContact": "***",
                "introspectionConfig": "ENABLED",
                "queryDepthLimit": 0,
                "resolverCountLimit": 0,
            },
        });
        Self::of("appsync", "CreateGraphqlApi", request, response)
    }
}

#[cfg(test)]
mod tests {
    use guardrail_policy::event::{CallName, parse};

    use super::*;

    #[test]
    fn every_record_is_read_as_the_call_that_it_tells_of() {
        let api = serde_json::from_value(json!({ "name": "orders" })).unwrap();
        let record = TrailRecord::create_graphql_api(&"a1b2c3d4e5f6a7b8c9d0e1f2a3".parse().unwrap(), &api);
        let (_, event) = parse(&record.envelope()).unwrap();
        assert_eq!(event.call.name(), Some(CallName::CreateGraphqlApi));
    }
}
