//! Events that really happened to a network: the call was made, the network obeyed, and `CloudTrail` tells of it.

use std::collections::BTreeSet;
use std::fmt;

use guardrail_policy::id::{PrefixListId, SecurityGroupId, SecurityGroupRuleId};
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::network::{Direction, Peer, Permission};
use guardrail_world::World;
use proptest::prelude::*;

use super::rules::{cidrs, permissions};
use super::settings::policies;
use super::worlds::{CUSTOMER_LISTS, worlds};
use crate::desk::Desk;
use crate::identity::Identity;
use crate::network::{APP_GROUP, APP_INSTANCE, APP_INTERFACE, VPC, id, settings};
use crate::trail::TrailRecord;

/// A network after a call, with the record of the call and a policy file.
#[derive(Clone)]
pub struct Scenario {
    /// The network as the call left it.
    pub world: World,
    /// The record of the call.
    pub event: TrailRecord,
    /// The policy file.
    pub policy: String,
    /// The rules of the application's group that the call brought in; none where it attached the group or edited a list.
    pub brought: BTreeSet<SecurityGroupRuleId>,
    /// How long after the call it is judged.
    pub later: SignedDuration,
}

impl fmt::Debug for Scenario {
    /// As a corpus case is written, so that a counterexample can become one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let world = serde_json::to_string(&self.world).unwrap_or_default();
        let seconds = self.later.as_secs();
        write!(
            f,
            "judged {seconds} s later, {:?} brought in\n{}\n{}\n{world}",
            self.brought,
            self.policy,
            self.event.json()
        )
    }
}

impl Scenario {
    /// The flow, up to the delivery.
    #[must_use]
    pub fn desk(&self) -> Desk {
        Desk::new(settings(&self.policy), self.judged_at())
    }

    /// When it is judged.
    #[must_use]
    pub fn judged_at(&self) -> Timestamp {
        self.event.time().checked_add(self.later).unwrap_or(Timestamp::MAX)
    }
}

/// The calls that wake the rules.
#[derive(Debug, Clone)]
enum Act {
    Authorize(Vec<Permission>, Form),
    Edit(Permission),
    CreateGroup,
    EditList(usize, Vec<guardrail_policy::network::Cidr>),
    AttachToInterface,
    AttachToInstance,
}

/// The forms of an Authorize record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Nested,
    Flat,
    WithoutRuleIds,
    ByGroupName,
}

fn acts() -> impl Strategy<Value = Act> {
    let form = prop_oneof![6 => Just(Form::Nested), 1 => Just(Form::Flat), 1 => Just(Form::WithoutRuleIds), 1 => Just(Form::ByGroupName)];
    prop_oneof![
        10 => (prop::collection::vec(permissions(), 1..4), form).prop_map(|(asked, form)| Act::Authorize(asked, form)),
        2 => permissions().prop_map(Act::Edit),
        1 => Just(Act::CreateGroup),
        1 => (0usize..2, prop::collection::vec(cidrs(), 1..3)).prop_map(|(list, entries)| Act::EditList(list, entries)),
        1 => Just(Act::AttachToInterface),
        1 => Just(Act::AttachToInstance),
    ]
}

fn identities() -> impl Strategy<Value = Identity> {
    prop_oneof![
        6 => Just(Identity::role_session("platform/NetworkAdmin", "deploy-42")),
        2 => Just(Identity::terraform()),
        1 => Just(Identity::cloudformation()),
        1 => Just(Identity::service("elasticmapreduce.amazonaws.com", "AWSServiceRoleForEMRCleanup")),
    ]
}

/// Calls that succeeded, on networks of all kinds, under policy files of all kinds.
pub fn scenarios() -> impl Strategy<Value = Scenario> {
    let later = prop_oneof![3 => Just(120), 1 => Just(4)].prop_map(SignedDuration::from_secs);
    (worlds(), acts(), identities(), policies(), later).prop_map(|(world, act, identity, policy, later)| {
        let (world, event, brought) = perform(world, act);
        Scenario {
            world,
            event: event.by(identity),
            policy,
            brought,
            later,
        }
    })
}

type Performed = (World, TrailRecord, BTreeSet<SecurityGroupRuleId>);

fn perform(mut world: World, act: Act) -> Performed {
    let group = id::<SecurityGroupId>(APP_GROUP);
    match act {
        Act::Authorize(asked, form) => authorize(world, &group, &asked, form),
        Act::Edit(permission) => edit(world, &group, permission),
        Act::CreateGroup => {
            let made = id::<SecurityGroupId>("sg-0a1b2c3d4e5f600b1");
            let _there = world.create_group(&made, &id(VPC), "made");
            let brought = world
                .group(&made)
                .into_iter()
                .flat_map(|group| group.rules.keys().cloned())
                .collect();
            (world, TrailRecord::create_group(&made, VPC, "made"), brought)
        }
        Act::EditList(number, entries) => {
            let list = id::<PrefixListId>(CUSTOMER_LISTS[number]);
            let entries: BTreeSet<_> = entries
                .into_iter()
                .filter(|entry| entry.is_ipv6() == (number == 1))
                .collect();
            let _there = world.set_entries(&list, entries);
            (world, TrailRecord::modify_list(&list, "10.0.0.0/8"), BTreeSet::new())
        }
        Act::AttachToInterface => {
            let _there = world.attach(&id(APP_INTERFACE), [group]);
            (
                world,
                TrailRecord::modify_interface(APP_INTERFACE, &[APP_GROUP]),
                BTreeSet::new(),
            )
        }
        Act::AttachToInstance => {
            let _there = world.attach(&id(APP_INTERFACE), [group]);
            (
                world,
                TrailRecord::modify_instance(APP_INSTANCE, &[APP_GROUP]),
                BTreeSet::new(),
            )
        }
    }
}

/// What of it EC2 takes, in one call. Where it takes nothing (all is there already, or the group is full) one rule that is
/// there already is reported once more, as a late duplicate would.
fn authorize(mut world: World, group: &SecurityGroupId, asked: &[Permission], form: Form) -> Performed {
    let mut made = Vec::new();
    for permission in asked {
        if let Ok(ids) = world.authorize(group, Direction::Egress, std::slice::from_ref(permission)) {
            made.extend(ids);
        }
    }
    if made.is_empty() {
        made.extend(world.group(group).and_then(|group| group.rules.keys().next().cloned()));
    }
    let is_flat = form == Form::Flat;
    let rules: Vec<_> = made
        .iter()
        .filter_map(|id| Some((id.clone(), world.group(group)?.rules.get(id)?.permission.clone())))
        .collect();
    let event = match rules.as_slice() {
        [(id, permission)] if is_flat && matches!(permission.peer, Peer::Cidr(cidr) if !cidr.is_ipv6()) => {
            TrailRecord::authorize_egress_flat(group, id, permission)
        }
        rules => TrailRecord::authorize_egress(group, rules),
    };
    let event = match form {
        Form::Nested | Form::Flat => event,
        Form::WithoutRuleIds => event.without_rule_ids(),
        Form::ByGroupName => event.by_group_name("app"),
    };
    (world, event, made.into_iter().collect())
}

fn edit(mut world: World, group: &SecurityGroupId, permission: Permission) -> Performed {
    let rule = world
        .group(group)
        .and_then(|group| group.rules.keys().next_back().cloned());
    let rule = rule.unwrap_or_else(|| id("sgr-0a1b2c3d4e5f60001"));
    let permission = match world.edit_rule(group, &rule, &permission) {
        Ok(()) => permission,
        Err(_) => world
            .group(group)
            .and_then(|group| group.rules.get(&rule))
            .map_or(permission, |rule| rule.permission.clone()),
    };
    let event = TrailRecord::modify_rules(group, &[(rule.clone(), permission)]);
    (world, event, BTreeSet::from([rule]))
}
