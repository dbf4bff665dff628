//! Durations of one thing that was done again and again.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How many batches [`Samples::of_work`] times, and how long one takes at least.
const BATCHES: usize = 200;
const BATCH: Duration = Duration::from_millis(2);

/// Durations, in ascending order; there is at least one.
#[derive(Debug, Clone)]
pub(crate) struct Samples {
    sorted: Vec<Duration>,
}

impl Samples {
    pub(crate) fn of(mut durations: Vec<Duration>) -> Self {
        durations.sort();
        Self { sorted: durations }
    }

    /// Times `work` in batches that the clock can resolve; each sample is a batch's mean.
    pub(crate) fn of_work<T>(mut work: impl FnMut() -> T) -> Self {
        let mut batch = |times: u32| {
            let began = Instant::now();
            for _ in 0..times {
                black_box(work());
            }
            began.elapsed()
        };
        let mut times = 1;
        while batch(times) < BATCH {
            times *= 2;
        }
        Self::of((0..BATCHES).map(|_| batch(times) / times).collect())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.sorted.len()
    }

    pub(crate) fn median(&self) -> Duration {
        self.percentile(50)
    }

    fn percentile(&self, percent: usize) -> Duration {
        let last = self.sorted.len().saturating_sub(1);
        let at = (last * percent + 50) / 100;
        self.sorted.get(at).copied().unwrap_or_default()
    }

    /// This median by the other's.
    pub(crate) fn ratio_to(&self, other: &Self) -> f64 {
        self.median().as_secs_f64() / other.median().as_secs_f64()
    }
}

/// The median, and in parentheses the tenth and the ninetieth percentile.
impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, per_second) = if self.median() < Duration::from_millis(1) {
            ("µs", 1e6)
        } else {
            ("ms", 1e3)
        };
        let [median, low, high] = [50, 10, 90].map(|percent| self.percentile(percent).as_secs_f64() * per_second);
        write!(f, "{median:.2} {unit} ({low:.2} to {high:.2})")
    }
}
