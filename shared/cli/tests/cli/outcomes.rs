//! `guardrail replay`: how events come out, what is said about them, and the exit status.

use crate::folder::{AT, Folder, Run};

#[test]
fn a_finding_is_told_with_its_reason_and_its_plan() {
    let run = Folder::new().replay("opened.json");
    insta::assert_snapshot!(run.transcript(), @r"
    finding: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      from opened.json:1, event 10000000-0000-4000-8000-000000000001
      medium open-egress: an egress rule reaches the internet
        security group sg-0a1b2c3d4e5f60001 (app) in vpc-0a1b2c3d4e5f60001
        sgr-0a1b2c3d4e5f60001: tcp/443 to 0.0.0.0/0, that is everywhere
        the group's subnets have no route to the internet at this time: nothing leaves until somebody adds one
        mode revert would do (narrow; the policy file sets mode revert):
          1. authorise egress of sg-0a1b2c3d4e5f60001: tcp/443 to 10.0.0.0/8, tcp/443 to pl-0a1b2c3d4e5f60001
          2. revoke egress of sg-0a1b2c3d4e5f60001: tcp/443 to 0.0.0.0/0 (sgr-0a1b2c3d4e5f60001)
          keeps working: tcp/443 to 10.0.0.0/8
          keeps working: tcp/443 to pl-0a1b2c3d4e5f60001 (com.amazonaws.eu-west-1.s3)
          keeps working: the group's 1 other egress rule
          keeps working: connections that are open now, until they are closed
          stops: new connections that only sgr-0a1b2c3d4e5f60001 (tcp/443 to 0.0.0.0/0) permits
          stops: AWS services without an endpoint in this VPC, and S3 and DynamoDB of other Regions

    1 event: 0 clean, 1 with findings, 0 not ours, 0 could not be judged
    --- exit status 1
    ");
}

#[test]
fn an_allowed_destination_is_clean() {
    let run = Folder::new().replay("allowed.json");
    insta::assert_snapshot!(run.transcript(), @r"
    clean: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:02:00 UTC, account 111122223333, eu-west-1
      from allowed.json:1, event 10000000-0000-4000-8000-000000000002
      open-egress: security group sg-0a1b2c3d4e5f60005 (batch): nothing is wrong with it

    1 event: 1 clean, 0 with findings, 0 not ours, 0 could not be judged
    --- exit status 0
    ");
}

#[test]
fn an_exemption_is_named_and_is_no_finding_until_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.replay("exempt.json").transcript(), @r"
    exempt: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:03:00 UTC, account 111122223333, eu-west-1
      from exempt.json:1, event 10000000-0000-4000-8000-000000000003
      open-egress: an egress rule reaches the internet: security group sg-0a1b2c3d4e5f60003 (payments): exempt to the end of 2027-01-31 (payments@example.com answers for it)

    1 event: 0 clean, 0 with findings, 0 not ours, 0 could not be judged, 1 exempt
    --- exit status 0
    ");
    let later = folder.run("replay --policy policy.yaml --world world.json --at 2027-02-01 exempt.json");
    assert_eq!(
        (later.summary(), later.status),
        (
            "1 event: 0 clean, 1 with findings, 0 not ours, 0 could not be judged",
            1
        )
    );
}

#[test]
fn a_vpc_that_is_not_selected_and_a_failed_call_are_clean() {
    let run = Folder::new().replay("not-selected.json failed.json");
    insta::assert_snapshot!(run.transcript(), @r"
    clean: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:04:00 UTC, account 111122223333, eu-west-1
      from not-selected.json:1, event 10000000-0000-4000-8000-000000000004
      open-egress: security group sg-0a1b2c3d4e5f60004 (public): the policy file does not select its VPC

    clean: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:05:00 UTC, account 111122223333, eu-west-1
      from failed.json:1, event 10000000-0000-4000-8000-000000000005
      the call failed (Client.UnauthorizedOperation) and changed nothing

    2 events: 2 clean, 0 with findings, 0 not ours, 0 could not be judged
    --- exit status 0
    ");
}

#[test]
fn events_that_no_rule_looks_at_are_counted_and_shown_only_on_request() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.replay("not-ours.json").transcript(), @r"
    1 event: 0 clean, 0 with findings, 1 not ours, 0 could not be judged
    --- exit status 0
    ");
    insta::assert_snapshot!(folder.replay("not-ours.json --verbose").transcript(), @r"
    not ours: GetBucketAcl of s3.amazonaws.com by Developer/work with Terraform, 2026-11-02 09:07:00 UTC, account 111122223333, eu-west-1
      from not-ours.json:1, event 10000000-0000-4000-8000-000000000007

    1 event: 0 clean, 0 with findings, 1 not ours, 0 could not be judged
    --- exit status 0
    ");
}

#[test]
fn without_a_network_it_says_what_it_would_ask_and_that_it_could_not_judge() {
    let run = Folder::new().run(&format!("replay --policy policy.yaml {AT} opened.json"));
    insta::assert_snapshot!(run.transcript(), @r"
    not judged: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      from opened.json:1, event 10000000-0000-4000-8000-000000000001
      would ask: groups id sg-0a1b2c3d4e5f60001; rules sg-0a1b2c3d4e5f60001
      nothing says what the network looks like: give `--world` or `--live`

    1 event: 0 clean, 0 with findings, 0 not ours, 1 could not be judged
    --- exit status 2
    ");
}

#[test]
fn a_snapshot_of_another_region_says_nothing_about_an_event() {
    let run = Folder::new().replay("other-region.json");
    insta::assert_snapshot!(run.transcript(), @r"
    not judged: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:06:00 UTC, account 111122223333, us-east-1
      from other-region.json:1, event 10000000-0000-4000-8000-000000000006
      would ask: groups id sg-0a1b2c3d4e5f60001; rules sg-0a1b2c3d4e5f60001
      the snapshot is of account 111122223333 and eu-west-1: give one of the event's account and Region

    1 event: 0 clean, 0 with findings, 0 not ours, 1 could not be judged
    --- exit status 2
    ");
}

#[test]
fn a_snapshot_that_lacks_a_part_leaves_the_event_unjudged_and_names_the_part() {
    let folder = Folder::new();
    let mut world: serde_json::Value = serde_json::from_slice(&folder.read("world.json")).unwrap();
    world.as_object_mut().unwrap().remove("endpoints");
    folder.write("world.json", world.to_string());
    let run = folder.replay("opened.json");
    insta::assert_snapshot!(run.transcript(), @r"
    not judged: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      from opened.json:1, event 10000000-0000-4000-8000-000000000001
      open-egress asked for endpoints vpc-0a1b2c3d4e5f60001: the snapshot does not say: add that part, or read it with `--live`

    1 event: 0 clean, 0 with findings, 0 not ours, 1 could not be judged
    --- exit status 2
    ");
}

#[test]
fn what_cannot_be_judged_outweighs_findings_and_findings_outweigh_what_is_clean() {
    let folder = Folder::new();
    assert_eq!(folder.replay("allowed.json not-ours.json exempt.json").status, 0);
    assert_eq!(folder.replay("allowed.json opened.json").status, 1);
    assert_eq!(folder.replay("opened.json other-region.json").status, 2);
    assert_eq!(folder.replay("opened.json missing.json").status, 2);
}

#[test]
fn the_message_is_shown_as_people_would_get_it() {
    let run = Folder::new().replay("opened.json --message");
    let message: Vec<&str> = run
        .stdout
        .lines()
        .skip_while(|line| !line.starts_with("  message:"))
        .collect();
    insta::assert_snapshot!(message[..9].join("\n"), @r"
    message: [medium] open-egress: sg-0a1b2c3d4e5f60001 internet in 111122223333 eu-west-1
      MEDIUM open-egress: an egress rule reaches the internet.

        What     sgr-0a1b2c3d4e5f60001: tcp/443 to 0.0.0.0/0, that is everywhere
        Where    security group sg-0a1b2c3d4e5f60001 (app) in vpc-0a1b2c3d4e5f60001, account 111122223333, eu-west-1
        Who      Developer/work (arn:aws:sts::111122223333:assumed-role/Developer/work), from 203.0.113.20, with Terraform
        When     AuthorizeSecurityGroupEgress at 2026-11-02 09:01:00 UTC, judged 59 min later
        Context  the group's subnets have no route to the internet at this time: nothing leaves until somebody adds one
    ");
    assert!(
        run.stdout.contains("    To mend it for good, in Terraform:\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn in_mode_observe_there_is_a_finding_and_no_message() {
    let folder = Folder::new();
    let policy = String::from_utf8(folder.read("policy.yaml"))
        .unwrap()
        .replace("mode: revert", "mode: observe");
    folder.write("policy.yaml", policy);
    let run = folder.replay("opened.json --message");
    assert_eq!(run.status, 1);
    assert!(
        run.stdout.contains("\n  no message: mode observe tells nobody\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("the policy file sets mode observe"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_guardrails_own_calls_are_not_judged() {
    let run = Folder::new().replay("opened.json --own-role arn:aws:iam::111122223333:role/Developer");
    insta::assert_snapshot!(run.transcript(), @r"
    clean: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      from opened.json:1, event 10000000-0000-4000-8000-000000000001
      the guardrail made this call itself

    1 event: 1 clean, 0 with findings, 0 not ours, 0 could not be judged
    --- exit status 0
    ");
}

#[test]
fn as_json_there_is_a_record_a_line_and_the_summary_stands_apart() {
    let run = Folder::new().replay("opened.json allowed.json not-ours.json --format json");
    let records: Vec<serde_json::Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let shown: Vec<String> = records
        .iter()
        .map(|record| {
            format!(
                "{} {} {} told {}",
                record["version"], record["event"]["id"], record["reason"], record["told"]
            )
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    1 "10000000-0000-4000-8000-000000000001" "found" told null
    1 "10000000-0000-4000-8000-000000000002" "clean" told null
    "#);
    assert_eq!(
        run.stderr,
        "3 events: 1 clean, 1 with findings, 1 not ours, 0 could not be judged\n"
    );
    assert_eq!(run.status, 1);
}

#[test]
fn colours_are_used_where_they_are_wanted_and_never_with_no_color() {
    let folder = Folder::new();
    let arguments = format!("replay --policy policy.yaml --world world.json {AT} opened.json");
    let with = |variable: &str| Run::of(folder.command(arguments.split(' ')).env(variable, "1")).stdout;
    assert!(
        with("CLICOLOR_FORCE").starts_with("\u{1b}[1m\u{1b}[31mfinding\u{1b}[0m: "),
        "{}",
        with("CLICOLOR_FORCE")
    );
    assert!(!with("NO_COLOR").contains('\u{1b}'));
}
