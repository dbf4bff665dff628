//! What is allowed by hand.

use super::*;

fn exempting(scene: &Scene) -> Exempting {
    Exempting {
        what: exempted(),
        owner: "payments@example.com".to_owned(),
        reason: "vendor cut-over, CHG-1234".to_owned(),
        until: scene.later(14_400),
    }
}

fn exempted() -> Exempted {
    Exempted {
        rule: id("open-egress"),
        resource: id(APP_GROUP),
        account: id(ACCOUNT),
        region: id(REGION),
    }
}

#[test]
fn an_exemption_by_hand_holds_until_it_ends_or_is_ended() {
    let mut scene = Scene::guarded();
    let outcome = now(by_hand!(scene, &scene.told, "one").exempt(exempting(&scene))).unwrap();
    assert!(outcome.untold.is_none() && outcome.unkept.is_none());
    assert_eq!(outcome.record.reason, RecordReason::Handled(Handled::Exempted));
    let text = scene.last_text();
    insta::assert_snapshot!(text.rsplit_once("Record ").unwrap().0, @r"
    EXEMPT BY HAND: open-egress leaves sg-0a1b2c3d4e5f600a1 alone.

      Where    account 111122223333, eu-west-1
      Who      Ada (as they say; CloudTrail has the caller)
      When     2026-11-02 09:00:00 UTC
      Owner    payments@example.com
      Why      vendor cut-over, CHG-1234
      Until    2026-11-02 13:00:00 UTC

    To end it before that:
      guardrail exempt open-egress sg-0a1b2c3d4e5f600a1 --account 111122223333 --end
    To have it for longer, write it into the policy file.
    ");
    assert_eq!(scene.opens(&world()).reason, RecordReason::Decided(Reason::Exempt));

    let ended = now(by_hand!(scene, &scene.told, "two").end_exemption(exempted())).unwrap();
    assert_eq!(
        ended.unwrap().record.reason,
        RecordReason::Handled(Handled::ExemptionEnded)
    );
    assert_eq!(scene.opens_anew().reason, RecordReason::Handled(Handled::Reverted));
    assert_eq!(
        now(by_hand!(scene, &scene.told, "three").end_exemption(exempted())),
        Ok(None)
    );

    now(by_hand!(scene, &scene.told, "four").exempt(exempting(&scene))).unwrap();
    scene.time = scene.later(14_400);
    assert_eq!(scene.opens(&world()).reason, RecordReason::Handled(Handled::Reverted));
}
