//! The pages of the rules: every example on them comes out as the page says.
//!
//! A page has one `yaml base` block, a policy file and a network, and `yaml example` blocks that change parts of both,
//! make a call and say what comes of it.

use guardrail_policy::decide::Reason;
use guardrail_policy::endpoint_policy::Policy;
use guardrail_policy::facts::DnsAttribute;
use guardrail_policy::id::{
    DhcpOptionsId, PrefixListId, RouteTableAssociationId, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId,
    VpcEndpointId,
};
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::network::{Cidr, Direction, Peer, Permission, Ports, Protocol, Traffic};
use guardrail_policy::plan::{Action, Plan, Treatment};
use guardrail_policy::record::{Record, RecordReason};
use guardrail_policy::rules::{self, BUILT, Rule};
use guardrail_testkit::outcomes::findings;
use guardrail_testkit::{APP_GROUP, APP_INTERFACE, Desk, ENDPOINT_GROUP, TrailRecord, VPC, id, settings};
use guardrail_world::World;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What every example of a page begins with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    policy: Map<String, Value>,
    network: Map<String, Value>,
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

/// The call that is made.
#[derive(Debug, Deserialize)]
enum Made {
    AuthorizeSecurityGroupEgress(Vec<String>),
    /// The group had these rules until now.
    RevokeSecurityGroupEgress(Vec<String>),
    /// The endpoints' group had these rules until now.
    RevokeSecurityGroupIngress(Vec<String>),
    /// Ingress rules of a group.
    AuthorizeSecurityGroupIngress(BTreeMap<SecurityGroupId, Vec<String>>),
    /// A rule of the group becomes this one.
    ModifySecurityGroupRules([String; 1]),
    /// The group is made, and has these rules when it is looked at.
    CreateSecurityGroup(Vec<String>),
    ModifyManagedPrefixList(BTreeMap<PrefixListId, BTreeSet<Cidr>>),
    /// The group, with these rules, is attached to the interface.
    ModifyNetworkInterfaceAttribute(Vec<String>),
    /// An endpoint of the network has just been made.
    CreateVpcEndpoint(VpcEndpointId),
    /// The VPC, which has them in the network, is given these DHCP options.
    AssociateDhcpOptions(DhcpOptionsId),
    /// An endpoint is changed.
    ModifyVpcEndpoint(BTreeMap<VpcEndpointId, Changed>),
    /// Endpoints were deleted; one that the network still has is on its way out there.
    DeleteVpcEndpoints(Vec<VpcEndpointId>),
    /// An attribute of the VPC is set.
    ModifyVpcAttribute(BTreeMap<DnsAttribute, bool>),
    /// The VPC has just been made, as it is in the network.
    CreateVpc,
    /// A table has just been put in front of a subnet, as it is in the network.
    AssociateRouteTable(BTreeMap<RouteTableId, SubnetId>),
    /// A table has just taken another's place, by this association.
    ReplaceRouteTableAssociation(BTreeMap<RouteTableId, RouteTableAssociationId>),
    /// An association has just gone.
    DisassociateRouteTable(RouteTableAssociationId),
    /// A subnet of the network has just been made.
    CreateSubnet(SubnetId),
}

/// What is changed about an endpoint.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Changed {
    /// Private DNS.
    PrivateDns(bool),
    /// A group is put on it.
    Group { group: SecurityGroupId },
    /// The policy; `null` sets it back to full access.
    Policy { policy: Option<String> },
    /// A gateway endpoint was taken from these tables, as it is in the network.
    RouteTables { removed: Vec<RouteTableId> },
}

/// The policy that AWS sets back to.
const FULL_ACCESS: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

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

/// `tcp/443 to 10.0.0.0/8`, `udp/1024-2048 to pl-…`, `all traffic to sg-…`, `tcp/443 from sg-…`.
fn permission(text: &str) -> Permission {
    let (what, peer) = text
        .split_once(" to ")
        .or_else(|| text.split_once(" from "))
        .unwrap_or_else(|| panic!("`{text}` names no destination"));
    let peer = match peer {
        list if list.starts_with("pl-") => Peer::PrefixList(id(list)),
        group if group.starts_with("sg-") => Peer::Group {
            id: id(group),
            account: None,
        },
        block => Peer::Cidr(id(block)),
    };
    let traffic = match what.split_once('/') {
        None => Traffic::new(id::<Protocol>(what.trim_end_matches(" traffic")), None, None),
        Some((protocol, ports)) => {
            let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
            Traffic {
                protocol: id(protocol),
                ports: Ports {
                    from: id(from),
                    to: id(to),
                },
            }
        }
    };
    Permission { traffic, peer }
}

/// Adds egress rules to the app's group, and returns them with the ids that they got.
fn add(world: &mut World, rules: &[String]) -> Vec<(SecurityGroupRuleId, Permission)> {
    add_to(world, &id(APP_GROUP), Direction::Egress, rules)
}

fn add_to(
    world: &mut World,
    group: &SecurityGroupId,
    direction: Direction,
    rules: &[String],
) -> Vec<(SecurityGroupRuleId, Permission)> {
    let permissions: Vec<_> = rules.iter().map(|rule| permission(rule)).collect();
    if permissions.is_empty() {
        return Vec::new();
    }
    let ids = world.authorize(group, direction, &permissions).unwrap();
    ids.into_iter().zip(permissions).collect()
}

/// Makes the call on the network, and tells of it.
fn perform(world: &mut World, made: &Made) -> TrailRecord {
    let group = id::<SecurityGroupId>(APP_GROUP);
    match made {
        Made::AuthorizeSecurityGroupEgress(rules) => TrailRecord::authorize_egress(&group, &add(world, rules)),
        Made::RevokeSecurityGroupEgress(rules) => {
            let gone: Vec<_> = rules.iter().map(|rule| permission(rule)).collect();
            TrailRecord::revoke_egress(&group, &gone.iter().collect::<Vec<_>>())
        }
        Made::RevokeSecurityGroupIngress(rules) => {
            let gone: Vec<_> = rules.iter().map(|rule| permission(rule)).collect();
            TrailRecord::revoke_ingress(&id(ENDPOINT_GROUP), &gone.iter().collect::<Vec<_>>())
        }
        Made::DeleteVpcEndpoints(ids) => TrailRecord::delete_endpoints(ids),
        Made::AssociateDhcpOptions(options) => TrailRecord::associate_options(&id(VPC), options),
        Made::AuthorizeSecurityGroupIngress(groups) => {
            let (group, rules) = groups.first_key_value().unwrap();
            TrailRecord::authorize_ingress(group, &add_to(world, group, Direction::Ingress, rules))
        }
        Made::ModifySecurityGroupRules(rule) => TrailRecord::modify_rules(&group, &add(world, rule)),
        Made::CreateSecurityGroup(rules) => {
            add(world, rules);
            TrailRecord::create_group(&group, VPC, "app")
        }
        Made::ModifyManagedPrefixList(lists) => {
            let (list, entries) = lists.first_key_value().unwrap();
            world.set_entries(list, entries.clone()).unwrap();
            TrailRecord::modify_list(list, &entries.first().unwrap().to_string())
        }
        Made::ModifyNetworkInterfaceAttribute(rules) => {
            add(world, rules);
            TrailRecord::modify_interface(APP_INTERFACE, &[APP_GROUP])
        }
        Made::CreateVpcEndpoint(id) => {
            TrailRecord::create_endpoint(id, world.endpoints.as_ref().unwrap().get(id).unwrap())
        }
        Made::ModifyVpcEndpoint(changed) => {
            let (endpoint, changed) = changed.first_key_value().unwrap();
            change(world, endpoint, changed)
        }
        Made::CreateVpc => TrailRecord::create_vpc(VPC, "10.0.0.0/16"),
        Made::AssociateRouteTable(associated) => {
            let (table, subnet) = associated.first_key_value().unwrap();
            TrailRecord::associate_table(table, subnet)
        }
        Made::ReplaceRouteTableAssociation(replaced) => {
            let (table, made) = replaced.first_key_value().unwrap();
            TrailRecord::replace_association(table, made)
        }
        Made::DisassociateRouteTable(association) => TrailRecord::disassociate_table(association),
        Made::CreateSubnet(subnet) => {
            TrailRecord::create_subnet(subnet, world.subnets.as_ref().unwrap().get(subnet).unwrap())
        }
        Made::ModifyVpcAttribute(switched) => {
            let (attribute, on) = switched.first_key_value().unwrap();
            world.switch_attribute(&id(VPC), *attribute, *on).unwrap();
            TrailRecord::switch_attribute(&id(VPC), *attribute, *on)
        }
    }
}

fn change(world: &mut World, endpoint: &VpcEndpointId, changed: &Changed) -> TrailRecord {
    match changed {
        Changed::PrivateDns(on) => {
            world.switch_private_dns(endpoint, *on).unwrap();
            TrailRecord::switch_private_dns(endpoint, *on)
        }
        Changed::Policy { policy } => {
            let set = Policy::new(policy.as_deref().unwrap_or(FULL_ACCESS));
            world.set_policy(endpoint, &set).unwrap();
            TrailRecord::set_policy(endpoint, policy.as_deref())
        }
        Changed::RouteTables { removed } => TrailRecord::route_gateway(endpoint, &[], removed),
        Changed::Group { group } => {
            let endpoints = world.endpoints.as_mut().unwrap();
            endpoints.get_mut(endpoint).unwrap().groups.insert(group.clone());
            TrailRecord::add_group(endpoint, group)
        }
    }
}

fn judge(rule: &Rule, base: &Base, example: &Example) -> Record {
    let Base {
        mut policy,
        mut network,
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
        Action::ModifyVpcAttribute { .. } | Action::ModifyVpcEndpoint { .. } | Action::SetEndpointPolicy { .. } => {
            vec![step.action.to_string()]
        }
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
            assert!(
                !settings(&policy).scope.private_vpcs.is_empty(),
                "an example of a policy file selects something"
            );
        }
    }
}
