"""Public addresses, VPC Block Public Access and paths to other networks: what calls do, and what their records say."""

from __future__ import annotations

import unittest
from typing import Any

from emulated import REGION, EmulatedAws


class Told(EmulatedAws):
    """A VPC with a subnet."""

    def setUp(self) -> None:
        super().setUp()
        self.vpc_id = self.vpc()
        asked = {"VpcId": self.vpc_id, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": f"{REGION}a"}
        self.subnet_id = self.call("create_subnet", asked)["Subnet"]["SubnetId"]

    def told(self, operation: str, parameters: dict[str, Any]) -> tuple[Any, Any]:
        """The two halves of the record that a call leaves."""
        self.call(operation, parameters)
        record = self.last_record()
        return record["requestParameters"], record["responseElements"]


class PublicAddresses(Told):
    """What gives an interface a public address."""

    def test_a_subnet_gives_out_addresses(self) -> None:
        asked = {"SubnetId": self.subnet_id, "MapPublicIpOnLaunch": {"Value": True}}
        request, response = self.told("modify_subnet_attribute", asked)
        self.assertEqual(request, {"subnetId": self.subnet_id, "mapPublicIpOnLaunch": {"value": True}})
        self.assertIs(response["_return"], True)
        (subnet,) = self.call("describe_subnets", {"SubnetIds": [self.subnet_id]})["Subnets"]
        self.assertIs(subnet["MapPublicIpOnLaunch"], True)

    def test_an_interface_shows_its_elastic_address_until_it_is_taken_away(self) -> None:
        made = self.call("create_network_interface", {"SubnetId": self.subnet_id})
        interface = made["NetworkInterface"]["NetworkInterfaceId"]
        address = self.call("allocate_address", {"Domain": "vpc"})
        asked = {"AllocationId": address["AllocationId"], "NetworkInterfaceId": interface}
        request, response = self.told("associate_address", asked)
        self.assertEqual(request, {"allocationId": address["AllocationId"], "networkInterfaceId": interface})
        self.assertRegex(response["associationId"], r"^eipassoc-[0-9a-f]{17}$")
        shown = self.addresses(interface)
        self.assertEqual(
            [(one["PublicIp"], one["AssociationId"]) for one in shown],
            [(address["PublicIp"], response["associationId"])],
        )
        self.call("disassociate_address", {"AssociationId": response["associationId"]})
        self.assertEqual(self.addresses(interface), [])

    def addresses(self, interface: str) -> list[dict[str, Any]]:
        wanted = {"NetworkInterfaceIds": [interface]}
        (found,) = self.call("describe_network_interfaces", wanted)["NetworkInterfaces"]
        return [one["Association"] for one in found["PrivateIpAddresses"] if one.get("Association")]


class BlockPublicAccess(Told):
    """The mode of an account in a Region, and what is excluded from it."""

    def test_nobody_has_set_it_at_first(self) -> None:
        found = self.call("describe_vpc_block_public_access_options")["VpcBlockPublicAccessOptions"]
        self.assertEqual((found["InternetGatewayBlockMode"], found["State"]), ("off", "default-state"))

    def test_a_mode_holds_until_another_is_set(self) -> None:
        asked = {"InternetGatewayBlockMode": "block-bidirectional"}
        request, response = self.told("modify_vpc_block_public_access_options", asked)
        self.assertEqual(request, {"ModifyVpcBlockPublicAccessOptionsRequest": asked})
        told = response["ModifyVpcBlockPublicAccessOptionsResponse"]["vpcBlockPublicAccessOptions"]
        self.assertEqual(told["state"], "update-in-progress")
        found = self.call("describe_vpc_block_public_access_options")["VpcBlockPublicAccessOptions"]
        self.assertEqual((found["InternetGatewayBlockMode"], found["State"]), ("block-bidirectional", "update-complete"))
        self.assert_refused(
            "InvalidParameterValue", "modify_vpc_block_public_access_options", {"InternetGatewayBlockMode": "all"}
        )

    def test_an_exclusion_is_made_changed_and_deleted(self) -> None:
        asked = {"SubnetId": self.subnet_id, "InternetGatewayExclusionMode": "allow-egress"}
        request, response = self.told("create_vpc_block_public_access_exclusion", asked)
        self.assertEqual(request, {"CreateVpcBlockPublicAccessExclusionRequest": asked})
        made = response["CreateVpcBlockPublicAccessExclusionResponse"]["vpcBlockPublicAccessExclusion"]
        exclusion = made["exclusionId"]
        self.assertEqual(made["state"], "create-in-progress")
        self.assertTrue(made["resourceArn"].endswith(f":subnet/{self.subnet_id}"))
        self.assertEqual(self.exclusions(), [(exclusion, "allow-egress", "create-complete")])
        asked = {"ExclusionId": exclusion, "InternetGatewayExclusionMode": "allow-bidirectional"}
        self.call("modify_vpc_block_public_access_exclusion", asked)
        self.assertEqual(self.exclusions(), [(exclusion, "allow-bidirectional", "update-complete")])
        self.call("delete_vpc_block_public_access_exclusion", {"ExclusionId": exclusion})
        self.assertEqual(self.exclusions(), [(exclusion, "allow-bidirectional", "delete-complete")])

    def exclusions(self) -> list[tuple[str, str, str]]:
        listed = self.call("describe_vpc_block_public_access_exclusions")["VpcBlockPublicAccessExclusions"]
        return [(one["ExclusionId"], one["InternetGatewayExclusionMode"], one["State"]) for one in listed]

    def test_an_exclusion_is_of_one_thing_that_is_there(self) -> None:
        operation, mode = "create_vpc_block_public_access_exclusion", {"InternetGatewayExclusionMode": "allow-egress"}
        self.assert_refused("InvalidParameterValue", operation, mode)
        self.assert_refused("InvalidVpcID.NotFound", operation, {**mode, "VpcId": "vpc-00000000000000000"})
        unknown = {**mode, "ExclusionId": "vpcbpa-exclude-00000000000000000"}
        self.assert_refused(
            "InvalidVpcBlockPublicAccessExclusionId.NotFound", "modify_vpc_block_public_access_exclusion", unknown
        )


class Paths(Told):
    """Peering connections, attachments and VPN connections."""

    def test_a_peering_names_both_vpcs_in_the_answer(self) -> None:
        other = self.call("create_vpc", {"CidrBlock": "10.9.0.0/16"})["Vpc"]["VpcId"]
        asked = {"VpcId": self.vpc_id, "PeerVpcId": other}
        request, response = self.told("create_vpc_peering_connection", asked)
        self.assertEqual(request, {"vpcId": self.vpc_id, "peerVpcId": other})
        made = response["vpcPeeringConnection"]
        vpcs = [made[info]["vpcId"] for info in ("requesterVpcInfo", "accepterVpcInfo")]
        self.assertEqual(vpcs, [self.vpc_id, other])
        accepted = {"VpcPeeringConnectionId": made["vpcPeeringConnectionId"]}
        request, response = self.told("accept_vpc_peering_connection", accepted)
        self.assertEqual(request, {"vpcPeeringConnectionId": made["vpcPeeringConnectionId"]})
        self.assertEqual(response["vpcPeeringConnection"]["accepterVpcInfo"]["vpcId"], other)

    def test_only_attachments_of_vpcs_are_listed(self) -> None:
        gateway = self.call("create_transit_gateway")["TransitGateway"]["TransitGatewayId"]
        asked = {"TransitGatewayId": gateway, "VpcId": self.vpc_id, "SubnetIds": [self.subnet_id]}
        _, response = self.told("create_transit_gateway_vpc_attachment", asked)
        made = response["CreateTransitGatewayVpcAttachmentResponse"]["transitGatewayVpcAttachment"]
        customer = {"Type": "ipsec.1", "BgpAsn": 65000, "PublicIp": "203.0.113.7"}
        customer = self.call("create_customer_gateway", customer)["CustomerGateway"]["CustomerGatewayId"]
        vpn = {"Type": "ipsec.1", "CustomerGatewayId": customer, "TransitGatewayId": gateway}
        request, response = self.told("create_vpn_connection", vpn)
        self.assertEqual(request["transitGatewayId"], gateway)
        self.assertRegex(response["vpnConnection"]["vpnConnectionId"], r"^vpn-[0-9a-f]+$")
        listed = self.call("describe_transit_gateway_vpc_attachments")["TransitGatewayVpcAttachments"]
        attachments = [(one["TransitGatewayAttachmentId"], one["VpcId"]) for one in listed]
        self.assertEqual(attachments, [(made["transitGatewayAttachmentId"], self.vpc_id)])


if __name__ == "__main__":
    unittest.main()
