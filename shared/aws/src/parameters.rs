//! Parameters of Systems Manager: the policy file while it is small, and the kill switch.

use crate::failure;

/// Reads parameters.
#[derive(Debug, Clone)]
pub struct Parameters {
    client: aws_sdk_ssm::Client,
}

/// A parameter that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// There is no such parameter.
    #[error("there is no parameter `{name}`: create it, or correct the name")]
    Gone {
        /// Its name.
        name: String,
    },
    /// AWS did not give it.
    #[error(
        "the parameter `{name}` could not be read (`{code}`): check that the function may call ssm:GetParameter on it"
    )]
    Unreadable {
        /// Its name.
        name: String,
        /// AWS's error code, or `Timeout`, `ConnectionFailed`.
        code: String,
    },
}

impl Parameters {
    pub(crate) fn new(client: aws_sdk_ssm::Client) -> Self {
        Self { client }
    }

    /// The value of a parameter, decrypted if it is a secure string.
    ///
    /// A parameter holds at most 4 KiB, an advanced one 8 KiB (Systems Manager user guide).
    ///
    /// # Errors
    /// [`ParameterError`] when there is none, or it is not known whether there is.
    pub async fn value(&self, name: &str) -> Result<String, ParameterError> {
        let unreadable = |code: String| ParameterError::Unreadable {
            name: name.to_owned(),
            code,
        };
        let reply = self
            .client
            .get_parameter()
            .name(name)
            .with_decryption(true)
            .send()
            .await;
        let reply = reply.map_err(|error| match failure::code(&error) {
            code if code == "ParameterNotFound" => ParameterError::Gone { name: name.to_owned() },
            code => unreadable(code),
        })?;
        let value = reply.parameter.and_then(|parameter| parameter.value);
        value.ok_or_else(|| unreadable("Unparsable".to_owned()))
    }
}
