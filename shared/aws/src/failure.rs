//! Why a call gave no answer: one code for each way that it can fail.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ec2::error::DisplayErrorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use guardrail_policy::facts::{Fact, Missing, Unreadable};

use aws_sdk_ec2::error::ProvideErrorMetadata;

use crate::whole::CutShort;

/// What a read came to instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// AWS said that what was asked for does not exist.
    Gone,
    /// AWS did not say.
    Unreadable(Unreadable),
}

impl Failure {
    /// What an SDK error means to whoever asked for one thing by its id.
    pub(crate) fn of<E>(action: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let code = code(error);
        tracing::debug!(action, code, error = %DisplayErrorContext(error), "no answer");
        // EC2 names what it does not find, other services do not.
        if code.ends_with(".NotFound") || code == "NotFoundException" {
            Self::Gone
        } else {
            Self::unreadable(action, code)
        }
    }

    /// The answer came, but is not what EC2's documentation says it is.
    pub(crate) fn unparsable(action: &'static str, what: &Unparsable) -> Self {
        tracing::warn!(action, %what, "unparsable answer");
        Self::unreadable(action, "Unparsable".to_owned())
    }

    pub(crate) fn unreadable(action: &'static str, code: String) -> Self {
        Self::Unreadable(Unreadable {
            action: action.to_owned(),
            code,
        })
    }
}

impl<T> From<Failure> for Fact<T> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Gone => Missing::Gone.into(),
            Failure::Unreadable(why) => Missing::Unreadable(why).into(),
        }
    }
}

/// A part of an answer that is not in its documented form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}, against EC2's API reference: update vpc-guardrail, which knows an older form")]
pub(crate) struct Unparsable(pub(crate) String);

/// AWS's error code, or why there is none: `Timeout`, `ConnectionFailed`, `NoCredentials`, `NotSent`, `Truncated`,
/// `Unparsable`, or `HttpStatus503` for an error page that is not AWS's.
pub(crate) fn code<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(code) = error.as_service_error().and_then(ProvideErrorMetadata::code) {
        return code.to_owned();
    }
    let own = match error {
        _ if chain(error).any(|cause| cause.is::<CredentialsError>()) => "NoCredentials",
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "Timeout",
        SdkError::DispatchFailure(_) => "ConnectionFailed",
        SdkError::ConstructionFailure(_) => "NotSent",
        _ if chain(error).any(|cause| cause.is::<CutShort>()) => "Truncated",
        // The body is only there when it was read to its end.
        _ if error.raw_response().is_none_or(|reply| reply.body().bytes().is_none()) => "Truncated",
        _ => return unparsed(error.raw_response()),
    };
    own.to_owned()
}

fn unparsed(reply: Option<&HttpResponse>) -> String {
    match reply.map(HttpResponse::status) {
        Some(status) if !status.is_success() => format!("HttpStatus{}", status.as_u16()),
        _ => "Unparsable".to_owned(),
    }
}

/// An error and everything that caused it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
