"""Security groups as AWS has them: moto's calls on rules, done anew over moto's own model.

What moto 5.2.5 gets wrong here, and this module puts right:

* CIDRs are stored with their host bits; AWS stores `203.0.113.0/24` for `203.0.113.7/24`.
* A call with several permissions is carried out one by one: a later mistake leaves the earlier ones done, and only
  the last one's rules are in the answer. AWS does all or nothing, and answers with all.
* Revoke drops IPv6 permissions silently unless the VPC has an IPv6 block, does not find rules with descriptions of
  groups, names the wrong error for rule ids and says nothing of what it revoked.
* ModifySecurityGroupRules changes IPv4 only and refuses protocol -1 without ports.
* The quota is not counted apart for IPv4 and IPv6, and lists do not count at all.
* UpdateSecurityGroupRuleDescriptionsEgress does not say that it succeeded, nor that there is no such rule.
* Groups cannot be found by the prefix list or the IPv6 CIDR of a rule.
* Protocols other than -1, tcp, udp and icmp crash without ports; a group may be created in a VPC that is not there
  and deleted while it is in use.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Callable, Iterable

from moto.core.responses import ActionResult
from moto.ec2 import exceptions
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.responses.security_groups import SecurityGroups

PROTOCOLS = {"all": "-1", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
WITH_PORTS = frozenset({"tcp", "udp", "icmp", "icmpv6"})
RULES_PER_DIRECTION = 60
# What AWS's own lists count for, as the page "AWS-managed prefix lists" of the VPC guide has it.
LIST_WEIGHTS = {"cloudfront.origin-facing": 55, "groundstation": 5, "vpc-lattice": 10}
# The member of a modified rule that names each kind of peer.
PEER_MEMBERS = {"CidrIpv4": "CidrIp", "CidrIpv6": "CidrIpv6", "PrefixListId": "list", "ReferencedGroupId": "group"}


@dataclass(frozen=True)
class Rule:
    """What makes a rule the rule that it is: AWS knows no two of the same in one direction of a group."""

    protocol: str
    from_port: int | None
    to_port: int | None
    kind: str
    """`CidrIp`, `CidrIpv6`, `group` or `list`."""
    peer: str

    @classmethod
    def of(cls, rule: SecurityGroupRule) -> Rule:
        """The rule that moto has."""
        ports = (rule.ip_protocol, rule.from_port, rule.to_port)
        if rule.prefix_list_id:
            return cls(*ports, "list", rule.prefix_list_id)
        if rule.source_group:
            return cls(*ports, "group", rule.source_group["GroupId"])
        kind = "CidrIp" if "CidrIp" in rule.ip_range else "CidrIpv6"
        return cls(*ports, kind, rule.ip_range[kind])


@dataclass(frozen=True)
class Wish:
    """A rule that a call names, with what does not tell rules apart."""

    rule: Rule
    description: str | None = None
    user_id: str | None = None


def canonical_cidr(kind: str, text: str) -> str:
    """A CIDR as AWS stores it: host bits cleared, IPv6 in short form."""
    network = ipaddress.IPv4Network if kind == "CidrIp" else ipaddress.IPv6Network
    try:
        return str(network(text, strict=False))
    except ValueError:
        raise exceptions.InvalidParameterValue(f"CIDR block {text} is malformed") from None


def canonical_ports(permission: dict[str, Any]) -> tuple[str, int | None, int | None]:
    """Protocol and ports as AWS stores them: numbers named, ports only where the protocol has them."""
    given = permission.get("IpProtocol")
    if given is None:
        raise exceptions.InvalidParameterValue(
            "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly."
        )
    protocol = PROTOCOLS.get(str(given).lower(), str(given).lower())
    if protocol not in WITH_PORTS:
        return protocol, None, None
    ports = permission.get("FromPort"), permission.get("ToPort")
    if None in ports:
        raise exceptions.InvalidParameterValue(
            "Invalid value for portRange. Must specify both from and to ports with TCP/UDP."
        )
    return protocol, int(ports[0]), int(ports[1])


def wishes(backend: Any, permission: dict[str, Any]) -> Iterable[Wish]:
    """The rules that one permission names, be it nested or in the flat legacy form."""
    ports = canonical_ports(permission)
    for kind, ranges in (("CidrIp", "IpRanges"), ("CidrIpv6", "Ipv6Ranges")):
        flat = [{kind: permission[kind]}] if kind in permission else []
        for item in [*permission.get(ranges, []), *flat]:
            yield Wish(Rule(*ports, kind, canonical_cidr(kind, item[kind])), item.get("Description"))
    for item in permission.get("UserIdGroupPairs", []):
        group = known_group(backend, item.get("GroupId") or item.get("GroupName"))
        yield Wish(Rule(*ports, "group", group.id), item.get("Description"), item.get("UserId"))
    for item in permission.get("PrefixListIds", []):
        yield Wish(Rule(*ports, "list", known_list(backend, item["PrefixListId"])), item.get("Description"))


def known_list(backend: Any, list_id: str) -> str:
    """The id of a prefix list that there is."""
    if list_id not in backend.managed_prefix_lists:
        message = f"The prefix list ID '{list_id}' does not exist"
        raise exceptions.EC2ClientError("InvalidPrefixListID.NotFound", message)
    return list_id


def named_group(call: Any) -> SecurityGroup:
    """The group that a call names."""
    return known_group(call.ec2_backend, call._get_param("GroupId") or call._get_param("GroupName"))


def known_group(backend: Any, name_or_id: str) -> SecurityGroup:
    """A group that there is."""
    group = backend.get_security_group_by_name_or_id(name_or_id)
    if group is None:
        raise exceptions.InvalidSecurityGroupNotFoundError(name_or_id)
    return group


def asked(call: Any) -> list[Wish]:
    """All rules that an Authorize or Revoke names."""
    params = call._get_params()
    permissions = params.get("IpPermissions") or ([params] if "IpProtocol" in params else [])
    found = [wish for permission in permissions for wish in wishes(call.ec2_backend, permission)]
    if not found:
        raise exceptions.MissingParameterError("ipPermissions")
    return found


def rules_of(group: SecurityGroup, egress: bool) -> list[SecurityGroupRule]:
    """One direction's rules."""
    return group.egress_rules if egress else group.ingress_rules


def new_rule(backend: Any, group: SecurityGroup, egress: bool, wish: Wish, tags: dict[str, str]) -> SecurityGroupRule:
    """A rule in moto's model."""
    made = SecurityGroupRule(backend, "-1", group.id, None, None, None, is_egress=egress, tags=tags)
    set_rule(backend, made, wish)
    return made


def set_rule(backend: Any, target: SecurityGroupRule, wish: Wish) -> None:
    """Makes a rule of moto's say what is wished."""
    rule = wish.rule
    target.ip_protocol, target.from_port, target.to_port = rule.protocol, rule.from_port, rule.to_port
    said = {"Description": wish.description} if wish.description is not None else {}
    target.ip_range, target.source_group, target.prefix_list_id = {}, {}, None
    target.list_description = wish.description
    if rule.kind == "list":
        target.prefix_list_id = rule.peer
    elif rule.kind == "group":
        target.source_group = {"GroupId": rule.peer, "UserId": wish.user_id or backend.account_id, **said}
    else:
        target.ip_range = {rule.kind: rule.peer, **said}


def description_of(rule: SecurityGroupRule) -> str | None:
    """A rule's description, wherever moto keeps it."""
    kept = rule.ip_range.get("Description") or rule.source_group.get("Description")
    return kept or getattr(rule, "list_description", None)


def weight(backend: Any, rule: Rule) -> tuple[int, int]:
    """What a rule counts for in the IPv4 and in the IPv6 quota; references count in both."""
    if rule.kind == "CidrIp":
        return 1, 0
    if rule.kind == "CidrIpv6":
        return 0, 1
    if rule.kind == "group":
        return 1, 1
    prefix_list = backend.managed_prefix_lists.get(rule.peer)
    if prefix_list is None:
        return 1, 1
    if prefix_list.owner_id != "AWS":
        entries = int(prefix_list.max_entries)
        return entries, entries
    heavy = next((count for part, count in LIST_WEIGHTS.items() if prefix_list.prefix_list_name.endswith(part)), 1)
    return heavy, heavy


def check_quota(backend: Any, rules: Iterable[Rule]) -> None:
    """Refuses more rules than a direction may have."""
    weights = [weight(backend, rule) for rule in rules]
    if any(sum(column) > RULES_PER_DIRECTION for column in zip(*weights)):
        raise exceptions.RulesPerSecurityGroupLimitExceededError


def authorize(call: Any, egress: bool) -> ActionResult:
    """Adds all rules that the call names, or none."""
    backend, group = call.ec2_backend, named_group(call)
    wanted, present = asked(call), rules_of(group, egress)
    keys = [wish.rule for wish in wanted]
    if len(set(keys)) < len(keys):
        raise exceptions.InvalidParameterValue("The same permission must not appear multiple times")
    existing = [Rule.of(rule) for rule in present]
    if set(keys) & set(existing):
        raise exceptions.InvalidPermissionDuplicateError
    check_quota(backend, [*existing, *keys])
    tags = call._parse_tag_specification().get("security-group-rule", {})
    added = [new_rule(backend, group, egress, wish, tags) for wish in wanted]
    present.extend(added)
    return ActionResult({"Return": True, "SecurityGroupRules": [rule_view(rule) for rule in added]})


def revoke(call: Any, egress: bool) -> ActionResult:
    """Removes all rules that the call names, by id or by what they say, or none."""
    group = named_group(call)
    present = rules_of(group, egress)
    rule_ids = call._get_param("SecurityGroupRuleIds", [])
    unknown: list[Wish] = []
    if rule_ids:
        by_id = {rule.id: rule for rule in present}
        for rule_id in rule_ids:
            if rule_id not in by_id:
                raise exceptions.InvalidSecurityGroupRuleIdNotFoundError(rule_id)
        gone = [by_id[rule_id] for rule_id in rule_ids]
    else:
        wanted = asked(call)
        by_rule = {Rule.of(rule): rule for rule in present}
        gone = [by_rule[wish.rule] for wish in wanted if wish.rule in by_rule]
        unknown = [wish for wish in wanted if wish.rule not in by_rule]
        # In a default VPC AWS reports what it did not find; elsewhere it refuses the call.
        if unknown and not call.ec2_backend.get_vpc(group.vpc_id).is_default:
            raise exceptions.InvalidPermissionNotFoundError
    present[:] = [rule for rule in present if rule not in gone]
    result: dict[str, Any] = {"Return": True, "RevokedSecurityGroupRules": [revoked_view(rule) for rule in gone]}
    if unknown:
        result["UnknownIpPermissions"] = [unknown_view(wish) for wish in unknown]
    return ActionResult(result)


def modify(call: Any) -> ActionResult:
    """Edits rules in place: the id stays. All edits are checked before any is made."""
    backend, group = call.ec2_backend, named_group(call)
    edits = [edit(backend, group, item) for item in call._get_param("SecurityGroupRules", [])]
    for egress in (True, False):
        present = rules_of(group, egress)
        after = {rule.id: Rule.of(rule) for rule in present}
        after.update({rule.id: wish.rule for rule, wish in edits if rule.is_egress == egress})
        if len(set(after.values())) < len(after):
            raise exceptions.InvalidPermissionDuplicateError
        check_quota(backend, after.values())
    for rule, wish in edits:
        set_rule(backend, rule, wish)
    return ActionResult({"Return": True})


def describe(call: Any, egress: bool) -> ActionResult:
    """Describes the rules that the call names anew, or none."""
    wanted = asked(call)
    by_rule = {Rule.of(rule): rule for rule in rules_of(named_group(call), egress)}
    if any(wish.rule not in by_rule for wish in wanted):
        raise exceptions.InvalidPermissionNotFoundError
    for wish in wanted:
        set_rule(call.ec2_backend, by_rule[wish.rule], wish)
    return ActionResult({"Return": True})


def edit(backend: Any, group: SecurityGroup, item: dict[str, Any]) -> tuple[SecurityGroupRule, Wish]:
    """One edit: the rule, and what it is to say."""
    rule_id, request = item["SecurityGroupRuleId"], item["SecurityGroupRule"]
    rule = group.get_rule(rule_id)
    if rule is None:
        raise exceptions.InvalidSecurityGroupRuleIdNotFoundError(rule_id)
    members = [member for member in PEER_MEMBERS if request.get(member) is not None]
    if not members:
        raise exceptions.MissingParameter(f"The request must contain exactly one of: {', '.join(PEER_MEMBERS)}")
    if len(members) > 1:
        raise exceptions.InvalidParameterCombination(f"Only one of {', '.join(PEER_MEMBERS)} can be specified")
    kind, peer = PEER_MEMBERS[members[0]], request[members[0]]
    if kind != Rule.of(rule).kind:
        raise exceptions.InvalidParameterValue(
            f"Invalid rule type for security group rule '{rule_id}'. "
            f"You may not specify {members[0]} for an existing rule of another type."
        )
    if kind in ("CidrIp", "CidrIpv6"):
        peer = canonical_cidr(kind, peer)
    elif kind == "list":
        known_list(backend, peer)
    else:
        known_group(backend, peer)
    description = request.get("Description", description_of(rule))
    return rule, Wish(Rule(*canonical_ports(request), kind, peer), description)


def rule_view(rule: SecurityGroupRule) -> dict[str, Any]:
    """A rule as AuthorizeSecurityGroup* and DescribeSecurityGroupRules answer it: without ports they are -1."""
    backend = rule.ec2_backend
    arn = f"arn:aws:ec2:{backend.region_name}:{backend.account_id}:security-group-rule/{rule.id}"
    return {
        **revoked_view(rule),
        "ReferencedGroupId": None,
        "GroupOwnerId": backend.account_id,
        "ReferencedGroupInfo": rule.source_group or None,
        "Tags": rule.get_tags() or None,
        "SecurityGroupRuleArn": arn,
    }


def revoked_view(rule: SecurityGroupRule) -> dict[str, Any]:
    """A rule as RevokeSecurityGroup* answers it."""
    return {
        "SecurityGroupRuleId": rule.id,
        "GroupId": rule.group_id,
        "IsEgress": rule.is_egress,
        "IpProtocol": rule.ip_protocol,
        "FromPort": -1 if rule.from_port is None else rule.from_port,
        "ToPort": -1 if rule.to_port is None else rule.to_port,
        "CidrIpv4": rule.cidr_ipv4,
        "CidrIpv6": rule.cidr_ipv6,
        "PrefixListId": rule.prefix_list_id,
        "ReferencedGroupId": rule.source_group.get("GroupId"),
        "Description": description_of(rule),
    }


def unknown_view(wish: Wish) -> dict[str, Any]:
    """A permission that a revoke in a default VPC did not find."""
    rule = wish.rule
    lists = {
        "CidrIp": {"IpRanges": [{"CidrIp": rule.peer}]},
        "CidrIpv6": {"Ipv6Ranges": [{"CidrIpv6": rule.peer}]},
        "group": {"UserIdGroupPairs": [{"GroupId": rule.peer}]},
        "list": {"PrefixListIds": [{"PrefixListId": rule.peer}]},
    }
    return {"IpProtocol": rule.protocol, "FromPort": rule.from_port, "ToPort": rule.to_port, **lists[rule.kind]}


def describe_rules(call: Any) -> ActionResult:
    """DescribeSecurityGroupRules with owner, ARN and every kind of description."""
    filters = call._filters_from_querystring()
    rules = call.ec2_backend.describe_security_group_rules(call._get_param("SecurityGroupRuleIds", []), filters)
    return ActionResult({"SecurityGroupRules": [rule_view(rule) for rule in rules]})


def check_deletable(backend: Any, group: SecurityGroup) -> None:
    """Refuses to delete a VPC's default group, and one that an interface or another group's rule still uses."""
    if group.is_default:
        raise exceptions.EC2ClientError("CannotDelete", f"the specified group: {group.id} cannot be deleted by a user")
    others = [other for groups in backend.groups.values() for other in groups.values() if other is not group]
    rules = [rule for other in others for rule in other.ingress_rules + other.egress_rules]
    named = any(rule.source_group.get("GroupId") == group.id for rule in rules)
    attached = any(group in interface.group_set for interface in backend.enis.values())
    if named or attached:
        raise exceptions.DependencyViolationError(f"resource {group.id} has a dependent object")


def finder(egress: bool, kind: str) -> Callable[[SecurityGroup, list[str]], bool]:
    """A filter of DescribeSecurityGroups: has the group a rule whose peer is one of these?"""

    def matches(group: SecurityGroup, values: list[str]) -> bool:
        peers = [known.peer for known in map(Rule.of, rules_of(group, egress)) if known.kind == kind]
        return any(peer in values for peer in peers)

    return matches


def apply() -> None:
    """Puts these in moto's place."""
    create, delete = SecurityGroups.create_security_group, SecurityGroups.delete_security_group

    def create_group(call: Any) -> ActionResult:
        if call._get_param("VpcId"):
            call.ec2_backend.get_vpc(call._get_param("VpcId"))
        result = create(call)
        tags = call._parse_tag_specification().get("security-group", {})
        result.result["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()] or None
        return result

    def delete_group(call: Any) -> ActionResult:
        check_deletable(call.ec2_backend, named_group(call))
        return delete(call)

    SecurityGroups.create_security_group = create_group
    SecurityGroups.delete_security_group = delete_group
    SecurityGroups.authorize_security_group_egress = lambda call: authorize(call, egress=True)
    SecurityGroups.authorize_security_group_ingress = lambda call: authorize(call, egress=False)
    SecurityGroups.revoke_security_group_egress = lambda call: revoke(call, egress=True)
    SecurityGroups.revoke_security_group_ingress = lambda call: revoke(call, egress=False)
    SecurityGroups.modify_security_group_rules = modify
    SecurityGroups.update_security_group_rule_descriptions_egress = lambda call: describe(call, egress=True)
    SecurityGroups.update_security_group_rule_descriptions_ingress = lambda call: describe(call, egress=False)
    SecurityGroups.describe_security_group_rules = describe_rules
    SecurityGroup.filter_egress__ip_permission__prefix_list_id = finder(egress=True, kind="list")
    SecurityGroup.filter_egress__ip_permission__ipv6_cidr = finder(egress=True, kind="CidrIpv6")
    SecurityGroup.filter_ip_permission__prefix_list_id = finder(egress=False, kind="list")
    SecurityGroup.filter_ip_permission__ipv6_cidr = finder(egress=False, kind="CidrIpv6")
