//! The function that guards APIs: what answers on the internet that should answer in VPCs only.

use std::process::ExitCode;

use guardrail_lambda::Aws;
use guardrail_policy::functions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    guardrail_lambda::run(&functions::APIS, Aws::apis).await
}
