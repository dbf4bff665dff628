//! The rounds of questions that a decision takes.

use anyhow::{Context as _, bail};
use guardrail_policy::case::Case;
use guardrail_policy::decide::{Decision, Progress, decide};
use guardrail_policy::facts::{Answered, Facts, Question};
use guardrail_policy::record::Record;
use guardrail_policy::rules;
use guardrail_policy::settings::Settings;

/// More rounds than any rule needs.
const MOST: usize = 8;

/// Judges as the runner does, and keeps what was known at each call of `decide`: one more than there were rounds.
pub(crate) fn rounds(
    case: &Case<'_>,
    answer: impl Fn(&Question) -> Option<Answered>,
) -> anyhow::Result<(Vec<Facts>, Decision)> {
    let mut known = Vec::new();
    let mut facts = Facts::default();
    while known.len() <= MOST {
        known.push(facts.clone());
        match decide(case, &facts) {
            Progress::Done(decision) => return Ok((known, decision)),
            Progress::Settle(questions) => bail!("the network contradicts the event: {questions:?}"),
            Progress::Ask(questions) => {
                for question in &questions {
                    facts.insert(answer(question).with_context(|| format!("no answer to {question:?}"))?);
                }
            }
        }
    }
    bail!("undecided after {MOST} rounds")
}

/// How many rounds of questions a recorded decision took, which is judged again from its own facts.
pub(crate) fn rounds_of(record: &Record, settings: &Settings) -> anyhow::Result<usize> {
    let event = record.event.as_ref().context("the record holds no event")?;
    let linked: Vec<_> = record
        .inputs
        .rules
        .iter()
        .filter_map(|name| rules::find(*name))
        .collect();
    let case = Case {
        event,
        account: event.account.as_ref().context("the record names no account")?,
        now: record.judged_at,
        settings,
        rules: &linked,
        ceilings: &record.inputs.ceilings,
        own_roles: &record.inputs.own_roles,
        own: &record.inputs.own,
        last_delivery: false,
    };
    let (known, _) = rounds(&case, |question| record.facts.answered(question))?;
    Ok(known.len() - 1)
}
