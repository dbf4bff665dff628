//! Laws 3 and 4: only what the event brought in is taken back, and nothing is while anything is not known.

use std::collections::BTreeSet;

use guardrail_policy::facts::Question;
use guardrail_policy::finding::Cause;
use guardrail_policy::plan::Treatment;
use guardrail_policy::record::Record;
use guardrail_policy::settings::RuleName;
use guardrail_testkit::outcomes::{Blind, automatic, findings};
use guardrail_testkit::strategies::{Scenario, scenarios};
use guardrail_testkit::{Counting, Desk, Fault, Faulty};
use proptest::prelude::*;

/// The flow with one rule: what another rule lacks keeps no plan of this one.
fn desk(scenario: &Scenario) -> Desk {
    scenario.desk().with(&[RuleName::OpenEgress])
}

/// Everything that is asked while a scenario is judged.
fn questions(scenario: &Scenario) -> BTreeSet<Question> {
    let network = Counting::of(scenario.world.clone());
    let _judged = desk(scenario).handle(&scenario.event.envelope(), &network);
    network.asked().rounds.into_iter().flatten().collect()
}

/// Nothing in a record or its notices says that a change may be made by itself.
fn assert_no_plan(record: &Record, what: &dyn std::fmt::Debug) -> Result<(), TestCaseError> {
    prop_assert_eq!(automatic(record).count(), 0, "without {:?}", what);
    for notice in record.decision.iter().flat_map(|decision| &decision.notices) {
        prop_assert!(
            !notice.text.contains("Mode revert would do"),
            "without {:?}: {}",
            what,
            notice.text
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn an_automatic_plan_takes_back_only_what_the_event_brought_in(scenario in scenarios()) {
        let (record, _) = scenario.desk().handle(&scenario.event.envelope(), &scenario.world);
        for (finding, plan) in automatic(&record) {
            prop_assert_eq!(finding.cause, Cause::ThisEvent);
            let revoked: BTreeSet<_> = plan.revoked().cloned().collect();
            prop_assert!(!revoked.is_empty());
            prop_assert!(revoked.is_subset(&scenario.brought), "{:?} of {:?}", revoked, scenario.brought);
        }
    }

    #[test]
    fn what_was_there_before_is_told_apart_and_names_no_caller(scenario in scenarios()) {
        let (record, outbox) = scenario.desk().handle(&scenario.event.envelope(), &scenario.world);
        for finding in findings(&record).filter(|finding| finding.cause == Cause::Standing) {
            prop_assert!(matches!(finding.treatment, Treatment::Told(_)));
            let rules: BTreeSet<_> = finding.evidence.iter().filter_map(|e| Some(e.permits.as_ref()?.rule.clone())).collect();
            prop_assert!(rules.is_disjoint(&scenario.brought), "{:?} of {:?}", rules, scenario.brought);
        }
        let nobody = findings(&record).all(|finding| finding.cause == Cause::Standing);
        for notice in outbox.notices() {
            let (_, standing) = notice.text.split_once("NOT BROUGHT IN BY THIS CALL").unwrap_or_default();
            let parts = if nobody { vec![notice.text.as_str(), &notice.json, &notice.subject] } else { vec![standing] };
            for part in parts {
                for name in ["deploy-42", "pipeline", "NetworkAdmin", "Deployment", "assumed-role", "203.0.113.20"] {
                    prop_assert!(!part.contains(name), "`{}` is named in {}", name, part);
                }
            }
        }
    }

    #[test]
    fn one_fact_that_is_denied_ends_in_no_plan_and_another_delivery(scenario in scenarios()) {
        let (whole, _) = desk(&scenario).handle(&scenario.event.envelope(), &scenario.world);
        for question in questions(&scenario) {
            let network = Blind::denied(&scenario.world, question.clone());
            let (record, _) = desk(&scenario).handle(&scenario.event.envelope(), &network);
            assert_no_plan(&record, &question)?;
            // What was read ahead and then not needed may be missing: then the decision is the same.
            prop_assert!(record.deliver_again || record.decision == whole.decision, "without {:?}: {:?}", question, record.reason);
        }
    }

    #[test]
    fn one_thing_that_is_gone_ends_in_no_plan(scenario in scenarios()) {
        let (whole, _) = desk(&scenario).handle(&scenario.event.envelope(), &scenario.world);
        for question in questions(&scenario) {
            let network = Blind::gone(&scenario.world, question.clone());
            let (record, _) = desk(&scenario).handle(&scenario.event.envelope(), &network);
            assert_no_plan(&record, &question)?;
            let is_late = scenario.later.as_secs() >= 60;
            let undecided_or_same = record.deliver_again || record.decision == whole.decision;
            prop_assert!(is_late || undecided_or_same, "without {:?}: {:?}", question, record.reason);
        }
    }

    #[test]
    fn a_round_that_fails_in_any_way_never_takes_back_more_than_a_round_that_does_not(
        scenario in scenarios(), round in 0usize..4, way in 0..Fault::OF_ANSWERS.len(),
    ) {
        let (whole, _) = scenario.desk().handle(&scenario.event.envelope(), &scenario.world);
        let network = Faulty::at(round, Fault::OF_ANSWERS[way], scenario.world.clone());
        let (record, _) = scenario.desk().handle(&scenario.event.envelope(), &network);
        let revoked = |record: &Record| automatic(record).flat_map(|(_, plan)| plan.revoked().cloned()).collect::<BTreeSet<_>>();
        prop_assert!(revoked(&record).is_subset(&scenario.brought));
        if !network.has_failed() {
            prop_assert_eq!(revoked(&record), revoked(&whole));
        }
    }
}
