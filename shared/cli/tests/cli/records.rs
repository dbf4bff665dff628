//! `guardrail replay` of our own records: from the facts that they carry (law 12).

use serde_json::Value;

use crate::folder::Folder;

/// A record, as a replay from the snapshot writes it.
fn recorded(folder: &Folder, event: &str) -> String {
    folder.replay(&format!("{event} --format json")).stdout
}

fn replayed(folder: &Folder, record: &str, arguments: &str) -> crate::folder::Run {
    folder.write("record.jsonl", record);
    folder.run(&format!("replay record.jsonl --policy policy.yaml {arguments}"))
}

#[test]
fn a_record_is_judged_from_its_own_facts_as_of_its_own_time() {
    let folder = Folder::new();
    let record = recorded(&folder, "allowed.json");
    let run = replayed(&folder, &record, "");
    insta::assert_snapshot!(run.transcript(), @r"
    clean: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:02:00 UTC, account 111122223333, eu-west-1
      from record.jsonl:1, event 10000000-0000-4000-8000-000000000002
      judged from the facts of record-d191e278a81e7f516831eb02, as of 2026-11-02T10:00:00Z
      the decision is the recorded one
      open-egress: security group sg-0a1b2c3d4e5f60005 (batch): nothing is wrong with it

    1 event: 1 clean, 0 with findings, 0 not ours, 0 could not be judged
    --- exit status 0
    ");
}

#[test]
fn the_same_record_comes_out_byte_for_byte() {
    let folder = Folder::new();
    for event in ["opened.json", "allowed.json", "exempt.json", "not-selected.json"] {
        let record = recorded(&folder, event);
        assert!(record.starts_with("{\"record_id\":"), "{record}");
        assert_eq!(replayed(&folder, &record, "--format json").stdout, record, "{event}");
    }
}

#[test]
fn another_policy_is_said_and_what_it_changes() {
    let folder = Folder::new();
    let record = recorded(&folder, "opened.json");
    let policy = String::from_utf8(folder.read("policy.yaml")).unwrap();
    folder.write(
        "policy.yaml",
        policy.replace("sg-0a1b2c3d4e5f60003", "sg-0a1b2c3d4e5f60001"),
    );
    insta::assert_snapshot!(replayed(&folder, &record, "").transcript(), @r"
    exempt: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      from record.jsonl:1, event 10000000-0000-4000-8000-000000000001
      judged from the facts of record-20dfbd49d8e723f25745cd73, as of 2026-11-02T10:00:00Z
      it was recorded under policy 8fca7efaede2, and is judged under 0c7a68441dc0
      the decision is another than the recorded one, which was `found`
      open-egress: an egress rule reaches the internet: security group sg-0a1b2c3d4e5f60001 (app): exempt to the end of 2027-01-31 (payments@example.com answers for it)

    1 event: 0 clean, 0 with findings, 0 not ours, 0 could not be judged, 1 exempt
    --- exit status 0
    ");
    folder.write("policy.yaml", format!("{policy}# a comment\n"));
    let run = replayed(&folder, &record, "");
    assert!(
        run.stdout.contains("\n  the decision is the recorded one\n"),
        "{}",
        run.stdout
    );
    assert_eq!(run.status, 1);
}

#[test]
fn a_decision_that_is_not_the_recorded_one_is_said() {
    let folder = Folder::new();
    let record =
        recorded(&folder, "opened.json").replace("sgr-0a1b2c3d4e5f60001: tcp/443", "sgr-0a1b2c3d4e5f60001: udp/443");
    let run = replayed(&folder, &record, "");
    let said = "\n  the decision is another than the recorded one, which was `found`: another version of vpc-guardrail wrote the record\n";
    assert!(run.stdout.contains(said), "{}", run.stdout);
}

#[test]
fn a_record_without_the_facts_that_are_asked_for_could_not_be_judged() {
    let folder = Folder::new();
    let mut record: Value = serde_json::from_str(&recorded(&folder, "opened.json")).unwrap();
    record["facts"].as_object_mut().unwrap().remove("rules");
    let run = replayed(&folder, &record.to_string(), "");
    assert_eq!(run.status, 2);
    let id = record["record_id"].as_str().unwrap();
    let said = format!(
        "\n  the record `{id}` lacks facts that this version asks for: replay the event itself with `--live` or `--world`\n"
    );
    assert!(run.stdout.contains(&said), "{}", run.stdout);
}

#[test]
fn a_record_that_somebody_changed_does_not_command_the_terminal() {
    let folder = Folder::new();
    let record = r#"{"record_id":"record-1","version":1,"judged_at":"2026-11-02T10:00:00Z","reason":"unparsable","deliver_again":true,"error":"a \u001b[2Jb","inputs":{"rules":[]},"facts":{}}"#;
    let run = replayed(&folder, record, "");
    assert!(run.stdout.contains("\n  a \u{fffd}[2Jb\n"), "{}", run.stdout);
}

#[test]
fn a_record_of_what_could_not_be_read_says_why() {
    let folder = Folder::new();
    let record = r#"{"record_id":"record-1","version":1,"judged_at":"2026-11-02T10:00:00Z","reason":"unparsable","deliver_again":true,"error":"the event is not JSON","inputs":{"rules":[]},"facts":{}}"#;
    insta::assert_snapshot!(replayed(&folder, record, "").transcript(), @r"
    not judged: no event
      from record.jsonl:1
      the event is not JSON

    1 event: 0 clean, 0 with findings, 0 not ours, 1 could not be judged
    --- exit status 2
    ");
}
