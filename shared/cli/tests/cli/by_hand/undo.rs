//! `guardrail undo`.

use super::*;

#[test]
fn an_undo_shows_itself_first_and_changes_nothing_in_a_dry_run() {
    let (cloud, folder, record) = taken_back();
    let run = cloud.run(&folder, &format!("undo {} --dry-run", record.record_id));
    insta::assert_snapshot!(run.transcript(), @r"
    undo of record-62753e8a8fdd27def11f30fc
      it was about AuthorizeSecurityGroupEgress by Developer/work, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      open-egress: sg-0a1b2c3d4e5f600a1
        1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0
        2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16
      left alone for 24h: the same is told, and not taken back
      arn:aws:sns:eu-west-1:111122223333:guardrail would be told
    nothing was changed: this is a dry run
    --- exit status 0
    ");
    cloud.with(|state| {
        assert_eq!(state.egress, [to(block("10.0.0.0/16"))]);
        assert!(state.written.is_empty() && state.published.is_empty());
    });
    let json = cloud.run(&folder, &format!("undo {} --dry-run --format json", record.record_id));
    let shown: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(shown["parts"][0]["left"].as_array().unwrap().len(), 2);
}

#[test]
fn an_undo_is_left_alone_before_it_is_made_and_told_after() {
    let (cloud, folder, record) = taken_back();
    let run = cloud.run(
        &folder,
        &format!("undo {} --for 4h --by ada@example.com", record.record_id),
    );
    insta::assert_snapshot!(run.steady(&record), @r"
    undo of record-62753e8a8fdd27def11f30fc
      it was about AuthorizeSecurityGroupEgress by Developer/work, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      open-egress: sg-0a1b2c3d4e5f600a1
        1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0: done
        2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16, tcp/443 to pl-0a1b2c3d: done
        read again: it is so
    undone (record-NEW)
      told to arn:aws:sns:eu-west-1:111122223333:guardrail
      left alone until TIME
      to take it back: guardrail undo record-NEW
    --- exit status 0
    ");
    cloud.with(|state| {
        assert_eq!(state.egress, [everywhere()]);
        insta::assert_snapshot!(state.published.join("\n"), @"[medium] open-egress: undone by hand: sg-0a1b2c3d4e5f600a1 in 111122223333 eu-west-1");
        let calls: Vec<_> = state
            .calls
            .iter()
            .filter(|call| !call.contains("Describe"))
            .map(String::as_str)
            .collect();
        assert_eq!(
            calls,
            [
                "dynamodb GetItem",
                "dynamodb UpdateItem",
                "dynamodb TransactWriteItems",
                "ec2 AuthorizeSecurityGroupEgress",
                "ec2 RevokeSecurityGroupEgress",
                "dynamodb TransactWriteItems",
                "sns Publish",
                "dynamodb UpdateItem",
            ]
        );
        let intent = state.written[1].to_string();
        assert!(
            intent.contains("left_alone") && intent.contains("ada@example.com"),
            "{intent}"
        );
    });
    let again = cloud.run(&folder, &format!("undo {}", record.record_id));
    insta::assert_snapshot!(again.transcript(), @r"
    undo of record-62753e8a8fdd27def11f30fc
      it was about AuthorizeSecurityGroupEgress by Developer/work, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      there is nothing left to undo: what it closed is open, and what it opened is closed
    --- exit status 0
    ");
}

#[test]
fn an_undo_stands_when_the_topic_does_not_take_the_message() {
    let (cloud, folder, record) = taken_back();
    cloud.with(|state| state.denied.insert("Publish"));
    let run = cloud.run(&folder, &format!("undo {}", record.record_id));
    insta::assert_snapshot!(run.steady(&record), @r"
    undo of record-62753e8a8fdd27def11f30fc
      it was about AuthorizeSecurityGroupEgress by Developer/work, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      open-egress: sg-0a1b2c3d4e5f600a1
        1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0: done
        2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16, tcp/443 to pl-0a1b2c3d: done
        read again: it is so
    undone (record-NEW)
      left alone until TIME
      to take it back: guardrail undo record-NEW
    --- standard error
    error: nobody was told: the notice could not be sent (`AuthorizationError`): check that `arn:aws:sns:eu-west-1:111122223333:guardrail` exists, and that publishing to it is allowed; what was done stands
    --- exit status 1
    ");
    assert_eq!(cloud.with(|state| state.egress.clone()), [everywhere()]);
}

#[test]
fn an_undo_that_aws_refuses_is_said_to_be_none() {
    let (cloud, folder, record) = taken_back();
    cloud.with(|state| state.denied.insert("AuthorizeSecurityGroupEgress"));
    let run = cloud.run(&folder, &format!("undo {}", record.record_id));
    insta::assert_snapshot!(run.steady(&record), @r"
    undo of record-62753e8a8fdd27def11f30fc
      it was about AuthorizeSecurityGroupEgress by Developer/work, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      open-egress: sg-0a1b2c3d4e5f600a1
        1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0: failed (`UnauthorizedOperation`)
        2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16, tcp/443 to pl-0a1b2c3d: not tried
        ec2:AuthorizeSecurityGroupEgress failed with `UnauthorizedOperation`: mend that, and call it again
    not undone, or not all of it (record-NEW)
    --- exit status 2
    ");
    assert_eq!(cloud.with(|state| state.egress.clone()), [to(block("10.0.0.0/16"))]);
}

#[test]
fn what_cannot_be_undone_is_refused_with_the_remedy() {
    let (cloud, folder, record) = taken_back();
    insta::assert_snapshot!(cloud.run(&folder, "undo record-0").transcript(), @r"
    --- standard error
    error: the ledger has no record `record-0`: take the id from the message; records are kept for 90 days, and only of events about which something was to be told or done
    --- exit status 2
    ");
    cloud.with(|state| state.is_gone = true);
    let undo = format!("undo {}", record.record_id);
    insta::assert_snapshot!(cloud.run(&folder, &undo).transcript(), @r"
    --- standard error
    error: `sg-0a1b2c3d4e5f600a1` is not there: it was deleted, or the credentials and the Region are not those of its account
    --- exit status 2
    ");
    let elsewhere = format!("{undo} --region us-east-1");
    insta::assert_snapshot!(cloud.run(&folder, &elsewhere).steady(&record), @r"
    --- standard error
    error: record-62753e8a8fdd27def11f30fc is of eu-west-1, and the Region is us-east-1: give `--region eu-west-1`
    --- exit status 2
    ");
    insta::assert_snapshot!(cloud.run(&folder, &format!("{undo} --for 2d")).transcript(), @r"
    --- standard error
    error: invalid value '2d' for '--for <DURATION>': it is longer than 24 hours: undo it again by then, or write an exemption into the policy file

    For more information, try '--help'.
    --- exit status 2
    ");
    insta::assert_snapshot!(cloud.run_with(&folder, &undo, &[]).transcript(), @r"
    --- standard error
    error: `GUARDRAIL_LEDGER_TABLE` is not set: set it as the functions have it, or give `--table`
    --- exit status 2
    ");
    let memory = [("GUARDRAIL_LEDGER_TABLE", "memory")];
    insta::assert_snapshot!(cloud.run_with(&folder, &undo, &memory).transcript(), @r"
    --- standard error
    error: `GUARDRAIL_LEDGER_TABLE` is `memory`, which only the process that has it can read: give the table with `--table`
    --- exit status 2
    ");
    let topic = [
        ("GUARDRAIL_LEDGER_TABLE", "guardrail"),
        ("GUARDRAIL_TOPIC_ARN", "guardrail"),
    ];
    insta::assert_snapshot!(cloud.run_with(&folder, &undo, &topic).transcript(), @r"
    --- standard error
    error: `GUARDRAIL_TOPIC_ARN` is `guardrail`: set it to `arn:aws:sns:eu-west-1:111122223333:guardrail`; or give `--topic`
    --- exit status 2
    ");
}
