//! Detaches internet gateways and deletes routes; an undo attaches and makes them again.

use std::error::Error;

use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use guardrail_policy::facts::RouteDestination;
use guardrail_policy::id::{InternetGatewayId, VpcId};
use guardrail_policy::plan::{Outlet, RouteOut, Withheld};
use guardrail_runner::ports::ActError;

use super::{failed, is_refusal, unclear};
use crate::answer::Ec2;
use crate::failure;
use crate::needs::{ATTACH_INTERNET_GATEWAY, CREATE_ROUTE, DELETE_ROUTE, DETACH_INTERNET_GATEWAY};

/// What detaching is refused with while public addresses of the VPC are in use (API reference of `DetachInternetGateway`).
const IN_USE: &str = "DependencyViolation";

impl Ec2 {
    pub(super) async fn detach_internet_gateway(
        &self,
        gateway: &InternetGatewayId,
        vpc: &VpcId,
    ) -> Result<(), ActError> {
        let call = self.writing().detach_internet_gateway();
        let sent = call
            .internet_gateway_id(gateway.as_str())
            .vpc_id(vpc.as_str())
            .send()
            .await;
        let done = sent.map(|_| ());
        done.map_err(|error| in_use(gateway, &error).unwrap_or_else(|| failed(DETACH_INTERNET_GATEWAY, &error)))
    }

    pub(super) async fn attach_internet_gateway(
        &self,
        gateway: &InternetGatewayId,
        vpc: &VpcId,
    ) -> Result<(), ActError> {
        let call = self.writing().attach_internet_gateway();
        let sent = call
            .internet_gateway_id(gateway.as_str())
            .vpc_id(vpc.as_str())
            .send()
            .await;
        sent.map(|_| ())
            .map_err(|error| failed(ATTACH_INTERNET_GATEWAY, &error))
    }

    /// EC2 deletes the route to a destination wherever it leads: where that is was read just before.
    pub(super) async fn delete_route(&self, route: &RouteOut) -> Result<(), ActError> {
        let call = self.writing().delete_route().route_table_id(route.table.as_str());
        let call = match &route.destination {
            RouteDestination::Cidr(cidr) if cidr.is_ipv6() => call.destination_ipv6_cidr_block(cidr.to_string()),
            RouteDestination::Cidr(cidr) => call.destination_cidr_block(cidr.to_string()),
            RouteDestination::PrefixList(list) => call.destination_prefix_list_id(list.as_str()),
        };
        let sent = call.send().await;
        sent.map(|_| ()).map_err(|error| failed(DELETE_ROUTE, &error))
    }

    /// EC2 makes no route to a destination to which the table has one.
    pub(super) async fn create_route(&self, route: &RouteOut) -> Result<(), ActError> {
        let call = self.writing().create_route().route_table_id(route.table.as_str());
        let call = match &route.destination {
            RouteDestination::Cidr(cidr) if cidr.is_ipv6() => call.destination_ipv6_cidr_block(cidr.to_string()),
            RouteDestination::Cidr(cidr) => call.destination_cidr_block(cidr.to_string()),
            RouteDestination::PrefixList(list) => call.destination_prefix_list_id(list.as_str()),
        };
        let call = match &route.by {
            Outlet::InternetGateway(id) => call.gateway_id(id.as_str()),
            Outlet::EgressOnlyGateway(id) => call.egress_only_internet_gateway_id(id.as_str()),
            Outlet::NatGateway(id) => call.nat_gateway_id(id.as_str()),
        };
        let sent = call.send().await;
        let reply = sent.map_err(|error| failed(CREATE_ROUTE, &error))?;
        match reply.r#return() {
            Some(true) => Ok(()),
            _ => Err(unclear(CREATE_ROUTE, "Unparsable")),
        }
    }
}

/// The refusal that trying again cannot change, if it is that.
fn in_use<E>(gateway: &InternetGatewayId, error: &SdkError<E, HttpResponse>) -> Option<ActError>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = failure::code(error);
    let is_refused = error.raw_response().is_some_and(is_refusal);
    (is_refused && code == IN_USE).then(|| ActError::Impossible {
        action: DETACH_INTERNET_GATEWAY.to_owned(),
        code,
        why: Withheld::AddressesInUse {
            gateway: gateway.clone(),
            nat_gateways: Vec::new(),
        },
    })
}
