//! Laws 6 and 7, and what a plan may never do: a plan mends what it claims, opens nothing, fits, and authorises first.

use std::collections::BTreeSet;

use guardrail_policy::decide::Reason;
use guardrail_policy::facts::AddressFamily;
use guardrail_policy::finding::Finding;
use guardrail_policy::id::{SecurityGroupId, SecurityGroupRuleId};
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::network::{Direction, Permission};
use guardrail_policy::plan::{Action, Plan};
use guardrail_policy::record::RecordReason;
use guardrail_testkit::outcomes::{automatic, findings};
use guardrail_testkit::strategies::{Scenario, scenarios};
use guardrail_world::{RULES_PER_GROUP, World};
use proptest::prelude::*;

use crate::probes::newly_reachable;

/// The network's states while the automatic plans of a scenario are carried out, the first and the last included.
fn carried_out(scenario: &Scenario, plans: &[(Finding, Plan)]) -> Result<Vec<World>, TestCaseError> {
    let mut states = vec![scenario.world.clone()];
    for step in plans.iter().flat_map(|(_, plan)| &plan.steps) {
        let mut world = states[states.len() - 1].clone();
        let applied = world.apply(&step.action);
        prop_assert!(applied.is_ok(), "`{}` was refused: {:?}", step.action, applied);
        states.push(world);
    }
    Ok(states)
}

fn plans(scenario: &Scenario) -> Vec<(Finding, Plan)> {
    let (record, _) = scenario.desk().handle(&scenario.event.envelope(), &scenario.world);
    automatic(&record)
        .map(|(finding, plan)| (finding.clone(), plan.clone()))
        .collect()
}

fn evidence(finding: &Finding) -> impl Iterator<Item = &SecurityGroupRuleId> {
    finding
        .evidence
        .iter()
        .filter_map(|evidence| Some(&evidence.permits.as_ref()?.rule))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn after_a_plan_nothing_is_left_of_what_it_claimed_to_mend_and_a_second_plan_is_empty(scenario in scenarios()) {
        let plans = plans(&scenario);
        let states = carried_out(&scenario, &plans)?;
        let after = &states[states.len() - 1];
        let mut desk = scenario.desk();
        desk.time = desk.time.checked_add(SignedDuration::from_secs(90)).unwrap();
        let (record, _) = desk.handle(&scenario.event.envelope(), after);
        prop_assert!(record.reason != RecordReason::Decided(Reason::Undecided));
        prop_assert_eq!(automatic(&record).count(), 0);
        let left: BTreeSet<_> = findings(&record).flat_map(evidence).cloned().collect();
        let mended: BTreeSet<_> = plans.iter().flat_map(|(finding, _)| evidence(finding)).cloned().collect();
        prop_assert!(left.is_disjoint(&mended), "{:?} is still found", left);
        let before: BTreeSet<_> = rules_of(&scenario.world);
        let made: BTreeSet<_> = rules_of(after).difference(&before).cloned().collect();
        prop_assert!(left.is_disjoint(&made), "{:?} was made by the plan and is found", left);
    }

    #[test]
    fn nothing_gets_out_during_or_after_a_plan_that_did_not_before(scenario in scenarios()) {
        let plans = plans(&scenario);
        let states = carried_out(&scenario, &plans)?;
        if let Some((address, packet)) = newly_reachable(&scenario.world, &states[1..]) {
            prop_assert!(false, "{} with {:?}", address, packet);
        }
    }

    #[test]
    fn a_plan_authorises_first_and_every_step_has_its_inverse(scenario in scenarios()) {
        for (_, plan) in plans(&scenario) {
            let revokes = plan.steps.iter().map(|step| matches!(step.action, Action::RevokeEgress { .. }));
            prop_assert!(revokes.is_sorted(), "{:?}", plan.steps);
            let mut world = scenario.world.clone();
            for step in &plan.steps {
                prop_assert!(world.apply(&step.action).is_ok());
            }
            for step in plan.steps.iter().rev() {
                prop_assert!(world.apply(&step.inverse).is_ok(), "`{}` was refused", step.inverse);
            }
            prop_assert_eq!(permissions_of(&world), permissions_of(&scenario.world));
        }
    }

    #[test]
    fn no_quota_is_exceeded_at_any_step_of_a_plan(scenario in scenarios()) {
        for world in carried_out(&scenario, &plans(&scenario))? {
            for group in world.groups.iter().flat_map(|groups| groups.values()) {
                for family in [AddressFamily::Ipv4, AddressFamily::Ipv6] {
                    prop_assert!(world.rules_counted(group, Direction::Egress, family) <= RULES_PER_GROUP);
                }
            }
        }
    }
}

fn rules_of(world: &World) -> BTreeSet<SecurityGroupRuleId> {
    world
        .groups
        .iter()
        .flat_map(|groups| groups.values())
        .flat_map(|group| group.rules.keys().cloned())
        .collect()
}

/// What every group permits, whatever the ids of its rules are.
fn permissions_of(world: &World) -> BTreeSet<(SecurityGroupId, Permission)> {
    let groups = world.groups.iter().flat_map(|groups| groups.iter());
    groups
        .flat_map(|(id, group)| group.rules.values().map(|rule| (id.clone(), rule.permission.clone())))
        .collect()
}

#[test]
fn the_scenarios_reach_every_kind_of_treatment() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for _ in 0..1024 {
        let scenario = scenarios().new_tree(&mut runner).unwrap().current();
        let (record, _) = scenario.desk().handle(&scenario.event.envelope(), &scenario.world);
        seen.extend(findings(&record).map(|finding| match &finding.treatment {
            guardrail_policy::plan::Treatment::Automatic(plan) if plan.added().next().is_some() => "narrowed",
            guardrail_policy::plan::Treatment::Automatic(_) => "revoked",
            guardrail_policy::plan::Treatment::Proposal(_) => "proposed",
            guardrail_policy::plan::Treatment::Withheld { .. } => "withheld",
            guardrail_policy::plan::Treatment::Told(_) => "told",
        }));
        seen.insert(match record.reason {
            RecordReason::Decided(Reason::Clean) => "clean",
            RecordReason::Decided(Reason::Exempt) => "exempt",
            RecordReason::Decided(Reason::NotSelected) => "not selected",
            _ => "other",
        });
    }
    let all = [
        "narrowed",
        "revoked",
        "proposed",
        "withheld",
        "told",
        "clean",
        "exempt",
        "not selected",
    ];
    assert!(
        all.iter().all(|kind| seen.contains(kind)),
        "the laws are tried on all kinds of case: {seen:?}"
    );
}
