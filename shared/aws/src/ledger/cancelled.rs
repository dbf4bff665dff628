//! Why a transaction was not carried out.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

/// The code of a condition that did not hold.
pub(super) const CONDITION: &str = "ConditionalCheckFailed";

/// What stood in the way, by the number of the change that met it. `DynamoDB` lists a reason for each change, in order,
/// `None` for those that met nothing (API reference of `TransactWriteItems`).
pub(super) fn codes(error: &TransactWriteItemsError) -> impl Iterator<Item = (usize, &str)> {
    let reasons = match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled.cancellation_reasons(),
        _ => &[],
    };
    let codes = reasons.iter().enumerate();
    codes
        .filter_map(|(number, reason)| Some((number, reason.code()?)))
        .filter(|(_, code)| *code != "None")
}
