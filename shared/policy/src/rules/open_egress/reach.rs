//! How far a rule reaches: its destinations, less what is allowed and what is harmless.

use std::fmt::{self, Write as _};

use crate::address::{AddressSet, INTERNET, NEVER_FORWARDED};
use crate::case::Case;
use crate::facts::{Everywhere, Facts, ListOwner, PrefixList, SecurityGroup, SecurityGroupRule, Stop, Vpc, both};
use crate::finding::Cause;
use crate::id::{PrefixListId, Region};
use crate::network::{Direction, Peer};
use crate::settings::Settings;

/// How long the words about a rule are, more or less.
const LINE: usize = 96;

/// What kind of reach a violation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// It reaches addresses that the internet routes.
    Internet,
    /// It reaches only private addresses, which the policy does not list.
    UnlistedPrivate,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Internet => "internet",
            Self::UnlistedPrivate => "unlisted-private",
        })
    }
}

/// The kinds of finding that one group can have, in the order in which they are reported.
pub(super) const KINDS: [(Cause, Class); 4] = [
    (Cause::ThisEvent, Class::Internet),
    (Cause::ThisEvent, Class::UnlistedPrivate),
    (Cause::Standing, Class::Internet),
    (Cause::Standing, Class::UnlistedPrivate),
];

/// An egress rule that reaches outside.
#[derive(Debug, Clone)]
pub(super) struct Violation<'f> {
    /// The rule.
    pub rule: &'f SecurityGroupRule,
    /// Whether the event brought it in.
    pub cause: Cause,
    /// What kind of reach it has.
    pub class: Class,
    /// All that it reaches.
    pub destinations: AddressSet,
    /// What it reaches and should not; `None` where that is all that it reaches.
    outside: Option<AddressSet>,
}

impl Violation<'_> {
    /// What it permits, and what it reaches of that and should not, for people: at most three blocks.
    pub(super) fn in_words(&self) -> String {
        let mut words = String::with_capacity(LINE);
        let _ = write!(words, "{}, ", self.rule.permission);
        if let Peer::Cidr(cidr) = self.rule.permission.peer && cidr.net().prefix_len() == 0 {
            words.push_str("that is everywhere");
            return words;
        }
        words.push_str("outside the allowed destinations with ");
        let mut blocks = self.outside.as_ref().unwrap_or(&self.destinations).cidrs();
        for (number, block) in blocks.by_ref().take(3).enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            let _ = write!(words, "{comma}{block}");
        }
        let more = blocks.count();
        if more > 0 {
            let _ = write!(words, " and {more} more blocks");
        }
        words
    }
}

/// The group's rules and its VPC and, in the same round, the prefix lists where a rule's judgement or plan will turn on
/// them, or may: as long as the rules are not known.
pub(super) fn rules_and_vpc<'f>(
    facts: &'f Facts,
    group: &SecurityGroup,
) -> Result<(&'f [SecurityGroupRule], &'f Vpc), Stop> {
    let rules = facts.rules(&group.id);
    let turns_on_lists = |rule: &SecurityGroupRule| match rule.permission.peer {
        Peer::PrefixList(_) => true,
        Peer::Cidr(cidr) => cidr.net().prefix_len() > 0 && INTERNET.meets(cidr),
        Peer::Group { .. } => false,
    };
    let mut egress = rules.iter().flat_map(|rules| rules.iter()).filter(|rule| rule.direction == Direction::Egress);
    let needs_lists = rules.is_err() || egress.any(turns_on_lists);
    let known = both(rules.map(Vec::as_slice), facts.vpc(&group.vpc));
    if needs_lists { both(known, facts.prefix_lists(&Everywhere)).map(|(known, _)| known) } else { known }
}

/// Where egress of a VPC may go.
pub(super) fn allowed(settings: &Settings, vpc: &Vpc) -> AddressSet {
    vpc.cidrs.iter().chain(&settings.allowed_destinations).collect()
}

/// The egress rules that reach outside; the lists of several rules are asked for in one round.
pub(super) fn violations<'f>(
    case: &Case<'_>,
    facts: &Facts,
    rules: &'f [SecurityGroupRule],
    allowed: &AddressSet,
    brought: impl Fn(&SecurityGroupRule) -> bool,
) -> Result<Vec<Violation<'f>>, Stop> {
    let mut violations = Vec::new();
    let mut stopped: Option<Stop> = None;
    let plainly_inside = |rule: &&SecurityGroupRule| match rule.permission.peer {
        Peer::Cidr(cidr) => allowed.holds(cidr) || NEVER_FORWARDED.holds(cidr),
        Peer::Group { .. } => true,
        Peer::PrefixList(_) => false,
    };
    let egress = rules.iter().filter(|rule| rule.direction == Direction::Egress);
    for rule in egress.filter(|rule| !plainly_inside(rule)) {
        match destinations(&case.event.region, facts, &rule.permission.peer) {
            Ok(reached) => violations.extend(violation(rule, reached, allowed, brought(rule))),
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    stopped.map_or(Ok(violations), Err)
}

fn violation<'f>(
    rule: &'f SecurityGroupRule,
    destinations: AddressSet,
    allowed: &AddressSet,
    brought: bool,
) -> Option<Violation<'f>> {
    let not_allowed = destinations.without(allowed);
    let outside = not_allowed.as_ref().unwrap_or(&destinations).without(&NEVER_FORWARDED).or(not_allowed);
    let reached = outside.as_ref().unwrap_or(&destinations);
    if reached.is_empty() {
        return None;
    }
    let class = if reached.touches(&INTERNET) { Class::Internet } else { Class::UnlistedPrivate };
    let cause = if brought { Cause::ThisEvent } else { Cause::Standing };
    Some(Violation { rule, cause, class, destinations, outside })
}

/// The addresses that a rule's peer stands for now; references to groups and AWS's own S3 and `DynamoDB` lists are harmless.
fn destinations(region: &Region, facts: &Facts, peer: &Peer) -> Result<AddressSet, Stop> {
    match peer {
        Peer::Cidr(cidr) => Ok((*cidr).into()),
        Peer::Group { .. } => Ok(AddressSet::default()),
        Peer::PrefixList(id) => {
            let lists = facts.prefix_lists(&Everywhere)?;
            match list(lists, id) {
                Some(list) if is_gateway_service(list, region) => Ok(AddressSet::default()),
                _ => Ok(facts.entries(id)?.iter().collect()),
            }
        }
    }
}

/// The list with this id, where the account can see it.
pub(super) fn list<'f>(lists: &'f [PrefixList], id: &PrefixListId) -> Option<&'f PrefixList> {
    lists.iter().find(|list| list.id == *id)
}

/// Whether a list is AWS's own of this Region's S3 or `DynamoDB`: what gateway endpoints serve.
pub(super) fn is_gateway_service(list: &PrefixList, region: &Region) -> bool {
    let service = list.name.strip_prefix(&format!("com.amazonaws.{region}."));
    list.owner == ListOwner::Aws && matches!(service, Some("s3" | "dynamodb"))
}
