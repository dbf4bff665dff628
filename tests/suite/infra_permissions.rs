//! What the template grants a function's role, against what the function does.
//!
//! Every stage of this suite gives its function just the rights of its role, and the emulated AWS refuses the rest: whatever a
//! function uses, in any test, is granted.

use std::collections::BTreeSet;

use harness::network;
use harness::role::Role;
use harness::stage::{REVERT_POLICY, Setting, Stage};
use serde_json::json;

use crate::apis;
use crate::endpoints::{deletes, makes, modifies, performs, record_of, switches};
use crate::reading::{findings_of, only_record, reason, text_at};
use crate::revert::{customer_list, opens};
use crate::scene::deliver_done;

/// What is granted and not called by the function's own code, and why.
const EXPLAINED: [(&str, &str); 7] = [
    ("sqs:ReceiveMessage", "Lambda reads the queues with the function's role"),
    ("sqs:DeleteMessage", "Lambda acknowledges with the function's role"),
    (
        "sqs:GetQueueAttributes",
        "Lambda looks at the queues with the function's role",
    ),
    ("logs:CreateLogStream", "Lambda writes the log with the function's role"),
    ("logs:PutLogEvents", "Lambda writes the log with the function's role"),
    (
        "kms:Decrypt",
        "SNS asks for it in the name of whoever publishes to an encrypted topic",
    ),
    (
        "kms:GenerateDataKey",
        "SNS asks for it in the name of whoever publishes to an encrypted topic",
    ),
];

/// A stage with everything that a function may be configured with.
fn stage(function: &'static str) -> Stage {
    let policy = format!(
        "{REVERT_POLICY}required_endpoints: [s3]\nclient_pairs:\n  - {{ client: {{ tags: {{ tier: app }} }}, services: [ecr.api] }}\n"
    );
    let setting = Setting::of(&policy).function(function).with_ledger();
    let stage = setting.with_kill_switch("revert").set().unwrap();
    let tags = json!({"Resources": [stage.network.app_group], "Tags": [{"Key": "tier", "Value": "app"}]});
    stage.owner.call("ec2", "create_tags", &tags).unwrap();
    // A set of DHCP options is only read where the VPC has one that is not the default.
    let servers = json!([{"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}]);
    let options = json!({ "DhcpConfigurations": servers });
    let options = stage.owner.call("ec2", "create_dhcp_options", &options).unwrap();
    let options = text_at(&options, "/DhcpOptions/DhcpOptionsId");
    let associated = json!({"VpcId": stage.network.vpc, "DhcpOptionsId": options});
    stage.owner.call("ec2", "associate_dhcp_options", &associated).unwrap();
    stage
}

/// What the function has called so far is what its role grants, but for what is explained.
fn assert_all_used(stage: &Stage, function: &str) {
    let granted = Role::of(function).unwrap().actions("revert").unwrap();
    let mut used = stage.emulator.rights_used(stage.function.access_key()).unwrap();
    for (action, why) in EXPLAINED {
        assert!(
            granted.contains(action),
            "{action} is explained ({why}) and not granted"
        );
        assert!(used.insert(action.to_owned()), "{action} is explained ({why}) and used");
    }
    assert_eq!(used, granted, "{function}");
}

#[test]
fn every_right_of_security_groups_is_used_or_explained() {
    let mut stage = stage("security-groups");
    let person = stage.person().unwrap();
    let list = customer_list(&stage, "0.0.0.0/0");
    let to_list =
        json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": list}]}]);
    let group = stage.network.app_group.clone();
    let to_list = network::authorize_egress(&person, &group, &to_list).unwrap().record;
    let everywhere = opens(&person, &group, "0.0.0.0/0");
    for record in [to_list, everywhere] {
        assert_eq!(reason(&only_record(&deliver_done(&mut stage, &record))), "reverted");
    }
    let narrowed = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]);
    let closed = network::revoke_egress(&person, &group, &narrowed).unwrap().record;
    deliver_done(&mut stage, &closed);
    // Where what a new VPC lacks could be put is looked up.
    let tags = json!([{"ResourceType": "vpc", "Tags": [{"Key": "connectivity", "Value": "private"}]}]);
    let made = json!({"CidrBlock": "10.40.0.0/16", "TagSpecifications": tags});
    let made = performs(&stage, "create_vpc", &made).record;
    assert_eq!(
        findings_of("required-endpoints", &record_of(&mut stage, &made)).len(),
        1
    );
    assert_all_used(&stage, "security-groups");
}

#[test]
fn every_right_of_vpc_endpoints_is_used_or_explained() {
    let mut stage = stage("vpc-endpoints");
    let private_dns_off = json!({"PrivateDnsEnabled": false});
    let [api, registry] = stage.network.ecr_endpoints.clone();
    let switched_off = [
        modifies(&stage, &registry, &private_dns_off),
        switches(&stage, "EnableDnsHostnames", false),
    ];
    for event in switched_off.iter().rev() {
        assert_eq!(reason(&record_of(&mut stage, event)), "reverted");
    }
    deletes(&stage, &registry);
    let group = network::security_group(&stage.owner, &stage.network.vpc, "nobody").unwrap();
    let closed = network::revoke_egress(&stage.owner, &group, &network::everything()).unwrap();
    closed.outcome.unwrap();
    // What a list holds that the group lets in is read, and what the service of an endpoint without a policy takes.
    let list = customer_list(&stage, "10.20.0.0/16");
    let from_list =
        json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": list}]}]);
    let parameters = json!({"GroupId": group, "IpPermissions": from_list});
    let listed = stage.owner.call("ec2", "authorize_security_group_ingress", &parameters);
    listed.unwrap();
    let more = json!({"PrivateDnsEnabled": false, "SecurityGroupIds": [group]});
    let (_, event) = makes(&stage, "ecr.dkr", &more);
    assert_eq!(reason(&record_of(&mut stage, &event)), "withheld");
    // Which DNS servers the clients ask is read where everything else of a declared path is as it should be.
    let event = modifies(&stage, &api, &json!({"AddSecurityGroupIds": [group]}));
    record_of(&mut stage, &event);
    assert_all_used(&stage, "vpc-endpoints");
}

#[test]
fn every_right_of_routes_is_used_or_explained() {
    let mut stage = stage("routes");
    let subnet = json!({"VpcId": stage.network.vpc, "CidrBlock": "10.20.9.0/24"});
    let made = performs(&stage, "create_subnet", &subnet).record;
    assert_eq!(findings_of("gateway-route", &record_of(&mut stage, &made)).len(), 1);
    let gateway = stage.owner.call("ec2", "create_internet_gateway", &json!({})).unwrap();
    let gateway = text_at(&gateway, "/InternetGateway/InternetGatewayId");
    let pair = json!({"InternetGatewayId": gateway, "VpcId": stage.network.vpc});
    let attached = performs(&stage, "attach_internet_gateway", &pair).record;
    assert_eq!(reason(&record_of(&mut stage, &attached)), "reverted");
    stage.owner.call("ec2", "attach_internet_gateway", &pair).unwrap();
    // What a list holds that a route leads to is read, and which NAT gateway a route leads to.
    let list = customer_list(&stage, "10.30.0.0/16");
    for (member, destination, came_to) in [
        ("DestinationPrefixListId", list.as_str(), "clean"),
        ("DestinationCidrBlock", "0.0.0.0/0", "reverted"),
    ] {
        let route = json!({"RouteTableId": stage.network.route_table, "GatewayId": gateway, member: destination});
        let event = performs(&stage, "create_route", &route).record;
        assert_eq!(reason(&record_of(&mut stage, &event)), came_to);
    }
    let egress_only = json!({"VpcId": stage.network.vpc});
    let event = performs(&stage, "create_egress_only_internet_gateway", &egress_only).record;
    assert_eq!(reason(&record_of(&mut stage, &event)), "found");
    exposes(&mut stage);
    assert_all_used(&stage, "routes");
}

/// Public addresses, given out and taken back, and one of each kind of path.
fn exposes(stage: &mut Stage) {
    let [subnet, _] = stage.network.subnets.clone();
    let vpc = stage.network.vpc.clone();
    let on = json!({"SubnetId": subnet, "MapPublicIpOnLaunch": {"Value": true}});
    let switched = performs(stage, "modify_subnet_attribute", &on).record;
    assert_eq!(reason(&record_of(stage, &switched)), "reverted");
    let made = stage
        .owner
        .call("ec2", "create_network_interface", &json!({"SubnetId": subnet}))
        .unwrap();
    let address = stage
        .owner
        .call("ec2", "allocate_address", &json!({"Domain": "vpc"}))
        .unwrap();
    let interface = text_at(&made, "/NetworkInterface/NetworkInterfaceId");
    let given = json!({"AllocationId": address["AllocationId"], "NetworkInterfaceId": interface});
    let given = performs(stage, "associate_address", &given).record;
    assert_eq!(findings_of("public-address", &record_of(stage, &given)).len(), 1);
    let peered = performs(
        stage,
        "create_vpc_peering_connection",
        &json!({"VpcId": vpc, "PeerVpcId": vpc}),
    )
    .record;
    let hub = stage.owner.call("ec2", "create_transit_gateway", &json!({})).unwrap();
    let hub = text_at(&hub, "/TransitGateway/TransitGatewayId");
    let attached = json!({"TransitGatewayId": hub, "VpcId": vpc, "SubnetIds": [subnet]});
    let attached = performs(stage, "create_transit_gateway_vpc_attachment", &attached).record;
    let customer = json!({"Type": "ipsec.1", "BgpAsn": 65000, "PublicIp": "203.0.113.7"});
    let customer = stage.owner.call("ec2", "create_customer_gateway", &customer).unwrap();
    let customer = text_at(&customer, "/CustomerGateway/CustomerGatewayId");
    let gateway = stage
        .owner
        .call("ec2", "create_vpn_gateway", &json!({"Type": "ipsec.1"}))
        .unwrap();
    let gateway = text_at(&gateway, "/VpnGateway/VpnGatewayId");
    let joined = json!({"VpnGatewayId": gateway, "VpcId": vpc});
    stage.owner.call("ec2", "attach_vpn_gateway", &joined).unwrap();
    let vpn = json!({"Type": "ipsec.1", "CustomerGatewayId": customer, "VpnGatewayId": gateway});
    let vpn = performs(stage, "create_vpn_connection", &vpn).record;
    for event in [peered, attached, vpn] {
        assert_eq!(findings_of("new-network-path", &record_of(stage, &event)).len(), 1);
    }
}

#[test]
fn every_right_of_apis_is_used_or_explained() {
    let policy = REVERT_POLICY.replace("scope:\n", "scope:\n  private_accounts: [\"111122223333\"]\n");
    let setting = Setting::of(&policy).function("apis").with_ledger();
    let mut stage = setting.with_kill_switch("revert").set().unwrap();
    let graphql = json!({"name": "orders", "authenticationType": "API_KEY"});
    let rest = json!({"name": "orders", "endpointConfiguration": {"types": ["REGIONAL"]}});
    for (service, operation, parameters, rule) in [
        ("appsync", "create_graphql_api", graphql, "public-graphql-api"),
        ("apigateway", "create_rest_api", rest, "public-api"),
    ] {
        let made = apis::performs(&stage, service, operation, &parameters).record;
        assert_eq!(findings_of(rule, &record_of(&mut stage, &made)).len(), 1);
    }
    // Whether a VPC is still selected is read where somebody takes its tags away.
    let tag = json!([{"Key": "connectivity", "Value": "private"}]);
    let tag = json!({"Resources": [stage.network.vpc], "Tags": tag});
    let gone = apis::performs(&stage, "ec2", "delete_tags", &tag).record;
    assert_eq!(
        findings_of("guardrail-tampered", &record_of(&mut stage, &gone)).len(),
        1
    );
    assert_all_used(&stage, "apis");
}

#[test]
fn below_mode_revert_nothing_can_be_changed() {
    let writes: [(&str, &[&str]); 3] = [
        (
            "security-groups",
            &["ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress"],
        ),
        ("vpc-endpoints", &["ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint"]),
        (
            "routes",
            &[
                "ec2:DeleteRoute",
                "ec2:DetachInternetGateway",
                "ec2:ModifySubnetAttribute",
            ],
        ),
    ];
    for (function, writes) in writes {
        let role = Role::of(function).unwrap();
        let actions = |mode| role.actions(mode).unwrap();
        assert_eq!(actions("observe"), actions("notify"));
        let only_to_revert: BTreeSet<String> = actions("revert").difference(&actions("notify")).cloned().collect();
        assert_eq!(
            only_to_revert,
            writes.iter().map(ToString::to_string).collect(),
            "{function}"
        );
    }
}
