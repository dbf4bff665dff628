//! Obeys the actions that put something into another state.

use guardrail_policy::endpoint_policy::Policy;
use guardrail_policy::facts::{DnsAttribute, EndpointState};
use guardrail_policy::id::{SubnetId, VpcEndpointId, VpcId};

use crate::apply::{Applied, ApplyError};
use crate::model::World;

impl World {
    /// Switches an attribute of a VPC. Host names can be on only with DNS support (API reference of `ModifyVpcAttribute`).
    ///
    /// # Errors
    /// [`ApplyError`] when the VPC is not there, or has DNS support off.
    pub fn switch_attribute(&mut self, id: &VpcId, attribute: DnsAttribute, on: bool) -> Result<Applied, ApplyError> {
        let vpc = self.vpcs.as_mut().and_then(|vpcs| vpcs.get_mut(id));
        let vpc = vpc.ok_or_else(|| ApplyError::VpcNotFound(id.clone()))?;
        match attribute {
            DnsAttribute::DnsSupport => vpc.dns_support = on,
            DnsAttribute::DnsHostnames if on && !vpc.dns_support => {
                return Err(ApplyError::DnsAttributesOff(id.clone()));
            }
            DnsAttribute::DnsHostnames => vpc.dns_hostnames = on,
        }
        Ok(Applied::Switched)
    }

    /// Switches whether what is launched in a subnet gets a public address.
    ///
    /// # Errors
    /// [`ApplyError`] when the subnet is not there.
    pub fn switch_public_addresses(&mut self, id: &SubnetId, on: bool) -> Result<Applied, ApplyError> {
        let found = self.subnets.as_mut().and_then(|subnets| subnets.get_mut(id));
        let subnet = found.ok_or_else(|| ApplyError::SubnetNotFound(id.clone()))?;
        subnet.public_addresses = on;
        Ok(Applied::Switched)
    }

    /// Switches private DNS of an endpoint. It can be on only with both attributes of the VPC, and where nothing else
    /// holds the service's name (API reference of `CreateVpcEndpoint`).
    ///
    /// # Errors
    /// [`ApplyError`] when the endpoint is not there or not available, or private DNS cannot be on.
    pub fn switch_private_dns(&mut self, id: &VpcEndpointId, on: bool) -> Result<Applied, ApplyError> {
        let found = self.endpoints.as_ref().and_then(|endpoints| endpoints.get(id));
        let endpoint = found.ok_or_else(|| ApplyError::EndpointNotFound(id.clone()))?;
        if endpoint.state != EndpointState::Available {
            return Err(ApplyError::EndpointNotAvailable(id.clone()));
        }
        if on {
            self.admits_private_dns(id, &endpoint.vpc, &endpoint.service)?;
        }
        if let Some(endpoint) = self.endpoints.as_mut().and_then(|endpoints| endpoints.get_mut(id)) {
            endpoint.private_dns = on;
        }
        Ok(Applied::Switched)
    }

    /// Sets the policy of an endpoint, whatever it was.
    ///
    /// # Errors
    /// [`ApplyError`] when the endpoint is not there or not available.
    pub fn set_policy(&mut self, id: &VpcEndpointId, policy: &Policy) -> Result<Applied, ApplyError> {
        let found = self.endpoints.as_mut().and_then(|endpoints| endpoints.get_mut(id));
        let endpoint = found.ok_or_else(|| ApplyError::EndpointNotFound(id.clone()))?;
        if endpoint.state != EndpointState::Available {
            return Err(ApplyError::EndpointNotAvailable(id.clone()));
        }
        endpoint.policy = Some(policy.as_str().to_owned());
        Ok(Applied::Switched)
    }

    fn admits_private_dns(&self, id: &VpcEndpointId, vpc_id: &VpcId, service: &str) -> Result<(), ApplyError> {
        let vpc = self.vpcs.as_ref().and_then(|vpcs| vpcs.get(vpc_id));
        let vpc = vpc.ok_or_else(|| ApplyError::VpcNotFound(vpc_id.clone()))?;
        if !vpc.dns_support || !vpc.dns_hostnames {
            return Err(ApplyError::DnsAttributesOff(vpc_id.clone()));
        }
        let mut others = self.endpoints.iter().flat_map(|endpoints| endpoints.iter());
        let holds = |(other, endpoint): (&VpcEndpointId, &crate::model::Endpoint)| {
            other != id && endpoint.vpc == *vpc_id && endpoint.service == service && endpoint.private_dns
        };
        if vpc.hosted_zones.contains(service) || others.any(holds) {
            return Err(ApplyError::ConflictingDomain(service.to_owned()));
        }
        Ok(())
    }
}
