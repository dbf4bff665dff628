//! Laws 5 and 7: whatever somebody else does at whichever moment, nothing of theirs is undone, and nothing stays permitted
//! that takes the place of a rule which the guardrail did not close.

use std::collections::BTreeSet;
use std::rc::Rc;

use guardrail_policy::id::{SecurityGroupId, SecurityGroupRuleId};
use guardrail_policy::network::{Direction, Permission};
use guardrail_policy::plan::Action;
use guardrail_testkit::{Changing, Saboteur, block, tcp};
use guardrail_world::World;

use crate::healthy::{Healthy, Permits, healthy, notices, permits, revoked};

/// What somebody else does.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Move {
    /// Takes the open rules away.
    Closes,
    /// Makes one of the open rules a precise one.
    Edits,
    /// Permits one of the things that the plan permits.
    Adds,
    /// Takes one of the things away that the plan permits.
    Removes,
    /// Permits something that has nothing to do with it.
    AddsAnother,
    /// Deletes the group.
    Deletes,
}

const MOVES: [Move; 6] = [
    Move::Closes,
    Move::Edits,
    Move::Adds,
    Move::Removes,
    Move::AddsAnother,
    Move::Deletes,
];

/// What the plan of a case touches.
#[derive(Debug, Clone)]
struct Touched {
    group: SecurityGroupId,
    open: BTreeSet<SecurityGroupRuleId>,
    added: Vec<Permission>,
}

impl Touched {
    fn of(healthy: &Healthy) -> Option<Self> {
        let group = healthy.actions.iter().find_map(|action| match action {
            Action::AuthorizeEgress { group, .. } | Action::RevokeEgress { group, .. } => Some(group),
            _ => None,
        });
        Some(Self {
            group: group?.clone(),
            open: healthy.revoked.clone(),
            added: healthy.actions.iter().flat_map(added).collect(),
        })
    }
}

fn added(action: &Action) -> Vec<Permission> {
    match action {
        Action::AuthorizeEgress { permissions, .. } => permissions.clone(),
        _ => Vec::new(),
    }
}

impl Move {
    /// Makes the move as far as the network lets it be made.
    fn make(&self, world: &mut World, touched: &Touched) {
        let Touched { group, open, added } = touched;
        let precise = tcp(22, 22, block("10.0.5.5/32"));
        match self {
            Self::Closes => {
                for rule in open {
                    let found = world.group(group).and_then(|group| group.rules.get(rule)).cloned();
                    if let Some(found) = found {
                        let permission = [found.permission];
                        world.revoke(group, Direction::Egress, Some(rule), &permission).unwrap();
                    }
                }
            }
            Self::Edits => {
                let _gone = open.first().map(|rule| world.edit_rule(group, rule, &precise));
            }
            Self::Adds => {
                let _there = world.authorize(group, Direction::Egress, &added[..added.len().min(1)]);
            }
            Self::Removes => {
                let _gone = world.revoke(group, Direction::Egress, None, &added[..added.len().min(1)]);
            }
            Self::AddsAnother => {
                let _full = world.authorize(group, Direction::Egress, &[precise]);
            }
            Self::Deletes => {
                let _gone = world.delete_group(group);
            }
        }
    }

    fn on(&self, state: &World, touched: &Touched) -> World {
        let mut state = state.clone();
        self.make(&mut state, touched);
        state
    }
}

/// Everything that the network may come to: the move and the plan in either order, the move alone, or what the guardrail
/// makes of a network in which the move was made before.
fn ends(healthy: &Healthy, touched: &Touched, by: &Move) -> Vec<Permits> {
    let (Some(first), Some(last)) = (healthy.worlds.first(), healthy.worlds.last()) else {
        return Vec::new();
    };
    let mut queue = healthy.case.queue();
    queue.network.change(|world| by.make(world, touched));
    queue.drain();
    let moved = [by.on(first, touched), by.on(last, touched), queue.network.world()];
    moved.iter().map(permits).collect()
}

/// Whether the guardrail's own actions are within its plan, and take back nothing that somebody else has done.
fn keeps_to_its_own(network: &Changing, touched: &Touched) -> bool {
    let mut own: BTreeSet<Permission> = BTreeSet::new();
    network
        .history()
        .iter()
        .filter_map(|change| change.action.as_ref())
        .all(|action| match action {
            Action::AuthorizeEgress { permissions, .. } => {
                own.extend(permissions.iter().cloned());
                permissions.iter().all(|permission| touched.added.contains(permission))
            }
            Action::RevokeEgress {
                rule: None,
                permissions,
                ..
            } => permissions.iter().all(|permission| own.remove(permission)),
            Action::RevokeEgress { rule: Some(rule), .. } => touched.open.contains(rule),
            _ => false,
        })
}

fn after(healthy: &Healthy, touched: &Touched, by: &Move, ends: &[Permits], number: usize) -> Vec<String> {
    let mut queue = healthy.case.queue();
    let network: Rc<Changing> = Rc::clone(&queue.network);
    let meddler = {
        let (by, touched) = (by.clone(), touched.clone());
        move || network.change(|world| by.make(world, &touched))
    };
    queue.deliver(&Saboteur::meddling(number, meddler));
    let is_acknowledged = queue.drain();
    let place = || {
        let records: Vec<_> = queue
            .records
            .iter()
            .map(|record| (record.reason, record.deliver_again))
            .collect();
        format!(
            "{}, {by:?} before call {number} ({}), {records:?}",
            healthy.case.name, healthy.calls[number]
        )
    };
    let end = permits(&queue.network.world());
    let told = notices(&queue);
    let checks = [
        (is_acknowledged, "it is not acknowledged"),
        (
            ends.contains(&end),
            "it ends in a state that neither the plan nor the move has",
        ),
        (
            revoked(&queue.network).is_subset(&touched.open),
            "another rule is revoked",
        ),
        (
            keeps_to_its_own(&queue.network, touched),
            "it changes what is not its own",
        ),
        (told.len() <= 1, "it is told twice"),
    ];
    let wrong = checks.iter().filter(|(holds, _)| !holds);
    wrong.map(|(_, what)| format!("{}: {what}", place())).collect()
}

#[test]
fn whatever_somebody_else_does_at_whichever_call_is_left_as_they_want_it() {
    let mut wrong = Vec::new();
    for healthy in healthy() {
        let Some(touched) = Touched::of(&healthy) else { continue };
        for by in &MOVES {
            let ends = ends(&healthy, &touched, by);
            for number in 0..healthy.calls.len() {
                wrong.extend(after(&healthy, &touched, by, &ends, number));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
