"""Each correction of moto, shown over boto3 and HTTP: what is asserted is what AWS does."""

from __future__ import annotations

import unittest
from typing import Any

from emulated import EmulatedAws, every_protocol, tcp


class SecurityGroups(EmulatedAws):
    """correct_groups.py."""

    def setUp(self) -> None:
        """A VPC without IPv6, and a group in it."""
        super().setUp()
        self.vpc_id = self.vpc()
        self.group_id = self.group(self.vpc_id)

    def allow(self, *permissions: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """Authorises egress and gives the rules of the answer."""
        asked = {"GroupId": self.group_id, "IpPermissions": list(permissions), **more}
        return self.call("authorize_security_group_egress", asked)["SecurityGroupRules"]

    def egress(self, *permissions: dict[str, Any]) -> dict[str, Any]:
        """The parameters of a call on egress permissions."""
        return {"GroupId": self.group_id, "IpPermissions": list(permissions)}

    def list_id(self, max_entries: int = 5) -> str:
        """A new customer-managed list's id."""
        made = {"PrefixListName": "partners", "AddressFamily": "IPv4", "MaxEntries": max_entries}
        return self.call("create_managed_prefix_list", made)["PrefixList"]["PrefixListId"]

    def test_cidrs_are_stored_in_canonical_form(self) -> None:
        six = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "Ipv6Ranges": [{"CidrIpv6": "2001:DB8:0::7/32"}]}
        self.allow(tcp(443, "203.0.113.7/24"), six)
        self.assertEqual(self.cidrs(self.group_id), ["0.0.0.0/0", "2001:db8::/32", "203.0.113.0/24"])
        self.assert_refused(
            "InvalidPermission.Duplicate", "authorize_security_group_egress", self.egress(tcp(443, "203.0.113.99/24"))
        )
        malformed = self.egress(tcp(1, "300.0.0.0/8"))
        self.assert_refused("InvalidParameterValue", "authorize_security_group_egress", malformed)

    def test_protocol_numbers_are_named_and_others_need_no_ports(self) -> None:
        self.allow({**every_protocol("192.0.2.0/24"), "IpProtocol": "50"})
        self.allow({**tcp(443, "192.0.2.0/24"), "IpProtocol": "6"})
        known = [(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in self.rules(self.group_id)]
        self.assertEqual(known, [("-1", -1, -1), ("50", -1, -1), ("tcp", 443, 443)])
        without_ports = {"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}
        self.assert_refused("InvalidParameterValue", "authorize_security_group_egress", self.egress(without_ports))

    def test_an_authorize_is_answered_with_all_its_rules_and_done_wholly_or_not(self) -> None:
        added = self.allow(tcp(1, "192.0.2.0/24"), tcp(2, "192.0.2.0/24"))
        self.assertEqual([rule["FromPort"] for rule in added], [1, 2])
        asked = self.egress(tcp(3, "192.0.2.0/24"), tcp(1, "192.0.2.0/24"))
        self.assert_refused("InvalidPermission.Duplicate", "authorize_security_group_egress", asked)
        self.assertEqual(len(self.rules(self.group_id)), 3)
        twice = self.egress(tcp(4, "192.0.2.0/24"), tcp(4, "192.0.2.9/24"))
        self.assert_refused("InvalidParameterValue", "authorize_security_group_egress", twice)

    def test_rules_tell_owner_arn_tags_and_every_description(self) -> None:
        listed = {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": self.list_id(), "Description": "partners"}]}
        grouped = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": self.group_id, "Description": "each other"}]}
        tags = [{"ResourceType": "security-group-rule", "Tags": [{"Key": "ticket", "Value": "42"}]}]
        self.allow(listed, grouped, TagSpecifications=tags)
        rules = self.rules(self.group_id)[1:]
        self.assertEqual([rule["Description"] for rule in rules], ["partners", "each other"])
        self.assertEqual([rule["Tags"] for rule in rules], [[{"Key": "ticket", "Value": "42"}]] * 2)
        self.assertEqual({rule["GroupOwnerId"] for rule in rules}, {"111122223333"})
        first = rules[0]
        self.assertTrue(first["SecurityGroupRuleArn"].endswith(f":security-group-rule/{first['SecurityGroupRuleId']}"))
        self.assertEqual(rules[1]["ReferencedGroupInfo"]["GroupId"], self.group_id)

    def test_a_revoke_tells_what_it_revoked_and_minds_neither_description_nor_host_bits(self) -> None:
        grouped = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": self.group_id, "Description": "each other"}]}
        self.allow(tcp(443, "203.0.113.0/24"), grouped)
        bare = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": self.group_id}]}
        answer = self.call("revoke_security_group_egress", self.egress(tcp(443, "203.0.113.7/24"), bare))
        revoked = answer["RevokedSecurityGroupRules"]
        revoked = [(rule.get("CidrIpv4"), rule.get("ReferencedGroupId")) for rule in revoked]
        self.assertEqual(revoked, [("203.0.113.0/24", None), (None, self.group_id)])
        self.assertEqual(self.cidrs(self.group_id), ["0.0.0.0/0"])

    def test_an_ipv6_revoke_works_in_a_vpc_without_ipv6(self) -> None:
        self.allow(every_protocol("::/0"))
        self.call("revoke_security_group_egress", self.egress(every_protocol("::/0")))
        self.assertEqual(self.cidrs(self.group_id), ["0.0.0.0/0"])
        self.assert_refused(
            "InvalidPermission.NotFound", "revoke_security_group_egress", self.egress(every_protocol("::/0"))
        )

    def test_a_revoke_is_done_wholly_or_not(self) -> None:
        asked = self.egress(every_protocol("0.0.0.0/0"), tcp(1, "192.0.2.0/24"))
        self.assert_refused("InvalidPermission.NotFound", "revoke_security_group_egress", asked)
        self.assertEqual(self.cidrs(self.group_id), ["0.0.0.0/0"])

    def test_a_revoke_by_an_id_that_is_gone_says_so(self) -> None:
        rule_id = self.rules(self.group_id)[0]["SecurityGroupRuleId"]
        asked = {"GroupId": self.group_id, "SecurityGroupRuleIds": [rule_id]}
        answer = self.call("revoke_security_group_egress", asked)
        self.assertEqual(answer["RevokedSecurityGroupRules"][0]["SecurityGroupRuleId"], rule_id)
        self.assert_refused("InvalidSecurityGroupRuleId.NotFound", "revoke_security_group_egress", asked)

    def test_a_revoke_in_a_default_vpc_reports_what_it_did_not_find(self) -> None:
        self.group_id = self.call("create_security_group", {"GroupName": "a", "Description": "b"})["GroupId"]
        answer = self.call("revoke_security_group_egress", self.egress(tcp(1, "192.0.2.0/24")))
        (unknown,) = answer["UnknownIpPermissions"]
        self.assertEqual(unknown["IpRanges"], [{"CidrIp": "192.0.2.0/24"}])

    def modify(self, rule: dict[str, Any], **change: Any) -> dict[str, Any]:
        """The parameters of an edit in place."""
        edited = {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": change}
        return {"GroupId": self.group_id, "SecurityGroupRules": [edited]}

    def test_rules_are_edited_in_place_whatever_their_peer(self) -> None:
        first, second = self.list_id(), self.list_id()
        other = self.group(self.vpc_id, "other")
        lists = {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": first}]}
        groups = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": self.group_id}]}
        six, listed, grouped = self.allow(every_protocol("2001:db8::/32"), lists, groups)
        self.call("modify_security_group_rules", self.modify(six, IpProtocol="-1", CidrIpv6="::/0", Description="all"))
        self.call("modify_security_group_rules", self.modify(listed, IpProtocol="-1", PrefixListId=second))
        change = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "ReferencedGroupId": other}
        self.call("modify_security_group_rules", self.modify(grouped, **change))
        after = {rule["SecurityGroupRuleId"]: rule for rule in self.rules(self.group_id)}
        six_after = after[six["SecurityGroupRuleId"]]
        self.assertEqual((six_after["CidrIpv6"], six_after["Description"]), ("::/0", "all"))
        self.assertEqual(after[listed["SecurityGroupRuleId"]]["PrefixListId"], second)
        self.assertEqual(after[grouped["SecurityGroupRuleId"]]["ReferencedGroupInfo"]["GroupId"], other)

    def test_an_edit_may_not_change_the_kind_of_peer_or_make_a_duplicate(self) -> None:
        (rule,) = self.allow(tcp(443, "192.0.2.0/24"))
        asked = self.modify(rule, IpProtocol="-1", CidrIpv6="::/0")
        self.assert_refused("InvalidParameterValue", "modify_security_group_rules", asked)
        asked = self.modify(rule, IpProtocol="-1", CidrIpv4="0.0.0.0/0")
        self.assert_refused("InvalidPermission.Duplicate", "modify_security_group_rules", asked)
        self.assertEqual(self.rules(self.group_id)[1]["FromPort"], 443)

    def test_the_quota_counts_ipv4_and_ipv6_apart_and_lists_by_their_size(self) -> None:
        self.allow(tcp(443, *(f"192.0.2.{last}/32" for last in range(59))))
        self.assert_refused(
            "RulesPerSecurityGroupLimitExceeded", "authorize_security_group_egress", self.egress(tcp(1, "192.0.2.0/24"))
        )
        self.allow(every_protocol("2001:db8::/32"))
        self.group_id = self.group(self.vpc_id, "lists")
        listed = {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": self.list_id(max_entries=60)}]}
        large = self.egress(listed)
        self.assert_refused("RulesPerSecurityGroupLimitExceeded", "authorize_security_group_egress", large)

    def test_groups_need_their_vpc_and_cannot_go_while_used(self) -> None:
        made = {"GroupName": "x", "Description": "x", "VpcId": "vpc-0123456789abcdef0"}
        self.assert_refused("InvalidVpcID.NotFound", "create_security_group", made)
        other = self.group(self.vpc_id, "other")
        self.allow({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other}]})
        self.assert_refused("DependencyViolation", "delete_security_group", {"GroupId": other})
        self.call("delete_security_group", {"GroupId": self.group_id})
        self.call("delete_security_group", {"GroupId": other})
        self.assert_refused("InvalidGroup.NotFound", "describe_security_groups", {"GroupIds": [other]})
        late = self.egress(tcp(1, "192.0.2.0/24"))
        self.assert_refused("InvalidGroup.NotFound", "authorize_security_group_egress", late)


class PrefixListsAndInterfaces(EmulatedAws):
    """correct_lists.py and correct_interfaces.py; the groups of instances are in test_endpoints.py."""

    def test_a_list_that_is_not_there_is_an_error(self) -> None:
        gone = "pl-0123456789abcdef0"
        self.assert_refused("InvalidPrefixListID.NotFound", "describe_managed_prefix_lists", {"PrefixListIds": [gone]})
        self.assert_refused("InvalidPrefixListID.NotFound", "get_managed_prefix_list_entries", {"PrefixListId": gone})

    def test_a_list_keeps_its_name_minds_its_version_and_can_be_restored(self) -> None:
        entries = [{"Cidr": "192.0.2.0/24", "Description": "lab"}]
        made = {"PrefixListName": "partners", "AddressFamily": "IPv4", "MaxEntries": 2, "Entries": entries}
        list_id = self.call("create_managed_prefix_list", made)["PrefixList"]["PrefixListId"]
        world = {"PrefixListId": list_id, "CurrentVersion": 1, "AddEntries": [{"Cidr": "0.0.0.0/0"}]}
        changed = self.call("modify_managed_prefix_list", world)["PrefixList"]
        self.assertEqual((changed["PrefixListName"], changed["Version"]), ("partners", 2))
        self.assert_refused("PrefixListVersionMismatch", "modify_managed_prefix_list", world)
        many = {"PrefixListId": list_id, "CurrentVersion": 2, "AddEntries": [{"Cidr": "198.51.100.0/24"}]}
        self.assert_refused("PrefixListMaxEntriesExceeded", "modify_managed_prefix_list", many)
        back = {"PrefixListId": list_id, "PreviousVersion": 1, "CurrentVersion": 2}
        self.call("restore_managed_prefix_list_version", back)
        listed = self.call("get_managed_prefix_list_entries", {"PrefixListId": list_id})["Entries"]
        self.assertEqual(listed, entries)

    def test_an_interface_is_refused_groups_that_are_not_there(self) -> None:
        made = {"VpcId": self.vpc(), "CidrBlock": "10.0.1.0/24"}
        subnet_id = self.call("create_subnet", made)["Subnet"]["SubnetId"]
        asked = {"SubnetId": subnet_id, "Groups": ["sg-0123456789abcdef0"]}
        self.assert_refused("InvalidGroup.NotFound", "create_network_interface", asked)


class Paging(EmulatedAws):
    """corrections.paged."""

    def test_rules_come_in_pages_of_the_size_asked_for(self) -> None:
        group_id = self.group(self.vpc())
        asked = {"GroupId": group_id, "IpPermissions": [tcp(443, *(f"192.0.2.{last}/32" for last in range(11)))]}
        self.call("authorize_security_group_egress", asked)
        filters = [{"Name": "group-id", "Values": [group_id]}]
        sizes, seen, token = [], set(), {}
        while token is not None:
            page = self.call("describe_security_group_rules", {"Filters": filters, "MaxResults": 5, **token})
            sizes.append(len(page["SecurityGroupRules"]))
            seen |= {rule["SecurityGroupRuleId"] for rule in page["SecurityGroupRules"]}
            token = {"NextToken": page["NextToken"]} if "NextToken" in page else None
        self.assertEqual((sizes, len(seen)), ([5, 5, 2], 12))

    def test_a_page_size_out_of_bounds_or_a_foreign_token_is_refused(self) -> None:
        self.assert_refused("InvalidParameterValue", "describe_security_group_rules", {"MaxResults": 1001})
        self.assert_refused("InvalidParameterValue", "describe_vpcs", {"NextToken": "elsewhere"})


if __name__ == "__main__":
    unittest.main()
