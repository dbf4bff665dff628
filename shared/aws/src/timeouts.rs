//! How long AWS may take.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

/// How often a call is tried before it counts as failed, where somebody waits for the answer.
const ATTEMPTS: u32 = 3;

/// How long each part of an AWS call may take; the SDK by itself waits for ever.
///
/// The default is made so that three slow attempts fit into one call, and a call stays well below a function's
/// time-out of a minute: an answer that does not come is then `Unreadable`, recorded and asked again, instead of a
/// function that is killed in the middle.
///
/// | part | default |
/// |---|---|
/// | `connect` | 1 s |
/// | `read` | 2.5 s |
/// | `attempt` | 3 s |
/// | `operation` | 10 s |
/// | `backoff` | 0.3 s |
/// | `attempts` | 3 |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// From the first packet to an open connection.
    pub connect: Duration,
    /// From sending a request, connecting included, to the first bytes of the reply.
    pub read: Duration,
    /// One attempt, from connecting to the last byte of the reply.
    pub attempt: Duration,
    /// One call with all its attempts and pauses; for a read, with all its pages too.
    pub operation: Duration,
    /// The longest pause before the second attempt; before the third it is twice as long. The SDK picks the actual
    /// pause at random below that.
    pub backoff: Duration,
    /// How often a call is tried; each further pause is twice as long as the one before.
    pub attempts: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(1_000),
            read: Duration::from_millis(2_500),
            attempt: Duration::from_millis(3_000),
            operation: Duration::from_millis(10_000),
            backoff: Duration::from_millis(300),
            attempts: ATTEMPTS,
        }
    }
}

impl Timeouts {
    /// For reading whole accounts, where nobody waits for a single answer: long lists have time for all their pages, and
    /// a call that EC2 throttles is tried eight times within two minutes.
    #[must_use]
    pub fn patient() -> Self {
        Self {
            connect: Duration::from_secs(3),
            read: Duration::from_secs(15),
            attempt: Duration::from_secs(20),
            operation: Duration::from_secs(120),
            backoff: Duration::from_millis(500),
            attempts: 8,
        }
    }

    pub(crate) fn timeout_config(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .read_timeout(self.read)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }

    pub(crate) fn retry_config(&self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(self.attempts)
            .with_initial_backoff(self.backoff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_slow_attempts_and_their_pauses_fit_into_one_operation() {
        let Timeouts {
            connect,
            read,
            attempt,
            operation,
            backoff,
            attempts,
        } = Timeouts::default();
        assert!(connect < read && read < attempt);
        assert!(attempt * attempts + backoff + backoff * 2 <= operation);
    }
}
