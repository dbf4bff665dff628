//! The ledger that the configuration names: a table, or the memory of this process.

use guardrail_aws::Aws;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{Abouts, EntryKey, Lease, Note};
use guardrail_policy::record::Record;
use guardrail_runner::Memory;
use guardrail_runner::ports::{Claim, Keep, KeepError};
use guardrail_runner::sweep::Remember;

/// What `GUARDRAIL_LEDGER_TABLE` says for a ledger in memory: for tests, since another instance does not know it.
const MEMORY: &str = "memory";

/// The ledger of this function.
pub(crate) enum AnyLedger {
    Table(guardrail_aws::Ledger),
    Memory(Memory),
}

impl AnyLedger {
    pub(crate) fn new(name: &str, aws: &Aws) -> Self {
        match name {
            MEMORY => Self::Memory(Memory::default()),
            table => Self::Table(aws.ledger(table)),
        }
    }
}

/// Passes a call on to whichever ledger it is.
macro_rules! pass_on {
    ($self:ident.$method:ident($($argument:expr),*)) => {
        match $self {
            Self::Table(ledger) => ledger.$method($($argument),*).await,
            Self::Memory(ledger) => ledger.$method($($argument),*).await,
        }
    };
}

impl Keep for AnyLedger {
    async fn claim(&self, key: &EntryKey, lease: &Lease, now: Timestamp) -> Result<Claim, KeepError> {
        pass_on!(self.claim(key, lease, now))
    }

    async fn recall(&self, about: &Abouts, now: Timestamp) -> Result<Vec<Note>, KeepError> {
        pass_on!(self.recall(about, now))
    }

    async fn intend(&self, key: &EntryKey, lease: &Lease, record: &Record, notes: &[Note]) -> Result<(), KeepError> {
        pass_on!(self.intend(key, lease, record, notes))
    }

    async fn settle(&self, key: &EntryKey, lease: &Lease, record: &Record) -> Result<(), KeepError> {
        pass_on!(self.settle(key, lease, record))
    }

    async fn told(&self, key: &EntryKey, lease: &Lease, notes: &[Note]) -> Result<(), KeepError> {
        pass_on!(self.told(key, lease, notes))
    }

    async fn release(&self, key: &EntryKey, lease: &Lease) -> Result<(), KeepError> {
        pass_on!(self.release(key, lease))
    }

    async fn record(&self, id: &str) -> Result<Option<Record>, KeepError> {
        pass_on!(self.record(id))
    }

    async fn note(&self, notes: &[Note]) -> Result<(), KeepError> {
        pass_on!(self.note(notes))
    }
}

impl Remember for AnyLedger {
    async fn remembered(&self, key: &str) -> Result<Option<String>, KeepError> {
        pass_on!(self.remembered(key))
    }

    async fn remember(&self, key: &str, text: &str) -> Result<(), KeepError> {
        pass_on!(self.remember(key, text))
    }
}
