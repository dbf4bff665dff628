//! What came of what a person had done, as text or as JSON, and how the run ends.

use anyhow::Result;
use clap::ValueEnum;
use guardrail_policy::by_hand::Deed;
use guardrail_policy::execution::{Done, End, Execution};
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::settings::Age;
use guardrail_runner::by_hand::Outcome;

use crate::output::{BAD, GOOD, Screen, UNSURE};
use crate::status::Status;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// How the commands that change something end.
pub(super) const EXIT: &str = "\
Exit status: 0 it is done, or there was nothing to do; 1 it is done, and could not be told or put down; 2 it is not done.";

/// Shows what came of it. `done` is the word for what was done: `undone`.
///
/// # Errors
/// When it cannot be written as JSON.
pub(super) fn show(screen: &mut Screen, outcome: &Outcome, format: Format, done: &str, topic: &str) -> Result<Status> {
    match format {
        Format::Json => screen.line(serde_json::to_string(&outcome.record)?),
        Format::Text => {
            for execution in &outcome.record.outcomes {
                show_execution(screen, execution);
            }
            show_end(screen, outcome, done, topic);
        }
    }
    for error in outcome.unkept.iter().map(ToString::to_string) {
        screen.complain(&format!("the record of it was not put down for good: {error}"));
    }
    for error in outcome.untold.iter().map(ToString::to_string) {
        screen.complain(&format!("nobody was told: {error}; what was done stands"));
    }
    Ok(match outcome {
        _ if !outcome.is_done() => Status::Unjudged,
        Outcome {
            untold: None,
            unkept: None,
            ..
        } => Status::Clean,
        _ => Status::Findings,
    })
}

fn show_end(screen: &mut Screen, outcome: &Outcome, done: &str, topic: &str) {
    let record = &outcome.record.record_id;
    if !outcome.is_done() {
        screen.paragraph(0, &format!("{BAD}not {done}{BAD:#}, or not all of it ({record})"));
        return;
    }
    screen.paragraph(0, &format!("{GOOD}{done}{GOOD:#} ({record})"));
    if outcome.untold.is_none() {
        screen.paragraph(2, &format!("told to {topic}"));
    }
    match outcome.record.by_hand.as_ref().map(|by_hand| &by_hand.deed) {
        Some(Deed::Undid {
            left_alone_until: Some(until),
            ..
        }) => screen.paragraph(2, &format!("left alone until {}", until.strftime("%F %T UTC"))),
        Some(Deed::Exempted { until, .. }) => {
            screen.paragraph(2, &format!("holds until {}", until.strftime("%F %T UTC")));
        }
        _ => {}
    }
    if outcome.record.carried_out().next().is_some() {
        screen.paragraph(2, &format!("to take it back: guardrail undo {record}"));
    }
}

fn show_execution(screen: &mut Screen, execution: &Execution) {
    screen.paragraph(2, &format!("{}: {}", execution.rule, execution.resource));
    for (number, (step, done)) in execution.plan.steps.iter().zip(&execution.steps).enumerate() {
        screen.paragraph(4, &format!("{}. {}: {}", number + 1, step.action, in_words(done)));
    }
    let (style, end) = match &execution.end {
        End::Seen => (GOOD, "read again: it is so".to_owned()),
        End::Unseen => (UNSURE, "read again: EC2 does not show it yet, look again".to_owned()),
        End::Moved => (BAD, "what was to be changed was another by then: look again".to_owned()),
        End::Withheld(why) => (BAD, why.to_string()),
        End::Failed(failure) => (BAD, format!("{failure}: mend that, and call it again")),
        End::Stopped(_) => (BAD, "it was stopped".to_owned()),
    };
    screen.paragraph(4, &format!("{style}{end}{style:#}"));
}

fn in_words(done: &Done) -> String {
    match done {
        Done::Done => "done".to_owned(),
        Done::Already => "it was so already".to_owned(),
        Done::Moved => "it was another by then".to_owned(),
        Done::TakenBack => "done, and taken back again".to_owned(),
        Done::Failed(failure) => format!("failed (`{}`)", failure.code),
        Done::NotTried => "not tried".to_owned(),
    }
}

/// A length of time to count with.
pub(super) fn span(age: Age) -> SignedDuration {
    SignedDuration::try_from(age.duration()).unwrap_or(SignedDuration::MAX)
}

/// A length of time as people say it who mean a day by the clock.
pub(super) fn hours(age: Age) -> String {
    let text = age.to_string();
    if text == "1d" { "24h".to_owned() } else { text }
}

/// Says that nothing was changed.
pub(super) fn dry_run(screen: &mut Screen) {
    screen.line("nothing was changed: this is a dry run");
}

/// A runtime for one command.
///
/// # Errors
/// When the system gives none.
pub(super) fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(future)
}
