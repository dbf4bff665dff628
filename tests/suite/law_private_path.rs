//! The law of `private-path`: what it says of client and endpoint is what single packets find, and no rule that is added
//! breaks a path.

use std::collections::BTreeSet;

use guardrail_policy::case::{Case, Ceiling, CeilingReason};
use guardrail_policy::decide::{Decision, Progress, Reason, decide};
use guardrail_policy::event::{self, Call, Subject};
use guardrail_policy::facts::{DnsAttribute, Facts};
use guardrail_policy::finding::{Cause, Finding};
use guardrail_policy::id::{NetworkInterfaceId, SecurityGroupId};
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::network::{Cidr, Direction, Peer, Permission};
use guardrail_policy::rules;
use guardrail_policy::settings::RuleName;
use guardrail_testkit::corpus::load;
use guardrail_testkit::outcomes::findings;
use guardrail_testkit::strategies::{CUSTOMER_LISTS, cidrs, traffic, worlds};
use guardrail_testkit::{
    ACCOUNT, APP_GROUP, Counting, Desk, ECR_API_ENDPOINT, ENDPOINT_GROUP, SUBNETS, TrailRecord, VPC, id,
    private_network, settings,
};
use guardrail_world::{Packet, World};
use proptest::prelude::*;

const SECOND_GROUP: &str = "sg-0a1b2c3d4e5f600b1";
const CLIENTS: [&str; 2] = ["eni-0a1b2c3d4e5f600a1", "eni-0a1b2c3d4e5f600a2"];
const ENDPOINTS: [&str; 2] = ["eni-0a1b2c3d4e5f600e1", "eni-0a1b2c3d4e5f600e2"];
const GROUPS: [&str; 3] = [APP_GROUP, SECOND_GROUP, ENDPOINT_GROUP];

const POLICY: &str = "\
version: 1
scope:
  private_vpcs:
    - tags: { connectivity: private }
client_pairs:
  - { client: { tags: { tier: app } }, services: [ecr.api] }
";

/// What is built upon one of the random networks.
#[derive(Debug, Clone)]
struct Around {
    dual_stack: bool,
    /// The groups of each client interface besides the application's.
    second: [bool; 2],
    /// Whether the endpoint has the second group, too.
    shared: bool,
    rules: Vec<(usize, Direction, Permission)>,
}

/// Blocks at the borders of clients, endpoints and their subnets; lists; groups on either side, and one that nobody is in.
fn near() -> impl Strategy<Value = Peer> {
    let blocks = [
        "0.0.0.0/0",
        "10.0.0.0/16",
        "10.0.1.0/24",
        "10.0.2.0/24",
        "10.0.1.10/32",
        "10.0.2.10/32",
        "10.0.1.20/32",
        "10.0.2.20/32",
        "10.0.1.0/28",
        "::/0",
        "2001:db8:10::/56",
        "2001:db8:10::10/124",
        "2001:db8:10::20/124",
        "2001:db8:10::20/128",
    ];
    let groups = [APP_GROUP, SECOND_GROUP, ENDPOINT_GROUP, "sg-0a1b2c3d4e5f600f1"];
    prop_oneof![
        6 => prop::sample::select(blocks.to_vec()).prop_map(|block| Peer::Cidr(id::<Cidr>(block))),
        1 => cidrs().prop_map(Peer::Cidr),
        2 => prop::sample::select(CUSTOMER_LISTS.to_vec()).prop_map(|list| Peer::PrefixList(id(list))),
        4 => prop::sample::select(groups.to_vec()).prop_map(|group| Peer::Group { id: id(group), account: Some(id(ACCOUNT)) }),
    ]
}

fn added() -> impl Strategy<Value = (usize, Direction, Permission)> {
    let direction = prop_oneof![Just(Direction::Egress), Just(Direction::Ingress)];
    (0..GROUPS.len(), direction, traffic(), near())
        .prop_map(|(group, direction, traffic, peer)| (group, direction, Permission { traffic, peer }))
}

fn networks() -> impl Strategy<Value = (World, bool)> {
    let around = (
        any::<bool>(),
        any::<[bool; 2]>(),
        any::<bool>(),
        prop::collection::vec(added(), 0..9),
    );
    let around = around.prop_map(|(dual_stack, second, shared, rules)| Around {
        dual_stack,
        second,
        shared,
        rules,
    });
    let entries = prop::collection::vec(near(), 0..4);
    (worlds(), around, entries).prop_map(|(world, around, entries)| {
        let dual_stack = around.dual_stack;
        (built(world, around, &entries), dual_stack)
    })
}

/// The two clients in the first and the second subnet, the endpoint's two interfaces, and nothing but random rules.
fn built(mut world: World, around: Around, entries: &[Peer]) -> World {
    let groups = world.groups.get_or_insert_default();
    let mut second = groups[&id::<SecurityGroupId>(APP_GROUP)].clone();
    second.name = "second".to_owned();
    groups.insert(id(SECOND_GROUP), second);
    for group in GROUPS {
        let group = groups.get_mut(&id::<SecurityGroupId>(group)).unwrap();
        group.rules = Default::default();
    }
    let app = groups.get_mut(&id::<SecurityGroupId>(APP_GROUP)).unwrap();
    app.tags.insert("tier".to_owned(), "app".to_owned());
    for (number, list) in CUSTOMER_LISTS.iter().enumerate() {
        let blocks = entries.iter().filter_map(|peer| match peer {
            Peer::Cidr(cidr) => Some(*cidr),
            _ => None,
        });
        let blocks: BTreeSet<Cidr> = blocks.filter(|cidr| cidr.is_ipv6() == (number == 1)).collect();
        world
            .prefix_lists
            .as_mut()
            .unwrap()
            .get_mut(&id::<guardrail_policy::id::PrefixListId>(list))
            .unwrap()
            .entries = blocks;
    }
    set_interfaces(&mut world, &around);
    for (group, direction, permission) in around.rules {
        let _refused = world.authorize(&id(GROUPS[group]), direction, &[permission]);
    }
    world
}

fn set_interfaces(world: &mut World, around: &Around) {
    let second = |is: bool| is.then(|| id::<SecurityGroupId>(SECOND_GROUP));
    let interfaces = world.interfaces.get_or_insert_default();
    let like = interfaces[&id::<NetworkInterfaceId>(ENDPOINTS[0])].clone();
    let places = [
        (CLIENTS[0], 1, 20),
        (CLIENTS[1], 2, 20),
        (ENDPOINTS[0], 1, 10),
        (ENDPOINTS[1], 2, 10),
    ];
    for (number, (name, net, host)) in places.into_iter().enumerate() {
        let mut interface = like.clone();
        let is_client = number < 2;
        interface.requester_managed = !is_client;
        interface.subnet = id(SUBNETS[net - 1]);
        interface.addresses = [id(&format!("10.0.{net}.{host}"))].into();
        if around.dual_stack {
            interface.addresses.insert(id(&format!("2001:db8:10::{host}:{net}")));
        }
        let own = if is_client { APP_GROUP } else { ENDPOINT_GROUP };
        let other = if is_client {
            around.second[number]
        } else {
            around.shared
        };
        interface.groups = second(other).into_iter().chain([id(own)]).collect();
        interfaces.insert(id(name), interface);
    }
    let endpoints = world.endpoints.get_or_insert_default();
    endpoints.clone_from(private_network().endpoints.as_ref().unwrap());
    endpoints.retain(|endpoint, _| *endpoint == id(ECR_API_ENDPOINT));
    for endpoint in endpoints.values_mut() {
        endpoint.groups = second(around.shared).into_iter().chain([id(ENDPOINT_GROUP)]).collect();
    }
}

#[test]
fn a_verdict_takes_at_most_six_rounds_and_thirteen_calls() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let cases = load(&corpus)
        .into_iter()
        .filter(|case| case.name.starts_with("private-path-"));
    let mut seen = Vec::new();
    for case in cases {
        let network = Counting::of(case.network());
        let _judged = case.desk().handle(&case.event, &network);
        let asked = network.asked();
        seen.push((asked.rounds.len(), asked.calls(), case.name));
    }
    assert!(seen.len() > 30, "{seen:?}");
    seen.sort();
    assert!(
        seen.iter().all(|(rounds, calls, _)| *rounds <= 6 && *calls <= 13),
        "{seen:#?}"
    );
}

/// What the rule says of the pair: its only finding, if it has one.
fn judged(world: &World) -> Option<Finding> {
    let event = TrailRecord::switch_attribute(&id(VPC), DnsAttribute::DnsSupport, true);
    let later = event.time().checked_add(SignedDuration::from_secs(120)).unwrap();
    let desk = Desk::new(settings(POLICY), later).with(&[RuleName::PrivatePath]);
    let (record, _) = desk.handle(&event.envelope(), world);
    let found: Vec<&Finding> = findings(&record).collect();
    assert!(found.len() < 2, "{found:?}");
    assert!(!record.deliver_again, "everything can be read: {:?}", record.reason);
    found.first().map(|finding| (*finding).clone())
}

/// Whether every client gets through to every interface of the endpoint by one family.
fn arrives(world: &World) -> bool {
    CLIENTS.iter().all(|client| {
        [false, true].into_iter().any(|ipv6| {
            let walks = ENDPOINTS.map(|endpoint| world.walk(&id(client), &id(endpoint), ipv6, Packet::Tcp(443)));
            walks.iter().all(|walk| walk.arrives())
        })
    })
}

/// Whether, of IPv4, every client is let out to every interface of the endpoint, and in from every client.
fn legs(world: &World) -> (bool, bool) {
    let walks: Vec<_> = CLIENTS
        .iter()
        .flat_map(|client| ENDPOINTS.map(|endpoint| world.walk(&id(client), &id(endpoint), false, Packet::Tcp(443))))
        .collect();
    (
        walks.iter().all(|walk| walk.leaves),
        walks.iter().all(|walk| walk.enters),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_path_is_found_broken_just_where_a_packet_does_not_arrive((world, dual_stack) in networks()) {
        let found = judged(&world);
        prop_assert_eq!(found.is_none(), arrives(&world), "{:#?}", found);
        if let (Some(finding), false) = (found, dual_stack) {
            let says = &finding.evidence[0].says;
            let (leaves, enters) = legs(&world);
            prop_assert_eq!(!says.contains("client egress: broken"), leaves, "{}", says);
            prop_assert_eq!(!says.contains("endpoint ingress: broken"), enters, "{}", says);
        }
    }

    #[test]
    fn a_rule_that_is_added_to_any_group_never_breaks_a_path((mut world, _) in networks(), (group, direction, permission) in added()) {
        let worked = judged(&world).is_none();
        let _refused = world.authorize(&id(GROUPS[group]), direction, &[permission]);
        prop_assert!(!worked || judged(&world).is_none(), "{:#?}", judged(&world));
    }
}

#[test]
fn the_networks_have_paths_that_work_and_paths_that_break_at_each_leg() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for _ in 0..512 {
        let (world, _) = networks().new_tree(&mut runner).unwrap().current();
        let says = judged(&world).map_or_else(|| "works".to_owned(), |finding| finding.evidence[0].says.clone());
        for part in [
            "works",
            "client egress: broken",
            "endpoint ingress: broken",
            "some of it only",
        ] {
            if says.contains(part) {
                seen.insert(part.to_owned());
            }
        }
        if says == "works" {
            seen.insert("all works".to_owned());
        }
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
}

/// What comes of a look at the VPC as it stands, as a scan asks for it.
fn scanned(world: &World) -> Decision {
    let record = TrailRecord::switch_attribute(&id(VPC), DnsAttribute::DnsSupport, true);
    let (_, mut event) = event::parse(&record.envelope()).unwrap();
    event.call = Call::Scan {
        subject: Subject::Vpc(id(VPC)),
    };
    let settings = settings(POLICY);
    let case = Case {
        event: &event,
        account: &id(ACCOUNT),
        now: event.time.checked_add(SignedDuration::from_secs(120)).unwrap(),
        settings: &settings,
        rules: &[rules::find(RuleName::PrivatePath).unwrap()],
        ceilings: &[Ceiling::notify(CeilingReason::NoLedger)],
        own_roles: &[],
        own: guardrail_policy::own::Own::none(),
        last_delivery: false,
    };
    let mut facts = Facts::default();
    loop {
        match decide(&case, &facts) {
            Progress::Done(decision) => return decision,
            Progress::Ask(questions) | Progress::Settle(questions) => {
                for question in questions {
                    facts.insert(world.answer_one(&question));
                }
            }
        }
    }
}

#[test]
fn a_scan_judges_the_declared_pairs_as_they_stand_and_names_nobody() {
    let mut world = private_network();
    let app = id::<SecurityGroupId>(APP_GROUP);
    let group = world.groups.as_mut().unwrap().get_mut(&app).unwrap();
    group.tags.insert("tier".to_owned(), "app".to_owned());
    assert_eq!(scanned(&world).reason, Reason::Clean);
    world.groups.as_mut().unwrap().get_mut(&app).unwrap().rules = Default::default();
    let decision = scanned(&world);
    let findings: Vec<&Finding> = decision
        .verdicts
        .iter()
        .flat_map(|verdict| verdict.findings())
        .collect();
    assert!(
        matches!(findings.as_slice(), [finding] if finding.cause == Cause::Standing),
        "{findings:#?}"
    );
}
