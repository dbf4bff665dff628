//! `guardrail doctor`: checks the environment of the functions, by their own configuration and with the caller's rights.

mod checks;
mod credentials;
mod report;
mod statement;

use anyhow::Result;
use clap::Args;

use super::by_hand::{Format, block_on};
use crate::output::Screen;
use crate::place::Place;
use crate::status::Status;
use checks::Checks;
use report::{Check, Report};

/// Checks what the functions need: configuration, policy file, ledger, permissions, …
///
/// It reads the functions' own variables (GUARDRAIL_POLICY, GUARDRAIL_TOPIC_ARN, …), as they stand in your environment
/// or in the options, and tries what the functions do without doing it: EC2's calls as dry runs, the ledger's writes on a
/// condition that never holds. Nothing is changed, nobody is told, and nothing is written. Each dry run is in CloudTrail,
/// as a call that failed.
///
/// What is tested are the rights of your credentials. To test those of a function, call it as that function's role.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The policy file, a path or `ssm:/NAME` [default: GUARDRAIL_POLICY]
    #[arg(long, value_name = "FILE")]
    policy: Option<String>,
    #[command(flatten)]
    place: Place,
    /// How results are written: text for people, or one JSON object
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

const AFTER_HELP: &str = "\
Exit status: 0 nothing is missing, 1 something is, 2 something could not be checked.

Examples:
  guardrail doctor --policy policy.yaml --table guardrail-ledger
  AWS_PROFILE=guardrail-security-groups guardrail doctor --format json";

impl Arguments {
    /// Makes all checks and shows them.
    ///
    /// # Errors
    /// When the results cannot be written.
    pub(crate) fn run(self, screen: &mut Screen) -> Result<Status> {
        let report = block_on(self.check())?;
        match self.format {
            Format::Text => report.show(screen),
            Format::Json => screen.line(serde_json::to_string_pretty(&report)?),
        }
        Ok(report.status())
    }

    async fn check(&self) -> Result<Report> {
        let variables = self.place.variables(self.policy.as_deref());
        let mut report = Report::new(credentials::in_words(&variables.own_roles));
        report.add("Configuration", checks::configuration(&variables));
        let aws = match self.place.aws().await {
            Ok(aws) => aws,
            Err(error) => {
                report.add("AWS", vec![Check::unknown(error.to_string())]);
                return Ok(report);
            }
        };
        Checks::of(&aws, &variables).run(&mut report).await;
        Ok(report)
    }
}
