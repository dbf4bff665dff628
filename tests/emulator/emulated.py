"""What the emulator's own tests share: one emulator for the process, emptied before each test."""

from __future__ import annotations

import functools
import json
import unittest
import urllib.error
import urllib.request
from typing import Any

import emulator
from loopback import Server

REGION = "eu-west-1"
SOMEONE = "AKIAIOSFODNN7EXAMPLE"


@functools.cache
def shared_server() -> Server:
    """The one emulator."""
    return emulator.serve(0)


class Refused(Exception):
    """An API call that the emulated AWS refused; `code` is AWS's."""

    def __init__(self, error: dict[str, Any]) -> None:
        """Takes the error as the control API tells it."""
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.message = error["message"]
        self.status = error["status"]


class EmulatedAws(unittest.TestCase):
    """A test with an emulated AWS of its own."""

    def setUp(self) -> None:
        """Empties the emulator."""
        self.endpoint = shared_server().endpoint
        self.control("reset", {})

    def control(self, path: str, body: Any = None) -> Any:
        """Asks the control API: POST with a body, GET without."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/_emulator/{path}", data)) as answer:
            return json.load(answer)

    def call(
        self,
        operation: str,
        parameters: dict[str, Any] | None = None,
        service: str = "ec2",
        access_key: str = SOMEONE,
        user_agent: str | None = None,
    ) -> dict[str, Any]:
        """Makes an API call through boto3 over HTTP."""
        wish = {
            "service": service,
            "operation": operation,
            "parameters": parameters or {},
            "access_key": access_key,
            "region": REGION,
            "user_agent": user_agent,
        }
        answer = self.control("call", wish)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def assert_refused(self, code: str, operation: str, parameters: dict[str, Any], service: str = "ec2") -> None:
        """Makes a call that must fail with a code."""
        with self.assertRaises(Refused) as caught:
            self.call(operation, parameters, service)
        self.assertEqual(caught.exception.code, code, caught.exception.message)

    def records(self) -> list[dict[str, Any]]:
        """The CloudTrail records so far."""
        return [event["record"] for event in self.control("events?after=0")["events"]]

    def last_record(self) -> dict[str, Any]:
        """The newest record."""
        return self.records()[-1]

    def calls(self) -> list[dict[str, Any]]:
        """The API calls so far."""
        return self.control("calls?after=0")["calls"]

    def vpc(self, **parameters: Any) -> str:
        """A new VPC's id."""
        return self.call("create_vpc", {"CidrBlock": "10.0.0.0/16", **parameters})["Vpc"]["VpcId"]

    def group(self, vpc_id: str, name: str = "app") -> str:
        """A new security group's id."""
        made = {"GroupName": name, "Description": f"group {name}", "VpcId": vpc_id}
        return self.call("create_security_group", made)["GroupId"]

    def rules(self, group_id: str, egress: bool = True) -> list[dict[str, Any]]:
        """One direction of a group's rules as DescribeSecurityGroupRules tells them."""
        asked = {"Filters": [{"Name": "group-id", "Values": [group_id]}]}
        listed = self.call("describe_security_group_rules", asked)["SecurityGroupRules"]
        return [rule for rule in listed if rule["IsEgress"] == egress]

    def cidrs(self, group_id: str) -> list[str]:
        """Where a group's egress rules lead, in order."""
        return sorted(rule.get("CidrIpv4") or rule.get("CidrIpv6", "") for rule in self.rules(group_id))


def tcp(port: int, *cidrs: str, **more: Any) -> dict[str, Any]:
    """A permission for one TCP port to IPv4 CIDRs."""
    ranges = {"IpRanges": [{"CidrIp": cidr} for cidr in cidrs]} if cidrs else {}
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **ranges, **more}


def every_protocol(*cidrs: str) -> dict[str, Any]:
    """A permission for all protocols to IPv4 or IPv6 CIDRs."""
    fours = [{"CidrIp": cidr} for cidr in cidrs if ":" not in cidr]
    sixes = [{"CidrIpv6": cidr} for cidr in cidrs if ":" in cidr]
    ranges = {**({"IpRanges": fours} if fours else {}), **({"Ipv6Ranges": sixes} if sixes else {})}
    return {"IpProtocol": "-1", **ranges}
