//! The function that guards route tables and the subnets that they serve.

use std::process::ExitCode;

use guardrail_lambda::Aws;
use guardrail_policy::functions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    guardrail_lambda::run(&functions::ROUTES, Aws::ec2).await
}
