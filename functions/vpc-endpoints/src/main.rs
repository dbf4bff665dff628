//! The function that guards VPC endpoints: their services and private DNS, and the DNS attributes of VPCs.

use std::process::ExitCode;

use guardrail_lambda::Aws;
use guardrail_policy::functions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    guardrail_lambda::run(&functions::VPC_ENDPOINTS, Aws::ec2).await
}
