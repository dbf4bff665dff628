//! Which IAM actions this crate calls, and for what: the raw material of each function's least privilege.
//!
//! The wire tests hold the table to the requests that are really sent.

use guardrail_policy::facts::Question;
use guardrail_policy::plan::Action;

pub(crate) const DESCRIBE_GROUPS: &str = "ec2:DescribeSecurityGroups";
pub(crate) const DESCRIBE_RULES: &str = "ec2:DescribeSecurityGroupRules";
pub(crate) const DESCRIBE_VPCS: &str = "ec2:DescribeVpcs";
pub(crate) const DESCRIBE_SUBNETS: &str = "ec2:DescribeSubnets";
pub(crate) const DESCRIBE_VPC_ATTRIBUTE: &str = "ec2:DescribeVpcAttribute";
pub(crate) const DESCRIBE_DHCP_OPTIONS: &str = "ec2:DescribeDhcpOptions";
pub(crate) const DESCRIBE_ENDPOINTS: &str = "ec2:DescribeVpcEndpoints";
pub(crate) const DESCRIBE_ENDPOINT_SERVICES: &str = "ec2:DescribeVpcEndpointServices";
pub(crate) const DESCRIBE_ROUTE_TABLES: &str = "ec2:DescribeRouteTables";
pub(crate) const DESCRIBE_INTERNET_GATEWAYS: &str = "ec2:DescribeInternetGateways";
pub(crate) const DESCRIBE_EGRESS_ONLY_GATEWAYS: &str = "ec2:DescribeEgressOnlyInternetGateways";
pub(crate) const DESCRIBE_NAT_GATEWAYS: &str = "ec2:DescribeNatGateways";
pub(crate) const DESCRIBE_INTERFACES: &str = "ec2:DescribeNetworkInterfaces";
pub(crate) const DESCRIBE_PREFIX_LISTS: &str = "ec2:DescribeManagedPrefixLists";
pub(crate) const GET_ENTRIES: &str = "ec2:GetManagedPrefixListEntries";
pub(crate) const DESCRIBE_BLOCK_PUBLIC_ACCESS: &str = "ec2:DescribeVpcBlockPublicAccessOptions";
pub(crate) const DESCRIBE_EXCLUSIONS: &str = "ec2:DescribeVpcBlockPublicAccessExclusions";
pub(crate) const DESCRIBE_PEERINGS: &str = "ec2:DescribeVpcPeeringConnections";
pub(crate) const DESCRIBE_ATTACHMENTS: &str = "ec2:DescribeTransitGatewayVpcAttachments";
pub(crate) const DESCRIBE_VPNS: &str = "ec2:DescribeVpnConnections";
pub(crate) const DESCRIBE_VPN_GATEWAYS: &str = "ec2:DescribeVpnGateways";
pub(crate) const DESCRIBE_REGIONS: &str = "ec2:DescribeRegions";
/// Every read of API Gateway, of REST APIs and of the others (developer guide, "Control access … with IAM policies").
pub(crate) const GET_API: &str = "apigateway:GET";
pub(crate) const GET_GRAPHQL_API: &str = "appsync:GetGraphqlApi";
pub(crate) const LIST_GRAPHQL_APIS: &str = "appsync:ListGraphqlApis";
pub(crate) const AUTHORIZE_EGRESS: &str = "ec2:AuthorizeSecurityGroupEgress";
pub(crate) const REVOKE_EGRESS: &str = "ec2:RevokeSecurityGroupEgress";
pub(crate) const MODIFY_VPC_ATTRIBUTE: &str = "ec2:ModifyVpcAttribute";
pub(crate) const MODIFY_SUBNET: &str = "ec2:ModifySubnetAttribute";
pub(crate) const MODIFY_ENDPOINT: &str = "ec2:ModifyVpcEndpoint";
pub(crate) const UPDATE_DESCRIPTIONS: &str = "ec2:UpdateSecurityGroupRuleDescriptionsEgress";
pub(crate) const DETACH_INTERNET_GATEWAY: &str = "ec2:DetachInternetGateway";
pub(crate) const ATTACH_INTERNET_GATEWAY: &str = "ec2:AttachInternetGateway";
pub(crate) const DELETE_ROUTE: &str = "ec2:DeleteRoute";
pub(crate) const CREATE_ROUTE: &str = "ec2:CreateRoute";
pub(crate) const BATCH_GET_ITEM: &str = "dynamodb:BatchGetItem";
pub(crate) const GET_ITEM: &str = "dynamodb:GetItem";
pub(crate) const PUT_ITEM: &str = "dynamodb:PutItem";
pub(crate) const UPDATE_ITEM: &str = "dynamodb:UpdateItem";

/// The IAM actions that one thing needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// What for: the name of a question or of a plan's action as records write it, or of a port.
    pub what: &'static str,
    /// The actions, each of which may be called. EC2's reads take no resource: they are granted on `*`; its writes take
    /// the group, the VPC or the endpoint (service authorization reference of Amazon EC2).
    pub actions: &'static [&'static str],
}

pub(crate) const GROUPS: Needs = Needs {
    what: "groups",
    actions: &[DESCRIBE_GROUPS],
};
/// An empty list of rules is told from a group that is gone by looking for the group.
pub(crate) const RULES: Needs = Needs {
    what: "rules",
    actions: &[DESCRIBE_RULES, DESCRIBE_GROUPS],
};
pub(crate) const VPC: Needs = Needs {
    what: "vpc",
    actions: &[DESCRIBE_VPCS],
};
pub(crate) const VPCS: Needs = Needs {
    what: "vpcs",
    actions: &[DESCRIBE_VPCS],
};
pub(crate) const SUBNETS: Needs = Needs {
    what: "subnets",
    actions: &[DESCRIBE_SUBNETS],
};
pub(crate) const VPC_DNS: Needs = Needs {
    what: "vpc_dns",
    actions: &[DESCRIBE_VPC_ATTRIBUTE],
};
/// Which options a VPC has is the VPC's to say.
pub(crate) const DNS_SERVERS: Needs = Needs {
    what: "dns_servers",
    actions: &[DESCRIBE_VPCS, DESCRIBE_DHCP_OPTIONS],
};
pub(crate) const ENDPOINT: Needs = Needs {
    what: "endpoint",
    actions: &[DESCRIBE_ENDPOINTS],
};
pub(crate) const ENDPOINT_SERVICE: Needs = Needs {
    what: "endpoint_service",
    actions: &[DESCRIBE_ENDPOINT_SERVICES],
};
pub(crate) const ENDPOINTS: Needs = Needs {
    what: "endpoints",
    actions: &[DESCRIBE_ENDPOINTS],
};
pub(crate) const ROUTE_TABLE: Needs = Needs {
    what: "route_table",
    actions: &[DESCRIBE_ROUTE_TABLES],
};
pub(crate) const ROUTE_TABLES: Needs = Needs {
    what: "route_tables",
    actions: &[DESCRIBE_ROUTE_TABLES],
};
pub(crate) const INTERNET_GATEWAYS: Needs = Needs {
    what: "internet_gateways",
    actions: &[DESCRIBE_INTERNET_GATEWAYS],
};
pub(crate) const EGRESS_ONLY_GATEWAYS: Needs = Needs {
    what: "egress_only_gateways",
    actions: &[DESCRIBE_EGRESS_ONLY_GATEWAYS],
};
pub(crate) const NAT_GATEWAYS: Needs = Needs {
    what: "nat_gateways",
    actions: &[DESCRIBE_NAT_GATEWAYS],
};
pub(crate) const INTERFACES: Needs = Needs {
    what: "interfaces",
    actions: &[DESCRIBE_INTERFACES],
};
pub(crate) const PREFIX_LISTS: Needs = Needs {
    what: "prefix_lists",
    actions: &[DESCRIBE_PREFIX_LISTS],
};
pub(crate) const ENTRIES: Needs = Needs {
    what: "entries",
    actions: &[GET_ENTRIES],
};
pub(crate) const SERVICE_ENDPOINTS: Needs = Needs {
    what: "service_endpoints",
    actions: &[DESCRIBE_ENDPOINTS],
};
pub(crate) const REST_APIS: Needs = Needs {
    what: "rest_apis",
    actions: &[GET_API],
};
pub(crate) const REST_API: Needs = Needs {
    what: "rest_api",
    actions: &[GET_API],
};
pub(crate) const HTTP_APIS: Needs = Needs {
    what: "http_apis",
    actions: &[GET_API],
};
pub(crate) const HTTP_API: Needs = Needs {
    what: "http_api",
    actions: &[GET_API],
};
pub(crate) const GRAPHQL_APIS: Needs = Needs {
    what: "graphql_apis",
    actions: &[LIST_GRAPHQL_APIS],
};
pub(crate) const GRAPHQL_API: Needs = Needs {
    what: "graphql_api",
    actions: &[GET_GRAPHQL_API],
};
pub(crate) const SUBNET: Needs = Needs {
    what: "subnet",
    actions: &[DESCRIBE_SUBNETS],
};
/// Each kind of path is listed by itself, and so are the gateways of VPN connections.
pub(crate) const NETWORK_PATHS: Needs = Needs {
    what: "network_paths",
    actions: &[
        DESCRIBE_PEERINGS,
        DESCRIBE_ATTACHMENTS,
        DESCRIBE_VPNS,
        DESCRIBE_VPN_GATEWAYS,
    ],
};
/// What is excluded is listed apart.
pub(crate) const BLOCK_PUBLIC_ACCESS: Needs = Needs {
    what: "block_public_access",
    actions: &[DESCRIBE_BLOCK_PUBLIC_ACCESS, DESCRIBE_EXCLUSIONS],
};

/// What each kind of question to the network needs, in the order of the facts.
pub const READS: [Needs; 28] = [
    GROUPS,
    RULES,
    VPC,
    VPCS,
    SUBNETS,
    SUBNET,
    VPC_DNS,
    DNS_SERVERS,
    ENDPOINT,
    ENDPOINT_SERVICE,
    ENDPOINTS,
    ROUTE_TABLE,
    ROUTE_TABLES,
    INTERNET_GATEWAYS,
    EGRESS_ONLY_GATEWAYS,
    NAT_GATEWAYS,
    INTERFACES,
    PREFIX_LISTS,
    ENTRIES,
    SERVICE_ENDPOINTS,
    REST_APIS,
    REST_API,
    HTTP_APIS,
    HTTP_API,
    GRAPHQL_APIS,
    GRAPHQL_API,
    BLOCK_PUBLIC_ACCESS,
    NETWORK_PATHS,
];

pub(crate) const AUTHORIZE: Needs = Needs {
    what: "authorize_egress",
    actions: &[AUTHORIZE_EGRESS],
};
pub(crate) const REVOKE: Needs = Needs {
    what: "revoke_egress",
    actions: &[REVOKE_EGRESS],
};

pub(crate) const SWITCH_ATTRIBUTE: Needs = Needs {
    what: "modify_vpc_attribute",
    actions: &[MODIFY_VPC_ATTRIBUTE],
};
pub(crate) const SWITCH_PRIVATE_DNS: Needs = Needs {
    what: "modify_vpc_endpoint",
    actions: &[MODIFY_ENDPOINT],
};

pub(crate) const SET_ENDPOINT_POLICY: Needs = Needs {
    what: "set_endpoint_policy",
    actions: &[MODIFY_ENDPOINT],
};

pub(crate) const DETACH_GATEWAY: Needs = Needs {
    what: "detach_internet_gateway",
    actions: &[DETACH_INTERNET_GATEWAY],
};
/// Only whoever undoes a revert attaches a gateway: no function does.
pub(crate) const ATTACH_GATEWAY: Needs = Needs {
    what: "attach_internet_gateway",
    actions: &[ATTACH_INTERNET_GATEWAY],
};
pub(crate) const TAKE_ROUTE: Needs = Needs {
    what: "delete_route",
    actions: &[DELETE_ROUTE],
};
/// Only whoever undoes a revert makes a route: no function does.
pub(crate) const MAKE_ROUTE: Needs = Needs {
    what: "create_route",
    actions: &[CREATE_ROUTE],
};

pub(crate) const SWITCH_PUBLIC_ADDRESSES: Needs = Needs {
    what: "modify_subnet_attribute",
    actions: &[MODIFY_SUBNET],
};

/// What each kind of a plan's action needs, in mode `revert` only.
pub const WRITES: [Needs; 10] = [
    AUTHORIZE,
    REVOKE,
    SWITCH_ATTRIBUTE,
    SWITCH_PRIVATE_DNS,
    SET_ENDPOINT_POLICY,
    DETACH_GATEWAY,
    ATTACH_GATEWAY,
    TAKE_ROUTE,
    MAKE_ROUTE,
    SWITCH_PUBLIC_ADDRESSES,
];

/// What the functions need for the ledger, on the table's ARN; whoever looks a record up by its id needs `GetItem` besides. `TransactWriteItems` is no IAM action: what a transaction does to each
/// item is (developer guide of Amazon DynamoDB, "Using IAM with DynamoDB transactions").
pub const LEDGER: Needs = Needs {
    what: "keep",
    actions: &[BATCH_GET_ITEM, PUT_ITEM, UPDATE_ITEM],
};

/// What the sweep needs of the ledger besides, for what earlier sweeps saw.
pub const REMEMBERING: Needs = Needs {
    what: "remember",
    actions: &[GET_ITEM, PUT_ITEM],
};

/// What editing the marker group needs, on the group's ARN.
pub const MARKING: Needs = Needs {
    what: "mark",
    actions: &[UPDATE_DESCRIPTIONS],
};

/// What sending notices needs, on the topic's ARN (and the use of its key, where it is encrypted with one).
pub const TELLING: Needs = Needs {
    what: "tell",
    actions: &["sns:Publish"],
};

/// What reading a parameter needs, on the parameter's ARN (and `kms:Decrypt` on its key, where it is a secure string).
pub const PARAMETERS: Needs = Needs {
    what: "parameters",
    actions: &["ssm:GetParameter"],
};

/// What listing the Regions of an account needs; people do it, functions never.
pub const REGIONS: Needs = Needs {
    what: "regions",
    actions: &[DESCRIBE_REGIONS],
};

/// What the answer to a question needs: its line of [`READS`].
#[must_use]
pub fn reading(question: &Question) -> Needs {
    match question {
        Question::Groups(_) => GROUPS,
        Question::Rules(_) => RULES,
        Question::Vpc(_) => VPC,
        Question::Vpcs(_) => VPCS,
        Question::Subnets(_) => SUBNETS,
        Question::VpcDns(_) => VPC_DNS,
        Question::DnsServers(_) => DNS_SERVERS,
        Question::Endpoint(_) => ENDPOINT,
        Question::EndpointService(_) => ENDPOINT_SERVICE,
        Question::Endpoints(_) => ENDPOINTS,
        Question::RouteTable(_) => ROUTE_TABLE,
        Question::RouteTables(_) => ROUTE_TABLES,
        Question::InternetGateways(_) => INTERNET_GATEWAYS,
        Question::EgressOnlyGateways(_) => EGRESS_ONLY_GATEWAYS,
        Question::NatGateways(_) => NAT_GATEWAYS,
        Question::Interfaces(_) => INTERFACES,
        Question::PrefixLists(_) => PREFIX_LISTS,
        Question::Entries(_) => ENTRIES,
        Question::ServiceEndpoints(_) => SERVICE_ENDPOINTS,
        Question::RestApis(_) => REST_APIS,
        Question::RestApi(_) => REST_API,
        Question::HttpApis(_) => HTTP_APIS,
        Question::HttpApi(_) => HTTP_API,
        Question::GraphqlApis(_) => GRAPHQL_APIS,
        Question::GraphqlApi(_) => GRAPHQL_API,
        Question::Subnet(_) => SUBNET,
        Question::NetworkPaths(_) => NETWORK_PATHS,
        Question::BlockPublicAccess(_) => BLOCK_PUBLIC_ACCESS,
        Question::Past(_) => LEDGER,
    }
}

/// What carrying out an action needs: its line of [`WRITES`].
#[must_use]
pub fn writing(action: &Action) -> Needs {
    match action {
        Action::AuthorizeEgress { .. } => AUTHORIZE,
        Action::RevokeEgress { .. } => REVOKE,
        Action::ModifyVpcAttribute { .. } => SWITCH_ATTRIBUTE,
        Action::ModifyVpcEndpoint { .. } => SWITCH_PRIVATE_DNS,
        Action::SetEndpointPolicy { .. } => SET_ENDPOINT_POLICY,
        Action::DetachInternetGateway { .. } => DETACH_GATEWAY,
        Action::AttachInternetGateway { .. } => ATTACH_GATEWAY,
        Action::DeleteRoute(_) => TAKE_ROUTE,
        Action::CreateRoute(_) => MAKE_ROUTE,
        Action::ModifySubnetAttribute { .. } => SWITCH_PUBLIC_ADDRESSES,
    }
}
