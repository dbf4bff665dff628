//! When private DNS may be switched on without a person: where nobody can lose what they reach now.

use crate::address::AddressSet;
use crate::case::Case;
use crate::endpoint_policy;
use crate::facts::{EndpointDetails, EndpointState, Facts, SecurityGroupRule, Stop, Vpc, both};
use crate::network::{Cidr, Direction, Peer};
use crate::plan::Withheld;

/// Why the plan must not be carried out by itself; empty when it may. Everything is read in one round.
pub(super) fn withheld(
    case: &Case<'_>,
    facts: &Facts,
    details: &EndpointDetails,
    vpc: &Vpc,
) -> Result<Vec<Withheld>, Stop> {
    let endpoint = &details.endpoint;
    let around = both(facts.vpc_dns(&vpc.id), facts.endpoints(&vpc.id));
    let ((dns, endpoints), rules) = both(around, rules(facts, details))?;
    let mut reasons = Vec::new();
    if endpoint.state != EndpointState::Available {
        reasons.push(Withheld::EndpointNotAvailable(endpoint.id.clone()));
    }
    let off: Vec<_> = dns.off().collect();
    if !off.is_empty() {
        reasons.push(Withheld::DnsAttributesOff(off));
    }
    let shut_out = shut_out(vpc, &rules);
    if !shut_out.is_empty() {
        reasons.push(Withheld::ClientsShutOut(shut_out));
    }
    if !details.policy.as_deref().is_some_and(endpoint_policy::is_full_access) {
        reasons.push(Withheld::PolicyNotOpen);
    }
    let holder = endpoints.iter().find(|other| {
        let is_there = matches!(other.state, EndpointState::Available | EndpointState::Pending);
        other.id != endpoint.id && other.service == endpoint.service && other.private_dns && is_there
    });
    reasons.extend(holder.map(|other| Withheld::NameTaken(other.id.clone())));
    if case.settings.central_endpoints.iter().any(|central| central.vpc == vpc.id) {
        reasons.push(Withheld::CentralEndpoints);
    }
    Ok(reasons)
}

/// The rules of all groups of the endpoint.
fn rules<'f>(facts: &'f Facts, details: &EndpointDetails) -> Result<Vec<&'f SecurityGroupRule>, Stop> {
    let mut all = Ok(Vec::new());
    for group in &details.endpoint.groups {
        all = both(all, facts.rules(group)).map(|(mut all, rules): (Vec<_>, _)| {
            all.extend(rules);
            all
        });
    }
    all
}

/// The blocks of the VPC from which the groups do not admit HTTPS. Only rules by block count: who is in a group, or on a
/// list, may change any time.
fn shut_out(vpc: &Vpc, rules: &[&SecurityGroupRule]) -> Vec<Cidr> {
    let ingress =
        rules.iter().filter(|rule| rule.direction == Direction::Ingress && rule.permission.traffic.covers_tcp(443));
    let admitted: AddressSet = ingress
        .filter_map(|rule| match &rule.permission.peer {
            Peer::Cidr(cidr) => Some(cidr),
            Peer::PrefixList(_) | Peer::Group { .. } => None,
        })
        .collect();
    vpc.cidrs.iter().copied().filter(|cidr| !admitted.holds(*cidr)).collect()
}
