//! The names of the rules, also of those that a version does not have yet: the policy file may already speak of them.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The rules' names, in the order of the catalogue.
macro_rules! rule_names {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// A rule of the guardrail, by its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum RuleName {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl RuleName {
            /// Every rule, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name as the policy file, messages and records write it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// What it finds, in one sentence.
            #[must_use]
            pub fn finds(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

rule_names! {
    /// An egress rule that reaches outside the allowed destinations.
    OpenEgress = "open-egress",
    /// A client group and an endpoint that cannot, or no longer can, talk on 443.
    PrivatePath = "private-path",
    /// An interface endpoint on the VPC's default group, or open to more than its clients.
    EndpointSecurityGroup = "endpoint-security-group",
    /// An interface endpoint whose private DNS is off where its service needs it.
    PrivateDns = "private-dns",
    /// A VPC with endpoints whose DNS support or DNS host names are off.
    VpcDnsAttributes = "vpc-dns-attributes",
    /// A private VPC that lacks an endpoint which the policy, or another endpoint, requires.
    RequiredEndpoints = "required-endpoints",
    /// An endpoint policy that grants everything to everyone.
    EndpointPolicy = "endpoint-policy",
    /// An endpoint to a service that the policy does not allow.
    EndpointService = "endpoint-service",
    /// A gateway endpoint that is missing from a private subnet's route table.
    GatewayRoute = "gateway-route",
    /// A gateway or route that leads from a private VPC to the internet.
    InternetPath = "internet-path",
    /// Public addresses in a private VPC.
    PublicAddress = "public-address",
    /// VPC Block Public Access, loosened.
    BlockPublicAccess = "block-public-access",
    /// A new peering, transit gateway attachment or VPN of a private VPC.
    NewNetworkPath = "new-network-path",
    /// A REST, HTTP or WebSocket API that the internet can reach.
    PublicApi = "public-api",
    /// An AppSync API that the internet can reach.
    PublicGraphqlApi = "public-graphql-api",
    /// Somebody disables or rewires the guardrail itself.
    GuardrailTampered = "guardrail-tampered",
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule `{0}`: the rules are {names}", names = names())]
pub struct UnknownRule(String);

impl FromStr for RuleName {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        let found = Self::ALL.iter().find(|rule| rule.as_str() == text);
        found
            .copied()
            .ok_or_else(|| UnknownRule(text.chars().take(80).collect()))
    }
}

fn names() -> String {
    let quoted: Vec<String> = RuleName::ALL.iter().map(|rule| format!("`{rule}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_read_back_from_its_name() {
        for rule in RuleName::ALL {
            assert_eq!(rule.as_str().parse(), Ok(*rule));
            assert_eq!(serde_json::to_string(rule).unwrap(), format!("\"{rule}\""));
        }
    }

    #[test]
    fn an_unknown_rule_is_refused_with_the_names_that_exist() {
        let error = "open-ingress".parse::<RuleName>().unwrap_err().to_string();
        assert!(
            error.starts_with("there is no rule `open-ingress`: the rules are `open-egress`, "),
            "{error}"
        );
    }
}
