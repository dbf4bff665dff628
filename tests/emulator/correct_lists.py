"""Managed prefix lists as AWS has them.

What moto 5.2.5 gets wrong here, and this module puts right:

* Prefix lists that are not there answer with nothing, or crash; AWS says InvalidPrefixListID.NotFound.
* ModifyManagedPrefixList drops the list's name unless it is given again, and minds neither the version that the
  caller saw nor the list's size; RestoreManagedPrefixListVersion is missing.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2 import exceptions
from moto.ec2.models.managed_prefixes import ManagedPrefixList
from moto.ec2.responses.vpcs import VPCs

from correct_groups import known_list


def named_list(call: Any) -> ManagedPrefixList:
    """The list that a call names."""
    return call.ec2_backend.managed_prefix_lists[known_list(call.ec2_backend, call._get_param("PrefixListId"))]


def own_list(call: Any) -> ManagedPrefixList:
    """The list that a call wants to change: not one of AWS's, and at the version that the caller saw."""
    prefix_list = named_list(call)
    if prefix_list.owner_id == "AWS":
        raise exceptions.EC2ClientError("UnauthorizedOperation", f"{prefix_list.id} is managed by AWS")
    seen = call._get_param("CurrentVersion")
    if seen is not None and int(seen) != prefix_list.version:
        raise exceptions.EC2ClientError(
            "PrefixListVersionMismatch", f"The prefix list has the incorrect version number: {seen}"
        )
    return prefix_list


def describe(call: Any) -> ActionResult:
    """DescribeManagedPrefixLists, refusing ids that there are not."""
    list_ids = call._get_param("PrefixListIds", [])
    for list_id in list_ids:
        known_list(call.ec2_backend, list_id)
    found = call.ec2_backend.describe_managed_prefix_lists(list_ids, call._filters_from_querystring())
    return ActionResult({"PrefixLists": found})


def entries(call: Any) -> ActionResult:
    """GetManagedPrefixListEntries: of the newest version unless another is asked for."""
    prefix_list = named_list(call)
    version = call._get_param("TargetVersion")
    wanted = int(version) if version is not None else max(prefix_list.entries, default=1)
    return ActionResult({"Entries": prefix_list.entries.get(wanted, [])})


def modify(call: Any) -> ActionResult:
    """ModifyManagedPrefixList: a new version if entries change, at most as many as the list may have."""
    prefix_list = own_list(call)
    prefix_list.prefix_list_name = call._get_param("PrefixListName") or prefix_list.prefix_list_name
    prefix_list.max_entries = call._get_param("MaxEntries") or prefix_list.max_entries
    added, removed = call._get_param("AddEntries", []), call._get_param("RemoveEntries", [])
    if added or removed:
        replaced = {entry["Cidr"] for entry in [*added, *removed]}
        kept = [entry for entry in prefix_list.entries.get(prefix_list.version, []) if entry["Cidr"] not in replaced]
        new_version(prefix_list, [*kept, *added])
    prefix_list.state = "modify-complete"
    return ActionResult({"PrefixList": prefix_list})


def restore(call: Any) -> ActionResult:
    """RestoreManagedPrefixListVersion: the entries of an old version as a new one."""
    prefix_list = own_list(call)
    previous = int(call._get_param("PreviousVersion"))
    if not 1 <= previous < prefix_list.version:
        raise exceptions.InvalidParameterValue(f"The version {previous} of {prefix_list.id} does not exist")
    new_version(prefix_list, prefix_list.entries.get(previous, []))
    prefix_list.state = "restore-complete"
    return ActionResult({"PrefixList": prefix_list})


def new_version(prefix_list: ManagedPrefixList, listed: list[dict[str, str]]) -> None:
    """Gives a list its next version."""
    if len(listed) > int(prefix_list.max_entries):
        raise exceptions.EC2ClientError(
            "PrefixListMaxEntriesExceeded", f"You've reached the maximum number of entries of {prefix_list.id}"
        )
    prefix_list.version += 1
    prefix_list.entries[prefix_list.version] = list(listed)


def apply() -> None:
    """Puts these in moto's place."""
    VPCs.describe_managed_prefix_lists = describe
    VPCs.get_managed_prefix_list_entries = entries
    VPCs.modify_managed_prefix_list = modify
    VPCs.restore_managed_prefix_list_version = restore
