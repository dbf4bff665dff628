//! The time of judging.

use std::time::Duration;

use anyhow::{Result, anyhow};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::jiff::civil::Date;
use guardrail_policy::jiff::tz::TimeZone;
use guardrail_runner::ports::Clock;

/// The machine's clock, or a time that was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReplayClock {
    /// The time that was given.
    pub(super) at: Option<Timestamp>,
    /// Whether waiting can change an answer: a snapshot gives the same one for ever.
    pub(super) waits: bool,
}

impl Clock for ReplayClock {
    fn now(&self) -> Timestamp {
        self.at.unwrap_or_else(Timestamp::now)
    }

    async fn wait(&self, duration: Duration) {
        if self.waits {
            tokio::time::sleep(duration).await;
        }
    }
}

/// A time as people give it: a date and time with its offset, or a date, which means its first moment in UTC.
pub(in crate::commands) fn time(text: &str) -> Result<Timestamp> {
    let of_date = |date: Date| date.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    let time = text
        .parse::<Timestamp>()
        .or_else(|_| text.parse::<Date>().and_then(of_date));
    time.map_err(|_| anyhow!("it is no time: write it like `2027-01-31T23:59:59Z` or `2027-01-31`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_moment_or_the_first_moment_of_a_date() {
        let shown = |text| time(text).map_or_else(|error| error.to_string(), |time| time.to_string());
        assert_eq!(shown("2027-01-31T23:59:59Z"), "2027-01-31T23:59:59Z");
        assert_eq!(shown("2027-01-31T23:59:59+02:00"), "2027-01-31T21:59:59Z");
        assert_eq!(shown("2027-01-31"), "2027-01-31T00:00:00Z");
        assert_eq!(
            shown("31.1.2027"),
            "it is no time: write it like `2027-01-31T23:59:59Z` or `2027-01-31`"
        );
    }
}
