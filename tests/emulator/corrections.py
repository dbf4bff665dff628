"""Where moto 5.2.5 differs from AWS and a test would notice, put right when the emulator starts.

Each correction says what AWS does. Those of one kind of resource stand in `correct_*.py`; here are the ones that
concern every EC2 call. What is known to stay wrong is listed in README.md.
"""

from __future__ import annotations

import base64
import functools
import re
import uuid
from typing import Any, Callable

from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model
from moto.ec2 import exceptions
from moto.ec2.responses import EC2Response

import correct_endpoints
import correct_groups
import correct_interfaces
import correct_lists
import correct_paths
import correct_public_access
import correct_routes
import correct_ways_out

# The listing calls that moto answers in one piece however small the page asked for, and what they list.
PAGED = {
    "describe_internet_gateways": ("DescribeInternetGateways", "InternetGateways"),
    "describe_managed_prefix_lists": ("DescribeManagedPrefixLists", "PrefixLists"),
    "describe_nat_gateways": ("DescribeNatGateways", "NatGateways"),
    "describe_network_interfaces": ("DescribeNetworkInterfaces", "NetworkInterfaces"),
    "describe_prefix_lists": ("DescribePrefixLists", "PrefixLists"),
    "describe_route_tables": ("DescribeRouteTables", "RouteTables"),
    "describe_security_group_rules": ("DescribeSecurityGroupRules", "SecurityGroupRules"),
    "describe_security_groups": ("DescribeSecurityGroups", "SecurityGroups"),
    "describe_subnets": ("DescribeSubnets", "Subnets"),
    "describe_transit_gateway_vpc_attachments": (
        "DescribeTransitGatewayVpcAttachments",
        "TransitGatewayVpcAttachments",
    ),
    "describe_vpc_block_public_access_exclusions": (
        "DescribeVpcBlockPublicAccessExclusions",
        "VpcBlockPublicAccessExclusions",
    ),
    "describe_vpc_endpoints": ("DescribeVpcEndpoints", "VpcEndpoints"),
    "describe_vpc_peering_connections": ("DescribeVpcPeeringConnections", "VpcPeeringConnections"),
    "describe_vpcs": ("DescribeVpcs", "Vpcs"),
    "get_managed_prefix_list_entries": ("GetManagedPrefixListEntries", "Entries"),
}


@functools.cache
def apply() -> None:
    """Applies every correction, once in a process."""
    name_requests()
    honour_dry_run()
    correct_groups.apply()
    correct_endpoints.apply()
    correct_interfaces.apply()
    correct_lists.apply()
    correct_paths.apply()
    correct_public_access.apply()
    correct_routes.apply()
    correct_ways_out.apply()
    for method, (operation, listed) in PAGED.items():
        setattr(EC2Response, method, paged(getattr(EC2Response, method), operation, listed))


def name_requests() -> None:
    """AWS names each request with a UUID, the same in the header and in the body.

    Moto's EC2 has a fixed word in the body and another name in the header.
    """

    def enrich(headers: dict[str, Any], body: Any) -> tuple[dict[str, Any], Any]:
        if "status" in headers:
            headers["status"] = str(headers["status"])
        headers["x-amzn-requestid"] = request_id = str(uuid.uuid4())
        if isinstance(body, str):
            body = re.sub(r"(<[Rr]equestI[dD]>)[^<]*", rf"\g<1>{request_id}", body)
        return headers, body

    BaseResponse._enrich_response = staticmethod(enrich)


def honour_dry_run() -> None:
    """AWS carries out no EC2 call that says DryRun; moto does, for the calls that do not look at it."""
    call_action = EC2Response.call_action

    def call_unless_dry(call: EC2Response) -> Any:
        if not call._get_bool_param("DryRun"):
            return call_action(call)
        status, headers, body = call.serialized(ActionResult(exceptions.DryRunClientError()))
        return (status, *call._enrich_response(headers, body))

    EC2Response.call_action = call_unless_dry


def paged(method: Callable[[Any], ActionResult], operation: str, listed: str) -> Callable[[Any], ActionResult]:
    """AWS answers a listing call in pages of MaxResults, within the bounds of the API model."""

    def answer(call: Any) -> ActionResult:
        result = method(call)
        size, token = call._get_int_param("MaxResults"), call._get_param("NextToken")
        if size is None and token is None:
            return result
        start, size = page_start(token, size)
        check_page_size(operation, size)
        everything = list(result.result[listed])
        more = len(everything) > start + size
        page = everything[start : start + size]
        return ActionResult({listed: page, "NextToken": page_token(start + size, size) if more else None})

    return answer


def check_page_size(operation: str, size: int) -> None:
    """Refuses a page size that the API model does not allow."""
    bounds = get_service_model("ec2").operation_model(operation).input_shape.members["MaxResults"].metadata
    if not bounds.get("min", 1) <= size <= bounds.get("max", 1000):
        raise exceptions.InvalidParameterValue(f"Value ( {size} ) for parameter maxResults is invalid.")


def page_token(start: int, size: int) -> str:
    """A token for the page that begins at an offset; it remembers the size, as callers may leave it out."""
    return base64.urlsafe_b64encode(f"{start}/{size}".encode()).decode()


def page_start(token: str | None, size: int | None) -> tuple[int, int]:
    """Where a page begins and how long it is."""
    if token is None:
        return 0, size or 1000
    try:
        start, first_size = map(int, base64.urlsafe_b64decode(token).decode().split("/"))
    except ValueError:
        raise exceptions.InvalidParameterValue(f"The token '{token}' is invalid") from None
    return start, size or first_size
