//! How the cases of the corpus come out when nothing fails, which the laws about failures hold against.

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::path::Path;

use guardrail_policy::id::{SecurityGroupId, SecurityGroupRuleId};
use guardrail_policy::network::{Direction, Permission};
use guardrail_policy::plan::Action;
use guardrail_testkit::corpus::{CorpusCase, load};
use guardrail_testkit::{Call, Changing, Queue, Saboteur};
use guardrail_world::World;

use crate::probes::newly_reachable;

/// What the groups of a network permit, whatever the ids of the rules are.
pub(crate) type Permits = BTreeSet<(SecurityGroupId, Direction, Permission)>;

/// How a case comes out when nothing fails.
pub(crate) struct Healthy {
    pub(crate) case: CorpusCase,
    /// The calls of its first delivery.
    pub(crate) calls: Vec<Call>,
    pub(crate) is_acknowledged: bool,
    /// What is permitted before, as it is shown and as it is, between the actions, and after them.
    pub(crate) states: Vec<Permits>,
    /// The same states as networks.
    pub(crate) worlds: Vec<World>,
    /// The actions.
    pub(crate) actions: Vec<Action>,
    /// The notices, by id.
    pub(crate) notices: Vec<String>,
    /// The rules that were revoked by their ids.
    pub(crate) revoked: BTreeSet<SecurityGroupRuleId>,
}

pub(crate) fn permits(world: &World) -> Permits {
    let groups = world.groups.iter().flat_map(|groups| groups.iter());
    let rules = groups.flat_map(|(id, group)| group.rules.values().map(move |rule| (id, rule)));
    rules
        .map(|(id, rule)| (id.clone(), rule.direction, rule.permission.clone()))
        .collect()
}

/// The states that a network was in.
pub(crate) fn worlds(network: &Changing) -> Vec<World> {
    let history = network.history();
    let first = history
        .first()
        .map_or_else(|| network.world(), |first| first.before.clone());
    [first]
        .into_iter()
        .chain(history.into_iter().map(|change| change.after))
        .collect()
}

/// What was permitted in the states that a network was in.
pub(crate) fn states(network: &Changing) -> Vec<Permits> {
    worlds(network).iter().map(permits).collect()
}

/// The rules that an action names by their ids.
pub(crate) fn revoked(network: &Changing) -> BTreeSet<SecurityGroupRuleId> {
    let changes = network.history().into_iter();
    changes
        .filter_map(|change| match change.action {
            Some(Action::RevokeEgress { rule, .. }) => rule,
            _ => None,
        })
        .collect()
}

pub(crate) fn notices(queue: &Queue) -> Vec<String> {
    queue
        .topic
        .notices()
        .into_iter()
        .map(|notice| notice.notice_id)
        .collect()
}

impl Healthy {
    /// Whether anything gets out in one of these states that did not before.
    pub(crate) fn is_opened_in(&self, states: &[World]) -> bool {
        let unknown = |state: &&World| !self.states.contains(&permits(state));
        let states: Vec<World> = states.iter().filter(unknown).cloned().collect();
        let first = self.worlds.first();
        first.is_some_and(|first| newly_reachable(first, &states).is_some())
    }

    pub(crate) fn of(case: CorpusCase) -> Self {
        let mut queue = case.queue();
        let first = Saboteur::idle();
        queue.deliver(&first);
        let is_acknowledged = queue.drain();
        Self {
            calls: first.made(),
            is_acknowledged,
            states: case
                .networks
                .iter()
                .map(permits)
                .chain(states(&queue.network))
                .collect(),
            worlds: worlds(&queue.network),
            actions: queue
                .network
                .history()
                .into_iter()
                .filter_map(|change| change.action)
                .collect(),
            notices: notices(&queue),
            revoked: revoked(&queue.network),
            case,
        }
    }
}

/// Every case with a ledger, as it comes out when nothing fails.
pub(crate) fn healthy() -> impl Iterator<Item = Healthy> {
    let cases = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"));
    cases.into_iter().filter(CorpusCase::has_ledger).map(Healthy::of)
}

/// Whether two calls are of one kind: of actions, both authorise or both revoke.
pub(crate) fn is_of_a_kind(one: &Call, two: &Call) -> bool {
    match (one, two) {
        (Call::Act(one), Call::Act(two)) => discriminant(one) == discriminant(two),
        (one, two) => discriminant(one) == discriminant(two),
    }
}
