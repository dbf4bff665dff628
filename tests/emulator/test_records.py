"""What a call looks like in CloudTrail: made-up calls through botocore's serialiser, and real records rebuilt."""

from __future__ import annotations

import gzip
import json
import os
import pathlib
import sys
import unittest
from typing import Any, Iterator

import ec2_dialect
import recorder
from emulated import REGION, EmulatedAws, Refused, every_protocol

EVENTS_VARIABLE = "GUARDRAIL_EVENTS_DIR"
# Calls in those records that concern no network, whose records have members that the API model does not know.
OUT_OF_SCOPE = frozenset(
    """CreateSnapshot DeleteSnapshot ModifySnapshotAttribute SharedSnapshotVolumeCreated CreateVolume DeleteVolume
    RegisterImage DeregisterImage ModifyImageAttribute""".split()
)
# Members that AWS's own console sends and the public API model lacks.
PRIVATE_MEMBERS = frozenset({"denyAllIgwTraffic"})


def rebuilt_form(action: str, told: dict[str, Any]) -> list[tuple[str, str]]:
    """The query parameters that must have led to these `requestParameters`."""
    if action in ec2_dialect.STYLE_A:
        if action == "RunInstances":
            told = {**told, **told["instancesSet"]["items"][0]}
            del told["instancesSet"]
        shape = ec2_dialect.service_model().operation_model(action).input_shape
        return list(form_a("", shape, told))
    (content,) = told.values()
    return list(form_b("", content or {}))


def form_a(prefix: str, shape: Any, told: Any) -> Iterator[tuple[str, str]]:
    """Style A back to the query, by the names that the recorder gives the model's members."""
    if shape.type_name == "structure":
        left = dict(told)
        for name, member in shape.members.items():
            key, item_key = ec2_dialect.name_a(shape, name, member)
            if key not in left:
                continue
            value = left.pop(key)
            where = prefix + ec2_dialect.query_name(name, member)
            if member.type_name == "list":
                items = value if isinstance(value, list) else value.get("items", [])
                for position, item in enumerate(items, 1):
                    scalar = member.member.type_name != "structure"
                    yield from form_a(f"{where}.{position}.", member.member, item[item_key] if scalar else item)
            else:
                yield from form_a(f"{where}.", member, value)
        assert not left, f"{shape.name} has no {sorted(left)}"
    else:
        yield prefix[:-1], text(told)


def form_b(prefix: str, told: Any) -> Iterator[tuple[str, str]]:
    """Style B back to the query: an element of a list is what has a `tag`."""
    if isinstance(told, list):
        for item in told:
            yield from form_b(prefix, item)
    elif isinstance(told, dict):
        where = f"{prefix}{told['tag']}." if "tag" in told else prefix
        if "content" in told:
            yield where[:-1], text(told["content"])
        else:
            for key, value in told.items():
                if key != "tag":
                    yield from form_b(f"{where}{key}.", value)
    else:
        yield prefix[:-1], text(told)


def text(value: Any) -> str:
    """A scalar as the query has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def real_records(folder: pathlib.Path) -> Iterator[dict[str, Any]]:
    """The records under a folder: one a file, or one a line of a packed file."""
    for path in sorted(folder.rglob("*.json")):
        record = json.loads(path.read_text())
        yield record.get("detail", record)
    for path in sorted(folder.rglob("*.jsonl.gz")):
        with gzip.open(path, "rt") as lines:
            yield from map(json.loads, lines)


def comparable(record: dict[str, Any]) -> bool:
    """Whether a record tells a network call of EC2 with its parameters."""
    name = record["eventName"]
    return (
        record.get("eventSource") == "ec2.amazonaws.com"
        and not name.startswith(ec2_dialect.READ_PREFIXES)
        and name not in OUT_OF_SCOPE
        and isinstance(record.get("requestParameters"), dict)
        and not PRIVATE_MEMBERS & record["requestParameters"].keys()
    )


class RealRecords(unittest.TestCase):
    """Real records, where they are to be had: never copied into the project."""

    def test_each_real_call_is_recorded_as_aws_recorded_it(self) -> None:
        folder = os.environ.get(EVENTS_VARIABLE)
        if not folder:
            reason = f"{EVENTS_VARIABLE} names no folder of real CloudTrail records"
            print(f"skipped: {reason}", file=sys.stderr)  # without -v, unittest does not say why
            self.skipTest(reason)
        records = [record for record in real_records(pathlib.Path(folder)) if comparable(record)]
        self.assertTrue(records, f"no EC2 record under {folder}")
        for record in records:
            with self.subTest(name=record["eventName"], id=record.get("eventID")):
                told = record["requestParameters"]
                form = rebuilt_form(record["eventName"], told)
                self.assertEqual(ec2_dialect.parameters(record["eventName"], form), told)


class MadeUpCalls(EmulatedAws):
    """Calls through boto3 and HTTP, each with the shape that AWS records it in."""

    def setUp(self) -> None:
        """A group to act on."""
        super().setUp()
        self.vpc_id = self.vpc()
        self.group_id = self.group(self.vpc_id)

    def told(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The record of a call, be it refused or not."""
        try:
            self.call(operation, parameters)
        except Refused:
            pass
        return self.last_record()

    def test_nested_permissions_of_every_kind(self) -> None:
        list_id = self.call("describe_managed_prefix_lists")["PrefixLists"][0]["PrefixListId"]
        permission = {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 444,
            "IpRanges": [{"CidrIp": "203.0.113.7/24", "Description": "office"}, {"CidrIp": "192.0.2.0/24"}],
            "UserIdGroupPairs": [{"GroupId": self.group_id, "UserId": "111122223333"}],
            "PrefixListIds": [{"PrefixListId": list_id, "Description": "S3"}],
        }
        asked = {"GroupId": self.group_id, "IpPermissions": [permission, every_protocol("::/0")]}
        record = self.told("authorize_security_group_egress", asked)
        ranges = [{"cidrIp": "203.0.113.7/24", "description": "office"}, {"cidrIp": "192.0.2.0/24"}]
        first = {
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 444,
            "groups": {"items": [{"groupId": self.group_id, "userId": "111122223333"}]},
            "ipRanges": {"items": ranges},
            "ipv6Ranges": {},
            "prefixListIds": {"items": [{"prefixListId": list_id, "description": "S3"}]},
        }
        second = {
            "ipProtocol": "-1",
            "groups": {},
            "ipRanges": {},
            "ipv6Ranges": {"items": [{"cidrIpv6": "::/0"}]},
            "prefixListIds": {},
        }
        expected = {"groupId": self.group_id, "ipPermissions": {"items": [first, second]}}
        self.assertEqual(record["requestParameters"], expected)
        items = record["responseElements"]["securityGroupRuleSet"]["items"]
        self.assertEqual(len(items), 5, "two addresses, a group, a list, and one of IPv6")
        self.assertEqual(items[0]["cidrIpv4"], "203.0.113.0/24", "the answer has what AWS stored")
        self.assertEqual(items[2]["referencedGroupInfo"], {"groupId": self.group_id, "userId": "111122223333"})
        self.assertEqual(items[3]["prefixListId"], list_id)
        self.assertEqual((items[4]["cidrIpv6"], items[4]["fromPort"], items[4]["toPort"]), ("::/0", -1, -1))
        self.assertEqual({item["groupOwnerId"] for item in items}, {"111122223333"})
        self.assertEqual({item["isEgress"] for item in items}, {True})

    def test_the_flat_legacy_form_leaves_permissions_empty(self) -> None:
        ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "198.51.100.9/32"}
        for operation in ("authorize_security_group_ingress", "revoke_security_group_ingress"):
            with self.subTest(operation=operation):
                record = self.told(operation, {"GroupId": self.group_id, **ssh})
                self.assertNotIn("errorCode", record)
                expected = {
                    "groupId": self.group_id,
                    "ipPermissions": {},
                    "ipProtocol": "tcp",
                    "fromPort": 22,
                    "toPort": 22,
                    "cidrIp": "198.51.100.9/32",
                }
                self.assertEqual(record["requestParameters"], expected)

    def test_a_revoke_by_rule_id_names_only_the_id_and_its_answer_the_rule(self) -> None:
        (rule,) = self.rules(self.group_id)
        rule_id = rule["SecurityGroupRuleId"]
        asked = {"GroupId": self.group_id, "SecurityGroupRuleIds": [rule_id]}
        record = self.told("revoke_security_group_egress", asked)
        expected = {
            "groupId": self.group_id,
            "ipPermissions": {},
            "securityGroupRuleIds": {"items": [{"securityGroupRuleId": rule_id}]},
        }
        self.assertEqual(record["requestParameters"], expected)
        self.assertIs(record["responseElements"]["_return"], True)
        (revoked,) = record["responseElements"]["revokedSecurityGroupRuleSet"]["items"]
        self.assertEqual((revoked["securityGroupRuleId"], revoked["cidrIpv4"]), (rule_id, "0.0.0.0/0"))

    def test_a_new_group_has_its_tags_as_a_plain_array_in_the_request(self) -> None:
        tags = [{"Key": "Name", "Value": "true"}]
        asked = {
            "GroupName": "db",
            "Description": "databases",
            "VpcId": self.vpc_id,
            "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}],
        }
        record = self.told("create_security_group", asked)
        told_tags = [{"key": "Name", "value": "true"}]
        expected = {
            "groupName": "db",
            "groupDescription": "databases",
            "vpcId": self.vpc_id,
            "tagSpecificationSet": {"items": [{"resourceType": "security-group", "tags": told_tags}]},
        }
        self.assertEqual(record["requestParameters"], expected)
        self.assertIs(record["responseElements"]["_return"], True)
        self.assertEqual(record["responseElements"]["tagSet"], {"items": told_tags})

    def test_modified_rules_have_a_doubled_key_and_are_an_object_alone_and_an_array_together(self) -> None:
        rule_id = self.rules(self.group_id)[0]["SecurityGroupRuleId"]
        change = {"IpProtocol": "-1", "CidrIpv4": "10.0.0.0/8"}
        one = {"SecurityGroupRuleId": rule_id, "SecurityGroupRule": change}
        told_one = {
            "tag": 1,
            "SecurityGroupRuleId": rule_id,
            "SecurityGroupRule": {"IpProtocol": -1, "CidrIpv4": "10.0.0.0/8"},
        }
        record = self.told("modify_security_group_rules", {"GroupId": self.group_id, "SecurityGroupRules": [one]})
        request = record["requestParameters"]["ModifySecurityGroupRulesRequest"]
        self.assertEqual(request, {"GroupId": self.group_id, "SecurityGroupRule": told_one})
        response = record["responseElements"]["ModifySecurityGroupRulesResponse"]
        expected = {"xmlns": ec2_dialect.NAMESPACE, "requestId": record["requestID"], "return": True}
        self.assertEqual(response, expected)
        record = self.told("modify_security_group_rules", {"GroupId": self.group_id, "SecurityGroupRules": [one, one]})
        request = record["requestParameters"]["ModifySecurityGroupRulesRequest"]
        self.assertEqual(request["SecurityGroupRule"], [told_one, {**told_one, "tag": 2}])

    def test_attributes_are_objects_with_a_value(self) -> None:
        record = self.told("modify_vpc_attribute", {"VpcId": self.vpc_id, "EnableDnsHostnames": {"Value": True}})
        self.assertEqual(record["requestParameters"], {"vpcId": self.vpc_id, "enableDnsHostnames": {"value": True}})
        self.assertEqual(record["responseElements"], {"requestId": record["requestID"], "_return": True})

    def test_groups_of_an_interface_are_items_with_an_id(self) -> None:
        subnet_id = self.call("create_subnet", {"VpcId": self.vpc_id, "CidrBlock": "10.0.1.0/24"})["Subnet"]["SubnetId"]
        made = self.call("create_network_interface", {"SubnetId": subnet_id})
        interface_id = made["NetworkInterface"]["NetworkInterfaceId"]
        self.assertEqual(self.last_record()["requestParameters"]["groupSet"], {})
        asked = {"NetworkInterfaceId": interface_id, "Groups": [self.group_id]}
        record = self.told("modify_network_interface_attribute", asked)
        expected = {"networkInterfaceId": interface_id, "groupSet": {"items": [{"groupId": self.group_id}]}}
        self.assertEqual(record["requestParameters"], expected)

    def test_an_endpoint_is_told_in_the_newer_dialect(self) -> None:
        self.call("modify_vpc_attribute", {"VpcId": self.vpc_id, "EnableDnsHostnames": {"Value": True}})
        subnets = [
            self.call("create_subnet", {"VpcId": self.vpc_id, "CidrBlock": cidr})["Subnet"]["SubnetId"]
            for cidr in ("10.0.1.0/24", "10.0.2.0/24")
        ]
        policy = '{"Statement": [ ]}'
        asked = {
            "VpcId": self.vpc_id,
            "ServiceName": f"com.amazonaws.{REGION}.ecr.api",
            "VpcEndpointType": "Interface",
            "SubnetIds": subnets,
            "SecurityGroupIds": [self.group_id],
            "PolicyDocument": policy,
            "PrivateDnsEnabled": True,
            "TagSpecifications": [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "shared", "Value": "true"}]}],
        }
        record = self.told("create_vpc_endpoint", asked)
        expected = {
            "VpcId": self.vpc_id,
            "ServiceName": f"com.amazonaws.{REGION}.ecr.api",
            "VpcEndpointType": "Interface",
            "SubnetId": [{"tag": 1, "content": subnets[0]}, {"tag": 2, "content": subnets[1]}],
            "SecurityGroupId": {"tag": 1, "content": self.group_id},
            "PolicyDocument": policy,
            "PrivateDnsEnabled": True,
            "TagSpecification": {
                "tag": 1,
                "ResourceType": "vpc-endpoint",
                "Tag": {"tag": 1, "Key": "shared", "Value": True},
            },
        }
        self.assertEqual(record["requestParameters"], {"CreateVpcEndpointRequest": expected})
        endpoint = record["responseElements"]["CreateVpcEndpointResponse"]["vpcEndpoint"]
        self.assertEqual(endpoint["ownerId"], 111122223333)
        self.assertEqual(endpoint["subnetIdSet"], {"item": subnets})
        self.assertEqual(endpoint["groupSet"]["item"]["groupId"], self.group_id)
        self.assertEqual(endpoint["routeTableIdSet"], "")
        self.assertEqual(endpoint["policyDocument"], policy)
        deleted = self.told("delete_vpc_endpoints", {"VpcEndpointIds": [endpoint["vpcEndpointId"]]})
        self.assertEqual(deleted["responseElements"]["DeleteVpcEndpointsResponse"]["unsuccessful"], "")

    def test_user_data_is_never_shown(self) -> None:
        subnet_id = self.call("create_subnet", {"VpcId": self.vpc_id, "CidrBlock": "10.0.1.0/24"})["Subnet"]["SubnetId"]
        asked = {"ImageId": "ami-0123456789abcdef0", "MinCount": 1, "MaxCount": 1, "SubnetId": subnet_id}
        request = self.told("run_instances", {**asked, "UserData": "secret"})["requestParameters"]
        self.assertEqual(request["userData"], "<sensitiveDataRemoved>")
        self.assertEqual(request["instancesSet"]["items"][0]["imageId"], "ami-0123456789abcdef0")
        self.assertEqual(request["blockDeviceMapping"], {})


class Retyping(unittest.TestCase):
    """How the newer dialect guesses the type of a scalar."""

    def test_scalars_lose_their_quotes_as_aws_takes_them_off(self) -> None:
        guesses = {"true": True, "false": False, "443": 443, "-1": -1, "007": "007", "1.5": 1.5, "tcp": "tcp", "": ""}
        for given, expected in guesses.items():
            with self.subTest(given=given):
                guessed = ec2_dialect.retyped(given)
                self.assertEqual((type(guessed), guessed), (type(expected), expected))

    def test_a_request_without_members_is_an_empty_string(self) -> None:
        self.assertEqual(ec2_dialect.parameters("CreateDefaultVpc", []), {"CreateDefaultVpcRequest": ""})

    def test_one_wrapper_has_a_name_of_its_own(self) -> None:
        form = [("TransitGatewayAttachmentId", "tgw-attach-1")]
        told = ec2_dialect.parameters("DeleteTransitGatewayVpcAttachment", form)
        self.assertEqual(list(told), ["DelTGwVpcAttachReq"])

    def test_a_parameter_that_aws_does_not_know_leaves_no_parameters(self) -> None:
        call = recorder.ApiCall(
            service="ec2",
            action="CreateVpc",
            region=REGION,
            access_key="",
            user_agent="",
            body="Action=CreateVpc&Depth=3",
            response="",
            error=("UnknownParameter", "The parameter Depth is not recognized"),
            status=400,
        )
        self.assertIsNone(recorder.record(call, None, "111122223333")["requestParameters"])


if __name__ == "__main__":
    unittest.main()
