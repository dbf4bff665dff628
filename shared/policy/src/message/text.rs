//! The text for people: what, who, when, where, how bad, what was done, what to change, how to be excepted.

use std::fmt::Write as _;

use super::Ids;
use super::treatment::write_treatment;
use crate::case::Case;
use crate::decide::Verdict;
use crate::event::{Actor, IacTool};
use crate::execution::{End, Execution};
use crate::finding::{Advice, Cause, Finding, Severity};
use crate::legible;
use crate::settings::Mode;

/// The longest text, in characters: with the JSON for machines it stays below the 256 KiB that SNS takes.
const LONGEST: usize = 24_000;
/// How long a text is, more or less.
const USUAL_LENGTH: usize = 4_096;
/// How many pieces of evidence of one finding are listed.
const MOST_EVIDENCE: usize = 12;
/// How many findings are written out.
const MOST_FINDINGS: usize = 6;
/// The tools that networks are changed with; whoever uses one of them need not read the others. What clients use (an
/// SDK) is told to everybody.
const CHANGE_NETWORKS: [&str; 3] = ["Terraform", "CloudFormation", "AWS CLI"];

/// Whether the event's caller may be named: only where the event brought in something that was found (law 3).
pub(super) fn names_the_caller(verdict: &Verdict) -> bool {
    verdict
        .findings()
        .iter()
        .any(|finding| finding.cause == Cause::ThisEvent)
}

/// One line under 100 characters for SNS: ASCII without control characters.
pub(super) fn subject(case: &Case<'_>, verdict: &Verdict, executions: &[Execution], severity: Severity) -> String {
    let Some(finding) = verdict.findings().first() else {
        return String::new();
    };
    let more = match verdict.findings().len() {
        1 => String::new(),
        several => format!(" (+{} more)", several - 1),
    };
    let line = format!(
        "[{severity}] {}{}: {} {}{more} in {} {}",
        verdict.rule,
        came_to(verdict, executions),
        short(&finding.resource.id),
        finding.class,
        case.account,
        case.event.region
    );
    line.chars()
        .filter(|c| c.is_ascii() && !c.is_ascii_control())
        .take(99)
        .collect()
}

/// The last part of an ARN: account and Region stand at the end of the line. Any other id as it is.
fn short(id: &str) -> &str {
    let resource = id.starts_with("arn:").then(|| id.splitn(6, ':').nth(5)).flatten();
    resource.unwrap_or(id)
}

/// In a word, what came of a rule's plans.
fn came_to(verdict: &Verdict, executions: &[Execution]) -> &'static str {
    let tried = |execution: &&Execution| !matches!(execution.end, End::Withheld(_));
    let own = || {
        executions
            .iter()
            .filter(tried)
            .filter(|execution| execution.rule == verdict.rule)
    };
    if own().any(|execution| !execution.is_carried_out()) {
        " revert FAILED"
    } else if own().next().is_some() {
        " reverted"
    } else if verdict.findings().iter().any(Finding::is_withheld) {
        " withheld"
    } else {
        ""
    }
}

/// The whole text.
pub(super) fn text(case: &Case<'_>, verdict: &Verdict, executions: &[Execution], ids: &Ids) -> String {
    let mut text = String::with_capacity(USUAL_LENGTH);
    let (own, standing): (Vec<_>, Vec<_>) = verdict
        .findings()
        .iter()
        .partition(|finding| finding.cause == Cause::ThisEvent);
    for finding in own.iter().take(MOST_FINDINGS) {
        write_finding(&mut text, case, verdict, executions, finding);
    }
    if !standing.is_empty() {
        if !own.is_empty() {
            text.push_str("ALSO FOUND, AND NOT BROUGHT IN BY THIS CALL\n\n");
        }
        for finding in standing.iter().take(MOST_FINDINGS) {
            write_finding(&mut text, case, verdict, executions, finding);
        }
    }
    let left_out = own.len().saturating_sub(MOST_FINDINGS) + standing.len().saturating_sub(MOST_FINDINGS);
    if left_out > 0 {
        let _ = writeln!(text, "{left_out} more findings are in the record.\n");
    }
    write_exemption(&mut text, case, verdict);
    let Ids { notice, record } = ids;
    let event = if case.event.is_scan() { "Found by" } else { "Event" };
    let _ = writeln!(
        text,
        "{event} {}, {record}, {notice}, policy {}.",
        case.event.id,
        case.settings.digest.short()
    );
    capped(legible::lines(text))
}

fn write_finding(text: &mut String, case: &Case<'_>, verdict: &Verdict, executions: &[Execution], finding: &Finding) {
    let _ = writeln!(
        text,
        "{} {}: {}.",
        finding.severity.to_string().to_uppercase(),
        finding.rule,
        legible::one_line(&finding.summary)
    );
    text.push('\n');
    for (number, evidence) in finding.evidence.iter().take(MOST_EVIDENCE).enumerate() {
        line(
            text,
            if number == 0 { "What" } else { "" },
            &[&evidence.part, ": ", &evidence.says].concat(),
        );
    }
    if finding.evidence.len() > MOST_EVIDENCE {
        line(
            text,
            "",
            &format!("and {} more, in the record", finding.evidence.len() - MOST_EVIDENCE),
        );
    }
    let vpc = finding
        .resource
        .vpc
        .as_ref()
        .map(|vpc| format!(" in {vpc}"))
        .unwrap_or_default();
    line(
        text,
        "Where",
        &format!(
            "{}{vpc}, account {}, {}",
            finding.resource, case.account, case.event.region
        ),
    );
    if finding.cause == Cause::ThisEvent {
        line(text, "Who", &who(&case.event.actor));
        line(text, "When", &when(case));
    } else {
        line(text, "When", &format!("seen at {}", case.now.strftime("%F %T UTC")));
    }
    for context in &finding.context {
        line(text, "Context", context);
    }
    text.push('\n');
    let execution = executions.iter().find(|execution| execution.is_for(finding));
    write_treatment(text, case, verdict.mode, finding, execution);
    write_advice(text, case.event.actor.tool(), finding);
}

/// One line, whatever line ends are in the names that it quotes.
pub(super) fn line(text: &mut String, label: &str, says: &str) {
    let _ = writeln!(text, "  {label:<8} {}", legible::one_line(says));
}

fn who(actor: &Actor) -> String {
    let mut who = actor.display_name();
    if let Some(arn) = actor.arn.as_deref().filter(|arn| *arn != who) {
        let _ = write!(who, " ({arn})");
    }
    if let Some(source) = &actor.source_ip {
        let _ = write!(who, ", from {source}");
    }
    if let Some(tool) = actor.tool() {
        let _ = write!(who, ", with {tool}");
    }
    who
}

/// Call, then judgement, with the time between them.
fn when(case: &Case<'_>) -> String {
    let call = case.event.call.name().map(|name| name.name()).unwrap_or_default();
    let later = span(case.now.duration_since(case.event.time).as_secs());
    format!(
        "{call} at {}, judged {} later",
        case.event.time.strftime("%F %T UTC"),
        later
    )
}

/// A span of seconds in the largest unit that keeps two digits of it.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        ..=180 => format!("{seconds} s"),
        181..=10_800 => format!("{} min", seconds / 60),
        10_801..=259_200 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Advice in the words of the tool that made the call; of every tool where that is not known.
fn write_advice(text: &mut String, tool: Option<IacTool>, finding: &Finding) {
    let spoken = tool.map(|tool| tool.to_string());
    let fits = |advice: &&Advice| spoken.as_ref() == Some(&advice.tool);
    let known = finding.advice.iter().any(|advice| fits(&advice));
    let is_of_a_client = |advice: &&Advice| !CHANGE_NETWORKS.contains(&advice.tool.as_str());
    let told = |advice: &&Advice| !known || fits(advice) || is_of_a_client(advice);
    for advice in finding.advice.iter().filter(told) {
        let _ = writeln!(text, "To mend it for good, in {}:", advice.tool);
        for line in advice.text.lines() {
            let _ = writeln!(text, "  {line}");
        }
        text.push('\n');
    }
}

/// How to have it allowed for a while: an entry to fill in.
fn write_exemption(text: &mut String, case: &Case<'_>, verdict: &Verdict) {
    let Some(finding) = verdict.findings().first() else {
        return;
    };
    if verdict.mode.mode < Mode::Notify || !finding.may_be_exempt() {
        return;
    }
    let days = i64::from(case.settings.limits.max_exemption_days);
    let last = case.now.as_second().saturating_add(days.saturating_mul(86_400));
    let until = jiff::Timestamp::from_second(last)
        .map(|last| last.strftime("%F").to_string())
        .unwrap_or_default();
    let _ = writeln!(
        text,
        "If it must be, have it allowed for a while in the policy file, under exemptions:"
    );
    let _ = writeln!(text, "  - rule: {}", verdict.rule);
    let _ = writeln!(text, "    resource: {}", finding.resource.id);
    let _ = writeln!(
        text,
        "    owner: WHO-ANSWERS-FOR-IT@example.com\n    reason: WHY, AND THE TICKET"
    );
    let _ = writeln!(text, "    until: {until}  # at the latest\n");
}

pub(super) fn capped(text: String) -> String {
    if text.len() <= LONGEST || text.chars().count() <= LONGEST {
        return text;
    }
    let mut short: String = text.chars().take(LONGEST).collect();
    short.push_str("\n[cut short here; the record has all of it]\n");
    short
}
