//! Whether a call would be allowed, found out without doing anything.

use std::fmt;

/// What was found out about one IAM action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The IAM action: `ec2:RevokeSecurityGroupEgress`.
    pub action: String,
    /// Whether the credentials in use may call it.
    pub access: Access,
}

/// Whether an IAM action may be called, as far as can be seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// It may be.
    Allowed,
    /// It may not be.
    Denied {
        /// AWS's error code.
        code: String,
    },
    /// What it would be called on does not exist.
    Missing {
        /// AWS's error code.
        code: String,
    },
    /// AWS did not say.
    Unknown {
        /// AWS's error code, or `Timeout`, `ConnectionFailed`.
        code: String,
    },
}

impl Checked {
    pub(crate) fn new(action: &str, access: Access) -> Self {
        Self {
            action: action.to_owned(),
            access,
        }
    }
}

impl Access {
    /// Whether it is known to be allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        *self == Self::Allowed
    }

    /// What an error code says, where it is no sign of being allowed.
    pub(crate) fn of(code: String) -> Self {
        match code.as_str() {
            "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" | "AuthorizationError" => {
                Self::Denied { code }
            }
            "ResourceNotFoundException" | "NotFound" | "NotFoundException" => Self::Missing { code },
            _ => Self::Unknown { code },
        }
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = &self.action;
        match &self.access {
            Access::Allowed => write!(f, "`{action}` is allowed"),
            Access::Denied { code } => write!(f, "`{action}` is denied (`{code}`): grant it to the role"),
            Access::Missing { code } => write!(
                f,
                "`{action}` found nothing there (`{code}`): check the name, the account and the Region"
            ),
            Access::Unknown { code } => write!(
                f,
                "whether `{action}` is allowed could not be seen (`{code}`): mend that, then check again"
            ),
        }
    }
}
