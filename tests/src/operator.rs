//! Somebody who overrules the functions: the compiled command `guardrail`, with keys of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use crate::user::User;
use crate::{Error, REGION, Result, places};

/// A person at a terminal who has the functions' configuration.
pub struct Operator {
    program: PathBuf,
    /// The person as AWS knows it.
    pub user: User,
    variables: BTreeMap<&'static str, String>,
    folder: Option<PathBuf>,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// What was printed.
    pub stdout: String,
    /// What was complained about.
    pub stderr: String,
    /// The exit status; none where a signal ended it.
    pub status: Option<i32>,
}

impl Operator {
    /// `user`, whose AWS is at `endpoint`, with these variables of the functions.
    ///
    /// # Errors
    /// [`Error::Missing`] where the command was not built.
    pub fn new(user: User, endpoint: &str, configuration: BTreeMap<&'static str, String>) -> Result<Self> {
        let mut variables = BTreeMap::from(
            [
                ("AWS_REGION", REGION),
                ("AWS_ACCESS_KEY_ID", user.access_key()),
                ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
                ("AWS_ENDPOINT_URL", endpoint),
                ("AWS_EC2_METADATA_DISABLED", "true"),
                ("USER", "on-call"),
            ]
            .map(|(name, value)| (name, value.to_owned())),
        );
        variables.extend(configuration);
        Ok(Self {
            program: places::binary("guardrail")?,
            user,
            variables,
            folder: None,
        })
    }

    /// The same person, who has gone to a folder.
    #[must_use]
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Runs `guardrail` with these arguments, and nothing of this machine's user in its environment.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn runs(&self, arguments: &[&str]) -> Result<Ran> {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().envs(&self.variables);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let output = command.output().map_err(Error::io("run the command guardrail"))?;
        Ok(Ran {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            status: output.status.code(),
        })
    }
}
