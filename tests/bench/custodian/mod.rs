//! Beside Cloud Custodian: the same calls of the same person, in the same emulated AWS, behind the same Runtime API.

mod contest;
mod cost;
mod deployed;
mod side;
mod told;

use std::sync::Arc;

use anyhow::Context as _;
use harness::emulator::Emulator;
use harness::stage::{NOTIFY_POLICY, REVERT_POLICY, Stage};

use crate::effort::Effort;
use crate::page::Page;
use crate::revert::LIMITS;
use contest::{Contest, Kind, Wanted};
use deployed::Deployed;
use told::{Result, tell};

/// How many starts of each are measured, and how many are made before, for the file cache.
const STARTS: usize = 30;
const BEFORE: usize = 3;
/// How many warm events of a kind each serves before it is looked at, and how many then.
const WARMING: usize = 5;
const TIMED: usize = 100;
/// Lets both serve the same events and shows what that cost each.
pub(crate) fn measure(page: &mut Page, effort: Effort) -> anyhow::Result<()> {
    let emulator = Arc::new(Emulator::start()?);
    let mut stage = Stage::set_to_act(Arc::clone(&emulator), &format!("{REVERT_POLICY}{LIMITS}"))?;
    let mut custodian = Deployed::start(&emulator, "taken-back")?;
    let mut acting = Contest::between(&mut stage, &mut custodian)?;
    let taken_back = Kind::new("opened to 0.0.0.0/0, taken back", "0.0.0.0/0", Wanted::TakenBack);
    let idle_starts = acting.idle_starts(effort)?;
    let starts = acting.starts(&taken_back, effort)?;
    let harmless = Kind::new("10.99.0.0/16 added, nothing to do", "10.99.0.0/16", Wanted::Nothing);
    let mut warm = vec![acting.warm(taken_back, effort)?, acting.warm(harmless, effort)?];
    let peaks = acting.peaks()?;

    let mut telling_stage = Stage::set(Arc::clone(&emulator), NOTIFY_POLICY)?;
    let mut telling_custodian = Deployed::start(&emulator, "told")?;
    let mut telling = Contest::between(&mut telling_stage, &mut telling_custodian)?;
    let told = Kind::new("opened to 0.0.0.0/0, told", "0.0.0.0/0", Wanted::Told);
    warm.insert(1, telling.warm(told, effort).context("the events that are told")?);
    let result = Result {
        idle_starts,
        starts,
        warm,
        peaks,
    };
    tell(page, &custodian.about, &result)
}
