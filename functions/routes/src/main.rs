//! The function that guards route tables and the subnets that they serve.

use std::process::ExitCode;

use guardrail_lambda::Aws;
use guardrail_policy::functions::Routes;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    guardrail_lambda::run(Routes, Aws::ec2_of).await
}
