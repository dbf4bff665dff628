"""VPC endpoints corrected, and the reads that the functions under test make of a network."""

from __future__ import annotations

import ipaddress
import json
import unittest
from typing import Any

from emulated import REGION, EmulatedAws


def service(name: str) -> str:
    """A regional service's name as endpoints have it."""
    return f"com.amazonaws.{REGION}.{name}"


class Network(EmulatedAws):
    """A VPC with DNS host names, a subnet, a route table and two groups."""

    def setUp(self) -> None:
        """Builds it."""
        super().setUp()
        self.vpc_id = self.vpc()
        self.dns_host_names(True)
        self.subnet_id = self.subnet("10.0.1.0/24")
        self.table_id = self.table()
        self.default_group = self.find("describe_security_groups", "SecurityGroups")[0]["GroupId"]
        self.clients = self.group(self.vpc_id, "clients")

    def dns_host_names(self, wanted: bool) -> None:
        """Sets the VPC's attribute."""
        self.call("modify_vpc_attribute", {"VpcId": self.vpc_id, "EnableDnsHostnames": {"Value": wanted}})

    def subnet(self, cidr: str) -> str:
        """A new subnet's id."""
        return self.call("create_subnet", {"VpcId": self.vpc_id, "CidrBlock": cidr})["Subnet"]["SubnetId"]

    def table(self) -> str:
        """A new route table's id."""
        return self.call("create_route_table", {"VpcId": self.vpc_id})["RouteTable"]["RouteTableId"]

    def find(self, operation: str, listed: str, name: str = "vpc-id", value: str = "") -> list[dict[str, Any]]:
        """What a listing call finds by one filter; the VPC's unless told otherwise."""
        return self.call(operation, {"Filters": [{"Name": name, "Values": [value or self.vpc_id]}]})[listed]

    def gateway_endpoint(self, name: str, **more: Any) -> dict[str, Any]:
        """Creates an endpoint, of AWS's default type unless told otherwise, and gives the answer."""
        asked = {"VpcId": self.vpc_id, "ServiceName": service(name), **more}
        return self.call("create_vpc_endpoint", asked)["VpcEndpoint"]

    def interface_endpoint(self, name: str = "ecr.api", **more: Any) -> dict[str, Any]:
        """Creates an interface endpoint in the subnet."""
        return self.gateway_endpoint(name, VpcEndpointType="Interface", SubnetIds=[self.subnet_id], **more)

    def endpoint_now(self, endpoint: dict[str, Any]) -> dict[str, Any]:
        """An endpoint as it is now."""
        return self.call("describe_vpc_endpoints", {"VpcEndpointIds": [endpoint["VpcEndpointId"]]})["VpcEndpoints"][0]

    def interfaces(self, group_id: str) -> list[dict[str, Any]]:
        """The network interfaces in a group."""
        return self.find("describe_network_interfaces", "NetworkInterfaces", "group-id", group_id)

    def routes(self, table_id: str) -> list[dict[str, Any]]:
        """A table's routes to prefix lists."""
        tables = self.find("describe_route_tables", "RouteTables")
        (table,) = [table for table in tables if table["RouteTableId"] == table_id]
        return [route for route in table["Routes"] if "DestinationPrefixListId" in route]

    def modify(self, endpoint: dict[str, Any], **change: Any) -> None:
        """Modifies an endpoint."""
        self.call("modify_vpc_endpoint", {"VpcEndpointId": endpoint["VpcEndpointId"], **change})


class Endpoints(Network):
    """correct_endpoints.py."""

    def test_a_gateway_is_the_default_type_without_private_dns_and_routed_by_prefix_list(self) -> None:
        endpoint = self.gateway_endpoint("s3", RouteTableIds=[self.table_id])
        self.assertEqual((endpoint["VpcEndpointType"], endpoint["PrivateDnsEnabled"]), ("Gateway", False))
        (route,) = self.routes(self.table_id)
        (prefix_list,) = self.find("describe_managed_prefix_lists", "PrefixLists", "prefix-list-name", service("s3"))
        self.assertEqual(route["DestinationPrefixListId"], prefix_list["PrefixListId"])
        self.assertEqual((route["GatewayId"], route["State"]), (endpoint["VpcEndpointId"], "active"))

    def test_routes_follow_a_gateways_tables(self) -> None:
        endpoint, other = self.gateway_endpoint("s3", RouteTableIds=[self.table_id]), self.table()
        self.modify(endpoint, AddRouteTableIds=[other], RemoveRouteTableIds=[self.table_id])
        self.assertEqual((len(self.routes(self.table_id)), len(self.routes(other))), (0, 1))
        self.call("delete_vpc_endpoints", {"VpcEndpointIds": [endpoint["VpcEndpointId"]]})
        self.assertEqual(self.routes(other), [])

    def test_an_interface_endpoint_without_groups_gets_the_default_group(self) -> None:
        endpoint = self.interface_endpoint()
        self.assertEqual([group["GroupId"] for group in endpoint["Groups"]], [self.default_group])
        self.assertTrue(endpoint["PrivateDnsEnabled"])
        self.assertEqual((endpoint["IpAddressType"], endpoint["DnsOptions"]), ("ipv4", {"DnsRecordIpType": "ipv4"}))
        self.assertEqual((endpoint["State"], self.endpoint_now(endpoint)["State"]), ("pending", "available"))

    def test_its_network_interfaces_are_managed_by_the_service_and_in_its_groups(self) -> None:
        endpoint = self.interface_endpoint(SecurityGroupIds=[self.clients])
        (interface,) = self.interfaces(self.clients)
        self.assertEqual([interface["NetworkInterfaceId"]], endpoint["NetworkInterfaceIds"])
        self.assertTrue(interface["RequesterManaged"])
        self.assertEqual((interface["InterfaceType"], interface["SubnetId"]), ("vpc_endpoint", self.subnet_id))
        subnet = ipaddress.ip_network("10.0.1.0/24")
        self.assertIn(ipaddress.ip_address(interface["PrivateIpAddress"]), subnet)
        other = self.subnet("10.0.2.0/24")
        self.modify(
            endpoint,
            AddSubnetIds=[other],
            RemoveSubnetIds=[self.subnet_id],
            AddSecurityGroupIds=[self.default_group],
            RemoveSecurityGroupIds=[self.clients],
        )
        self.assertEqual(self.interfaces(self.clients), [])
        self.assertEqual([one["SubnetId"] for one in self.interfaces(self.default_group)], [other])
        self.call("delete_vpc_endpoints", {"VpcEndpointIds": [endpoint["VpcEndpointId"]]})
        self.assertEqual(self.interfaces(self.default_group), [])

    def test_private_dns_needs_the_vpcs_attributes_and_a_free_name(self) -> None:
        asked = {
            "VpcId": self.vpc_id,
            "ServiceName": service("ecr.api"),
            "VpcEndpointType": "Interface",
            "SubnetIds": [self.subnet_id],
        }
        self.dns_host_names(False)
        self.assert_refused("InvalidParameter", "create_vpc_endpoint", asked)
        self.assertEqual(self.find("describe_vpc_endpoints", "VpcEndpoints"), [])
        without = self.interface_endpoint(PrivateDnsEnabled=False)
        switched_on = {"VpcEndpointId": without["VpcEndpointId"], "PrivateDnsEnabled": True}
        self.assert_refused("InvalidParameter", "modify_vpc_endpoint", switched_on)
        self.dns_host_names(True)
        self.modify(without, PrivateDnsEnabled=True)
        self.assertTrue(self.endpoint_now(without)["PrivateDnsEnabled"])
        self.assert_refused("InvalidParameter", "create_vpc_endpoint", asked)

    def test_a_modified_endpoint_has_its_policy_and_options_changed(self) -> None:
        endpoint = self.interface_endpoint(PolicyDocument='{"Statement": []}')
        self.modify(endpoint, ResetPolicy=True, DnsOptions={"DnsRecordIpType": "dualstack"}, IpAddressType="dualstack")
        now = self.endpoint_now(endpoint)
        self.assertEqual(json.loads(now["PolicyDocument"])["Statement"][0]["Principal"], "*")
        self.assertEqual((now["DnsOptions"]["DnsRecordIpType"], now["IpAddressType"]), ("dualstack", "dualstack"))

    def test_an_s3_interface_endpoint_is_for_inbound_resolvers_only_unless_told(self) -> None:
        options = self.interface_endpoint("s3")["DnsOptions"]
        self.assertTrue(options["PrivateDnsOnlyForInboundResolverEndpoint"])

    def test_an_interface_endpoint_answers_by_the_name_of_all_zones_that_of_each_and_the_services_own(self) -> None:
        registry = self.interface_endpoint("ecr.dkr")
        own = f"{registry['VpcEndpointId']}-0123abcd"
        zone = self.find("describe_subnets", "Subnets")[0]["AvailabilityZone"]
        domain = f"dkr.ecr.{REGION}.vpce.amazonaws.com"
        expected = [f"{own}.{domain}", f"{own}-{zone}.{domain}", f"dkr.ecr.{REGION}.amazonaws.com"]
        self.assertEqual([entry["DnsName"] for entry in self.endpoint_now(registry)["DnsEntries"]], expected)
        self.modify(registry, PrivateDnsEnabled=False)
        self.assertEqual([entry["DnsName"] for entry in self.endpoint_now(registry)["DnsEntries"]], expected[:2])
        s3 = self.interface_endpoint("s3", PrivateDnsEnabled=False)
        self.assertTrue(s3["DnsEntries"][0]["DnsName"].startswith(f"*.{s3['VpcEndpointId']}-0123abcd.s3.{REGION}."))

    def test_endpoints_are_found_by_id_and_by_service(self) -> None:
        registry, logs = self.interface_endpoint(), self.interface_endpoint("logs")
        for name, value in (("vpc-endpoint-id", logs["VpcEndpointId"]), ("service-name", service("logs"))):
            (found,) = self.find("describe_vpc_endpoints", "VpcEndpoints", name, value)
            self.assertEqual(found["VpcEndpointId"], logs["VpcEndpointId"])
        self.assertEqual(self.find("describe_vpc_endpoints", "VpcEndpoints", "vpc-endpoint-id", "vpce-0"), [])
        self.assertNotEqual(registry["VpcEndpointId"], logs["VpcEndpointId"])

    def test_services_and_types_that_there_are_not_are_refused(self) -> None:
        asked = {"VpcId": self.vpc_id, "ServiceName": service("lagoon")}
        self.assert_refused("InvalidServiceName", "create_vpc_endpoint", asked)
        asked = {"VpcId": self.vpc_id, "ServiceName": service("sts")}
        self.assert_refused("InvalidParameter", "create_vpc_endpoint", asked)
        names = self.call("describe_vpc_endpoint_services")["ServiceNames"]
        self.assertLessEqual({service("s3"), service("ecr.dkr"), service("logs")}, set(names))

    def test_a_service_is_found_by_its_name_with_what_its_endpoints_can_do(self) -> None:
        def found(name: str) -> list[dict[str, Any]]:
            return self.find("describe_vpc_endpoint_services", "ServiceDetails", "service-name", service(name))

        types = sorted(one["ServiceType"][0]["ServiceType"] for one in found("s3"))
        self.assertEqual(types, ["Gateway", "Interface"])
        (registry,), (inspector,) = found("ecr.api"), found("inspector2")
        self.assertEqual(registry["PrivateDnsNames"], [{"PrivateDnsName": f"api.ecr.{REGION}.amazonaws.com"}])
        self.assertTrue(registry["VpcEndpointPolicySupported"])
        self.assertFalse(inspector["VpcEndpointPolicySupported"])
        self.assertEqual(found("lagoon"), [])

    def test_a_deleted_endpoint_is_gone_and_an_unknown_one_is_told(self) -> None:
        endpoint_id, unknown = self.gateway_endpoint("s3")["VpcEndpointId"], "vpce-0123456789abcdef0"
        answer = self.call("delete_vpc_endpoints", {"VpcEndpointIds": [endpoint_id, unknown]})
        (failed,) = answer["Unsuccessful"]
        self.assertEqual((failed["ResourceId"], failed["Error"]["Code"]), (unknown, "InvalidVpcEndpoint.NotFound"))
        self.assertEqual(self.find("describe_vpc_endpoints", "VpcEndpoints"), [])
        asked = {"VpcEndpointIds": [endpoint_id]}
        self.assert_refused("InvalidVpcEndpointId.NotFound", "describe_vpc_endpoints", asked)


class Reads(Network):
    """The reads of the functions under test, corrected or right from the start."""

    def test_aws_owns_lists_named_for_the_region(self) -> None:
        lists = self.find("describe_managed_prefix_lists", "PrefixLists", "owner-id", "AWS")
        names = {one["PrefixListName"]: one["PrefixListId"] for one in lists}
        self.assertLessEqual({service("s3"), service("dynamodb")}, names.keys())
        one = self.call("describe_managed_prefix_lists", {"PrefixListIds": [names[service("s3")]]})["PrefixLists"]
        self.assertEqual([found["PrefixListName"] for found in one], [service("s3")])
        entries = self.call("get_managed_prefix_list_entries", {"PrefixListId": names[service("s3")]})["Entries"]
        self.assertTrue(all(ipaddress.ip_network(entry["Cidr"]) for entry in entries) and entries)

    def test_groups_are_found_by_the_list_that_they_let_out_to(self) -> None:
        made = {"PrefixListName": "partners", "AddressFamily": "IPv4", "MaxEntries": 5}
        list_id = self.call("create_managed_prefix_list", made)["PrefixList"]["PrefixListId"]
        permission = {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": list_id}]}
        self.call("authorize_security_group_egress", {"GroupId": self.clients, "IpPermissions": [permission]})
        found = self.find("describe_security_groups", "SecurityGroups", "egress.ip-permission.prefix-list-id", list_id)
        self.assertEqual([group["GroupId"] for group in found], [self.clients])

    def test_a_vpcs_parts_are_found_by_its_id(self) -> None:
        other = self.vpc()
        self.call("create_subnet", {"VpcId": other, "CidrBlock": "10.0.9.0/24"})
        self.gateway_endpoint("s3")
        self.assertEqual([one["SubnetId"] for one in self.find("describe_subnets", "Subnets")], [self.subnet_id])
        self.assertEqual(len(self.find("describe_route_tables", "RouteTables")), 2)
        self.assertEqual(len(self.find("describe_vpc_endpoints", "VpcEndpoints")), 1)
        groups = {one["GroupId"] for one in self.find("describe_security_groups", "SecurityGroups")}
        self.assertEqual(groups, {self.default_group, self.clients})
        (vpc,) = self.call("describe_vpcs", {"VpcIds": [self.vpc_id]})["Vpcs"]
        self.assertEqual(vpc["CidrBlockAssociationSet"][0]["CidrBlock"], "10.0.0.0/16")

    def test_a_vpc_with_ipv6_tells_its_block_and_gives_groups_two_rules(self) -> None:
        vpc_id = self.vpc(AmazonProvidedIpv6CidrBlock=True)
        (vpc,) = self.call("describe_vpcs", {"VpcIds": [vpc_id]})["Vpcs"]
        ipaddress.IPv6Network(vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"])
        self.assertEqual(self.cidrs(self.group(vpc_id)), ["0.0.0.0/0", "::/0"])

    def test_a_launched_instance_is_in_its_groups_only(self) -> None:
        asked = {
            "ImageId": "ami-0123456789abcdef0",
            "MinCount": 1,
            "MaxCount": 1,
            "SubnetId": self.subnet_id,
            "SecurityGroupIds": [self.clients],
        }
        instance_id = self.call("run_instances", asked)["Instances"][0]["InstanceId"]
        (interface,) = self.interfaces(self.clients)
        self.assertEqual([group["GroupId"] for group in interface["Groups"]], [self.clients])
        self.assertEqual(interface["Attachment"]["InstanceId"], instance_id)
        self.assertEqual(self.interfaces(self.default_group), [])
        listed = self.call("describe_instances", {"InstanceIds": [instance_id]})["Reservations"][0]["Instances"][0]
        self.assertEqual([group["GroupId"] for group in listed["SecurityGroups"]], [self.clients])
        self.call("modify_instance_attribute", {"InstanceId": instance_id, "Groups": [self.default_group]})
        self.assertEqual(len(self.interfaces(self.default_group)), 1)
        self.assertEqual(self.interfaces(self.clients), [])

    def test_what_is_not_there_is_named_as_aws_names_it(self) -> None:
        expected = {
            "describe_vpcs": ("VpcIds", "vpc-0123456789abcdef0", "InvalidVpcID.NotFound"),
            "describe_subnets": ("SubnetIds", "subnet-0123456789abcdef0", "InvalidSubnetID.NotFound"),
            "describe_route_tables": ("RouteTableIds", "rtb-0123456789abcdef0", "InvalidRouteTableID.NotFound"),
            "describe_network_interfaces": (
                "NetworkInterfaceIds",
                "eni-0123456789abcdef0",
                "InvalidNetworkInterfaceID.NotFound",
            ),
            "describe_security_groups": ("GroupIds", "sg-0123456789abcdef0", "InvalidGroup.NotFound"),
            "describe_security_group_rules": (
                "SecurityGroupRuleIds",
                "sgr-0123456789abcdef0",
                "InvalidSecurityGroupRuleId.NotFound",
            ),
            "describe_instances": ("InstanceIds", "i-0123456789abcdef0", "InvalidInstanceID.NotFound"),
        }
        for operation, (member, identifier, code) in expected.items():
            with self.subTest(operation=operation):
                self.assert_refused(code, operation, {member: [identifier]})

    def test_a_filter_that_finds_nothing_is_no_error(self) -> None:
        asked = {"Filters": [{"Name": "group-id", "Values": ["sg-0123456789abcdef0"]}]}
        self.assertEqual(self.call("describe_security_group_rules", asked)["SecurityGroupRules"], [])
        self.assertEqual(self.call("describe_network_interfaces", asked)["NetworkInterfaces"], [])


if __name__ == "__main__":
    unittest.main()
