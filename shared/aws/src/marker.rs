//! The marker group: a group of the guardrail's own, an edit of which must come back as an event.

use std::error::Error;

use aws_sdk_ec2::types::{IpPermission, IpRange};
use guardrail_policy::id::SecurityGroupId;

use crate::failure;
use crate::needs::UPDATE_DESCRIPTIONS;

/// The one egress rule of the group, as the template makes it: it leads nowhere.
const NOWHERE: &str = "127.0.0.1/32";
/// EC2's word for all protocols.
const EVERY_PROTOCOL: &str = "-1";

/// Edits the description of the marker group's rule, which changes no traffic.
#[derive(Debug)]
pub struct Marker {
    client: aws_sdk_ec2::Client,
    group: SecurityGroupId,
}

/// The rule was not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the rule of the marker group `{group}` could not be edited (`{code}`): check that it has its rule to {NOWHERE}, and that the role may call {UPDATE_DESCRIPTIONS}"
)]
pub struct MarkerError {
    /// AWS's error code, or `Timeout`, `ConnectionFailed`.
    pub code: String,
    /// The group.
    pub group: SecurityGroupId,
}

impl Marker {
    pub(crate) fn new(client: aws_sdk_ec2::Client, group: SecurityGroupId) -> Self {
        Self { client, group }
    }

    /// Sets the description of the group's rule: letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`, at most 255.
    ///
    /// # Errors
    /// [`MarkerError`] when it is not known to have been set.
    pub async fn describe(&self, description: &str) -> Result<(), MarkerError> {
        let range = IpRange::builder().cidr_ip(NOWHERE).description(description).build();
        let permission = IpPermission::builder()
            .ip_protocol(EVERY_PROTOCOL)
            .ip_ranges(range)
            .build();
        let call = self.client.update_security_group_rule_descriptions_egress();
        let sent = call
            .group_id(self.group.as_str())
            .ip_permissions(permission)
            .send()
            .await;
        let reply = sent.map_err(|error| self.failed(&failure::code(&error), &error))?;
        match reply.r#return() {
            Some(true) => Ok(()),
            _ => Err(self.error("Refused")),
        }
    }

    fn failed(&self, code: &str, error: &dyn Error) -> MarkerError {
        tracing::debug!(action = UPDATE_DESCRIPTIONS, code, error = %error, "not edited");
        self.error(code)
    }

    fn error(&self, code: &str) -> MarkerError {
        MarkerError {
            code: code.to_owned(),
            group: self.group.clone(),
        }
    }
}
