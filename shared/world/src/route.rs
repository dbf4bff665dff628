//! Routes, as short texts: a route table maps where to, to through what.

use std::fmt;
use std::str::FromStr;

use guardrail_policy::facts::{RouteDestination, RouteTarget};
use serde::{Deserialize, Serialize};

/// Whither a route matches: a block of addresses or a prefix list's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Destination(pub RouteDestination);

/// A text that is not where a route can lead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no destination of a route: write a CIDR block like `10.0.0.0/16`, or the id of a prefix list")]
pub struct DestinationError(String);

impl FromStr for Destination {
    type Err = DestinationError;

    fn from_str(text: &str) -> Result<Self, DestinationError> {
        let list = || text.parse().ok().map(RouteDestination::PrefixList);
        let found = text.parse().ok().map(RouteDestination::Cidr).or_else(list);
        found
            .map(Self)
            .ok_or_else(|| DestinationError(text.chars().take(80).collect()))
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            RouteDestination::Cidr(cidr) => cidr.fmt(f),
            RouteDestination::PrefixList(list) => list.fmt(f),
        }
    }
}

impl TryFrom<String> for Destination {
    type Error = DestinationError;

    fn try_from(text: String) -> Result<Self, DestinationError> {
        text.parse()
    }
}

impl From<Destination> for String {
    fn from(destination: Destination) -> Self {
        destination.to_string()
    }
}

/// Where a route leads: `local`, or the id of a gateway, an endpoint, an interface, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Target(pub RouteTarget);

impl From<String> for Target {
    fn from(text: String) -> Self {
        Self(if text == "local" {
            RouteTarget::Local
        } else {
            RouteTarget::To(text)
        })
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.0.to_string()
    }
}
