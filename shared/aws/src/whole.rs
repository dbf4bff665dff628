//! Refuses replies of EC2 and DynamoDB that end too early.
//!
//! A reply that is cut short without the connection noticing (a proxy in between, a body without a length) still
//! parses: the SDK's XML reader takes the end of the text for the end of the list, and half a list of rules for all of
//! them. To a guardrail that would read as "nothing is open". Its JSON reader takes no text at all for an empty answer:
//! "nothing is remembered".

use aws_sdk_ec2::config::interceptors::FinalizerInterceptorContextMut;
use aws_sdk_ec2::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ec2::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{Metadata, OrchestratorError};

/// The reply did not end with the tag that closes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reply ends before its closing tag: ask again")]
pub(crate) struct CutShort;

/// Turns a successful reply that does not end as it must into a failed read, before the SDK decides whether to try
/// again: a failed read is transient, so it does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WholeReplies {
    /// EC2's end with `</…Response>`.
    Xml,
    /// Those of `DynamoDB` and of services that speak of APIs end with `}`.
    Json,
}

impl Intercept for WholeReplies {
    fn name(&self) -> &'static str {
        "WholeReplies"
    }

    /// Runs after an attempt was parsed, when the whole body is in memory.
    fn modify_before_attempt_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(metadata) = config.load::<Metadata>() else {
            return Ok(());
        };
        let reply = context.response().filter(|response| response.status().is_success());
        let body = reply.and_then(|response| response.body().bytes());
        let cut_short = body.is_some_and(|body| !self.is_whole(body, metadata.name()));
        if let Some(outcome) = context.output_or_error_mut()
            && cut_short
            && outcome.as_ref().err().is_none_or(OrchestratorError::is_operation_error)
        {
            *outcome = Err(OrchestratorError::response(Box::new(CutShort)));
        }
        Ok(())
    }
}

impl WholeReplies {
    fn is_whole(self, body: &[u8], operation: &str) -> bool {
        match self {
            Self::Xml => is_closed(body, operation),
            Self::Json => body.trim_ascii_end().ends_with(b"}"),
        }
    }
}

/// Whether a body ends with the closing tag of the operation's reply.
fn is_closed(body: &[u8], operation: &str) -> bool {
    let rest = body.trim_ascii_end().strip_suffix(b"Response>");
    let rest = rest.and_then(|rest| rest.strip_suffix(operation.as_bytes()));
    rest.is_some_and(|rest| rest.ends_with(b"</"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_no_whole_json() {
        assert!(
            WholeReplies::Json.is_whole(b"{}", "GetItem") && WholeReplies::Json.is_whole(b"{\"a\":{}}\n", "GetItem")
        );
        assert!(!WholeReplies::Json.is_whole(b"", "GetItem") && !WholeReplies::Json.is_whole(b"{\"a\":", "GetItem"));
    }

    #[test]
    fn only_a_body_that_ends_with_its_closing_tag_is_closed() {
        let whole = "<?xml version=\"1.0\"?>\n<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>";
        assert!(is_closed(whole.as_bytes(), "DescribeVpcs"));
        assert!(is_closed(format!("{whole}\n ").as_bytes(), "DescribeVpcs"));
        for end in 0..whole.len() {
            assert!(!is_closed(&whole.as_bytes()[..end], "DescribeVpcs"), "cut at {end}");
        }
        assert!(!is_closed(whole.as_bytes(), "DescribeSubnets"));
    }
}
