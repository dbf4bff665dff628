//! What sweeps leave for each other: a text in an item of its own.

use guardrail_policy::jiff::SignedDuration;
use guardrail_runner::ports::KeepError;
use guardrail_runner::sweep::Remember;

use super::{Ledger, item};
use crate::needs::{GET_ITEM, PUT_ITEM};

/// For how long what a sweep saw is kept: until there have been hundreds of others, or the VPC is gone for good.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The attribute that holds the text.
const TEXT: &str = "text";

impl Remember for Ledger {
    /// One `GetItem`, with a consistent read.
    async fn remembered(&self, key: &str) -> Result<Option<String>, KeepError> {
        let call = self.client.get_item().table_name(&self.table).consistent_read(true);
        let sent = call.key(item::KEY, item::string(key)).send().await;
        let found = sent.map_err(|error| self.failed(GET_ITEM, &error))?.item;
        let text = found
            .map(|found| item::text(&found, TEXT).map(ToOwned::to_owned))
            .transpose();
        text.map_err(|what| self.foreign(GET_ITEM, &what))
    }

    /// One `PutItem`.
    async fn remember(&self, key: &str, text: &str) -> Result<(), KeepError> {
        let call = self.client.put_item().table_name(&self.table);
        let sent = call
            .item(item::KEY, item::string(key))
            .item(TEXT, item::string(text))
            .item(item::EXPIRES, item::expiry(KEPT))
            .send()
            .await;
        sent.map(|_| ()).map_err(|error| self.failed(PUT_ITEM, &error))
    }
}
