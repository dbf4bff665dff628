//! The word before an exemption ends: to its owner, while there is time.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::{Body, Ids, Notice, body_of, hex};
use crate::brakes;
use crate::case::Case;
use crate::decide::{Exempt, Verdict};
use crate::finding::Severity;
use crate::ledger::{Note, Says};
use crate::plan::Treatment;

/// For how long the same is not told again.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is remembered once the notice was sent.
pub(crate) fn reminder(case: &Case<'_>, exempt: &Exempt) -> Note {
    Note {
        about: brakes::resource(case, exempt.finding.resource.id.clone()),
        name: format!("told {}", notice_id(exempt)),
        until: case.now.checked_add(AGAIN_AFTER).unwrap_or(Timestamp::MAX),
        says: Says::Told,
    }
}

/// The notice that an exemption is in use and ends soon.
pub(crate) fn exemption_ends(case: &Case<'_>, verdict: &Verdict, exempt: &Exempt) -> Notice {
    let finding = &exempt.finding;
    let days = match exempt.ends_in_days(case.now) {
        Some(0) => "today".to_owned(),
        Some(1) => "in 1 day".to_owned(),
        days => format!("in {} days", days.unwrap_or_default()),
    };
    let ids = Ids::of(case, notice_id(exempt));
    let text = text(case, exempt, &days, &ids);
    let subject = format!(
        "[info] {}: exemption of {} ends {days}",
        finding.rule, finding.resource.id
    );
    let body = Body {
        findings: vec![finding.into()],
        ..body_of(case, verdict, &ids, Severity::Info, &text)
    };
    let json = serde_json::to_string(&body).unwrap_or_default();
    Notice {
        notice_id: ids.notice,
        rule: finding.rule,
        severity: Severity::Info,
        account: case.account.clone(),
        region: case.event.region.clone(),
        mode: verdict.mode.mode,
        subject,
        text,
        json,
    }
}

/// The same for every event until the exemption is given another end.
fn notice_id(exempt: &Exempt) -> String {
    let Exempt { finding, until, .. } = exempt;
    let parts = [finding.rule.as_str(), &finding.resource.id, &until.to_string()];
    format!("notice-{}", hex(&parts))
}

fn text(case: &Case<'_>, exempt: &Exempt, days: &str, ids: &Ids) -> String {
    let Exempt {
        finding,
        owner,
        reason,
        until,
    } = exempt;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "INFO {}: an exemption that is in use ends {days}.\n",
        finding.rule
    );
    let _ = writeln!(
        text,
        "  What     {}, which the exemption allows {until}",
        finding.summary
    );
    let _ = writeln!(
        text,
        "  Where    {}, account {}, {}",
        finding.resource, case.account, case.event.region
    );
    let _ = writeln!(text, "  Owner    {owner}: {reason}\n");
    let after = match &finding.treatment {
        Treatment::Automatic(_) => "in mode revert a change like this is taken back",
        Treatment::Proposal(_) | Treatment::Withheld { .. } | Treatment::Told(_) => "it is told again",
    };
    let _ = writeln!(text, "After that, {after}.");
    let _ = writeln!(
        text,
        "Close what is open by then, or agree on a new end and set `until` in the policy file, under exemptions.\n"
    );
    let _ = writeln!(
        text,
        "Event {}, {}, policy {}.",
        case.event.id,
        ids.record,
        case.settings.digest.short()
    );
    text
}
