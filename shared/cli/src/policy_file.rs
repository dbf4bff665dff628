//! The policy file, as commands take it: a path, or `-` for standard input.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use guardrail_policy::rules;
use guardrail_policy::settings::{self, Settings, SettingsError};

use crate::input;

/// Where a policy file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyFile(PathBuf);

impl PolicyFile {
    /// Whether it is standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.0 == Path::new("-")
    }

    /// Its name in messages.
    pub(crate) fn name(&self) -> String {
        input::name_of(&self.0)
    }

    /// Reads and checks the file against the rules of this version.
    ///
    /// # Errors
    /// When it cannot be read at all; what is wrong with its content comes as the inner error.
    pub(crate) fn read(&self) -> Result<Result<Settings, SettingsError>> {
        let failed = |error| {
            anyhow!(
                "the policy file `{}` {}",
                self.name(),
                input::unreadable(&self.0, &error)
            )
        };
        let bytes = self.bytes().map_err(failed)?;
        Ok(settings::parse(&bytes, rules::BUILT_NAMES))
    }

    fn bytes(&self) -> std::io::Result<Vec<u8>> {
        if !self.is_stdin() {
            return fs::read(&self.0);
        }
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl From<OsString> for PolicyFile {
    fn from(path: OsString) -> Self {
        Self(path.into())
    }
}
