//! The policy file, as commands take it: a path, or `-` for standard input.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use guardrail_policy::rules;
use guardrail_policy::settings::{self, Settings, SettingsError};

use crate::input::unreadable;

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
        if self.is_stdin() { "standard input".to_owned() } else { self.0.display().to_string() }
    }

    /// Reads and checks the file against the rules of this version.
    ///
    /// # Errors
    /// When it cannot be read at all; what is wrong with its content comes as the inner error.
    pub(crate) fn read(&self) -> Result<Result<Settings, SettingsError>> {
        let bytes = self.bytes().map_err(|error| anyhow!("the policy file {}", unreadable(&self.name(), &error)))?;
        Ok(settings::parse(&bytes, &rules::built_names()))
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
