//! The narrower rules, in the words of the tool that made the wide ones.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::reach::{Clients, Wide};
use super::subject::Scene;
use crate::address::AddressSet;
use crate::finding::Advice;
use crate::id::SecurityGroupId;
use crate::network::Cidr;

fn advice(tool: &str, text: String) -> Advice {
    Advice { tool: tool.to_owned(), text: text.trim_end().to_owned() }
}

/// In the place of the wide rules of each group: 443 from the clients among whom they let in.
pub(super) fn narrower(wide: &[&Wide<'_>], clients: &Clients) -> Vec<Advice> {
    let mut groups: BTreeMap<&SecurityGroupId, Vec<&Wide<'_>>> = BTreeMap::new();
    for wide in wide {
        groups.entry(wide.group).or_default().push(wide);
    }
    let (mut cli, mut terraform, mut cloudformation) = (String::new(), REMOVE.to_owned(), REMOVE.to_owned());
    for (group, wide) in groups {
        let let_in = wide.iter().fold(AddressSet::default(), |all, wide| all.and(&wide.sources));
        let blocks = let_in.within(&clients.all).to_cidrs();
        let rules: Vec<&str> = wide.iter().map(|wide| wide.rule.id.as_str()).collect();
        if !blocks.is_empty() {
            let _ = writeln!(cli, "{}", authorize(group.as_str(), &blocks));
        }
        let revoke = format!("aws ec2 revoke-security-group-ingress --group-id {group}");
        let _ = writeln!(cli, "{revoke} --security-group-rule-ids {}", rules.join(" "));
        terraform.push_str(&terraform_rules(group.as_str(), &blocks));
        cloudformation.push_str(&cloudformation_rules(group.as_str(), &blocks));
    }
    vec![advice("AWS CLI", cli), advice("Terraform", terraform), advice("CloudFormation", cloudformation)]
}

const REMOVE: &str = "Remove the wide rule from the code that made it, or the next deployment opens it again.\n";

/// A group of the endpoint's own in the place of the default group.
pub(super) fn own_group(scene: &Scene<'_>, default: &SecurityGroupId, clients: &Clients) -> Vec<Advice> {
    let vpc = &scene.vpc.id;
    let endpoint = scene.endpoints.first().map_or("ENDPOINT", |(id, _)| id.as_str());
    let blocks = clients.own.to_cidrs();
    let cli = format!(
        "aws ec2 create-security-group --vpc-id {vpc} --group-name endpoints --description \"clients of endpoints\"\n{}\naws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --add-security-group-ids NEW-GROUP --remove-security-group-ids {default}",
        authorize("NEW-GROUP", &blocks)
    );
    let terraform = format!(
        "In the `aws_vpc_endpoint` resource of {endpoint}:\n  security_group_ids = [aws_security_group.endpoints.id]\nresource \"aws_security_group\" \"endpoints\" {{\n  vpc_id = \"{vpc}\"\n}}\n{}",
        terraform_rules("${aws_security_group.endpoints.id}", &blocks)
    );
    let cloudformation = format!(
        "In the AWS::EC2::VPCEndpoint resource of {endpoint}, under Properties:\n  SecurityGroupIds: [!GetAtt Endpoints.GroupId]\nEndpoints:\n  Type: AWS::EC2::SecurityGroup\n  Properties:\n    GroupDescription: clients of endpoints\n    VpcId: {vpc}\n{}",
        cloudformation_rules("!GetAtt Endpoints.GroupId", &blocks)
    );
    vec![advice("AWS CLI", cli), advice("Terraform", terraform), advice("CloudFormation", cloudformation)]
}

fn authorize(group: &str, blocks: &[Cidr]) -> String {
    let ranges = |ipv6: bool, key: &str| {
        let of_family = blocks.iter().filter(|block| block.is_ipv6() == ipv6);
        let ranges: Vec<String> = of_family.map(|block| format!(r#"{{"{key}":"{block}"}}"#)).collect();
        ranges.join(",")
    };
    let (v4, v6) = (ranges(false, "CidrIp"), ranges(true, "CidrIpv6"));
    let v4 = if v4.is_empty() { v4 } else { format!(r#","IpRanges":[{v4}]"#) };
    let v6 = if v6.is_empty() { v6 } else { format!(r#","Ipv6Ranges":[{v6}]"#) };
    format!(
        r#"aws ec2 authorize-security-group-ingress --group-id {group} --ip-permissions '[{{"IpProtocol":"tcp","FromPort":443,"ToPort":443{v4}{v6}}}]'"#
    )
}

fn terraform_rules(group: &str, blocks: &[Cidr]) -> String {
    let mut text = String::new();
    for (number, block) in blocks.iter().enumerate() {
        let key = if block.is_ipv6() { "cidr_ipv6" } else { "cidr_ipv4" };
        let _ = writeln!(text, "resource \"aws_vpc_security_group_ingress_rule\" \"clients_{}\" {{", number + 1);
        let _ = writeln!(text, "  security_group_id = \"{group}\"\n  {key} = \"{block}\"");
        let _ = writeln!(text, "  ip_protocol = \"tcp\"\n  from_port = 443\n  to_port = 443\n}}");
    }
    text
}

fn cloudformation_rules(group: &str, blocks: &[Cidr]) -> String {
    let mut text = String::new();
    for (number, block) in blocks.iter().enumerate() {
        let key = if block.is_ipv6() { "CidrIpv6" } else { "CidrIp" };
        let _ = writeln!(text, "Clients{}:\n  Type: AWS::EC2::SecurityGroupIngress\n  Properties:", number + 1);
        let _ = writeln!(text, "    GroupId: {group}\n    {key}: {block}");
        let _ = writeln!(text, "    IpProtocol: tcp\n    FromPort: 443\n    ToPort: 443");
    }
    text
}
