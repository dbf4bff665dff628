//! Terraform's own way of making a group, in its real order and pace, with the guardrail in mode `revert` beside it.

use std::time::Duration;

use harness::bus::{Bus, Route};
use harness::identity::Identity;
use harness::network;
use harness::stage::{Setting, Stage};
use harness::user::User;
use serde_json::{Value, json};

use crate::reading::{assert_silence, only_notice, reasons, text_at};
use crate::revert::{assert_only_added, tireless, writes};

/// Between two calls of Terraform on one group.
const PAUSE: Duration = Duration::from_secs(2);

/// A run of Terraform, beside which the guardrail is awake.
struct Run {
    stage: Stage,
    terraform: User,
    bus: Bus,
}

impl Run {
    fn begin() -> Self {
        let stage = Setting::of(&tireless()).with_ledger().set().unwrap();
        let terraform = stage.emulator.user(Identity::terraform("Deployment")).unwrap();
        let bus = Bus::of("security-groups").unwrap();
        Self { stage, terraform, bus }
    }

    /// Terraform makes its next call, whose event goes to its queue, from which nothing comes as yet.
    fn calls(&mut self, operation: &str, parameters: &Value) -> Value {
        let call = self.terraform.perform("ec2", operation, parameters).unwrap();
        assert_eq!(self.bus.publish(&call.record), Route::Late);
        self.bus.elapse(PAUSE);
        let early = self.bus.late.deliver(&mut self.stage.function).unwrap();
        assert!(early.is_none(), "not before Terraform is done: {early:#?}");
        call.outcome.unwrap()
    }

    /// Terraform makes a group with an interface, and takes the default rule away.
    fn makes_group(&mut self) -> String {
        let network = self.stage.network.clone();
        let made = self.calls("create_security_group", &network::new_group(&network.vpc, "batch"));
        let group = text_at(&made, "/GroupId").to_owned();
        let everything = json!({"GroupId": group, "IpPermissions": network::everything()});
        self.calls("revoke_security_group_egress", &everything);
        network::network_interface(&self.stage.owner, &network.subnets[0], &group).unwrap();
        group
    }

    fn permits(&mut self, group: &str, permissions: &Value) {
        let permission = json!({"GroupId": group, "IpPermissions": permissions});
        self.calls("authorize_security_group_egress", &permission);
    }

    /// Time passes until every event has come; gives what came of them, in order.
    fn comes_to(&mut self) -> Vec<String> {
        let mut came_to = Vec::new();
        while !self.bus.late.is_empty() {
            self.bus.elapse(PAUSE);
            if let Some(delivery) = self.bus.late.deliver(&mut self.stage.function).unwrap() {
                came_to.extend(reasons(&delivery.invocation));
            }
        }
        came_to
    }
}

#[test]
fn the_burst_in_which_terraform_makes_a_group_leaves_nothing_to_do() {
    let mut run = Run::begin();
    let group = run.makes_group();
    let network = run.stage.network.clone();
    let precise = network::https_to_endpoints(&network.endpoint_group, &network.s3_list);
    run.permits(&group, &precise);
    let before = run.stage.picture().unwrap();
    assert_eq!(run.comes_to(), ["clean", "clean", "clean"]);
    assert_only_added(&run.stage, &before, &[], "the group is as Terraform wanted it");
    assert_eq!(writes(&mut run.stage), (0, 0));
    assert_silence(&run.stage);
}

/// The default rule that Terraform took away and the rule that it made are alike: the first event finds it.
#[test]
fn what_terraform_opens_itself_is_taken_back_once_when_it_is_done() {
    let mut run = Run::begin();
    let group = run.makes_group();
    let before = run.stage.picture().unwrap();
    run.permits(&group, &network::everything());
    let came_to = run.comes_to();
    assert_eq!(came_to, ["reverted", "clean", "undecided", "already_gone"]);
    let to_s3 = format!("tcp/443 {}", run.stage.network.s3_list);
    assert_only_added(&run.stage, &before, &["-1 10.0.0.0/8", &to_s3], "narrowed");
    assert_eq!(writes(&mut run.stage), (1, 1));
    assert!(only_notice(&run.stage).message.contains("Terraform"));
}
