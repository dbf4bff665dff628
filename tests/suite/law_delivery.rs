//! Laws 1, 2, 9 and 11: whatever is delivered leaves one record and nothing panics; what changed nothing is not judged.

use guardrail_policy::decide::Reason;
use guardrail_policy::record::{Record, RecordReason};
use guardrail_testkit::strategies::{Scenario, garbled_records, scenarios, stray_bytes};
use guardrail_testkit::{Counting, Desk, Fault, Faulty, Outbox, POLICY, id, private_network, settings};
use proptest::prelude::*;

const JUDGED_AT: &str = "2026-03-02T09:17:07Z";

/// A record is one line of JSON that reads back as it was, and says why it came to what it came to.
fn assert_is_one_line(record: &Record) -> Result<(), TestCaseError> {
    let line = serde_json::to_string(record).unwrap();
    prop_assert!(!line.contains('\n'));
    prop_assert_eq!(&serde_json::from_str::<Record>(&line).unwrap(), record);
    let is_refused = matches!(record.reason, RecordReason::Refused(_));
    prop_assert_eq!(is_refused, record.error.is_some());
    prop_assert_eq!(is_refused, record.decision.is_none());
    prop_assert!(
        !is_refused || record.deliver_again,
        "what cannot be read ends among the dead letters"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_bytes_give_one_record_and_no_panic(bytes in stray_bytes()) {
        let (record, _) = Desk::new(settings(POLICY), id(JUDGED_AT)).handle(&bytes, &private_network());
        assert_is_one_line(&record)?;
        prop_assert!(matches!(record.reason, RecordReason::Refused(_)));
    }

    #[test]
    fn a_garbled_delivery_gives_one_record_and_no_panic(bytes in garbled_records()) {
        let (record, _) = Desk::new(settings(POLICY), id(JUDGED_AT)).handle(&bytes, &private_network());
        assert_is_one_line(&record)?;
    }

    #[test]
    fn every_delivery_gives_one_record_with_its_reason(scenario in scenarios()) {
        let (record, outbox) = scenario.desk().handle(&scenario.event.envelope(), &scenario.world);
        assert_is_one_line(&record)?;
        prop_assert_eq!(record.told.len(), outbox.notices().len());
        prop_assert_eq!(record.event.map(|event| event.time), Some(scenario.event.time()));
    }

    #[test]
    fn a_failed_call_and_a_dry_run_are_recorded_and_nothing_is_looked_at(scenario in scenarios(), dry in any::<bool>()) {
        let Scenario { event, world, .. } = scenario.clone();
        let event = if dry { event.dry_run() } else { event.failed("Client.UnauthorizedOperation") };
        let network = Counting::of(world);
        let (record, outbox) = scenario.desk().handle(&event.envelope(), &network);
        let reason = if dry { Reason::DryRun } else { Reason::FailedCall };
        prop_assert_eq!(record.reason, RecordReason::Decided(reason));
        prop_assert!(network.asked().rounds.is_empty() && outbox.notices().is_empty() && !record.deliver_again);
    }

    #[test]
    fn the_guardrails_own_call_is_recorded_and_not_judged(scenario in scenarios()) {
        let own = "arn:aws:iam::111122223333:role/security/vpc-guardrail";
        let event = scenario.event.clone().by(guardrail_testkit::Identity::role_session("security/vpc-guardrail", "function"));
        let network = Counting::of(scenario.world.clone());
        let (record, outbox) = scenario.desk().as_roles([id(own)]).handle(&event.envelope(), &network);
        prop_assert_eq!(record.reason, RecordReason::Decided(Reason::OwnCall));
        prop_assert!(network.asked().rounds.is_empty() && outbox.notices().is_empty());
    }

    #[test]
    fn a_notice_that_may_not_have_been_sent_brings_the_delivery_back(scenario in scenarios(), lost in any::<bool>()) {
        let fault = if lost { Fault::ReplyLost } else { Fault::Refused };
        let topic = Faulty::at(0, fault, Outbox::default());
        let record = scenario.desk().handle_and_tell(&scenario.event.envelope(), &scenario.world, &topic);
        if topic.has_failed() {
            prop_assert!(record.deliver_again && record.told.iter().any(|told| told.error.is_some()));
            // Only the first call fails: the notices of other rules come through.
            prop_assert_eq!(topic.inner().notices().len(), record.told.len() - usize::from(!lost));
        }
    }
}
