//! From the calls about APIs to a [`Call`].

use crate::event::api::NewGraphqlApi;
use crate::event::requests::Exchange;
use crate::event::{Call, EventError};

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
}
