//! A subnet that is served by another route table than before, or that is new.

use super::missing::{self, Looked, Subnets};
use super::network::{self, Network, Seen};
use super::resource;
use crate::case::Case;
use crate::facts::{Facts, Question, RouteTableDetails, Serves, Stop, Unknown};
use crate::finding::{Cause, Resource};
use crate::id::{RouteTableAssociationId, RouteTableId, SubnetId, VpcId};
use crate::routing::own_table_of;
use crate::rules::{Judgement, PassedBecause};

/// A table was put in front of a subnet.
pub(super) fn associated(
    case: &Case<'_>,
    facts: &Facts,
    table: &RouteTableId,
    subnet: Option<&SubnetId>,
) -> Result<Judgement, Stop> {
    match subnet {
        None => Ok(Judgement::passed(of_table(table), PassedBecause::NotTouched)),
        Some(subnet) if is_excluded(case, subnet) => {
            Ok(Judgement::passed(of_subnet(subnet, None), PassedBecause::NotSelected))
        }
        Some(subnet) => with_table(facts, table, |details| moved(case, facts, details, subnet)),
    }
}

/// A subnet, or the place of the main table, got another table: the new association says which.
pub(super) fn replaced(
    case: &Case<'_>,
    facts: &Facts,
    table: &RouteTableId,
    replaced: &RouteTableAssociationId,
    made: Option<&RouteTableAssociationId>,
) -> Result<Judgement, Stop> {
    with_table(facts, table, |details| {
        let Some(made) = made else {
            // Which of the table's subnets it was is not said.
            let looked = Looked { subnets: Subnets::Of([table.clone()].into()), cause: Cause::Standing };
            return within(case, facts, &details.vpc, of_table(table), |_| Ok(Some(looked)));
        };
        match details.associations.get(made) {
            None => {
                facts.settled(Question::RouteTable(table.clone()))?;
                let association = resource("route table association", replaced.as_str(), Some(&details.vpc));
                Ok(Judgement::passed(association, PassedBecause::AlreadyGone))
            }
            Some(Serves::Gateway) => Ok(Judgement::passed(of_table(table), PassedBecause::NotTouched)),
            Some(Serves::Subnet(subnet)) if is_excluded(case, subnet) => {
                Ok(Judgement::passed(of_subnet(subnet, Some(&details.vpc)), PassedBecause::NotSelected))
            }
            Some(Serves::Subnet(subnet)) => moved(case, facts, details, subnet),
            Some(Serves::Main) => within(case, facts, &details.vpc, of_table(table), |network| {
                let is_main = network.tables.iter().any(|other| other.id == *table && other.main);
                if !is_main {
                    facts.settled(Question::RouteTables(details.vpc.clone()))?;
                    return Ok(None);
                }
                Ok(Some(Looked { subnets: Subnets::OfMainTable, cause: Cause::ThisEvent }))
            }),
        }
    })
}

/// A new subnet is served by the main table, until somebody gives it another, which is that call's doing.
pub(super) fn made(case: &Case<'_>, facts: &Facts, subnet: &SubnetId, vpc: &VpcId) -> Result<Judgement, Stop> {
    let resource = of_subnet(subnet, Some(vpc));
    if is_excluded(case, subnet) {
        return Ok(Judgement::passed(resource, PassedBecause::NotSelected));
    }
    within(case, facts, vpc, resource, |network| {
        if !network.subnets.iter().any(|other| other.id == *subnet) {
            facts.settled(Question::Subnets(vpc.clone()))?;
            return Ok(None);
        }
        let looked = Looked { subnets: Subnets::One(subnet.clone()), cause: Cause::ThisEvent };
        Ok(own_table_of(network.tables, subnet).is_none().then_some(looked))
    })
}

fn is_excluded(case: &Case<'_>, subnet: &SubnetId) -> bool {
    case.settings.scope.exclude_subnets.contains(subnet)
}

fn of_subnet(subnet: &SubnetId, vpc: Option<&VpcId>) -> Resource {
    resource("subnet", subnet.as_str(), vpc)
}

fn of_table(table: &RouteTableId) -> Resource {
    resource("route table", table.as_str(), None)
}

/// Goes on with the table that a call names, if it is still there.
fn with_table<'f>(
    facts: &'f Facts,
    table: &RouteTableId,
    judge: impl FnOnce(&'f RouteTableDetails) -> Result<Judgement, Stop>,
) -> Result<Judgement, Stop> {
    match facts.route_table(table) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => {
            Ok(Judgement::passed(of_table(table), PassedBecause::AlreadyGone))
        }
        details => judge(details?),
    }
}

/// A subnet that a call gave a table. That another one serves it by now contradicts the call.
fn moved(case: &Case<'_>, facts: &Facts, table: &RouteTableDetails, subnet: &SubnetId) -> Result<Judgement, Stop> {
    within(case, facts, &table.vpc, of_subnet(subnet, Some(&table.vpc)), |network| {
        let serves = own_table_of(network.tables, subnet).is_some_and(|serving| serving.id == table.id);
        let is_there = network.subnets.iter().any(|other| other.id == *subnet);
        if !serves || !is_there {
            facts.settled(Question::RouteTables(table.vpc.clone()))?;
            return Ok(None);
        }
        Ok(Some(Looked { subnets: Subnets::One(subnet.clone()), cause: Cause::ThisEvent }))
    })
}

/// Judges subnets of a VPC that the policy file selects; none where what the event brought in is not there any more.
fn within<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    vpc: &VpcId,
    resource: Resource,
    looked: impl FnOnce(&Network<'f>) -> Result<Option<Looked>, Stop>,
) -> Result<Judgement, Stop> {
    let network = match network::seen(case, facts, vpc)? {
        Seen::Is(network) => network,
        Seen::Passed(why) => return Ok(Judgement::passed(resource, why)),
    };
    let Some(looked) = looked(&network)? else {
        return Ok(Judgement::passed(resource, PassedBecause::AlreadyGone));
    };
    let findings = missing::findings(case, facts, &network, &looked, None)?;
    Ok(match findings.is_empty() {
        true => Judgement::passed(resource, PassedBecause::Clean),
        false => Judgement { findings, passed: Vec::new() },
    })
}
