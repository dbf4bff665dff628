//! Records of calls about APIs.

use guardrail_policy::facts::Visibility;
use guardrail_policy::id::{GraphqlApiId, HttpApiId, RestApiId};
use guardrail_world::{GraphqlApi, HttpApi, RestApi};
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

    /// A REST API was made as it is.
    #[must_use]
    pub fn create_rest_api(id: &RestApiId, api: &RestApi) -> Self {
        let mut input = json!({ "name": api.name, "disableExecuteApiEndpoint": api.default_url_off });
        input["endpointConfiguration"] = json!({ "types": [api.reach.to_string()], "ipv6": false });
        if let Some(policy) = &api.policy {
            input["policy"] = json!(policy);
        }
        let request = json!({ "createRestApiInput": input, "template": false });
        Self::of("apigateway", "CreateRestApi", request, described(id, api))
    }

    /// A REST API was made from a definition, which has a type beside it.
    #[must_use]
    pub fn import_rest_api(id: &RestApiId, api: &RestApi) -> Self {
        let request = json!({
            "parameters": { "mode": "import", "endpointConfigurationTypes": api.reach.to_string() },
            "body": "{\"swagger\":\"2.0\",\"paths\":{}}",
        });
        Self::of("apigateway", "ImportRestApi", request, described(id, api))
    }

    /// A REST API was defined anew.
    #[must_use]
    pub fn put_rest_api(id: &RestApiId, api: &RestApi, body: &str) -> Self {
        let request = json!({ "restApiId": id, "parameters": {}, "mode": "overwrite", "body": body });
        Self::of("apigateway", "PutRestApi", request, described(id, api))
    }

    /// A REST API was changed to what it is, by these patch operations.
    #[must_use]
    pub fn update_rest_api(id: &RestApiId, api: &RestApi, patches: &Value) -> Self {
        let request = json!({
            "restApiId": id,
            "updateRestApiInput": { "patchOperations": patches },
            "template": false,
        });
        Self::of("apigateway", "UpdateRestApi", request, described(id, api))
    }

    /// An HTTP or WebSocket API was made as it is.
    #[must_use]
    pub fn create_http_api(id: &HttpApiId, api: &HttpApi) -> Self {
        let request = json!({ "name": api.name, "protocolType": api.protocol, "tags": api.tags });
        let response = json!({
            "apiEndpoint": format!("https://{id}.execute-api.{REGION}.amazonaws.com"),
            "apiId": id,
            "apiKeySelectionExpression": "$request.header.x-api-key",
            "createdDate": "2026-03-02T09:15:07Z",
            "disableExecuteApiEndpoint": api.default_url_off,
            "name": api.name,
            "protocolType": api.protocol,
            "routeSelectionExpression": "$request.method $request.path",
            "tags": api.tags,
        });
        Self::of("apigateway", "CreateApi", request, response)
    }
}

/// A REST API as responses tell of it, with some of their many links.
fn described(id: &RestApiId, api: &RestApi) -> Value {
    json!({
        "id": id,
        "name": api.name,
        "createdDate": "Mar 2, 2026 9:15:07 AM",
        "apiKeySource": "HEADER",
        "disableExecuteApiEndpoint": api.default_url_off,
        "endpointConfiguration": { "types": [api.reach.to_string()], "ipv6": false },
        "self": { "restApiId": id, "template": false },
        "restapiUpdate": { "restApiId": id, "template": false },
        "restapiDelete": { "restApiId": id, "template": false },
    })
}

#[cfg(test)]
mod tests {
    use guardrail_policy::event::{CallName, parse};

    use super::*;

    #[test]
    fn every_record_is_read_as_the_call_that_it_tells_of() {
        let graphql = serde_json::from_value(json!({ "name": "orders" })).unwrap();
        let rest = serde_json::from_value(json!({ "name": "orders", "reach": "regional" })).unwrap();
        let http = serde_json::from_value(json!({ "name": "orders", "protocol": "HTTP" })).unwrap();
        let id = "a1b2c3d4e5".parse().unwrap();
        for (record, name) in [
            (
                TrailRecord::create_graphql_api(&"a1b2c3d4e5f6a7b8c9d0e1f2a3".parse().unwrap(), &graphql),
                CallName::CreateGraphqlApi,
            ),
            (TrailRecord::create_rest_api(&id, &rest), CallName::CreateRestApi),
            (TrailRecord::import_rest_api(&id, &rest), CallName::ImportRestApi),
            (TrailRecord::put_rest_api(&id, &rest, "{}"), CallName::PutRestApi),
            (
                TrailRecord::update_rest_api(&id, &rest, &json!([])),
                CallName::UpdateRestApi,
            ),
            (
                TrailRecord::create_http_api(&"a1b2c3d4e5".parse().unwrap(), &http),
                CallName::CreateApi,
            ),
        ] {
            let (_, event) = parse(&record.envelope()).unwrap();
            assert_eq!(event.call.name(), Some(name), "{:?}", record.json());
        }
    }
}
