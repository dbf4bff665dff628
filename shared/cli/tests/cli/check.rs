//! `guardrail check`.

use crate::folder::Folder;

#[test]
fn a_policy_that_can_be_used_is_explained() {
    let run = Folder::new().run("check policy.yaml --at 2026-11-02");
    insta::assert_snapshot!(run.transcript(), @"");
}

#[test]
fn every_error_is_shown_at_its_place() {
    let folder = Folder::new();
    folder.write("bad.yaml", "version: 1\nscope:\n  private_vpcs:\n    - id: vpc-1\nmodes: notify\nrules:\n  open-egres: { mode: revert }\n");
    insta::assert_snapshot!(folder.run("check bad.yaml").transcript(), @"");
}

#[test]
fn what_is_worth_knowing_is_noted_and_is_no_error() {
    let folder = Folder::new();
    let policy = String::from_utf8(folder.read("policy.yaml")).unwrap();
    folder.write("policy.yaml", policy.replace("rules:\n", "rules:\n  public-api: { mode: notify }\n"));
    let noted = |day| folder.run(&format!("check policy.yaml --at {day}"));
    insta::assert_snapshot!(noted("2027-01-20").transcript(), @"");
    let ended = noted("2027-02-01").stdout;
    assert!(ended.contains("Exempt: 1 resource (1 ended)\n"), "{ended}");
}

#[test]
fn what_single_accounts_have_otherwise_is_in_the_table() {
    let folder = Folder::new();
    let mut policy = String::from_utf8(folder.read("policy.yaml")).unwrap();
    policy.push_str("accounts:\n  \"111122223333\": { mode: observe }\n  \"444455556666\": { rules: { open-egress: { remedy: revoke, only_newer_than: 60m } } }\n");
    folder.write("policy.yaml", policy);
    let run = folder.run("check policy.yaml --at 2026-11-02");
    let table: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("rule ") || line.starts_with("open-egress")).collect();
    insta::assert_snapshot!(table.join("\n"), @"");
}

#[test]
fn it_can_be_read_from_standard_input_and_reported_as_json() {
    let folder = Folder::new();
    let run = folder.run_with_input("check - --format json --at 2026-11-02", &folder.read("policy.yaml"));
    insta::assert_snapshot!(run.transcript(), @"");
    let run = folder.run_with_input("check - --format json", b"version: 1\nmodes: notify\n");
    insta::assert_snapshot!(run.transcript(), @"");
}

#[test]
fn a_file_that_cannot_be_read_is_no_verdict() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("check missing.yaml").transcript(), @"");
    insta::assert_snapshot!(folder.run("check policy.yaml --at soon").transcript(), @"");
}
