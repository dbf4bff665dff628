//! Who calls: the `userIdentity` that CloudTrail writes, and what the caller's client calls itself.

use serde_json::{Value, json};

use crate::{ACCOUNT, unique};

/// A caller of the AWS API.
#[derive(Debug, Clone)]
pub struct Identity {
    pub(crate) json: Value,
    pub(crate) access_key: String,
    pub(crate) user_agent: Option<String>,
}

impl Identity {
    /// A person or a program in a session of the role `role`, with the AWS CLI.
    pub fn role_session(role: &str, session: &str) -> Self {
        let principal = format!("AROA{}", &unique::access_key("").as_str());
        let json = json!({
            "type": "AssumedRole",
            "principalId": format!("{principal}:{session}"),
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"),
            "accountId": ACCOUNT,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": principal,
                    "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
                    "accountId": ACCOUNT,
                    "userName": role,
                },
                "attributes": {"creationDate": "2026-01-05T08:00:00Z", "mfaAuthenticated": "false"},
            },
        });
        Self {
            json,
            access_key: unique::access_key("ASIA"),
            user_agent: Some("aws-cli/2.17.56 md/awscrt#0.21.2 ua/2.0 os/linux md/command#ec2".into()),
        }
    }

    /// A function in a session of its execution role, whose name may have a path: the session's own ARN has none.
    pub fn execution_role(path_and_name: &str, function: &str, access_key: &str) -> Self {
        let name = path_and_name.rsplit('/').next().unwrap_or(path_and_name);
        let mut identity = Self::role_session(name, function);
        if let Some(arn) = identity.json.pointer_mut("/sessionContext/sessionIssuer/arn") {
            *arn = format!("arn:aws:iam::{ACCOUNT}:role/{path_and_name}").into();
        }
        Self {
            access_key: access_key.to_owned(),
            user_agent: None,
            ..identity
        }
    }

    /// An IAM user with long-lived keys, with the AWS CLI.
    pub fn iam_user(name: &str) -> Self {
        let json = json!({
            "type": "IAMUser",
            "principalId": unique::access_key("AIDA"),
            "arn": format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
            "accountId": ACCOUNT,
            "userName": name,
        });
        Self {
            json,
            access_key: unique::access_key("AKIA"),
            user_agent: Some("aws-cli/2.17.56 md/awscrt#0.21.2 ua/2.0 os/linux md/command#ec2".into()),
        }
    }

    /// Terraform in a session of the role `role`.
    pub fn terraform(role: &str) -> Self {
        Self {
            user_agent: Some(
                "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) \
                 terraform-provider-aws/5.76.0 aws-sdk-go-v2/1.32.5 os/linux lang/go#1.23.3"
                    .into(),
            ),
            ..Self::role_session(role, "terraform")
        }
    }

    /// The same caller with another client.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: &str) -> Self {
        self.user_agent = Some(user_agent.to_owned());
        self
    }
}
