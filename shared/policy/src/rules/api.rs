//! What the rules about APIs have in common: the endpoints by which private ones are reached.

use crate::facts::{EndpointKind, EndpointState, ServiceEndpoint};
use crate::finding::Advice;
use crate::id::Region;

/// A text for one tool.
pub(super) fn advice(tool: &str, text: String) -> Advice {
    Advice {
        tool: tool.to_owned(),
        text,
    }
}

/// The endpoints of a service, as far as a private API can be called through them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways<'f> {
    /// The service's short name: `execute-api`.
    pub(super) service: &'static str,
    /// All of its endpoints.
    pub(super) endpoints: &'f [ServiceEndpoint],
}

impl<'f> Ways<'f> {
    /// Those that work, or soon will.
    pub(super) fn there(self) -> impl Iterator<Item = &'f ServiceEndpoint> {
        let is_there = |found: &&ServiceEndpoint| {
            let endpoint = &found.endpoint;
            endpoint.kind == EndpointKind::Interface
                && matches!(endpoint.state, EndpointState::Available | EndpointState::Pending)
        };
        self.endpoints.iter().filter(is_there)
    }

    /// Which there are, for people.
    pub(super) fn in_words(self) -> String {
        let each = self.there().map(|found| {
            let private_dns = if found.endpoint.private_dns { "on" } else { "off" };
            format!("{} in {} (private DNS {private_dns})", found.endpoint.id, found.vpc)
        });
        let each: Vec<String> = each.collect();
        if each.is_empty() {
            format!(
                "the account has no interface endpoint of {} here, and a private API needs one in each VPC that calls it",
                self.service
            )
        } else {
            format!(
                "interface endpoints of {} that a private API can be called through: {}",
                self.service,
                each.join(", ")
            )
        }
    }

    /// How one is made, where there is none.
    pub(super) fn to_make(self, region: &Region) -> Option<String> {
        let service = self.service;
        self.there().next().is_none().then(|| {
            format!(
                "aws ec2 create-vpc-endpoint --vpc-id VPC-ID --service-name com.amazonaws.{region}.{service} --vpc-endpoint-type Interface --subnet-ids SUBNET-IDS --security-group-ids GROUP-THAT-ADMITS-443-FROM-THE-VPC --no-private-dns-enabled"
            )
        })
    }
}
