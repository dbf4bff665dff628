"""Ways out of a VPC: what calls on gateways and routes do, and what their records say."""

from __future__ import annotations

import unittest
from typing import Any

from emulated import REGION, EmulatedAws


class WaysOut(EmulatedAws):
    """A VPC with a subnet, its route table and an internet gateway that is attached."""

    def setUp(self) -> None:
        super().setUp()
        self.vpc_id = self.vpc()
        subnet = {"VpcId": self.vpc_id, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": f"{REGION}a"}
        self.subnet_id = self.call("create_subnet", subnet)["Subnet"]["SubnetId"]
        self.table_id = self.call("create_route_table", {"VpcId": self.vpc_id})["RouteTable"]["RouteTableId"]
        self.gateway_id = self.call("create_internet_gateway", {})["InternetGateway"]["InternetGatewayId"]
        self.pair = {"InternetGatewayId": self.gateway_id, "VpcId": self.vpc_id}
        self.call("attach_internet_gateway", self.pair)

    def default_route(self, **target: str) -> dict[str, Any]:
        return {"RouteTableId": self.table_id, "DestinationCidrBlock": "0.0.0.0/0", **target}

    def nat_gateway(self, connectivity: str) -> str:
        asked = {"SubnetId": self.subnet_id, "ConnectivityType": connectivity}
        if connectivity == "public":
            asked["AllocationId"] = self.call("allocate_address", {"Domain": "vpc"})["AllocationId"]
        return self.call("create_nat_gateway", asked)["NatGateway"]["NatGatewayId"]

    def state(self) -> str:
        (table,) = self.call("describe_route_tables", {"RouteTableIds": [self.table_id]})["RouteTables"]
        (route,) = [one for one in table["Routes"] if one.get("DestinationCidrBlock") == "0.0.0.0/0"]
        return route["State"]

    def test_a_gateway_is_told_flat_with_its_vpc(self) -> None:
        record = self.last_record()
        self.assertEqual(record["eventName"], "AttachInternetGateway")
        expected = {"internetGatewayId": self.gateway_id, "vpcId": self.vpc_id}
        self.assertEqual(record["requestParameters"], expected)

    def test_a_route_is_told_flat_with_its_target(self) -> None:
        self.call("create_route", self.default_route(GatewayId=self.gateway_id))
        expected = {"routeTableId": self.table_id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": self.gateway_id}
        self.assertEqual(self.last_record()["requestParameters"], expected)

    def test_a_nat_gateway_is_told_in_its_wrapper(self) -> None:
        nat_id = self.nat_gateway("public")
        record = self.last_record()
        self.assertEqual(record["requestParameters"]["CreateNatGatewayRequest"]["SubnetId"], self.subnet_id)
        made = record["responseElements"]["CreateNatGatewayResponse"]["natGateway"]
        self.assertEqual((made["natGatewayId"], made["vpcId"]), (nat_id, self.vpc_id))

    def test_an_egress_only_gateway_is_told_in_its_wrapper(self) -> None:
        self.call("create_egress_only_internet_gateway", {"VpcId": self.vpc_id})
        record = self.last_record()
        self.assertEqual(record["requestParameters"]["CreateEgressOnlyInternetGatewayRequest"]["VpcId"], self.vpc_id)
        made = record["responseElements"]["CreateEgressOnlyInternetGatewayResponse"]["egressOnlyInternetGateway"]
        self.assertRegex(made["egressOnlyInternetGatewayId"], "^eigw-[0-9a-f]{17}$")

    def test_a_route_is_a_blackhole_while_its_gateway_is_detached(self) -> None:
        self.call("create_route", self.default_route(GatewayId=self.gateway_id))
        self.assertEqual(self.state(), "active")
        self.call("detach_internet_gateway", self.pair)
        self.assertEqual(self.state(), "blackhole")
        self.call("attach_internet_gateway", self.pair)
        self.assertEqual(self.state(), "active")

    def test_a_route_is_a_blackhole_once_its_nat_gateway_is_deleted(self) -> None:
        nat_id = self.nat_gateway("public")
        self.call("create_route", self.default_route(NatGatewayId=nat_id))
        self.assertEqual(self.state(), "active")
        self.call("delete_nat_gateway", {"NatGatewayId": nat_id})
        self.assertEqual(self.state(), "blackhole")

    def test_a_gateway_is_not_detached_while_public_addresses_are_in_use(self) -> None:
        self.nat_gateway("private")
        nat_id = self.nat_gateway("public")
        self.assert_refused("DependencyViolation", "detach_internet_gateway", self.pair)
        self.call("delete_nat_gateway", {"NatGatewayId": nat_id})
        self.call("detach_internet_gateway", self.pair)

    def test_no_route_is_made_to_a_gateway_that_is_not_attached(self) -> None:
        self.call("detach_internet_gateway", self.pair)
        route = self.default_route(GatewayId=self.gateway_id)
        self.assert_refused("InvalidParameterValue", "create_route", route)


if __name__ == "__main__":
    unittest.main()
