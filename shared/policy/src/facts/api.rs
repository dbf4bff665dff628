//! APIs, and the endpoints by which private ones are reached.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::model::{Endpoint, Tags};
use crate::id::{GraphqlApiId, VpcId};

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

/// An endpoint with the VPC that it is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEndpoint {
    /// What the list of a VPC's endpoints says of it.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// Its VPC.
    pub vpc: VpcId,
}
