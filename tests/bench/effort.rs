//! How often things are measured.

use std::env;

use anyhow::bail;

/// How much a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Everything as often as it takes to be sure.
    Full,
    /// Everything a few times, to see that it works; the figures say nothing.
    Trial,
}

impl Effort {
    /// As the command line asks.
    pub(crate) fn asked_for() -> anyhow::Result<Self> {
        let arguments: Vec<String> = env::args().skip(1).collect();
        match arguments.as_slice() {
            [] => Ok(Self::Full),
            [one] if one == "--trial" => Ok(Self::Trial),
            others => bail!(
                "`{}` is not understood; the only argument is `--trial`",
                others.join(" ")
            ),
        }
    }

    /// How often something is done that a full run does so many times.
    pub(crate) fn times(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Trial => (full / 20).max(2),
        }
    }
}
