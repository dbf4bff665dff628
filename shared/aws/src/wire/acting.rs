//! What is changed: the requests as they are sent, what each reply means, and that nothing is sent twice that may have
//! been done.

use std::collections::BTreeSet;

use guardrail_policy::network::{Peer, Permission, Protocol, Traffic};
use guardrail_policy::plan::Action;
use guardrail_runner::ports::{Act, ActError};

use super::server::{Reply, Request, Server, error, half, reply};
use super::{HASTY, PATIENT, aws_at};
use crate::{Timeouts, needs};

const GROUP: &str = "sg-0a00000000000000a";
const AUTHORIZE: &str = "AuthorizeSecurityGroupEgress";
const REVOKE: &str = "RevokeSecurityGroupEgress";

fn to(traffic: Traffic, cidr: &str) -> Permission {
    Permission {
        traffic,
        peer: Peer::Cidr(cidr.parse().unwrap()),
    }
}

fn authorize(permissions: &[Permission]) -> Action {
    Action::AuthorizeEgress {
        group: GROUP.parse().unwrap(),
        permissions: permissions.to_vec(),
    }
}

fn revoke(permissions: &[Permission]) -> Action {
    Action::RevokeEgress {
        group: GROUP.parse().unwrap(),
        rule: Some("sgr-0a00000000000000a".parse().unwrap()),
        permissions: permissions.to_vec(),
    }
}

fn world() -> Permission {
    to(Traffic::ALL, "0.0.0.0/0")
}

fn both() -> [Action; 2] {
    [authorize(&[world()]), revoke(&[world()])]
}

/// One of each kind.
pub(super) fn all() -> impl Iterator<Item = Action> {
    both().into_iter().chain(super::switching::each())
}

fn done(request: &Request) -> Reply {
    Reply::Fine(reply(&request.action, "<return>true</return>"))
}

async fn act(server: &Server, action: &Action) -> Result<(), ActError> {
    aws_at(server.url(), PATIENT).await.ec2().act(action).await
}

/// The fields that were sent beside the protocol's own.
fn sent(request: &Request) -> Vec<(&str, &str)> {
    let fields = request
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    fields
        .filter(|(name, _)| !["Action", "Version"].contains(name))
        .collect()
}

/// What the actions come to when every reply is this one, and how often each was sent.
async fn always(fault: fn(&Request) -> Reply, timeouts: Timeouts) -> Vec<(Result<(), ActError>, usize)> {
    let mut came_to = Vec::new();
    for action in both() {
        let server = Server::start(fault).await;
        let outcome = aws_at(server.url(), timeouts).await.ec2().act(&action).await;
        came_to.push((outcome, server.requests().len()));
    }
    came_to
}

fn unclear(code: &str) -> Vec<(Result<(), ActError>, usize)> {
    let each = [AUTHORIZE, REVOKE].map(|action| {
        let (action, code) = (format!("ec2:{action}"), code.to_owned());
        (Err(ActError::Unclear { action, code }), 1)
    });
    each.into()
}

fn refused(code: &str, attempts: usize) -> Vec<(Result<(), ActError>, usize)> {
    let each = [AUTHORIZE, REVOKE].map(|action| {
        let (action, code) = (format!("ec2:{action}"), code.to_owned());
        (Err(ActError::Refused { action, code }), attempts)
    });
    each.into()
}

fn moved(action: &str, code: &str) -> Result<(), ActError> {
    let (action, code) = (format!("ec2:{action}"), code.to_owned());
    Err(ActError::Moved { action, code })
}

#[tokio::test]
async fn permissions_of_one_kind_of_traffic_go_out_as_one_with_every_form_of_peer() {
    let https = |peer| Permission {
        traffic: Traffic::HTTPS,
        peer,
    };
    let group = |account: Option<&str>| Peer::Group {
        id: "sg-0b00000000000000b".parse().unwrap(),
        account: account.map(|account| account.parse().unwrap()),
    };
    let permissions = [
        https(group(Some("444455556666"))),
        to(Traffic::ALL, "192.168.0.0/16"),
        https(Peer::PrefixList("pl-6da54004".parse().unwrap())),
        to(Traffic::HTTPS, "fd00::/8"),
        to(Traffic::HTTPS, "10.0.0.0/8"),
        https(group(None)),
        to(Traffic::HTTPS, "10.0.0.0/8"),
        to(Traffic::new(Protocol::Icmp, Some(8), Some(-1)), "10.0.0.0/8"),
        to(Traffic::new(Protocol::Number(50), None, None), "10.0.0.0/8"),
    ];
    let server = Server::start(done).await;
    assert_eq!(act(&server, &authorize(&permissions)).await, Ok(()));
    let by = "by vpc-guardrail";
    let expected = [
        ("GroupId", GROUP),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "192.168.0.0/16"),
        ("IpPermissions.1.IpRanges.1.Description", by),
        ("IpPermissions.2.FromPort", "443"),
        ("IpPermissions.2.Groups.1.Description", by),
        ("IpPermissions.2.Groups.1.GroupId", "sg-0b00000000000000b"),
        ("IpPermissions.2.Groups.2.Description", by),
        ("IpPermissions.2.Groups.2.GroupId", "sg-0b00000000000000b"),
        ("IpPermissions.2.Groups.2.UserId", "444455556666"),
        ("IpPermissions.2.IpProtocol", "tcp"),
        ("IpPermissions.2.IpRanges.1.CidrIp", "10.0.0.0/8"),
        ("IpPermissions.2.IpRanges.1.Description", by),
        ("IpPermissions.2.Ipv6Ranges.1.CidrIpv6", "fd00::/8"),
        ("IpPermissions.2.Ipv6Ranges.1.Description", by),
        ("IpPermissions.2.PrefixListIds.1.Description", by),
        ("IpPermissions.2.PrefixListIds.1.PrefixListId", "pl-6da54004"),
        ("IpPermissions.2.ToPort", "443"),
        ("IpPermissions.3.FromPort", "8"),
        ("IpPermissions.3.IpProtocol", "icmp"),
        ("IpPermissions.3.IpRanges.1.CidrIp", "10.0.0.0/8"),
        ("IpPermissions.3.IpRanges.1.Description", by),
        ("IpPermissions.3.ToPort", "-1"),
        ("IpPermissions.4.IpProtocol", "50"),
        ("IpPermissions.4.IpRanges.1.CidrIp", "10.0.0.0/8"),
        ("IpPermissions.4.IpRanges.1.Description", by),
    ];
    assert_eq!(sent(&server.requests()[0]), expected);
}

#[tokio::test]
async fn a_rule_is_revoked_by_its_exact_properties_and_never_by_its_id() {
    let server = Server::start(done).await;
    let traffic = Traffic::new(Protocol::Udp, Some(1024), Some(2048));
    assert_eq!(act(&server, &revoke(&[to(traffic, "2000::/3")])).await, Ok(()));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].action, REVOKE);
    let expected = [
        ("GroupId", GROUP),
        ("IpPermissions.1.FromPort", "1024"),
        ("IpPermissions.1.IpProtocol", "udp"),
        ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "2000::/3"),
        ("IpPermissions.1.ToPort", "2048"),
    ];
    assert_eq!(sent(&requests[0]), expected);
}

#[tokio::test]
async fn each_action_calls_just_the_actions_of_its_line_in_the_table() {
    let mut called = Vec::new();
    for action in all() {
        let server = Server::start(done).await;
        act(&server, &action).await.unwrap();
        let actions = server.requests().into_iter().map(|sent| format!("ec2:{}", sent.action));
        called.push((needs::writing(&action).what, actions.collect::<Vec<_>>()));
    }
    let granted = crate::WRITES.map(|needs| (needs.what, needs.actions.iter().map(ToString::to_string).collect()));
    assert_eq!(called, granted);
    let named: Vec<_> = all().map(|action| serde_json::to_value(action).unwrap()).collect();
    let names = named.iter().flat_map(|json| json.as_object().unwrap().keys());
    assert_eq!(names.collect::<Vec<_>>(), crate::WRITES.map(|needs| needs.what));
}

#[tokio::test]
async fn no_rule_needs_other_writes_than_these() {
    let written: BTreeSet<&str> = crate::WRITES.iter().flat_map(|needs| needs.actions).copied().collect();
    for rule in guardrail_policy::rules::BUILT {
        assert!(
            rule.writes.iter().all(|action| written.contains(action)),
            "{}",
            rule.name
        );
    }
}

#[tokio::test]
async fn what_is_there_already_is_present() {
    let server = Server::start(|_| error(400, "InvalidPermission.Duplicate")).await;
    let present = ActError::Present {
        action: "ec2:AuthorizeSecurityGroupEgress".to_owned(),
        code: "InvalidPermission.Duplicate".to_owned(),
    };
    assert_eq!(act(&server, &authorize(&[world()])).await, Err(present));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn what_is_not_there_any_more_has_moved() {
    for code in [
        "InvalidPermission.NotFound",
        "InvalidGroup.NotFound",
        "InvalidSecurityGroupRuleId.NotFound",
        "InvalidPrefixListID.NotFound",
        "InvalidPrefixListId.NotFound",
    ] {
        for (action, name) in both().iter().zip([AUTHORIZE, REVOKE]) {
            let server = Server::start(move |_| error(400, code)).await;
            assert_eq!(act(&server, action).await, moved(name, code));
            assert_eq!(server.requests().len(), 1);
        }
    }
}

/// EC2's success in a default VPC, with the properties that were not found.
fn unknown(cidrs: &[&str], revoked: &str) -> String {
    let items: String = cidrs
        .iter()
        .map(|cidr| format!("<item><cidrIp>{cidr}</cidrIp></item>"))
        .collect();
    let permission = format!("<item><ipProtocol>-1</ipProtocol><ipRanges>{items}</ipRanges></item>");
    let unknown = format!("<unknownIpPermissionSet>{permission}</unknownIpPermissionSet>");
    reply(REVOKE, &format!("<return>true</return>{unknown}{revoked}"))
}

#[tokio::test]
async fn a_success_that_found_none_of_it_has_moved_and_one_that_found_some_is_unclear() {
    let two = [world(), to(Traffic::ALL, "10.0.0.0/8")];
    let revoked = "<revokedSecurityGroupRuleSet><item><securityGroupRuleId>sgr-0a00000000000000a</securityGroupRuleId>\
                   </item></revokedSecurityGroupRuleSet>";
    let some = Err(ActError::Unclear {
        action: "ec2:RevokeSecurityGroupEgress".to_owned(),
        code: "UnknownIpPermissions".to_owned(),
    });
    for (permissions, said, expected) in [
        (
            &two[..1],
            unknown(&["0.0.0.0/0"], ""),
            moved(REVOKE, "UnknownIpPermissions"),
        ),
        (&two[..1], unknown(&[], ""), moved(REVOKE, "UnknownIpPermissions")),
        (
            &two,
            unknown(&["0.0.0.0/0", "10.0.0.0/8"], ""),
            moved(REVOKE, "UnknownIpPermissions"),
        ),
        (&two, unknown(&["0.0.0.0/0"], ""), some.clone()),
        (&two, unknown(&["0.0.0.0/0", "10.0.0.0/8"], revoked), some),
    ] {
        let server = Server::start(move |_| Reply::Fine(said.clone())).await;
        assert_eq!(act(&server, &revoke(permissions)).await, expected);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_success_that_returns_false_was_not_done_and_one_that_returns_nothing_is_unclear() {
    let server = Server::start(|request| Reply::Fine(reply(&request.action, "<return>false</return>"))).await;
    assert_eq!(act(&server, &revoke(&[world()])).await, moved(REVOKE, "ReturnedFalse"));
    let came_to = always(|request| Reply::Fine(reply(&request.action, "")), PATIENT).await;
    assert_eq!(came_to, unclear("Unparsable"));
}

#[tokio::test]
async fn what_aws_refuses_is_refused_and_not_sent_again() {
    for (fault, code) in [
        (
            (|_| error(403, "UnauthorizedOperation")) as fn(&Request) -> Reply,
            "UnauthorizedOperation",
        ),
        (
            |_| error(400, "RulesPerSecurityGroupLimitExceeded"),
            "RulesPerSecurityGroupLimitExceeded",
        ),
        (|_| error(400, "InvalidParameterValue"), "InvalidParameterValue"),
        (|_| Reply::Status(403, "<html>no</html>".to_owned()), "HttpStatus403"),
    ] {
        assert_eq!(always(fault, PATIENT).await, refused(code, 1));
    }
}

#[tokio::test]
async fn throttled_twice_is_sent_again_and_done() {
    for (status, code) in [
        (503, "RequestLimitExceeded"),
        (400, "Throttling"),
        (503, "ThrottlingException"),
    ] {
        for action in both() {
            let server = Server::start(move |request| match request.nth {
                0 | 1 => error(status, code),
                _ => done(request),
            })
            .await;
            assert_eq!(act(&server, &action).await, Ok(()));
            assert_eq!(server.requests().len(), 3);
        }
    }
}

#[tokio::test]
async fn throttled_to_the_end_is_refused_after_three_attempts() {
    let came_to = always(|_| error(503, "RequestLimitExceeded"), PATIENT).await;
    assert_eq!(came_to, refused("RequestLimitExceeded", 3));
}

#[tokio::test]
async fn a_lost_reply_is_unclear_and_the_call_is_not_sent_again() {
    let replies = [
        (
            (|request| Reply::Cut(done_text(request))) as fn(&Request) -> Reply,
            "Truncated",
        ),
        (|request| Reply::Fine(half(done_text(request))), "Truncated"),
        (|_| Reply::Fine(String::new()), "Truncated"),
    ];
    for (fault, code) in replies {
        assert_eq!(always(fault, PATIENT).await, unclear(code));
    }
    assert_eq!(always(|_| Reply::Held, HASTY).await, unclear("Timeout"));
    let stalled = |request: &Request| Reply::Stalled(done_text(request));
    assert_eq!(always(stalled, HASTY).await, unclear("Timeout"));
}

fn done_text(request: &Request) -> String {
    reply(&request.action, "<return>true</return>")
}

#[tokio::test]
async fn a_failure_of_aws_itself_is_unclear_and_the_call_is_not_sent_again() {
    for (fault, code) in [
        (
            (|_| error(500, "InternalError")) as fn(&Request) -> Reply,
            "InternalError",
        ),
        (|_| error(503, "Unavailable"), "Unavailable"),
        (
            |_| Reply::Status(502, "<html>bad gateway</html>".to_owned()),
            "HttpStatus502",
        ),
        (|_| Reply::Status(408, String::new()), "HttpStatus408"),
    ] {
        assert_eq!(always(fault, PATIENT).await, unclear(code));
    }
}

#[tokio::test]
async fn a_reply_lost_after_throttling_is_unclear() {
    let server = Server::start(|request| match request.nth {
        0 => error(503, "RequestLimitExceeded"),
        1 => Reply::Cut(done_text(request)),
        _ => error(400, "InvalidPermission.NotFound"),
    })
    .await;
    let expected = ActError::Unclear {
        action: "ec2:RevokeSecurityGroupEgress".to_owned(),
        code: "Truncated".to_owned(),
    };
    assert_eq!(act(&server, &revoke(&[world()])).await, Err(expected));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_connection_that_is_hung_up_on_is_unclear_and_the_call_is_not_sent_again() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            drop(connection);
        }
    });
    let outcome = aws_at(&url, PATIENT).await.ec2().act(&revoke(&[world()])).await;
    let expected = ActError::Unclear {
        action: "ec2:RevokeSecurityGroupEgress".to_owned(),
        code: "ConnectionFailed".to_owned(),
    };
    assert_eq!(outcome, Err(expected));
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 1);
}
