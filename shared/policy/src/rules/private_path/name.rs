//! Whether the service's name leads clients to an endpoint. Security groups do not filter what Amazon's resolver answers.

use super::client::Client;
use super::leg::{Lack, Leg, LegKind};
use super::scene::Scene;
use crate::facts::{DnsAttribute, EndpointDetails, EndpointKind, Stop, Unknown};
use crate::service::{self, PrivateDns};
use crate::settings::RuleName;

/// The two legs of a name: where it leads, and whether it is answered at all.
pub(super) fn legs(scene: &Scene<'_>, client: &Client<'_>, details: &EndpointDetails) -> Vec<Leg> {
    if client.group.vpc != details.vpc {
        let why = format!("private DNS serves {} alone: clients elsewhere need the endpoint's own URL", details.vpc);
        return vec![Leg::unsure(LegKind::Name, why)];
    }
    vec![name(scene, details), attributes(scene, details)]
}

fn name(scene: &Scene<'_>, details: &EndpointDetails) -> Leg {
    const KIND: LegKind = LegKind::Name;
    if details.endpoint.kind == EndpointKind::Gateway {
        return Leg::works(KIND, "the service's own name");
    }
    if !has_private_name(details) {
        return own_names_only(scene, details);
    }
    match scene.facts.dns_servers(&details.vpc) {
        Ok(dns) if dns.are_amazons() => Leg::works(KIND, "private DNS is on"),
        Ok(dns) => Leg::unsure(
            KIND,
            format!(
                "private DNS is on, and {} gives the VPC DNS servers of its own: {}; whether they ask Amazon's is theirs to say",
                dns.options,
                super::path::in_list(&dns.servers)
            ),
        ),
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => {
            Leg::unsure(KIND, "private DNS is on, and the VPC's DHCP options are not shown")
        }
        Err(stop) => Leg::unread(KIND, stop),
    }
}

/// Private DNS for inbound resolver endpoints only serves no client in the VPC.
fn has_private_name(details: &EndpointDetails) -> bool {
    details.endpoint.private_dns && !details.inbound_only
}

/// What private DNS that is off means: that depends on the service, and on what the policy file says of it.
fn own_names_only(scene: &Scene<'_>, details: &EndpointDetails) -> Leg {
    const KIND: LegKind = LegKind::Name;
    let service = details.endpoint.service.as_str();
    let case = scene.case;
    let intended = case.settings.option(RuleName::PrivateDns, case.account, |settings| settings.intended_off.clone());
    if intended.iter().flatten().any(|selector| selector.selects(service)) {
        return Leg::works(KIND, "by the endpoint's own URL, as the policy file declares");
    }
    let need = service::short_name(service).map_or(PrivateDns::Optional, service::private_dns);
    let url = details.dns_names.first().map(|name| format!("https://{name}"));
    let lack = Lack::PrivateDns {
        endpoint: details.endpoint.id.clone(),
        url: url.clone().filter(|_| need != PrivateDns::Needed),
        may_be_on: !matches!(need, PrivateDns::Hazard(_)),
    };
    match need {
        PrivateDns::Needed => {
            Leg::broken(KIND, lack, "private DNS is off, and no client of it can be given another name")
        }
        PrivateDns::Expected => {
            Leg::broken(KIND, lack, "private DNS is off, and docker, ECS and Lambda cannot be given another name")
        }
        PrivateDns::Optional | PrivateDns::Hazard(_) if scene.made(&details.endpoint.id, KIND) && !scene.before => {
            Leg::broken(
                KIND,
                lack,
                "private DNS was switched off: the service's own name leads to its public addresses",
            )
        }
        PrivateDns::Optional | PrivateDns::Hazard(_) => {
            let by = url.unwrap_or_else(|| "its own URL".to_owned());
            Leg::unsure(KIND, format!("private DNS is off: it works for clients that are given {by}"))
        }
    }
}

/// Private DNS and S3's gateway need both attributes, everything else that Amazon's DNS server answers at all (Amazon VPC
/// user guide, "DNS attributes in your VPC"; AWS PrivateLink guide, "Gateway endpoints for Amazon S3").
fn attributes(scene: &Scene<'_>, details: &EndpointDetails) -> Leg {
    const KIND: LegKind = LegKind::VpcDns;
    let s3 = service::short_name(&details.endpoint.service) == Some("s3");
    let needs_both = match details.endpoint.kind {
        EndpointKind::Gateway => s3,
        EndpointKind::Interface | EndpointKind::Other => has_private_name(details),
    };
    let dns = match scene.facts.vpc_dns(&details.vpc) {
        Ok(dns) => dns,
        Err(stop) => return Leg::unread(KIND, stop),
    };
    let needed = |attribute: &DnsAttribute| needs_both || *attribute == DnsAttribute::DnsSupport;
    let off: Vec<DnsAttribute> = dns.off().filter(needed).collect();
    if off.is_empty() {
        return Leg::works(KIND, "on");
    }
    let says = format!("{} off", off.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and "));
    let own = scene.facts.dns_servers(&details.vpc);
    match own {
        Ok(dns) if !dns.are_amazons() => {
            Leg::unsure(KIND, format!("{says}, and {} gives the VPC DNS servers of its own", dns.options))
        }
        Err(stop @ (Stop::Need(_) | Stop::Unknown { why: Unknown::NotYet | Unknown::Unreadable(_), .. })) => {
            Leg::unread(KIND, stop)
        }
        _ => Leg::broken(KIND, Lack::Attributes { vpc: details.vpc.clone(), off }, says),
    }
}
