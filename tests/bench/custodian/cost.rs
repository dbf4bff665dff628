//! What a million warm events cost at Lambda's list price.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use harness::template::Template;

use super::contest::Warm;
use crate::OURS;

/// US dollars in us-east-1, arm64, as `infra/cost.py` has them: a million requests, and a gigabyte second.
pub(super) const MILLION_REQUESTS: f64 = 0.20;
pub(super) const GB_SECOND: f64 = 0.000_013_333_4;
/// The memory in MB with which Lambda gives one whole processor; with less it gives a share.
pub(super) const WHOLE_PROCESSOR: f64 = 1769.0;

/// In US dollars, with this memory in MB. The processor's time grows as the share of a processor shrinks; the time spent waiting
/// for AWS stays what it was.
pub(super) fn of_a_million(warm: &Warm, memory: u32) -> f64 {
    let share = (f64::from(memory) / WHOLE_PROCESSOR).min(1.0);
    let processor = warm.mean_processor.as_secs_f64();
    let waiting = warm.wall.median().saturating_sub(warm.mean_processor);
    let billed = milliseconds_begun(processor / share + waiting.as_secs_f64());
    MILLION_REQUESTS + 1e6 * billed.as_secs_f64() * f64::from(memory) / 1024.0 * GB_SECOND
}

/// Lambda bills every millisecond that was begun.
fn milliseconds_begun(seconds: f64) -> Duration {
    Duration::from_secs_f64((seconds * 1e3).ceil() / 1e3)
}

/// The memory that our template gives the function, in MB.
pub(super) fn our_memory() -> anyhow::Result<u32> {
    let template = Template::read()?;
    let memory = template.property(OURS, "Function", "MemorySize")?;
    let memory = memory.as_u64().context("the memory is a number")?;
    u32::try_from(memory).map_err(|_| anyhow!("`{memory}` MB is no memory of a function"))
}
