//! What holds of every ledger: the contract of the port [`Keep`], as checks that run over any of them.
//!
//! Every check makes keys, principals and records that nothing else has, so that all may run over one shared table, side by
//! side and again and again. A check panics where the contract does not hold. None waits for time to pass: the port is
//! told the time.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::SystemTime;

use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::ledger::{About, Abouts, EntryKey, Lease, LeftAlone, Note, Says};
use guardrail_policy::network::Direction;
use guardrail_policy::record::{Record, Refused};
use guardrail_runner::LONGEST_RECORD;
use guardrail_runner::ports::{Claim, Keep, KeepError};

use crate::desk::Desk;
use crate::network::{self, POLICY, private_network};
use crate::outcomes::findings;
use crate::trail::TrailRecord;

/// All of them, one after the other.
pub async fn all<K: Keep>(keep: &K) {
    claiming(keep).await;
    taking_over(keep).await;
    a_lost_lease(keep).await;
    releasing(keep).await;
    telling(keep).await;
    racing(keep).await;
    repeating(keep).await;
    records(keep).await;
    notes(keep).await;
    notes_with_entries(keep).await;
    past_notes(keep).await;
    many_notes(keep).await;
}

/// An entry is claimed once; its owner may claim it again, others are told until when it is held.
pub async fn claiming<K: Keep>(keep: &K) {
    let (key, mine, other) = (entry(), lease(60), lease(90));
    assert_eq!(keep.claim(&key, &mine, at(0)).await, Ok(Claim::New));
    let held = Ok(Claim::Held { until: at(60) });
    assert_eq!(keep.claim(&key, &other, at(1)).await, held);
    assert_eq!(
        keep.claim(&key, &mine, at(2)).await,
        Ok(Claim::New),
        "as after a lost reply"
    );
    let longer = Lease {
        until: at(70),
        ..mine.clone()
    };
    assert_eq!(keep.claim(&key, &longer, at(3)).await, Ok(Claim::New));
    let held = Ok(Claim::Held { until: at(70) });
    assert_eq!(keep.claim(&key, &other, at(69)).await, held);
    assert_eq!(
        keep.claim(&entry(), &other, at(4)).await,
        Ok(Claim::New),
        "another event's"
    );
}

/// Whoever takes over when a lease is over learns how far the entry has come.
pub async fn taking_over<K: Keep>(keep: &K) {
    let (key, [first, second, third, fourth]) = (entry(), [60, 120, 180, 240].map(lease));
    let (intent, outcome) = (record(), decided_record());
    assert_eq!(keep.claim(&key, &first, at(0)).await, Ok(Claim::New));
    assert_eq!(
        keep.claim(&key, &second, at(60)).await,
        Ok(Claim::New),
        "at its very end"
    );
    keep.intend(&key, &second, &intent, &[]).await.unwrap();
    let held = Ok(Claim::Held { until: at(120) });
    assert_eq!(keep.claim(&key, &third, at(119)).await, held);
    let intended = Ok(Claim::Intended(Box::new(kept(&intent).handover())));
    assert_eq!(keep.claim(&key, &third, at(120)).await, intended);
    assert_eq!(keep.claim(&key, &third, at(121)).await, intended, "again");
    keep.settle(&key, &third, &outcome).await.unwrap();
    let settled = Ok(Claim::Settled(Box::new(kept(&outcome).handover())));
    assert_eq!(keep.claim(&key, &fourth, at(181)).await, settled);
}

/// Once somebody else has taken over, and where nobody has claimed, every write is refused and leaves nothing behind.
pub async fn a_lost_lease<K: Keep>(keep: &K) {
    let (key, mine, theirs) = (entry(), lease(60), lease(120));
    every_write_is_lost(keep, &entry(), &mine).await;
    assert_eq!(keep.claim(&key, &mine, at(0)).await, Ok(Claim::New));
    assert_eq!(keep.claim(&key, &theirs, at(61)).await, Ok(Claim::New));
    every_write_is_lost(keep, &key, &mine).await;
    assert_eq!(keep.claim(&key, &theirs, at(62)).await, Ok(Claim::New), "as it was");
    let held = Ok(Claim::Held { until: at(120) });
    assert_eq!(keep.claim(&key, &mine, at(63)).await, held);
}

async fn every_write_is_lost<K: Keep>(keep: &K, key: &EntryKey, lease: &Lease) {
    let (record, about) = (record(), principal());
    let note = note(&about, "lost", 600);
    let notes = std::slice::from_ref(&note);
    assert_eq!(keep.intend(key, lease, &record, notes).await, Err(KeepError::Lost));
    assert_eq!(keep.intend(key, lease, &record, &[]).await, Err(KeepError::Lost));
    assert_eq!(keep.settle(key, lease, &record).await, Err(KeepError::Lost));
    assert_eq!(keep.told(key, lease, notes).await, Err(KeepError::Lost));
    assert_eq!(keep.told(key, lease, &[]).await, Err(KeepError::Lost));
    assert_eq!(keep.release(key, lease).await, Err(KeepError::Lost));
    assert_eq!(keep.record(&record.record_id).await, Ok(None));
    assert_eq!(keep.recall(&[about].into(), at(0)).await, Ok(vec![]));
}

/// An entry that was given back is claimed at once, with what was put down in it.
pub async fn releasing<K: Keep>(keep: &K) {
    let (key, [first, second, third]) = (entry(), [60, 60, 60].map(lease));
    let intent = record();
    assert_eq!(keep.claim(&key, &first, at(0)).await, Ok(Claim::New));
    keep.release(&key, &first).await.unwrap();
    assert_eq!(keep.claim(&key, &second, at(1)).await, Ok(Claim::New));
    keep.intend(&key, &second, &intent, &[]).await.unwrap();
    keep.release(&key, &second).await.unwrap();
    keep.release(&key, &second).await.unwrap();
    let intended = Ok(Claim::Intended(Box::new(kept(&intent).handover())));
    assert_eq!(keep.claim(&key, &third, at(2)).await, intended);
}

/// What was done with stays so, for everybody.
pub async fn telling<K: Keep>(keep: &K) {
    let (key, mine) = (entry(), lease(60));
    assert_eq!(keep.claim(&key, &mine, at(0)).await, Ok(Claim::New));
    keep.settle(&key, &mine, &record()).await.unwrap();
    keep.told(&key, &mine, &[]).await.unwrap();
    for (owner, time) in [(&mine, 1), (&lease(120), 2), (&lease(7200), 3600)] {
        assert_eq!(keep.claim(&key, owner, at(time)).await, Ok(Claim::Told));
    }
    keep.release(&key, &mine).await.unwrap();
    assert_eq!(
        keep.claim(&key, &lease(60), at(4)).await,
        Ok(Claim::Told),
        "given back too"
    );
}

/// Of many that claim one entry at the same time one has it.
pub async fn racing<K: Keep>(keep: &K) {
    let (key, leases) = (entry(), [60; 8].map(lease));
    let claims = together(leases.iter().map(|lease| keep.claim(&key, lease, at(0)))).await;
    let new = claims.iter().filter(|claim| **claim == Ok(Claim::New)).count();
    let held = Ok(Claim::Held { until: at(60) });
    let others = claims.iter().filter(|claim| **claim == held).count();
    assert_eq!((new, others), (1, leases.len() - 1), "{claims:?}");
}

/// Every write may be repeated with the same content.
pub async fn repeating<K: Keep>(keep: &K) {
    let (key, mine, record) = (entry(), lease(60), record());
    let notes = [note(&principal(), "one", 600), note(&resource(), "two", 600)];
    let about: Abouts = notes.iter().map(|note| note.about.clone()).collect();
    assert_eq!(keep.claim(&key, &mine, at(0)).await, Ok(Claim::New));
    for _twice in 0..2 {
        keep.intend(&key, &mine, &record, &notes).await.unwrap();
    }
    let intended = Ok(Claim::Intended(Box::new(kept(&record).handover())));
    assert_eq!(keep.claim(&key, &mine, at(1)).await, intended);
    for _twice in 0..2 {
        keep.settle(&key, &mine, &record).await.unwrap();
    }
    for _twice in 0..2 {
        keep.told(&key, &mine, &notes).await.unwrap();
        keep.note(&notes).await.unwrap();
    }
    assert_eq!(keep.recall(&about, at(2)).await, Ok(sorted(&notes)));
    assert_eq!(keep.record(&record.record_id).await, Ok(Some(kept(&record))));
}

/// A record is kept by its id once there is an outcome, as [`Record::for_ledger`] shortens it.
pub async fn records<K: Keep>(keep: &K) {
    let (key, mine, record) = (entry(), lease(60), decided_record());
    for unknown in [record.record_id.as_str(), "record-", ""] {
        assert_eq!(keep.record(unknown).await, Ok(None), "{unknown}");
    }
    assert_eq!(keep.claim(&key, &mine, at(0)).await, Ok(Claim::New));
    keep.intend(&key, &mine, &record, &[]).await.unwrap();
    assert_eq!(keep.record(&record.record_id).await, Ok(None), "only an intent");
    keep.settle(&key, &mine, &record).await.unwrap();
    assert_eq!(keep.record(&record.record_id).await, Ok(Some(kept(&record))));
    keep.told(&key, &mine, &[]).await.unwrap();
    assert_eq!(keep.record(&record.record_id).await, Ok(Some(kept(&record))));
    assert_eq!(keep.record(key.as_str()).await, Ok(None), "an entry is no record");
}

/// Notes are recalled by what they are about, in order; a later one takes the place of an earlier one of its name.
pub async fn notes<K: Keep>(keep: &K) {
    let (who, what, other) = (principal(), resource(), principal());
    let notes = [
        note(&who, "b", 600),
        note(&what, "a", 600),
        note(&who, "a", 900),
        note(&other, "a", 600),
    ];
    let about: Abouts = [who.clone(), what.clone()].into();
    assert_eq!(keep.recall(&about, at(0)).await, Ok(vec![]));
    assert_eq!(keep.recall(&Abouts::new(), at(0)).await, Ok(vec![]));
    keep.note(&[]).await.unwrap();
    keep.note(&notes).await.unwrap();
    assert_eq!(keep.recall(&about, at(1)).await, Ok(sorted(&notes[..3])));
    let later = Note {
        says: Says::Told,
        ..note(&who, "b", 1200)
    };
    keep.note(std::slice::from_ref(&later)).await.unwrap();
    let now_there = [later, notes[1].clone(), notes[2].clone()];
    assert_eq!(keep.recall(&about, at(2)).await, Ok(sorted(&now_there)));
}

/// Notes are written together with the intent and with the mark.
pub async fn notes_with_entries<K: Keep>(keep: &K) {
    let (key, mine, who, what) = (entry(), lease(60), principal(), resource());
    let counted = [note(&who, "one", 600), note(&who, "two", 600), note(&what, "one", 600)];
    let about: Abouts = [who.clone(), what].into();
    assert_eq!(keep.claim(&key, &mine, at(0)).await, Ok(Claim::New));
    keep.intend(&key, &mine, &record(), &counted).await.unwrap();
    assert_eq!(keep.recall(&about, at(1)).await, Ok(sorted(&counted)));
    let told = note(&who, "told", 600);
    keep.told(&key, &mine, std::slice::from_ref(&told)).await.unwrap();
    let all: Vec<Note> = counted.into_iter().chain([told]).collect();
    assert_eq!(keep.recall(&about, at(2)).await, Ok(sorted(&all)));
    assert_eq!(keep.claim(&key, &lease(60), at(3)).await, Ok(Claim::Told));
}

/// A note is there until its time is over, and its name may be used again then, with others about the same untouched.
pub async fn past_notes<K: Keep>(keep: &K) {
    let who = principal();
    let about: Abouts = [who.clone()].into();
    let (short, long) = (note(&who, "short", 60), note(&who, "long", 600));
    keep.note(&[short.clone(), long.clone()]).await.unwrap();
    assert_eq!(keep.recall(&about, at(59)).await, Ok(sorted(&[short, long.clone()])));
    assert_eq!(
        keep.recall(&about, at(60)).await,
        Ok(vec![long.clone()]),
        "at its very end"
    );
    let another = note(&who, "another", 600);
    keep.note(std::slice::from_ref(&another)).await.unwrap();
    let both = Ok(sorted(&[long.clone(), another.clone()]));
    assert_eq!(keep.recall(&about, at(61)).await, both);
    let again = note(&who, "short", 900);
    keep.note(std::slice::from_ref(&again)).await.unwrap();
    assert_eq!(keep.recall(&about, at(62)).await, Ok(sorted(&[long, another, again])));
}

/// Notes about any number of things are recalled together.
pub async fn many_notes<K: Keep>(keep: &K) {
    let notes: Vec<Note> = (0..230).map(|_| note(&principal(), "one", 600)).collect();
    let about: Abouts = notes.iter().map(|note| note.about.clone()).collect();
    let (some, none): (Vec<_>, Vec<_>) = notes.iter().enumerate().partition(|(number, _)| number % 3 > 0);
    let some: Vec<Note> = some.into_iter().map(|(_, note)| note.clone()).collect();
    keep.note(&some).await.unwrap();
    assert_eq!(
        keep.recall(&about, at(0)).await,
        Ok(sorted(&some)),
        "{} left out",
        none.len()
    );
}

/// A text that nothing had before, in this process or another.
fn unique() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{}-{count}", time.as_nanos(), std::process::id())
}

fn entry() -> EntryKey {
    EntryKey::by_hand("law", &unique())
}

/// A lease of a new owner until so many seconds after the beginning.
fn lease(seconds: i64) -> Lease {
    Lease {
        owner: unique(),
        until: at(seconds),
    }
}

/// So many seconds after the beginning.
fn at(seconds: i64) -> Timestamp {
    let beginning: Timestamp = "2026-03-02T10:00:00Z".parse().unwrap();
    beginning.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn principal() -> About {
    About::Principal(format!("arn:aws:iam::111122223333:role/{}", unique()))
}

fn resource() -> About {
    About::Resource {
        account: network::id(network::ACCOUNT),
        region: network::id(network::REGION),
        id: format!("sg-{}", unique()),
    }
}

/// A note that holds until so many seconds after the beginning.
fn note(about: &About, name: &str, seconds: i64) -> Note {
    Note {
        about: about.clone(),
        name: name.to_owned(),
        until: at(seconds),
        says: Says::LeftAlone(LeftAlone {
            record: format!("record-of-{name}"),
            by: "somebody \"else\"".to_owned(),
            permissions: vec![network::to(network::block("0.0.0.0/0"))],
            switched: Vec::new(),
        }),
    }
}

fn sorted(notes: &[Note]) -> Vec<Note> {
    let sorted: BTreeSet<&Note> = notes.iter().collect();
    sorted.into_iter().cloned().collect()
}

/// A record with nothing in it but its id.
fn record() -> Record {
    Record::refused(
        Refused::OutOfTime,
        unique().as_bytes(),
        None,
        "made up".to_owned(),
        at(0),
    )
}

/// A record with facts, a finding with its plan, and a notice.
fn decided_record() -> Record {
    let (group, everything) = (
        network::id(network::APP_GROUP),
        network::to(network::block("0.0.0.0/0")),
    );
    let mut world = private_network();
    let made = world.authorize(&group, Direction::Egress, std::slice::from_ref(&everything));
    let opened = (made.unwrap().remove(0), everything);
    let event = TrailRecord::authorize_egress(&group, std::slice::from_ref(&opened));
    let desk = Desk::new(network::settings(POLICY), "2026-03-02T09:15:30Z".parse().unwrap());
    let (record, outbox) = desk.handle(&event.envelope(), &world);
    assert_eq!(findings(&record).count(), 1);
    assert_eq!(outbox.notices().len(), 1);
    Record {
        record_id: format!("record-{}", unique()),
        ..record
    }
}

fn kept(record: &Record) -> Record {
    record.for_ledger(LONGEST_RECORD)
}

/// What all futures come to, side by side; whichever is ready first comes first.
async fn together<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<Pin<Box<F>>> = futures.map(Box::pin).collect();
    let mut outputs = Vec::new();
    poll_fn(|context| {
        waiting.retain_mut(|future| match future.as_mut().poll(context) {
            Poll::Ready(output) => {
                outputs.push(output);
                false
            }
            Poll::Pending => true,
        });
        if waiting.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    outputs
}
