//! Who made a call, and with what.

use serde::{Deserialize, Serialize};

use crate::event::lenient::Node;
use crate::id::{AccountId, Arn};

/// `userIdentity`, `sourceIPAddress` and `userAgent` of a record.
///
/// A caller chooses some of these texts, and they are shown to people: control characters are taken out of all
/// of them, and none is longer than 256 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// `userIdentity.type`.
    pub kind: ActorKind,
    /// `userIdentity.arn`; services have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// `userIdentity.userName`; not every kind has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// `userIdentity.accountId`: the caller's account, which need not be the one that was touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// `userIdentity.sessionContext.sessionIssuer.arn`: the role behind a session, with its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Arn>,
    /// `userIdentity.invokedBy`: the AWS service that made the call for the identity, or by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoked_by: Option<String>,
    /// `sourceIPAddress`; for calls by services a service's name, so not always an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_ip: Option<String>,
    /// `userAgent`, as the caller gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
}

/// The kinds of identity that CloudTrail names (its user guide, "CloudTrail userIdentity element").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActorKind {
    /// A user of IAM.
    IamUser,
    /// A session of a role.
    AssumedRole,
    /// The root user of an account.
    Root,
    /// A session from GetFederationToken.
    FederatedUser,
    /// Another account, seen from outside.
    AwsAccount,
    /// An AWS service by itself.
    AwsService,
    /// A caller of AssumeRoleWithSAML.
    SamlUser,
    /// A caller of AssumeRoleWithWebIdentity.
    WebIdentityUser,
    /// A user of IAM Identity Center.
    IdentityCenterUser,
    /// A directory service.
    Directory,
    /// Any other, as it was written.
    Unknown(String),
    /// No `type` at all: events that a service makes by itself, and trimmed records.
    Missing,
}

/// What made a call on somebody's behalf: a change to be mended in a template rather than by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IacTool {
    /// Terraform, or OpenTofu with a provider that does not tell.
    Terraform,
    /// OpenTofu.
    OpenTofu,
    /// CloudFormation, and whatever deploys through it (the CDK, SAM).
    CloudFormation,
    /// The CDK's own calls.
    Cdk,
    /// Pulumi.
    Pulumi,
    /// Crossplane.
    Crossplane,
    /// Ansible.
    Ansible,
}

impl std::fmt::Display for IacTool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Terraform => "Terraform",
            Self::OpenTofu => "OpenTofu",
            Self::CloudFormation => "CloudFormation",
            Self::Cdk => "the AWS CDK",
            Self::Pulumi => "Pulumi",
            Self::Crossplane => "Crossplane",
            Self::Ansible => "Ansible",
        })
    }
}

/// CloudFormation as an actor: it keeps the identity of whoever changed the stack, so that its calls are theirs.
const CLOUDFORMATION: &str = "cloudformation.amazonaws.com";

/// The console as older records name it: its calls are the user's own.
const CONSOLE: &str = "signin.amazonaws.com";

/// Where a service-linked role's ARN names its service, behind the account.
const SERVICE_LINKED: &str = "role/aws-service-role/";

/// What tools write into the user agent, the more specific first: Crossplane and Pulumi build on Terraform's providers.
const USER_AGENTS: [(&str, IacTool); 7] = [
    ("crossplane-provider", IacTool::Crossplane),
    ("Pulumi", IacTool::Pulumi),
    ("OpenTofu/", IacTool::OpenTofu),
    ("Terraform/", IacTool::Terraform),
    ("APN/1.0 Ansible/", IacTool::Ansible),
    ("aws-cdk/", IacTool::Cdk),
    ("cdk-hotswap", IacTool::Cdk),
];

impl Actor {
    /// The ARN by which budgets, exemptions and `report_only` compare callers: the role behind a session, else the identity's own.
    #[must_use]
    pub fn principal(&self) -> Option<&str> {
        self.issuer.as_ref().map(Arn::as_str).or(self.arn.as_deref())
    }

    /// The caller as people know them: a user's name, `Role/session`, a service, `root of 111122223333`.
    #[must_use]
    pub fn display_name(&self) -> String {
        let name = match self.kind {
            ActorKind::Root => self.account.as_ref().map(|account| format!("root of {account}")),
            ActorKind::AwsService | ActorKind::Missing => self.invoked_by.clone().or_else(|| self.name_in_arn()),
            ActorKind::AwsAccount => self.account.as_ref().map(|account| format!("account {account}")),
            _ => self.user_name.clone().or_else(|| self.name_in_arn()),
        };
        name.or_else(|| self.arn.clone())
            .unwrap_or_else(|| "an unnamed caller".to_owned())
    }

    /// The AWS service that acted by itself, or through its service-linked role, or for the identity it was called by.
    ///
    /// CloudFormation and the console (which old records name as a service, newer ones as `AWS Internal`) only pass on what a person asked for.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        let invoker = self.invoked_by.as_deref();
        if matches!(self.kind, ActorKind::AwsService | ActorKind::Missing) {
            return invoker.or_else(|| self.source_ip.as_deref().filter(|source| is_service(source)));
        }
        let invoker = invoker.filter(|name| is_service(name) && ![CLOUDFORMATION, CONSOLE].contains(name));
        invoker.or_else(|| self.linked_service())
    }

    /// The infrastructure-as-code tool that made the call, as far as it tells.
    #[must_use]
    pub fn tool(&self) -> Option<IacTool> {
        let agent = self.user_agent.as_deref().unwrap_or_default();
        if self.invoked_by.as_deref() == Some(CLOUDFORMATION) || agent == CLOUDFORMATION {
            return Some(IacTool::CloudFormation);
        }
        USER_AGENTS
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|&(_, tool)| tool)
    }

    /// Reads the actor of a record. Nothing of it is indispensable: what is missing or odd is left out.
    pub(super) fn read(record: &Node<'_>) -> Self {
        let identity = record.member("userIdentity");
        Self {
            kind: ActorKind::read(&identity.member("type")),
            arn: identity.member("arn").legible(),
            user_name: identity.member("userName").legible(),
            account: identity.member("accountId").account(),
            issuer: identity
                .member("sessionContext")
                .member("sessionIssuer")
                .member("arn")
                .lenient(),
            invoked_by: identity.member("invokedBy").legible(),
            source_ip: record.member("sourceIPAddress").legible(),
            user_agent: record.member("userAgent").legible(),
        }
    }

    /// `Role/session` of an assumed role's ARN, else the last part of an ARN's path.
    fn name_in_arn(&self) -> Option<String> {
        let (kind, name) = self.arn.as_deref()?.splitn(6, ':').nth(5)?.split_once('/')?;
        let name = if kind == "assumed-role" {
            name
        } else {
            name.rsplit('/').next().unwrap_or(name)
        };
        Some(name.to_owned()).filter(|name| !name.is_empty())
    }

    /// The service whose service-linked role this is a session of.
    fn linked_service(&self) -> Option<&str> {
        let role = self.issuer.as_ref()?.resource();
        role.strip_prefix(SERVICE_LINKED)?
            .split('/')
            .next()
            .filter(|name| is_service(name))
    }
}

impl ActorKind {
    /// Reads `userIdentity.type`.
    fn read(kind: &Node<'_>) -> Self {
        match kind.legible().as_deref() {
            None => Self::Missing,
            Some("IAMUser") => Self::IamUser,
            Some("AssumedRole" | "Role") => Self::AssumedRole,
            Some("Root") => Self::Root,
            Some("FederatedUser") => Self::FederatedUser,
            Some("AWSAccount") => Self::AwsAccount,
            Some("AWSService") => Self::AwsService,
            Some("SAMLUser") => Self::SamlUser,
            Some("WebIdentityUser") => Self::WebIdentityUser,
            Some("IdentityCenterUser") => Self::IdentityCenterUser,
            Some("Directory") => Self::Directory,
            Some(other) => Self::Unknown(other.to_owned()),
        }
    }
}

fn is_service(name: &str) -> bool {
    name.ends_with(".amazonaws.com")
}
