//! The in-memory network and the emulated AWS are the same: the same actions are done or refused by both, with the same error
//! code, and leave the same facts. The laws are held over the one, the functions are shown to work over the other.

use std::collections::BTreeSet;

use guardrail_policy::endpoint_policy::Policy;
use guardrail_policy::facts::DnsAttribute;
use guardrail_policy::id::{SecurityGroupId, VpcId};
use guardrail_policy::network::{Peer, Permission, Protocol};
use guardrail_policy::plan::{Action, Outlet, RouteOut};
use guardrail_testkit::strategies::{cidrs, traffic};
use guardrail_testkit::{block, id, tcp};
use guardrail_world::{InternetGateway, World};
use harness::emulator::Emulator;
use harness::identity::Identity;
use harness::network::PrivateVpc;
use harness::operator::Operator;
use harness::user::User;
use harness::{Error, Result};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How many actions there are, and after how many of them the facts are compared.
const ACTIONS: usize = 400;
const COMPARED_AFTER: usize = 20;
const POLICY: &str = "version: 1\nscope: { private_vpcs: [{ tags: { connectivity: private } }] }\nmode: notify\n";
/// Policies of endpoints.
const POLICIES: [&str; 2] = [
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
];

/// Both networks.
struct Twins {
    owner: User,
    operator: Operator,
    folder: TempDir,
    network: PrivateVpc,
    gateways: [String; 2],
    world: World,
    _emulator: Emulator,
}

impl Twins {
    fn born() -> Self {
        let emulator = Emulator::start().unwrap();
        let owner = emulator
            .user(Identity::role_session("NetworkAdministrator", "set-up"))
            .unwrap();
        let network = PrivateVpc::build(&owner).unwrap();
        let gateway = || {
            let made = owner.call("ec2", "create_internet_gateway", &json!({})).unwrap();
            let id = made
                .pointer("/InternetGateway/InternetGatewayId")
                .and_then(Value::as_str);
            id.unwrap().to_owned()
        };
        let gateways = [gateway(), gateway()];
        let auditor = emulator.user(Identity::role_session("Auditor", "twins")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let operator = Operator::new(auditor, emulator.endpoint(), [].into()).unwrap();
        let operator = operator.in_folder(folder.path());
        std::fs::write(folder.path().join("policy.yaml"), POLICY).unwrap();
        let mut twins = Self {
            owner,
            operator,
            folder,
            network,
            gateways,
            world: World::read(b"{\"account\":\"111122223333\",\"region\":\"eu-west-1\"}").unwrap(),
            _emulator: emulator,
        };
        twins.world = twins.captured();
        // A snapshot holds what belongs to a VPC, and these do not yet.
        let known = twins.world.internet_gateways.get_or_insert_default();
        known.extend(
            twins
                .gateways
                .each_ref()
                .map(|gateway| (id(gateway), InternetGateway::default())),
        );
        twins
    }

    /// The emulated AWS, as the command takes a snapshot of it.
    fn captured(&self) -> World {
        let arguments = ["scan", "--policy", "policy.yaml", "--snapshot", "network.json"];
        let ran = self.operator.runs(&arguments).unwrap();
        assert!(matches!(ran.status, Some(0 | 1)), "{ran:#?}");
        World::read(&std::fs::read(self.folder.path().join("network.json")).unwrap()).unwrap()
    }

    /// What rules may permit.
    fn permissions(&self) -> impl Strategy<Value = Vec<Permission>> + Clone + use<> {
        let peer = Peer::Group {
            id: id(&self.network.endpoint_group),
            account: Some(id("111122223333")),
        };
        let peers = prop_oneof![
            6 => cidrs().prop_map(Peer::Cidr),
            1 => Just(Peer::PrefixList(id(&self.network.s3_list))),
            1 => Just(peer),
        ];
        // Few, so that they meet: what is permitted twice, or taken away where it is not.
        let usual = prop::sample::select(vec![
            tcp(443, 443, block("0.0.0.0/0")),
            tcp(443, 443, block("10.0.0.0/8")),
            tcp(443, 443, block("::/0")),
        ]);
        let permission = prop_oneof![
            1 => (traffic(), peers).prop_map(|(traffic, peer)| Permission { traffic, peer }),
            1 => usual,
        ];
        prop::collection::vec(permission, 1..4)
    }

    /// What is done next.
    fn actions(&self) -> impl Strategy<Value = Action> + use<> {
        let one_of = |ids: &[&String]| prop::sample::select(ids.iter().map(|id| (*id).clone()).collect::<Vec<_>>());
        let (vpc, network) = (self.network.vpc.clone(), &self.network);
        let group = id::<SecurityGroupId>(&network.app_group);
        let permissions = self.permissions();
        // What AWS makes of one that is to be taken away twice in a call is not known.
        let once =
            |permissions: Vec<Permission>| permissions.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let taken = permissions.clone().prop_map(once);
        let to = group.clone();
        let endpoint = one_of(&network.ecr_endpoints.each_ref());
        let every_endpoint = one_of(&[&network.ecr_endpoints[0], &network.s3_endpoint]);
        let policies = prop::sample::select(POLICIES.to_vec());
        let attribute = prop_oneof![Just(DnsAttribute::DnsSupport), Just(DnsAttribute::DnsHostnames)];
        let gateway = one_of(&self.gateways.each_ref());
        let vpc_id: VpcId = id(&vpc);
        let (in_vpc, of_vpc, at) = (vpc_id.clone(), vpc_id.clone(), vpc_id.clone());
        let table = network.route_table.clone();
        let route = (
            one_of(&self.gateways.each_ref()),
            prop::sample::select(vec!["0.0.0.0/0", "8.8.8.0/24", "::/0"]),
        );
        let route = route.prop_map(move |(gateway, destination)| RouteOut {
            vpc: at.clone(),
            table: id(&table),
            destination: guardrail_policy::facts::RouteDestination::Cidr(id(destination)),
            by: Outlet::InternetGateway(id(&gateway)),
        });
        prop_oneof![
            4 => permissions.clone().prop_map(move |permissions| Action::AuthorizeEgress { group: to.clone(), permissions }),
            4 => taken.prop_map(move |permissions| Action::RevokeEgress { group: group.clone(), rule: None, permissions }),
            2 => (attribute, any::<bool>())
                .prop_map(move |(attribute, on)| Action::ModifyVpcAttribute { vpc: vpc_id.clone(), attribute, on }),
            1 => (one_of(&network.subnets.each_ref()), any::<bool>())
                .prop_map(|(subnet, on)| Action::ModifySubnetAttribute { subnet: id(&subnet), public_addresses: on }),
            2 => (endpoint, any::<bool>())
                .prop_map(|(endpoint, on)| Action::ModifyVpcEndpoint { endpoint: id(&endpoint), private_dns: on }),
            1 => (every_endpoint, policies).prop_map(|(endpoint, policy)| Action::SetEndpointPolicy {
                endpoint: id(&endpoint),
                from: Policy::new(policy),
                to: Policy::new(policy),
            }),
            2 => gateway.clone()
                .prop_map(move |gateway| Action::AttachInternetGateway { gateway: id(&gateway), vpc: in_vpc.clone() }),
            1 => gateway.prop_map(move |gateway| Action::DetachInternetGateway { gateway: id(&gateway), vpc: of_vpc.clone() }),
            2 => route.clone().prop_map(Action::CreateRoute),
            2 => route.prop_map(Action::DeleteRoute),
        ]
    }

    /// Does it in both; returns the error codes where it was refused.
    fn do_in_both(&mut self, action: &Action) -> [Option<String>; 2] {
        let (operation, parameters) = call(action);
        let emulated = self.owner.call("ec2", operation, &parameters);
        let remembered = self.world.apply(action).err();
        [remembered.map(|error| error.code().to_owned()), refused(emulated)]
    }
}

fn refused(answered: Result<Value>) -> Option<String> {
    match answered {
        Ok(_) => None,
        Err(Error::Api(error)) => Some(error.code),
        Err(error) => panic!("{error}"),
    }
}

/// The call that an action stands for.
fn call(action: &Action) -> (&'static str, Value) {
    match action {
        Action::AuthorizeEgress { group, permissions } => (
            "authorize_security_group_egress",
            json!({"GroupId": group, "IpPermissions": permissions.iter().map(ip_permission).collect::<Vec<_>>()}),
        ),
        Action::RevokeEgress { group, permissions, .. } => (
            "revoke_security_group_egress",
            json!({"GroupId": group, "IpPermissions": permissions.iter().map(ip_permission).collect::<Vec<_>>()}),
        ),
        Action::ModifyVpcAttribute { vpc, attribute, on } => {
            let attribute = match attribute {
                DnsAttribute::DnsSupport => "EnableDnsSupport",
                DnsAttribute::DnsHostnames => "EnableDnsHostnames",
            };
            ("modify_vpc_attribute", json!({"VpcId": vpc, attribute: {"Value": on}}))
        }
        Action::ModifySubnetAttribute {
            subnet,
            public_addresses,
        } => (
            "modify_subnet_attribute",
            json!({"SubnetId": subnet, "MapPublicIpOnLaunch": {"Value": public_addresses}}),
        ),
        Action::ModifyVpcEndpoint { endpoint, private_dns } => (
            "modify_vpc_endpoint",
            json!({"VpcEndpointId": endpoint, "PrivateDnsEnabled": private_dns}),
        ),
        Action::SetEndpointPolicy { endpoint, to, .. } => (
            "modify_vpc_endpoint",
            json!({"VpcEndpointId": endpoint, "PolicyDocument": to.as_str()}),
        ),
        Action::AttachInternetGateway { gateway, vpc } => (
            "attach_internet_gateway",
            json!({"InternetGatewayId": gateway, "VpcId": vpc}),
        ),
        Action::DetachInternetGateway { gateway, vpc } => (
            "detach_internet_gateway",
            json!({"InternetGatewayId": gateway, "VpcId": vpc}),
        ),
        Action::CreateRoute(route) => {
            let mut parameters = of_route(route);
            parameters["GatewayId"] = json!(route.by.id());
            ("create_route", parameters)
        }
        Action::DeleteRoute(route) => ("delete_route", of_route(route)),
    }
}

fn of_route(route: &RouteOut) -> Value {
    let destination = route.destination.to_string();
    let member = match destination.contains(':') {
        true => "DestinationIpv6CidrBlock",
        false => "DestinationCidrBlock",
    };
    json!({"RouteTableId": route.table, member: destination})
}

fn ip_permission(permission: &Permission) -> Value {
    let Permission { traffic, peer } = permission;
    let mut asked = json!({"IpProtocol": traffic.protocol.to_string()});
    if matches!(
        traffic.protocol,
        Protocol::Tcp | Protocol::Udp | Protocol::Icmp | Protocol::Icmpv6
    ) {
        (asked["FromPort"], asked["ToPort"]) = (json!(traffic.ports.from), json!(traffic.ports.to));
    }
    let (member, peer) = match peer {
        Peer::Cidr(cidr) if cidr.is_ipv6() => ("Ipv6Ranges", json!({"CidrIpv6": cidr})),
        Peer::Cidr(cidr) => ("IpRanges", json!({"CidrIp": cidr})),
        Peer::PrefixList(list) => ("PrefixListIds", json!({"PrefixListId": list})),
        Peer::Group { id, account } => ("UserIdGroupPairs", json!({"GroupId": id, "UserId": account})),
    };
    asked[member] = json!([peer]);
    asked
}

/// The facts of a network: its rules without their ids, which each network gives by itself, its gateways without those that
/// are attached to nothing, nor the routes that lead to such, and of the endpoints their own names alone: the service's comes
/// and goes with private DNS.
fn facts(world: &World) -> Value {
    let mut facts = serde_json::to_value(world).unwrap();
    let gateways = facts["internet_gateways"].as_object_mut().unwrap();
    gateways.retain(|_, gateway| gateway.get("vpc").is_some());
    let attached: Vec<String> = gateways.keys().cloned().collect();
    for table in facts["route_tables"].as_object_mut().unwrap().values_mut() {
        let routes = table["routes"].as_object_mut().unwrap();
        routes.retain(|_, target| {
            let target = target.as_str().unwrap();
            !target.starts_with("igw-") || attached.iter().any(|gateway| gateway == target)
        });
    }
    for endpoint in facts["endpoints"].as_object_mut().unwrap().values_mut() {
        if let Some(names) = endpoint["dns_names"].as_array_mut() {
            names.retain(|name| name.as_str().unwrap().starts_with("vpce-"));
        }
    }
    let groups = facts["groups"].as_object_mut().unwrap();
    for group in groups.values_mut() {
        let rules = group["rules"].as_object().cloned().unwrap_or_default();
        let mut rules: Vec<String> = rules.into_iter().map(|(_, rule)| rule.to_string()).collect();
        rules.sort();
        group["rules"] = json!(rules);
    }
    facts
}

#[test]
fn the_same_actions_are_done_or_refused_and_leave_the_same_facts() {
    let mut twins = Twins::born();
    let (actions, mut runner) = (twins.actions(), TestRunner::deterministic());
    let (mut done, mut codes) = (0, BTreeSet::new());
    for number in 1..=ACTIONS {
        let action = actions.new_tree(&mut runner).unwrap().current();
        let [remembered, emulated] = twins.do_in_both(&action);
        assert_eq!(remembered, emulated, "{number}: {action}");
        done += usize::from(remembered.is_none());
        codes.extend(remembered);
        if number % COMPARED_AFTER == 0 {
            assert_eq!(facts(&twins.world), facts(&twins.captured()), "after {number}");
        }
    }
    println!("{done} of {ACTIONS} done, the others refused with {codes:?}");
    assert!(done > ACTIONS / 3 && codes.len() >= 5, "{done} done, {codes:?}");
}
