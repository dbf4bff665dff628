//! Pairs of a client group and a service: those that the policy file declares, and those that the event broke.

use std::collections::BTreeSet;

use super::client::Client;
use super::leg::{self, Lack, Leg, LegKind, Standing, standing};
use super::path::{self, Way};
use super::scene::{Change, Scene};
use super::subject::{Look, Of, shut_out};
use crate::address::AddressSet;
use crate::facts::{
    Endpoint, EndpointKind, Everywhere, GroupFilter, InterfaceFilter, NetworkInterface, SecurityGroup, Stop, Unknown,
    both,
};
use crate::finding::Cause;
use crate::id::SecurityGroupId;
use crate::network::{Direction, Peer, Permission, Traffic};
use crate::service;

/// How many groups with interfaces in revoked blocks are looked at.
const MOST_NEIGHBOURS: usize = 25;

/// A client group and a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair<'f> {
    /// The client's group.
    pub client: &'f SecurityGroup,
    /// The service: by its short name where it is AWS's own.
    pub service: String,
    /// Whether the policy file declares the pair.
    pub declared: bool,
}

/// How a pair stands.
#[derive(Debug)]
pub(super) enum Outcome<'f> {
    /// No leg of a path is broken, or not by this event and nobody declared the pair.
    Fine,
    /// Something was not read that would tell.
    Unread(Found<'f>, Stop),
    /// No path works; or, as far as anybody can tell from here, none may work any more.
    Found(Found<'f>),
}

/// A pair with the path that is told of.
#[derive(Debug)]
pub(super) struct Found<'f> {
    pub pair: Pair<'f>,
    /// By which endpoint; none where there is none.
    pub way: Option<Way<'f>>,
    /// How many other paths there are, none of which works.
    pub others: usize,
    pub legs: Vec<Leg>,
    pub cause: Cause,
    /// Whether nothing is in the client's group.
    pub idle: bool,
}

/// The short name of one of AWS's services, or the full one of any other.
fn key(service: &str) -> &str {
    service::short_name(service).unwrap_or(service)
}

/// The pairs to look at.
pub(super) fn of<'f>(scene: &Scene<'f>, look: &Look<'f>) -> Result<Vec<Pair<'f>>, Stop> {
    match &look.of {
        Of::Client(group) => {
            let declared = declared(scene, std::slice::from_ref(*group));
            let touched = scene.reachable().map(|endpoint| touched(group, endpoint));
            let touched = touched.filter(|_| matches!(scene.change, Change::Rules { .. }));
            Ok(joined(declared, touched))
        }
        Of::Guard(group) => behind(scene, group),
        Of::Service(service) => {
            let of_service = declared(scene, groups(scene)?).into_iter().filter(|pair| pair.service == key(service));
            Ok(of_service.collect())
        }
        Of::Declared => Ok(declared(scene, groups(scene)?)),
        Of::WithoutEndpoint => {
            let without = |pair: &Pair<'_>| !scene.reachable().any(|endpoint| key(&endpoint.service) == pair.service);
            Ok(declared(scene, groups(scene)?).into_iter().filter(without).collect())
        }
    }
}

/// The groups of the VPC, where the policy file declares pairs at all.
fn groups<'f>(scene: &Scene<'f>) -> Result<&'f [SecurityGroup], Stop> {
    if scene.case.settings.client_pairs.is_empty() {
        return Ok(&[]);
    }
    scene.facts.groups(&GroupFilter::Vpc(scene.vpc.id.clone())).map(Vec::as_slice)
}

fn declared<'f>(scene: &Scene<'f>, groups: &'f [SecurityGroup]) -> Vec<Pair<'f>> {
    let mut pairs: Vec<Pair<'f>> = Vec::new();
    for declared in &scene.case.settings.client_pairs {
        let is_meant =
            |group: &&SecurityGroup| declared.client.tags.iter().all(|(key, value)| group.tags.get(key) == Some(value));
        for client in groups.iter().filter(is_meant) {
            let services = declared.services.iter().map(|service| service.as_str().to_owned());
            pairs = joined(pairs, services.map(|service| Pair { client, service, declared: true }));
        }
    }
    pairs
}

fn touched<'f>(client: &'f SecurityGroup, endpoint: &Endpoint) -> Pair<'f> {
    Pair { client, service: key(&endpoint.service).to_owned(), declared: false }
}

/// Pairs, each once; one that is declared counts as such.
fn joined<'f>(mut pairs: Vec<Pair<'f>>, more: impl Iterator<Item = Pair<'f>>) -> Vec<Pair<'f>> {
    for pair in more {
        let is_known = |known: &Pair<'_>| (&known.client.id, &known.service) == (&pair.client.id, &pair.service);
        if !pairs.iter().any(is_known) {
            pairs.push(pair);
        }
    }
    pairs
}

/// The pairs of the endpoints behind a group.
fn behind<'f>(scene: &Scene<'f>, group: &SecurityGroup) -> Result<Vec<Pair<'f>>, Stop> {
    let endpoints: Vec<&Endpoint> = scene.reachable().filter(|endpoint| endpoint.groups.contains(&group.id)).collect();
    if endpoints.is_empty() {
        return Ok(Vec::new());
    }
    let is_behind = |pair: &Pair<'_>| endpoints.iter().any(|endpoint| key(&endpoint.service) == pair.service);
    let (groups, clients) = both(groups(scene), clients_shut_out(scene))?;
    let mut pairs = declared(scene, groups);
    pairs.retain(is_behind);
    let touched =
        clients.into_iter().flat_map(|client| endpoints.iter().map(move |endpoint| touched(client, endpoint)));
    Ok(joined(pairs, touched))
}

/// The groups that the revoked permissions let in: those that they name, and those with interfaces at the addresses.
fn clients_shut_out<'f>(scene: &Scene<'f>) -> Result<Vec<&'f SecurityGroup>, Stop> {
    let mut named = Ok(Vec::new());
    let mut addresses = AddressSet::default();
    for peer in shut_out(scene.change) {
        match peer {
            Peer::Cidr(cidr) => addresses.add(&(*cidr).into()),
            Peer::PrefixList(list) => addresses.add(&scene.facts.entries(list)?.iter().collect()),
            Peer::Group { id, .. } => {
                let group = match scene.facts.groups(&GroupFilter::Id(id.clone())) {
                    Err(Stop::Unknown { why: Unknown::Gone, .. }) => Ok(None), // gone, or another account's
                    group => group.map(|groups| groups.first()),
                };
                named = both(named, group).map(|(mut named, group): (Vec<_>, _)| {
                    named.extend(group);
                    named
                });
            }
        }
    }
    let neighbours = if addresses.is_empty() { Ok(Vec::new()) } else { neighbours(scene, &addresses) };
    let (mut clients, neighbours) = both(named, neighbours)?;
    clients.extend(neighbours);
    Ok(clients)
}

/// Groups with interfaces at these addresses: for each interface one of its groups.
fn neighbours<'f>(scene: &Scene<'f>, addresses: &AddressSet) -> Result<Vec<&'f SecurityGroup>, Stop> {
    let vpc = &scene.vpc.id;
    let everyone = InterfaceFilter::Vpc(vpc.clone());
    let (interfaces, groups) =
        both(scene.facts.interfaces(&everyone), scene.facts.groups(&GroupFilter::Vpc(vpc.clone())))?;
    let inside = |interface: &&NetworkInterface| interface.addresses.iter().any(|address| addresses.contains(*address));
    let mut ids: BTreeSet<&SecurityGroupId> = BTreeSet::new();
    for interface in scene.clients(interfaces.iter().filter(inside))? {
        let is_new = !interface.groups.iter().any(|group| ids.contains(group));
        ids.extend(interface.groups.first().filter(|_| is_new && ids.len() < MOST_NEIGHBOURS));
    }
    Ok(groups.iter().filter(|group| ids.contains(&group.id)).collect())
}

/// How a pair stands.
///
/// # Errors
/// [`Stop::Need`] as long as something can still be asked.
pub(super) fn judge<'f>(scene: &Scene<'f>, pair: Pair<'f>) -> Result<Outcome<'f>, Stop> {
    let (client, ways) = match both(Client::read(scene, pair.client), ways(scene, &pair)) {
        Ok(read) => read,
        Err(stop) => {
            let stop = ahead(scene, &pair, stop);
            return unread(pair, stop);
        }
    };
    let idle = client.is_idle();
    if client.places.is_empty() || idle && !pair.declared && is_born_with(scene.change) {
        return Ok(Outcome::Fine);
    }
    if ways.is_empty() {
        return Ok(without_endpoint(scene, pair, idle));
    }
    let changed = if pair.declared { None } else { changed_leg(scene.change) };
    let paths: Vec<(Way<'f>, Vec<Leg>)> = ways.into_iter().map(|way| (way, path::legs(scene, &client, way))).collect();
    // A leg that the event did not touch need not be read for a pair that nobody declared.
    if let Some(kind) = changed
        && paths.iter().all(|(_, legs)| stands(legs, kind) <= Standing::Unsure)
    {
        return Ok(Outcome::Fine);
    }
    if let Some(stop @ (Stop::Need(_) | Stop::Settle(_))) = leg::stop(paths.iter().flat_map(|(_, legs)| legs)) {
        return Err(stop);
    }
    let others = paths.len() - 1;
    let found = |pair, (way, legs), cause| Found { pair, way: Some(way), others, legs, cause, idle };
    let any = |wanted| paths.iter().any(|(_, legs)| standing(legs) == wanted);
    if any(Standing::Works) {
        return Ok(Outcome::Fine);
    }
    let blamed = |(way, legs): &(Way<'f>, Vec<Leg>)| is_blamed(scene, &client, *way, legs, pair.declared);
    let blamed = paths.iter().position(blamed);
    let stop = paths.iter().find_map(|(_, legs)| leg::stop(legs).filter(|_| standing(legs) == Standing::Unread));
    let unsure = any(Standing::Unsure);
    let mut paths = paths;
    let at = |wanted| paths.iter().position(|(_, legs)| standing(legs) == wanted);
    if let (Some(stop), Some(at)) = (stop, at(Standing::Unread)) {
        // Another path may serve the pair, which nobody knows.
        let path = paths.swap_remove(at);
        let matters = blamed.is_some() || changed.is_none_or(|kind| stands(&path.1, kind) == Standing::Unread);
        return Ok(if matters { Outcome::Unread(found(pair, path, Cause::Standing), stop) } else { Outcome::Fine });
    }
    if let Some(at) = blamed {
        return Ok(Outcome::Found(found(pair, paths.swap_remove(at), Cause::ThisEvent)));
    }
    let worst = |(_, legs): &(Way<'_>, Vec<Leg>)| (standing(legs), leg::lacks(legs).count());
    let Some(best) = paths.into_iter().min_by_key(worst) else { return Ok(Outcome::Fine) };
    if unsure {
        let told =
            pair.declared && *scene.change == Change::Options && stands(&best.1, LegKind::Name) == Standing::Unsure;
        return Ok(if told { Outcome::Found(found(pair, best, Cause::ThisEvent)) } else { Outcome::Fine });
    }
    Ok(if pair.declared { Outcome::Found(found(pair, best, Cause::Standing)) } else { Outcome::Fine })
}

/// The endpoints by which a pair may talk.
fn ways<'f>(scene: &Scene<'f>, pair: &Pair<'f>) -> Result<Vec<Way<'f>>, Stop> {
    let mut ways = Ok(Vec::new());
    for endpoint in scene.reachable().filter(|endpoint| key(&endpoint.service) == pair.service) {
        ways = both(ways, scene.facts.endpoint(&endpoint.id)).map(|(mut ways, details): (Vec<_>, _)| {
            ways.push(Way::Own(details));
            ways
        });
    }
    let mut ways = ways?;
    let central = scene.case.settings.central_endpoints.iter().filter(|central| central.vpc != scene.vpc.id);
    let serving = central.filter(|central| central.services.iter().any(|service| service.as_str() == pair.service));
    ways.extend(serving.map(Way::Central));
    Ok(ways)
}

fn without_endpoint<'f>(scene: &Scene<'f>, pair: Pair<'f>, idle: bool) -> Outcome<'f> {
    let deleted = matches!(scene.change, Change::Deleted(_));
    let lack = Lack::Endpoint { service: pair.service.clone(), vpc: scene.vpc.id.clone() };
    let says =
        format!("{} has no endpoint of {}, and the policy file declares none elsewhere", scene.vpc.id, pair.service);
    Outcome::Found(Found {
        legs: vec![Leg::broken(LegKind::Endpoint, lack, says)],
        cause: if deleted { Cause::ThisEvent } else { Cause::Standing },
        way: None,
        others: 0,
        pair,
        idle,
    })
}

fn unread<'f>(pair: Pair<'f>, stop: Stop) -> Result<Outcome<'f>, Stop> {
    match stop {
        Stop::Unknown { .. } => {
            let legs = vec![Leg::unread(LegKind::ClientEgress, stop.clone())];
            Ok(Outcome::Unread(Found { pair, way: None, others: 0, legs, cause: Cause::Standing, idle: false }, stop))
        }
        stop => Err(stop),
    }
}

/// What every path of a pair needs that can be asked already: to wait costs a round. Names and routes are asked for only
/// where somebody declared the pair: for any other, most often the leg that was changed turns out to be whole.
fn ahead(scene: &Scene<'_>, pair: &Pair<'_>, stop: Stop) -> Stop {
    let serving = scene.reachable().filter(|endpoint| key(&endpoint.service) == pair.service);
    let stop = stop_with(stop, [scene.facts.rules(&pair.client.id).map(|_| ())]);
    ahead_of(scene, serving, pair.declared, stop)
}

/// The same before the pairs are known.
pub(super) fn ahead_of_pairs(scene: &Scene<'_>, look: &Look<'_>, stop: Stop) -> Stop {
    let serving = scene.reachable().filter(|endpoint| match &look.of {
        Of::Service(service) => endpoint.service == *service,
        Of::Guard(group) => endpoint.groups.contains(&group.id),
        Of::Declared => true,
        Of::Client(_) | Of::WithoutEndpoint => false,
    });
    ahead_of(scene, serving, !matches!(look.of, Of::Guard(_)), stop)
}

fn ahead_of<'f>(scene: &Scene<'_>, serving: impl Iterator<Item = &'f Endpoint>, names: bool, stop: Stop) -> Stop {
    let facts = scene.facts;
    let vpc = &scene.vpc.id;
    let mut more = Vec::new();
    for endpoint in serving {
        more.push(facts.endpoint(&endpoint.id).map(|_| ()));
        more.extend(endpoint.groups.iter().map(|group| facts.rules(group).map(|_| ())));
        if names {
            more.push(both(facts.vpc_dns(vpc), facts.dns_servers(vpc)).map(|_| ()));
        }
        if names && endpoint.kind == EndpointKind::Gateway {
            more.push(both(facts.prefix_lists(&Everywhere), facts.route_tables(vpc)).map(|_| ()));
        }
    }
    stop_with(stop, more)
}

/// A need, with whatever else must be asked.
fn stop_with(stop: Stop, more: impl IntoIterator<Item = Result<(), Stop>>) -> Stop {
    let Stop::Need(mut questions) = stop else { return stop };
    for more in more {
        if let Err(Stop::Need(more)) = more {
            questions.extend(more);
        }
    }
    Stop::Need(questions)
}

fn stands(legs: &[Leg], kind: LegKind) -> Standing {
    legs.iter().find(|leg| leg.kind == kind).map_or(Standing::Works, Leg::standing)
}

/// Whether all that was taken away is what a group is born with: a tool that makes groups takes it away at once, before
/// anything is in them.
fn is_born_with(change: &Change) -> bool {
    let is_open = |permission: &Permission| {
        permission.traffic == Traffic::ALL
            && matches!(permission.peer, Peer::Cidr(cidr) if cidr.net().prefix_len() == 0)
    };
    matches!(change, Change::Rules { permissions, .. } if permissions.iter().all(is_open))
}

/// The leg that rules of a direction are about.
fn changed_leg(change: &Change) -> Option<LegKind> {
    match change {
        Change::Rules { direction: Direction::Egress, .. } => Some(LegKind::ClientEgress),
        Change::Rules { direction: Direction::Ingress, .. } => Some(LegKind::EndpointIngress),
        _ => None,
    }
}

/// Whether the event itself broke a path: a leg is broken that was not before. A path that nobody declared must have been
/// whole before, or else the client never used it.
fn is_blamed(scene: &Scene<'_>, client: &Client<'_>, way: Way<'_>, legs: &[Leg], declared: bool) -> bool {
    let is_broken = |kind: LegKind| stands(legs, kind) == Standing::Broken;
    let before = || path::legs(&scene.before(), client, way);
    let was_whole = |before: &[Leg], kind: LegKind| is_broken(kind) && stands(before, kind) <= Standing::Unsure;
    match (scene.change, way) {
        (Change::Rules { .. }, _) => changed_leg(scene.change).is_some_and(|kind| {
            let before = before();
            was_whole(&before, kind) && (declared || standing(&before) != Standing::Broken)
        }),
        (Change::Endpoint(changed), Way::Own(details)) if changed.id == details.endpoint.id => {
            let before = before();
            let kinds = [LegKind::ClientEgress, LegKind::EndpointIngress, LegKind::GatewayRoute];
            changed.legs.iter().any(|kind| is_broken(*kind)) || kinds.into_iter().any(|kind| was_whole(&before, kind))
        }
        (Change::Attribute(attribute), Way::Own(_)) => {
            leg::lacks(legs).any(|lack| matches!(lack, Lack::Attributes { off, .. } if off.contains(attribute)))
        }
        _ => false,
    }
}
