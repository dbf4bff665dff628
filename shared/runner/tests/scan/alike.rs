//! A scan sees what an event about the same shows, and two scans of the same network are alike.

use super::*;

/// What is seen, whoever brought it in: the class, how bad it is, and by what it was seen.
fn seen<'f>(findings: impl Iterator<Item = &'f Finding>) -> BTreeSet<(String, Severity, Evidence)> {
    let each = findings.flat_map(|finding| {
        let of = |evidence: &Evidence| (finding.class.clone(), finding.severity, evidence.clone());
        finding.evidence.iter().map(of).collect::<Vec<_>>()
    });
    each.collect()
}

/// What a scan saw of one resource by one rule.
fn seen_of(judged: &[Judged], subject: &Subject, rule: RuleName) -> BTreeSet<(String, Severity, Evidence)> {
    let wanted = format!("scan-{}", subject.id());
    let own = judged.iter().filter(|judged| judged.event.id.as_str() == wanted);
    let verdicts = own
        .flat_map(|judged| &judged.decision.verdicts)
        .filter(|verdict| verdict.rule == rule);
    seen(verdicts.flat_map(|verdict| verdict.findings()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn a_scan_sees_of_a_group_what_an_event_about_it_shows(scenario in scenarios()) {
        let desk = scenario.desk();
        let (record, _) = desk.handle(&scenario.event.envelope(), &scenario.world);
        let judged = judged_in(steps_at(desk.time, &scenario.world, &desk.settings));
        let of_egress = || findings(&record).filter(|finding| finding.rule == RuleName::OpenEgress);
        let groups: BTreeSet<_> = of_egress().map(|finding| finding.resource.id.clone()).collect();
        for group in groups {
            let by_event = seen(of_egress().filter(|finding| finding.resource.id == group));
            let subject = Subject::SecurityGroup(id(&group));
            prop_assert_eq!(seen_of(&judged, &subject, RuleName::OpenEgress), by_event);
        }
    }
}

#[test]
fn a_scan_sees_of_endpoints_and_vpcs_what_an_event_about_them_shows() {
    let world = faulty();
    let judged = judged(&world);
    let of = |endpoint: &str| world.endpoints.as_ref().unwrap().get(&id(endpoint)).unwrap();
    let cases = [
        (
            RuleName::PrivateDns,
            TrailRecord::switch_private_dns(&id(ECR_API_ENDPOINT), false),
            Subject::VpcEndpoint(id(ECR_API_ENDPOINT)),
        ),
        (
            RuleName::EndpointService,
            TrailRecord::create_endpoint(&id(ECR_DKR_ENDPOINT), of(ECR_DKR_ENDPOINT)),
            Subject::VpcEndpoint(id(ECR_DKR_ENDPOINT)),
        ),
        (
            RuleName::VpcDnsAttributes,
            TrailRecord::switch_attribute(&id(VPC), DnsAttribute::DnsHostnames, false),
            Subject::Vpc(id(VPC)),
        ),
    ];
    for (rule, event, subject) in cases {
        let (record, _) = Desk::new(settings(POLICY), id(TIME)).handle(&event.envelope(), &world);
        let by_event = seen(findings(&record).filter(|finding| finding.rule == rule));
        assert!(!by_event.is_empty(), "{rule}: {record:?}");
        assert_eq!(seen_of(&judged, &subject, rule), by_event, "{rule}");
    }
}

/// A network that lists everything in another order than by ids, as EC2 may.
struct Backwards(World);

impl Answer for Backwards {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        let mut answers = self.0.answer(questions).await;
        for answered in &mut answers {
            match answered {
                Answered::Groups(_, Fact::Is(items)) => items.reverse(),
                Answered::Rules(_, Fact::Is(items)) => items.reverse(),
                Answered::Endpoints(_, Fact::Is(items)) => items.reverse(),
                Answered::RouteTables(_, Fact::Is(items)) => items.reverse(),
                Answered::Interfaces(_, Fact::Is(items)) => items.reverse(),
                _ => {}
            }
        }
        answers
    }
}

#[test]
fn two_scans_come_out_the_same_in_whatever_order_the_network_lists_what_it_has() {
    let settings = settings(POLICY);
    assert_eq!(steps(&Backwards(faulty()), &settings), steps(&faulty(), &settings));
}
