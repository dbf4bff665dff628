//! The function that guards security groups: egress and ingress rules, prefix lists, attached groups.

use std::process::ExitCode;

use guardrail_lambda::Aws;
use guardrail_policy::functions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    guardrail_lambda::run(&functions::SECURITY_GROUPS, Aws::ec2).await
}
