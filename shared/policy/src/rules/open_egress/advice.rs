//! How the owner mends it for good: the precise rules in the words of their own tools.

use std::fmt::Write as _;

use crate::finding::{Advice, Resource};
use crate::network::{Peer, Permission, Protocol};
use crate::plan::Plan;

/// What to write instead, for Terraform and CloudFormation; where nothing takes the rule's place, only what to remove.
pub(super) fn of(group: &Resource, plan: &Plan) -> Vec<Advice> {
    const REMOVE: &str =
        "Remove the open egress rule from the code that made it, or the next deployment opens it again.";
    let advice = |tool: &str, text: String| Advice {
        tool: tool.to_owned(),
        text: text.trim_end().to_owned(),
    };
    if plan.added().next().is_none() {
        return vec![advice("whatever made it", REMOVE.to_owned())];
    }
    vec![
        advice("Terraform", format!("{REMOVE}\n{}", terraform(&group.id, plan))),
        advice("CloudFormation", format!("{REMOVE}\n{}", cloudformation(&group.id, plan))),
    ]
}

fn terraform(group: &str, plan: &Plan) -> String {
    let mut text = String::new();
    for (number, permission) in plan.added().enumerate() {
        let _ = writeln!(text, "resource \"aws_vpc_security_group_egress_rule\" \"private_{}\" {{", number + 1);
        let _ = writeln!(text, "  security_group_id = \"{group}\"");
        let (key, value) = match &permission.peer {
            Peer::Cidr(cidr) if cidr.is_ipv6() => ("cidr_ipv6", cidr.to_string()),
            Peer::Cidr(cidr) => ("cidr_ipv4", cidr.to_string()),
            Peer::PrefixList(id) => ("prefix_list_id", id.to_string()),
            Peer::Group { id, .. } => ("referenced_security_group_id", id.to_string()),
        };
        let _ = writeln!(text, "  {key} = \"{value}\"");
        let _ = writeln!(text, "  ip_protocol = \"{}\"", permission.traffic.protocol);
        if let Some((from, to)) = ports(permission) {
            let _ = writeln!(text, "  from_port = {from}\n  to_port = {to}");
        }
        text.push_str("}\n");
    }
    text
}

fn cloudformation(group: &str, plan: &Plan) -> String {
    let mut text = String::new();
    for (number, permission) in plan.added().enumerate() {
        let _ = writeln!(text, "PrivateEgress{}:\n  Type: AWS::EC2::SecurityGroupEgress\n  Properties:", number + 1);
        let _ = writeln!(text, "    GroupId: {group}");
        let (key, value) = match &permission.peer {
            Peer::Cidr(cidr) if cidr.is_ipv6() => ("CidrIpv6", cidr.to_string()),
            Peer::Cidr(cidr) => ("CidrIp", cidr.to_string()),
            Peer::PrefixList(id) => ("DestinationPrefixListId", id.to_string()),
            Peer::Group { id, .. } => ("DestinationSecurityGroupId", id.to_string()),
        };
        let _ = writeln!(text, "    {key}: {value}");
        let _ = writeln!(text, "    IpProtocol: \"{}\"", permission.traffic.protocol);
        if let Some((from, to)) = ports(permission) {
            let _ = writeln!(text, "    FromPort: {from}\n    ToPort: {to}");
        }
    }
    text
}

/// The ports to write down; both tools leave them out where every protocol is meant.
fn ports(permission: &Permission) -> Option<(i32, i32)> {
    (permission.traffic.protocol != Protocol::All).then_some((permission.traffic.ports.from, permission.traffic.ports.to))
}
