//! From a call on a security group to the security team's inbox.

use harness::bus::Bus;
use harness::function::Outcome;
use harness::identity::Identity;
use harness::network;
use harness::network::{destination, egress_rules};
use serde_json::{Value, json};

use crate::reading::{
    assert_silence, automatic_steps, comes_again, findings, notice_id, only_notice, only_record, reason, reasons,
    text_at, told,
};
use crate::scene::{SETTLED, deliver, deliver_done, opens, queue, stage};

#[test]
fn egress_opened_to_the_world_is_told_with_who_what_where_and_a_plan() {
    let mut stage = stage();
    let record = opens(&stage, "0.0.0.0/0");
    let invocation = deliver_done(&mut stage, &record);

    let notice = only_notice(&stage);
    assert!(
        notice
            .subject
            .as_deref()
            .is_some_and(|subject| !subject.is_empty() && subject.len() < 100)
    );
    // Medium: the VPC has no way to the internet, so the open door leads nowhere yet.
    for (name, value) in [
        ("rule", "open-egress"),
        ("severity", "medium"),
        ("account", harness::ACCOUNT),
        ("region", harness::REGION),
        ("mode", "notify"),
    ] {
        assert_eq!(notice.attributes.get(name).map(String::as_str), Some(value), "{name}");
    }
    let body = notice.json();
    let text = text_at(&body, "/text");
    for said in [
        stage.network.app_group.as_str(),
        stage.network.vpc.as_str(),
        "0.0.0.0/0",
        "PlatformEngineer",
    ] {
        assert!(text.contains(said), "`{said}` is missing in:\n{text}");
    }

    let record = only_record(&invocation);
    assert_eq!((reason(&record), comes_again(&record)), ("found", false));
    assert_eq!(told(&record), [(notice_id(&notice), None)]);
    let [finding] = findings(&record) else {
        panic!("one finding: {record:#}")
    };
    assert_eq!(finding["class"], "internet");
    assert_eq!(finding["cause"], "this_event");
}

#[test]
fn the_plan_puts_precise_rules_in_place_before_it_takes_the_open_one_away() {
    let mut stage = stage();
    let opened = opens(&stage, "0.0.0.0/0");
    let record = only_record(&deliver_done(&mut stage, &opened));
    let [finding] = findings(&record) else {
        panic!("one finding: {record:#}")
    };
    let [.., authorize, revoke] = automatic_steps(finding) else {
        panic!("two steps: {finding:#}")
    };

    let permitted = authorize["action"]["authorize_egress"]["permissions"].to_string();
    assert!(
        permitted.contains("10.0.0.0/8"),
        "every port to what is allowed: {permitted}"
    );
    let revoked = &revoke["action"]["revoke_egress"];
    let rule = opened.text("/responseElements/securityGroupRuleSet/items/0/securityGroupRuleId");
    assert_eq!(revoked["rule"], rule);
    assert_eq!(revoked["group"], stage.network.app_group.as_str());
}

#[test]
fn telling_changes_nothing_in_the_network() {
    let mut stage = stage();
    let record = opens(&stage, "0.0.0.0/0");
    let before = egress_rules(&stage.owner, &stage.network.app_group).unwrap();
    deliver_done(&mut stage, &record);
    assert_eq!(egress_rules(&stage.owner, &stage.network.app_group).unwrap(), before);
    let opened: Vec<_> = before.iter().map(destination).filter(|to| to == "0.0.0.0/0").collect();
    assert_eq!(opened.len(), 1);
}

#[test]
fn a_finding_with_its_plan_costs_at_most_nine_reads_and_one_message() {
    let mut stage = stage();
    let record = opens(&stage, "0.0.0.0/0");
    stage.calls.take().unwrap();
    deliver_done(&mut stage, &record);
    let calls = stage.calls.take().unwrap();
    assert!((1..=9).contains(&calls.to("ec2")), "{:?}", calls.actions());
    assert_eq!(
        (calls.of("Publish"), calls.count() - calls.to("ec2")),
        (1, 1),
        "{:?}",
        calls.actions()
    );
    assert!(calls.0.iter().all(|call| call.status == 200), "{calls:#?}");
}

/// The group has a rule to S3's list; a function that has just started reads once which lists are AWS's own.
#[test]
fn a_clean_verdict_costs_at_most_three_calls_and_tells_nobody() {
    let mut stage = stage();
    let first = opens(&stage, "10.98.0.0/16");
    stage.calls.take().unwrap();
    deliver_done(&mut stage, &first);
    let cold = stage.calls.take().unwrap();
    assert!((1..=4).contains(&cold.count()), "{:?}", cold.actions());
    let record = opens(&stage, "10.99.0.0/16");
    stage.calls.take().unwrap();
    let invocation = deliver_done(&mut stage, &record);
    assert_eq!(reasons(&invocation), ["clean"]);
    let calls = stage.calls.take().unwrap();
    assert!((1..=3).contains(&calls.count()), "{:?}", calls.actions());
    assert_silence(&stage);
}

#[test]
fn connections_are_used_again_by_the_next_event() {
    let mut stage = stage();
    let first = opens(&stage, "10.98.0.0/16");
    let second = opens(&stage, "10.97.0.0/16");
    stage.calls.take().unwrap();
    deliver_done(&mut stage, &first);
    let before = stage.calls.take().unwrap();
    deliver_done(&mut stage, &second);
    let after = stage.calls.take().unwrap();
    let known = |connection: &str| before.0.iter().any(|call| call.connection == connection);
    assert!(after.count() > 0);
    assert!(
        after.0.iter().all(|call| known(&call.connection)),
        "{before:#?} then {after:#?}"
    );
}

#[test]
fn both_halves_of_the_world_are_told_each_with_its_own_call() {
    let mut stage = stage();
    for half in ["0.0.0.0/1", "128.0.0.0/1"] {
        let record = opens(&stage, half);
        let record = only_record(&deliver_done(&mut stage, &record));
        let own = findings(&record)
            .iter()
            .find(|finding| finding["cause"] == "this_event")
            .unwrap();
        assert_eq!(own["class"], "internet");
        assert!(own["evidence"].to_string().contains(half), "{own:#}");
        assert!(only_notice(&stage).json().to_string().contains(half));
    }
}

#[test]
fn what_an_earlier_call_left_open_is_reported_apart_from_this_call() {
    let mut stage = stage();
    opens(&stage, "0.0.0.0/1");
    let later = opens(&stage, "10.96.0.0/16");
    let record = only_record(&deliver_done(&mut stage, &later));
    let [finding] = findings(&record) else {
        panic!("one finding: {record:#}")
    };
    assert_eq!(finding["cause"], "standing");
    assert!(
        finding["treatment"].get("automatic").is_none(),
        "never reverted in this event's name: {finding:#}"
    );
    let caller = later.text("/userIdentity/arn");
    let notice = only_notice(&stage);
    assert!(!notice.message.contains(caller), "names no caller: {}", notice.message);
}

#[test]
fn the_same_event_twice_gives_two_notices_with_one_id() {
    let mut stage = stage();
    let record = opens(&stage, "0.0.0.0/0");
    let first = only_record(&deliver_done(&mut stage, &record));
    let second = only_record(&deliver_done(&mut stage, &record));
    let notices = stage.inbox.messages().unwrap();
    assert_eq!(notices.len(), 2);
    assert_eq!(notice_id(&notices[0]), notice_id(&notices[1]));
    assert_ne!(
        first["record_id"], second["record_id"],
        "each delivery has its own record"
    );
}

#[test]
fn two_events_have_two_notice_ids() {
    let mut stage = stage();
    for half in ["0.0.0.0/1", "128.0.0.0/1"] {
        let record = opens(&stage, half);
        deliver_done(&mut stage, &record);
    }
    let notices = stage.inbox.messages().unwrap();
    assert_eq!(notices.len(), 2);
    assert_ne!(notice_id(&notices[0]), notice_id(&notices[1]));
}

#[test]
fn a_vpc_that_the_policy_does_not_select_is_left_alone() {
    let mut stage = stage();
    let vpc = stage
        .owner
        .call("ec2", "create_vpc", &json!({"CidrBlock": "10.30.0.0/16"}))
        .unwrap();
    let group = network::security_group(&stage.owner, text_at(&vpc, "/Vpc/VpcId"), "public").unwrap();
    let opened = network::authorize_egress(
        &stage.person().unwrap(),
        &group,
        &network::https_to(&["203.0.113.0/24"]),
    );
    let invocation = deliver_done(&mut stage, &opened.unwrap().record);
    assert_eq!(reasons(&invocation), ["not_selected"]);
    assert_silence(&stage);
}

#[test]
fn a_new_group_with_its_silent_default_rule_is_told() {
    let mut stage = stage();
    let parameters = json!({"GroupName": "forgotten", "Description": "d", "VpcId": stage.network.vpc});
    let created = stage
        .person()
        .unwrap()
        .perform("ec2", "create_security_group", &parameters)
        .unwrap();
    let group = text_at(created.outcome.as_ref().unwrap(), "/GroupId").to_owned();
    let mut bus = Bus::of("security-groups").unwrap();
    bus.publish(&created.record);
    let deliveries = bus.late.drain(&mut stage.function).unwrap();
    assert_eq!(reasons(&deliveries[0].invocation), ["found"]);
    assert!(only_notice(&stage).message.contains(&group));
}

#[test]
fn terraform_that_closes_its_own_group_is_not_told_when_its_events_come_late() {
    let mut stage = stage();
    let terraform = stage.emulator.user(Identity::terraform("Deployment")).unwrap();
    let network = &stage.network;
    let made = network::precise_group(
        &terraform,
        &network.vpc,
        "burst",
        &network.endpoint_group,
        &network.s3_list,
    );
    let made = made.unwrap();
    let mut bus = Bus::of("security-groups").unwrap();
    for call in [&made.created, &made.closed, &made.permitted] {
        bus.publish(&call.record);
    }
    assert!(bus.at_once.is_empty());
    let deliveries = bus.late.drain(&mut stage.function).unwrap();
    assert_eq!(deliveries.len(), 1, "one batch");
    assert_eq!(deliveries[0].acknowledged.len(), 3);
    assert_eq!(deliveries[0].invocation.records().len(), 3);
    assert_silence(&stage);
}

#[test]
fn terraform_would_be_told_of_its_own_half_way_state_if_its_events_came_at_once() {
    let mut stage = stage();
    let terraform = stage.emulator.user(Identity::terraform("Deployment")).unwrap();
    let parameters = json!({"GroupName": "half-way", "Description": "d", "VpcId": stage.network.vpc});
    let created = terraform.perform("ec2", "create_security_group", &parameters).unwrap();
    assert_eq!(reasons(&deliver_done(&mut stage, &created.record)), ["found"]);
    only_notice(&stage);
}

#[test]
fn terraform_that_leaves_its_group_open_is_told() {
    let mut stage = stage();
    let terraform = stage.emulator.user(Identity::terraform("Deployment")).unwrap();
    let opened = network::open_egress(&terraform, &stage.network.app_group, "0.0.0.0/0").unwrap();
    let mut bus = Bus::of("security-groups").unwrap();
    bus.publish(&opened.record);
    bus.late.drain(&mut stage.function).unwrap();
    assert!(only_notice(&stage).message.contains("Terraform"));
}

#[test]
fn a_group_deleted_meanwhile_is_no_news() {
    let mut stage = stage();
    let person = stage.person().unwrap();
    let group = network::security_group(&stage.owner, &stage.network.vpc, "short-lived").unwrap();
    let opened = network::open_egress(&person, &group, "198.51.100.0/24").unwrap().record;
    person
        .call("ec2", "delete_security_group", &json!({"GroupId": group}))
        .unwrap();

    let invocation = deliver_done(&mut stage, &opened.clone().aged(SETTLED));
    assert_eq!(reasons(&invocation), ["already_gone"]);
    assert_silence(&stage);
}

#[test]
fn a_group_that_is_not_to_be_seen_yet_is_looked_for_again() {
    let mut stage = stage();
    let person = stage.person().unwrap();
    let group = network::security_group(&stage.owner, &stage.network.vpc, "short-lived").unwrap();
    let opened = network::open_egress(&person, &group, "198.51.100.0/24").unwrap().record;
    person
        .call("ec2", "delete_security_group", &json!({"GroupId": group}))
        .unwrap();

    let mut queue = queue();
    let id = queue.send(&opened);
    let first = queue.deliver(&mut stage.function).unwrap().unwrap();
    assert_eq!(first.returned, std::slice::from_ref(&id));
    assert_eq!(reasons(&first.invocation), ["undecided"]);
    let later = queue.drain(&mut stage.function).unwrap();
    assert_eq!(later.len(), 1, "after the visibility time-out it is settled");
    assert_eq!(later[0].acknowledged, [id]);
    assert_silence(&stage);
}

#[test]
fn a_rule_that_is_already_gone_is_no_news() {
    let mut stage = stage();
    let opened = opens(&stage, "0.0.0.0/0");
    network::revoke_egress(&stage.owner, &stage.network.app_group, &network::everything())
        .unwrap()
        .outcome
        .unwrap();

    let invocation = deliver_done(&mut stage, &opened.aged(SETTLED));
    assert_eq!(reasons(&invocation), ["already_gone"]);
    assert_silence(&stage);
}

#[test]
fn a_fresh_rule_that_is_not_listed_is_looked_for_again() {
    let mut stage = stage();
    let opened = opens(&stage, "0.0.0.0/0");
    network::revoke_egress(&stage.owner, &stage.network.app_group, &network::everything())
        .unwrap()
        .outcome
        .unwrap();
    let delivery = deliver(&mut stage, &opened);
    assert_eq!(delivery.returned.len(), 1);
    assert_eq!(reasons(&delivery.invocation), ["undecided"]);
    assert_silence(&stage);
}

#[test]
fn a_bare_record_and_a_bare_envelope_are_told_too() {
    let mut stage = stage();
    let record = opens(&stage, "0.0.0.0/0");
    for event in [record.json().clone(), harness::delivery::envelope(&record)] {
        let invocation = stage.function.invoke(&event).unwrap();
        assert!(matches!(invocation.outcome, Outcome::Response(_)), "{invocation:#?}");
        assert_eq!(reasons(&invocation), ["found"]);
        assert_eq!(only_notice(&stage).attributes["mode"], "notify");
    }
}

#[test]
fn a_bare_record_in_a_queue_is_told_too() {
    let mut stage = stage();
    let record = opens(&stage, "0.0.0.0/0");
    let mut queue = queue();
    let id = queue.send_bare(&record);
    let delivery = queue.deliver(&mut stage.function).unwrap().unwrap();
    assert_eq!(delivery.acknowledged, [id]);
    assert_eq!(only_notice(&stage).json()["rule"], Value::from("open-egress"));
}
