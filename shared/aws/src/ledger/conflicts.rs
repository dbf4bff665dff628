//! Lets the SDK try again what met another write to the same item.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

use super::cancelled;

/// Why a transaction may go through the next time (API reference of `TransactWriteItems`).
const PASSING: [&str; 3] = [
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
];

/// Classifies conflicts as throttling, with its pauses; the SDK by itself gives up on them. Nothing of what conflicted was
/// done (developer guide, "Transaction conflict handling").
#[derive(Debug)]
pub(crate) struct Conflicts;

impl ClassifyRetry for Conflicts {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let outcome = context.output_or_error().and_then(Result::err);
        let error = outcome.and_then(OrchestratorError::as_operation_error);
        let write = error.and_then(|error| error.downcast_ref::<UpdateItemError>());
        let transaction = error.and_then(|error| error.downcast_ref::<TransactWriteItemsError>());
        if write.is_some_and(UpdateItemError::is_transaction_conflict_exception) || transaction.is_some_and(is_passing)
        {
            RetryAction::throttling_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "Conflicts"
    }
}

/// Whether all that stood in the way of a transaction passes.
fn is_passing(error: &TransactWriteItemsError) -> bool {
    let mut codes = cancelled::codes(error).peekable();
    codes.peek().is_some() && codes.all(|(_, code)| PASSING.contains(&code))
}
