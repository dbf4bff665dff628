//! APIs, and the endpoints by which private ones are reached.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::model::{Endpoint, Tags};
use crate::id::{GraphqlApiId, HttpApiId, RestApiId, VpcId};

/// From where an AppSync API answers (API reference of `GraphqlApi`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// From anywhere on the internet; what an API has that was made without saying.
    Global,
    /// From VPCs with an interface endpoint of `appsync-api` only.
    Private,
}

/// A text that is no visibility.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no visibility of an AppSync API: write `GLOBAL` or `PRIVATE`")]
pub struct VisibilityError(String);

impl FromStr for Visibility {
    type Err = VisibilityError;

    fn from_str(text: &str) -> Result<Self, VisibilityError> {
        match text {
            "GLOBAL" => Ok(Self::Global),
            "PRIVATE" => Ok(Self::Private),
            other => Err(VisibilityError(other.chars().take(80).collect())),
        }
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Global => "GLOBAL",
            Self::Private => "PRIVATE",
        })
    }
}

/// An AppSync API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphqlApi {
    /// Its id.
    pub id: GraphqlApiId,
    /// Its name.
    pub name: String,
    /// From where it answers.
    pub visibility: Visibility,
    /// How its callers may prove who they are: `API_KEY`, `AWS_IAM`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub authentication: BTreeSet<String>,
    /// Its URLs: `GRAPHQL`, `REALTIME`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub urls: BTreeMap<String, String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// From where a REST API answers: the type of its endpoint (API reference of `EndpointConfiguration`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiReach {
    /// From anywhere on the internet, through `CloudFront`'s edge locations.
    Edge,
    /// From anywhere on the internet.
    Regional,
    /// From VPCs with an interface endpoint of `execute-api` only, which its resource policy must let in.
    Private,
}

/// A text that is no type of endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no type of a REST API's endpoint: write `EDGE`, `REGIONAL` or `PRIVATE`")]
pub struct ApiReachError(String);

impl FromStr for ApiReach {
    type Err = ApiReachError;

    fn from_str(text: &str) -> Result<Self, ApiReachError> {
        match text {
            "EDGE" => Ok(Self::Edge),
            "REGIONAL" => Ok(Self::Regional),
            "PRIVATE" => Ok(Self::Private),
            other => Err(ApiReachError(other.chars().take(80).collect())),
        }
    }
}

impl fmt::Display for ApiReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Edge => "EDGE",
            Self::Regional => "REGIONAL",
            Self::Private => "PRIVATE",
        })
    }
}

/// A REST API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestApi {
    /// Its id.
    pub id: RestApiId,
    /// Its name.
    pub name: String,
    /// From where it answers.
    pub reach: ApiReach,
    /// Its resource policy, as AWS gives it: a JSON document, perhaps with its quotes escaped; none where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Whether its default URL is switched off, so that only custom domain names lead to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default_url_off: bool,
    /// Whether a change of its endpoint is under way, or failed: AWS refuses another until it is available.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changing: bool,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// An HTTP or WebSocket API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpApi {
    /// Its id.
    pub id: HttpApiId,
    /// Its name.
    pub name: String,
    /// `HTTP` or `WEBSOCKET`.
    pub protocol: String,
    /// Its default URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether that URL is switched off, so that only custom domain names lead to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default_url_off: bool,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// An endpoint with the VPC that it is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEndpoint {
    /// What the list of a VPC's endpoints says of it.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// Its VPC.
    pub vpc: VpcId,
}
