"""VPC endpoints as AWS has them.

What moto 5.2.5 gets wrong here, and this module puts right:

* Any service name is taken; listing the services needs packages of a dozen other services, and all take policies.
* The answer lacks the type where none was given (AWS: Gateway), and says private DNS for gateway endpoints.
* An interface endpoint without groups gets none (AWS: the VPC's default group); its network interfaces have addresses
  from outside the subnet, the default group, and no sign that a service manages them.
* Private DNS is granted with the VPC's DNS attributes off, and twice for one service.
* DNS host names of a VPC are switched on with its DNS support off.
* There are no DNS options, no address type and no names; the first answer says `available` (AWS: `pending`).
* ModifyVpcEndpoint forgets private DNS, ResetPolicy and DNS options, and changes neither interfaces nor routes.
* Listing the services by a filter fails: it looks for the filter's values under another name.
* Endpoints are not found by the filters `vpc-endpoint-id` and `service-name`.
* DeleteVpcEndpoints leaves endpoints listed as `deleted` and says nothing of ids that it does not know.
"""

from __future__ import annotations

import copy
import functools
import json
from typing import Any, Callable

from moto.core.base_backend import BaseBackend
from moto.core.responses import ActionResult
from moto.ec2 import exceptions
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES, VPCBackend, VPCEndPoint
from moto.ec2.responses.vpcs import VPCs
from moto.ec2.utils import random_private_ip, random_vpc_ep_id

from correct_groups import known_group

MOTOS_FILTER_VALUE = VPCEndPoint.get_filter_value
MOTOS_SERVICE_FILTER = VPCBackend._filter_endpoint_services
GATEWAY_SERVICES = ("dynamodb", "s3")
# AWS shows full access for their endpoints all the same (each service's own guide, "VPC endpoint policies are not supported").
WITHOUT_POLICY = ("billingconductor", "inspector2")
# Where the host name is not the service's name in front of the Region's domain.
HOSTS = {"ecr.api": "api.ecr", "ecr.dkr": "dkr.ecr", "execute-api": "*.execute-api"}


@functools.cache
def regional_services(region: str) -> list[dict[str, Any]]:
    """The endpoint services that AWS offers in a Region, from moto's own list of their names."""
    zones = [
        zone.name for listed in RegionsAndZonesBackend.zones.values() for zone in listed if zone.name.startswith(region)
    ]
    offered = []
    for name in dict.fromkeys(AWS_ENDPOINT_SERVICES):
        host = HOSTS.get(name, name)
        offered += BaseBackend.default_vpc_endpoint_service_factory(
            region, zones, host, special_service_name=name, policy_supported=name not in WITHOUT_POLICY
        )
    for name in GATEWAY_SERVICES:
        offered += BaseBackend.default_vpc_endpoint_service_factory(
            region, zones, name, service_type="Gateway", private_dns_names=False
        )
    return offered


def service_types(backend: Any, service_name: str) -> list[str]:
    """The types of endpoint that a service can have."""
    custom = [configuration.to_dict() for configuration in backend.configurations.values()]
    known = [one for one in regional_services(backend.region_name) + custom if one["ServiceName"] == service_name]
    if not known:
        raise exceptions.InvalidServiceName(service_name)
    return [one["ServiceType"][0]["ServiceType"] for one in known]


def check_private_dns(endpoint: VPCEndPoint) -> None:
    """Refuses private DNS where the VPC does not resolve it, or another endpoint has the name."""
    backend = endpoint.ec2_backend
    vpc = backend.get_vpc(endpoint.vpc_id)
    if not all(str(value).lower() == "true" for value in (vpc.enable_dns_support, vpc.enable_dns_hostnames)):
        raise exceptions.InvalidParameter(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes "
            f"set to true for {vpc.id}"
        )
    for other in backend.vpc_end_points.values():
        same = other.vpc_id == vpc.id and other.service_name == endpoint.service_name
        if same and other is not endpoint and other.private_dns_enabled:
            raise exceptions.InvalidParameter(
                f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{endpoint.service_name} in the VPC {vpc.id}"
            )


def add_interface(endpoint: VPCEndPoint, subnet_id: str) -> None:
    """Gives an endpoint its network interface in a subnet, managed by the service."""
    backend = endpoint.ec2_backend
    subnet = backend.get_subnet(subnet_id)
    interface = backend.create_network_interface(
        subnet,
        random_private_ip(subnet.cidr_block),
        group_ids=endpoint.security_group_ids,
        description=f"VPC Endpoint Interface {endpoint.id}",
    )
    interface.requester_managed = True
    interface.interface_type = "vpc_endpoint"
    interface.status = "in-use"
    endpoint.network_interface_ids.append(interface.id)


def remove_interface(endpoint: VPCEndPoint, subnet_id: str) -> None:
    """Takes an endpoint's network interface out of a subnet."""
    backend = endpoint.ec2_backend
    for interface_id in list(endpoint.network_interface_ids):
        if backend.enis[interface_id].subnet.id == subnet_id:
            del backend.enis[interface_id]
            endpoint.network_interface_ids.remove(interface_id)


def add_route(endpoint: VPCEndPoint, route_table_id: str) -> None:
    """Routes a table's traffic for the service's prefix list to a gateway endpoint."""
    endpoint.ec2_backend.create_route(
        route_table_id,
        None,
        gateway_id=endpoint.id,
        destination_prefix_list_id=endpoint.destination_prefix_list_id,
    )


def remove_route(endpoint: VPCEndPoint, route_table_id: str) -> None:
    """Takes a gateway endpoint's route out of a table, if the table is still there."""
    backend = endpoint.ec2_backend
    if route_table_id in backend.route_tables:
        backend.delete_route(route_table_id, None, destination_prefix_list_id=endpoint.destination_prefix_list_id)


def create(call: Any) -> ActionResult:
    """CreateVpcEndpoint."""
    backend = call.ec2_backend
    vpc = backend.get_vpc(call._get_param("VpcId"))
    service_name = call._get_param("ServiceName")
    kind = call._get_param("VpcEndpointType") or "Gateway"
    offered = service_types(backend, service_name)
    if kind not in offered:
        raise exceptions.InvalidParameter(
            f"Endpoint type ({kind}) does not match available service types ([{', '.join(offered)}])."
        )
    endpoint = VPCEndPoint(
        backend,
        random_vpc_ep_id(),
        vpc.id,
        service_name,
        kind,
        call._get_param("PolicyDocument"),
        known_route_tables(call, "RouteTableIds"),
        list(call._get_param("SubnetIds", [])),
        client_token=call._get_param("ClientToken"),
        security_group_ids=known_groups(call, "SecurityGroupIds"),
        tags=call._parse_tag_specification().get("vpc-endpoint", {}),
        private_dns_enabled=False,
    )
    endpoint.ip_address_type = call._get_param("IpAddressType") or "ipv4"
    endpoint.dns_options = {"DnsRecordIpType": "ipv4", **call._get_param("DnsOptions", {})}
    endpoint.dns_entries = []
    fill = fill_gateway if kind == "Gateway" else fill_interface
    fill(endpoint, call)
    backend.vpc_end_points[endpoint.id] = endpoint
    answer = copy.copy(endpoint)
    if kind == "Interface":
        answer.state = "pending"
    return ActionResult({"VpcEndpoint": answer})


def fill_gateway(endpoint: VPCEndPoint, _call: Any) -> None:
    """What a gateway endpoint has: the prefix list of its service, and a route in each of its tables."""
    backend = endpoint.ec2_backend
    lists = backend.managed_prefix_lists.values()
    endpoint.destination_prefix_list_id = next(
        (known.id for known in lists if known.prefix_list_name == endpoint.service_name), None
    )
    # A route finds its target among the endpoints, so this one has to be there first.
    backend.vpc_end_points[endpoint.id] = endpoint
    for route_table_id in endpoint.route_table_ids:
        add_route(endpoint, route_table_id)


def fill_interface(endpoint: VPCEndPoint, call: Any) -> None:
    """What an interface endpoint has: groups, a network interface in each subnet, names."""
    backend = endpoint.ec2_backend
    private_dns = call._get_bool_param("PrivateDnsEnabled", if_none=".vpce." not in endpoint.service_name)
    if private_dns:
        check_private_dns(endpoint)
    endpoint.private_dns_enabled = private_dns
    if endpoint.service_name.endswith(".s3"):
        endpoint.dns_options.setdefault("PrivateDnsOnlyForInboundResolverEndpoint", True)
    if not endpoint.security_group_ids:
        endpoint.security_group_ids = [backend.get_default_security_group(endpoint.vpc_id).id]
    for subnet_id in endpoint.subnet_ids:
        backend.get_subnet(subnet_id)
    for subnet_id in endpoint.subnet_ids:
        add_interface(endpoint, subnet_id)
    endpoint.dns_entries = names(endpoint)


def names(endpoint: VPCEndPoint) -> list[dict[str, str]]:
    """The names at which an interface endpoint answers: that of all zones, those of single zones, the service's own."""
    backend = endpoint.ec2_backend
    # com.amazonaws.REGION.SERVICE, or com.amazonaws.vpce.REGION.vpce-svc-ID
    service = endpoint.service_name.removeprefix("com.amazonaws.").removeprefix("vpce.").split(".", 1)[-1]
    host, wildcard = HOSTS.get(service, service), "*." if service == "s3" else ""
    domain = f"{host.removeprefix('*.')}.{backend.region_name}.vpce.amazonaws.com"
    zones = sorted(backend.get_subnet(subnet_id).availability_zone for subnet_id in endpoint.subnet_ids)
    places = ["", *(f"-{zone}" for zone in zones)]
    of_zones = [f"{wildcard}{endpoint.id}-0123abcd{place}.{domain}" for place in places]
    own = [f"{host}.{backend.region_name}.amazonaws.com"] if endpoint.private_dns_enabled else []
    zone_ids = ["Z0123456789EXAMPLE"] * len(of_zones) + ["Z0123456789PRIVATE"] * len(own)
    return [{"DnsName": name, "HostedZoneId": zone_id} for name, zone_id in zip(of_zones + own, zone_ids)]


def known_groups(call: Any, param: str) -> list[str]:
    """A parameter of group ids, all of which there are."""
    return [known_group(call.ec2_backend, group_id).id for group_id in call._get_param(param, [])]


def known_route_tables(call: Any, param: str) -> list[str]:
    """A parameter of route table ids, all of which there are."""
    return [call.ec2_backend.get_route_table(table_id).id for table_id in call._get_param(param, [])]


def modify(call: Any) -> ActionResult:
    """ModifyVpcEndpoint."""
    endpoint = call.ec2_backend.describe_vpc_endpoints([call._get_param("VpcEndpointId")])[0]
    add_groups, add_tables = known_groups(call, "AddSecurityGroupIds"), known_route_tables(call, "AddRouteTableIds")
    private_dns = call._get_bool_param("PrivateDnsEnabled")
    if private_dns:
        check_private_dns(endpoint)
    if private_dns is not None:
        endpoint.private_dns_enabled = private_dns
    if call._get_bool_param("ResetPolicy"):
        endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
    before_subnets, before_tables = set(endpoint.subnet_ids), set(endpoint.route_table_ids)
    endpoint.modify(
        call._get_param("PolicyDocument"),
        call._get_param("AddSubnetIds", []),
        call._get_param("RemoveSubnetIds", []),
        add_tables,
        call._get_param("RemoveRouteTableIds", []),
        add_groups,
        call._get_param("RemoveSecurityGroupIds", []),
    )
    endpoint.dns_options.update(call._get_param("DnsOptions", {}))
    endpoint.ip_address_type = call._get_param("IpAddressType") or endpoint.ip_address_type
    follow_up(endpoint, before_subnets, before_tables)
    return ActionResult({"Return": True})


def follow_up(endpoint: VPCEndPoint, before_subnets: set[str], before_tables: set[str]) -> None:
    """Makes interfaces, their groups and routes fit an endpoint that was modified."""
    backend = endpoint.ec2_backend
    for subnet_id in before_subnets - set(endpoint.subnet_ids):
        remove_interface(endpoint, subnet_id)
    for subnet_id in set(endpoint.subnet_ids) - before_subnets:
        add_interface(endpoint, subnet_id)
    for route_table_id in before_tables - set(endpoint.route_table_ids):
        remove_route(endpoint, route_table_id)
    for route_table_id in set(endpoint.route_table_ids) - before_tables:
        add_route(endpoint, route_table_id)
    if endpoint.network_interface_ids:
        endpoint.dns_entries = names(endpoint)
    groups = [backend.get_security_group_from_id(group_id) for group_id in endpoint.security_group_ids]
    for interface_id in endpoint.network_interface_ids:
        backend.enis[interface_id]._group_set = groups


def delete(call: Any) -> ActionResult:
    """DeleteVpcEndpoints: those that there are go at once; the others are told in `Unsuccessful`."""
    backend = call.ec2_backend
    unsuccessful = []
    for endpoint_id in call._get_param("VpcEndpointIds", []):
        endpoint = backend.vpc_end_points.pop(endpoint_id, None)
        if endpoint is None:
            message = f"The Vpc Endpoint Id '{endpoint_id}' does not exist"
            error = {"Code": "InvalidVpcEndpoint.NotFound", "Message": message}
            unsuccessful.append({"ResourceId": endpoint_id, "Error": error})
            continue
        for subnet_id in endpoint.subnet_ids:
            remove_interface(endpoint, subnet_id)
        for route_table_id in endpoint.route_table_ids:
            remove_route(endpoint, route_table_id)
    return ActionResult({"Unsuccessful": unsuccessful})


def filter_value(endpoint: VPCEndPoint, name: str, _method: str | None = None) -> Any:
    """What an endpoint has for a filter."""
    if name == "vpc-endpoint-id":
        return endpoint.id
    if name == "service-name":
        return endpoint.service_name
    return MOTOS_FILTER_VALUE(endpoint, name, _method)


def filter_services(names: list[str], filters: list[dict[str, Any]], services: list[dict[str, Any]]) -> Any:
    """The services that match; moto's own filter, given the values under the name that it reads."""
    filters = [{**one, "Value": one.get("Values", [])} for one in filters]
    return MOTOS_SERVICE_FILTER(names, filters, services)


def with_dns_support(method: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """ModifyVpcAttribute, which switches DNS host names on only where DNS support is."""

    def answer(call: Any) -> ActionResult:
        wants_names = str(call._get_param("EnableDnsHostnames.Value")).lower() == "true"
        if wants_names and str(call.ec2_backend.get_vpc(call._get_param("VpcId")).enable_dns_support).lower() != "true":
            raise exceptions.EC2ClientError("InvalidParameter", "DNS hostnames need DNS support, which is disabled.")
        return method(call)

    return answer


def apply() -> None:
    """Puts these in moto's place."""
    VPCs.modify_vpc_attribute = with_dns_support(VPCs.modify_vpc_attribute)
    VPCBackend._collect_default_endpoint_services = staticmethod(lambda _account, region: regional_services(region))
    VPCBackend._filter_endpoint_services = staticmethod(filter_services)
    VPCEndPoint.get_filter_value = filter_value
    VPCs.create_vpc_endpoint = create
    VPCs.modify_vpc_endpoint = modify
    VPCs.delete_vpc_endpoints = delete
