//! What takes an open rule's place: never more than it permitted itself (law 7), and nothing at all where that is not safe.

use std::collections::BTreeSet;

use crate::address::{AddressSet, INTERNET};
use crate::case::Case;
use crate::facts::{AddressFamily, Endpoint, ListOwner, SecurityGroup, SecurityGroupRule};
use crate::finding::Cause;
use crate::id::{PrefixListId, SecurityGroupId};
use crate::network::{Direction, Peer, Permission, Traffic};
use crate::ordered;
use crate::plan::{Plan, Step, Treatment, Withheld};
use crate::rules::{managed_by, standing};
use crate::settings::{Remedy, RuleName, RuleSettings, ServiceName};

use super::reach::{Class, Violation, list};
use super::subject::Brought;
use super::surroundings::{Gateway, Surroundings};

/// How many rules a group may hold in one direction and address family (EC2's default quota; references count in both).
const QUOTA: usize = 60;

/// Everything that a replacement for a group's open rules depends on.
#[derive(Debug)]
pub(super) struct Replacement<'a> {
    pub case: &'a Case<'a>,
    pub group: &'a SecurityGroup,
    pub rules: &'a [SecurityGroupRule],
    pub allowed: &'a AddressSet,
    pub around: &'a Surroundings<'a>,
    pub brought: &'a Brought,
}

impl Replacement<'_> {
    /// What is to be done about violations of one cause and class.
    pub(super) fn treatment(&self, cause: Cause, class: Class, violations: &[&Violation<'_>]) -> Treatment {
        const STANDING: &str = "this event did not bring it in, and only what an event brings in is taken back";
        if cause == Cause::Standing && !self.case.event.is_scan() {
            return standing(self.case, STANDING);
        }
        if class == Class::UnlistedPrivate {
            return Treatment::Told(
                "rules to private addresses are never taken back; list the addresses under `allowed_destinations`, or remove the rule".to_owned(),
            );
        }
        if let Some(service) = managed_by(self.case, &self.group.tags) {
            return Treatment::Told(format!("{service} manages the group, and what a service manages is never touched"));
        }
        if cause == Cause::Standing {
            return standing(self.case, STANDING);
        }
        let plan = self.plan(violations);
        match self.brought {
            Brought::List(_) | Brought::Attached => Treatment::Proposal(plan),
            _ => match self.withheld(&plan, violations) {
                reasons if reasons.is_empty() => Treatment::Automatic(plan),
                reasons => Treatment::Withheld { plan, reasons },
            },
        }
    }

    /// Authorise the replacements first, then revoke the open rules.
    pub(super) fn plan(&self, violations: &[&Violation<'_>]) -> Plan {
        let remedy = self.remedy();
        let present = |permission: &Permission| self.egress().any(|rule| rule.permission.is_same(permission));
        let https = reached_by_https(violations);
        let wanted = self.replacements(remedy, violations, &https).into_iter();
        let added: Vec<Permission> = wanted.filter(|permission| !present(permission)).collect();
        let revoked = violations.iter().map(|violation| {
            Step::revoke(&self.group.id, violation.rule.id.clone(), violation.rule.permission.clone())
        });
        let authorized = (!added.is_empty()).then(|| Step::authorize(&self.group.id, added));
        let steps: Vec<Step> = authorized.into_iter().chain(revoked).collect();
        let plan = Plan { remedy, steps, keeps: Vec::new(), stops: Vec::new() };
        let (keeps, stops) = self.effects(&plan, violations, &https);
        Plan { keeps, stops, ..plan }
    }

    /// The remedy that the policy file sets; an edit in place is only ever narrowed, since what it replaced is not known.
    fn remedy(&self) -> Remedy {
        let set = || self.case.settings.option(RuleName::OpenEgress, self.case.account, |settings| settings.remedy);
        match self.brought {
            Brought::Edited(_) => Remedy::Narrow,
            _ => set().unwrap_or(Remedy::Narrow),
        }
    }

    /// What may take the rules' place; nothing of it reaches an address, protocol and port that none of them reached.
    ///
    /// What of 443 they reach together counts: two halves of the world that one call added are the world.
    fn replacements(
        &self,
        remedy: Remedy,
        violations: &[&Violation<'_>],
        https: &AddressSet,
    ) -> BTreeSet<Permission> {
        let mut wanted = BTreeSet::new();
        let mut covered = AddressSet::default();
        for violation in violations {
            let traffic = violation.rule.permission.traffic;
            let inside = match remedy {
                Remedy::Narrow => violation.destinations.within(self.allowed),
                _ => AddressSet::default(),
            };
            if traffic.covers_tcp(443) {
                covered.add(&inside);
            }
            let blocks = inside.to_cidrs().into_iter().map(Peer::Cidr);
            wanted.extend(blocks.map(|peer| Permission { traffic, peer }));
        }
        if remedy != Remedy::Revoke {
            wanted.extend(self.https_paths(https, &covered));
        }
        wanted
    }

    /// 443 to the endpoints all of whose addresses are reached, as far as the blocks in the rules' place do not cover them.
    fn https_paths(&self, reached: &AddressSet, covered: &AddressSet) -> Vec<Permission> {
        let takes_over = |addresses: &AddressSet| !addresses.is_empty() && reached.covers(addresses);
        let lists = self.around.gateways.iter().filter(|gateway| takes_over(&gateway.addresses));
        let lists = lists.map(|gateway| Peer::PrefixList(gateway.list.clone()));
        let groups = ordered::set(self.around.interface_endpoints.iter().flat_map(|endpoint| &endpoint.groups));
        let groups = groups.into_iter().filter(|group| {
            let members = self.around.members_of(group);
            takes_over(&members) && !covered.covers(&members)
        });
        let groups = groups.map(|group| Peer::Group { id: group.clone(), account: Some(self.group.owner.clone()) });
        lists.chain(groups).map(|peer| Permission { traffic: Traffic::HTTPS, peer }).collect()
    }

    fn egress(&self) -> impl Iterator<Item = &SecurityGroupRule> {
        self.rules.iter().filter(|rule| rule.direction == Direction::Egress)
    }

    /// Why the plan must not be carried out by itself; empty when it may.
    fn withheld(&self, plan: &Plan, violations: &[&Violation<'_>]) -> Vec<Withheld> {
        let mut reasons = self.no_room(plan);
        if violations.iter().any(|violation| violation.rule.permission.traffic.covers_tcp(443)) {
            let require_private_path = |settings: &RuleSettings| settings.require_private_path;
            let set = self.case.settings.option(RuleName::OpenEgress, self.case.account, require_private_path);
            let after = self.after(plan);
            let none = self.around.interface_endpoints.is_empty() && self.around.gateways.is_empty();
            if set.unwrap_or(true) && none && !self.central_path(&after, None) {
                let pending = self.around.pending.iter().map(|endpoint| endpoint.id.clone()).collect();
                reasons.push(Withheld::NoPrivatePath { pending });
            }
            let required = self.case.settings.required_endpoints.iter();
            let cut_off = required.filter(|service| !self.has_path(service, &after));
            reasons.extend(cut_off.map(|service| Withheld::ServiceCutOff(service.to_string())));
        }
        reasons
    }

    /// Where 443 leads now.
    fn now(&self) -> Https<'_> {
        self.egress().map(|rule| &rule.permission).collect()
    }

    /// Where 443 would lead once the plan is carried out.
    fn after<'p>(&'p self, plan: &'p Plan) -> Https<'p> {
        let revoked = ordered::set(plan.revoked());
        let kept = self.egress().filter(|rule| !revoked.contains(&rule.id)).map(|rule| &rule.permission);
        kept.chain(plan.added()).collect()
    }

    /// Whether a service can be reached privately under these permissions.
    fn has_path(&self, service: &ServiceName, after: &Https<'_>) -> bool {
        let serves = |endpoint: &Endpoint| service.is_served_by(&endpoint.service);
        let interface = self.around.interface_endpoints.iter().any(|e| serves(e) && self.leads_to(e, after));
        let gateway = self.around.gateways.iter().any(|gateway| serves(gateway.endpoint) && after.lead_through(gateway));
        interface || gateway || self.central_path(after, Some(service))
    }

    /// Whether permissions lead to an interface endpoint: by its group, or by the VPC's IPv4 blocks, which hold its addresses.
    fn leads_to(&self, endpoint: &Endpoint, https: &Https<'_>) -> bool {
        let by_group = || https.groups.iter().any(|group| endpoint.groups.contains(group));
        let mut vpc = self.around.vpc.cidrs.iter().filter(|cidr| !cidr.is_ipv6());
        by_group() || vpc.all(|cidr| https.blocks.holds(*cidr))
    }

    /// The endpoints to which the group has a path now and will have none.
    fn cut_off(&self, plan: &Plan) -> Vec<String> {
        let mut lost = self.reached(&self.now());
        if !lost.is_empty() {
            let kept = self.reached(&self.after(plan));
            lost.retain(|endpoint| !kept.iter().any(|kept| kept.id == endpoint.id));
        }
        lost.iter().map(|endpoint| format!("{} through its endpoint {}", endpoint.service, endpoint.id)).collect()
    }

    /// The endpoints to which permissions lead.
    fn reached(&self, https: &Https<'_>) -> Vec<&Endpoint> {
        let interfaces = self.around.interface_endpoints.iter().copied().filter(|e| self.leads_to(e, https));
        let gateways = self.around.gateways.iter().filter(|gateway| https.lead_through(gateway));
        interfaces.chain(gateways.map(|gateway| gateway.endpoint)).collect()
    }

    /// Whether endpoints in another VPC, which the policy file declares, can be reached under these permissions.
    fn central_path(&self, after: &Https<'_>, service: Option<&ServiceName>) -> bool {
        let central = self.case.settings.central_endpoints.iter();
        let mut serving = central.filter(|central| service.is_none_or(|service| central.services.contains(service)));
        serving.any(|central| !central.cidrs.is_empty() && central.cidrs.iter().all(|cidr| after.blocks.holds(*cidr)))
    }

    /// The quotas that would be exceeded between authorising the new rules and revoking the old.
    fn no_room(&self, plan: &Plan) -> Vec<Withheld> {
        if plan.added().next().is_none() {
            return Vec::new();
        }
        let held: Vec<&Permission> = self.egress().map(|rule| &rule.permission).chain(plan.added()).collect();
        let families = [(AddressFamily::Ipv4, "IPv4"), (AddressFamily::Ipv6, "IPv6")];
        let counted = families.map(|(family, name)| {
            (held.iter().map(|permission| self.weight(&permission.peer, family)).sum::<usize>(), name)
        });
        let full = counted.into_iter().filter(|(rules, _)| *rules > QUOTA);
        full.map(|(rules, family)| Withheld::NoRoom { rules, quota: QUOTA, family: family.to_owned() }).collect()
    }

    /// How much a rule counts against the quota of a family.
    fn weight(&self, peer: &Peer, family: AddressFamily) -> usize {
        match peer {
            Peer::Cidr(cidr) => usize::from(cidr.is_ipv6() == (family == AddressFamily::Ipv6)),
            Peer::Group { .. } => 1,
            Peer::PrefixList(id) => self.list_weight(id, family),
        }
    }

    /// A customer's list counts as many rules as it may hold entries, AWS's own their weight. A reference counts in both
    /// families; a list's entries can only be in its own.
    fn list_weight(&self, id: &PrefixListId, family: AddressFamily) -> usize {
        match list(self.around.lists, id) {
            Some(list) if list.owner == ListOwner::Aws => weight_of_aws_list(&list.name),
            Some(list) if list.family != family => 1,
            Some(list) => list.max_entries.map_or(QUOTA, |max| usize::try_from(max).unwrap_or(QUOTA)),
            None => QUOTA,
        }
    }

    /// What keeps working and what stops, for people.
    fn effects(
        &self,
        plan: &Plan,
        violations: &[&Violation<'_>],
        https: &AddressSet,
    ) -> (Vec<String>, Vec<String>) {
        let mut keeps: Vec<String> = plan.added().map(|permission| format!("{permission}{}", self.named(&permission.peer))).collect();
        let others = self.egress().count() - violations.len().min(self.egress().count());
        if others > 0 {
            keeps.push(format!("the group's {others} other egress rule{}", if others == 1 { "" } else { "s" }));
        }
        let mut stops: Vec<String> = violations.iter().map(|violation| {
            format!("new connections that only {} ({}) permits", violation.rule.id, violation.rule.permission)
        }).collect();
        stops.extend(self.cut_off(plan));
        if !https.is_empty() {
            let services = "AWS services without an endpoint in this VPC, and S3 and DynamoDB of other Regions";
            let whole = https.covers_a_family_of(&INTERNET);
            let among = if whole { "" } else { ", as far as they have the addresses that it reached" };
            stops.push(format!("{services}{among}"));
        }
        keeps.push("connections that are open now, until they are closed".to_owned());
        (keeps, stops)
    }

    /// What a list or group is for, in parentheses.
    fn named(&self, peer: &Peer) -> String {
        match peer {
            Peer::PrefixList(id) => list(self.around.lists, id).map(|list| format!(" ({})", list.name)).unwrap_or_default(),
            Peer::Group { id, .. } => {
                let served = self.around.interface_endpoints.iter().filter(|endpoint| endpoint.groups.contains(id));
                let names: Vec<&str> = served.map(|endpoint| endpoint.service.as_str()).collect();
                format!(" ({})", names.join(", "))
            }
            Peer::Cidr(cidr) if self.around.vpc.cidrs.contains(cidr) => " (the VPC itself)".to_owned(),
            Peer::Cidr(_) => String::new(),
        }
    }
}

/// What some rules reach on 443, all together.
fn reached_by_https(violations: &[&Violation<'_>]) -> AddressSet {
    let mut reached = AddressSet::default();
    let https = violations.iter().filter(|violation| violation.rule.permission.traffic.covers_tcp(443));
    https.for_each(|violation| reached.add(&violation.destinations));
    reached
}

/// What AWS's own lists count in a group (Amazon VPC user guide, "AWS-managed prefix list weight"). One that is not in the
/// table may count anything.
fn weight_of_aws_list(name: &str) -> usize {
    const WEIGHTS: [(&str, usize); 8] = [
        ("s3", 1),
        ("dynamodb", 1),
        ("ec2-instance-connect", 2),
        ("groundstation", 5),
        ("s3express", 6),
        ("vpc-lattice", 10),
        ("route53-healthchecks", 25),
        ("origin-facing", 55),
    ];
    let service = name.rsplit('.').next().unwrap_or_default();
    WEIGHTS.iter().find(|(known, _)| *known == service).map_or(QUOTA, |(_, weight)| *weight)
}

/// Where permissions let 443 pass.
#[derive(Debug, Default)]
struct Https<'a> {
    blocks: AddressSet,
    lists: Vec<&'a PrefixListId>,
    groups: Vec<&'a SecurityGroupId>,
}

impl<'a> FromIterator<&'a Permission> for Https<'a> {
    fn from_iter<T: IntoIterator<Item = &'a Permission>>(permissions: T) -> Self {
        let (mut blocks, mut lists, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for permission in permissions.into_iter().filter(|permission| permission.traffic.covers_tcp(443)) {
            match &permission.peer {
                Peer::Cidr(cidr) => blocks.push(cidr),
                Peer::PrefixList(id) => lists.push(id),
                Peer::Group { id, .. } => groups.push(id),
            }
        }
        Self { blocks: blocks.into_iter().collect(), lists, groups }
    }
}

impl Https<'_> {
    /// Whether they lead through a gateway endpoint: by its list, or by blocks that hold all of the list's addresses.
    fn lead_through(&self, gateway: &Gateway<'_>) -> bool {
        self.lists.contains(&gateway.list) || self.blocks.covers(&gateway.addresses)
    }
}
