//! The legs of a path: what must work for a client to reach a service.

use std::fmt;

use crate::facts::{DnsAttribute, Stop};
use crate::id::{PrefixListId, RouteTableId, SecurityGroupId, VpcEndpointId, VpcId};
use crate::network::Cidr;

/// One leg, and how it stands.
#[derive(Debug)]
pub(super) struct Leg {
    /// Which one.
    pub kind: LegKind,
    /// How it stands.
    pub state: State,
    /// What it was seen by, for people.
    pub says: String,
}

/// The legs, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LegKind {
    /// There is an endpoint, and it is available.
    Endpoint,
    /// The client's groups let 443 out to it.
    ClientEgress,
    /// The endpoint's groups let 443 in from the client.
    EndpointIngress,
    /// The service's name leads to it, or clients are given its own URL.
    Name,
    /// Amazon's DNS server answers in the VPC.
    VpcDns,
    /// The client's route table leads to the gateway.
    GatewayRoute,
    /// The endpoint's policy is not closed to all.
    Policy,
}

/// How a leg stands.
#[derive(Debug)]
pub(super) enum State {
    /// It works.
    Works,
    /// Nobody can tell from here, now or later.
    Unsure,
    /// It could not be read this time.
    Unread(Stop),
    /// It is broken for lack of something.
    Broken(Lack),
}

/// How a whole path stands: the worst of its legs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Every leg works.
    Works,
    /// No leg is broken, and of some nobody can tell.
    Unsure,
    /// No leg that could be read is broken.
    Unread,
    /// Some leg is broken.
    Broken,
}

/// What a broken leg lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lack {
    /// Egress on 443 from the client's group.
    Egress { from: SecurityGroupId, to: Destination },
    /// Ingress on 443 from the client's group.
    Ingress { to: SecurityGroupId, from: SecurityGroupId },
    /// The endpoint on these tables.
    Route { endpoint: VpcEndpointId, tables: Vec<RouteTableId> },
    /// These attributes of the VPC.
    Attributes { vpc: VpcId, off: Vec<DnsAttribute> },
    /// Private DNS, or the endpoint's own URL.
    PrivateDns { endpoint: VpcEndpointId, url: Option<String>, may_be_on: bool },
    /// A policy that lets anything through.
    Policy(VpcEndpointId),
    /// An endpoint of the service.
    Endpoint { service: String, vpc: VpcId },
    /// An endpoint that works.
    Available(VpcEndpointId),
}

/// Where egress is to go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Destination {
    /// To the endpoint's group.
    Group(SecurityGroupId),
    /// To AWS's list of the service.
    List(PrefixListId),
    /// To these blocks.
    Blocks(Vec<Cidr>),
}

impl Leg {
    /// A leg that works.
    pub(super) fn works(kind: LegKind, says: impl Into<String>) -> Self {
        Self { kind, state: State::Works, says: says.into() }
    }

    /// A leg of which nobody can tell.
    pub(super) fn unsure(kind: LegKind, says: impl Into<String>) -> Self {
        Self { kind, state: State::Unsure, says: says.into() }
    }

    /// A leg that could not be read.
    pub(super) fn unread(kind: LegKind, stop: Stop) -> Self {
        let says = match &stop {
            Stop::Unknown { question, .. } => format!("the answer to {} is not there", name(question)),
            _ => "it is not read yet".to_owned(),
        };
        Self { kind, state: State::Unread(stop), says }
    }

    /// A leg that is broken.
    pub(super) fn broken(kind: LegKind, lack: Lack, says: impl Into<String>) -> Self {
        Self { kind, state: State::Broken(lack), says: says.into() }
    }

    /// How it stands, without the reasons.
    pub(super) fn standing(&self) -> Standing {
        match self.state {
            State::Works => Standing::Works,
            State::Unsure => Standing::Unsure,
            State::Unread(_) => Standing::Unread,
            State::Broken(_) => Standing::Broken,
        }
    }
}

/// How a path stands by its legs.
pub(super) fn standing(legs: &[Leg]) -> Standing {
    legs.iter().map(Leg::standing).max().unwrap_or(Standing::Works)
}

/// For each kind of leg the worst of several; of equals the first.
pub(super) fn worst_of(several: impl IntoIterator<Item = Vec<Leg>>) -> Vec<Leg> {
    let mut worst: Vec<Leg> = Vec::new();
    for leg in several.into_iter().flatten() {
        match worst.iter_mut().find(|known| known.kind == leg.kind) {
            Some(known) if known.standing() < leg.standing() => *known = leg,
            Some(_) => {}
            None => worst.push(leg),
        }
    }
    worst
}

/// The question's name, as records write it.
fn name(question: &crate::facts::Question) -> String {
    let text = format!("{question:?}");
    let words = text.split('(').next().unwrap_or_default();
    let mut name = String::new();
    for c in words.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push(' ');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

impl fmt::Display for LegKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Endpoint => "endpoint",
            Self::ClientEgress => "client egress",
            Self::EndpointIngress => "endpoint ingress",
            Self::Name => "private DNS or URL",
            Self::VpcDns => "VPC DNS attributes",
            Self::GatewayRoute => "gateway route",
            Self::Policy => "endpoint policy",
        })
    }
}

/// The legs in words: what is broken first, what cannot be told next, and what works with the rules that say so.
pub(super) fn in_words(legs: &[Leg]) -> String {
    let of = |standing: fn(&Leg) -> bool| legs.iter().filter(move |leg| standing(leg));
    let broken = of(|leg| leg.standing() == Standing::Broken).map(|leg| format!("{}: broken ({})", leg.kind, leg.says));
    let unsure = of(|leg| matches!(leg.standing(), Standing::Unsure | Standing::Unread))
        .map(|leg| format!("{}: cannot be told ({})", leg.kind, leg.says));
    let works = of(|leg| leg.standing() == Standing::Works).map(|leg| format!("{}: works ({})", leg.kind, leg.says));
    broken.chain(unsure).chain(works).collect::<Vec<_>>().join("; ")
}

/// The lacks of a path's broken legs.
pub(super) fn lacks(legs: &[Leg]) -> impl Iterator<Item = &Lack> {
    legs.iter().filter_map(|leg| match &leg.state {
        State::Broken(lack) => Some(lack),
        _ => None,
    })
}

/// The stops of the legs that were not read, joined.
pub(super) fn stop<'l>(legs: impl IntoIterator<Item = &'l Leg>) -> Option<Stop> {
    let stops = legs.into_iter().filter_map(|leg| match &leg.state {
        State::Unread(stop) => Some(stop.clone()),
        _ => None,
    });
    stops.reduce(Stop::join)
}
