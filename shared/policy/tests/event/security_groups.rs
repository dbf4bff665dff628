//! Calls that add, take away or edit rules.

use guardrail_policy::event::Call;
use serde_json::{Value, json};

use crate::fixtures::{call, changed};

const GROUP: &str = "sg-0a1b2c3d4e5f60001";

#[test]
fn nested_permissions_are_flattened_in_order_and_host_bits_are_cleared() {
    assert_eq!(
        call("authorize-egress-nested"),
        json!({
            "action": "AuthorizeSecurityGroupEgress",
            "group": { "id": GROUP },
            "permissions": [
                { "protocol": "-1", "from": -1, "to": -1, "peer": { "cidr": "0.0.0.0/0" } },
                { "protocol": "-1", "from": -1, "to": -1, "peer": { "cidr": "::/0" } },
                { "protocol": "tcp", "from": 8443, "to": 8444, "peer": { "cidr": "198.51.100.0/24" } },
                { "protocol": "tcp", "from": 8443, "to": 8444, "peer": { "cidr": "10.20.0.0/16" } },
            ],
            "rules": [
                listed(1, "egress", json!({ "protocol": "-1", "from": -1, "to": -1, "peer": { "cidr": "0.0.0.0/0" } })),
                listed(2, "egress", json!({ "protocol": "-1", "from": -1, "to": -1, "peer": { "cidr": "::/0" } })),
                listed(3, "egress", json!({ "protocol": "tcp", "from": 8443, "to": 8444, "peer": { "cidr": "198.51.100.0/24" } })),
                listed(4, "egress", json!({ "protocol": "tcp", "from": 8443, "to": 8444, "peer": { "cidr": "10.20.0.0/16" } })),
            ],
        })
    );
}

#[test]
fn prefix_lists_and_groups_are_peers_and_a_group_known_by_name_alone_is_kept_apart() {
    let list = json!({ "protocol": "tcp", "from": 443, "to": 443, "peer": { "prefix_list": "pl-0a1b2c3d4e5f60001" } });
    let group = json!({ "protocol": "tcp", "from": 443, "to": 443, "peer": { "group": { "id": "sg-0a1b2c3d4e5f60002", "account": "444455556666" } } });
    assert_eq!(
        call("authorize-egress-list-and-groups"),
        json!({
            "action": "AuthorizeSecurityGroupEgress",
            "group": { "id": GROUP },
            "permissions": [list, group],
            "rules": [listed(1, "egress", list.clone()), listed(2, "egress", group.clone())],
            "named_peers": ["legacy-name"],
        })
    );
}

#[test]
fn a_success_of_before_2023_lists_no_rules() {
    assert_eq!(
        call("authorize-egress-before-rule-sets"),
        json!({
            "action": "AuthorizeSecurityGroupEgress",
            "group": { "id": GROUP },
            "permissions": [{ "protocol": "udp", "from": 53, "to": 53, "peer": { "cidr": "192.0.2.53/32" } }],
        })
    );
}

#[test]
fn the_flat_legacy_form_counts_though_ip_permissions_is_empty_and_any_slash_zero_is_the_world() {
    let world = json!({ "protocol": "tcp", "from": 22, "to": 22, "peer": { "cidr": "0.0.0.0/0" } });
    assert_eq!(
        call("authorize-ingress-flat"),
        json!({
            "action": "AuthorizeSecurityGroupIngress",
            "group": { "id": GROUP },
            "permissions": [world],
            "rules": [listed(1, "ingress", world.clone())],
        })
    );
}

#[test]
fn flat_and_nested_permissions_in_one_call_both_count() {
    let event = changed("authorize-egress-nested", |record| {
        let request = &mut record["requestParameters"];
        request["ipProtocol"] = json!("tcp");
        request["fromPort"] = json!(25);
        request["cidrIpv6"] = json!("2001:db8::/32");
    });
    let Ok(Call::AuthorizeSecurityGroupEgress(change)) = event.map(|event| event.call) else {
        panic!("it parses")
    };
    let shown: Vec<_> = change.permissions.iter().map(ToString::to_string).collect();
    assert_eq!(shown.last().unwrap(), "tcp/25 to 2001:db8::/32");
    assert_eq!(shown.len(), 5);
}

#[test]
fn a_legacy_call_without_a_protocol_means_every_protocol() {
    let event = changed("authorize-ingress-flat-source-group", |record| {
        record["requestParameters"]["sourceSecurityGroupId"] = json!("sg-0a1b2c3d4e5f60002");
    });
    let Ok(Call::AuthorizeSecurityGroupIngress(change)) = event.map(|event| event.call) else {
        panic!("it parses")
    };
    let all = json!({ "protocol": "-1", "from": -1, "to": -1, "peer": { "group": { "id": "sg-0a1b2c3d4e5f60002", "account": "111122223333" } } });
    assert_eq!(json!(change.permissions), json!([all]));
}

#[test]
fn a_listed_rule_that_names_no_direction_has_the_calls() {
    for (name, direction) in [
        ("authorize-egress-nested", "egress"),
        ("authorize-ingress-flat", "ingress"),
    ] {
        let event = changed(name, |record| {
            record["responseElements"]["securityGroupRuleSet"]["items"][0]["isEgress"] = Value::Null;
        });
        assert_eq!(json!(event.unwrap().call)["rules"][0]["direction"], json!(direction));
    }
}

#[test]
fn a_legacy_call_between_named_groups_keeps_both_names() {
    assert_eq!(
        call("authorize-ingress-flat-source-group"),
        json!({
            "action": "AuthorizeSecurityGroupIngress",
            "group": { "name": "web" },
            "named_peers": ["balancers"],
        })
    );
}

#[test]
fn a_group_called_by_name_is_known_by_id_from_the_rules_of_the_response() {
    let ping = json!({ "protocol": "icmp", "from": 8, "to": -1, "peer": { "cidr": "203.0.113.0/24" } });
    assert_eq!(
        call("authorize-ingress-by-name"),
        json!({
            "action": "AuthorizeSecurityGroupIngress",
            "group": { "id": GROUP },
            "permissions": [ping],
            "rules": [listed(1, "ingress", ping.clone())],
        })
    );
}

#[test]
fn scalars_and_lists_that_were_retyped_are_read_all_the_same() {
    let v4 = json!({ "protocol": "tcp", "from": 443, "to": 443, "peer": { "cidr": "192.0.2.0/24" } });
    let v6 = json!({ "protocol": "tcp", "from": 443, "to": 443, "peer": { "cidr": "2001:db8::/64" } });
    assert_eq!(
        call("authorize-egress-retyped"),
        json!({
            "action": "AuthorizeSecurityGroupEgress",
            "group": { "id": GROUP },
            "permissions": [v4, v6],
            "rules": [listed(1, "egress", v4.clone())],
        })
    );
}

#[test]
fn rules_revoked_by_id_are_told_by_id_and_by_content_where_the_response_has_it() {
    assert_eq!(
        call("revoke-egress-by-rule-id"),
        json!({
            "action": "RevokeSecurityGroupEgress",
            "group": { "id": GROUP },
            "rules": [
                listed(1, "egress", json!({ "protocol": "tcp", "from": 443, "to": 443, "peer": { "group": { "id": "sg-0a1b2c3d4e5f60002" } } })),
                listed(2, "egress", json!({ "protocol": "-1", "from": -1, "to": -1, "peer": { "cidr": "0.0.0.0/0" } })),
            ],
            "rule_ids": ["sgr-0a1b2c3d4e5f60001", "sgr-0a1b2c3d4e5f60002"],
        })
    );
}

#[test]
fn a_revoke_by_permission_says_what_it_asked_for() {
    assert_eq!(
        call("revoke-ingress-unknown-permission"),
        json!({
            "action": "RevokeSecurityGroupIngress",
            "group": { "id": GROUP },
            "permissions": [{ "protocol": "tcp", "from": 3306, "to": 3306, "peer": { "cidr": "10.0.0.0/8" } }],
        })
    );
}

#[test]
fn one_edited_rule_stands_as_an_object_under_a_doubled_key() {
    assert_eq!(
        call("modify-rules-one"),
        json!({
            "action": "ModifySecurityGroupRules",
            "group": GROUP,
            "rules": [{
                "id": "sgr-0a1b2c3d4e5f60001",
                "permission": { "protocol": "tcp", "from": 443, "to": 443, "peer": { "cidr": "0.0.0.0/0" } },
            }],
        })
    );
}

#[test]
fn several_edited_rules_stand_in_a_list_and_a_new_description_permits_nothing_new() {
    assert_eq!(
        call("modify-rules-several"),
        json!({
            "action": "ModifySecurityGroupRules",
            "group": GROUP,
            "rules": [
                { "id": "sgr-0a1b2c3d4e5f60001", "permission": { "protocol": "-1", "from": -1, "to": -1, "peer": { "cidr": "::/0" } } },
                { "id": "sgr-0a1b2c3d4e5f60002", "permission": { "protocol": "tcp", "from": 443, "to": 443, "peer": { "prefix_list": "pl-0a1b2c3d4e5f60001" } } },
                { "id": "sgr-0a1b2c3d4e5f60003", "permission": { "protocol": "tcp", "from": 5432, "to": 5432, "peer": { "group": { "id": "sg-0a1b2c3d4e5f60002" } } } },
                { "id": "sgr-0a1b2c3d4e5f60004" },
            ],
        })
    );
}

#[test]
fn the_wrapper_is_known_by_its_form_and_not_by_its_name() {
    let event = changed("modify-rules-one", |record| {
        let inner = record["requestParameters"]["ModifySecurityGroupRulesRequest"].take();
        record["requestParameters"] = json!({ "ModSgRulesReq": inner });
    });
    assert_eq!(json!(event.unwrap().call), call("modify-rules-one"));
}

#[test]
fn edited_descriptions_are_a_call_of_their_own() {
    assert_eq!(
        call("update-descriptions-egress"),
        json!({ "action": "UpdateSecurityGroupRuleDescriptionsEgress", "group": GROUP })
    );
}

/// A rule as a response lists it.
fn listed(number: u8, direction: &str, mut permission: Value) -> Value {
    permission["id"] = json!(format!("sgr-0a1b2c3d4e5f6000{number}"));
    permission["direction"] = json!(direction);
    permission
}
