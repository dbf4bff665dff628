//! Endpoints and groups that nobody touched: what the rules about endpoints say of them as they stand.

use guardrail_policy::case::Case;
use guardrail_policy::decide::{Decision, Judged, Progress, Reason, decide};
use guardrail_policy::event::{Call, Subject, parse};
use guardrail_policy::facts::Facts;
use guardrail_policy::finding::{Cause, Finding};
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::plan::Treatment;
use guardrail_policy::rules;
use guardrail_policy::settings::RuleName;
use guardrail_testkit::{ACCOUNT, TrailRecord, id, settings};
use guardrail_world::World;

const NETWORK: &str = r#"
account: "111122223333"
region: eu-west-1
vpcs:
  vpc-0a1b2c3d4e5f60001: { cidrs: [10.0.0.0/16], tags: { connectivity: private } }
groups:
  sg-0a1b2c3d4e5f600d1: { name: default, vpc: vpc-0a1b2c3d4e5f60001 }
  sg-0a1b2c3d4e5f600e1:
    name: endpoints
    vpc: vpc-0a1b2c3d4e5f60001
    rules:
      sgr-0a1b2c3d4e5f60001: { direction: ingress, protocol: tcp, from: 443, to: 443, cidr: 0.0.0.0/0 }
endpoint_services:
  com.amazonaws.eu-west-1.sts: { interface: { policy: true } }
endpoints:
  vpce-0a1b2c3d4e5f60001:
    vpc: vpc-0a1b2c3d4e5f60001
    service: com.amazonaws.eu-west-1.sts
    kind: interface
    groups: [sg-0a1b2c3d4e5f600d1, sg-0a1b2c3d4e5f600e1]
    policy: '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
"#;
const POLICY: &str = r#"
version: 1
scope: { private_vpcs: [{ tags: { connectivity: private } }] }
mode: revert
rules:
  endpoint-policy:
    remedy: set-policy
    document: { Statement: { Effect: Allow, Principal: "*", Action: "sts:Get*", Resource: "*" } }
"#;

/// What a rule says of something as it stands.
fn scanned(rule: RuleName, subject: Subject) -> Decision {
    let world = World::read(NETWORK.as_bytes()).unwrap();
    let (_, mut event) = parse(&TrailRecord::set_policy(&id("vpce-0a1b2c3d4e5f60001"), None).envelope()).unwrap();
    event.call = Call::Scan { subject };
    let (settings, rules) = (settings(POLICY), [rules::find(rule).unwrap()]);
    let case = Case {
        event: &event,
        account: &id(ACCOUNT),
        now: event.time.checked_add(SignedDuration::from_secs(120)).unwrap(),
        settings: &settings,
        rules: &rules,
        ceilings: &[],
        own_roles: &[],
        own: guardrail_policy::own::Own::none(),
        last_delivery: false,
    };
    let mut facts = Facts::default();
    loop {
        match decide(&case, &facts) {
            Progress::Done(decision) => return decision,
            Progress::Ask(questions) => {
                for question in questions {
                    facts.insert(world.answer_one(&question));
                }
            }
            Progress::Settle(questions) => panic!("nothing contradicts a scan: {questions:?}"),
        }
    }
}

fn found(decision: &Decision) -> Vec<&Finding> {
    let judged = decision.verdicts.iter().filter_map(|verdict| match &verdict.outcome {
        Judged::Known { judgement, .. } => Some(&judgement.findings),
        Judged::Unknown { .. } => None,
    });
    judged.flatten().collect()
}

#[test]
fn a_policy_that_nobody_touched_is_found_as_standing_and_a_scan_offers_no_plan() {
    let endpoint = Subject::VpcEndpoint(id("vpce-0a1b2c3d4e5f60001"));
    let decision = scanned(RuleName::EndpointPolicy, endpoint);
    let found = found(&decision);
    assert_eq!((found.len(), found[0].cause), (1, Cause::Standing));
    assert!(
        matches!(found[0].treatment, Treatment::Told(_)),
        "{:?}",
        found[0].treatment
    );
}

#[test]
fn groups_that_nobody_touched_are_found_as_standing_from_the_endpoint_and_from_the_group() {
    for (subject, classes) in [
        (
            Subject::VpcEndpoint(id("vpce-0a1b2c3d4e5f60001")),
            &["default-group", "open-to-the-internet"][..],
        ),
        (
            Subject::SecurityGroup(id("sg-0a1b2c3d4e5f600e1")),
            &["open-to-the-internet"],
        ),
    ] {
        let decision = scanned(RuleName::EndpointSecurityGroup, subject);
        let found = found(&decision);
        assert!(
            found.iter().all(|finding| finding.cause == Cause::Standing),
            "{found:?}"
        );
        let found: Vec<_> = found.iter().map(|finding| finding.class.as_str()).collect();
        assert_eq!(found, classes);
    }
}

#[test]
fn a_group_that_no_endpoint_is_on_has_nothing_to_be_judged_by() {
    let group = Subject::SecurityGroup(id("sg-0a1b2c3d4e5f600ff"));
    let decision = scanned(RuleName::EndpointSecurityGroup, group);
    assert_eq!(decision.reason, Reason::AlreadyGone);
}
