//! A scan sees what the rules see in events, reads no more than it must, and goes on where something cannot be read.

#![cfg(test)]

mod account;
mod alike;

use std::collections::BTreeSet;

use guardrail_policy::case::{Ceiling, CeilingReason};
use guardrail_policy::decide::{Judged as Outcome, Reason};
use guardrail_policy::event::{Subject, SubjectKind};
use guardrail_policy::facts::{Answered, DnsAttribute, Fact, GroupFilter, Question};
use guardrail_policy::finding::{Cause, Evidence, Finding, Severity};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::plan::Treatment;
use guardrail_policy::rules;
use guardrail_policy::settings::{RuleName, Settings};
use guardrail_runner::ports::Answer;
use guardrail_runner::scan::{Area, Judged, Scanner, Step};
use guardrail_testkit::outcomes::{Blind, findings};
use guardrail_testkit::strategies::scenarios;
use guardrail_testkit::{
    ACCOUNT, APP_GROUP, Counting, DEFAULT_GROUP, Desk, ECR_API_ENDPOINT, ECR_DKR_ENDPOINT, ENDPOINT_GROUP, POLICY,
    REGION, S3_ENDPOINT, TrailRecord, VPC, block, id, now, private_network, settings, tcp, to,
};
use guardrail_world::{Rule, World};
use proptest::prelude::*;

const TIME: &str = "2026-03-02T10:00:00Z";

/// Every step of a scan.
fn steps(world: &impl Answer, settings: &Settings) -> Vec<Step> {
    steps_at(id(TIME), world, settings)
}

fn steps_at(time: Timestamp, world: &impl Answer, settings: &Settings) -> Vec<Step> {
    let ceilings = [Ceiling::notify(CeilingReason::NoLedger)];
    let scanner = Scanner {
        answer: world,
        settings,
        rules: rules::BUILT,
        ceilings: &ceilings,
        account: id(ACCOUNT),
        region: id(REGION),
        now: time,
    };
    now(async {
        let mut scan = scanner.begin().await.unwrap();
        let mut steps = Vec::new();
        while let Some(step) = scan.next().await {
            steps.push(step);
        }
        steps
    })
}

fn judged(world: &impl Answer) -> Vec<Judged> {
    judged_in(steps(world, &settings(POLICY)))
}

fn judged_in(steps: Vec<Step>) -> Vec<Judged> {
    let judged = steps.into_iter().filter_map(|step| match step {
        Step::Judged(judged) => Some(judged),
        Step::Area { .. } => None,
    });
    judged.flatten().collect()
}

/// What the four rules that these tests are about found; there may be more rules by now.
fn found(judged: &[Judged]) -> Vec<&Finding> {
    let known = [
        RuleName::OpenEgress,
        RuleName::PrivateDns,
        RuleName::VpcDnsAttributes,
        RuleName::EndpointService,
    ];
    let findings = judged
        .iter()
        .flat_map(|judged| &judged.decision.verdicts)
        .flat_map(|verdict| verdict.findings());
    findings.filter(|finding| known.contains(&finding.rule)).collect()
}

/// A network with something wrong for each rule.
fn faulty() -> World {
    let mut world = private_network();
    let group = world.groups.as_mut().unwrap().get_mut(&id(APP_GROUP)).unwrap();
    group
        .rules
        .insert(id("sgr-0ff00000000000001"), Rule::egress(to(block("0.0.0.0/0"))));
    group.rules.insert(
        id("sgr-0ff00000000000002"),
        Rule::egress(tcp(53, 53, block("192.168.0.0/16"))),
    );
    let endpoints = world.endpoints.as_mut().unwrap();
    endpoints.get_mut(&id(ECR_API_ENDPOINT)).unwrap().private_dns = false;
    endpoints.get_mut(&id(ECR_DKR_ENDPOINT)).unwrap().service =
        "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60001".to_owned();
    world.vpcs.as_mut().unwrap().get_mut(&id(VPC)).unwrap().dns_hostnames = false;
    world
}

#[test]
fn everything_in_a_vpc_is_looked_at_in_order_and_what_stands_there_is_found() {
    let steps = steps(&faulty(), &settings(POLICY));
    let [
        Step::Area {
            area: Area::Vpc(vpc),
            subjects,
            unlisted,
        },
        Step::Judged(judged),
    ] = steps.as_slice()
    else {
        panic!("{steps:?}");
    };
    assert_eq!(
        (vpc.id.as_str(), *subjects, unlisted.as_slice()),
        (VPC, judged.len(), [].as_slice())
    );
    let looked_at: Vec<_> = judged.iter().map(|judged| judged.event.id.as_str()).collect();
    let expected = [
        VPC,
        APP_GROUP,
        DEFAULT_GROUP,
        ENDPOINT_GROUP,
        S3_ENDPOINT,
        ECR_API_ENDPOINT,
        ECR_DKR_ENDPOINT,
    ];
    assert_eq!(looked_at, expected.map(|id| format!("scan-{id}")));
    let found: Vec<_> = found(judged)
        .into_iter()
        .map(|finding| {
            format!(
                "{} {} {} {}",
                finding.severity, finding.rule, finding.class, finding.resource.id
            )
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"), @r"
    high vpc-dns-attributes dns-hostnames-off vpc-0a1b2c3d4e5f60001
    medium open-egress internet sg-0a1b2c3d4e5f600a1
    medium open-egress unlisted-private sg-0a1b2c3d4e5f600a1
    medium private-dns private-dns-off vpce-0a1b2c3d4e5f60002
    high endpoint-service unlisted-service vpce-0a1b2c3d4e5f60003
    ");
}

#[test]
fn a_scan_names_nobody_proposes_nothing_and_says_how_to_mend_it() {
    let judged = judged(&faulty());
    let found = found(&judged);
    let told: BTreeSet<_> = found
        .iter()
        .map(|finding| match &finding.treatment {
            Treatment::Told(why) => format!("{}: {why}", finding.rule),
            other => panic!("{}: {other:?}", finding.rule),
        })
        .collect();
    insta::assert_snapshot!(told.into_iter().collect::<Vec<_>>().join("\n"), @r"
    endpoint-service: an endpoint is never deleted by the guardrail, since it would not come back under its id; delete it, or have the service allowed
    open-egress: a scan changes nothing, since only what an event brings in is taken back
    open-egress: rules to private addresses are never taken back; list the addresses under `allowed_destinations`, or remove the rule
    private-dns: a scan changes nothing, since only what an event brings in is taken back
    vpc-dns-attributes: a scan changes nothing, since only what an event brings in is taken back
    ");
    assert!(found.iter().all(|finding| finding.cause == Cause::Standing));
    let open = found.iter().find(|finding| finding.class == "internet").unwrap();
    assert!(
        open.advice
            .iter()
            .any(|advice| advice.text.contains("cidr_ipv4 = \"10.0.0.0/16\"")),
        "{:?}",
        open.advice
    );
    let notices = judged.iter().flat_map(|judged| &judged.decision.notices);
    for notice in notices {
        for word in ["this event", "this call", "THIS CALL", "Who ", "unnamed", "Event "] {
            assert!(!notice.text.contains(word), "`{word}` in {}", notice.text);
        }
        assert!(notice.text.contains("Found by scan-"), "{}", notice.text);
    }
}

#[test]
fn an_exemption_of_the_policy_file_holds() {
    let policy = format!(
        "{POLICY}exemptions:\n  - rule: open-egress\n    resource: {APP_GROUP}\n    owner: payments@example.com\n    reason: CHG-1234\n    until: 2026-03-31\n"
    );
    let steps = steps(&faulty(), &settings(&policy));
    let Some(Step::Judged(judged)) = steps.last() else {
        panic!("{steps:?}")
    };
    let group = judged
        .iter()
        .find(|judged| judged.event.id.as_str() == format!("scan-{APP_GROUP}"))
        .unwrap();
    let open = group
        .decision
        .verdicts
        .iter()
        .find(|verdict| verdict.rule == RuleName::OpenEgress)
        .unwrap();
    assert_eq!((open.findings().len(), open.exempt().len()), (0, 2));
}

#[test]
fn what_the_policy_file_does_not_select_is_not_read() {
    let mut world = faulty();
    world.vpcs.as_mut().unwrap().get_mut(&id(VPC)).unwrap().tags.clear();
    let counting = Counting::of(world);
    assert_eq!(steps(&counting, &settings(POLICY)), []);
    let rounds = counting.asked().rounds;
    assert_eq!(rounds.len(), 1, "{rounds:?}");
}

#[test]
fn questions_of_all_resources_share_rounds_and_what_was_listed_is_not_asked_again() {
    let (few, many) = (Counting::of(many_groups(10)), Counting::of(many_groups(900)));
    let wrong = |world| found(&judged(world)).len();
    assert_eq!((wrong(&few), wrong(&many)), (10, 900));
    let (few, many) = (few.asked(), many.asked());
    assert_eq!(few.rounds.len(), many.rounds.len());
    let asked: Vec<_> = many.rounds.iter().flatten().collect();
    let again = asked
        .iter()
        .filter(|question| matches!(question, Question::Groups(GroupFilter::Id(_)) | Question::Vpc(_)));
    assert_eq!(again.count(), 0);
    assert_eq!(
        asked.len(),
        asked.iter().collect::<BTreeSet<_>>().len(),
        "nothing is asked twice"
    );
}

/// The private network with so many groups more, each open to the world.
fn many_groups(count: usize) -> World {
    let mut world = private_network();
    let groups = world.groups.as_mut().unwrap();
    let like = groups.get(&id(DEFAULT_GROUP)).unwrap().clone();
    for number in 0..count {
        let mut group = like.clone();
        group.name = format!("app-{number}");
        group.rules.insert(
            id(&format!("sgr-0b{number:015x}")),
            Rule::egress(to(block("0.0.0.0/0"))),
        );
        groups.insert(id(&format!("sg-0b{number:015x}")), group);
    }
    world
}

#[test]
fn what_cannot_be_listed_is_said_and_the_rest_is_judged() {
    let world = faulty();
    let blind = Blind::denied(&world, Question::Groups(GroupFilter::Vpc(id(VPC))));
    let steps = steps(&blind, &settings(POLICY));
    let [Step::Area { unlisted, .. }, Step::Judged(judged)] = steps.as_slice() else {
        panic!("{steps:?}");
    };
    assert_eq!(unlisted.len(), 1);
    assert_eq!(
        (unlisted[0].0, unlisted[0].1.code.as_str()),
        (SubjectKind::SecurityGroup, "UnauthorizedOperation")
    );
    assert_eq!(found(judged).len(), 3);
}

#[test]
fn a_resource_that_cannot_be_read_is_undecided_and_the_others_are_judged() {
    let world = faulty();
    let blind = Blind::denied(&world, Question::Rules(id(DEFAULT_GROUP)));
    let judged = judged(&blind);
    let undecided: Vec<_> = judged
        .iter()
        .flat_map(|judged| judged.decision.verdicts.iter().map(move |verdict| (judged, verdict)))
        .filter(|(_, verdict)| verdict.rule == RuleName::OpenEgress)
        .filter(|(_, verdict)| matches!(verdict.outcome, Outcome::Unknown { .. }))
        .map(|(judged, _)| judged.event.id.as_str())
        .collect();
    assert_eq!(undecided, [format!("scan-{DEFAULT_GROUP}")]);
    assert_eq!(found(&judged).len(), 5);
}

#[test]
fn a_region_whose_vpcs_cannot_be_listed_is_not_judged() {
    let world = World { vpcs: None, ..faulty() };
    let settings = settings(POLICY);
    let scanner = Scanner {
        answer: &world,
        settings: &settings,
        rules: rules::BUILT,
        ceilings: &[],
        account: id(ACCOUNT),
        region: id(REGION),
        now: id(TIME),
    };
    let why = now(scanner.begin()).map(|scan| scan.there()).unwrap_err();
    assert_eq!(why.action, "ec2:DescribeVpcs");
}

#[test]
fn what_is_gone_when_it_is_judged_is_let_pass() {
    let world = private_network();
    let gone = Blind::gone(&world, Question::Endpoint(id(ECR_API_ENDPOINT)));
    let judged = judged(&gone);
    let endpoint = judged
        .iter()
        .find(|judged| judged.event.id.as_str() == format!("scan-{ECR_API_ENDPOINT}"))
        .unwrap();
    let of_four = endpoint
        .decision
        .verdicts
        .iter()
        .filter(|verdict| verdict.rule == RuleName::PrivateDns);
    assert_eq!(
        of_four.map(|verdict| verdict.reason()).collect::<Vec<_>>(),
        [Reason::AlreadyGone]
    );
}
