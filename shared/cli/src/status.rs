//! What the process tells whoever started it.

use std::io;
use std::process::ExitCode;

use crate::output::Screen;

/// How a run came out, the least serious first: of several inputs the most serious decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Status {
    /// Everything could be judged and nothing is wrong: 0.
    #[default]
    Clean,
    /// Everything could be judged and something is wrong: 1.
    Findings,
    /// Something could not be judged, or not be read: 2, whatever else was found.
    Unjudged,
    /// Nobody reads the output any more (`guardrail … | head`): 141, as the shell reports it of any program.
    ReaderGone,
}

impl Status {
    /// What a judgement comes to, of which something was found, or could not be judged: that may hold anything.
    pub(crate) fn of(has_findings: bool, has_unjudged: bool) -> Self {
        match (has_unjudged, has_findings) {
            (true, _) => Self::Unjudged,
            (false, true) => Self::Findings,
            (false, false) => Self::Clean,
        }
    }

    /// The status of a run that an error ended, which it tells. A reader that has gone is told nothing.
    pub(crate) fn of_error(error: &anyhow::Error, screen: &mut Screen) -> Self {
        if error.chain().any(is_broken_pipe) {
            return Self::ReaderGone;
        }
        screen.complain(&format!("{error:#}"));
        Self::Unjudged
    }
}

fn is_broken_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Clean => 0,
            Status::Findings => 1,
            Status::Unjudged => 2,
            Status::ReaderGone => 141,
        })
    }
}
