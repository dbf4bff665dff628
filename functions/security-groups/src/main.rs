//! The function that guards security groups: egress and ingress rules, prefix lists, attached groups.

use std::process::ExitCode;

use guardrail_lambda::Aws;
use guardrail_policy::functions::SecurityGroups;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    guardrail_lambda::run(SecurityGroups, Aws::ec2_of).await
}
