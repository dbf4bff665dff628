//! The event patterns of every function: which calls they let through, and which queue these go to.

use std::collections::BTreeSet;
use std::fs;

use guardrail_policy::event::CallName;
use guardrail_policy::functions::{BUILT, FunctionName};
use harness::bus::Patterns;
use harness::delivery::envelope;
use harness::event_pattern::EventPattern;
use harness::record::Record;
use serde_json::{Value, json};

/// User agents, and whether a tool has them; none where a record has none.
const AGENTS: [(Option<&str>, bool); 9] = [
    (None, false),
    (Some("console.amazonaws.com"), false),
    (Some("aws-cli/2.17.56 md/awscrt#0.21.2 ua/2.0"), false),
    (Some("Boto3/1.34.0 md/Botocore#1.34.0"), false),
    (
        Some("aws-sdk-rust/1.3.9 os/linux lang/rust/1.95.0 app/vpc-guardrail"),
        false,
    ),
    (
        Some("APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.70.0"),
        true,
    ),
    (Some("APN/1.0 OpenTofu/1.0 OpenTofu/1.10.1"), true),
    (Some("APN/1.0 Pulumi/1.0 PulumiAws/6.50.0"), true),
    (Some("cloudformation.amazonaws.com"), true),
];

/// `invokedBy`, and whether it is that of a tool.
const SERVICES: [(Option<&str>, bool); 4] = [
    (None, false),
    (Some("AWS Internal"), false),
    (Some("eks.amazonaws.com"), false),
    (Some("cloudformation.amazonaws.com"), true),
];

/// Calls that are looked at late whoever made them: another call soon follows.
const ALWAYS_LATE: [CallName; 3] = [
    CallName::CreateSecurityGroup,
    CallName::CreateSubnet,
    CallName::DisassociateRouteTable,
];

/// Calls about the guardrail itself are looked at once, whoever made them.
fn is_always_at_once(call: CallName) -> bool {
    CallName::OF_PARTS.contains(&call) || OF_TAGS.contains(&call)
}

/// Calls that are delivered only where they name a VPC.
const OF_TAGS: [CallName; 2] = [CallName::CreateTags, CallName::DeleteTags];

/// Calls that wake nothing: others of EC2, and namesakes of other services.
const OTHERS: [(&str, &str); 6] = [
    ("ec2.amazonaws.com", "DescribeSecurityGroups"),
    ("ec2.amazonaws.com", "DeleteSecurityGroup"),
    ("ec2.amazonaws.com", "UpdateSecurityGroupRuleDescriptionsIngress"),
    ("apigateway.amazonaws.com", "CreateRoute"),
    ("es.amazonaws.com", "CreateVpcEndpoint"),
    ("rds.amazonaws.com", "AuthorizeDBSecurityGroupIngress"),
];

#[test]
fn every_call_reaches_the_functions_that_it_wakes_and_no_others_and_by_one_way_only() {
    for function in BUILT {
        let patterns = Patterns::of(function.name.as_str()).unwrap();
        let woken: BTreeSet<CallName> = function.calls();
        for call in CallName::ALL {
            for (agent, tool) in AGENTS {
                for (service, for_a_tool) in SERVICES {
                    let event = event(call.source(), call.name(), agent, service);
                    let by_a_tool = (tool || for_a_tool) && !is_always_at_once(*call);
                    let is_late = ALWAYS_LATE.contains(call) || by_a_tool;
                    let expected = (woken.contains(call) && !is_late, woken.contains(call) && is_late);
                    let ways = ways(&patterns, &event);
                    assert_eq!(ways, expected, "{call} to {} by {agent:?}, {service:?}", function.name);
                }
            }
        }
    }
}

#[test]
fn calls_of_others_reach_nothing() {
    for function in BUILT {
        let patterns = Patterns::of(function.name.as_str()).unwrap();
        for (source, name) in OTHERS {
            let event = event(source, name, None, None);
            assert_eq!(ways(&patterns, &event), (false, false), "{source} {name}");
        }
    }
}

#[test]
fn tags_of_what_is_no_vpc_reach_nothing() {
    let patterns = Patterns::of(FunctionName::Apis.as_str()).unwrap();
    let mut call = event("ec2.amazonaws.com", "CreateTags", None, None);
    assert_eq!(ways(&patterns, &call), (true, false));
    let others = json!([{ "resourceId": "i-0a1b2c3d4e5f60001" }, { "resourceId": "vpce-0a1b2c3d4e5f60001" }]);
    call["detail"]["requestParameters"]["resourcesSet"]["items"] = others;
    assert_eq!(ways(&patterns, &call), (false, false));
}

#[test]
fn failed_calls_and_what_is_no_call_are_dropped() {
    let patterns = Patterns::of(FunctionName::SecurityGroups.as_str()).unwrap();
    let call = event("ec2.amazonaws.com", "AuthorizeSecurityGroupEgress", None, None);
    assert_eq!(ways(&patterns, &call), (true, false));
    for code in ["Client.DryRunOperation", "Client.UnauthorizedOperation", "AccessDenied"] {
        let mut failed = call.clone();
        failed["detail"]["errorCode"] = code.into();
        assert_eq!(ways(&patterns, &failed), (false, false), "{code}");
    }
    for kind in ["AWS Service Event via CloudTrail", "AWS Console Action via CloudTrail"] {
        let mut other = call.clone();
        other["detail-type"] = kind.into();
        assert_eq!(ways(&patterns, &other), (false, false), "{kind}");
    }
}

/// Each real record goes where the function's own reading of it says: it is not for nothing that it is delivered.
#[test]
fn real_records_go_where_their_calls_belong() {
    let Some(folder) = std::env::var_os("GUARDRAIL_EVENTS_DIR") else {
        eprintln!("skipped: GUARDRAIL_EVENTS_DIR names no folder of real CloudTrail records");
        return;
    };
    let mut delivered = 0;
    for service in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let calls = fs::read_dir(service).into_iter().flatten();
        for call in calls.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
            for record in fs::read_dir(call).unwrap().map(|entry| entry.unwrap().path()) {
                delivered += usize::from(goes_where_it_belongs(
                    &fs::read(&record).unwrap(),
                    &record.to_string_lossy(),
                ));
            }
        }
    }
    assert!(delivered > 10, "{delivered} records were delivered");
}

/// Whether the record is delivered, having checked that this is right.
fn goes_where_it_belongs(bytes: &[u8], place: &str) -> bool {
    let json: Value = serde_json::from_slice(bytes).unwrap();
    let (source, name) = (
        json["eventSource"].as_str().unwrap(),
        json["eventName"].as_str().unwrap(),
    );
    let json_text = json.to_string();
    let call = CallName::find(source, name).filter(|_| json.get("errorCode").is_none());
    let envelope = envelope(&Record::new(json));
    let mut is_delivered = false;
    for function in BUILT {
        let (at_once, late) = ways(&Patterns::of(function.name.as_str()).unwrap(), &envelope);
        let is_left_out = call.is_some_and(|call| OF_TAGS.contains(&call) && !json_text.contains("\"vpc-"));
        let is_woken = call.is_some_and(|call| function.calls().contains(&call)) && !is_left_out;
        assert_eq!((at_once || late, at_once && late), (is_woken, false), "{place}");
        is_delivered |= is_woken;
    }
    is_delivered
}

/// Whether the event is delivered at once, and whether late.
fn ways(patterns: &Patterns, event: &Value) -> (bool, bool) {
    (patterns.immediate.matches(event), patterns.delayed.matches(event))
}

fn event(source: &str, name: &str, agent: Option<&str>, service: Option<&str>) -> Value {
    let mut identity = json!({ "type": "AssumedRole", "accountId": "111122223333" });
    if let Some(service) = service {
        identity["invokedBy"] = service.into();
    }
    let mut record = json!({
        "eventSource": source,
        "eventName": name,
        "userIdentity": identity,
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333",
        "requestParameters": { "resourcesSet": { "items": [
            { "resourceId": "i-0a1b2c3d4e5f60001" }, { "resourceId": "vpc-0a1b2c3d4e5f60001" },
        ] } },
    });
    if let Some(agent) = agent {
        record["userAgent"] = agent.into();
    }
    envelope(&Record::new(record))
}

/// The matcher that the tests here stand on, held to what AWS's own engine answered.
#[test]
fn the_matcher_agrees_with_the_engine_of_event_bridge() {
    let Some(folder) = std::env::var_os("GUARDRAIL_EVENTBRIDGE_DIR").map(std::path::PathBuf::from) else {
        eprintln!("skipped: GUARDRAIL_EVENTBRIDGE_DIR names no folder with cases.json and answers.json");
        return;
    };
    let read = |name: &str| -> Value { serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap() };
    let (cases, answers) = (read("cases.json"), read("answers.json"));
    let cases = cases.as_array().unwrap();
    assert!(cases.len() >= 75, "{} cases", cases.len());
    for case in cases {
        let name = case["name"].as_str().unwrap();
        assert_eq!(
            matched(&case["pattern"], &case["event"]),
            answer(&answers[name]),
            "{name}"
        );
    }
}

/// As the engine answered: whether it matched; none where it refused the pattern.
fn answer(answer: &Value) -> Option<bool> {
    answer.as_str().unwrap().parse().ok()
}

fn matched(pattern: &Value, event: &Value) -> Option<bool> {
    EventPattern::parse(pattern).ok().map(|pattern| pattern.matches(event))
}

#[test]
fn the_matcher_knows_the_traps() {
    let in_list = json!({ "items": [{ "protocol": "tcp", "port": 443 }, { "protocol": "-1" }] });
    for (pattern, event, expected) in [
        (json!({"a": [{"exists": false}]}), json!({"a": {"b": 1}}), Some(true)),
        (json!({"a": [{"exists": true}]}), json!({"a": {"b": 1}}), Some(false)),
        (json!({"a": [{"exists": true}]}), json!({"a": []}), Some(false)),
        (json!({"a": [{"anything-but": ["x"]}]}), json!({"b": "y"}), Some(false)),
        (
            json!({"a": [{"exists": false}, {"anything-but": ["x"]}]}),
            json!({"b": "y"}),
            Some(true),
        ),
        (
            json!({"a": [{"exists": false}, {"anything-but": ["x"]}]}),
            json!({"a": "x"}),
            Some(false),
        ),
        (
            json!({"a": [{"anything-but": {"wildcard": ["*T/*", "cf"]}}]}),
            json!({"a": "an T/1"}),
            Some(false),
        ),
        (
            json!({"a": [{"anything-but": {"wildcard": ["*T/*", "cf"]}}]}),
            json!({"a": "cfx"}),
            Some(true),
        ),
        (
            json!({"items": {"protocol": ["-1"], "port": [443]}}),
            in_list.clone(),
            Some(false),
        ),
        (
            json!({"items": {"protocol": ["tcp"], "port": [443]}}),
            in_list.clone(),
            Some(true),
        ),
        (json!({"items": {"port": [{"exists": false}]}}), in_list, Some(false)),
        (json!({"$or": [{"a": ["x"]}]}), json!({"a": "x"}), None),
        (json!({"a": []}), json!({"a": "x"}), None),
        (json!({"a": [{"regex": "x"}]}), json!({"a": "x"}), None),
    ] {
        assert_eq!(matched(&pattern, &event), expected, "{pattern} and {event}");
    }
}
