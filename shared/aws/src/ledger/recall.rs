//! Reads notes, many items at once.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{Abouts, Note};
use guardrail_runner::ports::KeepError;

use super::item::{Foreign, Item, KEY};
use super::{Ledger, notes};
use crate::needs::BATCH_GET_ITEM as ACTION;

/// How many items a call reads at most (API reference of `BatchGetItem`).
const ITEMS: usize = 100;
/// How often items are asked for that `DynamoDB` leaves out of its replies.
const ROUNDS: u32 = 4;

impl Ledger {
    /// The notes about these that still matter, in order, within the time of one operation.
    pub(super) async fn notes_about(&self, about: &Abouts, now: Timestamp) -> Result<Vec<Note>, KeepError> {
        let keys: Vec<Item> = about
            .iter()
            .map(|about| HashMap::from([(KEY.to_owned(), AttributeValue::S(about.to_string()))]))
            .collect();
        let all = async {
            let mut recalled = Vec::new();
            for keys in keys.chunks(ITEMS) {
                for item in self.items(keys).await? {
                    let notes = notes::read(&item, now, &self.stale);
                    recalled.extend(notes.map_err(|what| self.foreign(ACTION, &what))?);
                }
            }
            recalled.sort_unstable();
            Ok(recalled)
        };
        let in_time = tokio::time::timeout(self.timeouts.operation, all).await;
        in_time.unwrap_or_else(|_| Err(self.unavailable(ACTION, "Timeout")))
    }

    /// The items with these keys, as far as there are any. Those that a reply leaves out, for want of throughput or for
    /// its length, are asked for again, after pauses that double.
    async fn items(&self, keys: &[Item]) -> Result<Vec<Item>, KeepError> {
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.to_vec()))
            .consistent_read(true);
        let mut wanted = wanted.build().map_err(|error| self.not_sent(ACTION, &error))?;
        let mut items = Vec::new();
        let mut pause = self.timeouts.backoff;
        for _round in 0..ROUNDS {
            let sent = self
                .client
                .batch_get_item()
                .request_items(&self.table, wanted)
                .send()
                .await;
            let reply = sent.map_err(|error| self.failed(ACTION, &error))?;
            let Some(found) = reply.responses else {
                return Err(self.foreign(ACTION, &Foreign("the reply holds no `Responses`".to_owned())));
            };
            // There is one table; by its ARN or by its name is the caller's choice.
            items.extend(found.into_values().flatten());
            let left = reply.unprocessed_keys.into_iter().flat_map(HashMap::into_values).next();
            let Some(left) = left.filter(|left| !left.keys().is_empty()) else {
                return Ok(items);
            };
            wanted = left;
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
        Err(self.unavailable(ACTION, "UnprocessedKeys"))
    }
}
