//! What takes the place of what was opened: each remedy, each way of opening, and what is only proposed.

use harness::network;
use harness::picture::in_short;
use harness::stage::{REVERT_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::reading::{findings, only_notice, only_record, reason, text_at};
use crate::revert::{NARROWED, assert_only_added, customer_list, opens, writes};
use crate::scene::deliver_done;

fn stage(rules: &str) -> Stage {
    let policy = format!("{REVERT_POLICY}{rules}");
    Setting::of(&policy).with_ledger().set().unwrap()
}

fn with_remedy(remedy: &str) -> Stage {
    stage(&format!("rules:\n  open-egress: {{ remedy: {remedy} }}\n"))
}

/// A group in the network with an interface and without any egress rule.
fn closed_group(stage: &Stage, name: &str) -> String {
    let network = &stage.network;
    let group = network::security_group(&stage.owner, &network.vpc, name).unwrap();
    let closed = network::revoke_egress(&stage.owner, &group, &network::everything()).unwrap();
    closed.outcome.unwrap();
    network::network_interface(&stage.owner, &network.subnets[0], &group).unwrap();
    group
}

#[test]
fn each_remedy_leaves_exactly_its_own_rules_behind() {
    for remedy in ["narrow", "private-paths", "revoke"] {
        let mut stage = with_remedy(remedy);
        let group = closed_group(&stage, "batch");
        let to_s3 = format!("tcp/443 {}", stage.network.s3_list);
        let to_endpoints = format!("tcp/443 {}", stage.network.endpoint_group);
        let mut precise = match remedy {
            "narrow" => vec!["-1 10.0.0.0/8", to_s3.as_str()],
            "private-paths" => vec![to_s3.as_str(), to_endpoints.as_str()],
            _ => vec![],
        };
        precise.sort_unstable();
        let before = stage.picture().unwrap();
        let record = opens(&stage.person().unwrap(), &group, "0.0.0.0/0");
        stage.calls.take().unwrap();
        let record = only_record(&deliver_done(&mut stage, &record));
        assert_eq!(reason(&record), "reverted", "{remedy}: {record:#}");
        assert_only_added(&stage, &before, &precise, remedy);
        let made = usize::from(!precise.is_empty());
        assert_eq!(
            writes(&mut stage),
            (made, 1),
            "{remedy}: one call to make, one to take away"
        );
        let body = only_notice(&stage).json();
        assert!(
            text_at(&body, "/text").contains(&format!("({remedy})")),
            "{}",
            body["text"]
        );
        assert_eq!(body["executions"][0]["plan"]["remedy"], remedy);
        assert_eq!(body["executions"][0]["end"], "seen");
    }
}

#[test]
fn every_address_of_ipv6_is_closed_without_anything_in_its_place_where_the_vpc_has_none() {
    let mut stage = stage("");
    let before = stage.picture().unwrap();
    let person = stage.person().unwrap();
    let permissions = json!([{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]);
    let opened = network::authorize_egress(&person, &stage.network.app_group, &permissions).unwrap();
    opened.outcome.unwrap();
    let record = only_record(&deliver_done(&mut stage, &opened.record));
    assert_eq!(reason(&record), "reverted", "{record:#}");
    assert_only_added(&stage, &before, &[], "IPv6");
}

#[test]
fn one_port_to_one_block_outside_is_closed_and_the_other_rules_of_the_call_stay() {
    let mut stage = stage("");
    let before = stage.picture().unwrap();
    let person = stage.person().unwrap();
    let both = network::https_to(&["8.8.8.0/24", "10.99.0.0/16"]);
    let opened = network::authorize_egress(&person, &stage.network.app_group, &both).unwrap();
    opened.outcome.unwrap();
    let record = only_record(&deliver_done(&mut stage, &opened.record));
    assert_eq!(reason(&record), "reverted", "{record:#}");
    assert_only_added(&stage, &before, &["tcp/443 10.99.0.0/16"], "one of two");
}

/// An edit keeps the rule's id and forgets what it was: it is narrowed even where the policy says `revoke`.
#[test]
fn an_edit_in_place_is_narrowed_whatever_the_remedy() {
    let mut stage = with_remedy("revoke");
    let person = stage.person().unwrap();
    let narrow = network::authorize_egress(
        &stage.owner,
        &stage.network.app_group,
        &network::https_to(&["10.99.0.0/16"]),
    );
    let narrow = narrow.unwrap();
    let made = text_at(
        narrow.record.json(),
        "/responseElements/securityGroupRuleSet/items/0/securityGroupRuleId",
    );
    let before = stage.picture().unwrap();
    let edit = json!({
        "GroupId": stage.network.app_group,
        "SecurityGroupRules": [{
            "SecurityGroupRuleId": made,
            "SecurityGroupRule": {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": "0.0.0.0/0"},
        }],
    });
    let edited = person.perform("ec2", "modify_security_group_rules", &edit).unwrap();
    edited.outcome.unwrap();
    let record = only_record(&deliver_done(&mut stage, &edited.record));
    assert_eq!(reason(&record), "reverted", "{record:#}");
    let difference = before.until(&stage.picture().unwrap());
    let added: Vec<_> = difference.added.iter().map(in_short).collect();
    assert_eq!(added, ["tcp/443 10.0.0.0/8"], "narrowed to what is allowed");
    let removed: Vec<_> = difference
        .removed
        .iter()
        .map(|rule| &rule["SecurityGroupRuleId"])
        .collect();
    assert_eq!(removed, [made], "the edited rule itself, and no other");
    assert_eq!(difference.changed, Vec::<Value>::new());
}

#[test]
fn a_rule_to_a_list_that_holds_the_world_is_narrowed_and_the_list_itself_is_left_alone() {
    let mut stage = stage("");
    let list = customer_list(&stage, "0.0.0.0/0");
    let entries = |stage: &Stage| {
        let asked = json!({"PrefixListId": list});
        let answer = stage.owner.call("ec2", "get_managed_prefix_list_entries", &asked);
        answer.unwrap()["Entries"].clone()
    };
    let (before, held) = (stage.picture().unwrap(), entries(&stage));
    let to_list = json!([{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": list}]}]);
    let person = stage.person().unwrap();
    let ruled = network::authorize_egress(&person, &stage.network.app_group, &to_list).unwrap();
    ruled.outcome.unwrap();
    let record = only_record(&deliver_done(&mut stage, &ruled.record));
    assert_eq!(reason(&record), "reverted", "{record:#}");
    assert_only_added(&stage, &before, &NARROWED, "a rule to a list");
    assert_eq!(entries(&stage), held);
    assert_eq!(writes(&mut stage), (1, 1));
    only_notice(&stage);
}

#[test]
fn a_prefix_list_that_comes_to_hold_the_world_is_proposed_about_and_nothing_is_changed() {
    let mut stage = stage("");
    let person = stage.person().unwrap();
    let list = customer_list(&stage, "10.50.0.0/16");
    let to_list = json!([{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": list}]}]);
    let ruled = network::authorize_egress(&stage.owner, &stage.network.app_group, &to_list).unwrap();
    ruled.outcome.unwrap();
    let widen = json!({"PrefixListId": list, "CurrentVersion": 1, "AddEntries": [{"Cidr": "0.0.0.0/0"}]});
    let widened = person.perform("ec2", "modify_managed_prefix_list", &widen).unwrap();
    widened.outcome.unwrap();
    let before = stage.picture().unwrap();
    let record = only_record(&deliver_done(&mut stage, &widened.record));
    assert_eq!(reason(&record), "found", "{record:#}");
    let [finding] = findings(&record) else {
        panic!("one finding: {record:#}")
    };
    assert!(finding["treatment"]["proposal"].is_object(), "{finding:#}");
    assert_only_added(&stage, &before, &[], "a list");
    let body = only_notice(&stage).json();
    assert!(
        text_at(&body, "/text").contains("proposed, never made by itself"),
        "{}",
        body["text"]
    );
    assert_eq!(writes(&mut stage), (0, 0));
}

#[test]
fn without_an_endpoint_to_take_its_place_the_rule_stays_and_the_reason_is_told() {
    let mut stage = stage("");
    let network = stage.network.clone();
    let endpoints = [
        &network.s3_endpoint,
        &network.ecr_endpoints[0],
        &network.ecr_endpoints[1],
    ];
    let gone = json!({"VpcEndpointIds": endpoints});
    stage.owner.call("ec2", "delete_vpc_endpoints", &gone).unwrap();
    let record = opens(&stage.person().unwrap(), &network.app_group, "0.0.0.0/0");
    let before = stage.picture().unwrap();
    let record = only_record(&deliver_done(&mut stage, &record));
    assert_eq!(reason(&record), "withheld", "{record:#}");
    assert_only_added(&stage, &before, &[], "no endpoint");
    let body = only_notice(&stage).json();
    let text = text_at(&body, "/text");
    assert!(
        text.contains("though the mode is revert") && text.contains("no working endpoint"),
        "{text}"
    );
}
