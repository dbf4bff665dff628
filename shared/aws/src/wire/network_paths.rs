//! Paths to other networks: each kind is listed by itself, and the gateways of VPN connections are looked up.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::facts::{Answered, Fact, NetworkPath, PathEnd, PathKind, PathState, Question};

use super::server::{Reply, Request, Server, error, reply};
use super::{ask, ec2, unreadable};

const PEERINGS: &str = "DescribeVpcPeeringConnections";
const ATTACHMENTS: &str = "DescribeTransitGatewayVpcAttachments";
const VPNS: &str = "DescribeVpnConnections";
const VPN_GATEWAYS: &str = "DescribeVpnGateways";

fn set(action: &str, content: &str, next: &str) -> Reply {
    let set = match action {
        PEERINGS => "vpcPeeringConnectionSet",
        ATTACHMENTS => "transitGatewayVpcAttachments",
        VPNS => "vpnConnectionSet",
        _ => "vpnGatewaySet",
    };
    Reply::Fine(reply(action, &format!("<{set}>{content}</{set}>{next}")))
}

fn peering(last: char, code: &str, accepter: &str) -> String {
    format!(
        "<item><vpcPeeringConnectionId>pcx-0{last}00000000000000{last}</vpcPeeringConnectionId><requesterVpcInfo>\
         <ownerId>111122223333</ownerId><vpcId>vpc-0a00000000000000a</vpcId><cidrBlock>10.0.0.0/16</cidrBlock>\
         <region>eu-west-1</region></requesterVpcInfo>{accepter}<status><code>{code}</code><message>m</message></status>\
         <tagSet/></item>"
    )
}

const ACCEPTER: &str = "<accepterVpcInfo><ownerId>444455556666</ownerId><vpcId>vpc-0b00000000000000b</vpcId>\
    <region>eu-central-1</region></accepterVpcInfo>";

fn attachment(last: char, state: &str) -> String {
    format!(
        "<item><transitGatewayAttachmentId>tgw-attach-0{last}00000000000000{last}</transitGatewayAttachmentId>\
         <transitGatewayId>tgw-0a00000000000000a</transitGatewayId><vpcId>vpc-0b00000000000000b</vpcId>\
         <vpcOwnerId>444455556666</vpcOwnerId><state>{state}</state><tagSet/></item>"
    )
}

fn vpn(last: char, state: &str, gateway: &str) -> String {
    format!(
        "<item><vpnConnectionId>vpn-0{last}00000000000000{last}</vpnConnectionId><state>{state}</state>\
         <customerGatewayConfiguration>&lt;pre_shared_key&gt;made-up&lt;/pre_shared_key&gt;</customerGatewayConfiguration>\
         <type>ipsec.1</type>{gateway}</item>"
    )
}

const ON_GATEWAY: &str = "<vpnGatewayId>vgw-0a00000000000000a</vpnGatewayId>";
const ON_TRANSIT_GATEWAY: &str = "<transitGatewayId>tgw-0a00000000000000a</transitGatewayId>";
const GATEWAYS: &str = "<item><vpnGatewayId>vgw-0a00000000000000a</vpnGatewayId><state>available</state><attachments>\
    <item><vpcId>vpc-0a00000000000000a</vpcId><state>attached</state></item>\
    <item><vpcId>vpc-0c00000000000000c</vpcId><state>detached</state></item></attachments></item>";

async fn answer(
    kind: PathKind,
    script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> (Answered, Vec<Request>) {
    let server = Server::start(script).await;
    let question = Question::NetworkPaths(kind);
    let mut answers = ask(&ec2(&server).await, &[question.clone()].into()).await;
    (answers.remove(&question).unwrap(), server.requests())
}

/// Every call answered with what is there of its kind.
fn everything(request: &Request) -> Reply {
    let content = match request.action.as_str() {
        PEERINGS => peering('a', "active", ACCEPTER),
        ATTACHMENTS => attachment('a', "available"),
        VPNS => vpn('a', "available", ON_GATEWAY),
        _ => GATEWAYS.to_owned(),
    };
    set(&request.action, &content, "")
}

/// The question, and the actions that answer it in all its kinds.
pub(super) async fn calls() -> (Question, BTreeSet<String>) {
    let mut actions = BTreeSet::new();
    for kind in PathKind::ALL {
        let (_, requests) = answer(kind, everything).await;
        actions.extend(requests.into_iter().map(|request| format!("ec2:{}", request.action)));
    }
    (Question::NetworkPaths(PathKind::Peering), actions)
}

fn is(kind: PathKind, paths: &[(&str, NetworkPath)]) -> Answered {
    let paths: BTreeMap<_, _> = paths
        .iter()
        .map(|(id, path)| (id.parse().unwrap(), path.clone()))
        .collect();
    Answered::NetworkPaths(kind, Fact::Is(paths))
}

fn end(vpc: &str, owner: Option<&str>, region: Option<&str>) -> PathEnd {
    PathEnd {
        vpc: vpc.parse().unwrap(),
        owner: owner.map(|owner| owner.parse().unwrap()),
        region: region.map(|region| region.parse().unwrap()),
    }
}

#[tokio::test]
async fn peerings_are_read_to_the_last_page_with_both_ends_as_far_as_they_are_told() {
    let (found, requests) = answer(PathKind::Peering, |request| match request.field("NextToken") {
        None => set(
            PEERINGS,
            &peering('a', "active", ACCEPTER),
            "<nextToken>page-2</nextToken>",
        ),
        Some(_) => {
            let others = peering('b', "pending-acceptance", "") + &peering('c', "rejected", ACCEPTER);
            set(PEERINGS, &others, "")
        }
    })
    .await;
    let requester = end("vpc-0a00000000000000a", Some("111122223333"), Some("eu-west-1"));
    let accepter = end("vpc-0b00000000000000b", Some("444455556666"), Some("eu-central-1"));
    let path = |state, ends: &[&PathEnd]| NetworkPath {
        state,
        ends: ends.iter().copied().cloned().collect(),
        gateway: None,
    };
    let expected = [
        ("pcx-0a00000000000000a", path(PathState::Open, &[&requester, &accepter])),
        ("pcx-0b00000000000000b", path(PathState::Pending, &[&requester])),
        ("pcx-0c00000000000000c", path(PathState::Gone, &[&requester, &accepter])),
    ];
    assert_eq!(found, is(PathKind::Peering, &expected));
    let sizes: Vec<_> = requests.iter().map(|request| request.field("MaxResults")).collect();
    assert_eq!(sizes, [Some("1000"); 2]);
}

#[tokio::test]
async fn attachments_are_read_to_the_last_page_and_a_state_that_is_not_known_may_let_traffic_through() {
    let (found, _) = answer(PathKind::Attachment, |request| match request.field("NextToken") {
        None => {
            let first = attachment('a', "available") + &attachment('b', "pendingAcceptance");
            set(ATTACHMENTS, &first, "<nextToken>page-2</nextToken>")
        }
        Some(_) => {
            let others = attachment('c', "deleted") + &attachment('d', "state-of-tomorrow");
            set(ATTACHMENTS, &others, "")
        }
    })
    .await;
    let path = |state| NetworkPath {
        state,
        ends: vec![end("vpc-0b00000000000000b", Some("444455556666"), None)],
        gateway: Some("tgw-0a00000000000000a".to_owned()),
    };
    let expected = [
        ("tgw-attach-0a00000000000000a", path(PathState::Open)),
        ("tgw-attach-0b00000000000000b", path(PathState::Pending)),
        ("tgw-attach-0c00000000000000c", path(PathState::Gone)),
        ("tgw-attach-0d00000000000000d", path(PathState::Open)),
    ];
    assert_eq!(found, is(PathKind::Attachment, &expected));
}

#[tokio::test]
async fn a_vpn_connection_ends_in_the_vpcs_that_its_gateway_is_attached_to() {
    let (found, _) = answer(PathKind::Vpn, |request| match request.action.as_str() {
        VPNS => {
            let others = vpn('b', "pending", ON_TRANSIT_GATEWAY) + &vpn('c', "deleted", ON_GATEWAY);
            set(VPNS, &(vpn('a', "available", ON_GATEWAY) + &others), "")
        }
        action => set(action, GATEWAYS, ""),
    })
    .await;
    let path = |state, gateway: &str, ends: &[&str]| NetworkPath {
        state,
        ends: ends.iter().map(|vpc| end(vpc, None, None)).collect(),
        gateway: Some(gateway.to_owned()),
    };
    let of_gateway = |state| path(state, "vgw-0a00000000000000a", &["vpc-0a00000000000000a"]);
    let expected = [
        ("vpn-0a00000000000000a", of_gateway(PathState::Open)),
        (
            "vpn-0b00000000000000b",
            path(PathState::Pending, "tgw-0a00000000000000a", &[]),
        ),
        ("vpn-0c00000000000000c", of_gateway(PathState::Gone)),
    ];
    assert_eq!(found, is(PathKind::Vpn, &expected));
    assert!(!format!("{found:?}").contains("made-up"), "keys are let go");
}

#[tokio::test]
async fn vpn_connections_on_transit_gateways_need_no_second_call() {
    let (_, requests) = answer(PathKind::Vpn, |request| {
        set(&request.action, &vpn('a', "available", ON_TRANSIT_GATEWAY), "")
    })
    .await;
    let actions: Vec<&str> = requests.iter().map(|request| request.action.as_str()).collect();
    assert_eq!(actions, [VPNS]);
}

#[tokio::test]
async fn a_kind_that_cannot_be_read_is_no_answer() {
    for (kind, action) in [
        (PathKind::Peering, PEERINGS),
        (PathKind::Attachment, ATTACHMENTS),
        (PathKind::Vpn, VPNS),
        (PathKind::Vpn, VPN_GATEWAYS),
    ] {
        let denied = move |request: &Request| match request.action == action {
            true => error(403, "UnauthorizedOperation"),
            false => everything(request),
        };
        let (found, _) = answer(kind, denied).await;
        let question = Question::NetworkPaths(kind);
        assert_eq!(found, unreadable(&question, action, "UnauthorizedOperation"));
    }
}

#[tokio::test]
async fn a_path_that_is_in_no_known_form_leaves_no_answer() {
    for (kind, action, item) in [
        (
            PathKind::Peering,
            PEERINGS,
            peering('a', "active", ACCEPTER).replace("vpc-0b", "igw-0b"),
        ),
        (
            PathKind::Peering,
            PEERINGS,
            peering('a', "active", "")
                .replace("<status>", "<s>")
                .replace("</status>", "</s>"),
        ),
        (
            PathKind::Attachment,
            ATTACHMENTS,
            attachment('a', "available").replace("vpcOwnerId", "owner"),
        ),
        (
            PathKind::Vpn,
            VPNS,
            vpn('a', "available", "").replace("<state>available</state>", ""),
        ),
    ] {
        let (found, _) = answer(kind, move |_| set(action, &item, "")).await;
        assert_eq!(found, unreadable(&Question::NetworkPaths(kind), action, "Unparsable"));
    }
}
