//! How far a scan has come, where somebody watches.

use std::time::Duration;

use guardrail_policy::id::Region;
use indicatif::ProgressBar;

use crate::commands::replay::progress::styled;

/// How often the spinner turns.
const TURNS: Duration = Duration::from_millis(150);

/// A line on standard error; none where that is no terminal.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Nothing is known yet.
    pub(super) fn new() -> Self {
        let bar = styled(
            ProgressBar::no_length(),
            "{spinner} {prefix}{pos} resources looked at{msg}",
        );
        bar.enable_steady_tick(TURNS);
        Self(bar)
    }

    /// The line itself, for whoever writes beside it.
    pub(super) fn bar(&self) -> ProgressBar {
        self.0.clone()
    }

    /// Another Region.
    pub(super) fn enter(&self, region: &Region) {
        self.0.set_prefix(format!("{region}: "));
        self.0.set_message("");
    }

    /// Another VPC, or the account, with so many VPCs after it.
    pub(super) fn enter_area(&self, name: &str, waiting: usize) {
        self.0.set_message(format!(", in {name}, {waiting} more VPCs to go"));
    }

    /// So many resources more were judged.
    pub(super) fn judged(&self, resources: usize) {
        self.0.inc(u64::try_from(resources).unwrap_or(u64::MAX));
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
