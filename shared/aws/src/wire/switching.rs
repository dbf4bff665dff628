//! What is put into another state: the requests as they are sent, and what the refusals mean.

use guardrail_policy::endpoint_policy::Policy;
use guardrail_policy::facts::{DnsAttribute, RouteDestination};
use guardrail_policy::plan::{Action, Outlet, RouteOut, Step, Withheld};
use guardrail_runner::ports::{Act, ActError};

use super::server::{Reply, Request, Server, error, reply};
use super::{PATIENT, aws_at};

fn attribute(attribute: DnsAttribute, on: bool) -> Action {
    Step::switch_attribute(&"vpc-0a00000000000000a".parse().unwrap(), attribute, on).action
}

fn private_dns(on: bool) -> Action {
    Step::switch_private_dns(&"vpce-0a00000000000000a".parse().unwrap(), on).action
}

fn policy() -> Action {
    let (from, to) = (Policy::new("{\"Statement\":[]}"), Policy::new("{\"Statement\": [{}]}"));
    Step::set_endpoint_policy(&"vpce-0a00000000000000a".parse().unwrap(), &from, &to).action
}

fn gateway() -> Step {
    let (gateway, vpc) = ("igw-0a00000000000000a", "vpc-0a00000000000000a");
    Step::detach_internet_gateway(&gateway.parse().unwrap(), &vpc.parse().unwrap())
}

fn route(destination: RouteDestination, by: Outlet) -> Step {
    Step::delete_route(RouteOut {
        vpc: "vpc-0a00000000000000a".parse().unwrap(),
        table: "rtb-0a00000000000000a".parse().unwrap(),
        destination,
        by,
    })
}

fn default_route() -> Step {
    let by = Outlet::InternetGateway("igw-0a00000000000000a".parse().unwrap());
    route(RouteDestination::Cidr("0.0.0.0/0".parse().unwrap()), by)
}

fn public_addresses(on: bool) -> Action {
    Step::switch_public_addresses(&"subnet-0a00000000000000a".parse().unwrap(), on).action
}

/// One of each kind.
pub(super) fn each() -> [Action; 8] {
    [
        attribute(DnsAttribute::DnsSupport, true),
        private_dns(true),
        policy(),
        gateway().action,
        gateway().inverse,
        default_route().action,
        default_route().inverse,
        public_addresses(false),
    ]
}

async fn act(
    action: &Action,
    script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> (Result<(), ActError>, Vec<Request>) {
    let server = Server::start(script).await;
    let outcome = aws_at(server.url(), PATIENT).await.ec2().act(action).await;
    (outcome, server.requests())
}

fn done(request: &Request) -> Reply {
    Reply::Fine(reply(&request.action, "<return>true</return>"))
}

fn refusal(code: &'static str, message: &'static str) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |_| {
        let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors>{error}</Errors><RequestID>0a1b2c3d</RequestID></Response>"
        );
        Reply::Status(400, body)
    }
}

#[tokio::test]
async fn one_attribute_goes_out_in_a_call() {
    for (which, field, other) in [
        (
            DnsAttribute::DnsSupport,
            "EnableDnsSupport.Value",
            "EnableDnsHostnames.Value",
        ),
        (
            DnsAttribute::DnsHostnames,
            "EnableDnsHostnames.Value",
            "EnableDnsSupport.Value",
        ),
    ] {
        for (on, value) in [(true, "true"), (false, "false")] {
            let (outcome, requests) = act(&attribute(which, on), done).await;
            assert_eq!((outcome, requests.len()), (Ok(()), 1));
            assert_eq!(requests[0].action, "ModifyVpcAttribute");
            assert_eq!(requests[0].field("VpcId"), Some("vpc-0a00000000000000a"));
            assert_eq!(
                (requests[0].field(field), requests[0].field(other)),
                (Some(value), None)
            );
        }
    }
}

/// What a request says besides which call it is.
fn sent(request: &Request) -> Vec<(&str, &str)> {
    let fields = request.fields.iter();
    let fields = fields.map(|(name, value)| (name.as_str(), value.as_str()));
    fields
        .filter(|(name, _)| !["Action", "Version"].contains(name))
        .collect()
}

#[tokio::test]
async fn private_dns_goes_out_alone() {
    for (on, value) in [(true, "true"), (false, "false")] {
        let (outcome, requests) = act(&private_dns(on), done).await;
        assert_eq!((outcome, requests.len()), (Ok(()), 1));
        assert_eq!(
            sent(&requests[0]),
            [
                ("PrivateDnsEnabled", value),
                ("VpcEndpointId", "vpce-0a00000000000000a")
            ]
        );
    }
}

#[tokio::test]
async fn public_addresses_go_out_alone() {
    for (on, value) in [(true, "true"), (false, "false")] {
        let (outcome, requests) = act(&public_addresses(on), done).await;
        assert_eq!((outcome, requests.len()), (Ok(()), 1));
        assert_eq!(requests[0].action, "ModifySubnetAttribute");
        assert_eq!(
            sent(&requests[0]),
            [
                ("MapPublicIpOnLaunch.Value", value),
                ("SubnetId", "subnet-0a00000000000000a")
            ]
        );
    }
}

#[tokio::test]
async fn a_policy_goes_out_alone_and_letter_by_letter() {
    let (outcome, requests) = act(&policy(), done).await;
    assert_eq!((outcome, requests.len()), (Ok(()), 1));
    assert_eq!(requests[0].action, "ModifyVpcEndpoint");
    assert_eq!(
        sent(&requests[0]),
        [
            ("PolicyDocument", "{\"Statement\": [{}]}"),
            ("VpcEndpointId", "vpce-0a00000000000000a")
        ]
    );
}

#[tokio::test]
async fn what_trying_again_cannot_change_is_impossible_and_any_other_parameter_that_does_not_fit_is_refused() {
    let conflict = "private-dns-enabled cannot be set because there is already a conflicting DNS domain for dkr.ecr.eu-west-1.amazonaws.com in the VPC vpc-0a00000000000000a";
    let (action, code) = ("ec2:ModifyVpcEndpoint".to_owned(), "InvalidParameter".to_owned());
    let attributes = "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for vpc-0a00000000000000a";
    for (message, why) in [
        (conflict, Withheld::ConflictingDomain),
        (attributes, Withheld::DnsAttributesOff(DnsAttribute::ALL.to_vec())),
    ] {
        let (outcome, requests) = act(&private_dns(true), refusal("InvalidParameter", message)).await;
        let (action, code) = (action.clone(), code.clone());
        assert_eq!(outcome, Err(ActError::Impossible { action, code, why }));
        assert_eq!(requests.len(), 1);
    }
    let other = "The parameter PrivateDnsEnabled does not go with this endpoint";
    let (outcome, _) = act(&private_dns(true), refusal("InvalidParameter", other)).await;
    assert_eq!(outcome, Err(ActError::Refused { action, code }));
}

#[tokio::test]
async fn what_is_not_there_or_not_available_has_moved() {
    for (action, code) in [
        (attribute(DnsAttribute::DnsSupport, true), "InvalidVpcID.NotFound"),
        (public_addresses(false), "InvalidSubnetID.NotFound"),
        (private_dns(true), "InvalidVpcEndpointId.NotFound"),
        (private_dns(true), "InvalidVpcEndpoint.NotFound"),
        (private_dns(true), "IncorrectState"),
        (policy(), "InvalidVpcEndpointId.NotFound"),
        (policy(), "IncorrectState"),
        (gateway().action, "Gateway.NotAttached"),
        (gateway().action, "InvalidInternetGatewayID.NotFound"),
        (gateway().inverse, "Resource.AlreadyAssociated"),
        (default_route().action, "InvalidRoute.NotFound"),
        (default_route().action, "InvalidRouteTableID.NotFound"),
        (default_route().inverse, "InvalidGatewayID.NotFound"),
    ] {
        let (outcome, requests) = act(&action, move |_| error(400, code)).await;
        assert!(matches!(outcome, Err(ActError::Moved { .. })), "{outcome:?}");
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn a_success_that_does_not_say_so_and_a_lost_reply_are_unclear_and_not_sent_again() {
    for action in [private_dns(true), policy(), default_route().inverse] {
        let (outcome, requests) = act(&action, |request| Reply::Fine(reply(&request.action, ""))).await;
        assert!(matches!(outcome, Err(ActError::Unclear { .. })), "{outcome:?}");
        assert_eq!(requests.len(), 1);
    }
    for action in each() {
        let (outcome, requests) = act(&action, |request| {
            Reply::Cut(reply(&request.action, "<return>true</return>"))
        })
        .await;
        assert!(matches!(outcome, Err(ActError::Unclear { .. })), "{outcome:?}");
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn a_gateway_is_detached_and_attached_by_both_its_ids() {
    for (action, call) in [
        (gateway().action, "DetachInternetGateway"),
        (gateway().inverse, "AttachInternetGateway"),
    ] {
        let (outcome, requests) = act(&action, done).await;
        assert_eq!((outcome, requests.len()), (Ok(()), 1));
        assert_eq!(requests[0].action, call);
        let ids = [
            ("InternetGatewayId", "igw-0a00000000000000a"),
            ("VpcId", "vpc-0a00000000000000a"),
        ];
        assert_eq!(sent(&requests[0]), ids);
    }
}

#[tokio::test]
async fn a_route_is_deleted_by_its_destination_and_made_again_to_its_target() {
    let (v4, v6) = ("0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap());
    let list = RouteDestination::PrefixList("pl-0a00000000000000a".parse().unwrap());
    let igw = Outlet::InternetGateway("igw-0a00000000000000a".parse().unwrap());
    let eigw = Outlet::EgressOnlyGateway("eigw-0a00000000000000a".parse().unwrap());
    let nat = Outlet::NatGateway("nat-0a00000000000000a".parse().unwrap());
    for (destination, by, to, target) in [
        (
            RouteDestination::Cidr(v4),
            nat,
            ("DestinationCidrBlock", "0.0.0.0/0"),
            ("NatGatewayId", "nat-0a00000000000000a"),
        ),
        (
            RouteDestination::Cidr(v6),
            eigw,
            ("DestinationIpv6CidrBlock", "::/0"),
            ("EgressOnlyInternetGatewayId", "eigw-0a00000000000000a"),
        ),
        (
            list,
            igw,
            ("DestinationPrefixListId", "pl-0a00000000000000a"),
            ("GatewayId", "igw-0a00000000000000a"),
        ),
    ] {
        let step = route(destination, by);
        let table = ("RouteTableId", "rtb-0a00000000000000a");
        for (action, call, fields) in [
            (&step.action, "DeleteRoute", vec![to, table]),
            (&step.inverse, "CreateRoute", vec![to, table, target]),
        ] {
            let (outcome, requests) = act(action, done).await;
            assert_eq!((outcome, requests.len()), (Ok(()), 1));
            assert_eq!(requests[0].action, call);
            let mut fields = fields;
            fields.sort_unstable();
            assert_eq!(sent(&requests[0]), fields);
        }
    }
}

#[tokio::test]
async fn a_gateway_whose_addresses_are_in_use_cannot_be_detached_and_a_route_that_is_there_is_not_made_again() {
    let (outcome, requests) = act(&gateway().action, |_| error(400, "DependencyViolation")).await;
    let why = Withheld::AddressesInUse {
        gateway: "igw-0a00000000000000a".parse().unwrap(),
        nat_gateways: vec![],
    };
    let (action, code) = ("ec2:DetachInternetGateway".to_owned(), "DependencyViolation".to_owned());
    assert_eq!(outcome, Err(ActError::Impossible { action, code, why }));
    assert_eq!(requests.len(), 1);
    let (outcome, _) = act(&default_route().inverse, |_| error(400, "RouteAlreadyExists")).await;
    assert!(matches!(outcome, Err(ActError::Present { .. })), "{outcome:?}");
}
