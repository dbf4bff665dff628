//! Endpoints by their ids, and the services that they lead to.

use guardrail_policy::facts::{
    Answered, Endpoint, EndpointDetails, EndpointKind, EndpointService, EndpointState, Fact, Question, ServiceOffer,
    Tags,
};

use super::{Scene, id, ids};

const REGISTRY: &str = "<item><vpcEndpointId>vpce-0a00000000000000a</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType>\
    <vpcId>vpc-0a00000000000000a</vpcId><serviceName>com.amazonaws.eu-west-1.ecr.dkr</serviceName>\
    <state>available</state><policyDocument>{\"Statement\":[]}</policyDocument><routeTableIdSet/>\
    <subnetIdSet><item>subnet-0a00000000000000a</item><item>subnet-0b00000000000000b</item></subnetIdSet>\
    <networkInterfaceIdSet><item>eni-0a00000000000000a</item></networkInterfaceIdSet><groupSet>\
    <item><groupId>sg-0a00000000000000a</groupId><groupName>endpoints</groupName></item></groupSet>\
    <privateDnsEnabled>true</privateDnsEnabled><requesterManaged>true</requesterManaged><dnsEntrySet>\
    <item><dnsName>vpce-0a00000000000000a-abcd1234.dkr.ecr.eu-west-1.vpce.amazonaws.com</dnsName><hostedZoneId>Z1</hostedZoneId></item>\
    <item><dnsName>dkr.ecr.eu-west-1.amazonaws.com</dnsName><hostedZoneId>Z2</hostedZoneId></item></dnsEntrySet>\
    <creationTimestamp>2026-03-02T09:15:07.350Z</creationTimestamp><ownerId>111122223333</ownerId>\
    <tagSet><item><key>Name</key><value>registry</value></item></tagSet></item>";
const OTHERS: &str = "<item><vpcEndpointId>vpce-0b00000000000000b</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType>\
    <vpcId>vpc-0b00000000000000b</vpcId><serviceName>com.amazonaws.eu-west-1.s3</serviceName><state>Deleting</state>\
    <routeTableIdSet/><groupSet/><privateDnsEnabled>false</privateDnsEnabled><requesterManaged>false</requesterManaged>\
    <dnsOptions><privateDnsOnlyForInboundResolverEndpoint>true</privateDnsOnlyForInboundResolverEndpoint></dnsOptions>\
    <ownerId>444455556666</ownerId></item>\
    <item><vpcEndpointId>vpce-0c00000000000000c</vpcEndpointId><vpcEndpointType>Resource</vpcEndpointType>\
    <vpcId>vpc-0b00000000000000b</vpcId><state>partial</state><ownerId>444455556666</ownerId></item>";

pub(super) fn scenes() -> Vec<Scene> {
    vec![by_id(), service()]
}

/// What EC2 lists of S3 as a gateway, which has no private name; one of somebody else says as little as it may.
const GATEWAY: &str = "<item><serviceName>com.amazonaws.eu-west-1.s3</serviceName><serviceId>vpce-svc-0a00000000000000a</serviceId>\
    <serviceType><item><serviceType>Gateway</serviceType></item></serviceType><owner>amazon</owner>\
    <baseEndpointDnsNameSet><item>s3.eu-west-1.amazonaws.com</item></baseEndpointDnsNameSet>\
    <vpcEndpointPolicySupported>true</vpcEndpointPolicySupported><acceptanceRequired>false</acceptanceRequired>\
    <managesVpcEndpoints>false</managesVpcEndpoints><tagSet/></item>\
    <item><serviceName>com.amazonaws.vpce.eu-west-1.vpce-svc-0b00000000000000b</serviceName>\
    <serviceType><item><serviceType>Interface</serviceType></item></serviceType></item>";
/// The same for interfaces.
const INTERFACE: &str = "<item><serviceName>com.amazonaws.eu-west-1.s3</serviceName><serviceId>vpce-svc-0c00000000000000c</serviceId>\
    <serviceType><item><serviceType>Interface</serviceType></item></serviceType><owner>amazon</owner>\
    <privateDnsName>s3.eu-west-1.amazonaws.com</privateDnsName><privateDnsNameSet>\
    <item><privateDnsName>s3.eu-west-1.amazonaws.com</privateDnsName></item>\
    <item><privateDnsName>*.s3.eu-west-1.amazonaws.com</privateDnsName></item></privateDnsNameSet>\
    <vpcEndpointPolicySupported>false</vpcEndpointPolicySupported><managesVpcEndpoints>true</managesVpcEndpoints></item>";

/// Both offers of S3 come together under its name.
fn service() -> Scene {
    let (s3, other) = (
        "com.amazonaws.eu-west-1.s3".to_owned(),
        "com.amazonaws.vpce.eu-west-1.vpce-svc-0b00000000000000b".to_owned(),
    );
    let names = ["*.s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"];
    let gateway = ServiceOffer {
        policy: Some(true),
        ..ServiceOffer::default()
    };
    let interface = ServiceOffer {
        policy: Some(false),
        private_names: names.map(ToOwned::to_owned).into(),
        manages_endpoints: true,
    };
    let offers = EndpointService::from([(EndpointKind::Gateway, gateway), (EndpointKind::Interface, interface)]);
    let bare = EndpointService::from([(EndpointKind::Interface, ServiceOffer::default())]);
    Scene {
        questions: [&s3, &other].map(|name| Question::EndpointService(name.clone())).into(),
        action: "DescribeVpcEndpointServices",
        sent: vec![
            ("Filter.1.Name", "service-name"),
            ("Filter.1.Value.1", "com.amazonaws.eu-west-1.s3"),
            ("MaxResults", "1000"),
        ],
        set: "serviceDetailSet",
        items: [GATEWAY.to_owned(), INTERFACE.to_owned()],
        full: vec![
            Answered::EndpointService(s3.clone(), Fact::Is(offers)),
            Answered::EndpointService(other.clone(), Fact::Is(bare)),
        ],
        empty: vec![
            Answered::EndpointService(s3, Fact::Gone),
            Answered::EndpointService(other, Fact::Gone),
        ],
    }
}

/// One of which AWS says as little as it may.
fn bare(last: char, service: &str, kind: EndpointKind, state: EndpointState) -> EndpointDetails {
    EndpointDetails {
        endpoint: Endpoint {
            id: id(&format!("vpce-0{last}00000000000000{last}")),
            service: service.to_owned(),
            kind,
            state,
            groups: [].into(),
            route_tables: [].into(),
            private_dns: false,
        },
        vpc: id("vpc-0b00000000000000b"),
        owner: id("444455556666"),
        requester_managed: false,
        subnets: [].into(),
        interfaces: [].into(),
        dns_names: Vec::new(),
        inbound_only: false,
        policy: None,
        created: None,
        tags: Tags::new(),
    }
}

/// One with all that AWS says, one with as little as it may, and one of a resource, which names no service.
fn by_id() -> Scene {
    let (registry, s3) = ("com.amazonaws.eu-west-1.ecr.dkr", "com.amazonaws.eu-west-1.s3");
    let mut full = bare('a', registry, EndpointKind::Interface, EndpointState::Available);
    full.endpoint.groups = ids(&["sg-0a00000000000000a"]);
    full.endpoint.private_dns = true;
    let full = EndpointDetails {
        vpc: id("vpc-0a00000000000000a"),
        owner: id("111122223333"),
        requester_managed: true,
        subnets: ids(&["subnet-0a00000000000000a", "subnet-0b00000000000000b"]),
        interfaces: ids(&["eni-0a00000000000000a"]),
        dns_names: vec![
            "vpce-0a00000000000000a-abcd1234.dkr.ecr.eu-west-1.vpce.amazonaws.com".to_owned(),
            "dkr.ecr.eu-west-1.amazonaws.com".to_owned(),
        ],
        policy: Some("{\"Statement\":[]}".to_owned()),
        created: Some(id("2026-03-02T09:15:07Z")),
        tags: Tags::from([("Name".to_owned(), "registry".to_owned())]),
        ..full
    };
    let deleting = EndpointDetails {
        inbound_only: true,
        ..bare('b', s3, EndpointKind::Interface, EndpointState::Deleted)
    };
    let resource = bare('c', "", EndpointKind::Other, EndpointState::Other);
    let found = [full, deleting, resource];
    let ids = || found.iter().map(|details| details.endpoint.id.clone());
    Scene {
        questions: ids().map(Question::Endpoint).collect(),
        action: "DescribeVpcEndpoints",
        sent: vec![
            ("Filter.1.Name", "vpc-endpoint-id"),
            ("Filter.1.Value.1", "vpce-0a00000000000000a"),
            ("Filter.1.Value.3", "vpce-0c00000000000000c"),
            ("MaxResults", "1000"),
        ],
        set: "vpcEndpointSet",
        items: [REGISTRY.to_owned(), OTHERS.to_owned()],
        full: found
            .iter()
            .map(|details| Answered::Endpoint(details.endpoint.id.clone(), Fact::Is(details.clone())))
            .collect(),
        empty: ids().map(|id| Answered::Endpoint(id, Fact::Gone)).collect(),
    }
}
