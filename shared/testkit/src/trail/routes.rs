//! Records of calls about route tables, and the subnets that they serve.

use guardrail_policy::id::{RouteTableAssociationId, RouteTableId, SubnetId};
use guardrail_world::Subnet;
use serde_json::{Value, json};

use super::TrailRecord;
use crate::network::{ACCOUNT, REGION};

const REQUEST: &str = "20000000-0000-4000-8000-000000000001";

/// The association that [`TrailRecord::replace_association`] takes away.
const REPLACED: &str = "rtbassoc-0a1b2c3d4e5f600f0";

impl TrailRecord {
    /// A table was put in front of a subnet.
    #[must_use]
    pub fn associate_table(table: &RouteTableId, subnet: &SubnetId) -> Self {
        Self::ec2(
            "AssociateRouteTable",
            json!({ "routeTableId": table, "subnetId": subnet }),
            associated("associationId", "rtbassoc-0a1b2c3d4e5f600f1"),
        )
    }

    /// A table was put in front of what comes in by an internet gateway.
    #[must_use]
    pub fn associate_table_with_gateway(table: &RouteTableId) -> Self {
        Self::ec2(
            "AssociateRouteTable",
            json!({ "routeTableId": table, "gatewayId": "igw-0a1b2c3d4e5f60001" }),
            associated("associationId", "rtbassoc-0a1b2c3d4e5f600f1"),
        )
    }

    /// A subnet, or a gateway, lost its own table.
    #[must_use]
    pub fn disassociate_table(association: &RouteTableAssociationId) -> Self {
        Self::ec2(
            "DisassociateRouteTable",
            json!({ "associationId": association }),
            json!({ "requestId": REQUEST, "_return": true }),
        )
    }

    /// A table took another's place, by an association that is known from then on.
    #[must_use]
    pub fn replace_association(table: &RouteTableId, made: &RouteTableAssociationId) -> Self {
        Self::ec2(
            "ReplaceRouteTableAssociation",
            json!({ "associationId": REPLACED, "routeTableId": table }),
            associated("newAssociationId", made.as_str()),
        )
    }

    /// A subnet was made as it is in the network.
    #[must_use]
    pub fn create_subnet(id: &SubnetId, subnet: &Subnet) -> Self {
        let cidr = subnet.cidrs.first();
        Self::ec2(
            "CreateSubnet",
            json!({ "vpcId": subnet.vpc, "cidrBlock": cidr, "availabilityZone": subnet.zone }),
            json!({
                "requestId": REQUEST,
                "subnet": {
                    "subnetId": id,
                    "subnetArn": format!("arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{id}"),
                    "state": "available",
                    "vpcId": subnet.vpc,
                    "cidrBlock": cidr,
                    "ipv6CidrBlockAssociationSet": {},
                    "availableIpAddressCount": 251,
                    "availabilityZone": subnet.zone,
                    "ownerId": ACCOUNT,
                    "defaultForAz": false,
                    "mapPublicIpOnLaunch": false,
                    "assignIpv6AddressOnCreation": false,
                    "ipv6Native": false,
                },
            }),
        )
    }
}

fn associated(name: &str, association: &str) -> Value {
    json!({ "requestId": REQUEST, name: association, "associationState": { "state": "associated" } })
}

#[cfg(test)]
mod tests {
    use guardrail_policy::event::{CallName, parse};

    use super::*;
    use crate::network::{ROUTE_TABLE, SUBNETS, id, private_network};

    #[test]
    fn every_record_is_read_as_the_call_that_it_tells_of() {
        let (table, association) = (id(ROUTE_TABLE), id(REPLACED));
        let subnet = id(SUBNETS[0]);
        let world = private_network();
        let found = world.subnets.as_ref().and_then(|all| all.get(&subnet)).unwrap();
        for (record, name) in [
            (
                TrailRecord::associate_table(&table, &subnet),
                CallName::AssociateRouteTable,
            ),
            (
                TrailRecord::associate_table_with_gateway(&table),
                CallName::AssociateRouteTable,
            ),
            (
                TrailRecord::disassociate_table(&association),
                CallName::DisassociateRouteTable,
            ),
            (
                TrailRecord::replace_association(&table, &association),
                CallName::ReplaceRouteTableAssociation,
            ),
            (TrailRecord::create_subnet(&subnet, found), CallName::CreateSubnet),
        ] {
            let (_, event) = parse(&record.envelope()).unwrap();
            assert_eq!(event.call.name(), Some(name), "{:?}", record.json());
        }
    }
}
