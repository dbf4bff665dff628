//! The pages of the rules: every example on them comes out as the page says.
//!
//! A page has one `yaml base` block, a policy file and a network, and `yaml example` blocks that change parts of both,
//! make a call and say what comes of it.

mod made;

use guardrail_policy::decide::Reason;
use guardrail_policy::endpoint_policy::Policy;
use guardrail_policy::event::CallName;
use guardrail_policy::facts::{ApiReach, BlockMode, DnsAttribute, Exclusion, NetworkPath, Tags};
use guardrail_policy::id::{
    AddressAssociationId, BlockPublicAccessExclusionId, DhcpOptionsId, EgressOnlyInternetGatewayId, GraphqlApiId,
    HttpApiId, InternetGatewayId, NatGatewayId, NetworkInterfaceId, NetworkPathId, PrefixListId, RestApiId,
    RouteTableAssociationId, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcEndpointId,
};
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::network::{Cidr, Direction, Peer, Permission, Ports, Protocol, Traffic};
use guardrail_policy::own::Own;
use guardrail_policy::plan::{Action, Plan, Treatment};
use guardrail_policy::record::{Record, RecordReason};
use guardrail_policy::rules::{self, BUILT, Rule};
use guardrail_testkit::outcomes::findings;
use guardrail_testkit::{APP_GROUP, APP_INTERFACE, Desk, ENDPOINT_GROUP, TrailRecord, VPC, id, settings};
use guardrail_world::{Destination, RestApi, World};
use made::{Made, add, perform};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What every example of a page begins with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    policy: Map<String, Value>,
    network: Map<String, Value>,
    /// What the guardrail is made of.
    #[serde(default)]
    own: Own,
}

/// One example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    /// What the policy file says otherwise.
    #[serde(default)]
    policy: Map<String, Value>,
    /// The parts of the network that are otherwise; `null` is a part that cannot be read.
    #[serde(default)]
    network: Map<String, Value>,
    /// The egress rules that the group had before.
    #[serde(default)]
    group: Vec<String>,
    call: Made,
    expect: Expected,
}

/// What must come of it: a reason without a finding, or just this finding.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Expected {
    Reason(Reason),
    Finding(ExpectedFinding),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedFinding {
    finding: String,
    severity: String,
    treatment: String,
    /// `authorise …`, `revoke …` and `switch …`, in order.
    #[serde(default)]
    plan: Vec<String>,
    /// Part of the reason why it is withheld.
    because: Option<String>,
}

/// The blocks of a page behind one info string, each with the line that it begins on.
fn blocks(page: &str, info: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, Vec<&str>)> = None;
    for (number, line) in page.lines().enumerate() {
        open = match open {
            Some((start, lines)) if line == "```" => {
                blocks.push((start, lines.join("\n")));
                None
            }
            Some((start, mut lines)) => {
                lines.push(line);
                Some((start, lines))
            }
            None if line == format!("```{info}") => Some((number + 2, Vec::new())),
            None => None,
        };
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

fn page(rule: &Rule) -> &'static str {
    rules::page(rule.name).unwrap()
}

fn examples(rule: &Rule) -> Vec<(usize, Example)> {
    let read = |(line, text): (usize, String)| {
        let example = serde_saphyr::from_str(&text);
        (
            line,
            example.unwrap_or_else(|error| panic!("{} page, line {line}: {error}", rule.name)),
        )
    };
    blocks(page(rule), "yaml example").into_iter().map(read).collect()
}

fn base(rule: &Rule) -> Base {
    let blocks = blocks(page(rule), "yaml base");
    let [(line, text)] = blocks.as_slice() else {
        panic!(
            "the page of {} has {} base blocks and needs one",
            rule.name,
            blocks.len()
        )
    };
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{} page, line {line}: {error}", rule.name))
}

fn judge(rule: &Rule, base: &Base, example: &Example) -> Record {
    let Base {
        mut policy,
        mut network,
        own,
    } = base.clone();
    policy.extend(example.policy.clone());
    network.extend(example.network.clone());
    let mut world: World = serde_json::from_value(Value::Object(network)).unwrap();
    add(&mut world, &example.group);
    let event = perform(&mut world, &example.call);
    let later = event.time().checked_add(SignedDuration::from_secs(120)).unwrap();
    let policy = settings(&Value::Object(policy).to_string());
    Desk::new(policy, later)
        .with(&[rule.name])
        .made_of(own)
        .handle(&event.envelope(), &world)
        .0
}

/// The steps of a plan as pages write them.
fn steps(plan: &Plan) -> Vec<String> {
    let lines = plan.steps.iter().flat_map(|step| match &step.action {
        Action::AuthorizeEgress { permissions, .. } => {
            permissions.iter().map(|p| format!("authorise {p}")).collect::<Vec<_>>()
        }
        Action::RevokeEgress { permissions, .. } => permissions.iter().map(|p| format!("revoke {p}")).collect(),
        other => vec![other.to_string()],
    });
    lines.collect()
}

fn assert_found(place: &str, record: &Record, expected: &ExpectedFinding) {
    let found: Vec<_> = findings(record).collect();
    let [finding] = found.as_slice() else {
        panic!("{place}: {} findings, {:?}", found.len(), record.reason)
    };
    assert_eq!(
        (finding.class.as_str(), finding.severity.to_string()),
        (expected.finding.as_str(), expected.severity.clone()),
        "{place}"
    );
    let (treatment, reasons) = match &finding.treatment {
        Treatment::Automatic(_) => ("automatic", String::new()),
        Treatment::Proposal(_) => ("proposal", String::new()),
        Treatment::Told(why) => ("told", why.clone()),
        Treatment::Withheld { reasons, .. } => ("withheld", reasons.iter().map(ToString::to_string).collect()),
    };
    assert_eq!(treatment, expected.treatment, "{place}");
    assert_eq!(
        finding.treatment.plan().map(steps).unwrap_or_default(),
        expected.plan,
        "{place}"
    );
    let because = expected.because.as_deref().unwrap_or_default();
    assert!(reasons.contains(because), "{place}: `{because}` is not why: {reasons}");
}

#[test]
fn every_example_on_every_page_comes_out_as_the_page_says() {
    for rule in BUILT {
        let base = base(rule);
        for (line, example) in examples(rule) {
            let place = format!("{} page, line {line}", rule.name);
            let record = judge(rule, &base, &example);
            match &example.expect {
                Expected::Reason(reason) => assert_eq!(record.reason, RecordReason::Decided(*reason), "{place}"),
                Expected::Finding(expected) => assert_found(&place, &record, expected),
            }
        }
    }
}

#[test]
fn every_rule_has_a_page_with_a_finding_a_clean_case_and_one_that_cannot_be_told_or_mended() {
    for rule in BUILT {
        let has = |wanted: fn(&Expected) -> bool| examples(rule).iter().any(|(_, example)| wanted(&example.expect));
        assert!(
            has(|expected| matches!(expected, Expected::Finding(_))),
            "{}: no finding",
            rule.name
        );
        assert!(
            has(|expected| matches!(expected, Expected::Reason(Reason::Clean))),
            "{}: nothing clean",
            rule.name
        );
        let unsure = |expected: &Expected| match expected {
            Expected::Reason(reason) => *reason == Reason::Undecided,
            Expected::Finding(finding) => finding.treatment == "withheld",
        };
        assert!(has(unsure), "{}: nothing undecided or withheld", rule.name);
    }
}

#[test]
fn every_page_says_what_wakes_its_rule_and_shows_policy_files_that_parse() {
    for rule in BUILT {
        assert!(page(rule).starts_with(&format!("# {}\n", rule.name)), "{}", rule.name);
        for call in rule.woken_by {
            assert!(
                page(rule).contains(&format!("`{}`", call.name())),
                "the page of {} does not name {call}",
                rule.name
            );
        }
        for (_, policy) in blocks(page(rule), "yaml") {
            let scope = settings(&policy).scope;
            assert!(
                !scope.private_vpcs.is_empty() || !scope.private_accounts.is_empty(),
                "an example of a policy file selects something"
            );
        }
    }
}
