//! Writes: an entry with what goes along with it, all or nothing.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use futures::future::join_all;
use guardrail_policy::ledger::{Note, RECORDS_KEPT};
use guardrail_runner::ports::KeepError;

use super::change::Change;
use super::item::{EXPIRES, KEY, RECORD, expiry, string};
use super::{Ledger, cancelled, notes};
use crate::needs::{PUT_ITEM, UPDATE_ITEM};

/// Why a write was not made.
enum Refused {
    /// The condition on this change did not hold.
    Condition(usize),
    /// Another reason.
    Other(KeepError),
}

impl Ledger {
    /// Moves an entry on that the lease holds, and writes notes.
    pub(super) async fn advance(&self, entry: Change, notes: &[Note]) -> Result<(), KeepError> {
        let tidied = self.with_notes(&entry, notes::tidying(notes, Some(&self.stale)))?;
        let written = match self.write(tidied).await {
            // A stale note was written anew: it is not looked at any more.
            Err(Refused::Condition(1..)) => self.write(self.with_notes(&entry, notes::changes(notes))?).await,
            written => written,
        };
        written.map_err(|refused| self.lost(refused))
    }

    /// Moves an entry on that the lease holds, and keeps its record by its id.
    pub(super) async fn advance_and_keep(
        &self,
        entry: Change,
        id: &str,
        json: AttributeValue,
    ) -> Result<(), KeepError> {
        let put = Put::builder()
            .table_name(&self.table)
            .item(KEY, string(id))
            .item(RECORD, json)
            .item(EXPIRES, expiry(RECORDS_KEPT))
            .build();
        let put = put.map_err(|error| self.not_sent(PUT_ITEM, &error))?;
        let entry = entry.in_transaction(&self.table);
        let entry = entry.map_err(|error| self.not_sent(UPDATE_ITEM, &error))?;
        let put = TransactWriteItem::builder().put(put).build();
        let written = self.transact(PUT_ITEM, vec![entry, put]).await;
        written.map_err(|refused| self.lost(refused))
    }

    /// Writes notes, those about different things side by side.
    pub(super) async fn write_notes(&self, notes: &[Note]) -> Result<(), KeepError> {
        let tidying = notes::tidying(notes, Some(&self.stale)).map_err(|error| self.not_sent(UPDATE_ITEM, &error))?;
        let plain = notes::changes(notes).map_err(|error| self.not_sent(UPDATE_ITEM, &error))?;
        let writes = tidying.into_iter().zip(plain).map(async |(tidying, plain)| {
            let written = match self.update(tidying).await {
                Err(Refused::Condition(_)) => self.update(plain).await,
                written => written,
            };
            written.map_err(|refused| self.lost(refused))
        });
        join_all(writes).await.into_iter().collect()
    }

    fn with_notes(
        &self,
        entry: &Change,
        notes: Result<Vec<Change>, serde_json::Error>,
    ) -> Result<Vec<Change>, KeepError> {
        let notes = notes.map_err(|error| self.not_sent(UPDATE_ITEM, &error))?;
        Ok(std::iter::once(entry.clone()).chain(notes).collect())
    }

    /// Makes all changes or none. One by itself is that without a transaction, at half the price.
    async fn write(&self, mut changes: Vec<Change>) -> Result<(), Refused> {
        if changes.len() == 1
            && let Some(change) = changes.pop()
        {
            return self.update(change).await;
        }
        let changes = changes.into_iter().map(|change| change.in_transaction(&self.table));
        let changes = changes.collect::<Result<Vec<_>, _>>();
        let changes = changes.map_err(|error| Refused::Other(self.not_sent(UPDATE_ITEM, &error)))?;
        self.transact(UPDATE_ITEM, changes).await
    }

    async fn update(&self, change: Change) -> Result<(), Refused> {
        let call = change.alone(self.client.update_item().table_name(&self.table));
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Err(Refused::Condition(0)),
                _ => Err(Refused::Other(self.failed(UPDATE_ITEM, &error))),
            },
        }
    }

    /// The SDK gives all attempts at one call the same `ClientRequestToken`: what was done is not done again.
    async fn transact(&self, action: &'static str, items: Vec<TransactWriteItem>) -> Result<(), Refused> {
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .await;
        let Err(error) = sent else { return Ok(()) };
        let reasons: Vec<_> = error
            .as_service_error()
            .into_iter()
            .flat_map(cancelled::codes)
            .collect();
        let condition = reasons.iter().find(|(_, code)| *code == cancelled::CONDITION);
        Err(match (condition, reasons.first()) {
            (Some((number, _)), _) => Refused::Condition(*number),
            (None, Some((_, code))) => Refused::Other(self.unavailable(action, *code)),
            (None, None) => Refused::Other(self.failed(action, &error)),
        })
    }

    /// The only condition that is left by now is the one on the entry: that the lease holds it.
    fn lost(&self, refused: Refused) -> KeepError {
        match refused {
            Refused::Condition(_) => KeepError::Lost,
            Refused::Other(error) => error,
        }
    }
}
