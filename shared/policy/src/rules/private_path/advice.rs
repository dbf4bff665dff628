//! What is missing, in the words of each tool. Nothing of it is ever carried out from here.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::leg::{self, Destination, Lack};
use super::pair::Found;
use crate::facts::DnsAttribute;
use crate::finding::Advice;
use crate::network::Cidr;

/// How many missing things are written out.
const MOST: usize = 4;

/// One missing thing in the three tools' words.
struct Words {
    cli: String,
    terraform: String,
    cloudformation: String,
}

/// What the broken legs of these pairs lack.
pub(super) fn of(pairs: &[&Found<'_>]) -> Vec<Advice> {
    let lacks: BTreeSet<&Lack> = pairs.iter().flat_map(|pair| leg::lacks(&pair.legs)).collect();
    let words: Vec<Words> = lacks.iter().take(MOST).map(|lack| words(lack)).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let more = match lacks.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!("\n# and {more} more of the kind"),
    };
    let joined = |text: fn(&Words) -> &str| words.iter().map(text).collect::<Vec<_>>().join("\n") + &more;
    let advice = |tool: &str, text: String| Advice { tool: tool.to_owned(), text };
    vec![
        advice("AWS CLI", joined(|words| &words.cli)),
        advice("Terraform", joined(|words| &words.terraform)),
        advice("CloudFormation", joined(|words| &words.cloudformation)),
    ]
}

fn words(lack: &Lack) -> Words {
    match lack {
        Lack::Egress { from, to } => rule("egress", from.as_str(), to),
        Lack::Ingress { to, from } => rule("ingress", to.as_str(), &Destination::Group(from.clone())),
        Lack::Route { endpoint, tables } => {
            let tables: Vec<&str> = tables.iter().map(crate::id::RouteTableId::as_str).collect();
            let add = tables.join(" ");
            Words {
                cli: format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --add-route-table-ids {add}"),
                terraform: format!(
                    "In the `aws_vpc_endpoint` resource of {endpoint}, to route_table_ids add:\n  \"{}\"",
                    tables.join("\", \"")
                ),
                cloudformation: format!(
                    "In the AWS::EC2::VPCEndpoint resource of {endpoint}, under RouteTableIds add:\n  - {}",
                    tables.join("\n  - ")
                ),
            }
        }
        Lack::Attributes { vpc, off } => attributes(vpc.as_str(), off),
        Lack::PrivateDns { endpoint, url, may_be_on } => private_dns(endpoint.as_str(), url.as_deref(), *may_be_on),
        Lack::Policy(endpoint) => Words {
            cli: format!(
                "aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --policy-document file://POLICY.json"
            ),
            terraform: format!(
                "In the `aws_vpc_endpoint` resource of {endpoint}: a `policy` that allows what its clients do"
            ),
            cloudformation: format!(
                "In the AWS::EC2::VPCEndpoint resource of {endpoint}: a PolicyDocument that allows what its clients do"
            ),
        },
        Lack::Endpoint { service, vpc } => Words {
            cli: format!("aws ec2 create-vpc-endpoint --vpc-id {vpc} --service-name com.amazonaws.REGION.{service} …"),
            terraform: format!(
                "resource \"aws_vpc_endpoint\" \"…\" {{\n  vpc_id = \"{vpc}\"\n  service_name = \"com.amazonaws.REGION.{service}\"\n  …\n}}"
            ),
            cloudformation: format!(
                "Type: AWS::EC2::VPCEndpoint\nProperties:\n  VpcId: {vpc}\n  ServiceName: com.amazonaws.REGION.{service}\n  …"
            ),
        },
        Lack::Available(endpoint) => Words {
            cli: format!("aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {endpoint}"),
            terraform: format!("Look why {endpoint} does not serve, and make it anew"),
            cloudformation: format!("Look why {endpoint} does not serve, and make it anew"),
        },
    }
}

/// A rule for tcp/443.
fn rule(direction: &str, group: &str, peer: &Destination) -> Words {
    let peers: Vec<[String; 3]> = match peer {
        Destination::Group(peer) => vec![[
            format!("UserIdGroupPairs=[{{GroupId={peer}}}]"),
            format!("referenced_security_group_id = \"{peer}\""),
            format!(
                "{}: {peer}",
                if direction == "egress" { "DestinationSecurityGroupId" } else { "SourceSecurityGroupId" }
            ),
        ]],
        Destination::List(list) => vec![[
            format!("PrefixListIds=[{{PrefixListId={list}}}]"),
            format!("prefix_list_id = \"{list}\""),
            format!("{}: {list}", if direction == "egress" { "DestinationPrefixListId" } else { "SourcePrefixListId" }),
        ]],
        Destination::Blocks(blocks) => blocks.iter().map(block).collect(),
    };
    let kind = if direction == "egress" { "SecurityGroupEgress" } else { "SecurityGroupIngress" };
    let (mut cli, mut terraform, mut cloudformation) = (String::new(), String::new(), String::new());
    for [cli_peer, terraform_peer, cloudformation_peer] in peers {
        let _ = writeln!(
            cli,
            "aws ec2 authorize-security-group-{direction} --group-id {group} \\\n  --ip-permissions 'IpProtocol=tcp,FromPort=443,ToPort=443,{cli_peer}'"
        );
        let _ = writeln!(
            terraform,
            "resource \"aws_vpc_security_group_{direction}_rule\" \"https\" {{\n  security_group_id = \"{group}\"\n  {terraform_peer}\n  ip_protocol = \"tcp\"\n  from_port = 443\n  to_port = 443\n}}"
        );
        let _ = writeln!(
            cloudformation,
            "Type: AWS::EC2::{kind}\nProperties:\n  GroupId: {group}\n  {cloudformation_peer}\n  IpProtocol: tcp\n  FromPort: 443\n  ToPort: 443"
        );
    }
    let trimmed = |text: String| text.trim_end().to_owned();
    Words { cli: trimmed(cli), terraform: trimmed(terraform), cloudformation: trimmed(cloudformation) }
}

fn block(cidr: &Cidr) -> [String; 3] {
    if cidr.is_ipv6() {
        [format!("Ipv6Ranges=[{{CidrIpv6={cidr}}}]"), format!("cidr_ipv6 = \"{cidr}\""), format!("CidrIpv6: {cidr}")]
    } else {
        [format!("IpRanges=[{{CidrIp={cidr}}}]"), format!("cidr_ipv4 = \"{cidr}\""), format!("CidrIp: {cidr}")]
    }
}

fn attributes(vpc: &str, off: &[DnsAttribute]) -> Words {
    let names = |attribute: &DnsAttribute| match attribute {
        DnsAttribute::DnsSupport => ("--enable-dns-support", "enable_dns_support", "EnableDnsSupport"),
        DnsAttribute::DnsHostnames => ("--enable-dns-hostnames", "enable_dns_hostnames", "EnableDnsHostnames"),
    };
    let each = |line: &dyn Fn((&str, &str, &str)) -> String| {
        off.iter().map(|attribute| line(names(attribute))).collect::<Vec<_>>().join("\n")
    };
    Words {
        cli: each(&|(option, _, _)| {
            format!("aws ec2 modify-vpc-attribute --vpc-id {vpc} {option} '{{\"Value\":true}}'")
        }),
        terraform: format!(
            "In the `aws_vpc` resource of {vpc}:\n{}",
            each(&|(_, argument, _)| format!("  {argument} = true"))
        ),
        cloudformation: format!(
            "In the AWS::EC2::VPC resource of {vpc}, under Properties:\n{}",
            each(&|(_, _, property)| format!("  {property}: true"))
        ),
    }
}

fn private_dns(endpoint: &str, url: Option<&str>, may_be_on: bool) -> Words {
    let own = url.map(|url| format!("# or give the clients the endpoint's own URL: {url}")).unwrap_or_default();
    let either = |text: String| match (may_be_on, own.is_empty()) {
        (true, true) => text,
        (true, false) => format!("{text}\n{own}"),
        (false, true) => format!("# give the clients the own URL of {endpoint}"),
        (false, false) => own.replacen("# or give", "# give", 1),
    };
    Words {
        cli: either(format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --private-dns-enabled")),
        terraform: either(format!("In the `aws_vpc_endpoint` resource of {endpoint}:\n  private_dns_enabled = true")),
        cloudformation: either(format!(
            "In the AWS::EC2::VPCEndpoint resource of {endpoint}, under Properties:\n  PrivateDnsEnabled: true"
        )),
    }
}
