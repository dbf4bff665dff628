//! What the template grants a function's role, against what the function does.
//!
//! Every stage of this suite gives its function just the rights of its role, and the emulated AWS refuses the rest: whatever a
//! function uses, in any test, is granted.

use std::collections::BTreeSet;

use harness::network;
use harness::role::Role;
use harness::stage::{REVERT_POLICY, Setting};
use serde_json::json;

use crate::reading::{only_record, reason};
use crate::revert::{customer_list, opens};
use crate::scene::deliver_done;

/// What is granted and not called by the function's own code, and why.
const EXPLAINED: [(&str, &str); 7] = [
    ("sqs:ReceiveMessage", "Lambda reads the queues with the function's role"),
    ("sqs:DeleteMessage", "Lambda acknowledges with the function's role"),
    (
        "sqs:GetQueueAttributes",
        "Lambda looks at the queues with the function's role",
    ),
    ("logs:CreateLogStream", "Lambda writes the log with the function's role"),
    ("logs:PutLogEvents", "Lambda writes the log with the function's role"),
    (
        "kms:Decrypt",
        "SNS asks for it in the name of whoever publishes to an encrypted topic",
    ),
    (
        "kms:GenerateDataKey",
        "SNS asks for it in the name of whoever publishes to an encrypted topic",
    ),
];

#[test]
fn every_right_of_the_role_is_used_or_explained() {
    let granted = Role::of("security-groups").unwrap().actions("revert").unwrap();
    let setting = Setting::of(REVERT_POLICY).with_ledger().with_kill_switch("revert");
    let mut stage = setting.set().unwrap();
    let person = stage.person().unwrap();
    let list = customer_list(&stage, "0.0.0.0/0");
    let to_list =
        json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": list}]}]);
    let group = stage.network.app_group.clone();
    let to_list = network::authorize_egress(&person, &group, &to_list).unwrap().record;
    let everywhere = opens(&person, &group, "0.0.0.0/0");
    for record in [to_list, everywhere] {
        assert_eq!(reason(&only_record(&deliver_done(&mut stage, &record))), "reverted");
    }
    let mut used = stage.emulator.rights_used(stage.function.access_key()).unwrap();
    for (action, why) in EXPLAINED {
        assert!(
            granted.contains(action),
            "{action} is explained ({why}) and not granted"
        );
        assert!(used.insert(action.to_owned()), "{action} is explained ({why}) and used");
    }
    assert_eq!(used, granted);
}

#[test]
fn below_mode_revert_nothing_can_be_changed() {
    let role = Role::of("security-groups").unwrap();
    let actions = |mode| role.actions(mode).unwrap();
    assert_eq!(actions("observe"), actions("notify"));
    let only_to_revert: BTreeSet<String> = actions("revert").difference(&actions("notify")).cloned().collect();
    let writes = ["ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress"];
    assert_eq!(only_to_revert, writes.map(str::to_owned).into());
}
