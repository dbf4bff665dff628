//! The policy file in force: read at start-up, and where it is a parameter, read again from time to time.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use guardrail_aws::{Aws, ParameterError, Parameters, PolicySource};
use guardrail_policy::rules;
use guardrail_policy::settings::{self, Settings, SettingsError};

/// How long a parameter's policy is in force before it is read again.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// The policy file could not be read, or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file cannot be read.
    #[error(
        "the policy file `{path}` cannot be read ({source}): bundle it with the function, or correct `GUARDRAIL_POLICY`"
    )]
    File {
        /// Its path.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The parameter cannot be read.
    #[error("the policy parameter cannot be read: {0}")]
    Parameter(#[from] ParameterError),
    /// It is read, and cannot be used.
    #[error("the policy cannot be used:\n{}", .error.display_with(.name))]
    Unusable {
        /// What it is called in the errors.
        name: String,
        /// Everything that is wrong with it.
        error: Box<SettingsError>,
    },
}

/// The policy file in force, and where it comes from.
pub(crate) struct PolicyFile {
    parameter: Option<(Parameters, String)>,
    current: RefCell<Rc<Settings>>,
    read_at: RefCell<Instant>,
}

impl PolicyFile {
    /// Reads the policy for the first time.
    pub(crate) async fn open(source: &PolicySource, aws: &Aws) -> Result<Self, PolicyError> {
        let (parameter, settings) = match source {
            PolicySource::File(path) => {
                let name = path.display().to_string();
                let text = std::fs::read(path).map_err(|source| PolicyError::File {
                    path: name.clone(),
                    source,
                })?;
                (None, usable(&name, &text)?)
            }
            PolicySource::Parameter(name) => {
                let parameters = aws.parameters();
                let settings = usable(name, parameters.value(name).await?.as_bytes())?;
                (Some((parameters, name.clone())), settings)
            }
        };
        Ok(Self {
            parameter,
            current: RefCell::new(Rc::new(settings)),
            read_at: RefCell::new(Instant::now()),
        })
    }

    /// The policy in force. A new version that cannot be read or used leaves the last good one in force and says so.
    pub(crate) async fn in_force(&self) -> (Rc<Settings>, Option<PolicyError>) {
        let current = self.current.borrow().clone();
        let Some((parameters, name)) = &self.parameter else {
            return (current, None);
        };
        if self.read_at.borrow().elapsed() < READ_AGAIN_AFTER {
            return (current, None);
        }
        let read = match parameters.value(name).await {
            Ok(text) => usable(name, text.as_bytes()),
            Err(error) => Err(error.into()),
        };
        match read {
            Ok(settings) => {
                let settings = Rc::new(settings);
                self.current.replace(settings.clone());
                self.read_at.replace(Instant::now());
                (settings, None)
            }
            Err(error) => (current, Some(error)),
        }
    }
}

fn usable(name: &str, text: &[u8]) -> Result<Settings, PolicyError> {
    settings::parse(text, rules::BUILT_NAMES).map_err(|error| PolicyError::Unusable {
        name: name.to_owned(),
        error: Box::new(error),
    })
}
