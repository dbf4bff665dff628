//! Policy files.

use proptest::prelude::*;

use crate::network::{APP_GROUP, VPC};

/// Policy files that select the private VPC (by tag, id or account) or do not, with every remedy and what bears on it.
pub fn policies() -> impl Strategy<Value = String> {
    let scope = prop_oneof![
        8 => Just("- tags: { connectivity: private }".to_owned()),
        2 => Just(format!("- id: {VPC}")),
        1 => Just("- account: \"111122223333\"".to_owned()),
        1 => Just(format!("- {{ account: \"111122223333\", all_except: [{VPC}] }}")),
    ];
    let allowed = prop_oneof![
        Just("[]"),
        Just("[10.0.0.0/8]"),
        Just("[10.0.0.0/8, 172.16.0.0/12, \"fd00::/8\"]"),
    ];
    let required = prop_oneof![4 => Just("[]"), 1 => Just("[s3]"), 1 => Just("[ecr.api, ecr.dkr]"), 1 => Just("[sts]")];
    let remedy = prop_oneof![Just("narrow"), Just("private-paths"), Just("revoke")];
    let central = prop_oneof![4 => Just(false), 1 => Just(true)];
    let exempt = prop_oneof![9 => Just(false), 1 => Just(true)];
    let more = (remedy, any::<bool>(), central, exempt);
    (scope, allowed, required, more).prop_map(|(scope, allowed, required, (remedy, path, central, exempt))| {
        let central = match central {
            false => "[]".to_owned(),
            true => "[{ vpc: vpc-0fedcba9876543210, account: \"444455556666\", cidrs: [10.200.0.0/24], services: [sts] }]"
                .to_owned(),
        };
        let exempt = match exempt {
            false => "[]".to_owned(),
            true => format!(
                "[{{ rule: open-egress, resource: {APP_GROUP}, owner: o@example.com, reason: r, until: 2026-03-31 }}]"
            ),
        };
        format!(
            "version: 1\nscope:\n  private_vpcs:\n    {scope}\nallowed_destinations: {allowed}\nrequired_endpoints: {required}\n\
             central_endpoints: {central}\nmode: revert\nrules:\n  open-egress: {{ remedy: {remedy}, require_private_path: {path} }}\n\
             exemptions: {exempt}\n"
        )
    })
}
