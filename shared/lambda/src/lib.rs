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
mod sweep;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use guardrail_aws::{Configuration, ConfigurationError, ConnectError, Timeouts, Variables};
use guardrail_policy::case::{Ceiling, CeilingReason};
use guardrail_policy::functions::{Function, Linked};
use guardrail_policy::settings::{Mode, RuleName};
use guardrail_runner::Guard;
use guardrail_runner::ports::{Act, Answer};
use lambda_runtime::{Runtime, service_fn};

pub use guardrail_aws::Aws;
pub use policy_file::PolicyError;

use kill_switch::KillSwitch;
use ledger::AnyLedger;
use policy_file::PolicyFile;
use serve::Server;
use sweep::Sweep;

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
    #[error(
        "`GUARDRAIL_LEDGER_TABLE` is not set, and without a ledger a sweep would not know what is new: set it to the table's name"
    )]
    NoLedger,
    #[error("the Lambda runtime ended: {0}")]
    Runtime(lambda_runtime::Error),
}

/// Runs a function, with the rules that are linked into it, until Lambda ends it.
///
/// `network` makes what reads and changes the network for it, [`Aws::ec2_of`] say: a function links no more than that takes.
///
/// Everything is checked at start-up; what is wrong is printed in one complete error, and the process ends with status 1.
pub async fn run<F: Linked, N: Answer + Act>(function: F, network: impl FnOnce(&Aws, F) -> N) -> ExitCode {
    logging::start();
    let network = |aws: &Aws| network(aws, function);
    ended(F::FUNCTION, start(F::FUNCTION, network).await)
}

/// Runs the sweep, with the rules that are linked into it, until Lambda ends it; checked at start-up as [`run`] does.
pub async fn run_sweep(function: &Function) -> ExitCode {
    logging::start();
    ended(function, start_sweep(function).await)
}

fn ended(function: &Function, result: Result<(), StartError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{} cannot start: {error}", function.name);
            ExitCode::FAILURE
        }
    }
}

async fn start<N: Answer + Act>(function: &Function, network: impl FnOnce(&Aws) -> N) -> Result<(), StartError> {
    let server = prepared(function, Variables::read(std::env::vars()), network).await?;
    require_lambda()?;
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

async fn start_sweep(function: &Function) -> Result<(), StartError> {
    let configuration = Configuration::read(std::env::vars())?;
    let aws = Aws::of_function(Timeouts::patient())?;
    let ledger = configuration.ledger.as_ref().ok_or(StartError::NoLedger)?;
    let sweep = Sweep {
        name: function.name.to_string(),
        rules: function.rules.to_vec(),
        ceilings: max_mode(configuration.max_mode),
        policy: PolicyFile::open(&configuration.policy, &aws).await?,
        kill_switch: configuration
            .kill_switch
            .as_ref()
            .map(|name| KillSwitch::new(name, &aws, kill_switch::READ_AGAIN_AFTER)),
        ledger: AnyLedger::new(ledger, &aws),
        network: aws.paced(sweep::PACE).apis(),
        marker: configuration.marker.as_ref().map(|group| aws.marker(group)),
        sns: aws.sns(configuration.topic),
    };
    require_lambda()?;
    let sweep = &sweep;
    let service = service_fn(move |invocation| sweep.serve(invocation));
    Runtime::new(service).run().await.map_err(StartError::Runtime)
}

fn require_lambda() -> Result<(), StartError> {
    match std::env::var_os("AWS_LAMBDA_RUNTIME_API") {
        Some(_) => Ok(()),
        None => Err(StartError::NotLambda),
    }
}

fn guard(variables: &Variables, function: &Function) -> Guard {
    Guard {
        rules: function.rules.to_vec(),
        ceilings: max_mode(variables.max_mode),
        own_roles: variables.own_roles.clone(),
        own: variables.own(),
    }
}

fn max_mode(mode: Option<Mode>) -> Vec<Ceiling> {
    let max_mode = mode.map(|mode| Ceiling {
        mode,
        why: CeilingReason::MaxMode,
    });
    max_mode.into_iter().collect()
}
