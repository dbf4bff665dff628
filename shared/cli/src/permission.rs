//! IAM: what the actions of the functions have to be granted on.

/// The EC2 resource that an action has to be granted on, as the last part of an ARN; none for an action that IAM knows for
/// everything or nothing, as most of EC2's `Describe…` are.
///
/// Source: "Actions, resources, and condition keys for Amazon EC2" in AWS's Service Authorization Reference.
pub(crate) fn resource(action: &str) -> Option<&'static str> {
    match action {
        "ec2:AuthorizeSecurityGroupEgress" | "ec2:RevokeSecurityGroupEgress" => Some("security-group/*"),
        "ec2:DescribeVpcAttribute" | "ec2:ModifyVpcAttribute" => Some("vpc/*"),
        "ec2:ModifySubnetAttribute" => Some("subnet/*"),
        "ec2:ModifyVpcEndpoint" => Some("vpc-endpoint/*"),
        _ => None,
    }
}
