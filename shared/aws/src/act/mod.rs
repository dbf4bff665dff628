//! Carries out a plan's actions with EC2's calls, each at most once.

mod once;
mod permissions;
mod switches;
mod ways_out;

use std::error::Error;

use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_sdk_ec2::operation::revoke_security_group_egress::RevokeSecurityGroupEgressOutput;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use guardrail_policy::id::SecurityGroupId;
use guardrail_policy::network::Permission;
use guardrail_policy::plan::Action;
use guardrail_runner::ports::{Act, ActError};

use crate::answer::Ec2;
use crate::failure;
use crate::needs::{self, AUTHORIZE_EGRESS, Needs, REVOKE_EGRESS};
use crate::only::{Everything, Reach, is_linked};

pub(crate) use once::AtMostOnce;
pub(crate) use permissions::ip_permissions;

/// What the rules that are made say of themselves, in EC2's letters (a-z, A-Z, 0-9, spaces and `._-:/()#,@[]+=&;{}!$*`).
const DESCRIPTION: &str = "by vpc-guardrail";

/// Some of what an action was to make is there already.
const PRESENT: [&str; 2] = ["InvalidPermission.Duplicate", "RouteAlreadyExists"];
const UNKNOWN: &str = "UnknownIpPermissions";
/// What an action was to change is not there.
const NOT_FOUND: [&str; 19] = [
    "InvalidPermission.NotFound",
    "InvalidGroup.NotFound",
    "InvalidSecurityGroupRuleId.NotFound",
    "InvalidPrefixListID.NotFound",
    "InvalidPrefixListId.NotFound",
    "InvalidVpcID.NotFound",
    "InvalidSubnetID.NotFound",
    "InvalidVpcEndpointId.NotFound",
    "InvalidVpcEndpoint.NotFound",
    "IncorrectState",
    "Gateway.NotAttached",
    "InvalidInternetGatewayID.NotFound",
    "InvalidEgressOnlyInternetGatewayId.NotFound",
    "InvalidGatewayID.NotFound",
    "InvalidNatGatewayID.NotFound",
    "InvalidRoute.NotFound",
    "InvalidRouteTableID.NotFound",
    "NatGatewayNotFound",
    "Resource.AlreadyAssociated",
];
/// Too many requests: EC2 says so, some of it with a status of 503, instead of doing anything.
const THROTTLED: [&str; 7] = [
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "RequestThrottled",
    "RequestThrottledException",
    "EC2ThrottledException",
    "BandwidthLimitExceeded",
];
/// Nothing was sent.
const NOT_SENT: [&str; 2] = ["NoCredentials", "NotSent"];

impl Act for Ec2 {
    async fn act(&self, action: &Action) -> Result<(), ActError> {
        self.act_within::<Everything>(action).await
    }
}

impl Ec2 {
    /// One call for one action, if it is linked: EC2 does all of a call or nothing of it. Throttled ones are tried three
    /// times; one whose reply is lost is never sent again, since a second revoke would say that there is nothing to revoke.
    ///
    /// Rules are revoked by their exact properties, not by id: an edit in place keeps the id and changes the properties,
    /// so that what somebody changed meanwhile stays (API reference of `RevokeSecurityGroupEgress`).
    pub(crate) async fn act_within<R: Reach>(&self, action: &Action) -> Result<(), ActError> {
        macro_rules! linked {
            ($needs:expr, $act:expr) => {
                if const { is_linked::<R>($needs) } {
                    $act.await
                } else {
                    Err(not_linked($needs))
                }
            };
        }
        match action {
            Action::AuthorizeEgress { group, permissions } => {
                linked!(needs::AUTHORIZE, self.authorize(group, permissions))
            }
            Action::RevokeEgress { group, permissions, .. } => linked!(needs::REVOKE, self.revoke(group, permissions)),
            Action::ModifyVpcAttribute { vpc, attribute, on } => {
                linked!(needs::SWITCH_ATTRIBUTE, self.switch_attribute(vpc, *attribute, *on))
            }
            Action::ModifyVpcEndpoint { endpoint, private_dns } => {
                linked!(
                    needs::SWITCH_PRIVATE_DNS,
                    self.switch_private_dns(endpoint, *private_dns)
                )
            }
            Action::ModifySubnetAttribute {
                subnet,
                public_addresses: on,
            } => linked!(
                needs::SWITCH_PUBLIC_ADDRESSES,
                self.switch_public_addresses(subnet, *on)
            ),
            Action::SetEndpointPolicy { endpoint, to, .. } => {
                linked!(needs::SET_ENDPOINT_POLICY, self.set_endpoint_policy(endpoint, to))
            }
            Action::DetachInternetGateway { gateway, vpc } => {
                linked!(needs::DETACH_GATEWAY, self.detach_internet_gateway(gateway, vpc))
            }
            Action::AttachInternetGateway { gateway, vpc } => {
                linked!(needs::ATTACH_GATEWAY, self.attach_internet_gateway(gateway, vpc))
            }
            Action::DeleteRoute(route) => linked!(needs::TAKE_ROUTE, self.delete_route(route)),
            Action::CreateRoute(route) => linked!(needs::MAKE_ROUTE, self.create_route(route)),
        }
    }

    async fn authorize(&self, group: &SecurityGroupId, permissions: &[Permission]) -> Result<(), ActError> {
        let call = self
            .writing()
            .authorize_security_group_egress()
            .group_id(group.as_str());
        let sent = call
            .set_ip_permissions(Some(ip_permissions(permissions, Some(DESCRIPTION))))
            .send()
            .await;
        let reply = sent.map_err(|error| failed(AUTHORIZE_EGRESS, &error))?;
        if reply.r#return() == Some(true) {
            Ok(())
        } else {
            Err(unclear(AUTHORIZE_EGRESS, "Unparsable"))
        }
    }

    async fn revoke(&self, group: &SecurityGroupId, permissions: &[Permission]) -> Result<(), ActError> {
        let call = self.writing().revoke_security_group_egress().group_id(group.as_str());
        let sent = call
            .set_ip_permissions(Some(ip_permissions(permissions, None)))
            .send()
            .await;
        let reply = sent.map_err(|error| failed(REVOKE_EGRESS, &error))?;
        revoked(&reply, permissions.len())
    }
}

/// What a successful reply to a revoke says. In a default VPC a permission that is not there is no error: EC2 revokes the
/// others, and lists it as unknown (API reference).
fn revoked(reply: &RevokeSecurityGroupEgressOutput, asked: usize) -> Result<(), ActError> {
    let unknown: usize = reply.unknown_ip_permissions().iter().map(permissions::peers).sum();
    match reply.r#return() {
        _ if unknown >= asked && reply.revoked_security_group_rules().is_empty() => Err(moved(REVOKE_EGRESS, UNKNOWN)),
        _ if unknown > 0 => Err(unclear(REVOKE_EGRESS, UNKNOWN)),
        Some(true) => Ok(()),
        Some(false) => Err(moved(REVOKE_EGRESS, "ReturnedFalse")),
        None => Err(unclear(REVOKE_EGRESS, "Unparsable")),
    }
}

/// What an SDK error means to whoever wanted something done.
fn failed<E>(action: &'static str, error: &SdkError<E, HttpResponse>) -> ActError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = failure::code(error);
    tracing::debug!(action, code, error = %aws_sdk_ec2::error::DisplayErrorContext(error), "not done");
    let refused = error.raw_response().is_some_and(is_refusal);
    let named = |codes: &[&str]| codes.contains(&code.as_str());
    let action = action.to_owned();
    if refused && named(&PRESENT) {
        ActError::Present { action, code }
    } else if refused && named(&NOT_FOUND) {
        ActError::Moved { action, code }
    } else if refused || named(&THROTTLED) || named(&NOT_SENT) {
        ActError::Refused { action, code }
    } else {
        ActError::Unclear { action, code }
    }
}

/// Whether a reply says that a request was not carried out: its status is a client error, and not the time-out (408) of
/// a proxy that does not know.
fn is_refusal(reply: &HttpResponse) -> bool {
    let status = reply.status();
    status.is_client_error() && status.as_u16() != 408
}

fn moved(action: &str, code: &str) -> ActError {
    ActError::Moved {
        action: action.to_owned(),
        code: code.to_owned(),
    }
}

/// Of an action that no rule of a function plans: its call is not linked, and its role has no right to it.
fn not_linked(needs: Needs) -> ActError {
    ActError::Refused {
        action: needs.actions.join(", "),
        code: "NotLinked".to_owned(),
    }
}

fn unclear(action: &str, code: &str) -> ActError {
    ActError::Unclear {
        action: action.to_owned(),
        code: code.to_owned(),
    }
}
