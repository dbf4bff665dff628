//! A ledger in memory: for tests, and for one process that opts in to it. Another process does not know what it knows.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{About, Abouts, EntryKey, Lease, Note};
use guardrail_policy::record::Record;

use crate::ports::{Claim, Keep, KeepError};
use crate::sweep::Remember;

/// The longest record that is kept, in bytes of JSON: as long as an item of `DynamoDB` can be, less what else is in it.
pub const LONGEST_RECORD: usize = 300 * 1024;

/// A ledger that lives as long as the process.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    entries: BTreeMap<EntryKey, Entry>,
    records: BTreeMap<String, Record>,
    notes: BTreeMap<(About, String), Note>,
    texts: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
struct Entry {
    lease: Lease,
    stage: Stage,
}

#[derive(Debug, Clone)]
enum Stage {
    Claimed,
    Intended(Box<Record>),
    Settled(Box<Record>),
    Told,
}

impl Memory {
    /// Does something with what is kept, alone. Nothing is half done when a holder of the lock panics.
    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    /// The entry, if this lease holds it.
    fn held(&mut self, key: &EntryKey, lease: &Lease) -> Result<&mut Entry, KeepError> {
        let entry = self.entries.get_mut(key).ok_or(KeepError::Lost)?;
        (entry.lease.owner == lease.owner)
            .then_some(entry)
            .ok_or(KeepError::Lost)
    }

    fn put(&mut self, notes: &[Note]) {
        for note in notes {
            self.notes.insert((note.about.clone(), note.name.clone()), note.clone());
        }
    }
}

impl Keep for Memory {
    async fn claim(&self, key: &EntryKey, lease: &Lease, now: Timestamp) -> Result<Claim, KeepError> {
        self.with(|kept| {
            let entry = kept.entries.entry(key.clone()).or_insert_with(|| Entry {
                lease: lease.clone(),
                stage: Stage::Claimed,
            });
            if matches!(entry.stage, Stage::Told) {
                return Ok(Claim::Told);
            }
            if entry.lease.owner != lease.owner && now < entry.lease.until {
                let until = entry.lease.until;
                return Ok(Claim::Held { until });
            }
            entry.lease = lease.clone();
            Ok(match &entry.stage {
                Stage::Intended(record) => Claim::Intended(Box::new(record.handover())),
                Stage::Settled(record) => Claim::Settled(Box::new(record.handover())),
                Stage::Claimed | Stage::Told => Claim::New,
            })
        })
    }

    async fn recall(&self, about: &Abouts, now: Timestamp) -> Result<Vec<Note>, KeepError> {
        self.with(|kept| {
            kept.notes.retain(|_, note| note.until > now);
            let notes = kept.notes.values().filter(|note| about.contains(&note.about));
            Ok(notes.cloned().collect())
        })
    }

    async fn intend(&self, key: &EntryKey, lease: &Lease, record: &Record, notes: &[Note]) -> Result<(), KeepError> {
        self.with(|kept| {
            let record = record.for_ledger(LONGEST_RECORD);
            kept.held(key, lease)?.stage = Stage::Intended(Box::new(record));
            kept.put(notes);
            Ok(())
        })
    }

    async fn settle(&self, key: &EntryKey, lease: &Lease, record: &Record) -> Result<(), KeepError> {
        self.with(|kept| {
            let record = record.for_ledger(LONGEST_RECORD);
            kept.held(key, lease)?.stage = Stage::Settled(Box::new(record.clone()));
            kept.records.insert(record.record_id.clone(), record);
            Ok(())
        })
    }

    async fn told(&self, key: &EntryKey, lease: &Lease, notes: &[Note]) -> Result<(), KeepError> {
        self.with(|kept| {
            kept.held(key, lease)?.stage = Stage::Told;
            kept.put(notes);
            Ok(())
        })
    }

    async fn release(&self, key: &EntryKey, lease: &Lease) -> Result<(), KeepError> {
        self.with(|kept| {
            kept.held(key, lease)?.lease.until = Timestamp::UNIX_EPOCH;
            Ok(())
        })
    }

    async fn record(&self, id: &str) -> Result<Option<Record>, KeepError> {
        self.with(|kept| Ok(kept.records.get(id).cloned()))
    }

    async fn note(&self, notes: &[Note]) -> Result<(), KeepError> {
        self.with(|kept| kept.put(notes));
        Ok(())
    }
}

impl Remember for Memory {
    async fn remembered(&self, key: &str) -> Result<Option<String>, KeepError> {
        self.with(|kept| Ok(kept.texts.get(key).cloned()))
    }

    async fn remember(&self, key: &str, text: &str) -> Result<(), KeepError> {
        self.with(|kept| kept.texts.insert(key.to_owned(), text.to_owned()));
        Ok(())
    }
}
