//! The ledger in a `DynamoDB` table: entries, records and notes, side by side under one key.
//!
//! The table has the partition key `key` (a string) and no sort key; its time to live is the attribute `expires`.
//!
//! | item | key | attributes |
//! |---|---|---|
//! | entry | [`EntryKey`] | `owner`, `lease_until`, `stage`: `claimed`, `intended`, `settled`, `told`; `record` while intended or settled |
//! | record | its id | `record` |
//! | notes | what they are about | one for each note, by its name |
//! | what sweeps saw | `sweep#` and where | `text` |

mod cancelled;
mod change;
mod check;
mod conflicts;
mod entry;
mod item;
mod notes;
mod recall;
mod remember;
mod write;

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{Abouts, EntryKey, Lease, Note};
use guardrail_policy::record::Record;
use guardrail_runner::ports::{Claim, Keep, KeepError};

use crate::failure;
use crate::needs::{GET_ITEM, PUT_ITEM, UPDATE_ITEM};
use crate::timeouts::Timeouts;
pub(crate) use conflicts::Conflicts;
use item::Foreign;

/// The longest key of an item, in bytes (developer guide, "Quotas").
const LONGEST_KEY: usize = 2048;

/// Keeps the ledger in one table.
///
/// A write whose reply was lost is sent again: it finds its own owner in the entry, and writes the same once more.
#[derive(Debug)]
pub struct Ledger {
    client: aws_sdk_dynamodb::Client,
    table: String,
    timeouts: Timeouts,
    stale: notes::Stale,
}

impl Keep for Ledger {
    /// One `UpdateItem`, which returns the entry as it is now, or as it was when somebody else's.
    async fn claim(&self, key: &EntryKey, lease: &Lease, now: Timestamp) -> Result<Claim, KeepError> {
        let call = entry::claim(key, lease, now).alone(self.client.update_item().table_name(&self.table));
        let sent = call
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let claim = match sent {
            Ok(reply) => reply.attributes().map(entry::claimed),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(held)) => held.item().map(entry::refused),
                _ => return Err(self.failed(UPDATE_ITEM, &error)),
            },
        };
        let claim = claim.unwrap_or_else(|| Err(Foreign("the reply holds no item".to_owned())));
        claim.map_err(|what| self.foreign(UPDATE_ITEM, &what))
    }

    /// One `BatchGetItem` for each hundred, in order, with consistent reads.
    async fn recall(&self, about: &Abouts, now: Timestamp) -> Result<Vec<Note>, KeepError> {
        self.notes_about(about, now).await
    }

    /// One `TransactWriteItems`.
    async fn intend(&self, key: &EntryKey, lease: &Lease, record: &Record, notes: &[Note]) -> Result<(), KeepError> {
        let json = item::record(record).map_err(|error| self.not_sent(UPDATE_ITEM, &error))?;
        self.advance(entry::intended(key, lease, json), notes).await
    }

    /// One `TransactWriteItems`.
    async fn settle(&self, key: &EntryKey, lease: &Lease, record: &Record) -> Result<(), KeepError> {
        let json = item::record(record).map_err(|error| self.not_sent(PUT_ITEM, &error))?;
        self.advance_and_keep(entry::settled(key, lease, json.clone()), &record.record_id, json)
            .await
    }

    /// One `UpdateItem`, or one `TransactWriteItems` where there are notes.
    async fn told(&self, key: &EntryKey, lease: &Lease, notes: &[Note]) -> Result<(), KeepError> {
        self.advance(entry::told(key, lease), notes).await
    }

    /// One `UpdateItem`.
    async fn release(&self, key: &EntryKey, lease: &Lease) -> Result<(), KeepError> {
        self.advance(entry::released(key, lease), &[]).await
    }

    /// One `GetItem`.
    async fn record(&self, id: &str) -> Result<Option<Record>, KeepError> {
        // DynamoDB takes such a key for a mistake in the call.
        if id.is_empty() || id.len() > LONGEST_KEY {
            return Ok(None);
        }
        let call = self.client.get_item().table_name(&self.table).consistent_read(true);
        let sent = call.key(item::KEY, item::string(id)).send().await;
        let found = sent.map_err(|error| self.failed(GET_ITEM, &error))?.item;
        // Entries hold a record as well, which is not yet kept by its own id.
        let Some(found) = found.filter(|found| found.contains_key(item::RECORD) && !found.contains_key(item::STAGE))
        else {
            return Ok(None);
        };
        item::json(&found, item::RECORD)
            .map(Some)
            .map_err(|what| self.foreign(GET_ITEM, &what))
    }

    /// One `UpdateItem` for each thing that the notes are about.
    async fn note(&self, notes: &[Note]) -> Result<(), KeepError> {
        self.write_notes(notes).await
    }
}

impl Ledger {
    pub(crate) fn new(client: aws_sdk_dynamodb::Client, table: &str, timeouts: &Timeouts) -> Self {
        Self {
            client,
            table: table.to_owned(),
            timeouts: *timeouts,
            stale: notes::Stale::default(),
        }
    }

    fn unavailable(&self, action: &str, code: impl Into<String>) -> KeepError {
        KeepError::Unavailable {
            action: action.to_owned(),
            code: code.into(),
            table: self.table.clone(),
        }
    }

    fn failed<E>(&self, action: &'static str, error: &SdkError<E, HttpResponse>) -> KeepError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let code = failure::code(error);
        tracing::debug!(action, code, error = %aws_sdk_dynamodb::error::DisplayErrorContext(error), "not kept");
        self.unavailable(action, code)
    }

    fn foreign(&self, action: &'static str, what: &Foreign) -> KeepError {
        tracing::warn!(action, table = self.table, %what, "unparsable item");
        self.unavailable(action, "Unparsable")
    }

    fn not_sent(&self, action: &'static str, why: &dyn fmt::Display) -> KeepError {
        tracing::warn!(action, table = self.table, %why, "cannot be written");
        self.unavailable(action, "NotSent")
    }
}
