//! The table of a function's ledger, in the emulated AWS.

use serde_json::{Value, json};

use crate::user::User;
use crate::{Error, Result, unique};

/// A table in the form that the guardrail asks for.
pub struct LedgerTable {
    owner: User,
    name: String,
}

impl LedgerTable {
    /// Makes a table of one's own.
    ///
    /// # Errors
    /// Where AWS refuses.
    pub fn create(owner: User) -> Result<Self> {
        let name = format!("guardrail-ledger-{}", unique::suffix());
        owner.call(
            "dynamodb",
            "create_table",
            &json!({
                "TableName": name,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{ "AttributeName": "key", "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": "key", "KeyType": "HASH" }],
            }),
        )?;
        owner.call(
            "dynamodb",
            "update_time_to_live",
            &json!({
                "TableName": name,
                "TimeToLiveSpecification": { "Enabled": true, "AttributeName": "expires" },
            }),
        )?;
        Ok(Self { owner, name })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every item whose key begins so, in `DynamoDB`'s own form.
    ///
    /// # Errors
    /// Where AWS refuses, or answers with no list of items.
    pub fn items(&self, prefix: &str) -> Result<Vec<Value>> {
        let answer = self
            .owner
            .call("dynamodb", "scan", &json!({ "TableName": self.name }))?;
        let items = answer.get("Items").and_then(Value::as_array);
        let items = items.ok_or_else(|| Error::shape("a list of items", &answer))?;
        let key = |item: &Value| item.pointer("/key/S").and_then(Value::as_str).map(str::to_owned);
        let begins = |item: &&Value| key(item).is_some_and(|key| key.starts_with(prefix));
        Ok(items.iter().filter(begins).cloned().collect())
    }
}
