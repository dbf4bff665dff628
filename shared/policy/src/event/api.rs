//! What the calls about APIs say of them.

use serde::{Deserialize, Serialize};

use crate::facts::{ApiReach, Visibility};
use crate::id::{GraphqlApiId, HttpApiId, RestApiId};

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

/// A REST API that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRestApi {
    /// Its id, from the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<RestApiId>,
    /// Its name, as the response has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// From where it answers, as the response has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<ApiReach>,
}

/// A change of a REST API. What of it nothing here speaks of, no rule looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestApiChange {
    /// The API.
    pub api: RestApiId,
    /// Whether it was private until then, and was given another type.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opened: bool,
    /// Whether its resource policy was set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub policy: bool,
    /// Whether the policy that was set lets any endpoint in, as far as the call tells.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open_policy: bool,
    /// Whether anything else was set that says from where it answers, or the whole API was defined anew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub endpoint: bool,
}

/// An HTTP or WebSocket API that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewHttpApi {
    /// Its id, from the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<HttpApiId>,
    /// Its name, as the response has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
