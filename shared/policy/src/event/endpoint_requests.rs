//! From the calls about endpoints, and about a VPC's DNS, to a [`Call`].

use std::fmt::Display;
use std::str::FromStr;

use crate::event::endpoint::{EndpointChange, Members, NewEndpoint};
use crate::event::lenient::Node;
use crate::event::requests::Exchange;
use crate::event::{Call, EventError};

impl Exchange<'_> {
    /// The response says what was made of the request: which groups, and whether private DNS is on.
    pub(super) fn create_endpoint(&self) -> Result<Call, EventError> {
        let (asked, made) = (&self.request, self.response.member("vpcEndpoint"));
        let either = |name: &str| first(&made.member(name), &asked.member(name));
        let groups = asked.any(&["securityGroupId", "securityGroupIds"]);
        Ok(Call::CreateVpcEndpoint(NewEndpoint {
            endpoint: self.outcome(&made.member("vpcEndpointId"))?,
            vpc: either("vpcId").optional()?,
            service: either("serviceName").legible(),
            private_dns: either("privateDnsEnabled").optional_like("true or false", "true")?,
            groups: groups.list_of("groupId")?,
            policy: !asked.member("policyDocument").is_absent(),
        }))
    }

    pub(super) fn modify_endpoint(&self) -> Result<Call, EventError> {
        let asked = &self.request;
        Ok(Call::ModifyVpcEndpoint(EndpointChange {
            endpoint: asked.member("vpcEndpointId").required()?,
            private_dns: asked
                .member("privateDnsEnabled")
                .optional_like("true or false", "true")?,
            policy: !asked.member("policyDocument").is_absent() || asked.member("resetPolicy").is_true(),
            groups: self.members("SecurityGroupId", "groupId")?,
            subnets: self.members("SubnetId", "subnetId")?,
            route_tables: self.members("RouteTableId", "routeTableId")?,
        }))
    }

    /// The response lists what was not deleted, in a call that counts as a success.
    pub(super) fn delete_endpoints(&self) -> Result<Call, EventError> {
        let asked = self.request.any(&["vpcEndpointId", "vpcEndpointIds"]);
        let endpoints: Vec<_> = asked.list_of("vpcEndpointId")?;
        if endpoints.is_empty() && self.succeeded && !self.omitted {
            return Err(asked.missing());
        }
        let kept = self.response.member("unsuccessful").items();
        let kept = kept.iter().map(|item| item.member("resourceId").required());
        Ok(Call::DeleteVpcEndpoints {
            endpoints,
            kept: kept.collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn modify_vpc_attribute(&self) -> Result<Call, EventError> {
        Ok(Call::ModifyVpcAttribute {
            vpc: self.request.member("vpcId").required()?,
            dns_support: self.attribute("enableDnsSupport")?,
            dns_hostnames: self.attribute("enableDnsHostnames")?,
        })
    }

    /// An attribute that is on or off: `{"value": true}`, or `true` alone.
    fn attribute(&self, name: &str) -> Result<Option<bool>, EventError> {
        let attribute = self.request.member(name);
        attribute.scalar_or("value").optional_like("true or false", "true")
    }

    /// What is added to a set and taken from it: `AddSubnetId`, `RemoveSubnetId`.
    fn members<T>(&self, kind: &str, name: &str) -> Result<Members<T>, EventError>
    where
        T: FromStr<Err: Display>,
    {
        let of = |verb: &str| {
            let (one, many) = (format!("{verb}{kind}"), format!("{verb}{kind}s"));
            self.request.any(&[&one, &many]).list_of(name)
        };
        Ok(Members {
            added: of("add")?,
            removed: of("remove")?,
        })
    }
}

/// The first of two that is there.
fn first<'a>(one: &Node<'a>, other: &Node<'a>) -> Node<'a> {
    if one.is_absent() { other.clone() } else { one.clone() }
}
