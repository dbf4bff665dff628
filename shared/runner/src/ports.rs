//! The narrow ports through which the flow touches the world.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use guardrail_policy::facts::{Answered, Question};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::message::Notice;

/// Reads what is there.
pub trait Answer {
    /// Answers every question, side by side: exactly one answer for each, `Unreadable` rather than none.
    fn answer(&self, questions: &BTreeSet<Question>) -> impl Future<Output = Vec<Answered>>;
}

/// Tells the security team.
pub trait Tell {
    /// Sends one notice.
    ///
    /// # Errors
    /// [`TellError`] when it is not known to have been sent; it may have been.
    fn tell(&self, notice: &Notice) -> impl Future<Output = Result<(), TellError>>;
}

/// The only clock.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn wait(&self, duration: Duration) -> impl Future<Output = ()>;
}

/// A notice that is not known to have been sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the notice could not be sent (`{code}`): check that `{to}` exists, and that the function may publish to it")]
pub struct TellError {
    /// AWS's error code, or `Timeout`, `ConnectionFailed`.
    pub code: String,
    /// Where it was to go.
    pub to: String,
}
