"""VPC Block Public Access, which moto 5.2.5 does not have at all.

As AWS has it: the mode and the exclusions are an account's in a Region; nobody has set a mode at first; an exclusion
is of one VPC or one subnet and is shown by that one's ARN; one that is deleted stays listed for a while. Here a mode
and an exclusion hold at once, and the state `…-in-progress` is in the answer alone. What is blocked is not: no packets
flow in an emulated network.
"""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidParameterValue
from moto.ec2.responses import EC2Response

MODES = ("off", "block-bidirectional", "block-ingress")
EXCLUSION_MODES = ("allow-bidirectional", "allow-egress")


def state_of(call: Any) -> dict[str, Any]:
    """What an account has set in a Region; it lives and goes with moto's own state."""
    backend = call.ec2_backend
    if not hasattr(backend, "block_public_access"):
        backend.block_public_access = {"mode": "off", "state": "default-state", "exclusions": {}}
    return backend.block_public_access


def now() -> datetime.datetime:
    """The time, as AWS dates what it shows."""
    return datetime.datetime.now(datetime.timezone.utc)


def chosen(call: Any, name: str, modes: tuple[str, ...]) -> str:
    """A mode of the request, which must be one that there is."""
    mode = call._get_param(name)
    if mode not in modes:
        raise InvalidParameterValue(f"Value ({mode}) for parameter {name} is invalid.")
    return mode


def options(call: Any, state: str) -> dict[str, Any]:
    """The settings as the API shows them."""
    found = state_of(call)
    return {
        "AwsAccountId": call.current_account,
        "AwsRegion": call.region,
        "State": state,
        "InternetGatewayBlockMode": found["mode"],
        "ManagedBy": "account",
        "ExclusionsAllowed": "allowed",
    }


def describe_options(call: Any) -> ActionResult:
    """DescribeVpcBlockPublicAccessOptions."""
    return ActionResult({"VpcBlockPublicAccessOptions": options(call, state_of(call)["state"])})


def modify_options(call: Any) -> ActionResult:
    """ModifyVpcBlockPublicAccessOptions."""
    found = state_of(call)
    found["mode"] = chosen(call, "InternetGatewayBlockMode", MODES)
    found["state"] = "update-complete"
    return ActionResult({"VpcBlockPublicAccessOptions": options(call, "update-in-progress")})


def describe_exclusions(call: Any) -> ActionResult:
    """DescribeVpcBlockPublicAccessExclusions."""
    ids = call._get_param("ExclusionIds", [])
    exclusions = state_of(call)["exclusions"]
    for exclusion_id in ids:
        known(exclusions, exclusion_id)
    listed = [one for exclusion_id, one in exclusions.items() if not ids or exclusion_id in ids]
    return ActionResult({"VpcBlockPublicAccessExclusions": listed})


def known(exclusions: dict[str, Any], exclusion_id: str) -> dict[str, Any]:
    """An exclusion that is there."""
    if exclusion_id not in exclusions:
        raise EC2ClientError(
            "InvalidVpcBlockPublicAccessExclusionId.NotFound",
            f"The exclusion ID '{exclusion_id}' does not exist",
        )
    return exclusions[exclusion_id]


def create_exclusion(call: Any) -> ActionResult:
    """CreateVpcBlockPublicAccessExclusion, of just one VPC or subnet that is there."""
    mode = chosen(call, "InternetGatewayExclusionMode", EXCLUSION_MODES)
    vpc_id, subnet_id = call._get_param("VpcId"), call._get_param("SubnetId")
    if bool(vpc_id) == bool(subnet_id):
        raise InvalidParameterValue("Exactly one of VpcId and SubnetId must be given.")
    if vpc_id:
        excluded = f"vpc/{call.ec2_backend.get_vpc(vpc_id).id}"
    else:
        excluded = f"subnet/{call.ec2_backend.get_subnet(subnet_id).id}"
    exclusion = {
        "ExclusionId": f"vpcbpa-exclude-{secrets.token_hex(9)[:17]}",
        "InternetGatewayExclusionMode": mode,
        "ResourceArn": f"arn:aws:ec2:{call.region}:{call.current_account}:{excluded}",
        "State": "create-complete",
        "CreationTimestamp": now(),
    }
    state_of(call)["exclusions"][exclusion["ExclusionId"]] = exclusion
    return shown(exclusion, "create-in-progress")


def modify_exclusion(call: Any) -> ActionResult:
    """ModifyVpcBlockPublicAccessExclusion."""
    exclusion = known(state_of(call)["exclusions"], call._get_param("ExclusionId"))
    exclusion["InternetGatewayExclusionMode"] = chosen(call, "InternetGatewayExclusionMode", EXCLUSION_MODES)
    exclusion.update(State="update-complete", LastUpdateTimestamp=now())
    return shown(exclusion, "update-in-progress")


def delete_exclusion(call: Any) -> ActionResult:
    """DeleteVpcBlockPublicAccessExclusion."""
    exclusion = known(state_of(call)["exclusions"], call._get_param("ExclusionId"))
    exclusion.update(State="delete-complete", DeletionTimestamp=now())
    return shown(exclusion, "delete-in-progress")


def shown(exclusion: dict[str, Any], state: str) -> ActionResult:
    """An exclusion in an answer, while AWS is still at it."""
    return ActionResult({"VpcBlockPublicAccessExclusion": {**exclusion, "State": state}})


def apply() -> None:
    """Adds this to moto."""
    EC2Response.describe_vpc_block_public_access_options = describe_options
    EC2Response.modify_vpc_block_public_access_options = modify_options
    EC2Response.describe_vpc_block_public_access_exclusions = describe_exclusions
    EC2Response.create_vpc_block_public_access_exclusion = create_exclusion
    EC2Response.modify_vpc_block_public_access_exclusion = modify_exclusion
    EC2Response.delete_vpc_block_public_access_exclusion = delete_exclusion
