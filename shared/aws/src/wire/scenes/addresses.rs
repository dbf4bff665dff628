//! VPCs, subnets, network interfaces and prefix lists.

use std::net::IpAddr;

use guardrail_policy::facts::{
    AddressFamily, Answered, Everywhere, Fact, InterfaceFilter, ListOwner, NetworkInterface, PrefixList, PublicAddress,
    Question, Subnet, SubnetDetails, Vpc,
};

use super::{Scene, id, ids};

pub(super) fn scenes() -> Vec<Scene> {
    let mut scenes = vec![
        vpcs(),
        every_vpc(),
        subnets(),
        single_subnets(),
        prefix_lists(),
        entries(),
    ];
    scenes.extend(interfaces());
    scenes
}

/// Two VPCs, the first with blocks in every state, the second without any of IPv6.
fn vpcs() -> Scene {
    let first = "<item><vpcId>vpc-0a00000000000000a</vpcId><ownerId>111122223333</ownerId><state>available</state>\
        <cidrBlock>10.0.0.0/16</cidrBlock><cidrBlockAssociationSet>\
        <item><cidrBlock>10.0.0.0/16</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState></item>\
        <item><cidrBlock>10.1.0.0/16</cidrBlock><cidrBlockState><state>associating</state></cidrBlockState></item>\
        <item><cidrBlock>10.2.0.0/16</cidrBlock><cidrBlockState><state>disassociated</state></cidrBlockState></item>\
        <item><cidrBlock>100.64.0.0/20</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState></item>\
        </cidrBlockAssociationSet><ipv6CidrBlockAssociationSet>\
        <item><ipv6CidrBlock>2001:db8:1::/56</ipv6CidrBlock>\
        <ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState></item>\
        <item><ipv6CidrBlock>2001:db8:2::/56</ipv6CidrBlock>\
        <ipv6CidrBlockState><state>disassociating</state></ipv6CidrBlockState></item></ipv6CidrBlockAssociationSet>\
        <tagSet><item><key>connectivity</key><value>private</value></item></tagSet></item>";
    let second = "<item><vpcId>vpc-0b00000000000000b</vpcId><ownerId>444455556666</ownerId><state>available</state>\
        <cidrBlock>10.9.0.0/16</cidrBlock><cidrBlockAssociationSet>\
        <item><cidrBlock>10.9.0.0/16</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState></item>\
        </cidrBlockAssociationSet></item>";
    let vpc = |vpc: &str, owner: &str, cidrs: &[&str]| Vpc {
        id: id(vpc),
        owner: id(owner),
        cidrs: ids(cidrs),
        tags: [].into(),
    };
    let tagged = Vpc {
        tags: [("connectivity".to_owned(), "private".to_owned())].into(),
        ..vpc(
            "vpc-0a00000000000000a",
            "111122223333",
            &["10.0.0.0/16", "100.64.0.0/20", "2001:db8:1::/56"],
        )
    };
    let other = vpc("vpc-0b00000000000000b", "444455556666", &["10.9.0.0/16"]);
    Scene {
        questions: [tagged.id.clone(), other.id.clone()].map(Question::Vpc).into(),
        action: "DescribeVpcs",
        sent: vec![
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.2", "vpc-0b00000000000000b"),
            ("MaxResults", "1000"),
        ],
        set: "vpcSet",
        items: [first.to_owned(), second.to_owned()],
        empty: [&tagged, &other]
            .map(|vpc| Answered::Vpc(vpc.id.clone(), Fact::Gone))
            .into(),
        full: [tagged, other]
            .map(|vpc| Answered::Vpc(vpc.id.clone(), Fact::Is(vpc)))
            .into(),
    }
}

/// The same VPCs, unasked by id.
fn every_vpc() -> Scene {
    let found = vpcs().full.into_iter().filter_map(|answered| match answered {
        Answered::Vpc(_, Fact::Is(vpc)) => Some(vpc),
        _ => None,
    });
    Scene {
        questions: [Question::Vpcs(Everywhere)].into(),
        sent: vec![("MaxResults", "1000")],
        full: vec![Answered::Vpcs(Everywhere, Fact::Is(found.collect()))],
        empty: vec![Answered::Vpcs(Everywhere, Fact::Is(vec![]))],
        ..vpcs()
    }
}

/// A subnet with blocks of both families, one of them on its way out, and one of IPv6 alone.
fn subnets() -> Scene {
    let vpc = "vpc-0a00000000000000a";
    let first = "<item><subnetId>subnet-0a00000000000000a</subnetId><vpcId>vpc-0a00000000000000a</vpcId>\
        <ownerId>111122223333</ownerId><mapPublicIpOnLaunch>true</mapPublicIpOnLaunch>\
        <state>available</state><cidrBlock>10.0.1.0/24</cidrBlock><availabilityZone>eu-west-1a</availabilityZone>\
        <ipv6CidrBlockAssociationSet><item><ipv6CidrBlock>2001:db8:1:1::/64</ipv6CidrBlock>\
        <ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState></item>\
        <item><ipv6CidrBlock>2001:db8:1:2::/64</ipv6CidrBlock>\
        <ipv6CidrBlockState><state>disassociating</state></ipv6CidrBlockState></item></ipv6CidrBlockAssociationSet>\
        <tagSet><item><key>tier</key><value>app</value></item></tagSet></item>";
    let second = "<item><subnetId>subnet-0b00000000000000b</subnetId><vpcId>vpc-0a00000000000000a</vpcId>\
        <ownerId>444455556666</ownerId><mapPublicIpOnLaunch>false</mapPublicIpOnLaunch>\
        <state>available</state><ipv6Native>true</ipv6Native><ipv6CidrBlockAssociationSet>\
        <item><ipv6CidrBlock>2001:db8:1:3::/64</ipv6CidrBlock>\
        <ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState></item></ipv6CidrBlockAssociationSet></item>";
    let found = vec![
        Subnet {
            id: id("subnet-0a00000000000000a"),
            cidrs: ids(&["10.0.1.0/24", "2001:db8:1:1::/64"]),
            public_addresses: true,
            zone: "eu-west-1a".to_owned(),
            tags: [("tier".to_owned(), "app".to_owned())].into(),
        },
        Subnet {
            id: id("subnet-0b00000000000000b"),
            cidrs: ids(&["2001:db8:1:3::/64"]),
            public_addresses: false,
            zone: String::new(),
            tags: [].into(),
        },
    ];
    Scene {
        questions: [Question::Subnets(id(vpc))].into(),
        action: "DescribeSubnets",
        sent: vec![
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", vpc),
            ("MaxResults", "1000"),
        ],
        set: "subnetSet",
        items: [first.to_owned(), second.to_owned()],
        full: vec![Answered::Subnets(id(vpc), Fact::Is(found))],
        empty: vec![Answered::Subnets(id(vpc), Fact::Is(vec![]))],
    }
}

/// The same subnets by their ids.
fn single_subnets() -> Scene {
    let Some(Answered::Subnets(vpc, Fact::Is(found))) = subnets().full.pop() else {
        panic!("the scene has an answer")
    };
    let owners = ["111122223333", "444455556666"].into_iter();
    let details = found.into_iter().zip(owners).map(|(subnet, owner)| SubnetDetails {
        subnet,
        vpc: vpc.clone(),
        owner: id(owner),
    });
    let details: Vec<SubnetDetails> = details.collect();
    let ids = details.iter().map(|details| details.subnet.id.clone());
    Scene {
        questions: ids.clone().map(Question::Subnet).collect(),
        sent: vec![
            ("Filter.1.Name", "subnet-id"),
            ("Filter.1.Value.1", "subnet-0a00000000000000a"),
            ("MaxResults", "1000"),
        ],
        empty: ids.clone().map(|id| Answered::Subnet(id, Fact::Gone)).collect(),
        full: details
            .iter()
            .map(|details| Answered::Subnet(details.subnet.id.clone(), Fact::Is(details.clone())))
            .collect(),
        ..subnets()
    }
}

fn prefix_lists() -> Scene {
    let ours = "<item><prefixListId>pl-0a00000000000000a</prefixListId><addressFamily>IPv6</addressFamily>\
        <state>modify-complete</state><prefixListName>partners</prefixListName><maxEntries>20</maxEntries>\
        <version>3</version><ownerId>111122223333</ownerId></item>";
    let aws = "<item><prefixListId>pl-6da54004</prefixListId><addressFamily>IPv4</addressFamily>\
        <prefixListName>com.amazonaws.eu-west-1.s3</prefixListName><ownerId>AWS</ownerId></item>";
    let lists = vec![
        PrefixList {
            id: id("pl-0a00000000000000a"),
            name: "partners".to_owned(),
            owner: ListOwner::Account(id("111122223333")),
            family: AddressFamily::Ipv6,
            max_entries: Some(20),
        },
        PrefixList {
            id: id("pl-6da54004"),
            name: "com.amazonaws.eu-west-1.s3".to_owned(),
            owner: ListOwner::Aws,
            family: AddressFamily::Ipv4,
            max_entries: None,
        },
    ];
    Scene {
        questions: [Question::PrefixLists(Everywhere)].into(),
        action: "DescribeManagedPrefixLists",
        sent: vec![("MaxResults", "100")],
        set: "prefixListSet",
        items: [ours.to_owned(), aws.to_owned()],
        full: vec![Answered::PrefixLists(Everywhere, Fact::Is(lists))],
        empty: vec![Answered::PrefixLists(Everywhere, Fact::Is(vec![]))],
    }
}

fn entries() -> Scene {
    let list = "pl-0a00000000000000a";
    Scene {
        questions: [Question::Entries(id(list))].into(),
        action: "GetManagedPrefixListEntries",
        sent: vec![("PrefixListId", list), ("MaxResults", "100")],
        set: "entrySet",
        items: [
            "<item><cidr>192.0.2.0/24</cidr><description>office</description></item>".to_owned(),
            "<item><cidr>198.51.100.0/25</cidr></item><item><cidr>2001:db8::/48</cidr></item>".to_owned(),
        ],
        full: vec![Answered::Entries(
            id(list),
            Fact::Is(ids(&["192.0.2.0/24", "198.51.100.0/25", "2001:db8::/48"])),
        )],
        empty: vec![Answered::Entries(id(list), Fact::Is([].into()))],
    }
}

/// Two interfaces, found in each of the four ways: both by their group and VPC, one by its id and by its instance.
fn interfaces() -> [Scene; 4] {
    let (of_endpoint, of_instance) = (of_endpoint(), of_instance());
    let filters = [of_endpoint.id.clone(), of_instance.id.clone()].map(InterfaceFilter::Id);
    let instance = InterfaceFilter::Instance(id("i-0b00000000000000b"));
    let group = InterfaceFilter::Group(id("sg-0b00000000000000b"));
    let vpc = InterfaceFilter::Vpc(id("vpc-0a00000000000000a"));
    let both = vec![of_endpoint.clone(), of_instance.clone()];
    let [first, second] = filters.clone();
    let by_id = Scene {
        questions: filters.clone().map(Question::Interfaces).into(),
        full: vec![
            Answered::Interfaces(first.clone(), Fact::Is(vec![of_endpoint])),
            Answered::Interfaces(second, Fact::Is(vec![of_instance.clone()])),
        ],
        empty: filters.map(|filter| Answered::Interfaces(filter, Fact::Gone)).into(),
        ..interface_scene(first, "network-interface-id", vec![])
    };
    let by_instance = interface_scene(instance, "attachment.instance-id", vec![of_instance]);
    // EC2 lists what matches the filter: here, what is attached to an instance.
    let [endpoint_item, instance_item] = by_id.items.clone();
    let attached = endpoint_item.replace(
        "</item>",
        "<attachment><instanceId>i-0c00000000000000c</instanceId></attachment></item>",
    );
    let by_instance = Scene {
        items: [attached, instance_item],
        ..by_instance
    };
    [
        by_id,
        by_instance,
        interface_scene(group, "group-id", both.clone()),
        interface_scene(vpc, "vpc-id", both),
    ]
}

fn interface_scene(filter: InterfaceFilter, by: &'static str, found: Vec<NetworkInterface>) -> Scene {
    let of_endpoint = "<item><networkInterfaceId>eni-0a00000000000000a</networkInterfaceId>\
        <subnetId>subnet-0a00000000000000a</subnetId><vpcId>vpc-0a00000000000000a</vpcId>\
        <requesterManaged>true</requesterManaged><privateIpAddress>10.0.1.10</privateIpAddress><groupSet>\
        <item><groupId>sg-0a00000000000000a</groupId></item><item><groupId>sg-0b00000000000000b</groupId></item>\
        </groupSet><privateIpAddressesSet><item><privateIpAddress>10.0.1.10</privateIpAddress></item>\
        </privateIpAddressesSet><ipv6AddressesSet/></item>";
    let of_instance = "<item><networkInterfaceId>eni-0b00000000000000b</networkInterfaceId>\
        <subnetId>subnet-0b00000000000000b</subnetId><vpcId>vpc-0a00000000000000a</vpcId>\
        <requesterManaged>false</requesterManaged><attachment><instanceId>i-0b00000000000000b</instanceId></attachment>\
        <groupSet><item><groupId>sg-0b00000000000000b</groupId></item></groupSet><privateIpAddressesSet>\
        <item><privateIpAddress>10.0.2.20</privateIpAddress><association><publicIp>203.0.113.7</publicIp>\
        <ipOwnerId>111122223333</ipOwnerId><allocationId>eipalloc-0b00000000000000b</allocationId>\
        <associationId>eipassoc-0b00000000000000b</associationId></association></item>\
        <item><privateIpAddress>10.0.2.21</privateIpAddress><association><publicIp>203.0.113.8</publicIp>\
        <ipOwnerId>amazon</ipOwnerId></association></item></privateIpAddressesSet><ipv6AddressesSet><item><ipv6Address>2001:db8:1::20</ipv6Address></item>\
        </ipv6AddressesSet></item>";
    Scene {
        questions: [Question::Interfaces(filter.clone())].into(),
        action: "DescribeNetworkInterfaces",
        sent: vec![
            ("Filter.1.Name", by),
            ("IncludeManagedResources", "true"),
            ("MaxResults", "1000"),
        ],
        set: "networkInterfaceSet",
        items: [of_endpoint.to_owned(), of_instance.to_owned()],
        full: vec![Answered::Interfaces(filter.clone(), Fact::Is(found))],
        empty: vec![Answered::Interfaces(filter, Fact::Is(vec![]))],
    }
}

fn of_endpoint() -> NetworkInterface {
    NetworkInterface {
        id: id("eni-0a00000000000000a"),
        vpc: id("vpc-0a00000000000000a"),
        subnet: id("subnet-0a00000000000000a"),
        groups: ids(&["sg-0a00000000000000a", "sg-0b00000000000000b"]),
        addresses: ids::<IpAddr>(&["10.0.1.10"]),
        public: vec![],
        requester_managed: true,
    }
}

fn of_instance() -> NetworkInterface {
    NetworkInterface {
        id: id("eni-0b00000000000000b"),
        vpc: id("vpc-0a00000000000000a"),
        subnet: id("subnet-0b00000000000000b"),
        groups: ids(&["sg-0b00000000000000b"]),
        addresses: ids::<IpAddr>(&["10.0.2.20", "10.0.2.21", "2001:db8:1::20"]),
        public: vec![
            PublicAddress {
                address: id("203.0.113.7"),
                association: Some(id("eipassoc-0b00000000000000b")),
            },
            PublicAddress {
                address: id("203.0.113.8"),
                association: None,
            },
        ],
        requester_managed: false,
    }
}
