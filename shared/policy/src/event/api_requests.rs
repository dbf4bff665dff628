//! From the calls about APIs to a [`Call`].

use crate::endpoint_policy::{Doors, Policy};
use crate::event::api::{NewGraphqlApi, NewHttpApi, NewRestApi, RestApiChange};
use crate::event::lenient::Node;
use crate::event::requests::Exchange;
use crate::event::{Call, EventError};
use crate::facts::ApiReach;

impl Exchange<'_> {
    /// Who asks for nothing gets a visibility all the same: only the response tells which.
    pub(super) fn create_graphql_api(&self) -> Result<Call, EventError> {
        let made = self.response.member("graphqlApi");
        let visibility = made.member("visibility").lenient();
        Ok(Call::CreateGraphqlApi(NewGraphqlApi {
            api: self.outcome(&made.member("apiId"))?,
            name: self.request.member("name").legible(),
            visibility: visibility.or_else(|| self.request.member("visibility").lenient()),
        }))
    }

    /// Both ways of making a REST API answer alike.
    pub(super) fn made_rest_api(&self) -> Result<NewRestApi, EventError> {
        let types = self.response.member("endpointConfiguration").member("types");
        Ok(NewRestApi {
            api: self.outcome(&self.response.member("id"))?,
            name: self.response.member("name").legible(),
            reach: types.items().first().and_then(Node::lenient),
        })
    }

    /// A definition that takes the place of the API's own, or is merged into it. The type is no part of definitions (extension
    /// `x-amazon-apigateway-endpoint-configuration`), the resource policy is (`x-amazon-apigateway-policy`).
    pub(super) fn put_rest_api(&self) -> Result<Call, EventError> {
        let body = self.request.member("body").text().unwrap_or_default();
        Ok(Call::PutRestApi(RestApiChange {
            api: self.request.member("restApiId").required()?,
            opened: false,
            policy: body.contains("x-amazon-apigateway-policy"),
            open_policy: false,
            endpoint: true,
        }))
    }

    pub(super) fn update_rest_api(&self) -> Result<Call, EventError> {
        let input = self.request.member("updateRestApiInput");
        let patches = input.member("patchOperations").items();
        let patches: Vec<Patch> = patches.iter().map(Patch::read).collect();
        Ok(Call::UpdateRestApi(RestApiChange {
            api: self.request.member("restApiId").required()?,
            opened: patches.iter().any(Patch::opens),
            policy: patches.iter().any(Patch::is_of_the_policy),
            open_policy: patches.iter().any(Patch::lets_any_endpoint_in),
            endpoint: self.omitted || patches.iter().any(Patch::is_of_the_endpoint),
        }))
    }

    pub(super) fn made_http_api(&self) -> Result<NewHttpApi, EventError> {
        Ok(NewHttpApi {
            api: self.outcome(&self.response.member("apiId"))?,
            name: self.response.member("name").legible(),
        })
    }
}

/// One operation of a patch.
struct Patch {
    path: String,
    value: String,
}

impl Patch {
    fn read(node: &Node<'_>) -> Self {
        let text = |name| node.member(name).text().unwrap_or_default();
        Self {
            path: text("path"),
            value: text("value"),
        }
    }

    /// The path names the type that is replaced (API Gateway developer guide, "Change a public or private API endpoint type").
    fn opens(&self) -> bool {
        let was_private = self.path == "/endpointConfiguration/types/PRIVATE";
        was_private
            && self
                .value
                .parse()
                .is_ok_and(|reach: ApiReach| reach != ApiReach::Private)
    }

    fn is_of_the_policy(&self) -> bool {
        self.path == "/policy"
    }

    fn lets_any_endpoint_in(&self) -> bool {
        self.is_of_the_policy() && Policy::of_api(&self.value).doors() == Doors::AnyEndpoint
    }

    fn is_of_the_endpoint(&self) -> bool {
        self.path.starts_with("/endpointConfiguration") || self.path == "/disableExecuteApiEndpoint"
    }
}
