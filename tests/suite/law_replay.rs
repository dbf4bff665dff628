//! Law 12, and what holds from delivery to delivery: records replay to the same decision, duplicates tell the same notice, and
//! a decision takes few rounds and calls.

use std::collections::BTreeSet;

use guardrail_policy::facts::Question;
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::record::Record;
use guardrail_policy::settings::RuleName;
use guardrail_testkit::outcomes::findings;
use guardrail_testkit::strategies::{Scenario, scenarios};
use guardrail_testkit::{Asked, Counting};
use proptest::prelude::*;

/// What `open-egress` asked, each question once: what is asked again only settles a contradiction.
fn asked_once(scenario: &Scenario) -> (Record, Asked) {
    let network = Counting::of(scenario.world.clone());
    let desk = scenario.desk().with(&[RuleName::OpenEgress]);
    let (record, _) = desk.handle(&scenario.event.envelope(), &network);
    let mut known = BTreeSet::new();
    let mut once = Asked::default();
    for round in network.asked().rounds {
        let fresh: BTreeSet<Question> = round
            .into_iter()
            .filter(|question| known.insert(question.clone()))
            .collect();
        if !fresh.is_empty() {
            once.rounds.push(fresh);
        }
    }
    (record, once)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_record_replays_to_the_same_decision_byte_for_byte(scenario in scenarios()) {
        let desk = scenario.desk();
        let (record, _) = desk.handle(&scenario.event.envelope(), &scenario.world);
        let decided = serde_json::to_string(record.decision.as_ref().unwrap()).unwrap();
        let again = serde_json::to_string(&record.replay(&desk.settings).unwrap()).unwrap();
        prop_assert_eq!(&again, &decided);
        let read: Record = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        prop_assert_eq!(&serde_json::to_string(&read.replay(&desk.settings).unwrap()).unwrap(), &decided);
    }

    #[test]
    fn a_duplicate_tells_the_same_notice_and_leaves_another_record(scenario in scenarios(), later in 1i64..100_000) {
        let mut desk = scenario.desk();
        let (first, first_told) = desk.handle(&scenario.event.envelope(), &scenario.world);
        desk.time = desk.time.checked_add(SignedDuration::from_secs(later)).unwrap();
        let (second, second_told) = desk.handle(&scenario.event.envelope(), &scenario.world);
        prop_assert!(first.record_id != second.record_id);
        let ids = |notices: Vec<guardrail_policy::message::Notice>| notices.into_iter().map(|n| n.notice_id).collect::<Vec<_>>();
        if !first.deliver_again {
            prop_assert_eq!(ids(first_told.notices()), ids(second_told.notices()));
        }
    }

    #[test]
    fn a_decision_about_egress_takes_at_most_three_rounds_and_nine_calls(scenario in scenarios()) {
        let (record, asked) = asked_once(&scenario);
        prop_assert!(asked.rounds.len() <= 3, "{:#?}", asked.rounds);
        // The entries of each list that one of the group's rules names are read by a call of their own.
        let entries = asked.rounds.iter().flatten().filter(|question| matches!(question, Question::Entries(_))).count();
        let calls = asked.calls() - entries;
        prop_assert!(calls <= 9, "{} calls: {:#?}", calls, asked.rounds);
        if findings(&record).next().is_none() {
            let first = asked.rounds.first().is_some_and(|round| round.len() == 1);
            let lists = asked.rounds.iter().flatten().any(|question| matches!(question, Question::PrefixLists(_)));
            let around = asked.rounds.len() == 3;
            // Group, rules and VPC; one more to find the group, one for lists that a rule names; and where what such a list holds
            // was not known, what its plan would have needed was read ahead: interfaces, endpoints, routes.
            let most = 3 + usize::from(first) + usize::from(lists) + 3 * usize::from(around);
            prop_assert!(calls <= most, "{} calls: {:#?}", calls, asked.rounds);
        }
    }
}
