"""Who is in which security group and has which public address, as AWS has it.

What moto 5.2.5 gets wrong here, and this module puts right:

* A network interface is given a group that moto invents where the group named is not there; AWS refuses.
* The groups of an instance and of its primary interface go apart when either is changed; in AWS they are one.
* An interface's public address is not shown: moto spells its parts otherwise than the API does, and not beside the
  private address that it leads to.
"""

from __future__ import annotations

from typing import Any, Callable

from moto.core.responses import ActionResult
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance
from moto.ec2.responses.elastic_network_interfaces import ElasticNetworkInterfaces
from moto.ec2.responses.instances import InstanceResponse

from correct_groups import known_group

# The calls that put an interface or an instance into groups.
JOINING = (
    (ElasticNetworkInterfaces, "create_network_interface"),
    (ElasticNetworkInterfaces, "modify_network_interface_attribute"),
    (InstanceResponse, "modify_instance_attribute"),
    (InstanceResponse, "run_instances"),
)


def with_known_groups(method: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """A call that refuses groups that there are not."""

    def answer(call: Any) -> ActionResult:
        specified = [group for nic in call._get_param("NetworkInterfaces", []) for group in nic.get("Groups", [])]
        for group_id in [*call._get_param("Groups", []), *specified]:
            known_group(call.ec2_backend, group_id)
        return method(call)

    return answer


def primary_groups(instance: Instance) -> Any:
    """An instance's groups: those of its primary interface, once it has one."""
    primary = getattr(instance, "nics", {}).get(0)
    return primary._group_set if primary is not None else instance.launch_groups


def set_primary_groups(instance: Instance, groups: Any) -> None:
    """Gives an instance's groups to its primary interface."""
    instance.launch_groups = groups
    primary = getattr(instance, "nics", {}).get(0)
    if primary is not None:
        primary._group_set = list(groups)


def shown(association: property) -> property:
    """The association of an interface with its public address, in the API's spelling."""

    def told(interface: NetworkInterface) -> dict[str, Any]:
        return {name[:1].upper() + name[1:]: value for name, value in association.fget(interface).items()}

    return property(told)


def with_public_addresses(method: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """DescribeNetworkInterfaces, which shows the public address beside the primary private one."""

    def answer(call: Any) -> ActionResult:
        result = method(call)
        for interface in result.result["NetworkInterfaces"]:
            for address in interface.private_ip_addresses:
                leads_here = interface.public_ip and address.get("PrivateIpAddress") == interface.private_ip_address
                address.pop("Association", None)
                if leads_here:
                    address["Association"] = interface.association
        return result

    return answer


def apply() -> None:
    """Puts these in moto's place."""
    NetworkInterface.group_set = property(lambda interface: interface._group_set)
    NetworkInterface.association = shown(NetworkInterface.association)
    Instance.security_groups = property(primary_groups, set_primary_groups)
    listing = ElasticNetworkInterfaces.describe_network_interfaces
    ElasticNetworkInterfaces.describe_network_interfaces = with_public_addresses(listing)
    for responses, method in JOINING:
        setattr(responses, method, with_known_groups(getattr(responses, method)))
