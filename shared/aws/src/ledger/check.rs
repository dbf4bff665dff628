//! Whether the ledger's table can be used, found out without writing anything.

use std::error::Error;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::Ledger;
use super::change::Change;
use super::item::{Item, KEY, string};
use crate::access::{Access, Checked};
use crate::failure;
use crate::needs::{BATCH_GET_ITEM, PUT_ITEM, UPDATE_ITEM};

/// A key that no item has.
const NOTHING: &str = "check#nothing";
/// What a write says that is allowed and whose condition does not hold.
const UNMET: &str = "ConditionalCheckFailedException";

impl Ledger {
    /// Whether the credentials in use may do what the ledger does: one for each action of [`LEDGER`](crate::LEDGER).
    ///
    /// Reads are of an item that does not exist; writes are of the same item on the condition that it exists, so that
    /// nothing is written. `Missing` means that there is no such table; `Unknown` with `ValidationException`, that its
    /// partition key is another than the string `key`.
    pub async fn check(&self) -> [Checked; 3] {
        let key = || Item::from([(KEY.to_owned(), string(NOTHING))]);
        let call = self.client.put_item().table_name(&self.table);
        let call = call.set_item(Some(key())).expression_attribute_names("#key", KEY);
        let put = seen(call.condition_expression("attribute_exists(#key)").send().await);

        let mut change = Change::of(NOTHING).remove("nothing");
        let key_name = change.name(KEY);
        let change = change.only_if(format!("attribute_exists({key_name})"));
        let update = seen(
            change
                .alone(self.client.update_item().table_name(&self.table))
                .send()
                .await,
        );

        [
            Checked::new(BATCH_GET_ITEM, self.check_batch(key()).await),
            Checked::new(PUT_ITEM, put),
            Checked::new(UPDATE_ITEM, update),
        ]
    }

    async fn check_batch(&self, key: Item) -> Access {
        let call = self.client.batch_get_item();
        match KeysAndAttributes::builder().keys(key).build() {
            Ok(keys) => seen(call.request_items(&self.table, keys).send().await),
            Err(_) => Access::of("NotSent".to_owned()),
        }
    }
}

fn seen<T, E>(tried: Result<T, SdkError<E, HttpResponse>>) -> Access
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match tried.map_err(|error| failure::code(&error)) {
        Ok(_) => Access::Allowed,
        Err(code) if code == UNMET => Access::Allowed,
        Err(code) => Access::of(code),
    }
}
