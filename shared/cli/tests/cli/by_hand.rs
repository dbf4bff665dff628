//! `guardrail undo`, `apply` and `exempt`, against as much of AWS as they need.

use guardrail_policy::id::SecurityGroupId;
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::network::{Direction, Permission};
use guardrail_policy::record::Record;
use guardrail_runner::Memory;
use guardrail_testkit::{
    APP_GROUP, Changing, Desk, Identity, Outbox, POLICY, Ports, TrailRecord, block, id, private_network, settings, to,
};
use guardrail_world::{Parts, World};

use crate::cloud::Cloud;
use crate::folder::{Folder, Run};

fn everywhere() -> Permission {
    to(block("0.0.0.0/0"))
}

/// The record that a function leaves behind when somebody opens the application's group to the world.
pub(crate) fn recorded(mut world: World) -> Record {
    world
        .groups
        .as_mut()
        .unwrap()
        .get_mut(&id::<SecurityGroupId>(APP_GROUP))
        .unwrap()
        .rules = Parts::default();
    let network = Changing::of(world);
    let group: SecurityGroupId = id(APP_GROUP);
    let made = network
        .change(|world| world.authorize(&group, Direction::Egress, &[everywhere()]))
        .unwrap();
    let event = TrailRecord::authorize_egress(&group, &[(made.into_iter().next().unwrap(), everywhere())])
        .by(Identity::role_session("Developer", "work"))
        .at(id("2026-11-02T09:01:00Z"));
    let ports = Ports {
        answer: &network,
        act: &network,
        tell: &Outbox::default(),
        keep: Some(&Memory::default()),
    };
    let judged = event.time().checked_add(SignedDuration::from_secs(90)).unwrap();
    Desk::new(settings(POLICY), judged).run(&event.envelope(), ports)
}

/// A cloud in which what was opened has been taken back, and the record of that.
pub(crate) fn taken_back() -> (Cloud, Folder, Record) {
    let record = recorded(private_network());
    assert_eq!(record.carried_out().count(), 1);
    let cloud = Cloud::start();
    cloud.keep(&record);
    cloud.with(|state| state.egress = vec![to(block("10.0.0.0/16"))]);
    (cloud, folder(), record)
}

/// A cloud without endpoints in which what was opened is still open, and the record of a plan that was withheld.
pub(crate) fn withheld() -> (Cloud, Folder, Record) {
    let mut world = private_network();
    world.endpoints = Some(Parts::default());
    let record = recorded(world);
    let cloud = Cloud::start();
    cloud.keep(&record);
    cloud.with(|state| state.egress = vec![everywhere()]);
    (cloud, folder(), record)
}

pub(crate) fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("guard.yaml", POLICY);
    folder
}

impl Run {
    /// All of it, with the ids of records that were made just now and the times that follow from it left out.
    fn steady(&self, known: &Record) -> String {
        let transcript = self.transcript();
        let mut parts = transcript.split("record-");
        let mut steady = parts.next().unwrap().to_owned();
        for part in parts {
            let is_known = known
                .record_id
                .strip_prefix("record-")
                .is_some_and(|id| part.starts_with(id));
            let (digits, rest) = part.split_at(if part.len() < 24 { 0 } else { 24 });
            let is_id = digits.len() == 24 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            match (is_known, is_id) {
                (false, true) => steady.push_str(&format!("record-NEW{rest}")),
                _ => steady.push_str(&format!("record-{part}")),
            }
        }
        let lines = steady.lines().map(|line| match line.split_once(" until 20") {
            Some((before, _)) if before.ends_with("alone") || before.ends_with("holds") => {
                format!("{before} until TIME")
            }
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

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

#[test]
fn a_withheld_plan_is_shown_with_its_reasons_and_effects() {
    let (cloud, folder, record) = withheld();
    let run = cloud.run(&folder, &format!("apply {} --dry-run", record.record_id));
    insta::assert_snapshot!(run.transcript(), @r"
    apply of record-62753e8a8fdd27def11f30fc, judged again (policy b566a0249db5)
      it was about AuthorizeSecurityGroupEgress by Developer/work, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      medium open-egress: an egress rule reaches the internet
        security group sg-0a1b2c3d4e5f600a1 (app) in vpc-0a1b2c3d4e5f60001
        sgr-0ff00000000000001: all traffic to 0.0.0.0/0, that is everywhere
        the group's subnets have no route to the internet at this time: nothing leaves until somebody adds one
        withheld, in mode revert too:
          - the rule carries HTTPS and the VPC has no working endpoint that could take its place: create the endpoints first, or set `require_private_path: false`
        what is withheld (narrow):
          1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16
          2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0 (sgr-0ff00000000000001)
          keeps working: all traffic to 10.0.0.0/16 (the VPC itself)
          keeps working: connections that are open now, until they are closed
          stops: new connections that only sgr-0ff00000000000001 (all traffic to 0.0.0.0/0) permits
          stops: AWS services without an endpoint in this VPC, and S3 and DynamoDB of other Regions
      arn:aws:sns:eu-west-1:111122223333:guardrail would be told
    nothing was changed: this is a dry run
    --- exit status 0
    ");
    assert!(cloud.with(|state| state.written.is_empty()));
}

#[test]
fn a_withheld_plan_is_applied() {
    let (cloud, folder, record) = withheld();
    let run = cloud.run(&folder, &format!("apply {} --policy guard.yaml", record.record_id));
    insta::assert_snapshot!(run.steady(&record), @r"
    apply of record-62753e8a8fdd27def11f30fc, judged again (policy b566a0249db5)
      it was about AuthorizeSecurityGroupEgress by Developer/work, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      medium open-egress: an egress rule reaches the internet
        security group sg-0a1b2c3d4e5f600a1 (app) in vpc-0a1b2c3d4e5f60001
        sgr-0ff00000000000001: all traffic to 0.0.0.0/0, that is everywhere
        the group's subnets have no route to the internet at this time: nothing leaves until somebody adds one
        withheld, in mode revert too:
          - the rule carries HTTPS and the VPC has no working endpoint that could take its place: create the endpoints first, or set `require_private_path: false`
        what is withheld (narrow):
          1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16
          2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0 (sgr-0ff00000000000001)
          keeps working: all traffic to 10.0.0.0/16 (the VPC itself)
          keeps working: connections that are open now, until they are closed
          stops: new connections that only sgr-0ff00000000000001 (all traffic to 0.0.0.0/0) permits
          stops: AWS services without an endpoint in this VPC, and S3 and DynamoDB of other Regions
      open-egress: sg-0a1b2c3d4e5f600a1
        1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16: done
        2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0 (sgr-0ff00000000000001): done
        read again: it is so
    applied (record-NEW)
      told to arn:aws:sns:eu-west-1:111122223333:guardrail
      to take it back: guardrail undo record-NEW
    --- exit status 0
    ");
    cloud.with(|state| {
        assert_eq!(state.egress, [to(block("10.0.0.0/16"))]);
        insta::assert_snapshot!(state.published.join("\n"), @"[info] open-egress: applied by hand: sg-0a1b2c3d4e5f600a1 in 111122223333 eu-west-1");
    });
    let again = cloud.run(&folder, &format!("apply {}", record.record_id));
    insta::assert_snapshot!(again.transcript(), @r"
    apply of record-62753e8a8fdd27def11f30fc, judged again (policy b566a0249db5)
      it was about AuthorizeSecurityGroupEgress by Developer/work, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      open-egress: security group sg-0a1b2c3d4e5f600a1 (app): what the call made is not there any more
    there is nothing to apply: what the call made is not there any more
    --- exit status 0
    ");
}

#[test]
fn what_there_is_no_plan_for_is_not_applied() {
    let (cloud, folder, record) = withheld();
    let other = cloud.run(
        &folder,
        &format!("apply {} --resource sg-0a1b2c3d4e5f600ff", record.record_id),
    );
    insta::assert_snapshot!(other.stderr, @"error: there is no plan about the resource that `--resource` names: leave the option out to see all plans");
    assert_eq!(other.status, 2);
    let missing = cloud.run(&folder, &format!("apply {} --policy nowhere.yaml", record.record_id));
    insta::assert_snapshot!(missing.transcript(), @r"
    --- standard error
    error: the policy file `nowhere.yaml` cannot be read (no such file or directory): check the path
    --- exit status 2
    ");
}

#[test]
fn an_exemption_is_written_and_told() {
    let (cloud, folder, record) = taken_back();
    let exempt =
        "exempt open-egress sg-0a1b2c3d4e5f600a1 --owner payments@example.com --reason vendor_cut-over,_CHG-1234";
    insta::assert_snapshot!(cloud.run(&folder, &format!("{exempt} --dry-run")).transcript(), @r"
    exemption of sg-0a1b2c3d4e5f600a1 from open-egress, account 111122223333, eu-west-1
      for 4h; payments@example.com answers for it: vendor cut-over, CHG-1234
      arn:aws:sns:eu-west-1:111122223333:guardrail would be told
    nothing was changed: this is a dry run
    --- exit status 0
    ");
    assert!(cloud.with(|state| state.written.is_empty()));
    let run = cloud.run(&folder, &format!("{exempt} --for 12h"));
    insta::assert_snapshot!(run.steady(&record), @r"
    exemption of sg-0a1b2c3d4e5f600a1 from open-egress, account 111122223333, eu-west-1
      for 12h; payments@example.com answers for it: vendor cut-over, CHG-1234
    exempt (record-NEW)
      told to arn:aws:sns:eu-west-1:111122223333:guardrail
      holds until TIME
    --- exit status 0
    ");
    cloud.with(|state| {
        insta::assert_snapshot!(state.published.join("\n"), @"[medium] open-egress: exempt by hand: sg-0a1b2c3d4e5f600a1 in 111122223333 eu-west-1");
        let intent = state.written[1].to_string();
        assert!(
            intent.contains("exempt open-egress") && intent.contains("CHG-1234"),
            "{intent}"
        );
    });
}

#[test]
fn an_exemption_is_ended_before_its_time() {
    let (cloud, folder, record) = taken_back();
    let end = "exempt open-egress sg-0a1b2c3d4e5f600a1 --end";
    insta::assert_snapshot!(cloud.run(&folder, end).transcript(), @r"
    end of exemption of sg-0a1b2c3d4e5f600a1 from open-egress, account 111122223333, eu-west-1
    --- standard error
    there is no exemption by hand to end; one of the policy file is ended there
    --- exit status 0
    ");
    let key = "resource#111122223333#eu-west-1#sg-0a1b2c3d4e5f600a1";
    let note = serde_json::json!({
        "about": { "resource": { "account": "111122223333", "region": "eu-west-1", "id": "sg-0a1b2c3d4e5f600a1" } },
        "name": "exempt open-egress",
        "until": "2099-01-31T00:00:00Z",
        "says": { "exempted": { "rule": "open-egress", "owner": "payments@example.com", "reason": "x", "by": "ada", "at": "2026-11-02T09:00:00Z" } },
    });
    cloud.with(|state| {
        let item = serde_json::json!({ "key": {"S": key}, "exempt open-egress": {"S": note.to_string()} });
        state.items.insert(key.to_owned(), item)
    });
    let run = cloud.run(&folder, end);
    insta::assert_snapshot!(run.steady(&record), @r"
    end of exemption of sg-0a1b2c3d4e5f600a1 from open-egress, account 111122223333, eu-west-1
      it ends the one of payments@example.com until 2099-01-31 00:00:00 UTC
    ended (record-NEW)
      told to arn:aws:sns:eu-west-1:111122223333:guardrail
    --- exit status 0
    ");
}

#[test]
fn an_exemption_without_an_owner_or_for_too_long_is_refused() {
    let (cloud, folder, _) = taken_back();
    let group = "sg-0a1b2c3d4e5f600a1";
    let all = [
        format!("exempt open-egress {group} --reason x"),
        format!("exempt open-egress {group} --owner ada --reason _"),
        format!("exempt open-egress {group} --owner ada --reason x --for 25h"),
        format!("exempt open-egres {group} --owner ada --reason x"),
        format!("exempt public-api {group} --owner ada --reason x"),
        "exempt open-egress sg-1 --owner ada --reason x".to_owned(),
    ];
    let said = all.iter().map(|arguments| {
        let run = cloud.run(&folder, arguments);
        assert_eq!(run.status, 2, "{arguments}");
        run.stderr
    });
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("---\n"), @r"
    error: the following required arguments were not provided:
      --owner <OWNER>

    Usage: guardrail exempt --reason <REASON> --owner <OWNER> <RULE> <RESOURCE>

    For more information, try '--help'.
    ---
    error: invalid value ' ' for '--reason <REASON>': it is empty: write who or why

    For more information, try '--help'.
    ---
    error: invalid value '25h' for '--for <DURATION>': an exemption by hand lasts from 1 minute to 24 hours: write a longer one into the policy file

    For more information, try '--help'.
    ---
    error: invalid value 'open-egres' for '<RULE>'
      [possible values: open-egress, private-path, endpoint-security-group, private-dns, vpc-dns-attributes, required-endpoints, endpoint-policy, endpoint-service, gateway-route, internet-path, public-address, block-public-access, new-network-path, public-api, public-graphql-api, guardrail-tampered]

      tip: a similar value exists: 'open-egress'

    For more information, try '--help'.
    ---
    error: this version does not have the rule `public-api` yet, so there is nothing to exempt from it
    ---
    error: invalid value 'sg-1' for '<RESOURCE>': `sg-1` is not the id or ARN of a resource: write it like `sg-0123456789abcdef0`

    For more information, try '--help'.
    ");
}
