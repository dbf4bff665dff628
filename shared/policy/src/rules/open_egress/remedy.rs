//! What takes an open rule's place: never more than it permitted itself (law 7), and nothing at all where that is not safe.

use std::collections::BTreeSet;

use crate::address::AddressSet;
use crate::case::Case;
use crate::facts::{AddressFamily, ListOwner, SecurityGroup, SecurityGroupRule};
use crate::finding::Cause;
use crate::id::PrefixListId;
use crate::network::{Direction, Peer, Permission, Traffic};
use crate::plan::{Plan, Step, Treatment, Withheld};
use crate::settings::{Remedy, RuleName, ServiceName};

use super::reach::{Class, Violation, list};
use super::subject::Brought;
use super::surroundings::Surroundings;

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
    pub(super) fn treatment(&self, cause: Cause, class: Class, violations: &[&Violation]) -> Treatment {
        if cause == Cause::Standing {
            return Treatment::Told("this event did not bring it in, and only what an event brings in is taken back".to_owned());
        }
        if class == Class::UnlistedPrivate {
            return Treatment::Told(
                "rules to private addresses are never taken back; list the addresses under `allowed_destinations`, or remove the rule".to_owned(),
            );
        }
        if let Some(service) = self.managed_by() {
            return Treatment::Told(format!("{service} manages the group, and what a service manages is never touched"));
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

    /// The service that manages the group, if one does: it made the call by itself, or marked the group with its tags.
    ///
    /// CloudFormation's tags are no such mark: the stack's author owns what is in it.
    fn managed_by(&self) -> Option<String> {
        let by_tag = self.group.tags.keys().find(|key| key.starts_with("aws:") && !key.starts_with("aws:cloudformation:"));
        let by_call = self.case.event.actor.service().map(ToOwned::to_owned);
        by_call.or_else(|| by_tag.map(|key| format!("the service that set the tag `{key}`")))
    }

    /// Authorise the replacements first, then revoke the open rules.
    fn plan(&self, violations: &[&Violation]) -> Plan {
        let remedy = self.remedy();
        let present: BTreeSet<&Permission> = self.egress().map(|rule| &rule.permission).collect();
        let wanted: BTreeSet<Permission> =
            violations.iter().flat_map(|violation| self.replacements(remedy, violation)).collect();
        let added: Vec<Permission> = wanted.into_iter().filter(|permission| !present.contains(permission)).collect();
        let revoked = violations.iter().map(|violation| {
            Step::revoke(&self.group.id, violation.rule.id.clone(), violation.rule.permission.clone())
        });
        let authorized = (!added.is_empty()).then(|| Step::authorize(&self.group.id, added));
        let steps: Vec<Step> = authorized.into_iter().chain(revoked).collect();
        let (keeps, stops) = self.effects(&steps, violations);
        Plan { remedy, steps, keeps, stops }
    }

    /// The remedy that the policy file sets; an edit in place is only ever narrowed, since what it replaced is not known.
    fn remedy(&self) -> Remedy {
        let set = self.case.settings.rule(RuleName::OpenEgress, self.case.account).remedy;
        match self.brought {
            Brought::Edited(_) => Remedy::Narrow,
            _ => set.unwrap_or(Remedy::Narrow),
        }
    }

    /// What may take one rule's place; nothing of it reaches an address that the rule did not reach.
    fn replacements(&self, remedy: Remedy, violation: &Violation) -> Vec<Permission> {
        let traffic = violation.rule.permission.traffic;
        let inside = violation.destinations.within(self.allowed);
        let mut permissions = Vec::new();
        if remedy == Remedy::Narrow {
            let blocks = inside.to_cidrs().into_iter().map(Peer::Cidr);
            permissions.extend(blocks.map(|peer| Permission { traffic, peer }));
        }
        if remedy != Remedy::Revoke && traffic.covers_tcp(443) {
            let covered = if remedy == Remedy::Narrow { inside } else { AddressSet::default() };
            permissions.extend(self.https_paths(&violation.destinations, &covered));
        }
        permissions
    }

    /// 443 to the endpoints that a rule reaches and the blocks in its place do not cover.
    fn https_paths(&self, reached: &AddressSet, covered: &AddressSet) -> Vec<Permission> {
        let lists = self.around.gateways.iter().filter(|gateway| reached.covers(&gateway.addresses));
        let lists = lists.map(|gateway| Peer::PrefixList(gateway.list.clone()));
        let groups: BTreeSet<_> = self.around.interface_endpoints.iter().flat_map(|endpoint| &endpoint.groups).collect();
        let groups = groups.into_iter().filter(|group| {
            let members = self.around.members_of(group);
            reached.covers(&members) && !covered.covers(&members)
        });
        let groups = groups.map(|group| Peer::Group { id: group.clone(), account: Some(self.group.owner.clone()) });
        lists.chain(groups).map(|peer| Permission { traffic: Traffic::HTTPS, peer }).collect()
    }

    fn egress(&self) -> impl Iterator<Item = &SecurityGroupRule> {
        self.rules.iter().filter(|rule| rule.direction == Direction::Egress)
    }

    /// Why the plan must not be carried out by itself; empty when it may.
    fn withheld(&self, plan: &Plan, violations: &[&Violation]) -> Vec<Withheld> {
        let mut reasons = self.no_room(plan);
        if violations.iter().any(|violation| violation.rule.permission.traffic.covers_tcp(443)) {
            let settings = self.case.settings.rule(RuleName::OpenEgress, self.case.account);
            let after = self.after(plan);
            let none = self.around.interface_endpoints.is_empty() && self.around.gateways.is_empty();
            if settings.require_private_path.unwrap_or(true) && none && !self.central_path(&after, None) {
                let pending = self.around.pending.iter().map(|endpoint| endpoint.id.clone()).collect();
                reasons.push(Withheld::NoPrivatePath { pending });
            }
            let required = self.case.settings.required_endpoints.iter();
            let cut_off = required.filter(|service| !self.has_path(service, &after));
            reasons.extend(cut_off.map(|service| Withheld::ServiceCutOff(service.to_string())));
        }
        reasons
    }

    /// What would be permitted once the plan is carried out.
    fn after(&self, plan: &Plan) -> Vec<Permission> {
        let revoked: BTreeSet<_> = plan.revoked().collect();
        let kept = self.egress().filter(|rule| !revoked.contains(&rule.id)).map(|rule| rule.permission.clone());
        kept.chain(plan.added().cloned()).collect()
    }

    /// Whether a service can be reached privately under these permissions.
    fn has_path(&self, service: &ServiceName, after: &[Permission]) -> bool {
        let https = after.iter().filter(|permission| permission.traffic.covers_tcp(443));
        let blocks: AddressSet = https.clone().filter_map(cidr).collect();
        let to = |peer: &Peer| https.clone().any(|permission| match (&permission.peer, peer) {
            (Peer::Group { id: one, .. }, Peer::Group { id: two, .. }) => one == two,
            (one, two) => one == two,
        });
        let vpc: AddressSet = self.around.vpc.cidrs.iter().filter(|cidr| !cidr.is_ipv6()).collect();
        let interface = self.around.interface_endpoints.iter().filter(|endpoint| service.is_served_by(&endpoint.service)).any(|endpoint| {
            let by_group = endpoint.groups.iter().any(|id| to(&Peer::Group { id: id.clone(), account: None }));
            by_group || blocks.covers(&vpc)
        });
        let gateway = self.around.gateways.iter().filter(|gateway| service.is_served_by(&gateway.endpoint.service));
        let mut gateway = gateway.map(|gateway| to(&Peer::PrefixList(gateway.list.clone())) || blocks.covers(&gateway.addresses));
        interface || gateway.any(|reached| reached) || self.central_path(after, Some(service))
    }

    /// Whether endpoints in another VPC, which the policy file declares, can be reached under these permissions.
    fn central_path(&self, after: &[Permission], service: Option<&ServiceName>) -> bool {
        let https = after.iter().filter(|permission| permission.traffic.covers_tcp(443));
        let blocks: AddressSet = https.filter_map(cidr).collect();
        let central = self.case.settings.central_endpoints.iter();
        let mut serving = central.filter(|central| service.is_none_or(|service| central.services.contains(service)));
        serving.any(|central| !central.cidrs.is_empty() && blocks.covers(&central.cidrs.iter().collect()))
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

    /// A customer's list counts as many rules as it may hold entries, AWS's own of S3 and `DynamoDB` one. A reference
    /// counts in both families; a list's entries can only be in its own.
    fn list_weight(&self, id: &PrefixListId, family: AddressFamily) -> usize {
        match list(self.around.lists, id) {
            Some(list) if list.owner == ListOwner::Aws => 1,
            Some(list) if list.family != family => 1,
            Some(list) => list.max_entries.map_or(QUOTA, |max| usize::try_from(max).unwrap_or(QUOTA)),
            None => QUOTA,
        }
    }

    /// What keeps working and what stops, for people.
    fn effects(&self, steps: &[Step], violations: &[&Violation]) -> (Vec<String>, Vec<String>) {
        let plan = Plan { remedy: Remedy::Narrow, steps: steps.to_vec(), keeps: Vec::new(), stops: Vec::new() };
        let mut keeps: Vec<String> = plan.added().map(|permission| format!("{permission}{}", self.named(&permission.peer))).collect();
        let others = self.egress().count() - violations.len().min(self.egress().count());
        if others > 0 {
            keeps.push(format!("the group's {others} other egress rule{}", if others == 1 { "" } else { "s" }));
        }
        let mut stops: Vec<String> = violations.iter().map(|violation| {
            format!("new connections that only {} ({}) permits", violation.rule.id, violation.rule.permission)
        }).collect();
        if violations.iter().any(|violation| violation.rule.permission.traffic.covers_tcp(443)) {
            stops.push("AWS services without an endpoint in this VPC, and S3 and DynamoDB of other Regions".to_owned());
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

fn cidr(permission: &Permission) -> Option<crate::network::Cidr> {
    match permission.peer {
        Peer::Cidr(cidr) => Some(cidr),
        _ => None,
    }
}
