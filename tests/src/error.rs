use std::path::PathBuf;
use std::process::ExitStatus;

use thiserror::Error;

/// An error answer of an AWS API, as the caller's SDK understood it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("AWS refused with `{code}` ({status}): {message}")]
pub struct ApiError {
    /// The error code without CloudTrail's `Client.` prefix, such as `InvalidGroup.NotFound`.
    pub code: String,
    /// The sentence that came with it.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
}

/// Why the harness could not do what it was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// A file or folder that another step makes is not there.
    #[error("{what} is missing at `{}`; {remedy}", path.display())]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// The command that makes it.
        remedy: &'static str,
    },
    /// A helper process did not become ready.
    #[error("{what} did not become ready: {reason}; its standard error was:\n{output}")]
    NotReady {
        /// Which process.
        what: &'static str,
        /// What was seen instead of the ready line.
        reason: String,
        /// What it wrote to standard error.
        output: String,
    },
    /// The function's process ended before it asked for an event.
    #[error("`{name}` ended with {status} before it asked for an event; its standard error was:\n{stderr}")]
    Exited {
        /// The function.
        name: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// The function's process neither ended nor asked for an event.
    #[error("`{name}` did not ask for an event in {seconds} s; look at its standard error:\n{stderr}")]
    Silent {
        /// The function.
        name: String,
        /// How long it was waited for.
        seconds: u64,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// AWS answered a user's call with an error.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// A server of the harness did not answer, or not in HTTP.
    #[error("no answer from `{url}`; is its process still there?")]
    Http {
        /// What was asked.
        url: String,
        /// Why it failed.
        #[source]
        source: Box<ureq::Error>,
    },
    /// An answer lacks what the harness needs from it.
    #[error("expected {expected}, got `{got}`; the emulator or the contract with it has changed")]
    Shape {
        /// What should have been there.
        expected: String,
        /// What was there.
        got: String,
    },
    /// A file or process operation failed.
    #[error("cannot {doing}; check the machine's disk and process limits")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// For `map_err`: an I/O error with what was being done.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }

    /// An answer of another shape than expected.
    pub(crate) fn shape(expected: impl Into<String>, got: &impl ToString) -> Self {
        Self::Shape {
            expected: expected.into(),
            got: got.to_string(),
        }
    }

    /// The API error, where this is one.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }
}
