//! `guardrail scan`: judges what is there now, by the same rules as events, and changes and tells nothing.

mod arn;
mod json;
mod place;
mod progress;
mod report;
mod sarif;
mod seen;
mod table;
mod tally;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueHint};
use guardrail_policy::case::{Ceiling, CeilingReason};
use guardrail_policy::finding::Severity;
use guardrail_policy::id::{AccountId, Region};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::rules::{BUILT, Rule};
use guardrail_policy::settings::{RuleName, Settings};
use guardrail_runner::ports::Answer;
use guardrail_runner::scan::{Area, Scanner, Step};

use super::replay::clock;
use super::rule_names;
use crate::output::Screen;
use crate::policy_file::PolicyFile;
use crate::status::Status;
use place::Places;
use progress::Progress;
use report::{Format, Report, Shown};
use seen::{Here, Seen, Unjudged};

/// Judges what is there now: selected VPCs, what is in them, and APIs of private accounts
///
/// APIs and the settings of a private account come first, then groups and endpoints, one VPC after the other. The network is read from AWS with your credentials, and only read: nothing is changed and nobody is told. It is
/// judged by the rules of the functions, as it stands: nobody is named, and exemptions of the policy file hold.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The policy file; `-` is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    policy: PolicyFile,
    #[command(flatten)]
    places: Places,
    /// Judges by this rule alone; can be given several times [default: all that look at what stands]
    #[arg(long = "rule", value_name = "RULE", value_parser = rule_names(), hide_possible_values = true)]
    rules: Vec<RuleName>,
    /// Leaves out what is less severe: info, low, medium, high or critical
    #[arg(long, value_name = "SEVERITY", default_value = "info", value_parser = severity)]
    severity: Severity,
    /// How results are written: table for people, json (a finding a line), sarif (2.1.0)
    #[arg(long, value_name = "FORMAT", default_value = "table", hide_possible_values = true)]
    format: Format,
    /// In a table, shows also by what each finding was seen, and how to mend it
    #[arg(long)]
    verbose: bool,
    /// Judges as of this time, a date or a date and time in UTC, by which exemptions hold [default: now]
    #[arg(long, value_name = "TIME", value_parser = clock::time)]
    at: Option<Timestamp>,
    /// Reads the whole network, writes it to this file as a snapshot, and judges that
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["world", "all_regions"])]
    snapshot: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Exit status: 0 all is clean, 1 something is wrong, 2 something could not be judged or read.

Examples:
  guardrail scan --policy policy.yaml
  guardrail scan --policy policy.yaml --profile network --all-regions --severity medium
  guardrail scan --policy policy.yaml --format sarif > guardrail.sarif
  guardrail scan --policy policy.yaml --snapshot network.json
  guardrail replay event.json --policy policy.yaml --world network.json";

/// A scan of one account or several Regions of it, with what is the same for all of them.
struct Look<'a> {
    settings: &'a Settings,
    rules: &'a [&'static Rule],
    now: Timestamp,
    progress: Progress,
    report: Report,
}

impl Arguments {
    /// Judges all that is there.
    ///
    /// # Errors
    /// When the policy file, the snapshot or AWS cannot be used at all, or nothing can be written any more. A Region, a
    /// VPC or a resource that cannot be read is told, and the rest is judged.
    pub(crate) fn run(self, screen: &mut Screen) -> Result<Status> {
        let rules = self.rules()?;
        let settings = match self.policy.read()? {
            Ok(settings) => settings,
            Err(error) => bail!(
                "the policy file cannot be used\n\n{}",
                error.display_with(&self.policy.name())
            ),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.scan(&settings, &rules, screen))
    }

    /// The rules to judge by.
    fn rules(&self) -> Result<Vec<&'static Rule>> {
        let looks = || BUILT.iter().copied().filter(|rule| !rule.scans.is_empty());
        if let Some(other) = self.rules.iter().find(|name| looks().all(|rule| rule.name != **name)) {
            let names: Vec<&str> = looks().map(|rule| rule.name.as_str()).collect();
            bail!(
                "`{other}` looks at no network as it stands: give one of {}",
                names.join(", ")
            );
        }
        let wanted = |rule: &&Rule| self.rules.is_empty() || self.rules.contains(&rule.name);
        Ok(looks().filter(wanted).collect())
    }

    async fn scan(&self, settings: &Settings, rules: &[&'static Rule], screen: &mut Screen) -> Result<Status> {
        let shown = Shown {
            format: self.format,
            severity: self.severity,
            verbose: self.verbose,
        };
        let mut look = Look {
            settings,
            rules,
            now: self.at.unwrap_or_else(Timestamp::now),
            progress: Progress::new(),
            report: Report::begin(shown, rules, screen)?,
        };
        screen.share_with(look.progress.bar());
        let looked = self.places.look(&mut look, self.snapshot.as_deref(), screen).await;
        look.progress.end();
        looked?;
        look.report.end(screen)?;
        Ok(look.report.tally.status())
    }
}

impl Look<'_> {
    /// Looks at one account in one Region.
    async fn at(
        &mut self,
        answer: &impl Answer,
        account: AccountId,
        region: Region,
        screen: &mut Screen,
    ) -> Result<()> {
        self.progress.enter(&region);
        let ceilings = [Ceiling::notify(CeilingReason::NoLedger)];
        let scanner = Scanner {
            answer,
            settings: self.settings,
            rules: self.rules,
            ceilings: &ceilings,
            account: account.clone(),
            region: region.clone(),
            now: self.now,
        };
        let mut here = Here {
            account: Some(account),
            region,
            vpc: None,
        };
        let mut scan = match scanner.begin().await {
            Ok(scan) => scan,
            Err(why) => return self.unread(&here, Unjudged::unread("all that is there", &why), screen),
        };
        if scan.selected() == 0 && scan.there() > 0 {
            let (region, there) = (&here.region, scan.there());
            let s = if there == 1 { "" } else { "s" };
            screen.remark(&format!("{region}: the policy file selects none of {there} VPC{s}"));
        }
        while let Some(step) = scan.next().await {
            match step {
                Step::Area { area, unlisted, .. } => {
                    self.report.leave(&here, screen);
                    self.enter(area, scan.waiting(), &mut here);
                    for (kind, why) in unlisted {
                        let unread = Unjudged::unread(format!("all {}", kind.plural()), &why);
                        self.report.add(&here, &Seen::Unjudged(unread), screen)?;
                    }
                }
                Step::Judged(judged) => {
                    self.progress.judged(judged.len());
                    self.report.tally.judged(judged.len());
                    for seen in judged.iter().flat_map(seen::of) {
                        self.report.add(&here, &seen, screen)?;
                    }
                }
            }
            screen.flush()?;
        }
        self.report.leave(&here, screen);
        Ok(screen.flush()?)
    }

    /// The next area begins.
    fn enter(&mut self, area: Area, waiting: usize, here: &mut Here) {
        self.progress.enter_area(&area.id().to_string(), waiting);
        here.vpc = match area {
            Area::Account => None,
            Area::Vpc(vpc) => {
                self.report.tally.enter_vpc();
                Some(vpc)
            }
        };
    }

    /// Tells of a Region that could not be read.
    fn unread(&mut self, here: &Here, unread: Unjudged, screen: &mut Screen) -> Result<()> {
        self.report.add(here, &Seen::Unjudged(unread), screen)?;
        self.report.leave(here, screen);
        Ok(screen.flush()?)
    }
}

/// A severity by its name.
fn severity(text: &str) -> Result<Severity> {
    let found = tally::SEVERITIES
        .into_iter()
        .find(|severity| severity.to_string() == text);
    match found {
        Some(severity) => Ok(severity),
        None => bail!("it is no severity: give `info`, `low`, `medium`, `high` or `critical`"),
    }
}
