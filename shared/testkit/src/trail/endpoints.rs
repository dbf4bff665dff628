//! Records of calls about endpoints, and about a VPC's DNS.

use guardrail_policy::endpoint_policy::is_full_access;
use guardrail_policy::facts::{DnsAttribute, EndpointKind};
use guardrail_policy::id::{DhcpOptionsId, RouteTableId, SecurityGroupId, VpcEndpointId, VpcId};
use guardrail_world::Endpoint;
use serde_json::{Value, json};

use super::shapes::one_or_many;
use super::{TrailRecord, wrapped};
use crate::network::ACCOUNT;

impl TrailRecord {
    /// An endpoint, an interface or a gateway, was made as it is in the network; a policy was given where it is not full
    /// access.
    #[must_use]
    pub fn create_endpoint(id: &VpcEndpointId, endpoint: &Endpoint) -> Self {
        let is_gateway = endpoint.kind == EndpointKind::Gateway;
        let kind = if is_gateway { "Gateway" } else { "Interface" };
        let mut request = json!({
            "VpcId": endpoint.vpc,
            "ServiceName": endpoint.service,
            "VpcEndpointType": kind,
        });
        if let Some(policy) = endpoint.policy.as_deref().filter(|policy| !is_full_access(policy)) {
            request["PolicyDocument"] = json!(policy);
        }
        if is_gateway {
            request["RouteTableId"] = numbered(endpoint.route_tables.iter().map(|table| json!(table)));
        } else {
            request["PrivateDnsEnabled"] = json!(endpoint.private_dns);
            request["SecurityGroupId"] = numbered(endpoint.groups.iter().map(|group| json!(group)));
        }
        let tables = endpoint.route_tables.iter().map(|table| json!(table));
        let entries = endpoint
            .dns_names
            .iter()
            .map(|name| json!({ "dnsName": name, "hostedZoneId": "Z0EXAMPLE" }));
        let groups = endpoint
            .groups
            .iter()
            .map(|group| json!({ "groupId": group, "groupName": "endpoints" }));
        let made = json!({
            "vpcEndpointId": id,
            "vpcEndpointType": kind,
            "vpcId": endpoint.vpc,
            "ownerId": ACCOUNT.parse::<u64>().unwrap_or_default(),
            "serviceName": endpoint.service,
            "state": if is_gateway { "available" } else { "pending" },
            "requesterManaged": endpoint.requester_managed,
            "privateDnsEnabled": endpoint.private_dns,
            "groupSet": listed(groups.collect()),
            "dnsEntrySet": listed(entries.collect()),
            "routeTableIdSet": listed(tables.collect()),
            "creationTimestamp": "2026-03-02T09:15:07.350Z",
        });
        let mut record = wrapped("CreateVpcEndpoint", request);
        let response = &mut record.0["responseElements"]["CreateVpcEndpointResponse"];
        response["vpcEndpoint"] = made;
        if let Some(response) = response.as_object_mut() {
            response.remove("return");
        }
        record
    }

    /// Private DNS of an endpoint was set.
    #[must_use]
    pub fn switch_private_dns(id: &VpcEndpointId, on: bool) -> Self {
        wrapped(
            "ModifyVpcEndpoint",
            json!({ "VpcEndpointId": id, "PrivateDnsEnabled": on }),
        )
    }

    /// The policy of an endpoint was set; none sets it back to full access.
    #[must_use]
    pub fn set_policy(id: &VpcEndpointId, policy: Option<&str>) -> Self {
        let request = match policy {
            Some(policy) => json!({ "VpcEndpointId": id, "PolicyDocument": policy }),
            None => json!({ "VpcEndpointId": id, "ResetPolicy": true }),
        };
        wrapped("ModifyVpcEndpoint", request)
    }

    /// A group was put on an endpoint.
    #[must_use]
    pub fn add_group(id: &VpcEndpointId, group: &SecurityGroupId) -> Self {
        let group = json!({ "tag": 1, "content": group });
        wrapped(
            "ModifyVpcEndpoint",
            json!({ "VpcEndpointId": id, "AddSecurityGroupId": group }),
        )
    }

    /// A gateway endpoint's route was put into tables and taken from others.
    #[must_use]
    pub fn route_gateway(id: &VpcEndpointId, added: &[RouteTableId], removed: &[RouteTableId]) -> Self {
        let mut request = json!({ "VpcEndpointId": id });
        for (name, tables) in [("AddRouteTableId", added), ("RemoveRouteTableId", removed)] {
            if !tables.is_empty() {
                request[name] = numbered(tables.iter().map(|table| json!(table)));
            }
        }
        wrapped("ModifyVpcEndpoint", request)
    }

    /// A subnet was added to an endpoint.
    #[must_use]
    pub fn add_subnet(id: &VpcEndpointId, subnet: &str) -> Self {
        let subnet = json!({ "tag": 1, "content": subnet });
        wrapped(
            "ModifyVpcEndpoint",
            json!({ "VpcEndpointId": id, "AddSubnetId": subnet }),
        )
    }

    /// Endpoints were deleted.
    #[must_use]
    pub fn delete_endpoints(ids: &[VpcEndpointId]) -> Self {
        let ids = numbered(ids.iter().map(|id| json!(id)));
        let mut record = wrapped("DeleteVpcEndpoints", json!({ "VpcEndpointId": ids }));
        record.0["responseElements"]["DeleteVpcEndpointsResponse"]["unsuccessful"] = json!("");
        record
    }

    /// A VPC was given another set of DHCP options.
    #[must_use]
    pub fn associate_options(vpc: &VpcId, options: &DhcpOptionsId) -> Self {
        Self::ec2(
            "AssociateDhcpOptions",
            json!({ "vpcId": vpc, "dhcpOptionsId": options }),
            json!({ "requestId": "20000000-0000-4000-8000-000000000001", "_return": true }),
        )
    }

    /// An attribute of a VPC was set.
    #[must_use]
    pub fn switch_attribute(vpc: &VpcId, attribute: DnsAttribute, on: bool) -> Self {
        Self::ec2(
            "ModifyVpcAttribute",
            json!({ "vpcId": vpc, attribute.as_str(): { "value": on } }),
            json!({ "requestId": "20000000-0000-4000-8000-000000000001", "_return": true }),
        )
    }
}

/// A list in a request of the newer dialect.
fn numbered(items: impl Iterator<Item = Value>) -> Value {
    let numbered = items
        .enumerate()
        .map(|(number, item)| json!({ "tag": number + 1, "content": item }));
    one_or_many(numbered.collect())
}

/// A list in a response of the newer dialect; an empty one is an empty text.
fn listed(items: Vec<Value>) -> Value {
    if items.is_empty() {
        json!("")
    } else {
        json!({ "item": one_or_many(items) })
    }
}

#[cfg(test)]
mod tests {
    use guardrail_policy::event::{CallName, parse};

    use super::*;
    use crate::network::{
        ECR_API_ENDPOINT, ENDPOINT_GROUP, MAIN_TABLE, ROUTE_TABLE, S3_ENDPOINT, VPC, id, private_network,
    };

    #[test]
    fn every_record_is_read_as_the_call_that_it_tells_of() {
        let endpoint = id(ECR_API_ENDPOINT);
        let world = private_network();
        let found = world.endpoints.as_ref().and_then(|all| all.get(&endpoint)).unwrap();
        let off = DnsAttribute::DnsSupport;
        for (record, name) in [
            (
                TrailRecord::create_endpoint(&endpoint, found),
                CallName::CreateVpcEndpoint,
            ),
            (
                TrailRecord::switch_private_dns(&endpoint, false),
                CallName::ModifyVpcEndpoint,
            ),
            (TrailRecord::set_policy(&endpoint, None), CallName::ModifyVpcEndpoint),
            (
                TrailRecord::add_group(&endpoint, &id(ENDPOINT_GROUP)),
                CallName::ModifyVpcEndpoint,
            ),
            (
                TrailRecord::route_gateway(&id(S3_ENDPOINT), &[id(MAIN_TABLE)], &[id(ROUTE_TABLE)]),
                CallName::ModifyVpcEndpoint,
            ),
            (
                TrailRecord::add_subnet(&endpoint, "subnet-0a1b2c3d4e5f60003"),
                CallName::ModifyVpcEndpoint,
            ),
            (
                TrailRecord::delete_endpoints(std::slice::from_ref(&endpoint)),
                CallName::DeleteVpcEndpoints,
            ),
            (
                TrailRecord::associate_options(&id(VPC), &id("dopt-0a1b2c3d4e5f60001")),
                CallName::AssociateDhcpOptions,
            ),
            (
                TrailRecord::switch_attribute(&id(VPC), off, false),
                CallName::ModifyVpcAttribute,
            ),
        ] {
            let (_, event) = parse(&record.envelope()).unwrap();
            assert_eq!(event.call.name(), Some(name), "{:?}", record.json());
        }
    }
}
