//! What belongs to no VPC is looked at first, where the account must stay private.

use guardrail_policy::decide::Judged as Outcome;
use guardrail_policy::event::SubjectKind;
use guardrail_policy::facts::{Everywhere, Question};
use guardrail_policy::finding::{Cause, Finding};
use guardrail_runner::scan::{Area, Judged, Step};
use guardrail_testkit::outcomes::Blind;
use guardrail_testkit::{ACCOUNT, Counting, POLICY, POLICY_OF_ACCOUNT, private_network, settings, with_apis};
use guardrail_world::World;

use super::steps;

const REST: &str = "a1b2c3d4e5";
const PRIVATE: &str = "b1b2c3d4e5";
const HTTP: &str = "d1b2c3d4e5";
const GRAPHQL: &str = "a1b2c3d4e5f6a7b8c9d0e1f2a3";

/// The private network with an API of each kind that the internet can reach, a private one, and nothing blocked.
fn exposed() -> World {
    with_apis(private_network())
}

/// What the first two steps came to: entering the account, and judging what is there.
fn account(steps: &[Step]) -> (usize, Vec<SubjectKind>, &[Judged]) {
    let [
        Step::Area {
            area: Area::Account,
            subjects,
            unlisted,
        },
        Step::Judged(judged),
        ..,
    ] = steps
    else {
        panic!("{steps:?}");
    };
    (*subjects, unlisted.iter().map(|(kind, _)| *kind).collect(), judged)
}

fn found(judged: &[Judged]) -> Vec<&Finding> {
    let verdicts = judged.iter().flat_map(|judged| &judged.decision.verdicts);
    verdicts.flat_map(|verdict| verdict.findings()).collect()
}

#[test]
fn apis_and_what_holds_for_the_account_are_judged_before_its_vpcs() {
    let steps = steps(&exposed(), &settings(POLICY_OF_ACCOUNT));
    let (subjects, unlisted, judged) = account(&steps);
    assert_eq!((subjects, unlisted.as_slice()), (5, [].as_slice()));
    let ids: Vec<&str> = judged.iter().map(|judged| judged.event.id.as_str()).collect();
    let expected = [ACCOUNT, PRIVATE, REST, HTTP, GRAPHQL].map(|id| format!("scan-{id}"));
    assert_eq!(ids.len(), expected.len());
    assert!(expected.iter().all(|one| ids.contains(&one.as_str())), "{ids:?}");
    let found = found(judged);
    let lines = found.iter().map(|finding| {
        format!(
            "{} {} {} {}",
            finding.severity, finding.rule, finding.class, finding.resource.id
        )
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    high block-public-access off 111122223333
    high public-api public-rest-api a1b2c3d4e5
    high public-api public-http-api d1b2c3d4e5
    high public-graphql-api global-visibility a1b2c3d4e5f6a7b8c9d0e1f2a3
    ");
    assert!(found.iter().all(|finding| finding.cause == Cause::Standing));
    assert!(matches!(&steps[2], Step::Area { area: Area::Vpc(_), .. }));
    let notices = judged.iter().flat_map(|judged| &judged.decision.notices);
    for notice in notices {
        for word in ["this event", "this call", "THIS CALL", "Who ", "unnamed", "Event "] {
            assert!(!notice.text.contains(word), "`{word}` in {}", notice.text);
        }
    }
}

#[test]
fn the_mode_of_block_public_access_is_told_once_and_not_for_each_vpc() {
    let steps = steps(&exposed(), &settings(POLICY_OF_ACCOUNT));
    let all = steps.iter().filter_map(|step| match step {
        Step::Judged(judged) => Some(found(judged)),
        Step::Area { .. } => None,
    });
    let modes = all.flatten().filter(|finding| finding.class == "off");
    assert_eq!(modes.count(), 1);
}

#[test]
fn of_an_account_that_need_not_stay_private_only_vpcs_are_looked_at() {
    let counting = Counting::of(exposed());
    let steps = steps(&counting, &settings(POLICY));
    assert!(matches!(&steps[0], Step::Area { area: Area::Vpc(_), .. }), "{steps:?}");
    let rounds = counting.asked().rounds;
    let of_apis = |question: &&Question| {
        matches!(
            question,
            Question::RestApis(_) | Question::HttpApis(_) | Question::GraphqlApis(_)
        )
    };
    assert_eq!(rounds.iter().flatten().filter(of_apis).count(), 0);
}

#[test]
fn what_a_list_says_of_an_api_is_not_asked_again() {
    let counting = Counting::of(exposed());
    steps(&counting, &settings(POLICY_OF_ACCOUNT));
    let rounds = counting.asked().rounds;
    let of_one = |question: &&Question| {
        matches!(
            question,
            Question::RestApi(_) | Question::HttpApi(_) | Question::GraphqlApi(_)
        )
    };
    assert_eq!(rounds.iter().flatten().filter(of_one).count(), 0, "{rounds:?}");
}

#[test]
fn apis_that_cannot_be_listed_are_said_and_the_others_are_judged() {
    let world = exposed();
    let blind = Blind::denied(&world, Question::RestApis(Everywhere));
    let steps = steps(&blind, &settings(POLICY_OF_ACCOUNT));
    let (_, unlisted, judged) = account(&steps);
    assert_eq!(unlisted, [SubjectKind::RestApi]);
    assert_eq!(found(judged).len(), 3);
    let undecided = judged.iter().flat_map(|judged| &judged.decision.verdicts);
    let undecided = undecided.filter(|verdict| matches!(verdict.outcome, Outcome::Unknown { .. }));
    assert_eq!(undecided.count(), 0);
}

/// The same network, in whose Region EC2 offers endpoints of AppSync.
fn with_appsync() -> World {
    let mut world = exposed();
    let offers = world.endpoint_services.as_mut().unwrap();
    let offer = offers.get("com.amazonaws.eu-west-1.ecr.api").unwrap().clone();
    offers.insert("com.amazonaws.eu-west-1.appsync-api".to_owned(), offer);
    world
}

#[test]
fn a_region_without_appsync_has_none_of_its_apis() {
    for (world, unlisted_kinds) in [
        (exposed(), vec![]),
        (with_appsync(), vec![SubjectKind::GraphqlApi]),
        (
            World {
                endpoint_services: None,
                ..exposed()
            },
            vec![SubjectKind::GraphqlApi],
        ),
    ] {
        let nowhere = Blind::unreachable(&world, Question::GraphqlApis(Everywhere));
        let steps = steps(&nowhere, &settings(POLICY_OF_ACCOUNT));
        let (subjects, unlisted, _) = account(&steps);
        assert_eq!((subjects, unlisted), (4, unlisted_kinds));
    }
    let world = exposed();
    let denied = Blind::denied(&world, Question::GraphqlApis(Everywhere));
    let steps = steps(&denied, &settings(POLICY_OF_ACCOUNT));
    assert_eq!(account(&steps).1, [SubjectKind::GraphqlApi]);
}
