//! The checks themselves.

use std::collections::BTreeSet;

use futures::future::join_all;
use guardrail_aws::{Access, Apis, Aws, Ec2, ParameterError, Topic, Variables};
use guardrail_policy::id::AccountId;
use guardrail_policy::jiff::{Timestamp, tz::TimeZone};
use guardrail_policy::rules::{self, BUILT, Rule};
use guardrail_policy::settings::{self, Mode, Settings};

use super::report::{Check, Report};
use super::statement::arn;
use crate::{live, permission, place};

/// Every variable: what it says, or what holds without it.
pub(super) fn configuration(variables: &Variables) -> Vec<Check> {
    let Variables {
        policy,
        topic,
        ledger,
        own_roles,
        parts,
        max_mode,
        kill_switch,
        marker: _,
        max_receives,
        problems,
    } = variables;
    let roles = own_roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let parts = parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let said: [(&str, Option<String>, &str); 7] = [
        ("GUARDRAIL_POLICY", policy.as_ref().map(ToString::to_string), ""),
        ("GUARDRAIL_TOPIC_ARN", topic.as_ref().map(ToString::to_string), ""),
        (
            "GUARDRAIL_LEDGER_TABLE",
            ledger.clone(),
            "no ledger, so nothing is taken back",
        ),
        (
            "GUARDRAIL_ROLE_ARNS",
            Some(roles).filter(|roles| !roles.is_empty()),
            "the guardrail's own calls are judged like those of others",
        ),
        (
            "GUARDRAIL_PARTS",
            Some(parts).filter(|parts| !parts.is_empty()),
            "nobody is told when the guardrail's functions, queues or event rules are tampered with",
        ),
        (
            "GUARDRAIL_MAX_MODE",
            max_mode.map(|mode| mode.to_string()),
            "no cap on the mode",
        ),
        ("GUARDRAIL_KILL_SWITCH", kill_switch.clone(), "no kill switch"),
    ];
    let mut checks: Vec<Check> = problems
        .iter()
        .map(|problem| Check::missing(problem.to_string()))
        .collect();
    for (name, value, without) in said.into_iter().filter(|(name, ..)| variables.problem(name).is_none()) {
        checks.push(match value {
            Some(value) => Check::ok(format!("{name} is {value}")),
            None => Check::note(format!("{name} is not set: {without}")),
        });
    }
    if variables.problem("GUARDRAIL_MAX_RECEIVES").is_none() {
        checks.push(Check::ok(format!(
            "GUARDRAIL_MAX_RECEIVES is {max_receives}: the queue's maxReceiveCount must be the same"
        )));
    }
    checks
}

/// The checks that ask AWS.
pub(super) struct Checks<'a> {
    aws: &'a Aws,
    variables: &'a Variables,
    network: Apis<Ec2>,
}

impl<'a> Checks<'a> {
    pub(super) fn of(aws: &'a Aws, variables: &'a Variables) -> Self {
        Self {
            aws,
            variables,
            network: aws.apis(),
        }
    }

    /// Makes them all.
    pub(super) async fn run(&self, report: &mut Report) {
        let region = self.aws.region();
        let account = live::account(&self.network, region).await;
        let known = account.as_ref().ok().and_then(Option::as_ref);
        report.add("Account", vec![account_check(&account, region)]);
        let (checks, settings) = self.policy(known).await;
        report.add("Policy file", checks);
        if let Some(topic) = &self.variables.topic {
            report.add("Topic", self.topic(topic).await);
        }
        if let Some(table) = &self.variables.ledger {
            report.add("Ledger", self.ledger(table, known).await);
        }
        if let Some(name) = &self.variables.kill_switch {
            report.add("Kill switch", vec![self.kill_switch(name, known).await]);
        }
        report.add("Networks and APIs", self.permissions(settings.as_ref(), known).await);
    }

    /// Whether the policy file can be used, what the author should know, and how far each rule goes.
    async fn policy(&self, account: Option<&AccountId>) -> (Vec<Check>, Option<Settings>) {
        let Some(source) = &self.variables.policy else {
            return (vec![Check::missing("there is none: see GUARDRAIL_POLICY above")], None);
        };
        let text = match place::policy_text(source, self.aws).await {
            Ok(text) => text,
            Err(error) => {
                let check = match error.downcast_ref::<ParameterError>() {
                    Some(error) => self.parameter(error, account),
                    None => Check::missing(format!("{error:#}")),
                };
                return (vec![check], None);
            }
        };
        let settings = match settings::parse(&text, rules::BUILT_NAMES) {
            Ok(settings) => settings,
            Err(error) => {
                let check = Check::missing(format!(
                    "{source} cannot be used: {} errors, see `guardrail check`",
                    error.problems().len()
                ));
                return (vec![check], None);
            }
        };
        let mut checks = vec![Check::ok(format!(
            "{source} can be used (policy {})",
            settings.digest.short()
        ))];
        let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
        let notes = settings.notes.iter().cloned().chain(settings.review(today));
        checks.extend(notes.map(|note| Check::note(format!("{}: {}", note.at, note.text))));
        checks.extend(BUILT.iter().map(|rule| self.mode_check(&settings, rule, account)));
        (checks, Some(settings))
    }

    fn mode_check(&self, settings: &Settings, rule: &Rule, account: Option<&AccountId>) -> Check {
        let wanted = mode(settings, rule, account);
        match self.variables.max_mode {
            Some(cap) if cap < wanted => Check::note(format!(
                "{}: mode {wanted}, which GUARDRAIL_MAX_MODE caps at {cap}",
                rule.name
            )),
            _ if wanted == Mode::Revert && self.variables.ledger.is_none() => Check::missing(format!(
                "{}: mode revert needs a ledger: set GUARDRAIL_LEDGER_TABLE, until then it only tells",
                rule.name
            )),
            _ => Check::ok(format!("{}: mode {wanted}", rule.name)),
        }
    }

    /// Whether the topic is there. Whether one may publish can only be seen by publishing.
    async fn topic(&self, topic: &Topic) -> Vec<Check> {
        let seen = self.aws.sns(topic.clone()).check().await;
        let there = match &seen.access {
            Access::Allowed => Check::ok(format!("{topic} is there")),
            Access::Missing { code } => Check::missing(format!(
                "{topic} is not there (`{code}`): create it, or correct the ARN"
            )),
            Access::Denied { .. } => Check::note(format!(
                "whether {topic} is there was not seen: it takes sns:GetTopicAttributes, which the functions do without"
            )),
            Access::Unknown { .. } => Check::unknown(seen.to_string()),
        };
        let publish = "sns:Publish was not tested: SNS has no dry run, and a test would tell people";
        vec![there, Check::note(publish)]
    }

    async fn ledger(&self, table: &str, account: Option<&AccountId>) -> Vec<Check> {
        if table == "memory" {
            return vec![Check::note("`memory` lasts as long as one process: for tests only")];
        }
        let resource = arn("dynamodb", self.aws.region(), account, &format!("table/{table}"));
        let checked = self.aws.ledger(table).check().await;
        checked.iter().map(|checked| Check::of(checked, &resource)).collect()
    }

    async fn kill_switch(&self, name: &str, account: Option<&AccountId>) -> Check {
        let text = match self.aws.parameters().value(name).await {
            Ok(text) => text,
            Err(error) => return self.parameter(&error, account),
        };
        match text.trim().parse::<Mode>() {
            Ok(Mode::Revert) => Check::ok(format!("{name} holds `revert`: it holds nothing back")),
            Ok(mode) => Check::note(format!("{name} holds `{mode}`: no rule goes further than that")),
            Err(error) => Check::missing(format!("{name} holds no mode, so that every rule only tells: {error}")),
        }
    }

    fn parameter(&self, error: &ParameterError, account: Option<&AccountId>) -> Check {
        match error {
            ParameterError::Unreadable { name, code } if code.starts_with("AccessDenied") => {
                let resource = arn("ssm", self.aws.region(), account, &format!("parameter{name}"));
                Check::denied("ssm:GetParameter", &resource, code)
            }
            ParameterError::Unreadable { .. } => Check::unknown(error.to_string()),
            ParameterError::Gone { .. } => Check::missing(error.to_string()),
        }
    }

    /// Every call that the rules need for their mode, as a dry run.
    async fn permissions(&self, settings: Option<&Settings>, account: Option<&AccountId>) -> Vec<Check> {
        let reads: BTreeSet<&str> = BUILT.iter().flat_map(|rule| rule.reads).copied().collect();
        let reverting = BUILT
            .iter()
            .filter(|rule| settings.is_some_and(|settings| self.may_revert(settings, rule, account)));
        let writes: BTreeSet<&str> = reverting.flat_map(|rule| rule.writes).copied().collect();
        let tried = reads.iter().chain(&writes).map(|action| self.network.may(action));
        let checked = join_all(tried).await;
        let mut checks: Vec<Check> = checked
            .iter()
            .map(|checked| {
                let service = permission::service(&checked.action);
                let resource = match permission::resources(&checked.action) {
                    [resource] => Some(arn(service, self.aws.region(), account, resource)),
                    _ => None,
                };
                match &checked.access {
                    Access::Unknown { code } if code == "NotTried" => {
                        Check::note(format!("{} was not tested: EC2 has no dry run of it", checked.action))
                    }
                    _ => Check::of(checked, resource.as_deref().unwrap_or("*")),
                }
            })
            .collect();
        if writes.is_empty() {
            checks.push(Check::note(
                "what changes the network was not tested: no rule is in mode revert here",
            ));
        }
        checks
    }

    /// Whether a rule may change anything, once the kill switch allows it.
    fn may_revert(&self, settings: &Settings, rule: &Rule, account: Option<&AccountId>) -> bool {
        let cap = self.variables.max_mode.unwrap_or(Mode::Revert);
        mode(settings, rule, account).min(cap) == Mode::Revert
    }
}

/// The mode that the policy file sets for a rule: in this account, or, where that is not known, wherever it is highest.
fn mode(settings: &Settings, rule: &Rule, account: Option<&AccountId>) -> Mode {
    if let Some(account) = account {
        return settings.mode_for(rule.name, account);
    }
    let general = settings
        .rules
        .get(&rule.name)
        .and_then(|rule| rule.mode)
        .unwrap_or(settings.mode);
    let accounts = settings
        .accounts
        .keys()
        .map(|account| settings.mode_for(rule.name, account));
    accounts.chain([general]).max().unwrap_or(general)
}

fn account_check(account: &anyhow::Result<Option<AccountId>>, region: &guardrail_policy::id::Region) -> Check {
    match account {
        Ok(Some(account)) => Check::ok(format!("account {account}, {region}")),
        Ok(None) => Check::note(format!(
            "the account has no VPC of its own in {region}, so that its number is not known"
        )),
        // The same call is among the permissions below, where it counts.
        Err(error) => Check::note(format!("{error:#}")),
    }
}
