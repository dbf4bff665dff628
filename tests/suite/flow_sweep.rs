//! The compiled `sweep` finds what no event told, tells it once, changes nothing, and shows that events come.

use std::time::Duration;

use harness::emulator::Emulator;
use harness::faults::{Fault, Rule};
use harness::function::{Invocation, Outcome};
use harness::record::Record;
use harness::role::Role;
use harness::stage::{REVERT_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::apis::makes_public_apis;
use crate::reading::{only_notice, only_record, reason, text_at};
use crate::revert::opens;

/// The time that the template gives it, of which a part is kept back.
const QUARTER_OF_AN_HOUR: Duration = Duration::from_secs(900);

/// The sweep with a ledger.
fn setting() -> Setting {
    let setting = Setting::of(REVERT_POLICY).function("sweep").with_ledger();
    setting.time_out(QUARTER_OF_AN_HOUR)
}

/// A stage in an account of its own: the sweep looks at every VPC.
fn set(setting: Setting) -> Stage {
    setting.set_on(Emulator::start().unwrap().into()).unwrap()
}

/// The same with everything that the sweep may be configured with.
fn stage() -> Stage {
    set(setting().with_marker().with_kill_switch("revert"))
}

/// The policy file of the other tests, where the account must stay private as well.
fn of_private_account() -> String {
    REVERT_POLICY.replacen("scope:\n", "scope:\n  private_accounts: [\"111122223333\"]\n", 1)
}

/// What EventBridge's schedule hands over.
fn schedule() -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "111122223333",
        "time": "2026-03-02T10:00:00Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:111122223333:rule/vpc-guardrail-SweepFunctionHourly"],
        "detail": {},
    })
}

/// The record of a run.
fn swept(invocation: &Invocation) -> Value {
    let lines = invocation
        .logs
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut records = lines.filter(|line| line["schema"] == "vpc-guardrail/sweep/1");
    let record = records.next().unwrap_or_else(|| panic!("{invocation:#?}"));
    assert!(records.next().is_none(), "one record for one run");
    record
}

fn sweep(stage: &mut Stage) -> Value {
    let invocation = stage.function.invoke(&schedule()).unwrap();
    assert!(matches!(invocation.outcome, Outcome::Response(_)), "{invocation:#?}");
    swept(&invocation)
}

#[test]
fn what_stands_at_the_first_sweep_is_silent_and_what_no_event_told_is_told_once() {
    let mut stage = set(setting());
    opens(&stage.owner, &stage.network.endpoint_group, "8.8.8.0/24");
    let first = sweep(&mut stage);
    assert_eq!(
        (&first["end"], &first["new"], &first["baseline"]),
        (&json!("complete"), &json!(0), &json!(1)),
        "{first:#}"
    );
    assert!(first["findings"].as_u64().unwrap() > 0, "{first:#}");
    assert_eq!(stage.inbox.messages().unwrap(), []);

    opens(&stage.owner, &stage.network.app_group, "0.0.0.0/0");
    let before = stage.picture().unwrap();
    let second = sweep(&mut stage);
    assert_eq!((&second["new"], &second["gone"]), (&json!(1), &json!(0)), "{second:#}");
    let notice = only_notice(&stage).json();
    let text = text_at(&notice, "/text");
    assert!(
        text.contains(&stage.network.app_group) && text.contains("new since the last sweep at"),
        "{text}"
    );
    assert!(!text.contains("NetworkAdministrator"), "no caller is named: {text}");
    assert_eq!(stage.picture().unwrap(), before, "nothing is taken back");

    stage.calls.take().unwrap();
    let third = sweep(&mut stage);
    assert_eq!(third["new"], 0, "{third:#}");
    assert_eq!(stage.inbox.messages().unwrap(), []);
    let calls = stage.calls.take().unwrap();
    let (actions, ec2) = (calls.actions(), calls.to("ec2"));
    let reads = actions
        .iter()
        .filter(|action| *action == "dynamodb:BatchGetItem")
        .count();
    let writes = calls.to("dynamodb") - reads;
    println!("a sweep of one VPC of two: {ec2} reads of EC2, {reads} reads and {writes} writes of the ledger");
}

#[test]
fn an_api_that_no_event_told_of_is_told_where_the_account_must_stay_private() {
    let mut stage = set(Setting::of(&of_private_account())
        .function("sweep")
        .with_ledger()
        .time_out(QUARTER_OF_AN_HOUR));
    let first = sweep(&mut stage);
    assert_eq!((&first["baseline"], &first["new"]), (&json!(2), &json!(0)), "{first:#}");
    assert_eq!(first["looked_at_account"], true, "{first:#}");

    let [rest, http, graphql] = makes_public_apis(&stage.owner);
    let second = sweep(&mut stage);
    assert_eq!(
        (&second["new"], &second["unread"]),
        (&json!(3), &Value::Null),
        "{second:#}"
    );
    let notices = stage.inbox.messages().unwrap();
    let texts: Vec<String> = notices
        .iter()
        .map(|notice| text_at(&notice.json(), "/text").to_owned())
        .collect();
    let [apis, appsync] = texts.as_slice() else {
        panic!("{texts:#?}")
    };
    assert!(apis.contains(&rest) && apis.contains(&http), "{apis}");
    assert!(appsync.contains(&graphql), "{appsync}");
    let about_account = second["told"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|told| told["vpc"] == Value::Null);
    assert_eq!(about_account.count(), 2, "{second:#}");
    println!("{apis}");
    assert_eq!(sweep(&mut stage)["new"], 0);
}

#[test]
fn the_edit_of_the_marker_group_comes_back_as_an_event_of_our_own() {
    let mut stage = stage();
    sweep(&mut stage);
    let records = stage.guardrail.records().unwrap();
    let is_edit = |record: &&Record| record.event_name() == "UpdateSecurityGroupRuleDescriptionsEgress";
    let edits: Vec<&Record> = records.iter().filter(is_edit).collect();
    let [edit] = edits.as_slice() else {
        panic!("{records:#?}")
    };
    let setting = Setting::of(REVERT_POLICY).with_ledger();
    let mut guard = setting.set_on(stage.emulator.clone()).unwrap();
    let invocation = guard.function.invoke(edit.json()).unwrap();
    assert_eq!(reason(&only_record(&invocation)), "own_call");
    let figures = invocation.logs.iter().filter(|line| line.contains("\"MarkersSeen\":1"));
    assert_eq!(figures.count(), 1, "{:#?}", invocation.logs);
}

#[test]
fn every_right_of_the_sweep_is_used_or_explained() {
    let setting = Setting::of(&of_private_account()).function("sweep").with_ledger();
    let setting = setting.time_out(QUARTER_OF_AN_HOUR);
    let mut stage = set(setting.with_marker().with_kill_switch("revert"));
    opens(&stage.owner, &stage.network.app_group, "0.0.0.0/0");
    sweep(&mut stage);
    opens(&stage.owner, &stage.network.endpoint_group, "8.8.8.0/24");
    sweep(&mut stage);
    let granted = Role::of("sweep").unwrap().actions("revert").unwrap();
    let used = stage.emulator.rights_used(stage.function.access_key()).unwrap();
    let unused: Vec<&String> = granted.difference(&used).collect();
    assert_eq!(
        unused,
        [
            // What only some networks ask for; each is asked for by a rule's own test.
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeVpnGateways",
            "ec2:GetManagedPrefixListEntries",
            // Lambda and SNS act with the function's role.
            "kms:Decrypt",
            "kms:GenerateDataKey",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ]
    );
}

#[test]
fn a_sweep_without_a_ledger_does_not_start_and_says_why() {
    let setting = Setting::of(REVERT_POLICY).function("sweep");
    let error = setting.set().err().unwrap().to_string();
    assert!(error.contains("GUARDRAIL_LEDGER_TABLE"), "{error}");
}

#[test]
fn a_ledger_that_does_not_answer_fails_the_run_before_anything_is_read() {
    let setting = Setting::of(REVERT_POLICY).function("sweep").with_ledger();
    let (mut stage, line) = setting.set_with_faults().unwrap();
    line.fail(&Rule::on_all("dynamodb", Fault::Denied)).unwrap();
    let invocation = stage.function.invoke(&schedule()).unwrap();
    let Outcome::Error { kind, message } = &invocation.outcome else {
        panic!("{invocation:#?}")
    };
    assert_eq!(kind, "NotSwept");
    assert!(message.contains("the ledger"), "{message}");
    assert_eq!(
        (&swept(&invocation)["end"], stage.calls.take().unwrap().to("ec2")),
        (&json!("failed"), 0)
    );
    assert_eq!(stage.inbox.messages().unwrap(), []);
}
