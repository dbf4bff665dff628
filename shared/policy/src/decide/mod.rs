//! The decision about one event: asks until it knows, then says what is wrong, what is done, and who is told.

mod verdict;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::brakes::{self, Braked};
use crate::case::{Case, Ceiling, CeilingReason};
use crate::event::Outcome;
use crate::execution::{End, Execution};
use crate::facts::{Facts, Question, Stop, Unknown};
use crate::finding::Finding;
use crate::ledger::{Abouts, Note};
use crate::message::{self, Notice};
use crate::plan::{Plan, Treatment};
use crate::rules::{Judgement, Rule};
use crate::settings::Mode;

pub use verdict::{Exempt, Judged, Until, Verdict};

/// How far a decision has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// These must be read first, all of them side by side.
    Ask(BTreeSet<Question>),
    /// These contradict the event: read them again after a while, until two answers are equal.
    Settle(BTreeSet<Question>),
    /// It is decided.
    Done(Decision),
}

/// What was decided about one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// In one word, what came of it.
    pub reason: Reason,
    /// What each rule that was woken has to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Verdict>,
    /// Until when a burst makes everything wait; the event is to be delivered again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_until: Option<Timestamp>,
    /// What need not be told again for a while, once it was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<Note>,
    /// Who is told what. Where plans are to be carried out, it is composed once that has come to an end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

/// What came of an event, in one word; of several that apply the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The call failed: nothing changed.
    FailedCall,
    /// The call was a dry run: nothing changed.
    DryRun,
    /// No rule of this function is woken by the call.
    NotOurs,
    /// The guardrail made the call itself.
    OwnCall,
    /// The call changed nothing that a rule looks at.
    NotTouched,
    /// The policy file does not select what was touched.
    NotSelected,
    /// What the event made is not there any more.
    AlreadyGone,
    /// Nothing is wrong.
    Clean,
    /// Something is wrong, and an exemption allows it for now.
    Exempt,
    /// Something is wrong.
    Found,
    /// Something is wrong, and what would mend it is withheld.
    Withheld,
    /// Something is wrong, and a burst of reverts makes the next one wait; the event is to be delivered again.
    BackedOff,
    /// It could not be known; the event is to be delivered again.
    Undecided,
}

/// Judges a case as far as the facts go.
#[must_use]
pub fn decide(case: &Case<'_>, facts: &Facts) -> Progress {
    if let Some(reason) = settled_without_looking(case) {
        return Progress::Done(Decision::of_none(reason));
    }
    let mut verdicts = Vec::new();
    let mut stopped: Option<Stop> = None;
    for rule in woken(case) {
        match (rule.judge)(case, facts) {
            Ok(judgement) => verdicts.push(verdict(case, rule, judgement)),
            Err(Stop::Unknown { question, why }) => verdicts.push(unknown(case, rule, question, why)),
            Err(Stop::Settle(questions)) if case.is_fresh() => {
                let asked = questions.into_iter().next();
                verdicts.extend(asked.map(|question| unknown(case, rule, question, Unknown::NotYet)));
            }
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    match stopped {
        Some(Stop::Need(questions)) => Progress::Ask(questions),
        Some(Stop::Settle(questions)) => Progress::Settle(questions),
        Some(Stop::Unknown { .. }) | None => remembering(case, facts, verdicts),
    }
}

/// The rules of this function that the event wakes.
fn woken<'a>(case: &Case<'a>) -> impl Iterator<Item = &'static Rule> + use<'a> {
    let call = &case.event.call;
    case.rules.iter().copied().filter(move |rule| rule.is_woken_by(call))
}

/// Whether an event is decided without a look at the network.
#[must_use]
pub fn is_settled_without_looking(case: &Case<'_>) -> bool {
    settled_without_looking(case).is_some()
}

/// What can be said of an event without a look at the network.
fn settled_without_looking(case: &Case<'_>) -> Option<Reason> {
    let own = |role: &crate::id::Arn| case.event.actor.issuer.as_ref() == Some(role);
    match case.event.outcome {
        Outcome::Failed { .. } => Some(Reason::FailedCall),
        Outcome::DryRun => Some(Reason::DryRun),
        Outcome::Succeeded if case.own_roles.iter().any(own) => Some(Reason::OwnCall),
        Outcome::Succeeded if woken(case).next().is_none() => Some(Reason::NotOurs),
        Outcome::Succeeded => None,
    }
}

/// A rule's verdict, with what an exemption allows taken out of its findings.
fn verdict(case: &Case<'_>, rule: &Rule, judgement: Judgement) -> Verdict {
    let Judgement {
        mut findings,
        mut passed,
    } = judgement;
    findings.iter_mut().for_each(Finding::make_legible);
    passed.iter_mut().for_each(|passed| passed.resource.make_legible());
    let (mut kept, mut exempt) = (Vec::new(), Vec::new());
    for finding in findings {
        let resources: Vec<&str> = [
            Some(finding.resource.id.as_str()),
            finding.resource.vpc.as_ref().map(crate::id::VpcId::as_str),
        ]
        .into_iter()
        .flatten()
        .collect();
        let exemption = case.settings.exemption_for(rule.name, &resources, case.now);
        match exemption.filter(|_| finding.may_be_exempt()) {
            Some(exemption) => {
                exempt.push(Exempt {
                    finding,
                    owner: exemption.owner.clone(),
                    reason: exemption.reason.clone(),
                    until: Until::EndOf(exemption.until),
                });
            }
            None => kept.push(finding),
        }
    }
    let judgement = Judgement { findings: kept, passed };
    Verdict {
        rule: rule.name,
        mode: case.mode(rule.name),
        outcome: Judged::Known { judgement, exempt },
    }
}

fn unknown(case: &Case<'_>, rule: &Rule, question: Question, why: Unknown) -> Verdict {
    Verdict {
        rule: rule.name,
        mode: case.mode(rule.name),
        outcome: Judged::Unknown { question, why },
    }
}

/// Brings in what the ledger remembers, once something was found.
fn remembering(case: &Case<'_>, facts: &Facts, mut verdicts: Vec<Verdict>) -> Progress {
    let about = asked_about(case, &verdicts);
    let notes = if about.is_empty() || !case.has_ledger() {
        Ok(&Vec::new())
    } else {
        facts.past(&about)
    };
    let notes = match notes {
        Ok(notes) => notes.as_slice(),
        Err(Stop::Need(questions) | Stop::Settle(questions)) => return Progress::Ask(questions),
        Err(Stop::Unknown { .. }) => {
            for verdict in &mut verdicts {
                verdict.mode = verdict.mode.under(Ceiling::notify(CeilingReason::LedgerDown));
            }
            &[]
        }
    };
    Progress::Done(done(case, facts, notes, verdicts))
}

/// What the ledger is asked about; nothing where nothing is to be told or done.
fn asked_about(case: &Case<'_>, verdicts: &[Verdict]) -> Abouts {
    let told = verdicts.iter().filter(|verdict| verdict.mode.mode >= Mode::Notify);
    let found = told.flat_map(|verdict| {
        let ending = ending(case, verdict).map(|exempt| &exempt.finding);
        verdict.findings().iter().chain(ending)
    });
    let found: Vec<&Finding> = found.collect();
    if found.is_empty() {
        return Abouts::new();
    }
    brakes::abouts(case, found)
}

/// The findings that an exemption allows which ends soon.
fn ending<'v>(case: &Case<'_>, verdict: &'v Verdict) -> impl Iterator<Item = &'v Exempt> {
    let now = case.now;
    verdict
        .exempt()
        .iter()
        .filter(move |exempt| exempt.ends_in_days(now).is_some())
}

/// What there is to remember of exemptions that end soon, so that it is told only once in a while.
fn reminders(case: &Case<'_>, notes: &[Note], verdicts: &[Verdict]) -> Vec<Note> {
    let told = verdicts.iter().filter(|verdict| verdict.mode.mode >= Mode::Notify);
    let ending = told.flat_map(|verdict| ending(case, verdict));
    let new = ending.map(|exempt| message::reminder(case, exempt));
    let known = |note: &Note| {
        notes
            .iter()
            .any(|known| (&known.about, &known.name) == (&note.about, &note.name))
    };
    new.filter(|note| !known(note)).collect()
}

fn done(case: &Case<'_>, facts: &Facts, notes: &[Note], verdicts: Vec<Verdict>) -> Decision {
    let mut wait_until = None;
    let verdicts: Vec<Verdict> = verdicts
        .into_iter()
        .map(|verdict| braked(case, facts, notes, verdict, &mut wait_until))
        .collect();
    let reason = match wait_until {
        Some(_) => Reason::BackedOff,
        None => verdicts.iter().map(Verdict::reason).max().unwrap_or(Reason::NotOurs),
    };
    let mut decision = Decision {
        reason,
        reminders: reminders(case, notes, &verdicts),
        verdicts,
        wait_until,
        notices: Vec::new(),
    };
    if wait_until.is_none() && decision.to_do().next().is_none() {
        decision.announce(case, &[]);
    }
    decision
}

/// A verdict after the ledger's exemptions and all brakes.
fn braked(
    case: &Case<'_>,
    facts: &Facts,
    notes: &[Note],
    verdict: Verdict,
    wait_until: &mut Option<Timestamp>,
) -> Verdict {
    let Judged::Known { judgement, mut exempt } = verdict.outcome else {
        return verdict;
    };
    let mut kept = Vec::new();
    for finding in judgement.findings {
        let exemption = brakes::exemption(case, notes, &finding).filter(|_| finding.may_be_exempt());
        if let Some((exemption, until)) = exemption {
            exempt.push(Exempt {
                finding,
                owner: exemption.owner.clone(),
                reason: exemption.reason.clone(),
                until: Until::At(until),
            });
            continue;
        }
        match brakes::applied(case, facts, notes, verdict.mode.mode, finding) {
            Braked::Finding(finding) => kept.push(*finding),
            Braked::Later(finding, until) => {
                *wait_until = (*wait_until).max(Some(until));
                kept.push(*finding);
            }
        }
    }
    let judgement = Judgement {
        findings: kept,
        passed: judgement.passed,
    };
    Verdict {
        outcome: Judged::Known { judgement, exempt },
        ..verdict
    }
}

impl Decision {
    /// One about which there is nothing more to say.
    #[must_use]
    pub fn of_none(reason: Reason) -> Self {
        Self {
            reason,
            verdicts: Vec::new(),
            wait_until: None,
            reminders: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// The plans that are to be carried out: automatic ones of rules in mode `revert`, unless a burst makes them wait.
    pub fn to_do(&self) -> impl Iterator<Item = (&Finding, &Plan)> {
        let verdicts = self
            .verdicts
            .iter()
            .filter(|verdict| self.wait_until.is_none() && verdict.mode.mode == Mode::Revert);
        verdicts
            .flat_map(Verdict::findings)
            .filter_map(|finding| match &finding.treatment {
                Treatment::Automatic(plan) => Some((finding, plan)),
                _ => None,
            })
    }

    /// Whether a plan would be carried out if the ledger could be used.
    #[must_use]
    pub fn lacks_the_ledger(&self) -> bool {
        let down = |verdict: &&Verdict| verdict.mode.lowered_by == Some(CeilingReason::LedgerDown);
        let automatic = |finding: &Finding| matches!(finding.treatment, Treatment::Automatic(_));
        self.verdicts
            .iter()
            .filter(down)
            .flat_map(Verdict::findings)
            .any(automatic)
    }

    /// Composes the notices, with what came of the plans that were carried out.
    pub fn announce(&mut self, case: &Case<'_>, outcomes: &[Execution]) {
        self.withhold(outcomes);
        let told = || self.verdicts.iter().filter(|verdict| verdict.mode.mode >= Mode::Notify);
        let found = told().filter_map(|verdict| message::notice(case, verdict, outcomes));
        let ending = told().flat_map(|verdict| ending(case, verdict).map(move |exempt| (verdict, exempt)));
        let reminded = |exempt: &Exempt| self.reminders.contains(&message::reminder(case, exempt));
        let ending = ending.filter(|(_, exempt)| reminded(exempt));
        let ending = ending.map(|(verdict, exempt)| message::exemption_ends(case, verdict, exempt));
        self.notices = found.chain(ending).collect();
    }

    /// Takes the plans that AWS would not carry out as withheld, with its reason.
    fn withhold(&mut self, outcomes: &[Execution]) {
        for outcome in outcomes {
            let End::Withheld(why) = &outcome.end else { continue };
            let findings = self.verdicts.iter_mut().filter_map(Verdict::findings_mut).flatten();
            for finding in findings.filter(|finding| outcome.is_for(finding)) {
                if let Treatment::Automatic(plan) = &finding.treatment {
                    finding.treatment = Treatment::Withheld {
                        plan: plan.clone(),
                        reasons: vec![why.clone()],
                    };
                    self.reason = self.reason.max(Reason::Withheld);
                }
            }
        }
    }

    /// Leaves out half of the findings of whichever rule has most, but none with an automatic plan. Returns whether
    /// anything was left out.
    pub(crate) fn shorten(&mut self) -> bool {
        let longest = self.verdicts.iter_mut().filter_map(Verdict::findings_mut);
        let Some(findings) = longest.max_by_key(|findings| findings.len()) else {
            return false;
        };
        let before = findings.len();
        let mut room = before / 2;
        findings.retain(|finding| {
            let stays = matches!(finding.treatment, Treatment::Automatic(_)) || room > 0;
            room = room.saturating_sub(1);
            stays
        });
        findings.len() < before
    }
}
