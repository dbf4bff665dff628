//! The function that judges on a schedule what is there, for what no event told.

use std::process::ExitCode;

use guardrail_policy::functions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    guardrail_lambda::run_sweep(&functions::SWEEP).await
}
