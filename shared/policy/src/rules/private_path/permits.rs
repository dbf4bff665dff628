//! What security groups let through on tcp/443, in one direction: any rule of any of the groups will do.

use std::collections::BTreeSet;

use crate::address::AddressSet;
use crate::facts::{Everywhere, Facts, ListOwner, Stop, Unknown};
use crate::id::{PrefixListId, SecurityGroupId, SecurityGroupRuleId};
use crate::network::{Direction, Peer, Permission};

/// The port on which AWS's services answer.
const HTTPS: u16 = 443;

/// The permissions of some groups for tcp/443 in one direction.
#[derive(Debug)]
pub(super) struct Permits<'f> {
    facts: &'f Facts,
    permissions: Vec<(Option<&'f SecurityGroupRuleId>, &'f Permission)>,
}

/// The other end, as rules may name it.
#[derive(Debug)]
pub(super) struct End<'f> {
    /// Its groups.
    pub groups: BTreeSet<&'f SecurityGroupId>,
    /// AWS's list that stands for it.
    pub list: Option<&'f PrefixListId>,
    /// Its addresses; all must be let through.
    pub addresses: Result<AddressSet, Stop>,
}

/// How much of the other end is let through.
#[derive(Debug)]
pub(super) enum Through {
    /// All of it, by one rule alone or by several together.
    All(Option<SecurityGroupRuleId>),
    /// Some of its addresses, and these not.
    AllBut(AddressSet),
    /// Nothing.
    Nothing,
    /// What would tell was not read.
    Unread(Stop),
}

impl<'f> Permits<'f> {
    /// Reads the rules of these groups, all in one round, and takes some permissions as if they were there.
    pub(super) fn read<'g>(
        facts: &'f Facts,
        groups: impl IntoIterator<Item = &'g SecurityGroupId>,
        direction: Direction,
        supposed: impl IntoIterator<Item = &'f Permission>,
    ) -> Result<Self, Stop> {
        let mut permissions: Vec<_> = supposed.into_iter().map(|permission| (None, permission)).collect();
        let mut stopped: Option<Stop> = None;
        for group in groups {
            match facts.rules(group) {
                Ok(rules) => {
                    let own = rules.iter().filter(|rule| rule.direction == direction);
                    permissions.extend(own.map(|rule| (Some(&rule.id), &rule.permission)));
                }
                Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
            }
        }
        permissions.retain(|(_, permission)| permission.traffic.covers_tcp(HTTPS));
        stopped.map_or(Ok(Self { facts, permissions }), Err)
    }

    /// How much of an end is let through. What only blocks and lists can tell is read only where nothing else does.
    pub(super) fn through(&self, end: &End<'_>) -> Through {
        if let Some((rule, _)) = self.permissions.iter().find(|(_, permission)| names(&permission.peer, end)) {
            return Through::All(rule.cloned());
        }
        if self.by_address().next().is_none() {
            return Through::Nothing;
        }
        let addresses = match &end.addresses {
            Ok(addresses) => addresses,
            Err(stop) => return self.blindly(stop),
        };
        let covers = |permission: &Permission| matches!(permission.peer, Peer::Cidr(cidr) if AddressSet::from(cidr).covers(addresses));
        if let Some((rule, _)) = self.permissions.iter().find(|(_, permission)| covers(permission)) {
            return Through::All(rule.cloned());
        }
        let (reached, unread) = self.together(addresses);
        let missing = addresses.minus(&reached);
        match unread {
            _ if missing.is_empty() => Through::All(None),
            Some(stop) => Through::Unread(stop),
            None if reached.touches(addresses) => Through::AllBut(missing),
            None => Through::Nothing,
        }
    }

    fn by_address(&self) -> impl Iterator<Item = &'f Peer> {
        let peers = self.permissions.iter().map(|(_, permission)| &permission.peer);
        peers.filter(|peer| !matches!(peer, Peer::Group { .. }))
    }

    /// The same of an end whose addresses are not known: a rule to everywhere lets them all through.
    fn blindly(&self, stop: &Stop) -> Through {
        let everywhere =
            |peer: &Peer| matches!(peer, Peer::Cidr(cidr) if !cidr.is_ipv6() && cidr.net().prefix_len() == 0);
        let rule = self.permissions.iter().find(|(_, permission)| everywhere(&permission.peer));
        rule.map_or_else(|| Through::Unread(stop.clone()), |(rule, _)| Through::All(rule.cloned()))
    }

    /// All that blocks and customers' lists hold together, and why some of it could not be read.
    fn together(&self, addresses: &AddressSet) -> (AddressSet, Option<Stop>) {
        let blocks = self.by_address().filter_map(|peer| match peer {
            Peer::Cidr(cidr) => Some(cidr),
            _ => None,
        });
        let (mut reached, mut unread): (AddressSet, Option<Stop>) = (blocks.collect(), None);
        if reached.covers(addresses) {
            return (reached, None);
        }
        for peer in self.by_address() {
            let Peer::PrefixList(list) = peer else { continue };
            match self.entries(list) {
                Ok(entries) => reached.add(&entries),
                Err(stop) => unread = Some(unread.map_or(stop.clone(), |other| other.join(stop))),
            }
        }
        (reached, unread)
    }

    /// What a customer's list holds now. AWS's own lists hold public addresses of services, and a list that is gone nothing.
    fn entries(&self, list: &PrefixListId) -> Result<AddressSet, Stop> {
        let lists = self.facts.prefix_lists(&Everywhere)?;
        if lists.iter().any(|known| known.id == *list && known.owner == ListOwner::Aws) {
            return Ok(AddressSet::default());
        }
        match self.facts.entries(list) {
            Ok(entries) => Ok(entries.iter().collect()),
            Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(AddressSet::default()),
            Err(stop) => Err(stop),
        }
    }
}

fn names(peer: &Peer, end: &End<'_>) -> bool {
    match peer {
        Peer::Group { id, .. } => end.groups.contains(id),
        Peer::PrefixList(id) => end.list == Some(id),
        Peer::Cidr(_) => false,
    }
}
