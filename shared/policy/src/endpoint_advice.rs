//! How endpoints are made and routed, in the words of the tools that people change networks with.

use std::collections::BTreeSet;

use crate::finding::Advice;
use crate::id::{RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId, VpcId};

/// An endpoint that is to be made. What is not known yet is left for the reader to fill in, in capitals.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a> {
    /// Its VPC.
    pub vpc: &'a VpcId,
    /// The service's full name.
    pub service: String,
    /// What kind of endpoint it is.
    pub kind: WantedKind<'a>,
}

/// What the two kinds need.
#[derive(Debug, Clone)]
pub(crate) enum WantedKind<'a> {
    /// Routes in these tables.
    Gateway(BTreeSet<&'a RouteTableId>),
    /// Interfaces in these subnets, in these groups.
    Interface {
        /// One for each zone.
        subnets: Vec<&'a SubnetId>,
        /// Groups that admit the clients.
        groups: Vec<&'a SecurityGroupId>,
        /// Whether the service's own name is to lead to it.
        private_dns: bool,
    },
}

fn advice(tool: &str, text: String) -> Advice {
    Advice {
        tool: tool.to_owned(),
        text,
    }
}

/// A gateway endpoint's route in tables that lack it.
pub(crate) fn to_route(endpoint: &VpcEndpointId, tables: &[&RouteTableId]) -> Vec<Advice> {
    let associations = tables.iter().map(|table| {
        let name = table.as_str().replace('-', "_");
        format!(
            "resource \"aws_vpc_endpoint_route_table_association\" \"{name}\" {{\n  vpc_endpoint_id = \"{endpoint}\"\n  route_table_id  = \"{table}\"\n}}"
        )
    });
    let ids: Vec<&str> = tables.iter().map(|table| table.as_str()).collect();
    vec![
        advice(
            "AWS CLI",
            format!(
                "aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --add-route-table-ids {}",
                ids.join(" ")
            ),
        ),
        advice("Terraform", associations.collect::<Vec<_>>().join("\n")),
        advice(
            "CloudFormation",
            format!(
                "In the AWS::EC2::VPCEndpoint resource of {endpoint}, under Properties, add to RouteTableIds:\n  - {}",
                ids.join("\n  - ")
            ),
        ),
    ]
}

/// Endpoints that are to be made.
pub(crate) fn to_make(wanted: &[Wanted<'_>]) -> Vec<Advice> {
    let each: Vec<[String; 3]> = wanted
        .iter()
        .map(|one| [one.cli(), one.terraform(), one.cloudformation()])
        .collect();
    let tools = ["AWS CLI", "Terraform", "CloudFormation"].into_iter().enumerate();
    let texts = |tool: usize| each.iter().filter_map(move |texts| texts.get(tool)).cloned();
    tools
        .map(|(number, tool)| advice(tool, texts(number).collect::<Vec<_>>().join("\n")))
        .collect()
}

/// Ids as a tool lists them, or what stands for them.
fn listed<T: ToString>(ids: impl IntoIterator<Item = T>, none: &str, between: &str) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    if ids.is_empty() {
        none.to_owned()
    } else {
        ids.join(between)
    }
}

const TABLES: &str = "ROUTE-TABLE-IDS";
const SUBNETS: &str = "SUBNET-IDS";
const GROUPS: &str = "GROUP-THAT-ADMITS-443-FROM-THE-VPC";

impl Wanted<'_> {
    fn cli(&self) -> String {
        let (vpc, service) = (self.vpc, &self.service);
        let rest = match &self.kind {
            WantedKind::Gateway(tables) => format!("Gateway --route-table-ids {}", listed(tables, TABLES, " ")),
            WantedKind::Interface {
                subnets,
                groups,
                private_dns,
            } => format!(
                "Interface --subnet-ids {} --security-group-ids {} {}",
                listed(subnets, SUBNETS, " "),
                listed(groups, GROUPS, " "),
                if *private_dns {
                    "--private-dns-enabled"
                } else {
                    "--no-private-dns-enabled"
                }
            ),
        };
        format!("aws ec2 create-vpc-endpoint --vpc-id {vpc} --service-name {service} --vpc-endpoint-type {rest}")
    }

    fn terraform(&self) -> String {
        let quoted = |ids: String| format!("[\"{ids}\"]");
        let between = "\", \"";
        let (kind, rest) = match &self.kind {
            WantedKind::Gateway(tables) => (
                "Gateway",
                vec![("route_table_ids", quoted(listed(tables, TABLES, between)))],
            ),
            WantedKind::Interface {
                subnets,
                groups,
                private_dns,
            } => (
                "Interface",
                vec![
                    ("subnet_ids", quoted(listed(subnets, SUBNETS, between))),
                    ("security_group_ids", quoted(listed(groups, GROUPS, between))),
                    ("private_dns_enabled", private_dns.to_string()),
                ],
            ),
        };
        let always = [
            ("vpc_id", format!("\"{}\"", self.vpc)),
            ("service_name", format!("\"{}\"", self.service)),
            ("vpc_endpoint_type", format!("\"{kind}\"")),
        ];
        let arguments: Vec<_> = always.into_iter().chain(rest).collect();
        let width = arguments.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        let lines = arguments
            .iter()
            .map(|(name, value)| format!("  {name:<width$} = {value}\n"));
        let name = self.words().collect::<Vec<_>>().join("_");
        format!(
            "resource \"aws_vpc_endpoint\" \"{name}\" {{\n{}}}",
            lines.collect::<String>()
        )
    }

    fn cloudformation(&self) -> String {
        let (vpc, service) = (self.vpc, &self.service);
        let between = ", ";
        let (kind, rest) = match &self.kind {
            WantedKind::Gateway(tables) => (
                "Gateway",
                format!("    RouteTableIds: [{}]", listed(tables, TABLES, between)),
            ),
            WantedKind::Interface {
                subnets,
                groups,
                private_dns,
            } => (
                "Interface",
                format!(
                    "    SubnetIds: [{}]\n    SecurityGroupIds: [{}]\n    PrivateDnsEnabled: {private_dns}",
                    listed(subnets, SUBNETS, between),
                    listed(groups, GROUPS, between),
                ),
            ),
        };
        let name: String = self.words().map(capitalised).collect();
        format!(
            "{name}Endpoint:\n  Type: AWS::EC2::VPCEndpoint\n  Properties:\n    VpcId: {vpc}\n    ServiceName: {service}\n    VpcEndpointType: {kind}\n{rest}"
        )
    }

    /// The words of the service's short name: `ecr`, `dkr`.
    fn words(&self) -> impl Iterator<Item = &str> {
        let short = crate::service::short_name(&self.service).unwrap_or(&self.service);
        short.split(|c: char| !c.is_ascii_alphanumeric())
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_yet_is_left_to_fill_in() {
        let vpc = "vpc-0a1b2c3d4e5f60001".parse().unwrap();
        let wanted = Wanted {
            vpc: &vpc,
            service: "com.amazonaws.eu-west-1.ecr.dkr".to_owned(),
            kind: WantedKind::Interface {
                subnets: Vec::new(),
                groups: Vec::new(),
                private_dns: true,
            },
        };
        assert_eq!(
            wanted.cli(),
            "aws ec2 create-vpc-endpoint --vpc-id vpc-0a1b2c3d4e5f60001 --service-name com.amazonaws.eu-west-1.ecr.dkr --vpc-endpoint-type Interface --subnet-ids SUBNET-IDS --security-group-ids GROUP-THAT-ADMITS-443-FROM-THE-VPC --private-dns-enabled"
        );
        assert!(
            wanted
                .terraform()
                .starts_with("resource \"aws_vpc_endpoint\" \"ecr_dkr\" {\n")
        );
        assert!(wanted.cloudformation().starts_with("EcrDkrEndpoint:\n"));
    }
}
