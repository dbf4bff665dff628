//! One judged event as a block of text: what happened, what is wrong and why, what would be done.

use guardrail_policy::decide::{Decision, Exempt, Judged as Judgement, Reason, Verdict};
use guardrail_policy::event::{Actor, Call, Event, Outcome};
use guardrail_policy::execution::{End, Execution};
use guardrail_policy::facts::{Question, Unknown};
use guardrail_policy::finding::{Cause, Finding};
use guardrail_policy::plan::{Plan, Treatment};
use guardrail_policy::rules::{Passed, PassedBecause};
use guardrail_policy::settings::Mode;

use super::judge::{Judged, Standing};
use crate::output::{BAD, FAINT, GOOD, STRONG, Screen, UNSURE};

/// Writes the block of one event, with each message as people would get it where that is asked for.
pub(super) fn show(screen: &mut Screen, judged: &Judged, with_message: bool) {
    let (label, style) = match judged.standing() {
        Standing::Clean => ("clean", GOOD),
        Standing::Exempt => ("exempt", GOOD),
        Standing::Found => ("finding", BAD),
        Standing::NotOurs => ("not ours", FAINT),
        Standing::Unjudged => ("not judged", UNSURE),
    };
    let what = judged
        .record
        .event
        .as_ref()
        .map_or_else(|| "no event".to_owned(), in_words);
    screen.paragraph(0, &format!("{style}{label}{style:#}: {what}"));
    let id = judged
        .record
        .event
        .as_ref()
        .map(|event| format!(", event {}", event.id))
        .unwrap_or_default();
    screen.paragraph(2, &format!("{FAINT}from {}{id}{FAINT:#}", judged.place));
    for remark in judged.record.error.iter().chain(&judged.remarks) {
        screen.paragraph(2, remark);
    }
    if let Some(event) = &judged.record.event {
        show_outcome(screen, event);
    }
    show_unanswered(screen, judged);
    if let Some(decision) = &judged.record.decision {
        show_decision(screen, judged, decision, with_message);
    }
    screen.line("");
}

/// The call, who made it, when and where.
pub(in crate::commands) fn in_words(event: &Event) -> String {
    let call = match (&event.call, event.call.name()) {
        (_, Some(name)) => name.name().to_owned(),
        (Call::Scan { subject }, _) => format!("a look at {}", subject.id()),
        (Call::Other { source, name }, _) => format!("{name} of {source}"),
        (_, None) => "a call".to_owned(),
    };
    let account = event
        .account
        .as_ref()
        .map(|account| format!(", account {account}"))
        .unwrap_or_default();
    let time = event.time.strftime("%F %T UTC");
    format!(
        "{STRONG}{call}{STRONG:#} by {}, {time}{account}, {}",
        who(&event.actor),
        event.region
    )
}

fn who(actor: &Actor) -> String {
    let tool = actor.tool().map(|tool| format!(" with {tool}")).unwrap_or_default();
    format!("{}{tool}", actor.display_name())
}

/// Why nothing was looked at, where the call itself says so.
fn show_outcome(screen: &mut Screen, event: &Event) {
    match &event.outcome {
        Outcome::Succeeded => {}
        Outcome::DryRun => screen.paragraph(2, "it was a dry run and changed nothing"),
        Outcome::Failed { code } => screen.paragraph(2, &format!("the call failed ({code}) and changed nothing")),
    }
}

/// What was asked where nothing could answer, and what to give so that it can be.
fn show_unanswered(screen: &mut Screen, judged: &Judged) {
    let Some(refusal) = &judged.refusal else { return };
    let asked: Vec<String> = judged.asked.iter().map(question).collect();
    screen.paragraph(2, &format!("would ask: {}", asked.join("; ")));
    screen.paragraph(2, &refusal.to_string())
}

fn show_decision(screen: &mut Screen, judged: &Judged, decision: &Decision, with_message: bool) {
    if decision.reason == Reason::OwnCall {
        screen.paragraph(2, "the guardrail made this call itself");
    }
    if decision.reason == Reason::Undecided && decision.verdicts.is_empty() {
        screen.paragraph(2, "the network changed while it was read: replay it again");
    }
    for verdict in &decision.verdicts {
        let is_explained = judged.refusal.is_some() && matches!(verdict.outcome, Judgement::Unknown { .. });
        if !is_explained {
            show_verdict(screen, verdict, judged.wanted.get(&verdict.rule).copied());
        }
    }
    for execution in &judged.record.outcomes {
        show_execution(screen, execution);
    }
    for notice in decision.notices.iter().filter(|_| with_message) {
        screen.paragraph(2, &format!("{STRONG}message{STRONG:#}: {}", notice.subject));
        screen.paragraph(4, &notice.text);
    }
    if with_message
        && decision.notices.is_empty()
        && decision.verdicts.iter().any(|verdict| !verdict.findings().is_empty())
    {
        screen.paragraph(2, "no message: mode observe tells nobody");
    }
}

/// What was done when the record was written.
fn show_execution(screen: &mut Screen, execution: &Execution) {
    let when = execution.ended.strftime("%F %T UTC");
    let how = match &execution.end {
        End::Seen => format!("taken back at {when}, and seen so"),
        End::Unseen => format!("taken back at {when}, and not seen so yet"),
        End::Moved => "not taken back: it was another by then".to_owned(),
        End::Withheld(why) => format!("not taken back: {why}"),
        End::Failed(failure) => format!("not taken back: {failure}"),
        End::Stopped(_) => "not taken back: the mode was lowered in the middle".to_owned(),
    };
    screen.paragraph(2, &format!("{}: {}: {how}", execution.rule, execution.resource));
}

/// What one rule has to say; `wanted` is the mode that the policy file sets for it, whatever caps it here.
pub(in crate::commands) fn show_verdict(screen: &mut Screen, verdict: &Verdict, wanted: Option<Mode>) {
    match &verdict.outcome {
        Judgement::Unknown { question: asked, why } => screen.paragraph(
            2,
            &format!("{} asked for {}: {}", verdict.rule, question(asked), unknown(why)),
        ),
        Judgement::Known { judgement, exempt } => {
            for finding in &judgement.findings {
                show_finding(screen, finding, wanted);
            }
            for exempt in exempt {
                show_exempt(screen, exempt);
            }
            for passed in &judgement.passed {
                show_passed(screen, verdict, passed);
            }
        }
    }
}

fn show_passed(screen: &mut Screen, verdict: &Verdict, Passed { resource, why }: &Passed) {
    let why = match why {
        PassedBecause::Clean => "nothing is wrong with it",
        PassedBecause::NotSelected => "the policy file does not select its VPC",
        PassedBecause::AlreadyGone => "what the call made is not there any more",
        PassedBecause::NotTouched => "the call changed nothing that the rule looks at",
    };
    screen.paragraph(2, &format!("{}: {resource}: {why}", verdict.rule))
}

fn show_exempt(
    screen: &mut Screen,
    Exempt {
        finding, owner, until, ..
    }: &Exempt,
) {
    let Finding {
        rule,
        summary,
        resource,
        ..
    } = finding;
    screen.paragraph(
        2,
        &format!("{rule}: {summary}: {resource}: exempt {until} ({owner} answers for it)"),
    )
}

fn show_finding(screen: &mut Screen, finding: &Finding, wanted: Option<Mode>) {
    let Finding {
        rule,
        severity,
        summary,
        resource,
        ..
    } = finding;
    screen.paragraph(2, &format!("{BAD}{severity}{BAD:#} {rule}: {summary}"));
    let vpc = resource
        .vpc
        .as_ref()
        .map(|vpc| format!(" in {vpc}"))
        .unwrap_or_default();
    screen.paragraph(4, &format!("{resource}{vpc}"));
    for evidence in &finding.evidence {
        screen.paragraph(4, &format!("{}: {}", evidence.part, evidence.says));
    }
    for context in &finding.context {
        screen.paragraph(4, context);
    }
    if finding.cause == Cause::Standing {
        screen.paragraph(4, "this call did not bring it in");
    }
    show_treatment(screen, finding, wanted)
}

/// What would be done; `wanted` is the mode that the policy file sets, whatever caps a replay.
fn show_treatment(screen: &mut Screen, finding: &Finding, wanted: Option<Mode>) {
    match &finding.treatment {
        Treatment::Told(why) => screen.paragraph(4, &format!("no plan: {why}")),
        Treatment::Proposal(plan) => show_plan(
            screen,
            &format!("proposed, never made by itself ({}):", plan.remedy),
            plan,
        ),
        Treatment::Automatic(plan) => {
            let wanted = wanted
                .map(|mode| format!("; the policy file sets mode {mode}"))
                .unwrap_or_default();
            show_plan(
                screen,
                &format!("mode revert would do ({}{wanted}):", plan.remedy),
                plan,
            )
        }
        Treatment::Withheld { plan, reasons } => {
            screen.paragraph(4, "withheld, in mode revert too:");
            for reason in reasons {
                screen.paragraph(6, &format!("- {reason}"));
            }
            show_plan(screen, &format!("what is withheld ({}):", plan.remedy), plan)
        }
    }
}

fn show_plan(screen: &mut Screen, title: &str, plan: &Plan) {
    screen.paragraph(4, title);
    for (number, step) in plan.steps.iter().enumerate() {
        screen.paragraph(6, &format!("{}. {}", number + 1, step.action));
    }
    for (title, effects) in [("keeps working", &plan.keeps), ("stops", &plan.stops)] {
        for effect in effects {
            screen.paragraph(6, &format!("{title}: {effect}"));
        }
    }
}

/// A question in words, from the form in which records keep it: `rules sg-0123456789abcdef0`.
pub(in crate::commands) fn question(question: &Question) -> String {
    let form = serde_json::to_value(question).unwrap_or_default();
    let mut words = Vec::new();
    collect_words(&form, &mut words);
    words.join(" ")
}

fn collect_words(form: &serde_json::Value, words: &mut Vec<String>) {
    match form {
        serde_json::Value::String(text) => words.push(text.clone()),
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                words.push(name.replace('_', " "));
                collect_words(value, words);
            }
        }
        _ => {}
    }
}

/// What came instead of an answer, and what to do about it.
fn unknown(why: &Unknown) -> String {
    match why {
        Unknown::Gone => "it is not there any more".to_owned(),
        Unknown::NotYet => "AWS does not show it yet: try again a minute after the call".to_owned(),
        Unknown::Unreadable(why) => match why.code.as_str() {
            "NotInSnapshot" => "the snapshot does not say: add that part, or read it with `--live`".to_owned(),
            code => format!("`{}` came to `{code}`: mend that, and replay it again", why.action),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_said_in_words_whatever_they_are_about() {
        let said = |text: &str| question(&serde_json::from_str(text).unwrap());
        assert_eq!(
            said(r#"{"rules":"sg-0123456789abcdef0"}"#),
            "rules sg-0123456789abcdef0"
        );
        assert_eq!(
            said(r#"{"groups":{"default_of":"vpc-0123456789abcdef0"}}"#),
            "groups default of vpc-0123456789abcdef0"
        );
        assert_eq!(said(r#"{"prefix_lists":null}"#), "prefix lists");
    }
}
