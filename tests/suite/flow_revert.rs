//! From a careless call to the network as it was meant: what is taken back, in which order, at what cost, and what stops it.

use std::time::Duration;

use harness::function::Invocation;
use harness::identity::Identity;
use harness::network::{self, destination, egress_rules};
use harness::queue::Queue;
use harness::stage::{NOTIFY_POLICY, REVERT_POLICY, Stage};
use serde_json::{Value, json};

use crate::reading::{assert_silence, comes_again, notice_id, only_notice, only_record, reason, text_at, told};
use crate::scene::{deliver_done, opens, queue};

/// Where the application's group may go now.
pub(crate) fn destinations(stage: &Stage) -> Vec<String> {
    let rules = egress_rules(&stage.owner, &stage.network.app_group).unwrap();
    rules.iter().map(destination).collect()
}

/// Every rule of every other group, and every table: what nobody has asked to change.
pub(crate) fn innocent(stage: &Stage) -> Value {
    let rules = stage
        .owner
        .call("ec2", "describe_security_group_rules", &json!({}))
        .unwrap();
    let of_others = rules["SecurityGroupRules"].as_array().unwrap().iter();
    let ours = |rule: &&Value| rule["GroupId"] == stage.network.endpoint_group.as_str();
    Value::Array(of_others.filter(ours).cloned().collect())
}

fn stage(policy: &str) -> Stage {
    Stage::set_with_ledger(policy).unwrap().0
}

/// The calls that the function made since the last look.
fn calls(stage: &mut Stage) -> Vec<String> {
    stage.calls.take().unwrap().actions()
}

fn delivered(stage: &mut Stage, queue: &mut Queue) -> Invocation {
    queue.deliver(&mut stage.function).unwrap().unwrap().invocation
}

#[test]
fn what_was_opened_to_the_world_is_narrowed_and_told_with_the_way_back() {
    let mut stage = stage(REVERT_POLICY);
    let (before, others) = (destinations(&stage), innocent(&stage));
    let record = opens(&stage, "0.0.0.0/0");
    calls(&mut stage);
    let invocation = deliver_done(&mut stage, &record);

    let record = only_record(&invocation);
    assert_eq!(
        (reason(&record), comes_again(&record)),
        ("reverted", false),
        "{record:#}"
    );
    let mut meant = before;
    meant.push("10.0.0.0/8".to_owned());
    meant.sort();
    let mut now = destinations(&stage);
    now.sort();
    assert_eq!(now, meant);
    assert_eq!(innocent(&stage), others);

    let actions = calls(&mut stage);
    let writes: Vec<&str> = actions
        .iter()
        .map(String::as_str)
        .filter(|action| action.contains("Authorize") || action.contains("Revoke"))
        .collect();
    let in_order = ["ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress"];
    assert_eq!(writes, in_order, "the precise rules come first");
    let to_ledger = actions.iter().filter(|action| action.starts_with("dynamodb:"));
    assert!(to_ledger.count() <= 5, "four writes and one read: {actions:?}");
    assert_eq!(actions.iter().filter(|action| *action == "sns:Publish").count(), 1);

    let notice = only_notice(&stage);
    let body = notice.json();
    let id = text_at(&body, "/record_id");
    for said in [
        "TAKEN BACK",
        "Read again afterwards: it is so.",
        &format!("guardrail undo {id}"),
    ] {
        assert!(
            text_at(&body, "/text").contains(said),
            "`{said}` is missing in:\n{}",
            body["text"]
        );
    }
    assert!(
        notice
            .subject
            .as_deref()
            .is_some_and(|subject| subject.contains("reverted"))
    );
    assert_eq!(told(&record), [(notice_id(&notice), None)]);
    let kept = stage.ledger.as_ref().unwrap().items(id).unwrap();
    assert_eq!(kept.len(), 1, "the record is kept for undo");
}

#[test]
fn an_event_that_comes_twice_is_handled_once() {
    let mut stage = stage(REVERT_POLICY);
    let record = opens(&stage, "0.0.0.0/0");
    deliver_done(&mut stage, &record);
    let now = destinations(&stage);
    calls(&mut stage);
    let again = only_record(&deliver_done(&mut stage, &record));
    assert_eq!((reason(&again), comes_again(&again)), ("handled_before", false));
    assert_eq!(calls(&mut stage), ["dynamodb:UpdateItem"]);
    assert_eq!(destinations(&stage), now);
    only_notice(&stage);
}

#[test]
fn both_families_opened_in_one_call_are_taken_back_together() {
    let mut stage = stage(REVERT_POLICY);
    let before = destinations(&stage);
    let permissions = json!([{
        "IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
    }]);
    let person = stage.person().unwrap();
    let opened = network::authorize_egress(&person, &stage.network.app_group, &permissions).unwrap();
    opened.outcome.unwrap();
    let record = only_record(&deliver_done(&mut stage, &opened.record));
    assert_eq!(reason(&record), "reverted", "{record:#}");
    let now = destinations(&stage);
    assert!(!now.iter().any(|destination| destination.ends_with("/0")), "{now:?}");
    assert!(before.iter().all(|destination| now.contains(destination)), "{now:?}");
}

#[test]
fn a_warm_revert_costs_its_two_writes_one_look_one_notice_and_five_calls_of_the_ledger() {
    let mut stage = stage(REVERT_POLICY);
    let clean = opens(&stage, "10.99.0.0/16");
    deliver_done(&mut stage, &clean);
    let record = opens(&stage, "0.0.0.0/0");
    calls(&mut stage);
    let record = only_record(&deliver_done(&mut stage, &record));
    assert_eq!(reason(&record), "reverted", "{record:#}");
    let actions = calls(&mut stage);
    let from_intent = actions
        .iter()
        .position(|action| action == "dynamodb:TransactWriteItems");
    let (before, after) = actions.split_at(from_intent.unwrap());
    let acting = [
        "dynamodb:TransactWriteItems",
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:DescribeSecurityGroupRules",
        "dynamodb:TransactWriteItems",
        "sns:Publish",
        "dynamodb:UpdateItem",
    ];
    assert_eq!(after, acting, "{actions:#?}");
    let of_ledger: Vec<&str> = before
        .iter()
        .map(String::as_str)
        .filter(|action| !action.starts_with("ec2:Describe"))
        .collect();
    assert_eq!(
        of_ledger,
        ["dynamodb:UpdateItem", "dynamodb:BatchGetItem"],
        "{actions:#?}"
    );
    assert!(before.len() <= 2 + 9, "nine looks at most: {actions:#?}");
}

#[test]
fn a_clean_verdict_costs_the_ledger_two_calls() {
    let mut stage = stage(REVERT_POLICY);
    let record = opens(&stage, "10.20.0.0/16");
    calls(&mut stage);
    let record = only_record(&deliver_done(&mut stage, &record));
    assert_eq!(reason(&record), "clean", "{record:#}");
    let actions = calls(&mut stage);
    let to_ledger: Vec<&String> = actions
        .iter()
        .filter(|action| action.starts_with("dynamodb:"))
        .collect();
    assert_eq!(to_ledger.len(), 2, "{actions:?}");
    assert_silence(&stage);
}

#[test]
fn in_mode_notify_the_ledger_keeps_the_plan_and_nothing_is_changed() {
    let mut stage = stage(NOTIFY_POLICY);
    let record = opens(&stage, "0.0.0.0/0");
    let open = destinations(&stage);
    let record = only_record(&deliver_done(&mut stage, &record));
    assert_eq!(reason(&record), "found");
    assert_eq!(destinations(&stage), open);
    let kept = stage
        .ledger
        .as_ref()
        .unwrap()
        .items(text_at(&record, "/record_id"))
        .unwrap();
    assert_eq!(kept.len(), 1);
    only_notice(&stage);
}

#[test]
fn who_is_only_reported_is_never_reverted() {
    let role = "arn:aws:iam::111122223333:role/BreakGlass";
    let policy = format!("{REVERT_POLICY}principals: {{ report_only: [\"{role}\"] }}\n");
    let mut stage = stage(&policy);
    let person = stage
        .emulator
        .user(Identity::role_session("BreakGlass", "incident"))
        .unwrap();
    let opened = network::open_egress(&person, &stage.network.app_group, "0.0.0.0/0").unwrap();
    opened.outcome.unwrap();
    let open = destinations(&stage);
    let record = only_record(&deliver_done(&mut stage, &opened.record));
    assert_eq!(reason(&record), "withheld", "{record:#}");
    assert_eq!(destinations(&stage), open);
    let text = only_notice(&stage).json()["text"].to_string();
    assert!(text.contains("report_only") && text.contains(role), "{text}");
}

#[test]
fn a_budget_that_is_used_up_leaves_the_door_open_and_says_so_critically() {
    let policy = format!("{REVERT_POLICY}limits: {{ reverts_per_principal_per_day: 1 }}\n");
    let mut stage = stage(&policy);
    let first = opens(&stage, "0.0.0.0/0");
    assert_eq!(reason(&only_record(&deliver_done(&mut stage, &first))), "reverted");
    let second = opens(&stage, "8.8.8.0/24");
    let record = only_record(&deliver_done(&mut stage, &second));
    assert_eq!(reason(&record), "withheld", "{record:#}");
    assert!(destinations(&stage).contains(&"8.8.8.0/24".to_owned()));
    let notices = stage.inbox.messages().unwrap();
    assert_eq!(notices.len(), 2);
    let severity = notices[1].attributes.get("severity").map(String::as_str);
    assert_eq!(severity, Some("critical"), "{notices:#?}");
}

#[test]
fn in_a_burst_the_next_revert_waits_and_is_not_given_up() {
    let policy = format!("{REVERT_POLICY}limits: {{ attempts_per_resource_per_hour: 1 }}\n");
    let mut stage = stage(&policy);
    let first = opens(&stage, "0.0.0.0/0");
    assert_eq!(reason(&only_record(&deliver_done(&mut stage, &first))), "reverted");
    let second = opens(&stage, "8.8.8.0/24");
    let mut queue = queue();
    queue.send(&second);
    let record = only_record(&delivered(&mut stage, &mut queue));
    assert_eq!(
        (reason(&record), comes_again(&record)),
        ("backed_off", true),
        "{record:#}"
    );
    assert!(destinations(&stage).contains(&"8.8.8.0/24".to_owned()));
    only_notice(&stage);
    queue.elapse(Duration::from_secs(600));
    assert_eq!(queue.len(), 1, "it waits in its queue");
}
