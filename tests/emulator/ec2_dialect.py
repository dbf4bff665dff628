"""How CloudTrail tells of EC2 calls: two serialisations, one for the older APIs and one for the newer.

Older (style A): lowerCamel names, lists as `{"items": [...]}`, an empty list as `{}`, values typed by the API model.
Newer (style B): the query document in a wrapper named after the call, lists of one as an object and of several as an
array with a running `tag`, values typed by what they look like. Both are driven by botocore's model of EC2, with small
tables for what the model does not say.
"""

from __future__ import annotations

import datetime
import functools
import re
import urllib.parse
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

    from recorder import ApiCall

READ_PREFIXES = ("Describe", "Get", "List", "Search")

# The APIs of style A. Those seen in real records, and by analogy the other network calls that EC2 had before 2015.
# Everything else is style B: every younger API seen in a real record is.
STYLE_A = frozenset(
    """
    AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress RevokeSecurityGroupEgress RevokeSecurityGroupIngress
    CreateSecurityGroup DeleteSecurityGroup CreateVpc DeleteVpc ModifyVpcAttribute CreateSubnet DeleteSubnet
    ModifySubnetAttribute CreateRouteTable DeleteRouteTable AssociateRouteTable DisassociateRouteTable
    ReplaceRouteTableAssociation CreateRoute ReplaceRoute DeleteRoute CreateInternetGateway AttachInternetGateway
    DetachInternetGateway DeleteInternetGateway CreateDhcpOptions AssociateDhcpOptions DeleteDhcpOptions
    CreateVpcPeeringConnection AcceptVpcPeeringConnection RejectVpcPeeringConnection DeleteVpcPeeringConnection
    AllocateAddress AssociateAddress DisassociateAddress ReleaseAddress CreateNetworkInterface
    AttachNetworkInterface DetachNetworkInterface DeleteNetworkInterface ModifyNetworkInterfaceAttribute
    RunInstances TerminateInstances StartInstances StopInstances ModifyInstanceAttribute
    CreateNetworkAcl DeleteNetworkAcl CreateNetworkAclEntry ReplaceNetworkAclEntry DeleteNetworkAclEntry
    ReplaceNetworkAclAssociation CreateVpnGateway AttachVpnGateway DetachVpnGateway DeleteVpnGateway
    CreateVpnConnection DeleteVpnConnection CreateCustomerGateway DeleteCustomerGateway CreateTags DeleteTags
    """.split()
)

# Style A: (structure, member) → the name in the record, and for a list of scalars the name of each item's key.
NAMES_A: dict[tuple[str, str], tuple[str, str]] = {
    ("CreateNetworkInterfaceRequest", "Groups"): ("groupSet", "groupId"),
    ("CreateNetworkInterfaceRequest", "PrivateIpAddresses"): ("privateIpAddressesSet", ""),
    ("ModifyNetworkInterfaceAttributeRequest", "Groups"): ("groupSet", "groupId"),
    ("ModifyInstanceAttributeRequest", "Groups"): ("groupSet", "groupId"),
    ("InstanceNetworkInterfaceSpecification", "Groups"): ("groupSet", "groupId"),
    ("RunInstancesRequest", "SecurityGroupIds"): ("groupSet", "groupId"),
    ("RunInstancesRequest", "NetworkInterfaces"): ("networkInterfaceSet", ""),
    ("RunInstancesRequest", "BlockDeviceMappings"): ("blockDeviceMapping", ""),
    ("TerminateInstancesRequest", "InstanceIds"): ("instancesSet", "instanceId"),
    ("StartInstancesRequest", "InstanceIds"): ("instancesSet", "instanceId"),
    ("StopInstancesRequest", "InstanceIds"): ("instancesSet", "instanceId"),
    ("CreateTagsRequest", "Resources"): ("resourcesSet", "resourceId"),
    ("CreateTagsRequest", "Tags"): ("tagSet", ""),
    ("DeleteTagsRequest", "Resources"): ("resourcesSet", "resourceId"),
    ("DeleteTagsRequest", "Tags"): ("tagSet", ""),
    ("CreateNetworkAclEntryRequest", "Protocol"): ("aclProtocol", ""),
    ("CreateNetworkAclEntryRequest", "IcmpTypeCode"): ("icmpTypeCode", ""),
    ("ReplaceNetworkAclEntryRequest", "Protocol"): ("aclProtocol", ""),
    ("ReplaceNetworkAclEntryRequest", "IcmpTypeCode"): ("icmpTypeCode", ""),
}
# Style A: members that stand in the record as `{}` when the caller left them out.
ALWAYS_A: dict[str, tuple[str, ...]] = {
    "AuthorizeSecurityGroupEgressRequest": ("IpPermissions",),
    "AuthorizeSecurityGroupIngressRequest": ("IpPermissions",),
    "RevokeSecurityGroupEgressRequest": ("IpPermissions",),
    "RevokeSecurityGroupIngressRequest": ("IpPermissions",),
    "IpPermission": ("UserIdGroupPairs", "IpRanges", "Ipv6Ranges", "PrefixListIds"),
    "CreateNetworkInterfaceRequest": ("Groups", "PrivateIpAddresses"),
    "CreateNetworkAclEntryRequest": ("IcmpTypeCode", "PortRange"),
    "ReplaceNetworkAclEntryRequest": ("IcmpTypeCode", "PortRange"),
    "RunInstancesRequest": ("BlockDeviceMappings",),
}
# Style A: lists that are plain arrays.
BARE_LISTS = frozenset({("TagSpecification", "Tags")})
# Style A: members of RunInstances that the record files under the first item of `instancesSet`.
LAUNCH_MEMBERS = ("imageId", "minCount", "maxCount", "keyName")
# Style A: answers that carry `<return>` although the API model does not say so.
RETURNS_TRUE = frozenset({"CreateSecurityGroup"})
# Style A: lists of the answer whose key is in the singular.
ITEM_KEYS_A = {"privateIpAddressesSet": "item"}
# Style B: wrappers that are not named after their call.
WRAPPERS_B = {"DeleteTransitGatewayVpcAttachment": "DelTGwVpcAttachReq"}

# The namespace of EC2's answers, as style B repeats it.
NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d+)?")


class Ec2Dialect:
    """The dialect of `ec2.amazonaws.com`."""

    EVENT_SOURCE = "ec2.amazonaws.com"

    def is_change(self, action: str) -> bool:
        """EC2 names its reads by their first word."""
        return not action.startswith(READ_PREFIXES)

    def error_code(self, code: str, status: int) -> str:
        """EC2 prefixes whose fault it was."""
        return f"{'Server' if status >= 500 else 'Client'}.{code}"

    def request_parameters(self, call: ApiCall) -> Any:
        """What the caller sent, without `DryRun`, which EC2 leaves out of its records."""
        if call.error is not None and call.error[0] == "UnknownParameter":
            return None
        return parameters(call.action, urllib.parse.parse_qsl(call.body, keep_blank_values=True))

    def response_elements(self, call: ApiCall) -> Any:
        """What the emulated AWS answered."""
        return elements(call.action, call.response)

    def request_id(self, response: str) -> str:
        """`requestId` of an answer, `RequestID` of an error."""
        match = re.search(r"<[Rr]equestI[dD]>([^<]*)<", response)
        return match[1] if match else ""


@functools.cache
def operation(action: str) -> OperationModel | None:
    """The API model of a call; nothing for one that botocore does not know."""
    from botocore.model import OperationNotFoundError

    try:
        return service_model().operation_model(action)
    except OperationNotFoundError:
        return None


@functools.cache
def service_model() -> Any:
    """Botocore's model of EC2."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("ec2", "service-2"), "ec2")


def parameters(action: str, form: list[tuple[str, str]]) -> Any:
    """`requestParameters` of a call, from its query parameters."""
    tree = query_tree([pair for pair in form if pair[0] not in ("Action", "Version", "DryRun")])
    model = operation(action)
    if action not in STYLE_A or model is None:
        return {WRAPPERS_B.get(action, f"{action}Request"): wrapped(tree) or ""}
    told = structure_a(model.input_shape, tree)
    return launch(told) if action == "RunInstances" else told


def query_tree(form: list[tuple[str, str]]) -> dict[str, Any]:
    """Query parameters as nested dicts; a list is a dict whose keys are the positions, as integers."""
    tree: dict[Any, Any] = {}
    for name, value in form:
        steps = [int(step) if step.isdigit() else step for step in name.split(".")]
        node = tree
        for step in steps[:-1]:
            node = node.setdefault(step, {})
        node[steps[-1]] = value
    return tree


def is_list(node: Any) -> bool:
    """Whether a node of the query tree is a list."""
    return isinstance(node, dict) and any(isinstance(key, int) for key in node)


# ---- style A


def lower_first(name: str) -> str:
    """PascalCase to lowerCamel."""
    return name[:1].lower() + name[1:]


def query_name(name: str, shape: Shape) -> str:
    """A member's name in the query, as botocore's EC2 serialiser makes it."""
    told = shape.serialization.get("queryName") or shape.serialization.get("name", name)
    return told[:1].upper() + told[1:]


def name_a(structure: Shape, name: str, shape: Shape) -> tuple[str, str]:
    """A member's name in a record of style A, and the key of each item if it is a list of scalars.

    A list's own XML name is used if it begins in lower case; one in upper case is the singular of the query, and the
    record has the plural of the member.
    """
    item_key = lower_first(query_name(name, shape))
    given = NAMES_A.get((structure.name, name))
    if given is not None:
        return given[0], given[1] or item_key
    if shape.name == "TagSpecificationList":
        return "tagSpecificationSet", ""
    own = shape.serialization.get("name", name)
    plural = shape.type_name == "list" and own[:1].isupper()
    return lower_first(name if plural else own), item_key


def structure_a(shape: Shape, tree: dict[str, Any]) -> dict[str, Any]:
    """A structure of the request in style A."""
    told: dict[str, Any] = {}
    for name, member in shape.members.items():
        value = tree.get(query_name(name, member))
        key, item_key = name_a(shape, name, member)
        if value is not None:
            told[key] = value_a(member, value, item_key)
            if (shape.name, name) in BARE_LISTS:
                told[key] = told[key].get("items", [])
        elif name in ALWAYS_A.get(shape.name, ()):
            told[key] = {}
    return told


def value_a(shape: Shape, node: Any, item_key: str) -> Any:
    """Any value of the request in style A."""
    if shape.type_name == "structure":
        return structure_a(shape, node if isinstance(node, dict) else {})
    if shape.type_name == "list":
        items = [value_a(shape.member, item, "") for _, item in sorted(node.items())] if is_list(node) else []
        if shape.member.type_name != "structure":
            items = [{item_key: item} for item in items]
        return {"items": items} if items else {}
    return typed(shape, node)


def typed(shape: Shape, text: str) -> Any:
    """A scalar as the API model types it; what does not fit stays the text that it is."""
    if shape.type_name == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if shape.type_name in ("integer", "long") and re.fullmatch(r"-?\d+", text):
        return int(text)
    if shape.type_name == "timestamp":
        return milliseconds(text)
    return text


def milliseconds(text: str) -> Any:
    """An ISO time as CloudTrail writes it in style A: milliseconds since 1970."""
    try:
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp() * 1000)


def launch(told: dict[str, Any]) -> dict[str, Any]:
    """RunInstances: what to launch goes under `instancesSet`, and user data is never shown."""
    item = {key: told.pop(key) for key in LAUNCH_MEMBERS if key in told}
    if "userData" in told:
        told["userData"] = "<sensitiveDataRemoved>"
    return {"instancesSet": {"items": [item]}, **told}


# ---- style B


def wrapped(node: Any) -> Any:
    """A value of the request in style B."""
    if is_list(node):
        items = [tagged(position, item) for position, item in sorted(node.items())]
        return items[0] if len(items) == 1 else items
    if isinstance(node, dict):
        return {key: wrapped(value) for key, value in node.items()}
    return retyped(node)


def tagged(position: int, item: Any) -> dict[str, Any]:
    """One element of a list in style B."""
    value = wrapped(item)
    return {"tag": position, **value} if isinstance(value, dict) else {"tag": position, "content": value}


def retyped(text: str) -> Any:
    """A scalar as AWS's step from XML to JSON guesses it: `true` and `42` lose their quotes, `007` does not."""
    if text in ("true", "false"):
        return text == "true"
    if NUMBER.fullmatch(text) and text != "-0":
        return float(text) if "." in text else int(text)
    return text


# ---- responses


def elements(action: str, response: str) -> Any:
    """`responseElements` of a call, from the XML of its answer."""
    root = ElementTree.fromstring(response)
    model = operation(action)
    if action not in STYLE_A or model is None:
        return {f"{action}Response": {"xmlns": NAMESPACE, **element_b(root)}}
    told = element_a(model.output_shape, root) if model.output_shape is not None else {}
    answered = {"requestId": root.findtext("{*}requestId", "")}
    if "return" in told or model.output_shape is None or not model.output_shape.members or action in RETURNS_TRUE:
        answered["_return"] = told.pop("return", True)
    return {**answered, **told}


def local(element: ElementTree.Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rsplit("}", 1)[-1]


def element_a(shape: Shape, element: ElementTree.Element) -> Any:
    """An element of the answer in style A."""
    if shape.type_name == "list":
        items = [element_a(shape.member, item) for item in element]
        return {ITEM_KEYS_A.get(local(element), "items"): items} if items else {}
    if shape.type_name != "structure":
        return typed(shape, element.text or "")
    members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    return {local(child): element_a(members[local(child)], child) for child in element if local(child) in members}


def element_b(element: ElementTree.Element) -> Any:
    """An element of the answer in style B: repeated children become an array, an empty one the empty string."""
    if not len(element):
        return retyped(element.text or "")
    told: dict[str, Any] = {}
    for child in element:
        name, value = local(child), element_b(child)
        if name not in told:
            told[name] = value
        elif isinstance(told[name], list):
            told[name].append(value)
        else:
            told[name] = [told[name], value]
    return told
