//! Forbids the SDK to send again what may have been done.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};

use super::is_refusal;

/// Lets only those attempts be followed by another that AWS certainly did not carry out: throttled ones, and whatever else
/// it refused and the SDK knows how to mend (a clock that is wrong).
///
/// A lost reply is the SDK's usual reason to try again. The reply to the second attempt would then be about the second
/// attempt alone: "not found", said of what the first one took away, reads as if somebody else had done it.
#[derive(Debug)]
pub(crate) struct AtMostOnce;

impl ClassifyRetry for AtMostOnce {
    /// Has no opinion without those of the others.
    fn classify_retry(&self, _: &InterceptorContext) -> RetryAction {
        RetryAction::NoActionIndicated
    }

    fn classify_retry_v2(&self, context: &InterceptorContext, others: &RetryAction) -> RetryAction {
        let refused = context.response().is_some_and(is_refusal);
        if refused || is_throttling(others) {
            RetryAction::NoActionIndicated
        } else {
            RetryAction::RetryForbidden
        }
    }

    fn name(&self) -> &'static str {
        "AtMostOnce"
    }

    /// After all of the SDK's own.
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

fn is_throttling(action: &RetryAction) -> bool {
    match action {
        RetryAction::RetryIndicated(RetryReason::RetryableError { kind, .. }) => {
            RetryAction::retryable_error(*kind) == RetryAction::throttling_error()
        }
        _ => false,
    }
}
