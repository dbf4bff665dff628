//! The standard private network, and short ways to speak of what is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::str::FromStr;

use guardrail_policy::facts::{
    BlockMode, BlockPublicAccess, BlockState, Connectivity, Excluded, Exclusion, ExclusionMode, ExclusionState,
    NatGatewayState,
};
use guardrail_policy::network::{Peer, Permission, Protocol, Traffic};
use guardrail_policy::rules;
use guardrail_policy::settings::{self, Settings};
use guardrail_world::{NatGateway, World};

/// The account of every fixture.
pub const ACCOUNT: &str = "111122223333";
/// The Region of every fixture.
pub const REGION: &str = "eu-west-1";
/// The private VPC, 10.0.0.0/16, tagged `connectivity: private`.
pub const VPC: &str = "vpc-0a1b2c3d4e5f60001";
/// Its subnets, both on [`ROUTE_TABLE`].
pub const SUBNETS: [&str; 2] = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"];
/// The VPC's main route table, which serves no subnet.
pub const MAIN_TABLE: &str = "rtb-0a1b2c3d4e5f60000";
/// The route table of the subnets.
pub const ROUTE_TABLE: &str = "rtb-0a1b2c3d4e5f60001";
/// AWS's list of S3 in this Region.
pub const S3_LIST: &str = "pl-0a1b2c3d";
/// AWS's list of `DynamoDB` in this Region.
pub const DYNAMODB_LIST: &str = "pl-0a1b2c3e";
/// One of AWS's lists that no gateway endpoint serves; its addresses are the internet's.
pub const CLOUDFRONT_LIST: &str = "pl-0a1b2c3f";
/// The S3 gateway endpoint.
pub const S3_ENDPOINT: &str = "vpce-0a1b2c3d4e5f60001";
/// The interface endpoint of `ecr.api`.
pub const ECR_API_ENDPOINT: &str = "vpce-0a1b2c3d4e5f60002";
/// The interface endpoint of `ecr.dkr`.
pub const ECR_DKR_ENDPOINT: &str = "vpce-0a1b2c3d4e5f60003";
/// The application's group: 443 to S3 and to the interface endpoints.
pub const APP_GROUP: &str = "sg-0a1b2c3d4e5f600a1";
/// The VPC's default group, with no egress rule.
pub const DEFAULT_GROUP: &str = "sg-0a1b2c3d4e5f600d1";
/// The group of the interface endpoints.
pub const ENDPOINT_GROUP: &str = "sg-0a1b2c3d4e5f600e1";
/// The application's network interface, in the first subnet.
pub const APP_INTERFACE: &str = "eni-0a1b2c3d4e5f600a1";
/// The instance that it is attached to.
pub const APP_INSTANCE: &str = "i-0a1b2c3d4e5f600a1";

/// A policy file that guards every VPC tagged `connectivity: private`, in mode `revert`.
pub const POLICY: &str = "\
version: 1
scope:
  private_vpcs:
    - tags: { connectivity: private }
mode: revert
";

/// The same, where the account must stay private as well.
pub const POLICY_OF_ACCOUNT: &str = "\
version: 1
scope:
  private_vpcs:
    - tags: { connectivity: private }
  private_accounts: [\"111122223333\"]
mode: revert
";

/// An identifier, a block or anything else that parses.
#[must_use]
pub fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("`{text}`: {error:?}"))
}

/// The policy file with this text.
#[must_use]
pub fn settings(text: &str) -> Settings {
    settings::parse(text.as_bytes(), rules::BUILT_NAMES).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The private network: an S3 gateway endpoint, interface endpoints for `ecr.api` and `ecr.dkr`, an application's group with
/// an interface, and no way out.
#[must_use]
pub fn private_network() -> World {
    World::read(include_bytes!("private.yaml")).expect("the fixture is a network")
}

/// The private network with IPv6: the VPC has a block of it, and every interface an address of it.
#[must_use]
pub fn dual_stack_network() -> World {
    let mut world = private_network();
    for vpc in world.vpcs.iter_mut().flat_map(|vpcs| vpcs.values_mut()) {
        vpc.cidrs.insert(id("2001:db8:10::/56"));
    }
    let interfaces = world
        .interfaces
        .iter_mut()
        .flat_map(|interfaces| interfaces.values_mut());
    for (number, interface) in interfaces.enumerate() {
        interface
            .addresses
            .insert(id(&format!("2001:db8:10::{:x}", number + 16)));
    }
    world
}

/// The network with a NAT gateway's default route on the table of its subnets.
#[must_use]
pub fn with_nat(mut world: World) -> World {
    let tables = world.route_tables.get_or_insert_default();
    let table = tables
        .get_mut(&id::<guardrail_policy::id::RouteTableId>(ROUTE_TABLE))
        .expect("the table of the subnets");
    table
        .routes
        .insert(id("0.0.0.0/0"), "nat-0a1b2c3d4e5f60001".to_owned().into());
    let gateway = NatGateway {
        vpc: id(VPC),
        connectivity: Connectivity::Public,
        state: NatGatewayState::There,
        subnet: Some(id(SUBNETS[0])),
        tags: BTreeMap::new(),
    };
    let gateways = world.nat_gateways.get_or_insert_default();
    gateways.insert(id("nat-0a1b2c3d4e5f60001"), gateway);
    world
}

/// The network with VPC Block Public Access in a mode, which is carried out, and with these exclusions.
#[must_use]
pub fn with_block_public_access(mut world: World, mode: BlockMode, exclusions: &[(Excluded, ExclusionMode)]) -> World {
    let exclusions = exclusions.iter().enumerate().map(|(number, (of, mode))| {
        let exclusion = Exclusion {
            of: of.clone(),
            mode: *mode,
            state: ExclusionState::InForce,
        };
        (id(&format!("vpcbpa-exclude-0a1b2c3d4e5f6{number:04x}")), exclusion)
    });
    world.block_public_access = Some(BlockPublicAccess {
        mode,
        state: BlockState::Complete,
        by_organization: false,
        exclusions: exclusions.collect(),
    });
    world
}

/// The network with an API of each kind that the internet can reach, and a private one.
#[must_use]
pub fn with_apis(world: World) -> World {
    let apis = World::read(include_bytes!("apis.yaml")).expect("the fixture is a network");
    World {
        rest_apis: apis.rest_apis,
        http_apis: apis.http_apis,
        graphql_apis: apis.graphql_apis,
        ..world
    }
}

/// A block of addresses as the peer of a rule.
#[must_use]
pub fn block(cidr: &str) -> Peer {
    Peer::Cidr(id(cidr))
}

/// All traffic to a peer.
#[must_use]
pub fn to(peer: Peer) -> Permission {
    Permission {
        traffic: Traffic::ALL,
        peer,
    }
}

/// TCP from one port to another, to a peer.
#[must_use]
pub fn tcp(from: i32, last: i32, peer: Peer) -> Permission {
    Permission {
        traffic: Traffic::new(Protocol::Tcp, Some(from), Some(last)),
        peer,
    }
}

/// The blocks of these texts.
#[must_use]
pub fn blocks(texts: &[&str]) -> BTreeSet<guardrail_policy::network::Cidr> {
    texts.iter().map(|text| id(text)).collect()
}
