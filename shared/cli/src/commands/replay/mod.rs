//! `guardrail replay`: judges saved events again, one after another, and changes and tells nothing.

pub(super) mod clock;
mod facts;
mod judge;
pub(super) mod progress;
mod recorded;
mod tally;
pub(super) mod text;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum, ValueHint};
use futures::stream::{self, StreamExt as _};
use guardrail_policy::id::{Arn, Region};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::own::Own;
use guardrail_policy::rules::BUILT;
use guardrail_policy::settings::Settings;
use guardrail_runner::Guard;

use crate::input;
use crate::live::Live;
use crate::output::Screen;
use crate::policy_file::PolicyFile;
use crate::status::Status;
use clock::ReplayClock;
use facts::Source;
use judge::{Judge, Outcome};
use progress::Progress;
use tally::Tally;

/// Judges saved events: what is wrong, why, and what would be done about it
///
/// FILE holds CloudTrail records, EventBridge envelopes, or records of vpc-guardrail: one, a list, a line each, or
/// lines of a log that hold them; also messages of SQS and SNS, and what `aws cloudtrail lookup-events` prints.
/// Files packed by gzip are unpacked. Nothing is changed and nobody is told.
///
/// What the network looks like comes from the record, where FILE holds records of vpc-guardrail; else from --world or
/// from --live. Without either, what cannot be known is said.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Files to judge; `-` is standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// The policy file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    policy: PolicyFile,
    /// Takes the network from a snapshot (JSON or YAML)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "live")]
    world: Option<PathBuf>,
    /// Reads the network from AWS as it is now, with your credentials; it is only read
    #[arg(long)]
    live: bool,
    /// With --live, reads this Region [default: as the environment and your AWS profile say]
    #[arg(long, value_name = "REGION", requires = "live")]
    region: Option<Region>,
    /// Judges as of this time, a date or a date and time in UTC [default: now; a record has its own]
    #[arg(long, value_name = "TIME", value_parser = clock::time)]
    at: Option<Timestamp>,
    /// A role of the guardrail itself, whose calls are not judged; can be given several times
    #[arg(long = "own-role", value_name = "ARN")]
    own_roles: Vec<Arn>,
    /// How results are written: text for people, or a record a line (JSON)
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Shows each message whole, as people would get it
    #[arg(long)]
    message: bool,
    /// Shows also the events that no rule looks at
    #[arg(long)]
    verbose: bool,
}

const AFTER_HELP: &str = "\
Exit status: 0 all events are clean, 1 something is wrong, 2 something could not be judged or read.

Examples:
  guardrail replay event.json --policy policy.yaml --live
  guardrail replay --policy policy.yaml --world snapshot.json trail/*.json.gz
  aws cloudtrail lookup-events --output json | guardrail replay - --policy policy.yaml --live";

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// A record a line, as JSON.
    Json,
}

impl Arguments {
    /// Judges all that was given.
    ///
    /// # Errors
    /// When the policy file or the snapshot cannot be used, or nothing can be written any more. What is wrong with a
    /// file of events is told, and the next one is read.
    pub(crate) fn run(self, screen: &mut Screen) -> Result<Status> {
        let stdin =
            usize::from(self.policy.is_stdin()) + self.files.iter().filter(|file| *file == Path::new("-")).count();
        if stdin > 1 {
            bail!("`-` is given {stdin} times, and standard input can be read once: give the others as files");
        }
        let settings = match self.policy.read()? {
            Ok(settings) => settings,
            Err(error) => bail!(
                "the policy file cannot be used\n\n{}",
                error.display_with(&self.policy.name())
            ),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.judge_all(&settings, screen))
    }

    async fn judge_all(&self, settings: &Settings, screen: &mut Screen) -> Result<Status> {
        let source = self.source(screen).await?;
        let clock = ReplayClock {
            at: self.at,
            waits: source.is_live(),
        };
        let guard = Guard {
            rules: BUILT.to_vec(),
            ceilings: Vec::new(),
            own_roles: self.own_roles.clone(),
            own: Own::default(),
        };
        let judge = Judge {
            settings,
            source: &source,
            clock,
            guard,
            all: self.verbose,
        };
        let progress = Progress::over(&self.files);
        screen.share_with(progress.bar());
        let found = self
            .files
            .iter()
            .flat_map(|file| input::read(file, |bytes| progress.watch(bytes)));
        let judged = stream::iter(found)
            .map(|found| judge.judge(found))
            .buffered(source.side_by_side());
        let mut judged = std::pin::pin!(judged);
        let mut tally = Tally::default();
        while let Some(outcome) = judged.next().await {
            tally.count(&outcome);
            self.show(&outcome, &tally, screen)?;
            screen.flush()?;
        }
        progress.end();
        self.sum_up(&tally, screen);
        Ok(tally.status())
    }

    async fn source(&self, screen: &mut Screen) -> Result<Source> {
        match &self.world {
            Some(file) => Source::snapshot(file),
            None if self.live => {
                let live = Live::connect(self.region.as_ref()).await?;
                screen.remark(&format!("reading account {} in {}", live.account, live.region));
                Ok(Source::Live(Box::new(live)))
            }
            None => Ok(Source::Nothing),
        }
    }

    fn show(&self, outcome: &Outcome, tally: &Tally, screen: &mut Screen) -> Result<()> {
        match outcome {
            Outcome::Judged(judged) if self.format == Format::Json => {
                screen.line(serde_json::to_string(&judged.record)?)
            }
            Outcome::Judged(judged) => text::show(screen, judged, self.message),
            Outcome::Unreadable(message) if tally.is_worth_telling() => screen.complain(message),
            Outcome::Unreadable(_) | Outcome::NotOurs | Outcome::Skipped => {}
        }
        Ok(())
    }

    fn sum_up(&self, tally: &Tally, screen: &mut Screen) {
        if let Some(more) = tally.untold() {
            screen.complain(&more);
        }
        match self.format {
            Format::Json => screen.remark(&tally.to_string()),
            Format::Text => screen.line(tally),
        }
    }
}
