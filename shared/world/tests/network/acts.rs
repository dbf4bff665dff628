//! What people do meanwhile.

use std::collections::BTreeSet;

use guardrail_world::Packet;
use guardrail_world::acts::ActError;

use crate::sample::{id, network, tcp};

fn egress_of(network: &guardrail_world::World, group: &str) -> Vec<String> {
    network
        .group(&id(group))
        .unwrap()
        .rules
        .values()
        .map(|rule| rule.permission.to_string())
        .collect()
}

#[test]
fn a_new_group_is_born_open_and_for_ipv6_where_the_vpc_has_it() {
    let mut network = network();
    network.create_group(&id("sg-3"), &id("vpc-1"), "new").unwrap();
    network.create_group(&id("sg-4"), &id("vpc-2"), "new").unwrap();
    assert_eq!(egress_of(&network, "sg-3"), ["all traffic to 0.0.0.0/0"]);
    assert_eq!(
        egress_of(&network, "sg-4"),
        ["all traffic to 0.0.0.0/0", "all traffic to ::/0"]
    );
    assert!(network.create_group(&id("sg-5"), &id("vpc-9"), "new").is_err());
}

#[test]
fn an_edit_keeps_the_rules_id_and_a_deleted_group_is_gone() {
    let mut network = network();
    network
        .edit_rule(&id("sg-1"), &id("sgr-1"), &tcp(443, "0.0.0.0/0"))
        .unwrap();
    assert_eq!(
        network.group(&id("sg-1")).unwrap().rules[&id("sgr-1")].permission,
        tcp(443, "0.0.0.0/0")
    );
    network.delete_group(&id("sg-1")).unwrap();
    assert_eq!(
        network.delete_group(&id("sg-1")).unwrap_err(),
        ActError::NotFound("sg-1".to_owned())
    );
}

#[test]
fn an_edit_into_a_rule_that_is_there_already_is_refused() {
    let mut network = network();
    network
        .authorize(
            &id("sg-1"),
            guardrail_policy::network::Direction::Egress,
            &[tcp(80, "10.0.0.0/8")],
        )
        .unwrap();
    let before = network.clone();
    let refused = network.edit_rule(&id("sg-1"), &id("sgr-1"), &tcp(80, "10.0.0.0/8"));
    assert!(refused.unwrap_err().to_string().contains("already"));
    assert_eq!(network, before);
    network
        .edit_rule(&id("sg-1"), &id("sgr-1"), &tcp(443, "10.0.0.0/16"))
        .unwrap();
}

#[test]
fn attached_groups_and_changed_lists_count_at_once() {
    let mut network = network();
    network
        .set_entries(&id("pl-1"), BTreeSet::from([id("203.0.113.0/24")]))
        .unwrap();
    assert!(network.reachable(&id("sg-1"), id("203.0.113.5"), Packet::Tcp(443)));
    network.attach(&id("eni-1"), [id("sg-1")]).unwrap();
    assert_eq!(
        network.interfaces.as_ref().unwrap()[&id("eni-1")].groups,
        BTreeSet::from([id("sg-1")])
    );
}
