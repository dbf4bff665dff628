//! The function that guards VPC endpoints: their services and private DNS, and the DNS attributes of VPCs.

use std::process::ExitCode;

use guardrail_lambda::Aws;
use guardrail_policy::functions::VpcEndpoints;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    guardrail_lambda::run(VpcEndpoints, Aws::ec2_of).await
}
