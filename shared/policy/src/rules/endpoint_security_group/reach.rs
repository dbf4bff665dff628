//! Whom a rule lets in, less the endpoint's clients.

use std::fmt;

use crate::address::{AddressSet, INTERNET, NEVER_FORWARDED};
use crate::case::Case;
use crate::facts::{Facts, SecurityGroupRule, Stop, Unknown, Vpc};
use crate::finding::Cause;
use crate::id::SecurityGroupId;
use crate::network::Peer;

/// What is wrong with an endpoint's groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The endpoint is on the VPC's default group.
    DefaultGroup,
    /// A group lets in addresses that the internet routes.
    OpenToTheInternet,
    /// A group lets in private addresses that are not its clients'.
    WiderThanItsClients,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DefaultGroup => "default-group",
            Self::OpenToTheInternet => "open-to-the-internet",
            Self::WiderThanItsClients => "wider-than-its-clients",
        })
    }
}

/// An ingress rule of a group that an endpoint is on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'f> {
    pub group: &'f SecurityGroupId,
    pub rule: &'f SecurityGroupRule,
    /// Whether the event brought it in, or put the endpoint on its group.
    pub cause: Cause,
}

/// One that lets in more than the clients.
#[derive(Debug)]
pub(super) struct Wide<'f> {
    pub group: &'f SecurityGroupId,
    pub rule: &'f SecurityGroupRule,
    pub cause: Cause,
    pub class: Class,
    /// All that it lets in.
    pub sources: AddressSet,
    /// What it lets in and should not.
    outside: AddressSet,
}

impl Wide<'_> {
    /// For people: at most three blocks.
    pub(super) fn in_words(&self) -> String {
        let (traffic, peer) = (self.rule.permission.traffic, &self.rule.permission.peer);
        let blocks = self.outside.to_cidrs();
        let shown: Vec<String> = blocks.iter().take(3).map(ToString::to_string).collect();
        let outside = match (peer, blocks.len()) {
            (Peer::Cidr(cidr), _) if cidr.net().prefix_len() == 0 => "that is from everywhere".to_owned(),
            (_, 0..=3) => format!("its clients are not in {}", shown.join(", ")),
            (_, more) => format!("its clients are not in {} and {} more blocks", shown.join(", "), more - 3),
        };
        format!("{traffic} from {peer} in {}, {outside}", self.group)
    }
}

/// Who the clients of a VPC's endpoints are.
#[derive(Debug)]
pub(super) struct Clients {
    /// The VPC's own blocks.
    pub own: AddressSet,
    /// These, and what the policy file allows besides.
    pub all: AddressSet,
    /// Whether the policy file declares the VPC's endpoints as central ones: clients are in other VPCs then, and all
    /// private addresses are taken for clients'.
    pub central: bool,
}

impl Clients {
    pub(super) fn of(case: &Case<'_>, vpc: &Vpc) -> Self {
        Self {
            own: vpc.cidrs.iter().collect(),
            all: vpc.cidrs.iter().chain(&case.settings.allowed_destinations).collect(),
            central: case.settings.central_endpoints.iter().any(|central| central.vpc == vpc.id),
        }
    }

    pub(super) fn in_words(&self) -> String {
        const OTHERS: &str = ", and, since the endpoints are central ones, at all private addresses";
        let rest = if self.central { OTHERS } else { "" };
        format!("Its clients are taken to be in the VPC's own blocks and in `allowed_destinations`{rest}")
    }
}

/// The rules that let more in than the clients; what several prefix lists hold is asked for in one round.
pub(super) fn wide<'f>(facts: &Facts, clients: &Clients, rules: &[Candidate<'f>]) -> Result<Vec<Wide<'f>>, Stop> {
    let mut wide = Vec::new();
    let mut stopped: Option<Stop> = None;
    for candidate in rules.iter().filter(|candidate| candidate.rule.permission.traffic.covers_tcp(443)) {
        match sources(facts, &candidate.rule.permission.peer) {
            Ok(sources) => wide.extend(judged(*candidate, sources, clients)),
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    stopped.map_or(Ok(wide), Err)
}

fn judged<'f>(candidate: Candidate<'f>, sources: AddressSet, clients: &Clients) -> Option<Wide<'f>> {
    let outside = sources.minus(&clients.all).minus(&NEVER_FORWARDED);
    let class = match outside.touches(&INTERNET) {
        _ if outside.is_empty() => return None,
        true => Class::OpenToTheInternet,
        false if clients.central => return None,
        false => Class::WiderThanItsClients,
    };
    let Candidate { group, rule, cause } = candidate;
    Some(Wide { group, rule, cause, class, sources, outside })
}

/// The addresses that a rule lets in now; the members of a group are clients. A list that is gone holds nothing.
fn sources(facts: &Facts, peer: &Peer) -> Result<AddressSet, Stop> {
    match peer {
        Peer::Cidr(cidr) => Ok((*cidr).into()),
        Peer::Group { .. } => Ok(AddressSet::default()),
        Peer::PrefixList(id) => match facts.entries(id) {
            Ok(entries) => Ok(entries.iter().collect()),
            Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(AddressSet::default()),
            Err(stop) => Err(stop),
        },
    }
}
