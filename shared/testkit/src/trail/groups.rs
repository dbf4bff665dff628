//! Records of calls about security groups: their rules, the lists that rules name, and what groups are attached to.

use guardrail_policy::id::{PrefixListId, SecurityGroupId, SecurityGroupRuleId};
use guardrail_policy::network::{Peer, Permission};
use serde_json::json;

use super::shapes::{group_items, listed_rule, nested, one_or_many, put_traffic};
use super::{TrailRecord, wrapped};
use crate::network::{ACCOUNT, REGION};

impl TrailRecord {
    /// Egress rules were added to a group, with the ids that they got.
    #[must_use]
    pub fn authorize_egress(group: &SecurityGroupId, rules: &[(SecurityGroupRuleId, Permission)]) -> Self {
        let asked: Vec<_> = rules.iter().map(|(_, permission)| permission).collect();
        let listed: Vec<_> = rules
            .iter()
            .map(|(id, permission)| listed_rule(group, id, permission))
            .collect();
        Self::ec2(
            "AuthorizeSecurityGroupEgress",
            json!({ "groupId": group, "ipPermissions": { "items": nested(&asked) } }),
            json!({
                "requestId": "20000000-0000-4000-8000-000000000001",
                "_return": true,
                "securityGroupRuleSet": { "items": listed },
            }),
        )
    }

    /// Ingress rules were added to a group.
    #[must_use]
    pub fn authorize_ingress(group: &SecurityGroupId, rules: &[(SecurityGroupRuleId, Permission)]) -> Self {
        let mut record = Self::authorize_egress(group, rules);
        record.0["eventName"] = json!("AuthorizeSecurityGroupIngress");
        let listed = record.0["responseElements"]["securityGroupRuleSet"]["items"].as_array_mut();
        for rule in listed.into_iter().flatten() {
            rule["isEgress"] = json!(false);
        }
        record
    }

    /// The same, of one CIDR rule, as the CLI's `--protocol --port --cidr` writes it: beside an empty `ipPermissions`.
    #[must_use]
    pub fn authorize_egress_flat(group: &SecurityGroupId, id: &SecurityGroupRuleId, permission: &Permission) -> Self {
        let mut record = Self::authorize_egress(group, &[(id.clone(), permission.clone())]);
        let mut request = json!({ "groupId": group, "ipPermissions": {} });
        put_traffic(&mut request, permission.traffic, ["ipProtocol", "fromPort", "toPort"]);
        request["cidrIp"] = json!(permission.peer.to_string());
        record.0["requestParameters"] = request;
        record
    }

    /// The same as responses were before they listed the new rules.
    #[must_use]
    pub fn without_rule_ids(mut self) -> Self {
        if let Some(response) = self.0["responseElements"].as_object_mut() {
            response.remove("securityGroupRuleSet");
        }
        self
    }

    /// The same with the group named by its name alone, and no rule ids, which would give the group away.
    #[must_use]
    pub fn by_group_name(self, name: &str) -> Self {
        let mut record = self.without_rule_ids();
        if let Some(request) = record.0["requestParameters"].as_object_mut() {
            request.remove("groupId");
            request.insert("groupName".to_owned(), json!(name));
        }
        record
    }

    /// Egress rules were taken from a group, by their properties.
    #[must_use]
    pub fn revoke_egress(group: &SecurityGroupId, permissions: &[&Permission]) -> Self {
        Self::ec2(
            "RevokeSecurityGroupEgress",
            json!({ "groupId": group, "ipPermissions": { "items": nested(permissions) } }),
            json!({ "requestId": "20000000-0000-4000-8000-000000000001", "_return": true }),
        )
    }

    /// Ingress rules were taken from a group, by their properties.
    #[must_use]
    pub fn revoke_ingress(group: &SecurityGroupId, permissions: &[&Permission]) -> Self {
        let mut record = Self::revoke_egress(group, permissions);
        record.0["eventName"] = json!("RevokeSecurityGroupIngress");
        record
    }

    /// Rules of a group were edited in place.
    #[must_use]
    pub fn modify_rules(group: &SecurityGroupId, rules: &[(SecurityGroupRuleId, Permission)]) -> Self {
        let edited = rules.iter().enumerate().map(|(number, (id, permission))| {
            let mut content = json!({});
            put_traffic(&mut content, permission.traffic, ["IpProtocol", "FromPort", "ToPort"]);
            let (key, value) = match &permission.peer {
                Peer::Cidr(cidr) if cidr.is_ipv6() => ("CidrIpv6", cidr.to_string()),
                Peer::Cidr(cidr) => ("CidrIpv4", cidr.to_string()),
                Peer::PrefixList(list) => ("PrefixListId", list.to_string()),
                Peer::Group { id, .. } => ("ReferencedGroupId", id.to_string()),
            };
            content[key] = json!(value);
            json!({ "tag": number + 1, "SecurityGroupRuleId": id, "SecurityGroupRule": content })
        });
        wrapped(
            "ModifySecurityGroupRules",
            json!({ "GroupId": group, "SecurityGroupRule": one_or_many(edited.collect()) }),
        )
    }

    /// A group was made.
    #[must_use]
    pub fn create_group(group: &SecurityGroupId, vpc: &str, name: &str) -> Self {
        Self::ec2(
            "CreateSecurityGroup",
            json!({ "groupName": name, "groupDescription": "made for an example", "vpcId": vpc }),
            json!({
                "requestId": "20000000-0000-4000-8000-000000000001",
                "_return": true,
                "groupId": group,
                "securityGroupArn": format!("arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}"),
            }),
        )
    }

    /// A VPC was made.
    #[must_use]
    pub fn create_vpc(vpc: &str, cidr: &str) -> Self {
        Self::ec2(
            "CreateVpc",
            json!({ "cidrBlock": cidr, "instanceTenancy": "default", "amazonProvidedIpv6CidrBlock": false }),
            json!({
                "requestId": "20000000-0000-4000-8000-000000000001",
                "vpc": {
                    "vpcId": vpc,
                    "state": "pending",
                    "ownerId": ACCOUNT,
                    "cidrBlock": cidr,
                    "ipv6CidrBlockAssociationSet": {},
                    "dhcpOptionsId": "dopt-0a1b2c3d",
                    "instanceTenancy": "default",
                    "isDefault": false,
                },
            }),
        )
    }

    /// An entry was added to a prefix list.
    #[must_use]
    pub fn modify_list(list: &PrefixListId, cidr: &str) -> Self {
        let entry = json!({ "tag": 1, "Cidr": cidr });
        wrapped(
            "ModifyManagedPrefixList",
            json!({ "PrefixListId": list, "CurrentVersion": 3, "AddEntry": entry }),
        )
    }

    /// A prefix list was set back to an older version.
    #[must_use]
    pub fn restore_list(list: &PrefixListId) -> Self {
        let request = json!({ "PrefixListId": list, "PreviousVersion": 2, "CurrentVersion": 4 });
        wrapped("RestoreManagedPrefixListVersion", request)
    }

    /// An interface was put into these groups.
    #[must_use]
    pub fn modify_interface(interface: &str, groups: &[&str]) -> Self {
        Self::ec2(
            "ModifyNetworkInterfaceAttribute",
            json!({ "networkInterfaceId": interface, "groupSet": { "items": group_items(groups) } }),
            json!({ "requestId": "20000000-0000-4000-8000-000000000001", "_return": true }),
        )
    }

    /// An instance's interface was put into these groups.
    #[must_use]
    pub fn modify_instance(instance: &str, groups: &[&str]) -> Self {
        Self::ec2(
            "ModifyInstanceAttribute",
            json!({ "instanceId": instance, "groupSet": { "items": group_items(groups) } }),
            json!({ "requestId": "20000000-0000-4000-8000-000000000001", "_return": true }),
        )
    }
}
