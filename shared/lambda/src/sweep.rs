//! The sweep as a Lambda function: woken by a schedule, whatever the schedule's event says.

use std::time::{Duration, SystemTime};

use guardrail_aws::{Apis, Ec2, Marker, Sns};
use guardrail_policy::case::Ceiling;
use guardrail_policy::id::{AccountId, Arn, Region};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::Lease;
use guardrail_policy::rules::Rule;
use guardrail_runner::scan::Scanner;
use guardrail_runner::sweep::{Sweeper, Swept, WithPast};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::kill_switch::KillSwitch;
use crate::ledger::AnyLedger;
use crate::metrics;
use crate::policy_file::{InForce, PolicyFile};
use crate::serve::{SURELY_ENDED, SystemClock, write_line};

/// How long EC2 has between two requests of a sweep: five a second, of the twenty that EC2 gives back each second to the reads
/// of an account in a Region (Amazon EC2 API throttling, "Non-mutating actions").
pub(crate) const PACE: Duration = Duration::from_millis(200);

/// What is kept back of the function's time: no resource that is begun by then takes longer.
const RESERVE: Duration = Duration::from_secs(90);

/// The sweep, ready to serve.
pub(crate) struct Sweep {
    pub(crate) name: String,
    pub(crate) rules: Vec<&'static Rule>,
    pub(crate) ceilings: Vec<Ceiling>,
    pub(crate) policy: PolicyFile,
    pub(crate) kill_switch: Option<KillSwitch>,
    pub(crate) ledger: AnyLedger,
    pub(crate) network: Apis<Ec2>,
    pub(crate) sns: Sns,
    pub(crate) marker: Option<Marker>,
}

/// A run that Lambda is to count as failed.
#[derive(Debug)]
pub(crate) struct NotSwept(String);

impl From<NotSwept> for Diagnostic {
    fn from(error: NotSwept) -> Self {
        Self {
            error_type: "NotSwept".to_owned(),
            error_message: error.0,
        }
    }
}

impl Sweep {
    /// One run: the marker first, since whether events come is to be known even where nothing can be swept.
    pub(crate) async fn serve(&self, invocation: LambdaEvent<Box<RawValue>>) -> Result<Value, NotSwept> {
        let context = &invocation.context;
        let marked = self.mark(&context.request_id).await;
        let swept = self.sweep(context).await?;
        write_line(&swept);
        write_line(&metrics::of_sweep(&swept, &self.name));
        marked?;
        match &swept.error {
            Some(error) => Err(NotSwept(error.clone())),
            None => Ok(json!({ "end": swept.end, "new": swept.new, "told": swept.told.len() })),
        }
    }

    /// Makes the call whose event must come back.
    async fn mark(&self, request: &str) -> Result<(), NotSwept> {
        let Some(marker) = &self.marker else { return Ok(()) };
        let description = format!("vpc-guardrail was here: {request}");
        marker
            .describe(&description)
            .await
            .map_err(|error| NotSwept(error.to_string()))
    }

    async fn sweep(&self, context: &Context) -> Result<Swept, NotSwept> {
        let (account, region) = place(&context.invoked_function_arn)?;
        let InForce { settings, trouble, .. } = self.policy.in_force().await;
        if let Some(trouble) = &trouble {
            tracing::error!(error = %trouble, "the last good policy stays in force");
        }
        let mut ceilings = self.ceilings.clone();
        if let Some(switch) = &self.kill_switch {
            ceilings.push(switch.ceiling().await);
        }
        let now = Timestamp::now();
        let answer = WithPast {
            answer: &self.network,
            keep: &self.ledger,
            now,
        };
        let sweeper = Sweeper {
            scanner: Scanner {
                answer: &answer,
                settings: &settings,
                rules: &self.rules,
                ceilings: &ceilings,
                account,
                region,
                now,
            },
            tell: &self.sns,
            keep: &self.ledger,
            clock: &SystemClock,
        };
        let end = context.deadline();
        let lease = Lease {
            owner: context.request_id.clone(),
            until: at(end).checked_add(SURELY_ENDED).unwrap_or(Timestamp::MAX),
        };
        let until = end.checked_sub(RESERVE).map_or(now, at);
        Ok(sweeper.sweep(&lease, until).await)
    }
}

fn at(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or_else(|_| Timestamp::now())
}

/// The function's own account and Region.
fn place(function: &str) -> Result<(AccountId, Region), NotSwept> {
    let no_arn = || NotSwept(format!("`{function}` is no ARN of a function: is this Lambda?"));
    let arn: Arn = function.parse().map_err(|_| no_arn())?;
    let account = arn.account().parse().map_err(|_| no_arn())?;
    let region = arn.region().parse().map_err(|_| no_arn())?;
    Ok((account, region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_knows_where_it_is_from_its_own_arn() {
        let (account, region) = place("arn:aws:lambda:eu-west-1:111122223333:function:guardrail-sweep").unwrap();
        assert_eq!((account.as_str(), region.as_str()), ("111122223333", "eu-west-1"));
        assert!(place("arn:aws:lambda:::function:sweep").is_err());
    }
}
