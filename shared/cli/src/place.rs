//! Where commands act: the account and Region of the credentials, with the functions' own ledger, topic and policy file.

use std::env;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use guardrail_aws::{Apis, Aws, ConnectError, Ec2, Ledger, PolicySource, Sns, Timeouts, Topic, Variables};
use guardrail_policy::id::{AccountId, Region};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::rules;
use guardrail_policy::settings::{self, Settings};
use guardrail_runner::by_hand::ByHand;
use guardrail_runner::ports::Clock;

use crate::input::unreadable;
use crate::live;

const POLICY: &str = "GUARDRAIL_POLICY";
const TOPIC: &str = "GUARDRAIL_TOPIC_ARN";
const TABLE: &str = "GUARDRAIL_LEDGER_TABLE";

/// Which account and Region, ledger and topic.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The ledger's DynamoDB table [default: GUARDRAIL_LEDGER_TABLE]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// The SNS topic that is told [default: GUARDRAIL_TOPIC_ARN]
    #[arg(long, value_name = "ARN")]
    topic: Option<String>,
    /// The Region [default: as the environment and your AWS profile say]
    #[arg(long, value_name = "REGION")]
    region: Option<Region>,
}

/// Who calls.
#[derive(Debug, Args)]
pub(crate) struct Caller {
    /// Who you are, for the record and the message; CloudTrail has the proof [default: your login name]
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: Option<String>,
}

/// A place, connected.
pub(crate) struct Workplace {
    pub(crate) network: Apis<Ec2>,
    pub(crate) ledger: Ledger,
    pub(crate) sns: Sns,
    pub(crate) topic: Topic,
    pub(crate) region: Region,
    pub(crate) variables: Variables,
    /// The account that the credentials read, once it was looked for and where it has a VPC to know it by.
    pub(crate) account: Option<AccountId>,
    aws: Aws,
    by: String,
    run: String,
}

/// The machine's clock.
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A text of one line that people read, of at most 500 characters.
pub(crate) fn said(text: &str) -> Result<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    match text.chars().count() {
        0 => bail!("it is empty: write who or why"),
        1..=500 if !text.chars().any(char::is_control) => Ok(text),
        _ => bail!("it is longer than 500 characters, or has control characters in it: shorten it"),
    }
}

impl Place {
    /// The functions' variables, with what the options say in their place.
    pub(crate) fn variables(&self, policy: Option<&str>) -> Variables {
        let options = [
            (TABLE, self.table.clone()),
            (TOPIC, self.topic.clone()),
            (POLICY, policy.map(as_source)),
        ];
        let options: Vec<(String, String)> = options
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        let own =
            env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Variables::read(own.chain(options))
    }

    /// AWS in the Region that was asked for, else in the environment's.
    ///
    /// # Errors
    /// When no Region is known.
    pub(crate) async fn aws(&self) -> Result<Aws, ConnectError> {
        Aws::connect_as(None, self.region.as_ref(), Timeouts::default()).await
    }

    /// Makes the clients of the network, the ledger and the topic; calls nothing yet.
    ///
    /// # Errors
    /// When a variable is missing.
    pub(crate) async fn connect(&self, caller: &Caller, policy: Option<&str>) -> Result<Workplace> {
        let variables = self.variables(policy);
        let table = variables
            .ledger
            .as_deref()
            .ok_or_else(|| missing(&variables, TABLE, "--table"))?;
        if table == "memory" {
            bail!("`{TABLE}` is `memory`, which only the process that has it can read: give the table with `--table`");
        }
        let topic = variables
            .topic
            .clone()
            .ok_or_else(|| missing(&variables, TOPIC, "--topic"))?;
        let aws = self.aws().await?;
        let by = caller.name();
        Ok(Workplace {
            account: None,
            ledger: aws.ledger(table),
            sns: aws.sns(topic.clone()),
            run: format!("{by} {} {}", std::process::id(), Timestamp::now()),
            network: aws.apis(),
            region: aws.region().clone(),
            aws,
            topic,
            variables,
            by,
        })
    }
}

impl Caller {
    fn name(&self) -> String {
        let login = ["USER", "LOGNAME"].into_iter().find_map(|name| env::var(name).ok());
        let name = self.by.clone().or(login.filter(|login| !login.is_empty()));
        name.unwrap_or_else(|| "somebody".to_owned())
    }
}

impl Workplace {
    /// Finds out which account the credentials read.
    ///
    /// # Errors
    /// When nothing can be read.
    pub(crate) async fn find_account(&mut self) -> Result<()> {
        self.account = live::account(&self.network, &self.region).await?;
        Ok(())
    }

    /// The hands with which something is done here.
    pub(crate) fn hands(&self) -> ByHand<'_, Apis<Ec2>, Apis<Ec2>, Sns, Ledger, MachineClock> {
        ByHand {
            answer: &self.network,
            act: &self.network,
            tell: &self.sns,
            keep: &self.ledger,
            clock: &MachineClock,
            by: &self.by,
            run: &self.run,
        }
    }

    /// Refuses what is of another account or Region: what the credentials do not see there would pass for gone.
    ///
    /// # Errors
    /// When it is elsewhere: where, and the remedy.
    pub(crate) fn refuse_elsewhere(&self, what: &str, account: &AccountId, region: &Region) -> Result<()> {
        if *region != self.region {
            bail!(
                "{what} is of {region}, and the Region is {}: give `--region {region}`",
                self.region
            );
        }
        match &self.account {
            Some(here) if here != account => {
                bail!("{what} is of account {account}, and the credentials read account {here}: use those of {account}")
            }
            _ => Ok(()),
        }
    }

    /// The policy file in force.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub(crate) async fn policy(&self) -> Result<Settings> {
        let source = self.variables.policy.as_ref();
        let source = source.ok_or_else(|| missing(&self.variables, POLICY, "--policy"))?;
        let text = policy_text(source, &self.aws).await?;
        settings::parse(&text, rules::BUILT_NAMES).map_err(|error| {
            anyhow!(
                "the policy file cannot be used\n\n{}",
                error.display_with(&source.to_string())
            )
        })
    }
}

/// The text of the policy file.
///
/// # Errors
/// When it cannot be read.
pub(crate) async fn policy_text(source: &PolicySource, aws: &Aws) -> Result<Vec<u8>> {
    match source {
        PolicySource::File(path) => {
            let failed = |error| anyhow!("the policy file `{}` {}", path.display(), unreadable(path, &error));
            std::fs::read(path).map_err(failed)
        }
        PolicySource::Parameter(name) => {
            let value = aws.parameters().value(name).await;
            Ok(value.context("the policy parameter cannot be read")?.into_bytes())
        }
    }
}

/// A path as the functions' variable takes it.
fn as_source(given: &str) -> String {
    if given.starts_with("ssm:") || given.starts_with("file:") {
        return given.to_owned();
    }
    format!("file:{}", Path::new(given).display())
}

fn missing(variables: &Variables, name: &str, option: &str) -> anyhow::Error {
    match variables.problem(name) {
        Some(problem) => anyhow!("{problem}; or give `{option}`"),
        None => anyhow!("`{name}` is not set: set it as the functions have it, or give `{option}`"),
    }
}
