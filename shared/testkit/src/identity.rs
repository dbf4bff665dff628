//! Who makes a call: `userIdentity`, `sourceIPAddress` and `userAgent` as `CloudTrail` writes them.

use serde_json::{Value, json};

use crate::network::ACCOUNT;

const CLI: &str =
    "aws-cli/2.27.0 md/awscrt#0.26.1 ua/2.1 os/linux#6.8 md/arch#x86_64 lang/python#3.13 md/command#ec2.example";
const TERRAFORM: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.70.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.31.0";

/// A caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    pub(crate) user: Value,
    pub(crate) source: String,
    pub(crate) agent: String,
}

impl Identity {
    /// Somebody in a session of a role, with the AWS CLI.
    #[must_use]
    pub fn role_session(role: &str, session: &str) -> Self {
        let name = role.rsplit('/').next().unwrap_or(role);
        let user = json!({
            "type": "AssumedRole",
            "principalId": format!("AROAEXAMPLE0000000001:{session}"),
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"),
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAEXAMPLE000000001",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLE0000000001",
                    "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
                    "accountId": ACCOUNT,
                    "userName": name,
                },
                "webIdFederationData": {},
                "attributes": { "creationDate": "2026-03-02T09:00:00Z", "mfaAuthenticated": "false" },
            },
        });
        Self {
            user,
            source: "203.0.113.20".to_owned(),
            agent: CLI.to_owned(),
        }
    }

    /// Terraform, in a session of a deployment role.
    #[must_use]
    pub fn terraform() -> Self {
        Self {
            agent: TERRAFORM.to_owned(),
            ..Self::role_session("platform/Deployment", "pipeline")
        }
    }

    /// CloudFormation on behalf of somebody: it keeps their identity.
    #[must_use]
    pub fn cloudformation() -> Self {
        let service = "cloudformation.amazonaws.com";
        let mut somebody = Self::role_session("platform/Deployment", "pipeline");
        somebody.user["invokedBy"] = json!(service);
        Self {
            user: somebody.user,
            source: service.to_owned(),
            agent: service.to_owned(),
        }
    }

    /// An AWS service by itself, through its service-linked role.
    #[must_use]
    pub fn service(name: &str, role: &str) -> Self {
        let mut linked = Self::role_session(&format!("aws-service-role/{name}/{role}"), "service");
        linked.user["invokedBy"] = json!(name);
        Self {
            user: linked.user,
            source: name.to_owned(),
            agent: name.to_owned(),
        }
    }
}
