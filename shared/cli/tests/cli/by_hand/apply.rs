//! `guardrail apply`.

use super::*;

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
