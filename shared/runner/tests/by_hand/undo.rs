//! What is taken back by hand.

use super::*;

#[test]
fn a_revert_is_undone_and_then_left_alone_for_the_stated_time() {
    let mut scene = Scene::guarded();
    let before = scene.egress();
    let reverted = scene.opens(&world());
    assert_eq!(reverted.reason, RecordReason::Handled(Handled::Reverted));
    let outcome = scene.undo(&reverted.record_id);

    let mut opened = before;
    opened.push(world().to_string());
    opened.sort();
    assert_eq!(scene.egress(), opened);
    assert!(outcome.is_done() && outcome.untold.is_none() && outcome.unkept.is_none());
    let kept = now(scene.ledger.record(&outcome.record.record_id)).unwrap().unwrap();
    assert_eq!(kept.reason, RecordReason::Handled(Handled::Undone));
    assert_eq!(kept.undid(), Some(reverted.record_id.as_str()));

    // Within the hour the same is only told; after it, it is taken back again.
    let again = scene.opens_anew();
    assert!(
        matches!(withheld(&again).as_slice(), [Withheld::Undone { by, .. }] if by == "Ada"),
        "{again:#?}"
    );
    scene.time = scene.later(3_600);
    let after = scene.opens_anew();
    assert_eq!(after.reason, RecordReason::Handled(Handled::Reverted));
}

#[test]
fn an_undo_says_who_what_until_when_and_how_to_take_it_back() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let outcome = scene.undo(&reverted.record_id);
    let text = scene
        .last_text()
        .replace(&outcome.record.record_id, "record-NEW")
        .replace(&reverted.record_id, "record-OLD");
    let (text, _) = text.rsplit_once(", notice-").unwrap();
    insta::assert_snapshot!(text, @r"
    UNDONE BY HAND: what record-OLD did.

      Where    account 111122223333, eu-west-1
      Who      Ada (as they say; CloudTrail has the caller)
      When     2026-11-02 09:12:30 UTC

    open-egress, sg-0a1b2c3d4e5f600a1:
      1. authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0: done
      2. revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16: done
    Read again afterwards: it is so.

    Left alone until 2026-11-02 10:12:30 UTC: until then the same is told, and not taken back.

    To take that back again:
      guardrail undo record-NEW

    Record record-NEW about event 10000000-0000-4000-8000-000000000001
    ");
    let notice = message::by_hand(&outcome.record).unwrap();
    assert!(
        notice.json.starts_with("{\"schema\":\"vpc-guardrail/by-hand/1\""),
        "{}",
        notice.json
    );
    insta::assert_snapshot!(notice.subject, @"[medium] open-egress: undone by hand: sg-0a1b2c3d4e5f600a1 in 111122223333 eu-west-1");
}

#[test]
fn what_is_undone_already_is_not_undone_again() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    scene.undo(&reverted.record_id);
    let (state, told) = (scene.egress(), scene.told.notices().len());
    scene.time = scene.later(60);
    assert!(scene.undoing(&reverted.record_id).unwrap().is_done());
    assert_eq!(scene.undo_telling(&reverted.record_id, &scene.told, "later"), Ok(None));
    assert_eq!((scene.egress(), scene.told.notices().len()), (state, told));
}

#[test]
fn looking_changes_nothing() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let (state, told) = (scene.egress(), scene.told.notices().len());
    let undoing = scene.undoing(&reverted.record_id).unwrap();
    let left: Vec<String> = undoing
        .parts
        .iter()
        .flat_map(|part| &part.left)
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(left.join("\n"), @r"
    authorise egress of sg-0a1b2c3d4e5f600a1: all traffic to 0.0.0.0/0
    revoke egress of sg-0a1b2c3d4e5f600a1: all traffic to 10.0.0.0/16
    ");
    assert_eq!((scene.egress(), scene.told.notices().len()), (state, told));
    assert_eq!(scene.opens(&world()).reason, RecordReason::Handled(Handled::Reverted));
}

#[test]
fn only_what_is_left_is_undone() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    // Somebody has taken away what the guardrail had put in the open rule's place.
    let narrow: Permission = to(block("10.0.0.0/16"));
    scene
        .network
        .change(|world| world.revoke(&id(APP_GROUP), Direction::Egress, None, std::slice::from_ref(&narrow)))
        .unwrap();
    let outcome = scene.undo(&reverted.record_id);
    assert!(outcome.is_done());
    assert!(scene.egress().contains(&world().to_string()));
}

#[test]
fn an_undo_can_be_undone_and_is_not_left_alone_then() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let closed = scene.egress();
    let undone = scene.undo(&reverted.record_id);
    let redone = scene.undo(&undone.record.record_id);
    assert!(redone.is_done());
    assert!(!scene.last_text().contains("Left alone"), "{}", scene.last_text());
    assert_eq!(scene.egress(), closed);
    assert_eq!(scene.opens(&world()).reason, RecordReason::Handled(Handled::Reverted));
    // And the first record can be undone once more.
    scene.undo(&reverted.record_id);
    assert!(scene.egress().contains(&world().to_string()));
}

#[test]
fn an_undo_that_is_refused_leaves_nothing_alone() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let closed = scene.egress();
    let hand = ByHand {
        answer: &scene.network,
        act: &HandsOff,
        tell: &scene.told,
        keep: &scene.ledger,
        clock: &SteppedClock::at(scene.time),
        by: "Ada",
        run: "one",
    };
    let outcome = now(async {
        let undoing = hand.undoing(hand.record(&reverted.record_id).await?).await?;
        hand.undo(&undoing, scene.later(3_600)).await
    });
    let outcome = outcome.unwrap().unwrap();
    assert!(!outcome.is_done());
    assert_eq!(outcome.record.reason, RecordReason::Handled(Handled::UndoFailed));
    assert!(scene.last_text().starts_with("NOT UNDONE"), "{}", scene.last_text());
    assert!(!scene.last_text().contains("Left alone"), "{}", scene.last_text());
    assert_eq!(scene.egress(), closed);
    assert_eq!(scene.opens(&world()).reason, RecordReason::Handled(Handled::Reverted));
}

#[test]
fn what_was_never_done_cannot_be_undone() {
    let mut scene = Scene::of(&POLICY.replace("revert", "notify"), private_network());
    let told = scene.opens(&world());
    let error = scene.undoing(&told.record_id).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&told.record_id, "record-OLD"), @"`record-OLD` is of nothing that was carried out, so there is nothing to undo: its plan, if it has one, was only shown; `guardrail apply` carries it out");
    insta::assert_snapshot!(scene.undoing("record-0").unwrap_err(), @"the ledger has no record `record-0`: take the id from the message; records are kept for 90 days, and only of events about which something was to be told or done");
}

#[test]
fn a_group_that_is_not_there_is_said_to_be_so() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    scene
        .network
        .change(|world| world.delete_group(&id(APP_GROUP)))
        .unwrap();
    insta::assert_snapshot!(scene.undoing(&reverted.record_id).unwrap_err(), @"`sg-0a1b2c3d4e5f600a1` is not there: it was deleted, or the credentials and the Region are not those of its account");
}

#[test]
fn two_people_do_not_undo_the_same_at_once() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let key = guardrail_policy::ledger::EntryKey::by_hand("undo", &reverted.record_id);
    let lease = guardrail_policy::ledger::Lease {
        owner: "somebody else".to_owned(),
        until: scene.later(300),
    };
    now(scene.ledger.claim(&key, &lease, scene.time)).unwrap();
    let state = scene.egress();
    let error = scene.undo_telling(&reverted.record_id, &scene.told, "one").unwrap_err();
    assert!(matches!(error, ByHandError::Held { .. }), "{error}");
    assert_eq!(scene.egress(), state);
}

#[test]
fn an_undo_stands_when_nobody_could_be_told_and_the_next_run_tells_it() {
    let mut scene = Scene::guarded();
    let reverted = scene.opens(&world());
    let deaf = Faulty::at(0, Fault::Refused, Outbox::default());
    let outcome = scene.undo_telling(&reverted.record_id, &deaf, "one").unwrap().unwrap();
    assert!(outcome.is_done() && outcome.untold.is_some());
    assert!(scene.egress().contains(&world().to_string()));
    let before = scene.told.notices().len();
    let retold = scene
        .undo_telling(&reverted.record_id, &scene.told, "two")
        .unwrap()
        .unwrap();
    assert_eq!(retold.record.record_id, outcome.record.record_id);
    assert_eq!(scene.told.notices().len(), before + 1);
    assert_eq!(scene.undo_telling(&reverted.record_id, &scene.told, "three"), Ok(None));
}
