//! Endpoints and route tables.

use guardrail_policy::facts::{
    Answered, Endpoint, EndpointKind, EndpointState, Fact, Missing, Question, Route, RouteDestination, RouteTable,
    RouteTableDetails, RouteTarget, Serves, ServiceEndpoint, Unreadable,
};

use super::{Scene, id, ids};

const VPC: &str = "vpc-0a00000000000000a";

const INTERFACE: &str = "<item><vpcEndpointId>vpce-0a00000000000000a</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType>\
    <vpcId>vpc-0a00000000000000a</vpcId><serviceName>com.amazonaws.eu-west-1.ecr.dkr</serviceName>\
    <state>available</state><policyDocument>{}</policyDocument><routeTableIdSet/>\
    <subnetIdSet><item>subnet-0a00000000000000a</item></subnetIdSet><groupSet>\
    <item><groupId>sg-0a00000000000000a</groupId><groupName>endpoints</groupName></item></groupSet>\
    <privateDnsEnabled>true</privateDnsEnabled></item>";
const OTHERS: &str = "<item><vpcEndpointId>vpce-0b00000000000000b</vpcEndpointId><vpcEndpointType>Gateway</vpcEndpointType>\
    <vpcId>vpc-0a00000000000000a</vpcId><serviceName>com.amazonaws.eu-west-1.s3</serviceName><state>deleting</state>\
    <routeTableIdSet><item>rtb-0a00000000000000a</item><item>rtb-0b00000000000000b</item></routeTableIdSet>\
    <groupSet/><privateDnsEnabled>false</privateDnsEnabled></item>\
    <item><vpcEndpointId>vpce-0c00000000000000c</vpcEndpointId><vpcEndpointType>GatewayLoadBalancer</vpcEndpointType>\
    <vpcId>vpc-0a00000000000000a</vpcId><serviceName>com.amazonaws.vpce.eu-west-1.vpce-svc-0c00000000000000c</serviceName>\
    <state>pendingAcceptance</state></item>";

pub(super) fn scenes() -> Vec<Scene> {
    vec![
        endpoints(),
        endpoints_to_a_service(),
        route_tables(),
        single_route_tables(),
    ]
}

/// An interface endpoint, a gateway, and one of another kind that is being made; states in the service's spelling.
fn endpoints() -> Scene {
    let endpoint = |last: char, service: &str, kind: EndpointKind, state: EndpointState| Endpoint {
        id: id(&format!("vpce-0{last}00000000000000{last}")),
        service: service.to_owned(),
        kind,
        state,
        groups: [].into(),
        route_tables: [].into(),
        private_dns: false,
    };
    let found = vec![
        Endpoint {
            groups: ids(&["sg-0a00000000000000a"]),
            private_dns: true,
            ..endpoint(
                'a',
                "com.amazonaws.eu-west-1.ecr.dkr",
                EndpointKind::Interface,
                EndpointState::Available,
            )
        },
        Endpoint {
            route_tables: ids(&["rtb-0a00000000000000a", "rtb-0b00000000000000b"]),
            ..endpoint(
                'b',
                "com.amazonaws.eu-west-1.s3",
                EndpointKind::Gateway,
                EndpointState::Deleted,
            )
        },
        endpoint(
            'c',
            "com.amazonaws.vpce.eu-west-1.vpce-svc-0c00000000000000c",
            EndpointKind::Other,
            EndpointState::Pending,
        ),
    ];
    Scene {
        questions: [Question::Endpoints(id(VPC))].into(),
        action: "DescribeVpcEndpoints",
        sent: vec![
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", VPC),
            ("MaxResults", "1000"),
        ],
        set: "vpcEndpointSet",
        items: [INTERFACE.to_owned(), OTHERS.to_owned()],
        full: vec![Answered::Endpoints(id(VPC), Fact::Is(found))],
        empty: vec![Answered::Endpoints(id(VPC), Fact::Is(vec![]))],
    }
}

/// The same endpoints, where what they lead to is asked.
fn endpoints_to_a_service() -> Scene {
    let scene = endpoints();
    let [Answered::Endpoints(_, Fact::Is(found))] = scene.full.as_slice() else {
        panic!("another answer")
    };
    let found = found
        .iter()
        .cloned()
        .map(|endpoint| ServiceEndpoint { endpoint, vpc: id(VPC) });
    let service = || "execute-api".to_owned();
    Scene {
        questions: [Question::ServiceEndpoints(service())].into(),
        sent: vec![("Filter.1.Name", "service-name"), ("MaxResults", "1000")],
        full: vec![Answered::ServiceEndpoints(service(), Fact::Is(found.collect()))],
        empty: vec![Answered::ServiceEndpoints(service(), Fact::Is(vec![]))],
        ..scene
    }
}

/// The same tables by their ids: what they serve by which association, without what is on its way out.
fn single_route_tables() -> Scene {
    let table = |table: &str, serves: &[(&str, Serves)]| RouteTableDetails {
        id: id(table),
        vpc: id(VPC),
        associations: serves
            .iter()
            .map(|(association, serves)| (id(association), serves.clone()))
            .collect(),
    };
    let subnet = Serves::Subnet(id("subnet-0a00000000000000a"));
    let tables = [
        table("rtb-0a00000000000000a", &[("rtbassoc-0a00000000000000a", Serves::Main)]),
        table(
            "rtb-0b00000000000000b",
            &[
                ("rtbassoc-0b00000000000000b", subnet),
                ("rtbassoc-0d00000000000000d", Serves::Gateway),
            ],
        ),
    ];
    Scene {
        questions: tables.clone().map(|table| Question::RouteTable(table.id)).into(),
        sent: vec![
            ("Filter.1.Name", "route-table-id"),
            ("Filter.1.Value.1", "rtb-0a00000000000000a"),
            ("MaxResults", "100"),
        ],
        empty: tables
            .clone()
            .map(|table| Answered::RouteTable(table.id, Fact::Gone))
            .into(),
        full: tables
            .map(|table| Answered::RouteTable(table.id.clone(), Fact::Is(table)))
            .into(),
        ..route_tables()
    }
}

/// A main table, and one with routes of every kind, a blackhole among them.
fn route_tables() -> Scene {
    let main = RouteTable {
        id: id("rtb-0a00000000000000a"),
        main: true,
        subnets: [].into(),
        routes: vec![Route {
            destination: cidr("10.0.0.0/16"),
            target: RouteTarget::Local,
        }],
    };
    let to = |destination: RouteDestination, target: &str| Route {
        destination,
        target: RouteTarget::To(target.to_owned()),
    };
    let other = RouteTable {
        id: id("rtb-0b00000000000000b"),
        main: false,
        subnets: ids(&["subnet-0a00000000000000a"]),
        routes: vec![
            Route {
                destination: cidr("10.0.0.0/16"),
                target: RouteTarget::Local,
            },
            to(cidr("0.0.0.0/0"), "nat-0a00000000000000a"),
            to(cidr("::/0"), "eigw-0a00000000000000a"),
            to(
                RouteDestination::PrefixList(id("pl-6da54004")),
                "vpce-0b00000000000000b",
            ),
            to(cidr("192.0.2.0/24"), "tgw-0a00000000000000a"),
            to(cidr("198.51.100.0/24"), "pcx-0a00000000000000a"),
            to(cidr("203.0.113.0/24"), "i-0b00000000000000b"),
        ],
    };
    let unreadable = Unreadable {
        action: "ec2:DescribeRouteTables".to_owned(),
        code: "NotShown".to_owned(),
    };
    let question = Question::RouteTables(id(VPC));
    Scene {
        empty: vec![question.without(Missing::Unreadable(unreadable))],
        questions: [question].into(),
        action: "DescribeRouteTables",
        sent: vec![
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", VPC),
            ("MaxResults", "100"),
        ],
        set: "routeTableSet",
        items: route_table_items(),
        full: vec![Answered::RouteTables(id(VPC), Fact::Is(vec![main, other]))],
    }
}

fn route_table_items() -> [String; 2] {
    let association = |last: char, content: &str, state: &str| {
        format!(
            "<item><routeTableAssociationId>rtbassoc-0{last}00000000000000{last}</routeTableAssociationId>{content}\
             <associationState><state>{state}</state></associationState></item>"
        )
    };
    let subnet = |id: &str| format!("<main>false</main><subnetId>{id}</subnetId>");
    let edge = "<main>false</main><gatewayId>igw-0a00000000000000a</gatewayId>";
    let associations = association('b', &subnet("subnet-0a00000000000000a"), "associated")
        + &association('c', &subnet("subnet-0b00000000000000b"), "disassociating")
        + &association('d', edge, "associated");
    let table = |last: char, routes: &[String], associations: &str| {
        format!(
            "<item><routeTableId>rtb-0{last}00000000000000{last}</routeTableId><vpcId>{VPC}</vpcId>\
             <routeSet>{}</routeSet><associationSet>{associations}</associationSet></item>",
            routes.concat()
        )
    };
    let routes = route_items();
    [
        table('a', &routes[..1], &association('a', "<main>true</main>", "associated")),
        table('b', &routes, &associations),
    ]
}

/// The local route, the blackhole, and a route of each kind.
fn route_items() -> [String; 8] {
    let v4 = |cidr: &str| format!("<destinationCidrBlock>{cidr}</destinationCidrBlock>");
    let v6 = "<destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock>".to_owned();
    let list = "<destinationPrefixListId>pl-6da54004</destinationPrefixListId>".to_owned();
    let to = |field: &str, id: &str| format!("<{field}>{id}</{field}>");
    let instance = to("instanceId", "i-0b00000000000000b") + &to("networkInterfaceId", "eni-0b00000000000000b");
    [
        (v4("10.0.0.0/16"), to("gatewayId", "local"), "active"),
        (v4("10.7.0.0/16"), to("gatewayId", "vgw-0a00000000000000a"), "blackhole"),
        (v4("0.0.0.0/0"), to("natGatewayId", "nat-0a00000000000000a"), "active"),
        (
            v6,
            to("egressOnlyInternetGatewayId", "eigw-0a00000000000000a"),
            "active",
        ),
        (list, to("gatewayId", "vpce-0b00000000000000b"), "active"),
        (
            v4("192.0.2.0/24"),
            to("transitGatewayId", "tgw-0a00000000000000a"),
            "active",
        ),
        (
            v4("198.51.100.0/24"),
            to("vpcPeeringConnectionId", "pcx-0a00000000000000a"),
            "active",
        ),
        (v4("203.0.113.0/24"), instance, "active"),
    ]
    .map(|(destination, target, state)| {
        format!("<item>{destination}{target}<state>{state}</state><origin>CreateRoute</origin></item>")
    })
}

fn cidr(text: &str) -> RouteDestination {
    RouteDestination::Cidr(id(text))
}
