//! `guardrail check`.

use guardrail_policy::rules;
use guardrail_policy::settings::RuleName;

use crate::folder::{Folder, Run};

/// What is said before the table of rules, which grows with them.
fn before_the_table(run: &Run) -> String {
    let lines: Vec<&str> = run
        .stdout
        .lines()
        .take_while(|line| !line.starts_with("rule "))
        .collect();
    format!("{}\n--- exit status {}", lines.join("\n").trim_end(), run.status)
}

#[test]
fn a_policy_that_can_be_used_is_explained() {
    let run = Folder::new().run("check policy.yaml --at 2026-11-02");
    insta::assert_snapshot!(before_the_table(&run), @r"
    policy.yaml can be used (policy 8fca7efaede2)

    Judged: 1 VPC selector (1 by tags)
    Allowed: each VPC's own CIDRs, 10.0.0.0/8
    Exempt: 1 resource
    --- exit status 0
    ");
}

#[test]
fn every_error_is_shown_at_its_place() {
    let folder = Folder::new();
    folder.write(
        "bad.yaml",
        "version: 1\nscope:\n  private_vpcs:\n    - id: vpc-1\nmodes: notify\nrules:\n  open-egres: { mode: revert }\n",
    );
    insta::assert_snapshot!(folder.run("check bad.yaml").transcript(), @r"
    error: `vpc-1` is not a VPC id
     --> bad.yaml:4:11
      |
    4 |     - id: vpc-1
      |           ^^^^^
      |
      = help: 8 or 17 digits of 0-9 and a-f follow the hyphen, as in `vpc-0123456789abcdef0`

    error: unknown key `modes`
     --> bad.yaml:5:1
      |
    5 | modes: notify
      | ^^^^^
      |
      = help: did you mean `mode`?

    error: `open-egres` is not a rule
     --> bad.yaml:7:3
      |
    7 |   open-egres: { mode: revert }
      |   ^^^^^^^^^^
      |
      = help: did you mean `open-egress`?

    3 problems in bad.yaml
    --- exit status 1
    ");
}

#[test]
fn what_is_worth_knowing_is_noted_and_is_no_error() {
    let folder = Folder::new();
    let noted = |day| folder.run(&format!("check policy.yaml --at {day}"));
    insta::assert_snapshot!(before_the_table(&noted("2027-01-20")), @r"
    note: policy.yaml:10:5: the exemption of `sg-0a1b2c3d4e5f60003` from `open-egress` ends with 2027-01-31, in 11 days: close it or agree on a new end with payments@example.com

    policy.yaml can be used (policy 8fca7efaede2)

    Judged: 1 VPC selector (1 by tags)
    Allowed: each VPC's own CIDRs, 10.0.0.0/8
    Exempt: 1 resource
    --- exit status 0
    ");
    let ended = noted("2027-02-01").stdout;
    assert!(ended.contains("Exempt: 1 resource (1 ended)\n"), "{ended}");
}

#[test]
fn every_rule_is_in_the_table_or_said_not_to_be_built() {
    let run = Folder::new().run("check policy.yaml");
    let last = run.stdout.lines().last().unwrap();
    for rule in RuleName::ALL {
        let is_built = rules::find(*rule).is_some();
        assert_eq!(
            run.stdout.lines().any(|line| line.starts_with(&format!("{rule} "))),
            is_built,
            "{rule}"
        );
        assert_eq!(
            last.starts_with("Not in this version: ") && last.contains(rule.as_str()),
            !is_built,
            "{rule}"
        );
    }
}

#[test]
fn what_single_accounts_have_otherwise_is_in_the_table() {
    let folder = Folder::new();
    let mut policy = String::from_utf8(folder.read("policy.yaml")).unwrap();
    policy.push_str("accounts:\n  \"111122223333\": { mode: observe }\n  \"444455556666\": { rules: { open-egress: { remedy: revoke, only_newer_than: 60m } } }\n");
    folder.write("policy.yaml", policy);
    let run = folder.run("check policy.yaml --at 2026-11-02");
    let table: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.starts_with("rule ") || line.starts_with("open-egress"))
        .collect();
    insta::assert_snapshot!(table.join("\n"), @r"
    rule                     account       mode     options
    open-egress              any           revert   remedy: narrow
    open-egress              111122223333  observe  remedy: narrow
    open-egress              444455556666  revert   only_newer_than: 1h, remedy: revoke
    ");
}

#[test]
fn it_can_be_read_from_standard_input_and_reported_as_json() {
    let folder = Folder::new();
    let run = folder.run_with_input("check - --format json --at 2026-11-02", &folder.read("policy.yaml"));
    let mut report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    report["rules"]
        .as_array_mut()
        .unwrap()
        .retain(|line| line["rule"] == "open-egress");
    assert_eq!(run.status, 0);
    insta::assert_snapshot!(format!("{report:#}"), @r#"
    {
      "digest": "8fca7efaede20bc24cfeccf602625d08a42ec49b0de0048076cd43f521e48adb",
      "file": "standard input",
      "notes": [],
      "problems": [],
      "rules": [
        {
          "mode": "revert",
          "options": {
            "remedy": "narrow"
          },
          "rule": "open-egress"
        }
      ],
      "valid": true
    }
    "#);
    let run = folder.run_with_input("check - --format json", b"version: 1\nmodes: notify\n");
    insta::assert_snapshot!(run.transcript(), @r#"
    {
      "file": "standard input",
      "valid": false,
      "problems": [
        {
          "line": 2,
          "column": 1,
          "message": "unknown key `modes`",
          "remedy": "did you mean `mode`?"
        }
      ],
      "notes": [],
      "rules": []
    }
    --- exit status 1
    "#);
}

#[test]
fn a_file_that_cannot_be_read_is_no_verdict() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("check missing.yaml").transcript(), @r"
    --- standard error
    error: the policy file `missing.yaml` cannot be read (no such file or directory): check the path
    --- exit status 2
    ");
    insta::assert_snapshot!(folder.run("check policy.yaml --at soon").transcript(), @r"
    --- standard error
    error: invalid value 'soon' for '--at <DATE>': it is no date: write it like `2027-01-31`

    For more information, try '--help'.
    --- exit status 2
    ");
}
