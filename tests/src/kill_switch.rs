//! The parameter by which people cap the guardrail's mode.

use serde_json::json;

use crate::user::User;
use crate::{Result, unique};

/// A parameter in SSM, in somebody's hands.
pub struct KillSwitch {
    owner: User,
    name: String,
}

impl KillSwitch {
    /// Makes one of one's own that holds `mode`.
    ///
    /// # Errors
    /// Where AWS refuses.
    pub fn create(owner: User, mode: &str) -> Result<Self> {
        let name = format!("/guardrail/{}/max-mode", unique::suffix());
        let switch = Self { owner, name };
        switch.turn(mode)?;
        Ok(switch)
    }

    /// The parameter's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lets it hold something else, a mode or not.
    ///
    /// # Errors
    /// Where AWS refuses.
    pub fn turn(&self, mode: &str) -> Result<()> {
        let parameter = json!({"Name": self.name, "Value": mode, "Type": "String", "Overwrite": true});
        self.owner.call("ssm", "put_parameter", &parameter).map(drop)
    }
}
