"""Ways out of a VPC as AWS has them: internet gateways, NAT gateways and the routes to them.

What moto 5.2.5 gets wrong here, and this module puts right:

* A route to an internet gateway that is not attached to the VPC, or to a NAT gateway that is deleted, stays active in
  moto. In AWS it is a blackhole, and carries traffic again once the gateway is attached again.
* An internet gateway is detached in moto whatever uses it. AWS refuses that while public addresses of the VPC are in
  use (`DependencyViolation`); here those of NAT gateways are looked at, and elastic addresses of network interfaces.
* CreateRoute takes an internet gateway that is not attached to the VPC, and an IPv6 destination that has a route, and
  AttachInternetGateway a second gateway; AWS refuses them.
"""

from __future__ import annotations

from typing import Any, Callable

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.route_tables import Route
from moto.ec2.responses.internet_gateways import InternetGateways
from moto.ec2.responses.route_tables import RouteTables


def leads_nowhere(route: Any) -> bool:
    """Whether what a route leads to is detached or deleted."""
    gateway = route.gateway
    if gateway is not None and gateway.id.startswith("igw-"):
        return gateway.vpc is None or gateway.vpc.id != route.route_table.vpc_id
    return route.nat_gateway is not None and route.nat_gateway.state in ("deleting", "deleted")


def has_addresses_in_use(backend: Any, vpc_id: str) -> bool:
    """Whether public addresses of a VPC are mapped to something."""
    nat = [gateway for gateway in backend.nat_gateways.values() if gateway.vpc_id == vpc_id]
    if any(gateway.connectivity_type == "public" and gateway.state == "available" for gateway in nat):
        return True
    # A NAT gateway that is deleted keeps its address in moto, and not in AWS.
    of_nat = {gateway._eni.id for gateway in nat}
    mapped = [address.eni for address in backend.addresses if address.eni is not None]
    return any(interface.subnet.vpc_id == vpc_id and interface.id not in of_nat for interface in mapped)


def unless_in_use(method: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """DetachInternetGateway, which AWS refuses while public addresses are in use."""

    def answer(call: Any) -> ActionResult:
        vpc_id = call._get_param("VpcId")
        gateway = call.ec2_backend.internet_gateways.get(call._get_param("InternetGatewayId"))
        is_attached = gateway is not None and gateway.vpc is not None and gateway.vpc.id == vpc_id
        if is_attached and has_addresses_in_use(call.ec2_backend, vpc_id):
            raise EC2ClientError(
                "DependencyViolation",
                f"Network {vpc_id} has some mapped public address(es). "
                "Please unmap those public address(es) before detaching the gateway.",
            )
        return method(call)

    return answer


def unless_there_is_one(method: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """AttachInternetGateway, which AWS refuses to a VPC that has one."""

    def answer(call: Any) -> ActionResult:
        vpc_id = call._get_param("VpcId")
        gateway = call.ec2_backend.internet_gateways.get(call._get_param("InternetGatewayId"))
        others = [other for other in call.ec2_backend.internet_gateways.values() if other.vpc is not None]
        if gateway is not None and gateway.vpc is None and any(other.vpc.id == vpc_id for other in others):
            message = f"Network {vpc_id} already has an internet gateway attached"
            raise EC2ClientError("InvalidParameterValue", message)
        return method(call)

    return answer


def to_what_is_attached(method: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """CreateRoute, which AWS refuses to an internet gateway of another network, and for a destination that has a route."""

    def answer(call: Any) -> ActionResult:
        gateway = call.ec2_backend.internet_gateways.get(call._get_param("GatewayId"))
        table_id = call._get_param("RouteTableId")
        table = call.ec2_backend.route_tables.get(table_id)
        if gateway is not None and table is not None and (gateway.vpc is None or gateway.vpc.id != table.vpc_id):
            raise EC2ClientError(
                "InvalidParameterValue",
                f"route table {table_id} and network gateway {gateway.id} belong to different networks",
            )
        wanted = call._get_param("DestinationIpv6CidrBlock")
        known = [] if table is None else [route.destination_ipv6_cidr_block for route in table.routes]
        if wanted is not None and wanted in known:
            message = f"The route identified by {wanted} already exists."
            raise EC2ClientError("RouteAlreadyExists", message)
        return method(call)

    return answer


def apply() -> None:
    """Puts this in moto's place."""
    Route.state = property(lambda route: "blackhole" if leads_nowhere(route) else "active")
    InternetGateways.detach_internet_gateway = unless_in_use(InternetGateways.detach_internet_gateway)
    InternetGateways.attach_internet_gateway = unless_there_is_one(InternetGateways.attach_internet_gateway)
    RouteTables.create_route = to_what_is_attached(RouteTables.create_route)
