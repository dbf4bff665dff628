//! The calls that give subnets another route table, and the subnets that are new: which are to be looked at, whatever a
//! rule looks for.

use std::collections::BTreeSet;

use super::network::{self, Network, Seen};
use super::{Judgement, PassedBecause, resource};
use crate::case::Case;
use crate::event::Call;
use crate::facts::{Everywhere, Facts, Question, RouteTable, RouteTableDetails, Serves, Stop, Unknown, Vpc, all};
use crate::finding::{Cause, Finding, Resource};
use crate::id::{RouteTableAssociationId, RouteTableId, SubnetId, VpcId};
use crate::routing::own_table_of;

/// Which subnets are looked at, and whether the event brought in what they lack.
#[derive(Debug, Clone)]
pub(super) struct Looked {
    /// The subnets.
    pub subnets: Subnets,
    /// Whose doing it is.
    pub cause: Cause,
}

/// Some of a VPC's subnets.
#[derive(Debug, Clone)]
pub(super) enum Subnets {
    /// All.
    All,
    /// Those without a table of their own.
    OfMainTable,
    /// Those that these tables serve.
    Of(BTreeSet<RouteTableId>),
    /// Those that other tables serve.
    NotOf(BTreeSet<RouteTableId>),
    /// This one.
    One(SubnetId),
}

impl Subnets {
    /// Whether this subnet, which this table serves, is one of them.
    pub(super) fn include(&self, tables: &[RouteTable], table: &RouteTable, subnet: &SubnetId) -> bool {
        match self {
            Self::All => true,
            Self::OfMainTable => own_table_of(tables, subnet).is_none(),
            Self::Of(these) => these.contains(&table.id),
            Self::NotOf(these) => !these.contains(&table.id),
            Self::One(one) => one == subnet,
        }
    }
}

/// What a rule finds about some subnets of a VPC.
pub(super) type Find<'a> = &'a dyn Fn(&Network<'_>, &Looked) -> Result<Vec<Finding>, Stop>;

/// Judges the subnets that a call gave another route table, or made; nothing where it is no such call.
pub(super) fn judge(case: &Case<'_>, facts: &Facts, find: Find<'_>) -> Result<Judgement, Stop> {
    let look = Look { case, facts, find };
    match &case.event.call {
        Call::AssociateRouteTable { route_table, subnet } => look.associated(route_table, subnet.as_ref()),
        Call::ReplaceRouteTableAssociation {
            association,
            route_table,
            made,
        } => look.replaced(route_table, association, made.as_ref()),
        Call::DisassociateRouteTable { association } => look.disassociated(association),
        Call::CreateSubnet {
            subnet: Some(subnet),
            vpc: Some(vpc),
        } => look.made(subnet, vpc),
        _ => Ok(Judgement::default()),
    }
}

/// A look at the subnets that a call moved.
#[derive(Clone, Copy)]
struct Look<'a> {
    case: &'a Case<'a>,
    facts: &'a Facts,
    find: Find<'a>,
}

impl<'a> Look<'a> {
    /// A table was put in front of a subnet.
    fn associated(self, table: &RouteTableId, subnet: Option<&SubnetId>) -> Result<Judgement, Stop> {
        match subnet {
            None => Ok(Judgement::passed(of_table(table), PassedBecause::NotTouched)),
            Some(subnet) if self.is_excluded(subnet) => {
                Ok(Judgement::passed(of_subnet(subnet, None), PassedBecause::NotSelected))
            }
            Some(subnet) => self.with_table(table, |details| self.moved(details, subnet)),
        }
    }

    /// A subnet, or the place of the main table, got another table: the new association says which.
    fn replaced(
        self,
        table: &RouteTableId,
        replaced: &RouteTableAssociationId,
        made: Option<&RouteTableAssociationId>,
    ) -> Result<Judgement, Stop> {
        self.with_table(table, |details| {
            let Some(made) = made else {
                // Which of the table's subnets it was is not said.
                let looked = Looked {
                    subnets: Subnets::Of([table.clone()].into()),
                    cause: Cause::Standing,
                };
                return self.within(&details.vpc, of_table(table), |_| Ok(Some(looked)));
            };
            match details.associations.get(made) {
                None => {
                    self.facts.settled(Question::RouteTable(table.clone()))?;
                    Ok(Judgement::passed(
                        of_association(replaced, Some(&details.vpc)),
                        PassedBecause::AlreadyGone,
                    ))
                }
                Some(Serves::Gateway) => Ok(Judgement::passed(of_table(table), PassedBecause::NotTouched)),
                Some(Serves::Subnet(subnet)) if self.is_excluded(subnet) => Ok(Judgement::passed(
                    of_subnet(subnet, Some(&details.vpc)),
                    PassedBecause::NotSelected,
                )),
                Some(Serves::Subnet(subnet)) => self.moved(details, subnet),
                Some(Serves::Main) => self.within(&details.vpc, of_table(table), |network| {
                    let is_main = network.tables.iter().any(|other| other.id == *table && other.main);
                    if !is_main {
                        self.facts.settled(Question::RouteTables(details.vpc.clone()))?;
                        return Ok(None);
                    }
                    Ok(Some(Looked {
                        subnets: Subnets::OfMainTable,
                        cause: Cause::ThisEvent,
                    }))
                }),
            }
        })
    }

    /// What served the subnet is gone with its association, and no record says which subnet it was: every VPC is looked
    /// at, as far as its main table serves subnets, and nobody is named.
    fn disassociated(self, association: &RouteTableAssociationId) -> Result<Judgement, Stop> {
        let Self { case, facts, find } = self;
        // Route tables of a VPC that another account shares are its owner's to read, and to change.
        let own =
            |vpc: &&Vpc| vpc.owner == *case.account && case.settings.selects_vpc(case.account, &vpc.id, &vpc.tags);
        let vpcs: Vec<_> = facts.vpcs(&Everywhere)?.iter().filter(own).collect();
        if vpcs.is_empty() {
            return Ok(Judgement::passed(
                of_association(association, None),
                PassedBecause::NotSelected,
            ));
        }
        let looked = Looked {
            subnets: Subnets::OfMainTable,
            cause: Cause::Standing,
        };
        let each = vpcs.into_iter().map(|vpc| find(&Network::read(facts, vpc)?, &looked));
        let mut findings = all(each)?.concat();
        for finding in &mut findings {
            finding.context.push(format!(
                "{association} is gone, and no record says which subnet or gateway it was of: it may have been one of these"
            ));
        }
        Ok(judged(findings, of_association(association, None)))
    }

    /// A new subnet is served by the main table, until somebody gives it another, which is that call's doing.
    fn made(self, subnet: &SubnetId, vpc: &VpcId) -> Result<Judgement, Stop> {
        let resource = of_subnet(subnet, Some(vpc));
        if self.is_excluded(subnet) {
            return Ok(Judgement::passed(resource, PassedBecause::NotSelected));
        }
        self.within(vpc, resource, |network| {
            if !network.subnets.iter().any(|other| other.id == *subnet) {
                self.facts.settled(Question::Subnets(vpc.clone()))?;
                return Ok(None);
            }
            let looked = Looked {
                subnets: Subnets::One(subnet.clone()),
                cause: Cause::ThisEvent,
            };
            Ok(own_table_of(network.tables, subnet).is_none().then_some(looked))
        })
    }

    fn is_excluded(self, subnet: &SubnetId) -> bool {
        self.case.settings.scope.exclude_subnets.contains(subnet)
    }

    /// Goes on with the table that a call names, if it is still there.
    fn with_table(
        self,
        table: &RouteTableId,
        judge: impl FnOnce(&'a RouteTableDetails) -> Result<Judgement, Stop>,
    ) -> Result<Judgement, Stop> {
        match self.facts.route_table(table) {
            Err(Stop::Unknown { why: Unknown::Gone, .. }) => {
                Ok(Judgement::passed(of_table(table), PassedBecause::AlreadyGone))
            }
            details => judge(details?),
        }
    }

    /// A subnet that a call gave a table. That another one serves it by now contradicts the call.
    fn moved(self, table: &RouteTableDetails, subnet: &SubnetId) -> Result<Judgement, Stop> {
        self.within(&table.vpc, of_subnet(subnet, Some(&table.vpc)), |network| {
            let serves = own_table_of(network.tables, subnet).is_some_and(|serving| serving.id == table.id);
            let is_there = network.subnets.iter().any(|other| other.id == *subnet);
            if !serves || !is_there {
                self.facts.settled(Question::RouteTables(table.vpc.clone()))?;
                return Ok(None);
            }
            Ok(Some(Looked {
                subnets: Subnets::One(subnet.clone()),
                cause: Cause::ThisEvent,
            }))
        })
    }

    /// Judges subnets of a VPC that the policy file selects; none where what the event brought in is not there any more.
    fn within(
        self,
        vpc: &VpcId,
        resource: Resource,
        looked: impl FnOnce(&Network<'a>) -> Result<Option<Looked>, Stop>,
    ) -> Result<Judgement, Stop> {
        let network = match network::seen(self.case, self.facts, vpc)? {
            Seen::Is(network) => network,
            Seen::Passed(why) => return Ok(Judgement::passed(resource, why)),
        };
        let Some(looked) = looked(&network)? else {
            return Ok(Judgement::passed(resource, PassedBecause::AlreadyGone));
        };
        Ok(judged((self.find)(&network, &looked)?, resource))
    }
}

/// These findings; without any the resource is clean.
pub(super) fn judged(findings: Vec<Finding>, resource: Resource) -> Judgement {
    match findings.is_empty() {
        true => Judgement::passed(resource, PassedBecause::Clean),
        false => Judgement {
            findings,
            passed: Vec::new(),
        },
    }
}

fn of_subnet(subnet: &SubnetId, vpc: Option<&VpcId>) -> Resource {
    resource("subnet", subnet.as_str(), vpc)
}

fn of_table(table: &RouteTableId) -> Resource {
    resource("route table", table.as_str(), None)
}

fn of_association(association: &RouteTableAssociationId, vpc: Option<&VpcId>) -> Resource {
    resource("route table association", association.as_str(), vpc)
}
