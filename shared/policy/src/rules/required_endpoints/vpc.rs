//! One VPC: what it must have, and whether it is there.

use std::collections::BTreeSet;

use super::finding::{self, Lack};
use super::need::{self, Needs};
use crate::case::Case;
use crate::event::Call;
use crate::facts::{Endpoint, EndpointState, Facts, Question, Stop, Unknown, Vpc};
use crate::finding::{Cause, Finding, Resource};
use crate::id::{VpcEndpointId, VpcId};
use crate::rules::{Judgement, PassedBecause, selection};

/// What a VPC is judged for.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    /// It is new.
    NewVpc,
    /// This endpoint in it is new: what its clients need besides.
    NewEndpoint(VpcEndpointId),
    /// Endpoints of these services, by short name, were deleted from it.
    Deleted(BTreeSet<String>),
    /// As it stands: nothing in it was brought in by an event.
    Standing,
}

impl Asked {
    /// Whose doing it is that a service is not there.
    pub(super) fn cause(&self, service: &str) -> Cause {
        match self {
            Self::NewVpc | Self::NewEndpoint(_) => Cause::ThisEvent,
            Self::Deleted(services) if services.contains(service) => Cause::ThisEvent,
            Self::Deleted(_) | Self::Standing => Cause::Standing,
        }
    }
}

/// Whether an endpoint is there, or is being made.
pub(super) fn is_there(endpoint: &Endpoint) -> bool {
    matches!(endpoint.state, EndpointState::Available | EndpointState::Pending)
}

pub(super) fn resource(id: &VpcId) -> Resource {
    Resource { kind: "VPC".to_owned(), id: id.to_string(), name: None, vpc: None }
}

/// Judges a VPC that the policy file may select.
pub(super) fn judge(case: &Case<'_>, facts: &Facts, id: &VpcId, asked: &Asked) -> Result<Judgement, Stop> {
    let passed = |why| Ok(Judgement::passed(resource(id), why));
    let endpoints = facts.endpoints(id);
    let vpc = match facts.vpc(id) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        Err(stop) => return Err(endpoints.err().map_or(stop.clone(), |other| stop.join(other))),
        Ok(vpc) if !selection::selects(case, facts, vpc)? => {
            return passed(PassedBecause::NotSelected);
        }
        // Endpoints of a VPC that another account shares are its owner's to make, and to see.
        Ok(vpc) if vpc.owner != *case.account => return passed(PassedBecause::NotTouched),
        Ok(vpc) => vpc,
    };
    if let Asked::NewEndpoint(new) = asked {
        let listed = endpoints.as_ref().ok().and_then(|all| all.iter().find(|endpoint| endpoint.id == *new));
        if endpoints.is_ok() && !listed.is_some_and(is_there) {
            if listed.is_none() {
                facts.settled(Question::Endpoints(id.clone()))?;
            }
            return passed(PassedBecause::AlreadyGone);
        }
    }
    let findings = findings(case, facts, vpc, endpoints?, asked)?;
    match findings.is_empty() {
        true => passed(PassedBecause::Clean),
        false => Ok(Judgement { findings, passed: Vec::new() }),
    }
}

/// What a selected VPC lacks.
pub(super) fn findings(
    case: &Case<'_>,
    facts: &Facts,
    vpc: &Vpc,
    endpoints: &[Endpoint],
    asked: &Asked,
) -> Result<Vec<Finding>, Stop> {
    let there: Vec<&Endpoint> = endpoints.iter().filter(|endpoint| is_there(endpoint)).collect();
    let needs = match asked {
        Asked::NewVpc => Needs::of_the_policy(case),
        Asked::NewEndpoint(new) => Needs::of_endpoints(there.iter().copied().filter(|endpoint| endpoint.id == *new)),
        Asked::Deleted(_) | Asked::Standing => Needs::of_the_policy(case).and(Needs::of_endpoints(there.iter().copied())),
    };
    let scene = need::Scene { case, facts, vpc, there: &there, in_every_subnet: matches!(asked, Asked::NewEndpoint(_)) };
    let lacks: Vec<Lack<'_>> = scene.lacks(&needs)?;
    if lacks.is_empty() {
        return Ok(Vec::new());
    }
    let is_new_vpc = matches!(case.event.call, Call::CreateVpc { .. } | Call::CreateDefaultVpc { .. });
    finding::of(&scene, &lacks, asked, is_new_vpc)
}
