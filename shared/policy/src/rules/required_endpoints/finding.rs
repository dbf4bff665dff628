//! What is told of endpoints that are not there.

use std::collections::BTreeMap;

use super::need::{Asks, Places, Scene, Unserved};
use super::vpc::{self, Asked};
use crate::endpoint_advice::{self, Wanted, WantedKind};
use crate::facts::{Endpoint, EndpointKind, Stop, Subnet};
use crate::finding::{Advice, Cause, Evidence, Finding, Severity};
use crate::plan::Treatment;
use crate::routing::tables_of;
use crate::rules::managed_by;
use crate::service::{self, PrivateDns};
use crate::settings::RuleName;

/// A service that is not there, who asks for it, and why it is not.
#[derive(Debug, Clone)]
pub(super) struct Lack<'a> {
    pub service: &'a str,
    pub asks: Asks<'a>,
    pub why: Why<'a>,
}

/// Why a service is not there.
#[derive(Debug, Clone)]
pub(super) enum Why<'a> {
    /// The VPC has no endpoint of it.
    NotThere,
    /// It has a gateway endpoint, and these subnets' tables have no route to it.
    NotRouted { gateway: &'a Endpoint, unserved: Unserved<'a> },
    /// It has interface endpoints, which do not answer by the service's own name inside the VPC.
    OtherNamesOnly(Vec<&'a Endpoint>),
}

/// The kinds of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Missing,
    NeededByEndpoint,
    NotMadeYet,
}

/// One finding for what the event brought in, one for what was so before, and each apart by who asks for it.
pub(super) fn of(scene: &Scene<'_>, lacks: &[Lack<'_>], asked: &Asked, is_new: bool) -> Result<Vec<Finding>, Stop> {
    let places = scene.places()?;
    let mut groups: BTreeMap<(Cause, Class), Vec<&Lack<'_>>> = BTreeMap::new();
    for lack in lacks {
        let class = match lack.asks.policy {
            _ if is_new => Class::NotMadeYet,
            true => Class::Missing,
            false => Class::NeededByEndpoint,
        };
        groups.entry((asked.cause(lack.service), class)).or_default().push(lack);
    }
    Ok(groups.into_iter().map(|((cause, class), lacks)| finding(scene, places, cause, class, &lacks)).collect())
}

fn finding(scene: &Scene<'_>, places: Places<'_>, cause: Cause, class: Class, lacks: &[&Lack<'_>]) -> Finding {
    let (name, severity, summary) = match class {
        Class::Missing => (
            "missing-endpoint",
            Severity::Medium,
            "a private VPC lacks endpoints that the policy requires: its clients have no private way to the services",
        ),
        Class::NeededByEndpoint => (
            "needed-by-endpoint",
            Severity::Medium,
            "clients of an endpoint need another service, too, and the private VPC has no way to it, or not from every subnet",
        ),
        Class::NotMadeYet => (
            "not-made-yet",
            Severity::Info,
            "a new private VPC has none of these endpoints yet, which the policy requires",
        ),
    };
    Finding {
        rule: RuleName::RequiredEndpoints,
        class: name.to_owned(),
        severity,
        cause,
        resource: vpc::resource(&scene.vpc.id),
        summary: summary.to_owned(),
        evidence: lacks.iter().flat_map(|lack| lack.evidence()).collect(),
        context: context(class, lacks),
        treatment: Treatment::Told(why_told(scene)),
        advice: advice(scene, places, lacks),
    }
}

fn context(class: Class, lacks: &[&Lack<'_>]) -> Vec<String> {
    let by_s3 = |lack: &&&Lack<'_>| lack.service == "s3" && !lack.asks.endpoints.is_empty();
    let layers = lacks.iter().find(by_s3).map(|_| {
        "image layers come from S3 by its own name: a gateway endpoint on the clients' route tables serves them, or an interface endpoint with private DNS that is not for inbound resolvers only".to_owned()
    });
    let young = (class == Class::NotMadeYet)
        .then(|| "this is told once, when the VPC is made: what is made of it afterwards is not followed".to_owned());
    layers.into_iter().chain(young).collect()
}

fn why_told(scene: &Scene<'_>) -> String {
    match managed_by(scene.case, &scene.vpc.tags) {
        Some(service) => format!("{service} manages the VPC, and what a service manages is never touched"),
        None => "endpoints and routes are for people to make, since an endpoint costs money and a new route cuts the connections that are open".to_owned(),
    }
}

impl Lack<'_> {
    fn evidence(&self) -> Vec<Evidence> {
        let says = |says: String| Evidence { part: self.service.to_owned(), says, permits: None };
        let mut evidence = vec![says(self.says())];
        if let Why::NotRouted { gateway, unserved } = &self.why {
            evidence.extend(unserved.iter().map(|(table, subnets)| {
                let subnets: Vec<&str> = subnets.iter().map(|subnet| subnet.as_str()).collect();
                Evidence {
                    part: table.to_string(),
                    says: format!("serves {} and has no route to {}", subnets.join(", "), gateway.id),
                    permits: None,
                }
            }));
        }
        evidence
    }

    fn says(&self) -> String {
        let policy = self.asks.policy.then(|| "required by the policy file".to_owned());
        let needed = self.asks.endpoints.iter().map(|endpoint| {
            format!("needed by clients of {} ({})", endpoint.id, service::short_name(&endpoint.service).unwrap_or_default())
        });
        let asks: Vec<String> = policy.into_iter().chain(needed).collect();
        let why = match &self.why {
            Why::NotThere => "the VPC has no endpoint of it".to_owned(),
            Why::NotRouted { gateway, .. } => format!("its gateway endpoint {} is not on the route tables of all private subnets", gateway.id),
            Why::OtherNamesOnly(interfaces) => {
                let ids: Vec<&str> = interfaces.iter().map(|interface| interface.id.as_str()).collect();
                format!("{} does not answer by the service's own name inside the VPC", ids.join(", "))
            }
        };
        format!("{}; {why}", asks.join(", "))
    }

    fn wanted<'w>(&self, scene: &Scene<'w>, places: Places<'w>) -> Wanted<'w> {
        let region = &scene.case.event.region;
        let kind = if service::has_gateway(self.service) {
            WantedKind::Gateway(tables_of(places.tables, places.private(scene.case).map(|subnet| &subnet.id)))
        } else {
            let with_groups = |endpoint: &&&'w Endpoint| endpoint.kind == EndpointKind::Interface && !endpoint.groups.is_empty();
            WantedKind::Interface {
                subnets: one_in_each_zone(places.private(scene.case)).into_iter().map(|subnet| &subnet.id).collect(),
                groups: scene.there.iter().find(with_groups).into_iter().flat_map(|endpoint| &endpoint.groups).collect(),
                private_dns: !matches!(service::private_dns(self.service), PrivateDns::Hazard(_)),
            }
        };
        Wanted { vpc: &scene.vpc.id, service: format!("com.amazonaws.{region}.{}", self.service), kind }
    }
}

/// AWS takes one subnet of a zone for an endpoint.
fn one_in_each_zone<'a>(subnets: impl Iterator<Item = &'a Subnet>) -> Vec<&'a Subnet> {
    let mut zones: BTreeMap<&str, &Subnet> = BTreeMap::new();
    for subnet in subnets {
        let zone = if subnet.zone.is_empty() { subnet.id.as_str() } else { &subnet.zone };
        zones.entry(zone).or_insert(subnet);
    }
    zones.into_values().collect()
}

/// What is to be made, and what is to be routed.
fn advice(scene: &Scene<'_>, places: Places<'_>, lacks: &[&Lack<'_>]) -> Vec<Advice> {
    let to_make: Vec<_> = lacks
        .iter()
        .filter(|lack| !matches!(lack.why, Why::NotRouted { .. }))
        .map(|lack| lack.wanted(scene, places))
        .collect();
    let to_route = lacks.iter().filter_map(|lack| match &lack.why {
        Why::NotRouted { gateway, unserved } => {
            let tables: Vec<_> = unserved.keys().copied().collect();
            Some(endpoint_advice::to_route(&gateway.id, &tables))
        }
        Why::NotThere | Why::OtherNamesOnly(_) => None,
    });
    let to_route = to_route.flatten();
    let made = if to_make.is_empty() { Vec::new() } else { endpoint_advice::to_make(&to_make) };
    made.into_iter().chain(to_route).collect()
}
