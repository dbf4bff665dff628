//! The Lambda edge of vpc-guardrail: configuration from the environment, batches in, records and answers out.
//!
//! A function is one call of [`run`] with its entry in the list of functions.

mod delivery;
mod kill_switch;
mod ledger;
mod logging;
mod metrics;
mod policy_file;
mod serve;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use guardrail_aws::{ConfigurationError, ConnectError, Timeouts, Variables};
use guardrail_policy::case::{Ceiling, CeilingReason};
use guardrail_policy::functions::Function;
use guardrail_policy::settings::RuleName;
use guardrail_runner::Guard;
use guardrail_runner::ports::{Act, Answer};
use lambda_runtime::{Runtime, service_fn};

pub use guardrail_aws::Aws;
pub use policy_file::PolicyError;

use kill_switch::KillSwitch;
use ledger::AnyLedger;
use policy_file::PolicyFile;
use serve::Server;

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Policy(#[from] PolicyError),
    #[error("`AWS_LAMBDA_RUNTIME_API` is not set, so this is not Lambda: try saved events with `guardrail replay`")]
    NotLambda,
    #[error("the Lambda runtime ended: {0}")]
    Runtime(lambda_runtime::Error),
}

/// Runs a function, with the rules that are linked into it, until Lambda ends it.
///
/// `network` makes what reads and changes the network for it, [`Aws::ec2`] say: a function links no more than that takes.
///
/// Everything is checked at start-up; what is wrong is printed in one complete error, and the process ends with status 1.
pub async fn run<N: Answer + Act>(function: &Function, network: impl FnOnce(&Aws) -> N) -> ExitCode {
    logging::start();
    match start(function, network).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{} cannot start: {error}", function.name);
            ExitCode::FAILURE
        }
    }
}

async fn start<N: Answer + Act>(function: &Function, network: impl FnOnce(&Aws) -> N) -> Result<(), StartError> {
    let server = prepared(function, Variables::read(std::env::vars()), network).await?;
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_none() {
        return Err(StartError::NotLambda);
    }
    let server = &server;
    let service = service_fn(move |invocation| server.serve(invocation));
    Runtime::new(service).run().await.map_err(StartError::Runtime)
}

/// The function, ready to serve. One that watches the guardrail itself starts with any configuration that has a topic: it
/// must be able to tell that somebody broke the rest.
async fn prepared<N: Answer + Act>(
    function: &Function,
    variables: Variables,
    network: impl FnOnce(&Aws) -> N,
) -> Result<Server<N>, StartError> {
    let watches = function
        .rules
        .iter()
        .any(|rule| rule.name == RuleName::GuardrailTampered);
    let Some(topic) = variables
        .topic
        .clone()
        .filter(|_| watches || variables.problems.is_empty())
    else {
        return Err(ConfigurationError(variables.problems).into());
    };
    let aws = Aws::of_function(Timeouts::default())?;
    let policy = match &variables.policy {
        Some(source) if !watches => PolicyFile::open(source, &aws).await?,
        source => PolicyFile::open_if_possible(source.as_ref(), &aws).await,
    };
    let believed_for = match watches {
        // The message about the switch says what it holds now.
        true => Duration::ZERO,
        false => kill_switch::READ_AGAIN_AFTER,
    };
    let switch = variables.kill_switch.as_ref();
    let server = Server {
        name: function.name.to_string(),
        guard: guard(&variables, function),
        policy,
        kill_switch: switch.map(|name| KillSwitch::new(name, &aws, believed_for)),
        ledger: variables.ledger.as_ref().map(|name| AnyLedger::new(name, &aws)),
        max_receives: variables.max_receives,
        network: network(&aws),
        sns: aws.sns(topic),
    };
    server.say_what_is_wrong().await;
    Ok(server)
}

fn guard(variables: &Variables, function: &Function) -> Guard {
    let max_mode = variables.max_mode.map(|mode| Ceiling {
        mode,
        why: CeilingReason::MaxMode,
    });
    Guard {
        rules: function.rules.to_vec(),
        ceilings: max_mode.into_iter().collect(),
        own_roles: variables.own_roles.clone(),
        own: variables.own(),
    }
}
