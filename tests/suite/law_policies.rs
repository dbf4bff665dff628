//! Laws 6, 7 and 13 of the policies of endpoints: what is set lets nothing through that was not let through before, judging
//! again finds nothing, and one command sets back what was there.

use guardrail_policy::decide::Reason;
use guardrail_policy::endpoint_policy::{Policy, is_full_access};
use guardrail_policy::id::VpcEndpointId;
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::plan::Treatment;
use guardrail_policy::record::{Handled, Record, RecordReason};
use guardrail_policy::settings::RuleName;
use guardrail_runner::Memory;
use guardrail_runner::by_hand::ByHand;
use guardrail_testkit::outcomes::findings;
use guardrail_testkit::{Changing, Desk, Outbox, Queue, SteppedClock, TrailRecord, id, now, settings};
use guardrail_world::World;

const ENDPOINT: &str = "vpce-0a1b2c3d4e5f60001";
const FULL: &str =
    r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
const NARROW: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*"}]}"#;
const WHOLE_SERVICE: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}"#;
const ALL_BUT: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","NotAction":"iam:*","Resource":"*"}]}"#;
const DENIED: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"iam:*","Resource":"*"}]}"#;
const UNREADABLE: &str =
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Unless":"never"}]}"#;

fn endpoint() -> VpcEndpointId {
    id(ENDPOINT)
}

/// A private VPC with an S3 gateway endpoint that has this policy.
fn network(policy: &str) -> World {
    let network = format!(
        r#"
account: "111122223333"
region: eu-west-1
vpcs:
  vpc-0a1b2c3d4e5f60001: {{ cidrs: [10.0.0.0/16], tags: {{ connectivity: private }} }}
endpoint_services:
  com.amazonaws.eu-west-1.s3: {{ gateway: {{ policy: true }} }}
endpoints:
  {ENDPOINT}:
    vpc: vpc-0a1b2c3d4e5f60001
    service: com.amazonaws.eu-west-1.s3
    kind: gateway
    policy: '{policy}'
"#
    );
    World::read(network.as_bytes()).unwrap()
}

/// The queue after somebody set this policy, where the file gives that one to set.
fn queue(set: &str, document: &str) -> Queue {
    let policy = format!(
        "version: 1\nscope: {{ private_vpcs: [{{ tags: {{ connectivity: private }} }}] }}\nmode: revert\n\
         rules:\n  endpoint-policy: {{ remedy: set-policy, document: {document} }}\n"
    );
    let event = TrailRecord::set_policy(&endpoint(), Some(set));
    let later = event.time().checked_add(SignedDuration::from_secs(120)).unwrap();
    let desk = Desk::new(settings(&policy), later).with(&[RuleName::EndpointPolicy]);
    let network = Changing::of(network(set));
    Queue::of(desk, event.envelope(), network, Some(Memory::default()))
}

fn policy_now(network: &Changing) -> String {
    let world = network.world();
    let found = world.endpoints.as_ref().and_then(|all| all.get(&endpoint()));
    found.and_then(|found| found.policy.clone()).unwrap()
}

fn reasons(queue: &Queue) -> Vec<RecordReason> {
    queue.records.iter().map(|record| record.reason).collect()
}

#[test]
fn a_policy_that_was_set_is_there_and_judging_again_finds_nothing() {
    let mut first = queue(FULL, NARROW);
    assert!(first.drain(), "it is acknowledged");
    assert_eq!(reasons(&first), [RecordReason::Handled(Handled::Reverted)]);
    assert!(Policy::new(NARROW).is_same(&policy_now(&first.network)));
    let again = Queue::of(
        first.desk.clone(),
        first.event.clone(),
        Changing::of(first.network.world()),
        Some(Memory::default()),
    );
    let mut again = again;
    assert!(again.drain());
    assert_eq!(reasons(&again), [RecordReason::Decided(Reason::Clean)]);
    assert!(again.network.history().is_empty(), "a second plan is empty");
}

#[test]
fn only_full_access_by_the_strict_test_is_ever_replaced_without_a_person() {
    let all = [FULL, NARROW, WHOLE_SERVICE, ALL_BUT, DENIED, UNREADABLE];
    let mut automatic = 0;
    for set in all {
        for document in all {
            let mut queue = queue(set, document);
            queue.drain();
            let is_automatic =
                |record: &Record| findings(record).any(|finding| matches!(finding.treatment, Treatment::Automatic(_)));
            if queue.records.iter().any(is_automatic) {
                automatic += 1;
                assert!(is_full_access(set), "{set} to {document}");
            }
            if !queue.network.history().is_empty() {
                assert!(is_full_access(set), "{set} to {document}");
                assert!(!is_full_access(&policy_now(&queue.network)), "{set} to {document}");
            }
        }
    }
    assert_eq!(automatic, 1, "full access to what leaves something out");
}

/// Has the revert of a queue undone; says whether all of it was.
fn undo(queue: &Queue, at: Timestamp) -> Option<bool> {
    let record = queue.records.first().unwrap();
    let hand = ByHand {
        answer: &*queue.network,
        act: &*queue.network,
        tell: &Outbox::default(),
        keep: queue.ledger.as_deref().unwrap(),
        clock: &SteppedClock::at(at),
        by: "Ada",
        run: "one",
    };
    let until = at.checked_add(SignedDuration::from_hours(1)).unwrap();
    let outcome = now(async {
        let kept = hand.record(&record.record_id).await.unwrap();
        let undoing = hand.undoing(kept).await.unwrap();
        hand.undo(&undoing, until).await.unwrap()
    });
    outcome.map(|outcome| outcome.is_done())
}

#[test]
fn an_undo_sets_back_the_policy_that_was_there() {
    let mut queue = queue(FULL, NARROW);
    queue.drain();
    assert_eq!(undo(&queue, queue.desk.time), Some(true));
    assert_eq!(policy_now(&queue.network), FULL);
}

#[test]
fn an_undo_leaves_alone_what_somebody_set_since() {
    let mut queue = queue(FULL, NARROW);
    queue.drain();
    let other = Policy::new(r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:List*","Resource":"*"}]}"#);
    queue
        .network
        .change(|world| world.set_policy(&endpoint(), &other).unwrap());
    assert_ne!(undo(&queue, queue.desk.time), Some(true));
    assert_eq!(policy_now(&queue.network), other.as_str());
}
