//! What is carried out by hand.

use super::*;

/// A VPC without endpoints: what would close its way out is withheld.
fn without_endpoints() -> World {
    let mut world = private_network();
    world.endpoints = Some(guardrail_world::Parts::default());
    world
}

#[test]
fn a_withheld_plan_is_judged_again_and_applied_and_can_be_undone() {
    let mut scene = Scene::of(POLICY, without_endpoints());
    let found = scene.opens(&world());
    assert_eq!(found.reason, RecordReason::Decided(Reason::Withheld));
    let outcome = scene.apply(&found.record_id).unwrap().unwrap();
    assert!(outcome.is_done());
    assert!(!scene.egress().contains(&world().to_string()));
    assert_eq!(outcome.record.reason, RecordReason::Handled(Handled::Reverted));
    let text = scene
        .last_text()
        .replace(&outcome.record.record_id, "record-NEW")
        .replace(&found.record_id, "record-OLD");
    let (text, _) = text.rsplit_once(", notice-").unwrap();
    insta::assert_snapshot!(text, @r"
    APPLIED BY HAND: the plan of record-OLD, judged again.

      Where    account 111122223333, eu-west-1
      Who      Ada (as they say; CloudTrail has the caller)
      When     2026-11-02 09:12:30 UTC

    Although the rule carries HTTPS and the VPC has no working endpoint that could take its place: create the endpoints first, or set `require_private_path: false`.
    open-egress, sg-0a1b2c3d4e5f600a1:
      1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16: done
      2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0 (sgr-0ff00000000000001): done
    Read again afterwards: it is so.
    Keeps working:
      - all traffic to 10.0.0.0/16 (the VPC itself)
      - the group's 2 other egress rules
      - connections that are open now, until they are closed
    Stops:
      - new connections that only sgr-0ff00000000000001 (all traffic to 0.0.0.0/0) permits
      - AWS services without an endpoint in this VPC, and S3 and DynamoDB of other Regions

    To take that back again:
      guardrail undo record-NEW

    Record record-NEW about event 10000000-0000-4000-8000-000000000001
    ");
    // There is nothing left to apply.
    assert_eq!(scene.apply(&found.record_id), Ok(None));
    scene.undo(&outcome.record.record_id);
    assert!(scene.egress().contains(&world().to_string()));
}

#[test]
fn what_mode_notify_only_tells_is_applied_as_well() {
    let mut scene = Scene::of(&POLICY.replace("revert", "notify"), private_network());
    let told = scene.opens(&world());
    let outcome = scene.apply(&told.record_id).unwrap().unwrap();
    assert!(outcome.is_done());
    assert!(!scene.egress().contains(&world().to_string()));
}

#[test]
fn applying_goes_over_an_undo_and_ends_it() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    scene.undo(&reverted.record_id);
    let again = scene.opens_anew();
    assert!(!withheld(&again).is_empty());
    assert!(scene.apply(&again.record_id).unwrap().unwrap().is_done());
    assert_eq!(scene.opens(&world()).reason, RecordReason::Handled(Handled::Reverted));
}

#[test]
fn what_is_gone_need_not_be_applied() {
    let mut scene = Scene::of(&POLICY.replace("revert", "notify"), private_network());
    let told = scene.opens(&world());
    scene
        .network
        .change(|network| network.revoke(&id(APP_GROUP), Direction::Egress, None, &[world()]))
        .unwrap();
    assert_eq!(scene.apply(&told.record_id), Ok(None));
}
