//! Switches attributes of VPCs and subnets, and private DNS of endpoints; sets the policies of endpoints.

use std::error::Error;

use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_sdk_ec2::types::AttributeBooleanValue;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use guardrail_policy::endpoint_policy::Policy;
use guardrail_policy::facts::DnsAttribute;
use guardrail_policy::id::{SubnetId, VpcEndpointId, VpcId};
use guardrail_policy::plan::Withheld;
use guardrail_runner::ports::ActError;

use super::{failed, is_refusal, unclear};
use crate::answer::Ec2;
use crate::failure;
use crate::needs::{MODIFY_ENDPOINT, MODIFY_SUBNET, MODIFY_VPC_ATTRIBUTE};

/// The code of the refusals of private DNS that trying again cannot change; it is that of every parameter that does not fit.
const NOT_FITTING: &str = "InvalidParameter";
/// What the message says where something else holds the service's name.
const CONFLICT_SAYS: &str = "conflicting DNS domain";
/// What it says where an attribute of the VPC is off; it names both.
const ATTRIBUTES_SAY: &str = "requires both enableDnsSupport and enableDnsHostnames";

impl Ec2 {
    /// One attribute: AWS takes no two in a call.
    pub(super) async fn switch_attribute(
        &self,
        vpc: &VpcId,
        attribute: DnsAttribute,
        on: bool,
    ) -> Result<(), ActError> {
        let value = AttributeBooleanValue::builder().value(on).build();
        let call = self.writing().modify_vpc_attribute().vpc_id(vpc.as_str());
        let call = match attribute {
            DnsAttribute::DnsSupport => call.enable_dns_support(value),
            DnsAttribute::DnsHostnames => call.enable_dns_hostnames(value),
        };
        let sent = call.send().await;
        sent.map(|_| ()).map_err(|error| failed(MODIFY_VPC_ATTRIBUTE, &error))
    }

    /// One attribute: AWS takes no two in a call.
    pub(super) async fn switch_public_addresses(&self, subnet: &SubnetId, on: bool) -> Result<(), ActError> {
        let value = AttributeBooleanValue::builder().value(on).build();
        let call = self.writing().modify_subnet_attribute().subnet_id(subnet.as_str());
        let sent = call.map_public_ip_on_launch(value).send().await;
        sent.map(|_| ()).map_err(|error| failed(MODIFY_SUBNET, &error))
    }

    pub(super) async fn switch_private_dns(&self, endpoint: &VpcEndpointId, on: bool) -> Result<(), ActError> {
        let call = self.writing().modify_vpc_endpoint().vpc_endpoint_id(endpoint.as_str());
        let sent = call.private_dns_enabled(on).send().await;
        let reply = sent.map_err(|error| impossible(&error).unwrap_or_else(|| failed(MODIFY_ENDPOINT, &error)))?;
        modified(reply.r#return())
    }

    /// EC2 puts the whole document in the place of the one that is there, whatever that is.
    pub(super) async fn set_endpoint_policy(&self, endpoint: &VpcEndpointId, policy: &Policy) -> Result<(), ActError> {
        let call = self.writing().modify_vpc_endpoint().vpc_endpoint_id(endpoint.as_str());
        let sent = call.policy_document(policy.as_str()).send().await;
        let reply = sent.map_err(|error| failed(MODIFY_ENDPOINT, &error))?;
        modified(reply.r#return())
    }
}

/// What a successful reply says.
fn modified(done: Option<bool>) -> Result<(), ActError> {
    if done == Some(true) {
        Ok(())
    } else {
        Err(unclear(MODIFY_ENDPOINT, "Unparsable"))
    }
}

/// The refusal that trying again cannot change, if it is one.
fn impossible<E>(error: &SdkError<E, HttpResponse>) -> Option<ActError>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = failure::code(error);
    let message = error.as_service_error().and_then(ProvideErrorMetadata::message)?;
    let why = if message.contains(CONFLICT_SAYS) {
        Withheld::ConflictingDomain
    } else if message.contains(ATTRIBUTES_SAY) {
        Withheld::DnsAttributesOff(DnsAttribute::ALL.to_vec())
    } else {
        return None;
    };
    let is_refused = error.raw_response().is_some_and(is_refusal);
    (is_refused && code == NOT_FITTING).then(|| ActError::Impossible {
        action: MODIFY_ENDPOINT.to_owned(),
        code,
        why,
    })
}
