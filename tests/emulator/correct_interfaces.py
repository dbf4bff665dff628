"""Who is in which security group, as AWS has it.

What moto 5.2.5 gets wrong here, and this module puts right:

* A network interface is given a group that moto invents where the group named is not there; AWS refuses.
* The groups of an instance and of its primary interface go apart when either is changed; in AWS they are one.
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


def apply() -> None:
    """Puts these in moto's place."""
    NetworkInterface.group_set = property(lambda interface: interface._group_set)
    Instance.security_groups = property(primary_groups, set_primary_groups)
    for responses, method in JOINING:
        setattr(responses, method, with_known_groups(getattr(responses, method)))
