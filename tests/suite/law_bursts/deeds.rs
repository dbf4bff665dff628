//! What people and tools do to a network, and what `CloudTrail` tells of it.

use guardrail_policy::facts::{Connectivity, DnsAttribute, NatGatewayState};
use guardrail_policy::id::{
    InternetGatewayId, NatGatewayId, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcEndpointId,
};
use guardrail_policy::network::{Direction, Permission};
use guardrail_testkit::strategies::permissions;
use guardrail_testkit::{
    APP_GROUP, ECR_API_ENDPOINT, ECR_DKR_ENDPOINT, ENDPOINT_GROUP, MAIN_TABLE, ROUTE_TABLE, SUBNETS, TrailRecord, VPC,
    id, private_network,
};
use guardrail_world::{Destination, InternetGateway, NatGateway, World};
use proptest::prelude::*;
use serde_json::json;

const GATEWAY: &str = "igw-0a1b2c3d4e5f60001";
const NAT: &str = "nat-0a1b2c3d4e5f60001";
/// The policy that AWS gives an endpoint where nobody says another.
const FULL_ACCESS: &str = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;
const TABLES: [&str; 2] = [ROUTE_TABLE, MAIN_TABLE];
const DESTINATIONS: [&str; 4] = ["0.0.0.0/0", "0.0.0.0/1", "8.8.8.0/24", "::/0"];
const TARGETS: [&str; 3] = [GATEWAY, NAT, "tgw-0a1b2c3d4e5f60001"];

/// One call.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// Permits egress of the application's group.
    Permit(Vec<Permission>),
    /// Takes one of its egress rules away, or one of the ingress rules of the endpoints' group.
    Take(Direction, prop::sample::Index),
    /// Edits one of its rules in place.
    Edit(prop::sample::Index, Permission),
    /// Attaches or detaches the internet gateway.
    Attach(bool),
    /// Makes the NAT gateway.
    MakeNat(bool),
    /// Adds a route to a table.
    Add(&'static str, &'static str, &'static str),
    /// Has a route lead elsewhere.
    Replace(&'static str, &'static str, &'static str),
    /// Deletes a route.
    Delete(&'static str, &'static str),
    /// Switches whether a subnet gives out public addresses.
    PublicAddresses(&'static str, bool),
    /// Switches an attribute of the VPC.
    Attribute(DnsAttribute, bool),
    /// Switches private DNS of an endpoint.
    PrivateDns(&'static str, bool),
}

/// What a call brought in, and so may be taken back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Brought {
    Rule(SecurityGroupRuleId),
    Gateway(InternetGatewayId),
    Route(RouteTableId, String),
    PublicAddresses(SubnetId),
    AttributeOff(DnsAttribute),
    PrivateDnsOff(VpcEndpointId),
}

/// The private network, with an internet gateway that nobody has attached yet, and endpoints whose policies are AWS's own.
pub(super) fn network() -> World {
    let mut world = private_network();
    for endpoint in world.endpoints.iter_mut().flat_map(|endpoints| endpoints.values_mut()) {
        endpoint.policy = Some(FULL_ACCESS.to_owned());
    }
    let gateways = world.internet_gateways.get_or_insert_default();
    gateways.insert(id(GATEWAY), InternetGateway::default());
    world
}

pub(super) fn deeds() -> impl Strategy<Value = Deed> {
    let one_of = prop::sample::select::<&'static str>;
    let route = move || {
        (
            one_of(TABLES.to_vec()),
            one_of(DESTINATIONS.to_vec()),
            one_of(TARGETS.to_vec()),
        )
    };
    let attribute = prop_oneof![Just(DnsAttribute::DnsSupport), Just(DnsAttribute::DnsHostnames)];
    let direction = prop_oneof![3 => Just(Direction::Egress), 1 => Just(Direction::Ingress)];
    prop_oneof![
        6 => prop::collection::vec(permissions(), 1..3).prop_map(Deed::Permit),
        3 => (direction, any::<prop::sample::Index>()).prop_map(|(direction, which)| Deed::Take(direction, which)),
        3 => (any::<prop::sample::Index>(), permissions()).prop_map(|(which, permission)| Deed::Edit(which, permission)),
        2 => prop::bool::weighted(0.8).prop_map(Deed::Attach),
        1 => any::<bool>().prop_map(Deed::MakeNat),
        3 => route().prop_map(|(table, destination, target)| Deed::Add(table, destination, target)),
        2 => route().prop_map(|(table, destination, target)| Deed::Replace(table, destination, target)),
        1 => route().prop_map(|(table, destination, _)| Deed::Delete(table, destination)),
        2 => (one_of(SUBNETS.to_vec()), any::<bool>()).prop_map(|(subnet, on)| Deed::PublicAddresses(subnet, on)),
        2 => (attribute, any::<bool>()).prop_map(|(attribute, on)| Deed::Attribute(attribute, on)),
        2 => (one_of(vec![ECR_API_ENDPOINT, ECR_DKR_ENDPOINT]), any::<bool>())
            .prop_map(|(endpoint, on)| Deed::PrivateDns(endpoint, on)),
    ]
}

/// A record of a call that AWS carried out, with what it brought in, or of one that it refused.
type Told = (TrailRecord, Vec<Brought>);

fn told<E>(record: TrailRecord, done: Result<Vec<Brought>, E>) -> Told {
    match done {
        Ok(brought) => (record, brought),
        Err(_) => (record.failed("Client.InvalidParameterValue"), Vec::new()),
    }
}

impl Deed {
    /// Does it, as far as the network admits it.
    pub(super) fn perform(&self, world: &mut World) -> Told {
        match self {
            Self::Permit(permissions) => permit(world, permissions),
            Self::Take(direction, which) => take(world, *direction, *which),
            Self::Edit(which, permission) => edit(world, *which, permission),
            Self::Attach(on) => attach(world, *on),
            Self::MakeNat(is_public) => make_nat(world, *is_public),
            Self::Add(table, destination, target) => {
                let record = TrailRecord::create_route(&id(table), &id(destination), target);
                told(record, lead(world, table, destination, target, false))
            }
            Self::Replace(table, destination, target) => {
                let record = TrailRecord::replace_route(&id(table), &id(destination), target);
                told(
                    record,
                    lead(world, table, destination, target, true).map(|_| Vec::new()),
                )
            }
            Self::Delete(table, destination) => delete(world, table, destination),
            Self::PublicAddresses(subnet, on) => {
                let done = world.switch_public_addresses(&id(subnet), *on);
                let brought = on.then(|| Brought::PublicAddresses(id(subnet)));
                let record = TrailRecord::switch_public_addresses(&id(subnet), *on);
                told(record, done.map(|_| brought.into_iter().collect()))
            }
            Self::Attribute(attribute, on) => {
                let done = world.switch_attribute(&id(VPC), *attribute, *on);
                let brought = (!on).then_some(Brought::AttributeOff(*attribute));
                let record = TrailRecord::switch_attribute(&id(VPC), *attribute, *on);
                told(record, done.map(|_| brought.into_iter().collect()))
            }
            Self::PrivateDns(endpoint, on) => {
                let done = world.switch_private_dns(&id(endpoint), *on);
                let brought = (!on).then(|| Brought::PrivateDnsOff(id(endpoint)));
                let record = TrailRecord::switch_private_dns(&id(endpoint), *on);
                told(record, done.map(|_| brought.into_iter().collect()))
            }
        }
    }
}

fn permit(world: &mut World, permissions: &[Permission]) -> Told {
    let group = id::<SecurityGroupId>(APP_GROUP);
    let done = world.authorize(&group, Direction::Egress, permissions);
    let ids = done.clone().unwrap_or_default();
    let rules: Vec<_> = ids.iter().cloned().zip(permissions.iter().cloned()).collect();
    let record = match rules.is_empty() {
        true => TrailRecord::authorize_egress(&group, &[(id("sgr-0a1b2c3d4e5f6ffff"), permissions[0].clone())]),
        false => TrailRecord::authorize_egress(&group, &rules),
    };
    told(record, done.map(|ids| ids.into_iter().map(Brought::Rule).collect()))
}

/// The rules of a direction, in the group where the bursts change it.
fn rules(world: &World, direction: Direction) -> (SecurityGroupId, Vec<(SecurityGroupRuleId, Permission)>) {
    let group = id(if direction == Direction::Egress {
        APP_GROUP
    } else {
        ENDPOINT_GROUP
    });
    let found = world.group(&group).unwrap();
    let rules = found.rules.iter().filter(|(_, rule)| rule.direction == direction);
    let rules = rules.map(|(id, rule)| (id.clone(), rule.permission.clone())).collect();
    (group, rules)
}

fn take(world: &mut World, direction: Direction, which: prop::sample::Index) -> Told {
    let (group, rules) = rules(world, direction);
    let nothing = (
        id("sgr-0a1b2c3d4e5f6ffff"),
        guardrail_testkit::tcp(1, 1, guardrail_testkit::block("10.9.9.9/32")),
    );
    let (rule, permission) = match rules.len() {
        0 => &nothing,
        many => &rules[which.index(many)],
    };
    let done = world.revoke(&group, direction, Some(rule), std::slice::from_ref(permission));
    let record = match direction {
        Direction::Egress => TrailRecord::revoke_egress(&group, &[permission]),
        Direction::Ingress => TrailRecord::revoke_ingress(&group, &[permission]),
    };
    told(record, done.map(|_| Vec::new()))
}

fn edit(world: &mut World, which: prop::sample::Index, permission: &Permission) -> Told {
    let (group, rules) = rules(world, Direction::Egress);
    let rule = match rules.len() {
        0 => id("sgr-0a1b2c3d4e5f6ffff"),
        many => rules[which.index(many)].0.clone(),
    };
    let done = world.edit_rule(&group, &rule, permission);
    let record = TrailRecord::modify_rules(&group, &[(rule.clone(), permission.clone())]);
    told(record, done.map(|()| vec![Brought::Rule(rule)]))
}

fn attach(world: &mut World, on: bool) -> Told {
    let (gateway, vpc) = (id::<InternetGatewayId>(GATEWAY), id(VPC));
    if on {
        let done = world.attach_internet_gateway(&gateway, &vpc);
        let record = TrailRecord::attach_internet_gateway(&gateway, &vpc);
        return told(record, done.map(|_| vec![Brought::Gateway(gateway)]));
    }
    let done = world.detach_internet_gateway(&gateway, &vpc);
    let request = json!({ "internetGatewayId": gateway, "vpcId": vpc });
    let record = TrailRecord::ec2("DetachInternetGateway", request, json!({ "_return": true }));
    told(record, done.map(|_| Vec::new()))
}

fn make_nat(world: &mut World, is_public: bool) -> Told {
    let made = NatGateway {
        vpc: id(VPC),
        connectivity: if is_public {
            Connectivity::Public
        } else {
            Connectivity::Private
        },
        state: NatGatewayState::There,
        subnet: Some(id(SUBNETS[0])),
        tags: [].into(),
    };
    let record = TrailRecord::create_nat_gateway(&id(NAT), &made);
    let gateways = world.nat_gateways.get_or_insert_default();
    let done = match gateways.contains_key(&id::<NatGatewayId>(NAT)) {
        true => Err(()),
        false => Ok(_ = gateways.insert(id(NAT), made)),
    };
    told(record, done.map(|()| Vec::new()))
}

/// Has a route lead somewhere, which must be there, or must not be there, before.
fn lead(world: &mut World, table: &str, to: &str, target: &str, is_there: bool) -> Result<Vec<Brought>, ()> {
    let tables = world.route_tables.as_mut().unwrap();
    let found = tables.get_mut(&id::<RouteTableId>(table)).unwrap();
    let destination: Destination = id(to);
    if found.routes.contains_key(&destination) != is_there {
        return Err(());
    }
    found.routes.insert(destination, target.to_owned().into());
    Ok(vec![Brought::Route(id(table), to.to_owned())])
}

fn delete(world: &mut World, table: &str, to: &str) -> Told {
    let tables = world.route_tables.as_mut().unwrap();
    let found = tables.get_mut(&id::<RouteTableId>(table)).unwrap();
    let gone = found.routes.remove(&id::<Destination>(to)).ok_or(());
    let request = json!({ "routeTableId": table, "destinationCidrBlock": to });
    let record = TrailRecord::ec2("DeleteRoute", request, json!({ "_return": true }));
    told(record, gone.map(|_| Vec::new()))
}
