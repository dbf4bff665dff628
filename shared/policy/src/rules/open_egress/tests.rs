//! The rule's rounds and reads; what it says about each shape of network is shown by its page and by the corpus.

use std::collections::BTreeSet;

use crate::case::{Case, Ceiling, CeilingReason};
use crate::decide::{Decision, Progress, Reason, decide};
use crate::event::{self, Event};
use crate::facts::{
    AddressFamily, Answered, Endpoint, EndpointKind, EndpointState, Everywhere, Fact, Facts, GroupFilter,
    InterfaceFilter, ListOwner, NetworkInterface, PrefixList, Question, Route, RouteDestination, RouteTable,
    RouteTarget, SecurityGroup, SecurityGroupRule, Tags, Vpc,
};
use crate::network::{Direction, Peer, Permission, Protocol, Traffic};
use crate::rules;
use crate::settings::{self, Settings};

const GROUP: &str = "sg-0aaaaaaaaaaaaaaaa";
const ENDPOINT_GROUP: &str = "sg-0bbbbbbbbbbbbbbbb";
const VPC: &str = "vpc-0aaaaaaaaaaaaaaaa";

/// A private VPC with an S3 gateway endpoint and one interface endpoint, and an app group with these egress rules.
struct Network {
    rules: Vec<(&'static str, Permission)>,
    tags: Tags,
}

fn permission(traffic: Traffic, cidr: &str) -> Permission {
    Permission { traffic, peer: Peer::Cidr(cidr.parse().unwrap()) }
}

fn open() -> Permission {
    permission(Traffic::ALL, "0.0.0.0/0")
}

fn private(rules: Vec<(&'static str, Permission)>) -> Network {
    Network { rules, tags: Tags::from([("connectivity".to_owned(), "private".to_owned())]) }
}

impl Network {
    fn answer(&self, question: &Question) -> Answered {
        match question.clone() {
            Question::Groups(filter) => Answered::Groups(filter, Fact::Is(vec![self.group()])),
            Question::Rules(id) => Answered::Rules(id, Fact::Is(self.listed())),
            Question::Vpc(id) => Answered::Vpc(id, Fact::Is(self.vpc())),
            Question::Vpcs(_) => Answered::Vpcs(Everywhere, Fact::Is(vec![self.vpc()])),
            Question::Subnets(id) => Answered::Subnets(id, Fact::Is(Vec::new())),
            Question::VpcDns(id) => Answered::VpcDns(id, Fact::Gone),
            Question::DnsServers(id) => Answered::DnsServers(id, Fact::Gone),
            Question::Endpoint(id) => Answered::Endpoint(id, Fact::Gone),
            Question::EndpointService(name) => Answered::EndpointService(name, Fact::Gone),
            Question::Endpoints(id) => Answered::Endpoints(id, Fact::Is(endpoints())),
            Question::RouteTable(id) => Answered::RouteTable(id, Fact::Gone),
            Question::RouteTables(id) => Answered::RouteTables(id, Fact::Is(vec![table()])),
            Question::Interfaces(filter) => Answered::Interfaces(filter, Fact::Is(vec![interface()])),
            Question::PrefixLists(_) => Answered::PrefixLists(Everywhere, Fact::Is(vec![s3()])),
            Question::Entries(id) => Answered::Entries(id, Fact::Is(BTreeSet::from(["52.218.0.0/17".parse().unwrap()]))),
            Question::ServiceEndpoints(name) => Answered::ServiceEndpoints(name, Fact::Is(Vec::new())),
            Question::RestApi(id) => Answered::RestApi(id, Fact::Gone),
            Question::HttpApi(id) => Answered::HttpApi(id, Fact::Gone),
            Question::RestApis(everywhere) => Answered::RestApis(everywhere, Fact::Gone),
            Question::HttpApis(everywhere) => Answered::HttpApis(everywhere, Fact::Gone),
            Question::GraphqlApis(everywhere) => Answered::GraphqlApis(everywhere, Fact::Gone),
            Question::GraphqlApi(id) => Answered::GraphqlApi(id, Fact::Gone),
            Question::Past(about) => Answered::Past(about, Fact::Is(Vec::new())),
            other => panic!("{other:?} is not asked here"),
        }
    }

    fn group(&self) -> SecurityGroup {
        SecurityGroup {
            id: GROUP.parse().unwrap(),
            name: "app".to_owned(),
            vpc: VPC.parse().unwrap(),
            owner: "111122223333".parse().unwrap(),
            tags: Tags::new(),
        }
    }

    fn listed(&self) -> Vec<SecurityGroupRule> {
        let rule = |(id, permission): &(&str, Permission)| SecurityGroupRule {
            id: id.parse().unwrap(),
            direction: Direction::Egress,
            permission: permission.clone(),
            description: None,
        };
        self.rules.iter().map(rule).collect()
    }

    fn vpc(&self) -> Vpc {
        Vpc {
            id: VPC.parse().unwrap(),
            owner: "111122223333".parse().unwrap(),
            cidrs: BTreeSet::from(["10.0.0.0/16".parse().unwrap()]),
            tags: self.tags.clone(),
        }
    }
}

fn endpoints() -> Vec<Endpoint> {
    let endpoint = |id: &str, service: &str, kind| Endpoint {
        id: id.parse().unwrap(),
        service: format!("com.amazonaws.eu-west-1.{service}"),
        kind,
        state: EndpointState::Available,
        groups: BTreeSet::new(),
        route_tables: BTreeSet::new(),
        private_dns: true,
    };
    let gateway = Endpoint {
        route_tables: BTreeSet::from(["rtb-0aaaaaaaaaaaaaaaa".parse().unwrap()]),
        ..endpoint("vpce-0aaaaaaaaaaaaaaaa", "s3", EndpointKind::Gateway)
    };
    let interface = Endpoint {
        groups: BTreeSet::from([ENDPOINT_GROUP.parse().unwrap()]),
        ..endpoint("vpce-0bbbbbbbbbbbbbbbb", "ecr.api", EndpointKind::Interface)
    };
    vec![gateway, interface]
}

fn table() -> RouteTable {
    let local = Route { destination: RouteDestination::Cidr("10.0.0.0/16".parse().unwrap()), target: RouteTarget::Local };
    RouteTable { id: "rtb-0aaaaaaaaaaaaaaaa".parse().unwrap(), main: true, subnets: BTreeSet::new(), routes: vec![local] }
}

fn interface() -> NetworkInterface {
    NetworkInterface {
        public: Vec::new(),
        id: "eni-0aaaaaaaaaaaaaaaa".parse().unwrap(),
        vpc: VPC.parse().unwrap(),
        subnet: "subnet-0aaaaaaaaaaaaaaaa".parse().unwrap(),
        groups: BTreeSet::from([GROUP.parse().unwrap()]),
        addresses: BTreeSet::from(["10.0.1.10".parse().unwrap()]),
        requester_managed: false,
    }
}

fn s3() -> PrefixList {
    PrefixList {
        id: "pl-6da54004".parse().unwrap(),
        name: "com.amazonaws.eu-west-1.s3".to_owned(),
        owner: ListOwner::Aws,
        family: AddressFamily::Ipv4,
        max_entries: None,
    }
}

/// The record of a call that added one rule, as CloudTrail tells of it.
fn opened(rule: &str, cidr: &str) -> Event {
    let text = format!(
        r#"{{"eventVersion":"1.10","eventID":"6e1a1b2c-0d3e-4f50-8a6b-7c8d9e0f1a2b","eventTime":"2026-05-04T10:00:00Z",
        "eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupEgress","awsRegion":"eu-west-1",
        "recipientAccountId":"111122223333","sourceIPAddress":"198.51.100.7","userAgent":"console.amazonaws.com",
        "userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/Deploy/session","accountId":"111122223333"}},
        "requestParameters":{{"groupId":"{GROUP}","ipPermissions":{{"items":[{{"ipProtocol":"-1","groups":{{}},"ipRanges":{{"items":[{{"cidrIp":"{cidr}"}}]}},"prefixListIds":{{}}}}]}}}},
        "responseElements":{{"_return":true,"securityGroupRuleSet":{{"items":[{{"groupId":"{GROUP}","securityGroupRuleId":"{rule}","isEgress":true,"ipProtocol":"-1","fromPort":-1,"toPort":-1,"cidrIpv4":"{cidr}"}}]}}}}}}"#
    );
    event::parse(text.as_bytes()).unwrap().1
}

fn settings() -> Settings {
    let text = "version: 1\nscope:\n  private_vpcs:\n    - tags: { connectivity: private }\n";
    settings::parse(text.as_bytes(), rules::BUILT_NAMES).unwrap()
}

/// Asks and answers until it is decided; the questions of each round are kept.
fn run(network: &Network, event: &Event, seconds_later: i64) -> (Decision, Vec<BTreeSet<Question>>) {
    let settings = settings();
    let account = "111122223333".parse().unwrap();
    let now = event.time + crate::jiff::SignedDuration::from_secs(seconds_later);
    let without_ledger = [Ceiling::notify(CeilingReason::NoLedger)];
    let case = Case { event, account: &account, now, settings: &settings, rules: rules::BUILT, ceilings: &without_ledger, own_roles: &[], own: crate::own::Own::none(), last_delivery: false };
    let (mut facts, mut rounds) = (Facts::default(), Vec::new());
    loop {
        match decide(&case, &facts) {
            Progress::Done(decision) => return (decision, rounds),
            Progress::Ask(questions) => {
                for question in &questions {
                    facts.insert(network.answer(question));
                }
                rounds.push(questions);
            }
            Progress::Settle(questions) => {
                questions.iter().for_each(|question| facts.settle(question.clone()));
                rounds.push(questions);
            }
        }
    }
}

#[test]
fn a_clean_verdict_takes_three_reads_in_two_rounds() {
    let inside = permission(Traffic::HTTPS, "10.0.0.0/16");
    let (decision, rounds) = run(&private(vec![("sgr-0aaaaaaaaaaaaaaaa", inside)]), &opened("sgr-0aaaaaaaaaaaaaaaa", "10.0.0.0/16"), 5);
    // The event's rule is another than the one that is listed (all traffic, not HTTPS): seen too early to be believed.
    assert_eq!((decision.reason, rounds.len()), (Reason::Undecided, 2));
    let all = permission(Traffic::ALL, "10.0.0.0/16");
    let (decision, rounds) = run(&private(vec![("sgr-0aaaaaaaaaaaaaaaa", all)]), &opened("sgr-0aaaaaaaaaaaaaaaa", "10.0.0.0/16"), 5);
    assert_eq!(decision.reason, Reason::Clean);
    assert_eq!(rounds.iter().map(BTreeSet::len).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_finding_with_its_plan_takes_at_most_nine_reads_in_three_rounds() {
    let (decision, rounds) = run(&private(vec![("sgr-0aaaaaaaaaaaaaaaa", open())]), &opened("sgr-0aaaaaaaaaaaaaaaa", "0.0.0.0/0"), 5);
    assert_eq!(decision.reason, Reason::Found);
    assert_eq!(rounds.iter().map(BTreeSet::len).collect::<Vec<_>>(), [2, 1, 4]);
    let half = permission(Traffic::ALL, "0.0.0.0/1");
    let (decision, rounds) = run(&private(vec![("sgr-0aaaaaaaaaaaaaaaa", half)]), &opened("sgr-0aaaaaaaaaaaaaaaa", "0.0.0.0/1"), 5);
    assert_eq!(decision.reason, Reason::Found);
    assert_eq!(rounds.iter().map(BTreeSet::len).collect::<Vec<_>>(), [2, 2, 4]);
}

#[test]
fn a_vpc_that_is_not_selected_is_let_pass_after_three_reads() {
    let network = Network { rules: vec![("sgr-0aaaaaaaaaaaaaaaa", open())], tags: Tags::new() };
    let (decision, rounds) = run(&network, &opened("sgr-0aaaaaaaaaaaaaaaa", "0.0.0.0/0"), 5);
    assert_eq!((decision.reason, rounds.len()), (Reason::NotSelected, 2));
}

#[test]
fn an_answer_without_the_events_rule_is_not_believed_within_a_minute_and_only_twice_after_that() {
    let network = private(Vec::new());
    let (decision, _) = run(&network, &opened("sgr-0aaaaaaaaaaaaaaaa", "0.0.0.0/0"), 59);
    assert_eq!(decision.reason, Reason::Undecided);
    let (decision, rounds) = run(&network, &opened("sgr-0aaaaaaaaaaaaaaaa", "0.0.0.0/0"), 61);
    assert_eq!(decision.reason, Reason::AlreadyGone);
    assert_eq!(rounds.last().unwrap(), &BTreeSet::from([Question::Rules(GROUP.parse().unwrap())]));
}

#[test]
#[expect(clippy::too_many_lines, reason = "the message stands in it whole")]
fn the_message_says_what_who_when_where_and_what_would_be_done() {
    let also = permission(Traffic::new(Protocol::Tcp, Some(8080), Some(8080)), "8.8.8.0/24");
    let network = private(vec![("sgr-0aaaaaaaaaaaaaaaa", open()), ("sgr-0cccccccccccccccc", also)]);
    let (decision, _) = run(&network, &opened("sgr-0aaaaaaaaaaaaaaaa", "0.0.0.0/0"), 5);
    let notice = &decision.notices[0];
    insta::assert_snapshot!(format!("{}\n\n{}", notice.subject, notice.text), @r#"
    [medium] open-egress: sg-0aaaaaaaaaaaaaaaa internet (+1 more) in 111122223333 eu-west-1

    MEDIUM open-egress: an egress rule reaches the internet.

      What     sgr-0aaaaaaaaaaaaaaaa: all traffic to 0.0.0.0/0, that is everywhere
      Where    security group sg-0aaaaaaaaaaaaaaaa (app) in vpc-0aaaaaaaaaaaaaaaa, account 111122223333, eu-west-1
      Who      Deploy/session (arn:aws:sts::111122223333:assumed-role/Deploy/session), from 198.51.100.7
      When     AuthorizeSecurityGroupEgress at 2026-05-04 10:00:00 UTC, judged 5 s later
      Context  the group's subnets have no route to the internet at this time: nothing leaves until somebody adds one

    Nothing was changed: the mode is notify, as the policy file sets it.
    Mode revert would do (narrow):
      1. authorise egress of sg-0aaaaaaaaaaaaaaaa: all traffic to 10.0.0.0/16, tcp/443 to pl-6da54004
      2. revoke egress of sg-0aaaaaaaaaaaaaaaa: all traffic to 0.0.0.0/0 (sgr-0aaaaaaaaaaaaaaaa)
    Would keep working:
      - all traffic to 10.0.0.0/16 (the VPC itself)
      - tcp/443 to pl-6da54004 (com.amazonaws.eu-west-1.s3)
      - the group's 1 other egress rule
      - connections that are open now, until they are closed
    Would stop:
      - new connections that only sgr-0aaaaaaaaaaaaaaaa (all traffic to 0.0.0.0/0) permits
      - AWS services without an endpoint in this VPC, and S3 and DynamoDB of other Regions

    To mend it for good, in Terraform:
      Remove the open egress rule from the code that made it, or the next deployment opens it again.
      resource "aws_vpc_security_group_egress_rule" "private_1" {
        security_group_id = "sg-0aaaaaaaaaaaaaaaa"
        cidr_ipv4 = "10.0.0.0/16"
        ip_protocol = "-1"
      }
      resource "aws_vpc_security_group_egress_rule" "private_2" {
        security_group_id = "sg-0aaaaaaaaaaaaaaaa"
        prefix_list_id = "pl-6da54004"
        ip_protocol = "tcp"
        from_port = 443
        to_port = 443
      }

    To mend it for good, in CloudFormation:
      Remove the open egress rule from the code that made it, or the next deployment opens it again.
      PrivateEgress1:
        Type: AWS::EC2::SecurityGroupEgress
        Properties:
          GroupId: sg-0aaaaaaaaaaaaaaaa
          CidrIp: 10.0.0.0/16
          IpProtocol: "-1"
      PrivateEgress2:
        Type: AWS::EC2::SecurityGroupEgress
        Properties:
          GroupId: sg-0aaaaaaaaaaaaaaaa
          DestinationPrefixListId: pl-6da54004
          IpProtocol: "tcp"
          FromPort: 443
          ToPort: 443

    ALSO FOUND, AND NOT BROUGHT IN BY THIS CALL

    MEDIUM open-egress: an egress rule reaches the internet.

      What     sgr-0cccccccccccccccc: tcp/8080 to 8.8.8.0/24, outside the allowed destinations with 8.8.8.0/24
      Where    security group sg-0aaaaaaaaaaaaaaaa (app) in vpc-0aaaaaaaaaaaaaaaa, account 111122223333, eu-west-1
      When     seen at 2026-05-04 10:00:05 UTC
      Context  the group's subnets have no route to the internet at this time: nothing leaves until somebody adds one

    Nothing was changed: this event did not bring it in, and only what an event brings in is taken back.

    If it must be, have it allowed for a while in the policy file, under exemptions:
      - rule: open-egress
        resource: sg-0aaaaaaaaaaaaaaaa
        owner: WHO-ANSWERS-FOR-IT@example.com
        reason: WHY, AND THE TICKET
        until: 2026-08-02  # at the latest

    Event 6e1a1b2c-0d3e-4f50-8a6b-7c8d9e0f1a2b, record-609a638ef3db3a08442d9ac1, notice-d007c9ad93d41398126aeafb, policy bc5ab43ea1b1.
    "#);
}

#[test]
fn filters_and_lists_are_keys_of_their_own() {
    let ids = [GroupFilter::Id(GROUP.parse().unwrap()), GroupFilter::DefaultOf(VPC.parse().unwrap())];
    assert_eq!(ids.into_iter().map(Question::Groups).collect::<BTreeSet<_>>().len(), 2);
    let interfaces = [InterfaceFilter::Group(GROUP.parse().unwrap()), InterfaceFilter::Vpc(VPC.parse().unwrap())];
    assert_eq!(interfaces.into_iter().map(Question::Interfaces).collect::<BTreeSet<_>>().len(), 2);
}
