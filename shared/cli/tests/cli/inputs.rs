//! `guardrail replay`: every form in which people have events, told apart by its content.

use serde_json::{Value, json};

use crate::folder::{AT, Folder, Run, packed};

const ONE_FINDING: &str = "1 event: 0 clean, 1 with findings, 0 not ours, 0 could not be judged";
const ONE_OF_EACH: &str = "3 events: 1 clean, 1 with findings, 1 not ours, 0 could not be judged";

/// Replays a file with this content.
fn replayed(content: impl AsRef<[u8]>) -> Run {
    let folder = Folder::new();
    folder.write("input", content);
    folder.replay("input")
}

/// A finding, a clean event and one that is not ours, as JSON.
fn three() -> [String; 3] {
    let folder = Folder::new();
    ["opened.json", "allowed.json", "not-ours.json"].map(|name| folder.compact(name))
}

fn envelope(detail: &str) -> String {
    let detail: Value = serde_json::from_str(detail).unwrap();
    let (account, region, time) = (
        &detail["recipientAccountId"],
        &detail["awsRegion"],
        &detail["eventTime"],
    );
    json!({
        "version": "0", "id": "30000000-0000-4000-8000-000000000001", "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ec2", "account": account, "region": region, "time": time, "resources": [], "detail": detail,
    })
    .to_string()
}

#[test]
fn a_bare_record_an_envelope_and_a_packed_one_are_one_event_each() {
    let [record, ..] = three();
    for content in [
        record.as_bytes(),
        envelope(&record).as_bytes(),
        &packed(record.as_bytes()),
        &packed(envelope(&record).as_bytes()),
    ] {
        assert_eq!(replayed(content).summary(), ONE_FINDING);
    }
}

#[test]
fn a_file_of_cloudtrail_is_read_record_by_record_packed_or_not() {
    let records = format!("{{\"Records\":[{}]}}", three().join(","));
    assert_eq!(replayed(&records).summary(), ONE_OF_EACH);
    let run = replayed(packed(records.as_bytes()));
    assert_eq!((run.summary(), run.status), (ONE_OF_EACH, 1));
    assert!(
        run.stdout
            .contains("\n  from input, event 1, event 10000000-0000-4000-8000-000000000001\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout
            .contains("\n  from input, event 2, event 10000000-0000-4000-8000-000000000002\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn lines_lists_and_values_after_each_other_are_read_alike() {
    let pretty = three().map(|record| format!("{:#}", serde_json::from_str::<Value>(&record).unwrap()));
    for content in [
        three().join("\n"),
        three().concat(),
        pretty.join("\n"),
        format!("[{}]", three().join(",\n")),
    ] {
        assert_eq!(replayed(&content).summary(), ONE_OF_EACH, "{content}");
    }
}

#[test]
fn messages_of_queues_and_topics_are_unwrapped() {
    let [record, ..] = three();
    let event = envelope(&record);
    let notification = json!({ "Type": "Notification", "Message": event }).to_string();
    let lambda = json!({ "Records": [{ "messageId": "m-1", "eventSource": "aws:sqs", "body": event }] });
    let cli = json!({ "Messages": [{ "MessageId": "m-1", "ReceiptHandle": "r", "Body": notification }] });
    let history =
        json!({ "NextToken": "t", "Events": [{ "EventId": "e-1", "EventName": "x", "CloudTrailEvent": record }] });
    for content in [lambda, cli, history] {
        assert_eq!(replayed(content.to_string()).summary(), ONE_FINDING, "{content}");
    }
}

#[test]
fn the_rest_of_a_log_is_skipped_and_said_to_be() {
    let [opened, allowed, _] = three();
    let log = format!(
        "START RequestId: 1\n{opened}\n[INFO] ready\n2026-11-02T09:30:00.000Z {allowed}\n{{\"_aws\":{{\"Timestamp\":1}}}}\nEND RequestId: 1\n"
    );
    let run = replayed(log);
    let summary =
        "2 events: 1 clean, 1 with findings, 0 not ours, 0 could not be judged; 4 lines of other text skipped";
    assert_eq!((run.summary(), run.status), (summary, 1));
}

#[test]
fn standard_input_is_read_once() {
    let folder = Folder::new();
    let [record, ..] = three();
    let world = format!("--world world.json {AT}");
    let run = folder.run_with_input(
        &format!("replay - --policy policy.yaml {world}"),
        &packed(record.as_bytes()),
    );
    assert_eq!((run.summary(), run.status), (ONE_FINDING, 1));
    assert!(run.stdout.contains("\n  from standard input:1, "), "{}", run.stdout);
    let run = folder.run_with_input(
        &format!("replay opened.json --policy - {world}"),
        &folder.read("policy.yaml"),
    );
    assert_eq!((run.summary(), run.status), (ONE_FINDING, 1));
    let run = folder.run("replay - --policy -");
    insta::assert_snapshot!(run.transcript(), @r"
    --- standard error
    error: `-` is given 2 times, and standard input can be read once: give the others as files
    --- exit status 2
    ");
}

#[test]
fn what_is_no_event_is_named_and_the_next_one_is_judged() {
    let [opened, ..] = three();
    let run = replayed(format!(
        "{{\"eventName\":\"CreateVpc\"}}\n{{\"name\":\"app\"}}\n{{\"cut\":\"of\n{opened}\n"
    ));
    insta::assert_snapshot!(run.stderr, @r"
    error: `input:1` cannot be judged: the event has no `eventSource`: pass the CloudTrail record as it was delivered, with nothing cut away
    error: `input:2` holds no event: give a CloudTrail record (`eventName`), an EventBridge envelope (`detail`), a file of several (`Records`), or a record of vpc-guardrail (`record_id`)
    error: `input:3` ends in the middle of a value: get it again, whole
    ");
    assert_eq!(
        run.summary(),
        "4 events: 0 clean, 1 with findings, 0 not ours, 3 could not be judged"
    );
    assert_eq!(run.status, 2);
}

#[test]
fn a_digest_other_text_an_empty_file_and_a_damaged_one_are_named_with_the_remedy() {
    let digest = replayed(
        r#"{"awsAccountId":"111122223333","digestStartTime":"2026-11-02T09:00:00Z","logFiles":[{"s3Object":"x"}]}"#,
    );
    insta::assert_snapshot!(digest.transcript(), @r"
    1 event: 0 clean, 0 with findings, 0 not ours, 1 could not be judged
    --- standard error
    error: `input:1` is a CloudTrail digest, which lists log files and holds no events: give the log files themselves
    --- exit status 2
    ");
    insta::assert_snapshot!(replayed("# Notes\nNothing happened.\n").transcript(), @r"
    1 event: 0 clean, 0 with findings, 0 not ours, 1 could not be judged; 2 lines of other text skipped
    --- standard error
    error: `input` holds other text and no event: give a CloudTrail record, or a file of them
    --- exit status 2
    ");
    insta::assert_snapshot!(replayed("").transcript(), @r"
    1 event: 0 clean, 0 with findings, 0 not ours, 1 could not be judged
    --- standard error
    error: `input` is empty: give a CloudTrail record, or a file of them
    --- exit status 2
    ");
    let whole = packed(three().join("\n").as_bytes());
    insta::assert_snapshot!(replayed(&whole[..whole.len() / 2]).stderr, @"error: `input` is cut off in the middle of its gzip data: get it again, whole");
}

#[test]
fn a_batch_without_events_is_clean() {
    let run = replayed(r#"{"Records":[]}"#);
    assert_eq!(
        run.transcript(),
        "0 events: 0 clean, 0 with findings, 0 not ours, 0 could not be judged\n--- exit status 0"
    );
}

#[test]
fn a_missing_file_and_a_folder_do_not_keep_the_others_from_being_judged() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("trail")).unwrap();
    let run = folder.replay("missing.json trail opened.json");
    insta::assert_snapshot!(run.stderr, @r"
    error: `missing.json` cannot be read (no such file or directory): check the path
    error: `trail` cannot be read (is a directory): give the files in it, like `trail/*.json.gz`
    ");
    assert_eq!(
        run.summary(),
        "3 events: 0 clean, 1 with findings, 0 not ours, 2 could not be judged"
    );
}

#[test]
fn a_file_full_of_something_else_is_not_complained_about_line_by_line() {
    let run = replayed("{\"name\":\"app\"}\n".repeat(1000));
    assert_eq!(run.stderr.lines().count(), 21, "{}", run.stderr);
    assert!(
        run.stderr.ends_with("error: 980 more could not be read\n"),
        "{}",
        run.stderr
    );
    assert_eq!(
        run.summary(),
        "1000 events: 0 clean, 0 with findings, 0 not ours, 1000 could not be judged"
    );
}

#[test]
fn a_large_file_is_read_to_its_end() {
    let [opened, _, other] = three();
    let records = vec![other; 5000].join(",");
    let run = replayed(packed(format!("{{\"Records\":[{records},{opened}]}}").as_bytes()));
    assert_eq!(
        run.summary(),
        "5001 events: 0 clean, 1 with findings, 5000 not ours, 0 could not be judged"
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn an_unusable_policy_or_snapshot_ends_it_before_anything_is_judged() {
    let folder = Folder::new();
    folder.write("bad.yaml", "version: 1\nmodes: notify\n");
    insta::assert_snapshot!(folder.run("replay opened.json --policy bad.yaml").transcript(), @r"
    --- standard error
    error: the policy file cannot be used

    error: unknown key `modes`
     --> bad.yaml:2:1
      |
    2 | modes: notify
      | ^^^^^
      |
      = help: did you mean `mode`?

    1 problem in bad.yaml
    --- exit status 2
    ");
    insta::assert_snapshot!(folder.run("replay opened.json --policy missing.yaml").transcript(), @r"
    --- standard error
    error: the policy file `missing.yaml` cannot be read (no such file or directory): check the path
    --- exit status 2
    ");
    folder.write("bad.json", "{\"account\":\"111122223333\",\n\"region\":\"nowhere\"}");
    insta::assert_snapshot!(folder.run("replay opened.json --policy policy.yaml --world bad.json").transcript(), @r"
    --- standard error
    error: the snapshot `bad.json` cannot be used: line 2, column 19: `nowhere` is not an AWS Region: write it like `eu-west-1`; mend the snapshot: it names `account` and `region`, and by id what it knows of `vpcs`, `subnets`, `groups`, `endpoints`, `route_tables`, `internet_gateways`, `egress_only_gateways`, `nat_gateways`, `interfaces`, `endpoint_services`, `prefix_lists`, `network_paths`, `rest_apis`, `http_apis` and `graphql_apis`, and `block_public_access`
    --- exit status 2
    ");
}
