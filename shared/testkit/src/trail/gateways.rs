//! Records of calls about routes, and the gateways that they lead to.

use guardrail_policy::facts::Connectivity;
use guardrail_policy::id::{EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, RouteTableId, VpcId};
use guardrail_world::{Destination, NatGateway};
use serde_json::{Value, json};

use super::TrailRecord;

const REQUEST: &str = "20000000-0000-4000-8000-000000000001";
const XMLNS: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

impl TrailRecord {
    /// An internet gateway was attached to a VPC.
    #[must_use]
    pub fn attach_internet_gateway(gateway: &InternetGatewayId, vpc: &VpcId) -> Self {
        Self::ec2(
            "AttachInternetGateway",
            json!({ "internetGatewayId": gateway, "vpcId": vpc }),
            done(),
        )
    }

    /// An egress-only internet gateway was made.
    #[must_use]
    pub fn create_egress_only_gateway(gateway: &EgressOnlyInternetGatewayId, vpc: &VpcId) -> Self {
        Self::ec2(
            "CreateEgressOnlyInternetGateway",
            json!({ "CreateEgressOnlyInternetGatewayRequest": { "VpcId": vpc } }),
            json!({ "CreateEgressOnlyInternetGatewayResponse": {
                "xmlns": XMLNS,
                "requestId": REQUEST,
                "egressOnlyInternetGateway": {
                    "egressOnlyInternetGatewayId": gateway,
                    "attachmentSet": { "item": { "state": "attached", "vpcId": vpc } },
                    "tagSet": "",
                },
            } }),
        )
    }

    /// A NAT gateway was made as it is in the network.
    #[must_use]
    pub fn create_nat_gateway(id: &NatGatewayId, gateway: &NatGateway) -> Self {
        let connectivity = match gateway.connectivity {
            Connectivity::Public => "public",
            Connectivity::Private => "private",
        };
        let mut made = json!({
            "connectivityType": connectivity,
            "natGatewayAddressSet": "",
            "createTime": "2026-03-02T09:15:07.000Z",
            "vpcId": gateway.vpc,
            "natGatewayId": id,
            "state": "pending",
        });
        let mut request = json!({ "ConnectivityType": connectivity });
        match &gateway.subnet {
            Some(subnet) => (request["SubnetId"], made["subnetId"]) = (json!(subnet), json!(subnet)),
            None => (request["AvailabilityMode"], made["availabilityMode"]) = (json!("regional"), json!("regional")),
        }
        Self::ec2(
            "CreateNatGateway",
            json!({ "CreateNatGatewayRequest": request }),
            json!({ "CreateNatGatewayResponse": { "xmlns": XMLNS, "natGateway": made, "requestId": REQUEST } }),
        )
    }

    /// A route was added to a table.
    #[must_use]
    pub fn create_route(table: &RouteTableId, destination: &Destination, target: &str) -> Self {
        Self::ec2("CreateRoute", route(table, destination, target), done())
    }

    /// A route of a table leads elsewhere from now on.
    #[must_use]
    pub fn replace_route(table: &RouteTableId, destination: &Destination, target: &str) -> Self {
        Self::ec2("ReplaceRoute", route(table, destination, target), done())
    }
}

fn done() -> Value {
    json!({ "requestId": REQUEST, "_return": true })
}

fn route(table: &RouteTableId, destination: &Destination, target: &str) -> Value {
    let destination = destination.to_string();
    let member = match &destination {
        list if list.starts_with("pl-") => "destinationPrefixListId",
        block if block.contains(':') => "destinationIpv6CidrBlock",
        _ => "destinationCidrBlock",
    };
    let kind = target.split('-').next().unwrap_or_default();
    let by = match kind {
        "nat" => "natGatewayId",
        "eigw" => "egressOnlyInternetGatewayId",
        "tgw" => "transitGatewayId",
        "pcx" => "vpcPeeringConnectionId",
        "vpce" => "vpcEndpointId",
        "eni" => "networkInterfaceId",
        "i" => "instanceId",
        _ => "gatewayId",
    };
    json!({ "routeTableId": table, member: destination, by: target })
}

#[cfg(test)]
mod tests {
    use guardrail_policy::event::{CallName, parse};
    use guardrail_policy::facts::NatGatewayState;

    use super::*;
    use crate::network::{ROUTE_TABLE, SUBNETS, VPC, id};

    #[test]
    fn every_record_is_read_as_the_call_that_it_tells_of() {
        let nat = |subnet| NatGateway {
            vpc: id(VPC),
            connectivity: Connectivity::Public,
            state: NatGatewayState::There,
            subnet,
            tags: [].into(),
        };
        let table = id(ROUTE_TABLE);
        for (record, name) in [
            (
                TrailRecord::attach_internet_gateway(&id("igw-0a1b2c3d4e5f60001"), &id(VPC)),
                CallName::AttachInternetGateway,
            ),
            (
                TrailRecord::create_egress_only_gateway(&id("eigw-0a1b2c3d4e5f60001"), &id(VPC)),
                CallName::CreateEgressOnlyInternetGateway,
            ),
            (
                TrailRecord::create_nat_gateway(&id("nat-0a1b2c3d4e5f60001"), &nat(Some(id(SUBNETS[0])))),
                CallName::CreateNatGateway,
            ),
            (
                TrailRecord::create_nat_gateway(&id("nat-0a1b2c3d4e5f60001"), &nat(None)),
                CallName::CreateNatGateway,
            ),
            (
                TrailRecord::create_route(&table, &id("0.0.0.0/0"), "nat-0a1b2c3d4e5f60001"),
                CallName::CreateRoute,
            ),
            (
                TrailRecord::replace_route(&table, &id("::/0"), "eigw-0a1b2c3d4e5f60001"),
                CallName::ReplaceRoute,
            ),
        ] {
            let (_, event) = parse(&record.envelope()).unwrap();
            assert_eq!(event.call.name(), Some(name), "{:?}", record.json());
        }
    }
}
