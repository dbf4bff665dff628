//! The gateways that lead to the internet.

use guardrail_policy::facts::{
    Answered, Connectivity, EgressOnlyGateway, Fact, InternetGateway, NatGateway, NatGatewayState, NatPlace, Question,
};

use super::{Scene, id};

const VPC: &str = "vpc-0a00000000000000a";
const OTHER: &str = "vpc-0b00000000000000b";

pub(super) fn scenes() -> Vec<Scene> {
    vec![internet(), egress_only(), nat()]
}

/// One that is attached, with its tags, and one that is on its way out. The state of the first reads `available`.
fn internet() -> Scene {
    let item = |last: char, vpc: &str, state: &str, tags: &str| {
        format!(
            "<item><internetGatewayId>igw-0{last}00000000000000{last}</internetGatewayId><ownerId>111122223333</ownerId>\
             <attachmentSet><item><vpcId>{vpc}</vpcId><state>{state}</state></item></attachmentSet><tagSet>{tags}</tagSet></item>"
        )
    };
    let tag = "<item><key>Name</key><value>out</value></item>";
    let found = InternetGateway {
        id: id("igw-0a00000000000000a"),
        tags: [("Name".to_owned(), "out".to_owned())].into(),
    };
    Scene {
        questions: [
            Question::InternetGateways(id(VPC)),
            Question::InternetGateways(id(OTHER)),
        ]
        .into(),
        action: "DescribeInternetGateways",
        sent: vec![
            ("Filter.1.Name", "attachment.vpc-id"),
            ("Filter.1.Value.1", VPC),
            ("Filter.1.Value.2", OTHER),
            ("MaxResults", "1000"),
        ],
        set: "internetGatewaySet",
        items: [item('a', VPC, "available", tag), item('b', OTHER, "detaching", "")],
        full: vec![
            Answered::InternetGateways(id(VPC), Fact::Is(vec![found])),
            Answered::InternetGateways(id(OTHER), Fact::Is(vec![])),
        ],
        empty: vec![
            Answered::InternetGateways(id(VPC), Fact::Is(vec![])),
            Answered::InternetGateways(id(OTHER), Fact::Is(vec![])),
        ],
    }
}

/// One of the VPC, and one of another that was not asked about: there is no filter for it.
fn egress_only() -> Scene {
    let item = |last: char, vpc: &str| {
        format!(
            "<item><egressOnlyInternetGatewayId>eigw-0{last}00000000000000{last}</egressOnlyInternetGatewayId>\
             <attachmentSet><item><vpcId>{vpc}</vpcId><state>attached</state></item></attachmentSet></item>"
        )
    };
    let found = EgressOnlyGateway {
        id: id("eigw-0a00000000000000a"),
        tags: [].into(),
    };
    Scene {
        questions: [Question::EgressOnlyGateways(id(VPC))].into(),
        action: "DescribeEgressOnlyInternetGateways",
        sent: vec![("MaxResults", "255")],
        set: "egressOnlyInternetGatewaySet",
        items: [item('a', VPC), item('b', OTHER)],
        full: vec![Answered::EgressOnlyGateways(id(VPC), Fact::Is(vec![found]))],
        empty: vec![Answered::EgressOnlyGateways(id(VPC), Fact::Is(vec![]))],
    }
}

/// A public one that is being made, one that failed, a private one, and a regional one, which has no subnet.
fn nat() -> Scene {
    let item = |last: char, state: &str, rest: &str| {
        format!(
            "<item><natGatewayId>nat-0{last}00000000000000{last}</natGatewayId><vpcId>{VPC}</vpcId><state>{state}</state>{rest}</item>"
        )
    };
    let subnet = "<subnetId>subnet-0a00000000000000a</subnetId>";
    let public =
        format!("{subnet}<connectivityType>public</connectivityType><availabilityMode>zonal</availabilityMode>");
    let private = format!("{subnet}<connectivityType>private</connectivityType>");
    let gateway = |last: char, connectivity, state, place| NatGateway {
        id: id(&format!("nat-0{last}00000000000000{last}")),
        connectivity,
        state,
        place,
        tags: [].into(),
    };
    let zonal = NatPlace::Subnet(id("subnet-0a00000000000000a"));
    let found = vec![
        gateway('a', Connectivity::Public, NatGatewayState::There, zonal.clone()),
        gateway('b', Connectivity::Public, NatGatewayState::Gone, zonal.clone()),
        gateway('c', Connectivity::Private, NatGatewayState::There, zonal),
        gateway('d', Connectivity::Public, NatGatewayState::There, NatPlace::Regional),
    ];
    Scene {
        questions: [Question::NatGateways(id(VPC))].into(),
        action: "DescribeNatGateways",
        sent: vec![
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", VPC),
            ("MaxResults", "1000"),
        ],
        set: "natGatewaySet",
        items: [
            [item('a', "pending", &public), item('b', "failed", subnet)].concat(),
            [
                item('c', "available", &private),
                item('d', "available", "<availabilityMode>regional</availabilityMode>"),
            ]
            .concat(),
        ],
        full: vec![Answered::NatGateways(id(VPC), Fact::Is(found))],
        empty: vec![Answered::NatGateways(id(VPC), Fact::Is(vec![]))],
    }
}
