//! A gateway that was attached or made, judged by the routes that lead to it, and gateways to which none does.

use super::advice;
use super::finding::{self, Found, KIND_OF_NAT};
use super::way::{self, Way};
use crate::case::Case;
use crate::facts::{Facts, Question, RouteTarget, Stop, Tags, both};
use crate::finding::{Advice, Cause, Evidence, Finding, Resource, Severity};
use crate::id::{EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, SubnetId, VpcId};
use crate::plan::{Plan, Step, Treatment, Withheld};
use crate::rules::network::{self, Network, Seen};
use crate::rules::served::{Looked, Subnets};
use crate::rules::{Judgement, PassedBecause, managed_by, resource, standing};
use crate::settings::{Remedy, RuleName, Selection};

/// A gateway that leads to the internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gateway {
    /// An internet gateway.
    Internet(InternetGatewayId),
    /// An egress-only internet gateway.
    EgressOnly(EgressOnlyInternetGatewayId),
    /// A public NAT gateway.
    Nat(NatGatewayId),
}

impl Gateway {
    fn id(&self) -> &str {
        match self {
            Self::Internet(id) => id.as_str(),
            Self::EgressOnly(id) => id.as_str(),
            Self::Nat(id) => id.as_str(),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Internet(_) => "internet gateway",
            Self::EgressOnly(_) => "egress-only internet gateway",
            Self::Nat(_) => KIND_OF_NAT,
        }
    }

    fn resource(&self, vpc: &VpcId) -> Resource {
        resource(self.kind(), self.id(), Some(vpc))
    }

    /// The question whose answer lists it.
    fn question(&self, vpc: &VpcId) -> Question {
        match self {
            Self::Internet(_) => Question::InternetGateways(vpc.clone()),
            Self::EgressOnly(_) => Question::EgressOnlyGateways(vpc.clone()),
            Self::Nat(_) => Question::NatGateways(vpc.clone()),
        }
    }

    /// Its tags, if it is there.
    fn tags<'f>(&self, facts: &'f Facts, vpc: &VpcId) -> Result<Option<&'f Tags>, Stop> {
        Ok(match self {
            Self::Internet(id) => {
                let found = facts.internet_gateways(vpc)?.iter().find(|gateway| gateway.id == *id);
                found.map(|gateway| &gateway.tags)
            }
            Self::EgressOnly(id) => {
                let found = facts.egress_only_gateways(vpc)?.iter().find(|gateway| gateway.id == *id);
                found.map(|gateway| &gateway.tags)
            }
            Self::Nat(id) => {
                let found = facts.nat_gateways(vpc)?.iter().find(|gateway| gateway.id == *id);
                found.filter(|gateway| gateway.is_way_out()).map(|gateway| &gateway.tags)
            }
        })
    }

    fn advice(&self, vpc: &VpcId) -> Vec<Advice> {
        match self {
            Self::Internet(id) => advice::to_detach(id, vpc),
            Self::EgressOnly(id) => advice::to_delete_egress_only(id),
            Self::Nat(id) => advice::to_delete_nat(id),
        }
    }
}

/// A NAT gateway that leads to private networks alone.
pub(super) fn private_nat(gateway: &NatGatewayId, vpc: &VpcId) -> Judgement {
    Judgement::passed(Gateway::Nat(gateway.clone()).resource(vpc), PassedBecause::NotTouched)
}

/// Judges a gateway that a call attached or made.
pub(super) fn made(case: &Case<'_>, facts: &Facts, gateway: &Gateway, vpc: &VpcId) -> Result<Judgement, Stop> {
    let passed = |why| Ok(Judgement::passed(gateway.resource(vpc), why));
    if case.settings.scope.selection(case.account, vpc) == Selection::NotSelected {
        return passed(PassedBecause::NotSelected);
    }
    let tags = gateway.tags(facts, vpc);
    let network = match network::seen(case, facts, vpc) {
        Ok(Seen::Is(network)) => network,
        Ok(Seen::Passed(why)) => return passed(why),
        // Both are asked in one round.
        Err(stop) => return Err(tags.err().map_or(stop.clone(), |other| stop.join(other))),
    };
    let Some(tags) = tags? else {
        facts.settled(gateway.question(vpc))?;
        return passed(PassedBecause::AlreadyGone);
    };
    let look = Look { case, facts, network: &network, gateway };
    let (ways, is_stopped) = both(look.ways(), way::is_all_stopped(case, facts, &network))?;
    if ways.is_empty() && (is_stopped || look.is_routed()) {
        return passed(PassedBecause::Clean);
    }
    let treatment = look.treatment(tags, &ways)?;
    let finding = look.finding(&ways, Cause::ThisEvent, treatment)?;
    Ok(Judgement { findings: vec![finding], passed: Vec::new() })
}

/// The gateways of a VPC to which no route of any table that serves subnets leads, as they stand.
pub(super) fn unused(case: &Case<'_>, facts: &Facts, network: &Network<'_>) -> Result<Vec<Finding>, Stop> {
    let vpc = &network.vpc.id;
    let listed = both(facts.internet_gateways(vpc), both(facts.egress_only_gateways(vpc), facts.nat_gateways(vpc)));
    let (listed, is_stopped) = both(listed, way::is_all_stopped(case, facts, network))?;
    let (internet, (egress_only, nat)) = listed;
    if is_stopped {
        return Ok(Vec::new());
    }
    let internet = internet.iter().map(|gateway| Gateway::Internet(gateway.id.clone()));
    let egress_only = egress_only.iter().map(|gateway| Gateway::EgressOnly(gateway.id.clone()));
    let nat = nat.iter().filter(|gateway| gateway.is_way_out()).map(|gateway| Gateway::Nat(gateway.id.clone()));
    let mut findings = Vec::new();
    for gateway in internet.chain(egress_only).chain(nat) {
        let look = Look { case, facts, network, gateway: &gateway };
        if !look.is_routed() {
            findings.push(look.finding(&[], Cause::Standing, standing(case, ""))?);
        }
    }
    Ok(findings)
}

/// A look at one gateway.
struct Look<'a, 'f> {
    case: &'a Case<'a>,
    facts: &'f Facts,
    network: &'a Network<'f>,
    gateway: &'a Gateway,
}

impl<'f> Look<'_, 'f> {
    /// The ways out that lead by the gateway.
    fn ways(&self) -> Result<Vec<Way<'f>>, Stop> {
        let looked = Looked { subnets: Subnets::All, cause: Cause::ThisEvent };
        way::ways(self.case, self.facts, self.network, &looked, |_, route| self.is_target(&route.target))
    }

    fn is_target(&self, target: &RouteTarget) -> bool {
        matches!(target, RouteTarget::To(id) if id == self.gateway.id())
    }

    /// Whether any subnet, also an excluded one, has a route that leads to it.
    fn is_routed(&self) -> bool {
        let looked = Looked { subnets: Subnets::All, cause: Cause::ThisEvent };
        let serving = way::serving(self.case, self.network, &looked);
        let mut serving = serving.iter().filter(|serving| !serving.private.is_empty() || !serving.excluded.is_empty());
        serving.any(|serving| serving.table.routes.iter().any(|route| self.is_target(&route.target)))
    }

    fn finding(&self, ways: &[Way<'_>], cause: Cause, treatment: Treatment) -> Result<Finding, Stop> {
        let kind = match self.gateway {
            Gateway::Nat(_) => format!("a {}", self.gateway.kind()),
            Gateway::Internet(_) | Gateway::EgressOnly(_) => format!("an {}", self.gateway.kind()),
        };
        let (class, severity, summary) = match ways.is_empty() {
            true => (
                "gateway-without-a-route",
                Severity::Medium,
                format!("a private VPC has {kind}, to which no subnet has a route yet"),
            ),
            false => (
                "gateway-to-the-internet",
                Severity::High,
                format!("a private VPC has {kind}, and private subnets have a route to it"),
            ),
        };
        let ways: Vec<&Way<'_>> = ways.iter().collect();
        let found = Found { case: self.case, facts: self.facts, network: self.network, cause };
        let own = Evidence { part: self.gateway.id().to_owned(), says: self.says(), permits: None };
        let mut context = found.context(&ways)?;
        if matches!(self.gateway, Gateway::Nat(_)) && ways.is_empty() {
            context.push(found.cost(1));
        }
        Ok(Finding {
            rule: RuleName::InternetPath,
            class: class.to_owned(),
            severity,
            cause,
            resource: self.gateway.resource(&self.network.vpc.id),
            summary,
            evidence: std::iter::once(own).chain(finding::evidence(&ways)).collect(),
            context,
            treatment,
            advice: self.gateway.advice(&self.network.vpc.id),
        })
    }

    fn says(&self) -> String {
        match self.gateway {
            Gateway::Internet(_) => "attached to the VPC".to_owned(),
            Gateway::EgressOnly(_) => "the VPC's way out for IPv6".to_owned(),
            Gateway::Nat(_) => "leads to the internet".to_owned(),
        }
    }

    fn treatment(&self, tags: &Tags, ways: &[Way<'_>]) -> Result<Treatment, Stop> {
        if let Some(service) = managed_by(self.case, tags) {
            return Ok(Treatment::Told(format!(
                "{service} manages the {}, and what a service manages is never touched",
                self.gateway.kind()
            )));
        }
        let Gateway::Internet(gateway) = self.gateway else {
            return Ok(Treatment::Told(format!(
                "the {} would have to be deleted, and would not come back under its id, which routes may name: decide by hand",
                self.gateway.kind()
            )));
        };
        let plan = Plan {
            remedy: Remedy::Revoke,
            steps: vec![Step::detach_internet_gateway(gateway, &self.network.vpc.id)],
            keeps: Vec::new(),
            stops: ways.iter().map(finding::stops).collect(),
        };
        let reasons = self.hazards(gateway)?;
        Ok(match reasons.is_empty() {
            true => Treatment::Automatic(plan),
            false => Treatment::Withheld { plan, reasons },
        })
    }

    /// Why the gateway is not detached by itself: subnets that may have one may be meant, and AWS detaches none while
    /// public addresses are in use.
    fn hazards(&self, gateway: &InternetGatewayId) -> Result<Vec<Withheld>, Stop> {
        let vpc = &self.network.vpc.id;
        let excluded = &self.case.settings.scope.exclude_subnets;
        let subnets = self.network.subnets.iter().map(|subnet| &subnet.id);
        let excluded: Vec<SubnetId> = subnets.filter(|subnet| excluded.contains(*subnet)).cloned().collect();
        let nat = self.facts.nat_gateways(vpc)?.iter().filter(|nat| nat.is_way_out());
        let nat_gateways: Vec<NatGatewayId> = nat.map(|nat| nat.id.clone()).collect();
        let mut reasons = Vec::new();
        if !excluded.is_empty() {
            reasons.push(Withheld::ServesExcluded(excluded));
        }
        if !nat_gateways.is_empty() {
            reasons.push(Withheld::AddressesInUse { gateway: gateway.clone(), nat_gateways });
        }
        Ok(reasons)
    }
}
