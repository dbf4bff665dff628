//! How bad a public address is: whether there is a way to the internet by it at all.

use crate::case::Case;
use crate::facts::{BlockPublicAccess, Everywhere, Facts, RouteTable, RouteTarget, Stop, Unknown, Vpc, both};
use crate::finding::Severity;
use crate::id::{SubnetId, VpcId};
use crate::routing::table_of;
use crate::rules::{PassedBecause, selection};

/// A private VPC with what decides over its public addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach<'f> {
    /// The VPC.
    pub vpc: &'f Vpc,
    tables: &'f [RouteTable],
    blocked: &'f BlockPublicAccess,
}

/// A VPC, or why it is not looked at.
#[derive(Debug)]
pub(super) enum Seen<'f> {
    /// The policy file selects it.
    Is(Reach<'f>),
    /// It is let pass.
    Passed(PassedBecause),
}

/// A VPC with its routes, if the policy file selects it. All is asked in one round.
pub(super) fn seen<'f>(case: &Case<'_>, facts: &'f Facts, id: &VpcId) -> Result<Seen<'f>, Stop> {
    let around = both(facts.route_tables(id), facts.block_public_access(&Everywhere));
    match facts.vpc(id) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(Seen::Passed(PassedBecause::AlreadyGone)),
        Err(stop) => Err(around.err().map_or(stop.clone(), |other| stop.join(other))),
        Ok(vpc) if !selection::selects(case, facts, vpc)? => {
            Ok(Seen::Passed(PassedBecause::NotSelected))
        }
        // The routes of a VPC that another account shares are its owner's to read, and so are its subnets.
        Ok(vpc) if vpc.owner != *case.account => Ok(Seen::Passed(PassedBecause::NotTouched)),
        Ok(vpc) => {
            let (tables, blocked) = around?;
            Ok(Seen::Is(Reach { vpc, tables, blocked }))
        }
    }
}

impl Reach<'_> {
    /// Medium where the address leads to and from the internet, low where nothing goes by it yet; and why, for people.
    pub(super) fn of(&self, subnet: &SubnetId) -> (Severity, String) {
        let table = table_of(self.tables, subnet);
        let to_internet = |target: &RouteTarget| matches!(target, RouteTarget::To(id) if id.starts_with("igw-"));
        let route = table.and_then(|table| table.routes.iter().find(|route| to_internet(&route.target)).map(|route| (table, route)));
        match route {
            None => (
                Severity::Low,
                format!("no route of {subnet} leads to an internet gateway: nothing goes by a public address there until one does"),
            ),
            Some((table, route)) if self.blocked.blocks(&self.vpc.id, subnet) => (
                Severity::Low,
                format!(
                    "{} routes to {}, and VPC Block Public Access blocks it in both directions: nothing goes by a public address while it does",
                    table.id, route.target
                ),
            ),
            Some((table, route)) => (
                Severity::Medium,
                format!(
                    "{} routes to {}: by a public address the internet reaches what the security groups let in, and traffic leaves",
                    table.id, route.target
                ),
            ),
        }
    }
}
