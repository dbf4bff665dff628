//! How a function is deployed: its program, its configuration, and the environment that Lambda gives it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::{REGION, Result, places, unique};

/// How a function is configured.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub(crate) name: String,
    pub(crate) binary: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) folder: Option<PathBuf>,
    endpoint: String,
    access_key: String,
    pub(crate) time_out: Duration,
    variables: BTreeMap<String, String>,
}

impl Deployment {
    /// The workspace's function `name`, whose AWS is at `endpoint`.
    ///
    /// # Errors
    /// [`crate::Error::Missing`] where it was not built.
    pub fn of(name: &str, endpoint: &str) -> Result<Self> {
        Ok(Self::of_program(name, places::binary(name)?, endpoint))
    }

    /// Any program that speaks the Runtime API.
    pub fn of_program(name: &str, binary: PathBuf, endpoint: &str) -> Self {
        Self {
            name: name.to_owned(),
            binary,
            arguments: Vec::new(),
            folder: None,
            endpoint: endpoint.to_owned(),
            access_key: unique::access_key("ASIA"),
            time_out: Duration::from_secs(60),
            variables: BTreeMap::new(),
        }
    }

    /// The same with one more argument for the program.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The same, started in a folder: `/var/task` in Lambda.
    #[must_use]
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// The same with an environment variable, such as `GUARDRAIL_POLICY`.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same with another time-out than the template's minute.
    #[must_use]
    pub fn time_out(mut self, time_out: Duration) -> Self {
        self.time_out = time_out;
        self
    }

    /// The key that signs the function's calls; no other function has it.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// What Lambda puts into the environment, and nothing else: no configuration of this machine's user,
    /// no proxy, and an endpoint in every case, so that nothing can reach the real AWS.
    pub(crate) fn environment(&self, runtime_api: &str) -> BTreeMap<String, String> {
        let name = self.name.as_str();
        let group = format!("/aws/lambda/{name}");
        let mut variables = BTreeMap::from(
            [
                ("AWS_LAMBDA_RUNTIME_API", runtime_api),
                ("AWS_LAMBDA_FUNCTION_NAME", name),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", group.as_str()),
                (
                    "AWS_LAMBDA_LOG_STREAM_NAME",
                    "2026/01/05/[$LATEST]0123456789abcdef0123456789abcdef",
                ),
                ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
                ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
                ("AWS_REGION", REGION),
                ("AWS_DEFAULT_REGION", REGION),
                ("AWS_ACCESS_KEY_ID", self.access_key.as_str()),
                ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
                ("AWS_SESSION_TOKEN", "not-a-token"),
                ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
                ("AWS_EC2_METADATA_DISABLED", "true"),
                ("_HANDLER", "bootstrap"),
                ("LAMBDA_TASK_ROOT", "/var/task"),
                ("TZ", ":UTC"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        variables.extend(self.variables.clone());
        variables
    }
}
