//! What was done about a finding, or why nothing was, in words.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::text::span;
use crate::case::{Case, CeilingReason, ModeInForce};
use crate::execution::{Done, End, Execution};
use crate::finding::Finding;
use crate::legible::one_line;
use crate::plan::{Plan, Treatment};
use crate::settings::Mode;

pub(super) fn write_treatment(
    text: &mut String,
    case: &Case<'_>,
    mode: ModeInForce,
    finding: &Finding,
    execution: Option<&Execution>,
) {
    match &finding.treatment {
        Treatment::Told(why) => {
            let _ = writeln!(text, "Nothing was changed: {}.\n", one_line(why));
        }
        Treatment::Proposal(plan) => {
            let _ = writeln!(
                text,
                "Nothing was changed: a change of this kind is proposed, never made by itself."
            );
            write_plan(text, "Proposed", plan);
            write_apply(text, case);
        }
        Treatment::Withheld { plan, reasons } => {
            let _ = match mode.mode {
                Mode::Revert => writeln!(text, "Nothing was changed, though the mode is revert:"),
                _ => writeln!(text, "Nothing was changed, and would not be in mode revert either:"),
            };
            for reason in reasons {
                let _ = writeln!(text, "  - {}", one_line(&reason.to_string()));
            }
            write_plan(text, "Withheld", plan);
            write_apply(text, case);
        }
        Treatment::Automatic(plan) => match execution {
            Some(execution) => write_execution(text, case, execution),
            None => {
                let _ = writeln!(text, "Nothing was changed: {}.", why_not(mode));
                write_plan(text, "Mode revert would do", plan);
            }
        },
    }
}

/// Why an automatic plan is only told.
fn why_not(mode: ModeInForce) -> String {
    let why = mode.lowered_by.map_or("as the policy file sets it", lowered_by);
    format!("the mode is {}, {why}", mode.mode)
}

fn lowered_by(why: CeilingReason) -> &'static str {
    match why {
        CeilingReason::MaxMode => "because GUARDRAIL_MAX_MODE caps it",
        CeilingReason::KillSwitch => "because the kill switch caps it",
        CeilingReason::KillSwitchUnreadable => "because the kill switch could not be read",
        CeilingReason::Unproven => "because the event did not come through the queue, so nothing proves its origin",
        CeilingReason::Replay => "because the event is a replay from an archive",
        CeilingReason::NoLedger => "because no ledger is configured (GUARDRAIL_LEDGER_TABLE)",
        CeilingReason::LedgerDown => "because the ledger could not be used",
    }
}

fn write_execution(text: &mut String, case: &Case<'_>, execution: &Execution) {
    let plan = &execution.plan;
    let after = span(execution.ended.duration_since(case.event.time).as_secs());
    let _ = match &execution.end {
        End::Seen | End::Unseen => writeln!(
            text,
            "TAKEN BACK at {}, {after} after the call ({}):",
            time(execution.ended),
            plan.remedy
        ),
        End::Moved => writeln!(text, "Nothing was changed: what was to be changed was another by then."),
        End::Withheld(why) => writeln!(text, "Nothing was changed: {why}."),
        End::Failed(failure) => writeln!(text, "NOT TAKEN BACK: {failure}. So far ({}):", plan.remedy),
        End::Stopped(why) => writeln!(text, "STOPPED before it was taken back, {}. So far:", lowered_by(*why)),
    };
    for (number, (step, done)) in plan.steps.iter().zip(&execution.steps).enumerate() {
        let _ = writeln!(text, "  {}. {}: {}", number + 1, step.action, in_words(done));
    }
    let _ = match &execution.end {
        End::Seen => writeln!(text, "Read again afterwards: it is so."),
        End::Unseen => writeln!(text, "Read again afterwards, EC2 did not show it yet: look again."),
        End::Failed(_) => writeln!(
            text,
            "The event is among the dead letters: once the cause is mended, put it back into its queue."
        ),
        End::Stopped(_) | End::Moved | End::Withheld(_) => Ok(()),
    };
    if execution.is_carried_out() {
        write_effects(text, [("Keeps working", &plan.keeps), ("Stops", &plan.stops)]);
        let _ = writeln!(
            text,
            "To undo it, and have it left alone for 24 hours:\n  guardrail undo {}",
            super::record_id(case.event, case.now)
        );
    }
    text.push('\n');
}

pub(super) fn in_words(done: &Done) -> String {
    match done {
        Done::Done => "done".to_owned(),
        Done::Already => "nothing to do, it was so already".to_owned(),
        Done::Moved => "not done, it was another by then".to_owned(),
        Done::TakenBack => "done, and taken back again".to_owned(),
        Done::Failed(failure) => format!("failed (`{}`)", failure.code),
        Done::NotTried => "not tried".to_owned(),
    }
}

fn write_plan(text: &mut String, title: &str, plan: &Plan) {
    let _ = writeln!(text, "{title} ({}):", plan.remedy);
    for (number, step) in plan.steps.iter().enumerate() {
        let _ = writeln!(text, "  {}. {}", number + 1, step.action);
    }
    write_effects(text, [("Would keep working", &plan.keeps), ("Would stop", &plan.stops)]);
    text.push('\n');
}

pub(super) fn write_effects(text: &mut String, effects: [(&str, &Vec<String>); 2]) {
    for (title, effects) in effects {
        if !effects.is_empty() {
            let _ = writeln!(text, "{title}:");
        }
        for effect in effects {
            let _ = writeln!(text, "  - {}", one_line(effect));
        }
    }
}

/// How a person has a plan carried out that is not carried out by itself; its record is only in a ledger.
fn write_apply(text: &mut String, case: &Case<'_>) {
    if case.has_ledger() {
        let _ = writeln!(
            text,
            "To have it judged again and carried out:\n  guardrail apply {}\n",
            super::record_id(case.event, case.now)
        );
    }
}

pub(super) fn time(time: Timestamp) -> String {
    time.strftime("%F %T UTC").to_string()
}
