"""Route tables and the subnets that they serve: what calls on them do, and what their records say."""

from __future__ import annotations

import unittest
from typing import Any

from emulated import REGION, EmulatedAws


class Associations(EmulatedAws):
    """A VPC with a subnet that no table is associated with, and two tables besides the main one."""

    def setUp(self) -> None:
        super().setUp()
        self.vpc_id = self.vpc()
        self.subnet_id = self.call("create_subnet", self.asked())["Subnet"]["SubnetId"]
        made = [self.call("create_route_table", {"VpcId": self.vpc_id}) for _ in range(2)]
        self.table_id, self.other_id = [one["RouteTable"]["RouteTableId"] for one in made]

    def asked(self) -> dict[str, Any]:
        return {"VpcId": self.vpc_id, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": f"{REGION}a"}

    def told(self, operation: str, parameters: dict[str, Any]) -> tuple[Any, Any]:
        """The two halves of the record that a call leaves, without the id of the request."""
        self.call(operation, parameters)
        record = self.last_record()
        response = record["responseElements"]
        self.assertEqual(response.pop("requestId"), record["requestID"])
        return record["requestParameters"], response

    def associations(self, table_id: str) -> list[tuple[str, str | None, bool]]:
        """What a table serves: the association, the subnet, whether it is the main one."""
        (table,) = self.call("describe_route_tables", {"RouteTableIds": [table_id]})["RouteTables"]
        return [(one["RouteTableAssociationId"], one.get("SubnetId"), one["Main"]) for one in table["Associations"]]

    def main_table(self) -> str:
        wanted = {"vpc-id": self.vpc_id, "association.main": "true"}
        filters = [{"Name": name, "Values": [value]} for name, value in wanted.items()]
        (table,) = self.call("describe_route_tables", {"Filters": filters})["RouteTables"]
        return table["RouteTableId"]

    def test_a_new_subnet_is_told_flat_with_what_it_is(self) -> None:
        asked = {**self.asked(), "CidrBlock": "10.0.2.0/24"}
        request, response = self.told("create_subnet", asked)
        expected = {"vpcId": self.vpc_id, "cidrBlock": "10.0.2.0/24", "availabilityZone": f"{REGION}a"}
        self.assertEqual(request, expected)
        subnet = response["subnet"]
        self.assertEqual((subnet["vpcId"], subnet["cidrBlock"]), (self.vpc_id, "10.0.2.0/24"))
        self.assertRegex(subnet["subnetId"], r"^subnet-[0-9a-f]{17}$")
        self.assertIs(subnet["mapPublicIpOnLaunch"], False)

    def test_a_table_is_associated_with_a_subnet(self) -> None:
        asked = {"RouteTableId": self.table_id, "SubnetId": self.subnet_id}
        request, response = self.told("associate_route_table", asked)
        self.assertEqual(request, {"routeTableId": self.table_id, "subnetId": self.subnet_id})
        self.assertRegex(response["associationId"], r"^rtbassoc-[0-9a-f]{17}$")
        self.assertEqual(response["associationState"], {"state": "associated"})
        self.assertEqual(self.associations(self.table_id), [(response["associationId"], self.subnet_id, False)])

    def test_a_table_takes_anothers_place_by_a_new_association(self) -> None:
        asked = {"RouteTableId": self.table_id, "SubnetId": self.subnet_id}
        association = self.call("associate_route_table", asked)["AssociationId"]
        asked = {"AssociationId": association, "RouteTableId": self.other_id}
        request, response = self.told("replace_route_table_association", asked)
        self.assertEqual(request, {"associationId": association, "routeTableId": self.other_id})
        self.assertNotEqual(response["newAssociationId"], association)
        self.assertEqual(response["associationState"], {"state": "associated"})
        self.assertEqual(self.associations(self.table_id), [])
        self.assertEqual(self.associations(self.other_id), [(response["newAssociationId"], self.subnet_id, False)])

    def test_another_table_becomes_the_main_one(self) -> None:
        main = self.main_table()
        ((association, _, _),) = self.associations(main)
        asked = {"AssociationId": association, "RouteTableId": self.table_id}
        _, response = self.told("replace_route_table_association", asked)
        self.assertEqual(self.main_table(), self.table_id)
        self.assertEqual(self.associations(self.table_id), [(response["newAssociationId"], None, True)])
        self.assertEqual(self.associations(main), [])

    def test_a_table_is_taken_away_by_its_association_alone(self) -> None:
        asked = {"RouteTableId": self.table_id, "SubnetId": self.subnet_id}
        association = self.call("associate_route_table", asked)["AssociationId"]
        request, response = self.told("disassociate_route_table", {"AssociationId": association})
        self.assertEqual((request, response), ({"associationId": association}, {"_return": True}))
        self.assertEqual(self.associations(self.table_id), [])
        self.assert_refused("InvalidAssociationID.NotFound", "disassociate_route_table", {"AssociationId": association})

    def test_a_subnet_has_one_table_of_its_own(self) -> None:
        self.call("associate_route_table", {"RouteTableId": self.table_id, "SubnetId": self.subnet_id})
        asked = {"RouteTableId": self.other_id, "SubnetId": self.subnet_id}
        self.assert_refused("Resource.AlreadyAssociated", "associate_route_table", asked)
        self.assertEqual(self.associations(self.other_id), [])


if __name__ == "__main__":
    unittest.main()
