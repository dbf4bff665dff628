//! Interface endpoints that are paid for where the free gateway would do.

use crate::case::Case;
use crate::cost;
use crate::endpoint_advice::{self, Wanted, WantedKind};
use crate::facts::{Endpoint, EndpointDetails, EndpointKind, Facts, Stop};
use crate::finding::{Cause, Evidence, Finding, Severity};
use crate::plan::Treatment;
use crate::routing::tables_of;
use crate::rules::endpoint::resource;
use crate::rules::managed_by;
use crate::rules::network::{Network, is_there};
use crate::service;
use crate::settings::RuleName;

/// The finding about one endpoint, or none.
///
/// Where a gateway of the service is there, too, somebody has thought about it: the interface is the way in from
/// outside the VPC (S3's private DNS for inbound resolvers needs the gateway beside it).
pub(super) fn finding(
    case: &Case<'_>,
    facts: &Facts,
    network: &Network<'_>,
    endpoint: &Endpoint,
    cause: Cause,
) -> Result<Option<Finding>, Stop> {
    let short = service::short_name(&endpoint.service).unwrap_or_default();
    let is_paid = endpoint.kind == EndpointKind::Interface && is_there(endpoint) && service::has_gateway(short);
    let has_gateway = network.gateways().any(|gateway| gateway.service == endpoint.service);
    let serves_others = case.settings.central_endpoints.iter().any(|central| {
        central.vpc == network.vpc.id && central.services.iter().any(|service| service.is_served_by(&endpoint.service))
    });
    if !is_paid || has_gateway || serves_others {
        return Ok(None);
    }
    Ok(Some(of(case, network, facts.endpoint(&endpoint.id)?, cause)))
}

fn of(case: &Case<'_>, network: &Network<'_>, details: &EndpointDetails, cause: Cause) -> Finding {
    let endpoint = &details.endpoint;
    let excluded = &case.settings.scope.exclude_subnets;
    let private = network.subnets.iter().map(|subnet| &subnet.id).filter(|subnet| !excluded.contains(*subnet));
    Finding {
        rule: RuleName::GatewayRoute,
        class: "interface-instead-of-gateway".to_owned(),
        severity: Severity::Info,
        cause,
        resource: resource(&endpoint.id, Some(&endpoint.service), Some(&details.vpc)),
        summary: "an interface endpoint is paid for, and the free gateway endpoint of the service would do for the VPC's own clients".to_owned(),
        evidence: vec![Evidence {
            part: endpoint.id.to_string(),
            says: format!("interface endpoint of {}, and the VPC has no gateway endpoint of it", endpoint.service),
            permits: None,
        }],
        context: vec![
            format!(
                "it costs {}; a gateway endpoint costs nothing",
                cost::interface_endpoint(&case.settings.prices, details.subnets.len())
            ),
            "a gateway endpoint serves the VPC's own subnets alone: clients on premises, in peered VPCs or behind a transit gateway need the interface".to_owned(),
        ],
        treatment: Treatment::Told(why_told(case, details)),
        advice: endpoint_advice::to_make(&[Wanted {
            vpc: &details.vpc,
            service: endpoint.service.clone(),
            kind: WantedKind::Gateway(tables_of(network.tables, private)),
        }]),
    }
}

fn why_told(case: &Case<'_>, details: &EndpointDetails) -> String {
    let requester = || details.requester_managed.then(|| "the service that made it".to_owned());
    match managed_by(case, &details.tags).or_else(requester) {
        Some(service) => format!("{service} manages the endpoint, and what a service manages is never touched"),
        None => "who uses the interface from outside the VPC cannot be seen here, and moving the VPC's clients to a gateway cuts their open connections".to_owned(),
    }
}
