//! Whether a call about APIs would be let through.

use std::error::Error;

use aws_sdk_appsync::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::Apis;
use crate::access::{Access, Checked};
use crate::answer::Ec2;
use crate::failure;
use crate::needs::{GET_API, GET_GRAPHQL_API, LIST_GRAPHQL_APIS};

/// Ids in their service's form that nothing has.
const NO_REST_API: &str = "0000000000";
const NO_GRAPHQL_API: &str = "00000000000000000000000000";

impl Apis<Ec2> {
    /// Whether the credentials in use may call an IAM action. Reads of APIs have no dry run: each is tried on an API that
    /// does not exist, and "not found" is past the permissions. For the rest see [`Ec2::may`].
    pub async fn may(&self, action: &str) -> Checked {
        match action {
            GET_API => {
                let call = self.rest.get_rest_api().rest_api_id(NO_REST_API);
                Checked::new(action, access(call.send().await))
            }
            GET_GRAPHQL_API => {
                let call = self.appsync.get_graphql_api().api_id(NO_GRAPHQL_API);
                Checked::new(action, access(call.send().await))
            }
            LIST_GRAPHQL_APIS => {
                let call = self.appsync.list_graphql_apis().max_results(1);
                Checked::new(action, access(call.send().await))
            }
            _ => self.network.may(action).await,
        }
    }
}

fn access<T, E>(tried: Result<T, SdkError<E, HttpResponse>>) -> Access
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match tried.map_err(|error| failure::code(&error)) {
        Ok(_) => Access::Allowed,
        Err(code) if code == "NotFoundException" => Access::Allowed,
        Err(code) => Access::of(code),
    }
}
