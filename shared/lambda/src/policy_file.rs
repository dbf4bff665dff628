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
    current: RefCell<Result<Rc<Settings>, String>>,
    read_at: RefCell<Instant>,
}

/// What a delivery is judged by.
pub(crate) struct InForce {
    /// The policy; without one, what holds then.
    pub(crate) settings: Rc<Settings>,
    /// Why there is none.
    pub(crate) missing: Option<String>,
    /// Why a new version is not in force: the last good one is.
    pub(crate) trouble: Option<PolicyError>,
}

impl PolicyFile {
    /// Reads the policy for the first time.
    pub(crate) async fn open(source: &PolicySource, aws: &Aws) -> Result<Self, PolicyError> {
        let settings = match source {
            PolicySource::File(path) => {
                let name = path.display().to_string();
                let text = std::fs::read(path).map_err(|source| PolicyError::File {
                    path: name.clone(),
                    source,
                })?;
                usable(&name, &text)?
            }
            PolicySource::Parameter(name) => read(&aws.parameters(), name).await?,
        };
        Ok(Self::of(Some(source), aws, Ok(Rc::new(settings))))
    }

    /// The same, where there need be none: a parameter that cannot be used is read again with every delivery.
    pub(crate) async fn open_if_possible(source: Option<&PolicySource>, aws: &Aws) -> Self {
        let Some(found) = source else {
            return Self::of(None, aws, Ok(Rc::new(Settings::of_no_file())));
        };
        match Self::open(found, aws).await {
            Ok(file) => file,
            Err(error) => Self::of(source, aws, Err(error.to_string())),
        }
    }

    fn of(source: Option<&PolicySource>, aws: &Aws, current: Result<Rc<Settings>, String>) -> Self {
        let parameter = match source {
            Some(PolicySource::Parameter(name)) => Some((aws.parameters(), name.clone())),
            Some(PolicySource::File(_)) | None => None,
        };
        Self {
            parameter,
            current: RefCell::new(current),
            read_at: RefCell::new(Instant::now()),
        }
    }

    /// The policy in force. A new version that cannot be read or used leaves the last good one in force and says so.
    pub(crate) async fn in_force(&self) -> InForce {
        let current = self.current.borrow().clone();
        let is_new = self.read_at.borrow().elapsed() < READ_AGAIN_AFTER;
        let (parameters, name) = match (&self.parameter, &current) {
            (_, Ok(settings)) if is_new => return InForce::of(settings.clone(), None),
            (None, Ok(settings)) => return InForce::of(settings.clone(), None),
            (None, Err(why)) => return InForce::missing(why.clone()),
            (Some((parameters, name)), _) => (parameters, name),
        };
        match (read(parameters, name).await, current) {
            (Ok(settings), _) => {
                let settings = Rc::new(settings);
                *self.current.borrow_mut() = Ok(settings.clone());
                self.read_at.replace(Instant::now());
                InForce::of(settings, None)
            }
            (Err(error), Ok(settings)) => InForce::of(settings, Some(error)),
            (Err(error), Err(_)) => InForce::missing(error.to_string()),
        }
    }
}

async fn read(parameters: &Parameters, name: &str) -> Result<Settings, PolicyError> {
    usable(name, parameters.value(name).await?.as_bytes())
}

impl InForce {
    fn of(settings: Rc<Settings>, trouble: Option<PolicyError>) -> Self {
        Self {
            settings,
            missing: None,
            trouble,
        }
    }

    fn missing(why: String) -> Self {
        Self {
            settings: Rc::new(Settings::of_no_file()),
            missing: Some(why),
            trouble: None,
        }
    }
}

fn usable(name: &str, text: &[u8]) -> Result<Settings, PolicyError> {
    settings::parse(text, rules::BUILT_NAMES).map_err(|error| PolicyError::Unusable {
        name: name.to_owned(),
        error: Box::new(error),
    })
}
