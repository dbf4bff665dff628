//! Dry runs: whether EC2 would let a call through.

use std::error::Error;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_sdk_ec2::types::{IpPermission, VpcAttributeName};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use guardrail_policy::network::{Peer, Permission, Traffic};

use crate::access::{Access, Checked};
use crate::act::ip_permissions;
use crate::answer::Ec2;
use crate::failure;
use crate::needs::{
    ATTACH_INTERNET_GATEWAY, AUTHORIZE_EGRESS, CREATE_ROUTE, DELETE_ROUTE, DESCRIBE_ATTACHMENTS,
    DESCRIBE_BLOCK_PUBLIC_ACCESS, DESCRIBE_DHCP_OPTIONS, DESCRIBE_EGRESS_ONLY_GATEWAYS, DESCRIBE_ENDPOINT_SERVICES,
    DESCRIBE_ENDPOINTS, DESCRIBE_EXCLUSIONS, DESCRIBE_GROUPS, DESCRIBE_INTERFACES, DESCRIBE_INTERNET_GATEWAYS,
    DESCRIBE_NAT_GATEWAYS, DESCRIBE_PEERINGS, DESCRIBE_PREFIX_LISTS, DESCRIBE_ROUTE_TABLES, DESCRIBE_RULES,
    DESCRIBE_SUBNETS, DESCRIBE_VPC_ATTRIBUTE, DESCRIBE_VPCS, DESCRIBE_VPN_GATEWAYS, DESCRIBE_VPNS,
    DETACH_INTERNET_GATEWAY, GET_ENTRIES, MODIFY_ENDPOINT, MODIFY_SUBNET, MODIFY_VPC_ATTRIBUTE, REVOKE_EGRESS,
};

/// Ids in their service's form that nothing has.
const NO_GROUP: &str = "sg-00000000000000000";
const NO_VPC: &str = "vpc-00000000000000000";
const NO_ENDPOINT: &str = "vpce-00000000000000000";
const NO_LIST: &str = "pl-00000000000000000";
const NO_GATEWAY: &str = "igw-00000000000000000";
const NO_TABLE: &str = "rtb-00000000000000000";
/// A block to which nothing is routed (RFC 5737).
const NO_BLOCK: &str = "192.0.2.0/24";

/// Makes a call with `DryRun`: the code of what it came to.
macro_rules! dry_run {
    ($call:expr) => {
        code($call.dry_run(true).send().await)
    };
}

impl Ec2 {
    /// Whether the credentials in use may call an IAM action, by a dry run of it: one call with `DryRun`, which changes
    /// nothing and leaves a failed call in `CloudTrail`. For each action of a rule's `reads` and `writes`.
    ///
    /// The writes, the attributes of a VPC and the entries of a prefix list are tried on things that do not exist. EC2 is known to check
    /// permissions before existence; should it say that the id is not found, the call got past the permissions as far as
    /// can be seen, and counts as allowed. A role whose policy names certain groups, or their tags, is denied here although
    /// it may write to those.
    ///
    /// An action that this crate never calls is `Unknown`, with the code `NotCalled`; one that EC2 has no dry run of
    /// (`ec2:ModifyVpcAttribute`, `ec2:ModifySubnetAttribute`), with the code `NotTried`.
    pub async fn may(&self, action: &str) -> Checked {
        let ec2 = self.reading();
        let tried = match action {
            DESCRIBE_GROUPS => dry_run!(ec2.describe_security_groups()),
            DESCRIBE_RULES => dry_run!(ec2.describe_security_group_rules()),
            DESCRIBE_VPCS => dry_run!(ec2.describe_vpcs()),
            DESCRIBE_SUBNETS => dry_run!(ec2.describe_subnets()),
            DESCRIBE_DHCP_OPTIONS => dry_run!(ec2.describe_dhcp_options()),
            DESCRIBE_VPC_ATTRIBUTE => {
                let call = ec2.describe_vpc_attribute().vpc_id(NO_VPC);
                dry_run!(call.attribute(VpcAttributeName::EnableDnsSupport))
            }
            DESCRIBE_ENDPOINTS => dry_run!(ec2.describe_vpc_endpoints()),
            DESCRIBE_ENDPOINT_SERVICES => dry_run!(ec2.describe_vpc_endpoint_services()),
            DESCRIBE_ROUTE_TABLES => dry_run!(ec2.describe_route_tables()),
            DESCRIBE_INTERNET_GATEWAYS => dry_run!(ec2.describe_internet_gateways()),
            DESCRIBE_EGRESS_ONLY_GATEWAYS => dry_run!(ec2.describe_egress_only_internet_gateways()),
            DESCRIBE_NAT_GATEWAYS => dry_run!(ec2.describe_nat_gateways()),
            DESCRIBE_INTERFACES => dry_run!(ec2.describe_network_interfaces()),
            DESCRIBE_PREFIX_LISTS => dry_run!(ec2.describe_managed_prefix_lists()),
            DESCRIBE_BLOCK_PUBLIC_ACCESS => dry_run!(ec2.describe_vpc_block_public_access_options()),
            DESCRIBE_EXCLUSIONS => dry_run!(ec2.describe_vpc_block_public_access_exclusions()),
            DESCRIBE_PEERINGS => dry_run!(ec2.describe_vpc_peering_connections()),
            DESCRIBE_ATTACHMENTS => dry_run!(ec2.describe_transit_gateway_vpc_attachments()),
            DESCRIBE_VPNS => dry_run!(ec2.describe_vpn_connections()),
            DESCRIBE_VPN_GATEWAYS => dry_run!(ec2.describe_vpn_gateways()),
            GET_ENTRIES => dry_run!(ec2.get_managed_prefix_list_entries().prefix_list_id(NO_LIST)),
            write => may_write(ec2, write).await,
        };
        Checked::new(action, access(tried))
    }
}

async fn may_write(ec2: &Client, action: &str) -> String {
    match action {
        AUTHORIZE_EGRESS => {
            let call = ec2.authorize_security_group_egress().group_id(NO_GROUP);
            dry_run!(call.set_ip_permissions(anything()))
        }
        REVOKE_EGRESS => {
            let call = ec2.revoke_security_group_egress().group_id(NO_GROUP);
            dry_run!(call.set_ip_permissions(anything()))
        }
        ATTACH_INTERNET_GATEWAY => {
            let call = ec2.attach_internet_gateway().internet_gateway_id(NO_GATEWAY);
            dry_run!(call.vpc_id(NO_VPC))
        }
        CREATE_ROUTE => {
            let call = ec2.create_route().route_table_id(NO_TABLE).gateway_id(NO_GATEWAY);
            dry_run!(call.destination_cidr_block(NO_BLOCK))
        }
        DETACH_INTERNET_GATEWAY => {
            let call = ec2.detach_internet_gateway().internet_gateway_id(NO_GATEWAY);
            dry_run!(call.vpc_id(NO_VPC))
        }
        DELETE_ROUTE => {
            let call = ec2.delete_route().route_table_id(NO_TABLE);
            dry_run!(call.destination_cidr_block(NO_BLOCK))
        }
        // There is no dry run of them, and a call that might change something is not made to find out.
        MODIFY_VPC_ATTRIBUTE | MODIFY_SUBNET => "NotTried".to_owned(),
        MODIFY_ENDPOINT => {
            let call = ec2.modify_vpc_endpoint().vpc_endpoint_id(NO_ENDPOINT);
            dry_run!(call.private_dns_enabled(true))
        }
        _ => "NotCalled".to_owned(),
    }
}

/// The code of what a dry run came to. One that EC2 takes for the call itself tells nothing about permissions.
fn code<T, E>(tried: Result<T, SdkError<E, HttpResponse>>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match tried {
        Ok(_) => "NoDryRun".to_owned(),
        Err(error) => failure::code(&error),
    }
}

fn access(code: String) -> Access {
    if code == "DryRunOperation" || code.ends_with(".NotFound") {
        Access::Allowed
    } else {
        Access::of(code)
    }
}

/// A permission to try with: HTTPS to a group that does not exist.
fn anything() -> Option<Vec<IpPermission>> {
    let peer = Peer::Group {
        id: NO_GROUP.parse().ok()?,
        account: None,
    };
    let permission = Permission {
        traffic: Traffic::HTTPS,
        peer,
    };
    Some(ip_permissions(&[permission], None))
}
