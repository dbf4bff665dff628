//! Dry runs: whether EC2 would let a call through.

use std::error::Error;

use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_sdk_ec2::types::IpPermission;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use guardrail_policy::network::{Peer, Permission, Traffic};

use crate::access::{Access, Checked};
use crate::act::ip_permissions;
use crate::answer::Ec2;
use crate::failure;
use crate::needs::{
    AUTHORIZE_EGRESS, DESCRIBE_ENDPOINTS, DESCRIBE_GROUPS, DESCRIBE_INTERFACES, DESCRIBE_PREFIX_LISTS,
    DESCRIBE_ROUTE_TABLES, DESCRIBE_RULES, DESCRIBE_VPCS, GET_ENTRIES, REVOKE_EGRESS,
};

/// Ids in their service's form that nothing has.
const NO_GROUP: &str = "sg-00000000000000000";
const NO_LIST: &str = "pl-00000000000000000";

impl Ec2 {
    /// Whether the credentials in use may call an IAM action, by a dry run of it: one call with `DryRun`, which changes
    /// nothing and leaves a failed call in `CloudTrail`. For each action of a rule's `reads` and `writes`.
    ///
    /// The writes, and the entries of a prefix list, are tried on a group and a list that do not exist. EC2 is known to check
    /// permissions before existence; should it say that the id is not found, the call got past the permissions as far as
    /// can be seen, and counts as allowed. A role whose policy names certain groups, or their tags, is denied here although
    /// it may write to those.
    ///
    /// An action that this crate never calls is `Unknown`, with the code `NotCalled`.
    pub async fn may(&self, action: &str) -> Checked {
        let ec2 = self.reading();
        let tried = match action {
            DESCRIBE_GROUPS => code(ec2.describe_security_groups().dry_run(true).send().await),
            DESCRIBE_RULES => code(ec2.describe_security_group_rules().dry_run(true).send().await),
            DESCRIBE_VPCS => code(ec2.describe_vpcs().dry_run(true).send().await),
            DESCRIBE_ENDPOINTS => code(ec2.describe_vpc_endpoints().dry_run(true).send().await),
            DESCRIBE_ROUTE_TABLES => code(ec2.describe_route_tables().dry_run(true).send().await),
            DESCRIBE_INTERFACES => code(ec2.describe_network_interfaces().dry_run(true).send().await),
            DESCRIBE_PREFIX_LISTS => code(ec2.describe_managed_prefix_lists().dry_run(true).send().await),
            GET_ENTRIES => {
                let call = ec2.get_managed_prefix_list_entries().prefix_list_id(NO_LIST);
                code(call.dry_run(true).send().await)
            }
            AUTHORIZE_EGRESS => {
                let call = ec2.authorize_security_group_egress().group_id(NO_GROUP);
                code(call.set_ip_permissions(anything()).dry_run(true).send().await)
            }
            REVOKE_EGRESS => {
                let call = ec2.revoke_security_group_egress().group_id(NO_GROUP);
                code(call.set_ip_permissions(anything()).dry_run(true).send().await)
            }
            _ => "NotCalled".to_owned(),
        };
        Checked::new(action, access(tried))
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
