//! The function that guards APIs: those that answer on the internet and should answer in VPCs only.

use std::process::ExitCode;

use guardrail_lambda::Aws;
use guardrail_policy::functions::Apis;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    guardrail_lambda::run(Apis, Aws::apis_of).await
}
