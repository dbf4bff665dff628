//! The brakes: what keeps an automatic plan from being carried out though the rule found it safe.
//!
//! Some stand in the policy file (`principals.report_only`, `only_newer_than`), some in what the ledger remembers: that
//! a revert was undone, that the same change is made again and again, that a principal has used up its budget.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::case::Case;
use crate::facts::Facts;
use crate::finding::{Finding, Severity};
use crate::ledger::{About, Abouts, LedgerExemption, Note, Revert, Says};
use crate::network::Permission;
use crate::ordered;
use crate::plan::{Action, Plan, Treatment, Withheld};
use crate::rules::selection;
use crate::settings::{Age, Mode};

/// How often the same change must have been taken back before it counts as a loop.
const LOOP_TIMES: usize = 3;
/// For how long it must have gone on before it counts as a loop.
const LOOP_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// The first pause in a burst; each further one is twice as long.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// The longest pause in a burst.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);

/// What the ledger is asked about a case with these findings: its principal, the resources and their VPCs.
pub(crate) fn abouts<'a>(case: &Case<'_>, findings: impl IntoIterator<Item = &'a Finding>) -> Abouts {
    let ids = findings.into_iter().flat_map(|finding| {
        let vpc = finding.resource.vpc.as_ref().map(ToString::to_string);
        [Some(finding.resource.id.clone()), vpc].into_iter().flatten()
    });
    let resources = ids.map(|id| resource(case, id));
    let principal = case
        .event
        .actor
        .principal()
        .map(|principal| About::Principal(principal.to_owned()));
    ordered::set(resources.chain(principal))
}

/// A resource of the case's account and Region.
pub(crate) fn resource(case: &Case<'_>, id: String) -> About {
    About::Resource {
        account: case.account.clone(),
        region: case.event.region.clone(),
        id,
    }
}

/// The exemption in the ledger that allows a finding for now: of several, the one that ends last.
pub(crate) fn exemption<'n>(
    case: &Case<'_>,
    notes: &'n [Note],
    finding: &Finding,
) -> Option<(&'n LedgerExemption, Timestamp)> {
    let own = abouts(case, [finding]);
    let holding = notes
        .iter()
        .filter(|note| own.contains(&note.about) && note.until > case.now);
    let exemptions = holding.filter_map(|note| match &note.says {
        Says::Exempted(exemption) if exemption.rule == finding.rule => Some((exemption, note.until)),
        _ => None,
    });
    exemptions.max_by_key(|(_, until)| *until)
}

/// What the brakes make of a finding.
#[derive(Debug)]
pub(crate) enum Braked {
    /// It stays as it is, or its plan is withheld.
    Finding(Box<Finding>),
    /// A burst: nothing is done before that time.
    Later(Box<Finding>, Timestamp),
}

/// Applies every brake to a finding.
pub(crate) fn applied(case: &Case<'_>, facts: &Facts, notes: &[Note], mode: Mode, mut finding: Finding) -> Braked {
    let Treatment::Automatic(plan) = &finding.treatment else {
        return Braked::Finding(Box::new(finding));
    };
    let mut reasons = by_policy(case, &finding);
    if selection::is_remembered(case, facts, &finding) {
        reasons.push(Withheld::Deselected);
    }
    let mut pause = Pause::None;
    if mode == Mode::Revert {
        let past = Past::of(case, notes, &finding);
        reasons.extend(past.reasons(case, plan));
        pause = past.pause(case);
    }
    let burst = match pause {
        Pause::Until { reverts, until } if case.last_delivery => {
            reasons.push(Withheld::Burst { reverts, until });
            None
        }
        Pause::Until { until, .. } if reasons.is_empty() => return Braked::Later(Box::new(finding), until),
        Pause::Over { reverts } => Some(reverts),
        Pause::Until { .. } | Pause::None => None,
    };
    if let Some(reverts) = burst {
        finding.severity = Severity::Critical;
        let often = format!("a burst: {reverts} reverts on this resource within the hour before this one");
        finding.context.push(often);
    }
    if reasons.iter().any(Withheld::is_critical) {
        finding.severity = Severity::Critical;
    }
    if !reasons.is_empty() {
        finding.treatment = Treatment::Withheld {
            plan: plan_of(finding.treatment),
            reasons,
        };
    }
    Braked::Finding(Box::new(finding))
}

fn plan_of(treatment: Treatment) -> Plan {
    match treatment {
        Treatment::Automatic(plan) | Treatment::Proposal(plan) | Treatment::Withheld { plan, .. } => plan,
        Treatment::Told(_) => Plan::nothing(),
    }
}

/// The brakes of the policy file.
fn by_policy(case: &Case<'_>, finding: &Finding) -> Vec<Withheld> {
    let mut reasons = Vec::new();
    let principal = case.event.actor.principal();
    let reported = &case.settings.principals.report_only;
    if let Some(principal) = principal.filter(|principal| reported.iter().any(|arn| arn.as_str() == *principal)) {
        reasons.push(Withheld::ReportOnly(principal.to_owned()));
    }
    let newest = case.settings.rule(finding.rule, case.account).only_newer_than;
    let age = case.now.duration_since(case.event.time);
    let is_older = |limit: &Age| SignedDuration::try_from(limit.duration()).is_ok_and(|limit| age > limit);
    if let Some(limit) = newest.filter(is_older) {
        reasons.push(Withheld::TooOld(limit));
    }
    reasons
}

/// What a plan changes, as far as it can be told whether the same was changed before.
struct Changes<'p> {
    closed: Vec<&'p Permission>,
    switched: Vec<&'p Action>,
}

impl<'p> Changes<'p> {
    fn of(plan: &'p Plan) -> Self {
        Self {
            closed: plan.closes().collect(),
            switched: plan.switches().collect(),
        }
    }

    /// Whether any of it is among these.
    fn meet(&self, closed: &[Permission], switched: &[Action]) -> bool {
        closed.iter().any(|permission| self.closed.contains(&permission))
            || switched
                .iter()
                .any(|action| self.switched.iter().any(|own| own.comes_to_the_same(action)))
    }
}

/// What the ledger remembers of a finding's principal and resource.
struct Past<'n> {
    /// Reverts of the principal's changes, wherever.
    by_principal: BTreeSet<&'n Revert>,
    /// Reverts on the resource, whoever had made the change.
    on_resource: BTreeSet<&'n Revert>,
    /// Notes that something is left alone.
    left_alone: Vec<&'n Note>,
}

/// Whether a burst makes a plan wait.
enum Pause {
    None,
    Until { reverts: usize, until: Timestamp },
    Over { reverts: usize },
}

impl<'n> Past<'n> {
    /// What the notes say of other events: one that is judged again does not count against itself.
    fn of(case: &Case<'_>, notes: &'n [Note], finding: &Finding) -> Self {
        let own = resource(case, finding.resource.id.clone());
        let holding = || notes.iter().filter(|note| note.until > case.now);
        let reverts = |of_principal: bool| {
            let about = holding().filter(|note| match &note.about {
                About::Principal(_) => of_principal,
                resource => !of_principal && *resource == own,
            });
            let reverts = about.filter_map(|note| match &note.says {
                Says::Reverted(revert) if revert.event != case.event.id => Some(revert),
                _ => None,
            });
            ordered::set(reverts)
        };
        Self {
            by_principal: reverts(true),
            on_resource: reverts(false),
            left_alone: holding()
                .filter(|note| note.about == own && matches!(note.says, Says::LeftAlone(_)))
                .collect(),
        }
    }

    fn reasons(&self, case: &Case<'_>, plan: &Plan) -> Vec<Withheld> {
        let changes = Changes::of(plan);
        let undone = self.left_alone.iter().find_map(|note| match &note.says {
            Says::LeftAlone(left) if changes.meet(&left.permissions, &left.switched) => Some(Withheld::Undone {
                record: left.record.clone(),
                by: left.by.clone(),
                until: note.until,
            }),
            _ => None,
        });
        undone
            .into_iter()
            .chain(self.fight(case, &changes))
            .chain(self.budget(case))
            .collect()
    }

    /// The same principal makes the same change again and again, for more than an hour.
    fn fight(&self, case: &Case<'_>, changes: &Changes<'_>) -> Option<Withheld> {
        let principal = case.event.actor.principal()?;
        let again = |revert: &&&Revert| {
            revert.principal.as_deref() == Some(principal) && changes.meet(&revert.closed, &revert.switched)
        };
        let same: Vec<_> = self.on_resource.iter().filter(again).collect();
        let since = same.iter().map(|revert| revert.at).min()?;
        let is_loop = same.len() >= LOOP_TIMES && case.now.duration_since(since) > LOOP_AFTER;
        is_loop.then(|| Withheld::Loop {
            principal: principal.to_owned(),
            tool: case.event.actor.tool().map(|tool| tool.to_string()),
            reverts: same.len(),
            since,
        })
    }

    fn budget(&self, case: &Case<'_>) -> Option<Withheld> {
        let limit = case.settings.limits.reverts_per_principal_per_day;
        let reverts = self.by_principal.len();
        (reverts >= usize::try_from(limit).unwrap_or(usize::MAX)).then(|| Withheld::Budget {
            principal: case.event.actor.principal().unwrap_or_default().to_owned(),
            reverts,
        })
    }

    /// Many reverts on one resource within an hour: each further one waits longer, and none is given up.
    fn pause(&self, case: &Case<'_>) -> Pause {
        let hour = SignedDuration::from_hours(1);
        let recent = || {
            self.on_resource
                .iter()
                .filter(|revert| case.now.duration_since(revert.at) < hour)
        };
        let (reverts, limit) = (recent().count(), case.settings.limits.attempts_per_resource_per_hour);
        let (Some(beyond), Some(last)) = (
            reverts.checked_sub(usize::try_from(limit).unwrap_or(usize::MAX)),
            recent().map(|revert| revert.at).max(),
        ) else {
            return Pause::None;
        };
        let doublings = u32::try_from(beyond).unwrap_or(u32::MAX).min(8);
        let pause = FIRST_PAUSE
            .saturating_mul(2_i32.saturating_pow(doublings))
            .min(LONGEST_PAUSE);
        let until = last.checked_add(pause).unwrap_or(Timestamp::MAX);
        if case.now < until {
            Pause::Until { reverts, until }
        } else {
            Pause::Over { reverts }
        }
    }
}
