//! The names at which an endpoint answers whatever its private DNS, as URLs that clients can use.

use crate::case::Case;
use crate::facts::EndpointDetails;
use crate::service::{self, OwnNames};

/// One URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnName {
    /// What it reaches: `buckets`.
    pub reaches: &'static str,
    /// The URL, with capitals where the client fills something in.
    pub url: String,
}

/// The URLs of an endpoint, from its live names: those of all zones, not those of single ones.
pub(super) fn of(case: &Case<'_>, details: &EndpointDetails) -> Vec<OwnName> {
    let short = service::short_name(&details.endpoint.service).unwrap_or_default();
    let names = details.dns_names.iter().filter(|name| is_of_all_zones(name));
    names.flat_map(|name| urls(case, details, short, name)).collect()
}

/// `vpce-0a1b-abcd1234.…`, and not `vpce-0a1b-abcd1234-eu-west-1a.…` or the service's own name.
fn is_of_all_zones(name: &str) -> bool {
    let first = name.strip_prefix("*.").unwrap_or(name).split('.').next().unwrap_or_default();
    first.starts_with("vpce-") && first.split('-').count() == 3
}

fn urls(case: &Case<'_>, details: &EndpointDetails, short: &str, name: &str) -> Vec<OwnName> {
    let own = |reaches, url: String| OwnName { reaches, url };
    let bare = name.strip_prefix("*.");
    match (service::own_names(short), bare) {
        (OwnNames::S3, Some(bare)) => vec![
            own("buckets", format!("https://bucket.{bare}")),
            own("access points", format!("https://accesspoint.{bare}")),
            own("S3 Control", format!("https://control.{bare}")),
        ],
        (OwnNames::ExecuteApi, _) => {
            let (region, endpoint) = (&case.event.region, &details.endpoint.id);
            let suffix = name.split_once(".vpce.").map_or("amazonaws.com", |(_, suffix)| suffix);
            let bare = bare.unwrap_or(name);
            vec![
                own(
                    "private APIs that are associated with the endpoint",
                    format!("https://API-ID-{endpoint}.execute-api.{region}.{suffix}/STAGE"),
                ),
                own("private APIs", format!("https://{bare}/STAGE with the header x-apigw-api-id: API-ID")),
            ]
        }
        (_, Some(bare)) => vec![own("clients of the service", format!("https://NAME.{bare}"))],
        (_, None) => vec![own("clients of the service", format!("https://{name}"))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_single_zones_and_the_services_own_are_left_out() {
        for (name, is_one) in [
            ("vpce-0a1b2c3d4e5f60001-abcd1234.sts.eu-west-1.vpce.amazonaws.com", true),
            ("*.vpce-0a1b2c3d4e5f60001-abcd1234.s3.eu-west-1.vpce.amazonaws.com", true),
            ("vpce-0a1b2c3d4e5f60001-abcd1234-eu-west-1a.sts.eu-west-1.vpce.amazonaws.com", false),
            ("*.vpce-0a1b2c3d4e5f60001-abcd1234-us-west-2-lax-1a.s3.us-west-2.vpce.amazonaws.com", false),
            ("sts.eu-west-1.amazonaws.com", false),
            ("", false),
        ] {
            assert_eq!(is_of_all_zones(name), is_one, "{name}");
        }
    }
}
