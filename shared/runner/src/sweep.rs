//! The sweep: judges on a schedule what is there, for what no event told, and tells what is new since the last one.
//!
//! It goes area by area: what belongs to no VPC first, then VPC by VPC in the order of their ids. What it saw in an area is put
//! down before it goes on to the next one, so that a sweep that ran out of time goes on where it stopped, and a notice that
//! could not be sent is sent by the next sweep.
//! It changes nothing: no event brought in what it finds.

mod inventory;
mod position;
mod remember;
mod seen;
mod swept;
mod with_past;

use std::collections::BTreeMap;

use guardrail_policy::case::Case;
use guardrail_policy::event::Event;
use guardrail_policy::facts::{Unreadable, Vpc};
use guardrail_policy::finding::Finding;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{EntryKey, Lease};
use guardrail_policy::message;
use guardrail_policy::settings::{Mode, RuleName};

use crate::ports::{Answer, Claim, Clock, Keep, KeepError, Tell};
use crate::scan::{Area, AreaId, Judged, Scan, Scanner, Step};
pub use remember::{LONGEST_TEXT, Remember};
pub use swept::{End, Swept, ToldOf};
pub use with_past::WithPast;

use position::{Place, Position};
use seen::{News, Seen};

/// One account in one Region, to be swept.
#[derive(Debug)]
pub struct Sweeper<'a, A, T, K, C> {
    /// What is looked at, by which rules; its `answer` also answers for the ledger ([`WithPast`]).
    pub scanner: Scanner<'a, A>,
    /// Tells the security team.
    pub tell: &'a T,
    /// The ledger, and what sweeps saw.
    pub keep: &'a K,
    /// The clock.
    pub clock: &'a C,
}

/// What a sweep could not do without.
#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error(transparent)]
    Keep(#[from] KeepError),
    #[error("the VPCs could not be listed: `{}` was answered with `{}`", .0.action, .0.code)]
    Unlisted(Unreadable),
}

/// What came of one area.
struct Looked {
    area: AreaId,
    /// How many resources were judged.
    judged: usize,
    /// What was found in it, and by whom.
    seen: Seen,
    /// The findings, for those that are new to be told.
    findings: Vec<(RuleName, Finding)>,
    /// Whether the time ran out before all was judged.
    cut: bool,
}

impl<A: Answer, T: Tell, K: Keep + Remember, C: Clock> Sweeper<'_, A, T, K, C> {
    /// Sweeps, or goes on with a sweep that ran out of time, and begins nothing more at `until`.
    ///
    /// The lease keeps a second sweep of the same account and Region away; it must end after this one surely has.
    pub async fn sweep(&self, lease: &Lease, until: Timestamp) -> Swept {
        let scanner = &self.scanner;
        let mut swept = Swept::new(scanner);
        let key = EntryKey::of_sweep(&scanner.account, &scanner.region);
        match self.keep.claim(&key, lease, scanner.now).await {
            Ok(Claim::Held { .. }) => swept.end = End::InOtherHands,
            Ok(_) => {
                if let Err(error) = self.run(&mut swept, until).await {
                    swept.fail(&error.to_string());
                }
                if let Err(error) = self.keep.release(&key, lease).await {
                    tracing::warn!(%error, "the next sweep waits for this one's lease to end");
                }
            }
            Err(error) => swept.fail(&error.to_string()),
        }
        swept
    }

    async fn run(&self, swept: &mut Swept, until: Timestamp) -> Result<(), SweepError> {
        let place = Place::of(&self.scanner);
        let mut position = Position::read(self.keep, &place).await?.from(self.scanner.now);
        let mut scan = self.scanner.begin().await.map_err(SweepError::Unlisted)?;
        swept.begin(scan.there(), scan.selected(), &position);
        // Whoever takes the selecting tag away does not take the VPC out of sight at once.
        let lost = inventory::once_selected(self.keep, &self.scanner, scan.left_out()).await?;
        scan.look_at(|vpc| lost.contains(&vpc.id));
        scan.go_on_after(position.last.as_ref());
        while scan.waiting() > 0 {
            if self.clock.now() >= until {
                swept.end = End::OutOfTime;
                return Ok(());
            }
            let Some(looked) = self.look(&mut scan, swept, until).await else {
                break;
            };
            let area = looked.area.clone();
            if looked.cut && position.try_again(&area) {
                position.write(self.keep, &place).await?;
                swept.end = End::OutOfTime;
                return Ok(());
            }
            self.compare(&place, looked, swept).await?;
            position.go_on(area);
            position.write(self.keep, &place).await?;
        }
        position.end();
        position.write(self.keep, &place).await?;
        swept.end = End::Complete;
        Ok(())
    }

    /// Judges the next area, as far as the time allows.
    async fn look(&self, scan: &mut Scan<'_, '_, A>, swept: &mut Swept, until: Timestamp) -> Option<Looked> {
        let Step::Area { area, unlisted, .. } = scan.next().await? else {
            return None;
        };
        let mut seen = Seen::by(self.scanner.rules, self.scanner.now);
        let mut findings = Vec::new();
        let (mut judged, mut cut) = (0, false);
        for (kind, why) in unlisted {
            seen.lack_some();
            swept.unlisted(&area.id(), kind, &why);
        }
        if let Area::Vpc(vpc) = &area {
            self.keep_inventory(vpc, scan, swept).await;
        }
        while scan.left_in_area() > 0 {
            cut = self.clock.now() >= until;
            if cut {
                break;
            }
            if let Some(Step::Judged(some)) = scan.next().await {
                judged += some.len();
                for one in some {
                    findings.extend(take_in(&mut seen, swept, one));
                }
            }
        }
        Some(Looked {
            area: area.id(),
            judged,
            seen,
            findings,
            cut,
        })
    }

    /// Compares what is found in an area with what the last sweep found there, tells the difference, and puts it down.
    async fn compare(&self, place: &Place, looked: Looked, swept: &mut Swept) -> Result<(), SweepError> {
        let Looked {
            area,
            judged,
            mut seen,
            findings,
            cut,
        } = looked;
        let key = place.of_area(&area);
        let before = Seen::read(self.keep, &key).await?;
        if cut {
            seen.lack_some();
            swept.too_large(&area);
        }
        let News { new, gone } = seen.since(before.as_ref(), findings);
        swept.looked_at(&area, judged, seen.count(), before.is_none(), gone);
        for (rule, findings) in new {
            let untold = self.tell_of(&area, rule, findings, before.as_ref(), swept).await;
            seen.forget(&untold);
        }
        Ok(seen.write(self.keep, &key).await?)
    }

    /// Tells what is new in an area by one rule. Gives back what was not told: the next sweep finds it new again.
    async fn tell_of(
        &self,
        area: &AreaId,
        rule: RuleName,
        findings: Vec<Finding>,
        before: Option<&Seen>,
        swept: &mut Swept,
    ) -> Vec<Finding> {
        swept.new += findings.len();
        let scanner = &self.scanner;
        let event = Event::of_sweep(
            area.itself(&scanner.account),
            &seen::digest(&findings),
            scanner.account.clone(),
            scanner.region.clone(),
            scanner.now,
        );
        let case = Case {
            event: &event,
            ..scanner.case(&event)
        };
        if case.mode(rule).mode < Mode::Notify {
            return Vec::new();
        }
        let last = before.map(|before| before.at);
        let notice = message::of_sweep(&case, rule, findings.clone(), last);
        let Some(notice) = notice else { return Vec::new() };
        let sent = self.tell.tell(&notice).await;
        swept.told.push(ToldOf::new(area, &notice, sent.as_ref().err()));
        match sent {
            Ok(()) => Vec::new(),
            Err(_) => findings,
        }
    }

    async fn keep_inventory(&self, vpc: &Vpc, scan: &Scan<'_, '_, A>, swept: &mut Swept) {
        let kept = inventory::keep(self.keep, &self.scanner, vpc, &scan.endpoints(&vpc.id)).await;
        if let Err(error) = kept {
            swept.fail(&error.to_string());
        }
    }
}

/// Takes in what was judged of one resource.
fn take_in(seen: &mut Seen, swept: &mut Swept, judged: Judged) -> Vec<(RuleName, Finding)> {
    let subject = judged.subject().to_owned();
    let mut found = Vec::new();
    seen.judged(&subject);
    if judged.decision.verdicts.is_empty() {
        seen.undecided(&subject, None);
        swept.undecided += 1;
    }
    for verdict in judged.decision.verdicts {
        if verdict.is_undecided() {
            seen.undecided(&subject, Some(verdict.rule));
            swept.undecided += 1;
        }
        for finding in verdict.findings() {
            seen.add(&subject, finding);
            found.push((verdict.rule, finding.clone()));
        }
    }
    found
}

/// Findings by the rule that made them.
type ByRule = BTreeMap<RuleName, Vec<Finding>>;
