//! What the calls about APIs say of them.

use serde::{Deserialize, Serialize};

use crate::facts::Visibility;
use crate::id::GraphqlApiId;

/// An AppSync API that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewGraphqlApi {
    /// Its id, from the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<GraphqlApiId>,
    /// Its name, as the caller gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// From where it answers, which never changes: as the response has it, else as it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}
