//! How ways out are closed for good, in the words of the tools that people change networks with.

use crate::facts::RouteDestination;
use crate::finding::Advice;
use crate::id::{EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, RouteTableId, VpcId};

fn advice([cli, terraform, cloudformation]: [String; 3]) -> Vec<Advice> {
    let of = |tool: &str, text: String| Advice { tool: tool.to_owned(), text };
    vec![of("AWS CLI", cli), of("Terraform", terraform), of("CloudFormation", cloudformation)]
}

/// Routes of one table. `replaced` says that the table had another route to the same destination before.
pub(super) fn to_delete_routes(table: &RouteTableId, routes: &[&RouteDestination], replaced: bool) -> Vec<Advice> {
    let cli = routes.iter().map(|destination| {
        let option = match destination {
            RouteDestination::Cidr(cidr) if cidr.is_ipv6() => "--destination-ipv6-cidr-block",
            RouteDestination::Cidr(_) => "--destination-cidr-block",
            RouteDestination::PrefixList(_) => "--destination-prefix-list-id",
        };
        let deletes = format!("aws ec2 delete-route --route-table-id {table} {option} {destination}");
        match replaced {
            true => format!("{deletes}\nor, to the target that it had before:\naws ec2 replace-route --route-table-id {table} {option} {destination} …"),
            false => deletes,
        }
    });
    let cli: Vec<String> = cli.collect();
    let routes: Vec<String> = routes.iter().map(ToString::to_string).collect();
    let routes = routes.join(", ");
    advice([
        cli.join("\n"),
        format!("Remove the `aws_route` to {routes} of {table}, or the `route` block of its `aws_route_table`."),
        format!("Remove the AWS::EC2::Route to {routes} of {table}."),
    ])
}

/// An internet gateway that is attached.
pub(super) fn to_detach(gateway: &InternetGatewayId, vpc: &VpcId) -> Vec<Advice> {
    advice([
        format!("aws ec2 detach-internet-gateway --internet-gateway-id {gateway} --vpc-id {vpc}"),
        format!("Remove the `aws_internet_gateway_attachment` of {gateway}, or `vpc_id` from its `aws_internet_gateway`."),
        format!("Remove the AWS::EC2::VPCGatewayAttachment of {gateway} and {vpc}."),
    ])
}

/// An egress-only internet gateway.
pub(super) fn to_delete_egress_only(gateway: &EgressOnlyInternetGatewayId) -> Vec<Advice> {
    advice([
        format!("aws ec2 delete-egress-only-internet-gateway --egress-only-internet-gateway-id {gateway}"),
        format!("Remove the `aws_egress_only_internet_gateway` of {gateway}."),
        format!("Remove the AWS::EC2::EgressOnlyInternetGateway of {gateway}."),
    ])
}

/// A NAT gateway.
pub(super) fn to_delete_nat(gateway: &NatGatewayId) -> Vec<Advice> {
    advice([
        format!("aws ec2 delete-nat-gateway --nat-gateway-id {gateway}\n(its elastic address stays, and is paid for until it is released)"),
        format!("Remove the `aws_nat_gateway` of {gateway}, and its `aws_eip`; a private one has connectivity_type = \"private\"."),
        format!("Remove the AWS::EC2::NatGateway of {gateway}, and its AWS::EC2::EIP; a private one has ConnectivityType: private."),
    ])
}
