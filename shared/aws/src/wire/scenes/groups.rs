//! Security groups and their rules.

use std::collections::BTreeSet;

use guardrail_policy::facts::{Answered, Fact, GroupFilter, Question, SecurityGroup, SecurityGroupRule};
use guardrail_policy::network::{Direction, Peer, Permission, Protocol, Traffic};

use super::{Scene, id};

const APP: &str = "<item><ownerId>111122223333</ownerId><groupId>sg-0a00000000000000a</groupId>\
    <groupName>app</groupName><groupDescription>the app</groupDescription><vpcId>vpc-0a00000000000000a</vpcId>\
    <ipPermissions/><ipPermissionsEgress><item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort>\
    <toPort>443</toPort><groups/><ipRanges/><ipv6Ranges/><prefixListIds>\
    <item><prefixListId>pl-0a00000000000000a</prefixListId></item>\
    <item><prefixListId>pl-0b00000000000000b</prefixListId></item></prefixListIds></item>\
    <item><ipProtocol>-1</ipProtocol><groups/><ipRanges/><ipv6Ranges/><prefixListIds>\
    <item><prefixListId>pl-0a00000000000000a</prefixListId></item></prefixListIds></item></ipPermissionsEgress>\
    <tagSet><item><key>tier</key><value>app &amp; more</value></item></tagSet></item>";
const OTHER_APP: &str = "<item><ownerId>111122223333</ownerId><groupId>sg-0b00000000000000b</groupId>\
    <groupName>app</groupName><groupDescription>its twin</groupDescription><vpcId>vpc-0b00000000000000b</vpcId>\
    <ipPermissions/><ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><groups/><ipRanges/><ipv6Ranges/>\
    <prefixListIds><item><prefixListId>pl-0b00000000000000b</prefixListId></item></prefixListIds></item>\
    </ipPermissionsEgress></item>";

pub(super) fn scenes() -> Vec<Scene> {
    vec![by_id(), named(), default_of(), in_vpcs(), with_egress_to(), rules()]
}

fn app() -> SecurityGroup {
    let tags = [("tier".to_owned(), "app & more".to_owned())].into();
    SecurityGroup {
        id: id("sg-0a00000000000000a"),
        vpc: id("vpc-0a00000000000000a"),
        tags,
        ..other_app()
    }
}

fn other_app() -> SecurityGroup {
    SecurityGroup {
        id: id("sg-0b00000000000000b"),
        name: "app".to_owned(),
        vpc: id("vpc-0b00000000000000b"),
        owner: id("111122223333"),
        tags: [].into(),
    }
}

fn scene(filters: [GroupFilter; 2], sent: Vec<(&'static str, &'static str)>) -> Scene {
    let [one, two] = filters.clone();
    Scene {
        questions: filters.clone().map(Question::Groups).into(),
        action: "DescribeSecurityGroups",
        sent: [sent, vec![("MaxResults", "1000")]].concat(),
        set: "securityGroupInfo",
        items: [APP.to_owned(), OTHER_APP.to_owned()],
        full: vec![
            Answered::Groups(one, Fact::Is(vec![app()])),
            Answered::Groups(two, Fact::Is(vec![other_app()])),
        ],
        empty: filters.map(|filter| Answered::Groups(filter, Fact::Gone)).into(),
    }
}

fn by_id() -> Scene {
    let filters = [id("sg-0a00000000000000a"), id("sg-0b00000000000000b")].map(GroupFilter::Id);
    let sent = vec![
        ("Filter.1.Name", "group-id"),
        ("Filter.1.Value.1", "sg-0a00000000000000a"),
        ("Filter.1.Value.2", "sg-0b00000000000000b"),
    ];
    scene(filters, sent)
}

fn named() -> Scene {
    let filter = GroupFilter::Named("app".to_owned());
    Scene {
        questions: [Question::Groups(filter.clone())].into(),
        full: vec![Answered::Groups(filter.clone(), Fact::Is(vec![app(), other_app()]))],
        empty: vec![Answered::Groups(filter.clone(), Fact::Gone)],
        ..scene(
            [filter.clone(), filter],
            vec![("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "app")],
        )
    }
}

fn default_of() -> Scene {
    let filters = [id("vpc-0a00000000000000a"), id("vpc-0b00000000000000b")].map(GroupFilter::DefaultOf);
    let sent = vec![
        ("Filter.1.Name", "group-name"),
        ("Filter.1.Value.1", "default"),
        ("Filter.2.Name", "vpc-id"),
        ("Filter.2.Value.2", "vpc-0b00000000000000b"),
    ];
    scene(filters, sent)
}

fn in_vpcs() -> Scene {
    let filters = [id("vpc-0a00000000000000a"), id("vpc-0b00000000000000b")].map(GroupFilter::Vpc);
    let sent = vec![
        ("Filter.1.Name", "vpc-id"),
        ("Filter.1.Value.2", "vpc-0b00000000000000b"),
    ];
    scene(filters, sent)
}

fn with_egress_to() -> Scene {
    let filters = [id("pl-0a00000000000000a"), id("pl-0b00000000000000b")].map(GroupFilter::EgressTo);
    let [one, two] = filters.clone();
    let sent = vec![("Filter.1.Name", "egress.ip-permission.prefix-list-id")];
    Scene {
        full: vec![
            Answered::Groups(one, Fact::Is(vec![app()])),
            Answered::Groups(two, Fact::Is(vec![app(), other_app()])),
        ],
        empty: filters
            .clone()
            .map(|filter| Answered::Groups(filter, Fact::Is(vec![])))
            .into(),
        ..scene(filters, sent)
    }
}

/// One rule with each kind of peer, in both directions, of one group.
fn rules() -> Scene {
    let group = "sg-0a00000000000000a";
    let rule = |number: u8, direction: Direction, traffic: Traffic, peer: Peer| SecurityGroupRule {
        id: id(&format!("sgr-0a0000000000000{number:02}")),
        direction,
        permission: Permission { traffic, peer },
        description: None,
    };
    let ping = Traffic::new(Protocol::Icmp, Some(8), Some(-1));
    let referenced = Peer::Group {
        id: id("sg-0c00000000000000c"),
        account: Some(id("444455556666")),
    };
    let described = SecurityGroupRule {
        description: Some("to <all>".to_owned()),
        ..rule(1, Direction::Egress, Traffic::ALL, Peer::Cidr(id("0.0.0.0/0")))
    };
    let rules = vec![
        described,
        rule(2, Direction::Egress, Traffic::HTTPS, Peer::Cidr(id("2001:db8::/32"))),
        rule(
            3,
            Direction::Egress,
            Traffic::HTTPS,
            Peer::PrefixList(id("pl-0a00000000000000a")),
        ),
        rule(4, Direction::Ingress, ping, referenced),
    ];
    Scene {
        questions: BTreeSet::from([Question::Rules(id(group))]),
        action: "DescribeSecurityGroupRules",
        sent: vec![
            ("Filter.1.Name", "group-id"),
            ("Filter.1.Value.1", group),
            ("MaxResults", "1000"),
        ],
        set: "securityGroupRuleSet",
        items: rule_items(),
        full: vec![Answered::Rules(id(group), Fact::Is(rules))],
        empty: vec![Answered::Rules(id(group), Fact::Gone)],
    }
}

fn rule_items() -> [String; 2] {
    let item = |number: u8, egress: bool, traffic: &str, peer: &str| {
        format!(
            "<item><securityGroupRuleId>sgr-0a0000000000000{number:02}</securityGroupRuleId>\
             <groupId>sg-0a00000000000000a</groupId><groupOwnerId>111122223333</groupOwnerId>\
             <isEgress>{egress}</isEgress>{traffic}{peer}<tagSet/></item>"
        )
    };
    let all = "<ipProtocol>-1</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort>";
    let https = "<ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>";
    let ping = "<ipProtocol>icmp</ipProtocol><fromPort>8</fromPort><toPort>-1</toPort>";
    let referenced = "<referencedGroupInfo><groupId>sg-0c00000000000000c</groupId><userId>444455556666</userId>\
        <vpcId>vpc-0c00000000000000c</vpcId><peeringStatus>active</peeringStatus></referencedGroupInfo>";
    [
        item(
            1,
            true,
            all,
            "<cidrIpv4>0.0.0.0/0</cidrIpv4><description>to &lt;all&gt;</description>",
        ) + &item(2, true, https, "<cidrIpv6>2001:db8::/32</cidrIpv6>"),
        item(3, true, https, "<prefixListId>pl-0a00000000000000a</prefixListId>") + &item(4, false, ping, referenced),
    ]
}
