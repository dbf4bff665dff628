//! IAM: what the actions of the functions have to be granted on.

/// The resources that an action has to be granted on, as the last parts of ARNs; none for an action that IAM knows for
/// everything or nothing, as most of EC2's `Describe…` are.
///
/// Source: "Actions, resources, and condition keys" of each service in AWS's Service Authorization Reference.
pub(crate) fn resources(action: &str) -> &'static [&'static str] {
    match action {
        "apigateway:GET" => &["/restapis/*", "/apis/*"],
        "appsync:GetGraphqlApi" => &["apis/*"],
        "ec2:AuthorizeSecurityGroupEgress" | "ec2:RevokeSecurityGroupEgress" => &["security-group/*"],
        "ec2:DeleteRoute" => &["route-table/*"],
        "ec2:DescribeVpcAttribute" | "ec2:ModifyVpcAttribute" => &["vpc/*"],
        "ec2:DetachInternetGateway" => &["internet-gateway/*", "vpc/*"],
        "ec2:ModifySubnetAttribute" => &["subnet/*"],
        "ec2:ModifyVpcEndpoint" => &["vpc-endpoint/*"],
        _ => &[],
    }
}

/// The resources that an action has to be granted on for whoever only lists them all.
pub(crate) fn resources_to_list(action: &str) -> &'static [&'static str] {
    match action {
        "apigateway:GET" => &["/restapis", "/apis"],
        _ => resources(action),
    }
}

/// The service of an action, as ARNs name it: `ec2`.
pub(crate) fn service(action: &str) -> &str {
    action.split(':').next().unwrap_or_default()
}

/// Whether a service's ARNs name the account; those of API Gateway do not.
pub(crate) fn names_account(service: &str) -> bool {
    service != "apigateway"
}
