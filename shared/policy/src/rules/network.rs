//! What the rules about routes look at: a VPC's endpoints, its route tables and the subnets that they serve.

use crate::case::Case;
use crate::facts::{Endpoint, EndpointKind, EndpointState, Facts, RouteTable, Stop, Subnet, Unknown, Vpc, both};
use crate::id::VpcId;
use crate::rules::{PassedBecause, selection};

/// A private VPC with what decides where its traffic goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Network<'f> {
    /// The VPC.
    pub vpc: &'f Vpc,
    /// Its endpoints, in every state.
    pub endpoints: &'f [Endpoint],
    /// Its route tables.
    pub tables: &'f [RouteTable],
    /// Its subnets.
    pub subnets: &'f [Subnet],
}

/// A network, or why it is not looked at.
#[derive(Debug)]
pub(super) enum Seen<'f> {
    /// The policy file selects it.
    Is(Network<'f>),
    /// It is let pass.
    Passed(PassedBecause),
}

/// The network of a VPC, if the policy file selects it. All is asked in one round.
pub(super) fn seen<'f>(case: &Case<'_>, facts: &'f Facts, id: &VpcId) -> Result<Seen<'f>, Stop> {
    let around = around(facts, id);
    match facts.vpc(id) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(Seen::Passed(PassedBecause::AlreadyGone)),
        Err(stop) => Err(around.err().map_or(stop.clone(), |other| stop.join(other))),
        Ok(vpc) if !selection::selects(case, facts, vpc)? => Ok(Seen::Passed(PassedBecause::NotSelected)),
        // The route tables of a VPC that another account shares are its owner's to read, and to change.
        Ok(vpc) if vpc.owner != *case.account => Ok(Seen::Passed(PassedBecause::NotTouched)),
        Ok(vpc) => Ok(Seen::Is(Network::of(vpc, around?))),
    }
}

type Around<'f> = ((&'f Vec<RouteTable>, &'f Vec<Subnet>), &'f Vec<Endpoint>);

fn around<'f>(facts: &'f Facts, vpc: &VpcId) -> Result<Around<'f>, Stop> {
    both(both(facts.route_tables(vpc), facts.subnets(vpc)), facts.endpoints(vpc))
}

impl<'f> Network<'f> {
    /// What is around a VPC that is known.
    pub(in crate::rules) fn read(facts: &'f Facts, vpc: &'f Vpc) -> Result<Self, Stop> {
        Ok(Self::of(vpc, around(facts, &vpc.id)?))
    }

    fn of(vpc: &'f Vpc, ((tables, subnets), endpoints): Around<'f>) -> Self {
        Self {
            vpc,
            endpoints,
            tables,
            subnets,
        }
    }

    /// Its gateway endpoints that are there, or are being made.
    pub(super) fn gateways(&self) -> impl Iterator<Item = &'f Endpoint> + use<'f> {
        self.endpoints
            .iter()
            .filter(|endpoint| endpoint.kind == EndpointKind::Gateway && is_there(endpoint))
    }
}

/// Whether an endpoint is there, or is being made.
pub(super) fn is_there(endpoint: &Endpoint) -> bool {
    matches!(endpoint.state, EndpointState::Available | EndpointState::Pending)
}
