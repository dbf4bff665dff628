"""Paths to other networks as AWS has them.

What moto 5.2.5 gets wrong here, and this module puts right:

* DescribeTransitGatewayVpcAttachments lists every attachment; AWS lists those of VPCs.
* A deleted attachment is gone at once; AWS lists it as `deleted` for a while. (Left so: nothing here depends on it.)
"""

from __future__ import annotations

from typing import Any, Callable

from moto.core.responses import ActionResult
from moto.ec2.responses.transit_gateway_attachments import TransitGatewayAttachment


def of_vpcs(method: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """DescribeTransitGatewayVpcAttachments, without the attachments of anything else."""

    def answer(call: Any) -> ActionResult:
        listed = method(call).result["TransitGatewayVpcAttachments"]
        kept = [attachment for attachment in listed if attachment.resource_type == "vpc"]
        return ActionResult({"TransitGatewayVpcAttachments": kept})

    return answer


def apply() -> None:
    """Puts this in moto's place."""
    method = TransitGatewayAttachment.describe_transit_gateway_vpc_attachments
    TransitGatewayAttachment.describe_transit_gateway_vpc_attachments = of_vpcs(method)
