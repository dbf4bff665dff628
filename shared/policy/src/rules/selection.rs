//! Whether a VPC is one that must stay private: by its tags as they are now, or as the sweep remembers them.
//!
//! Selection fails closed: whoever takes the selecting tag away does not take the VPC out of sight at once. What was
//! selected is judged, and only told, for as long as the ledger's note of it holds.

use crate::brakes;
use crate::case::Case;
use crate::facts::{Facts, Stop, Tags, Vpc};
use crate::finding::Finding;
use crate::id::VpcId;
use crate::ledger::{Note, Says};
use crate::settings::Selection;

/// Whether a VPC is judged: the policy file selects it now, or did until its tags were changed.
pub(super) fn selects(case: &Case<'_>, facts: &Facts, vpc: &Vpc) -> Result<bool, Stop> {
    Ok(is_selected(case, vpc) || once_by(case, facts, &vpc.id)?.is_some())
}

fn is_selected(case: &Case<'_>, vpc: &Vpc) -> bool {
    case.settings.selects_vpc(case.account, &vpc.id, &vpc.tags)
}

/// The tags by which a VPC was selected at one of the last sweeps, where the policy file still selects by them. None where
/// there is no ledger; while it does not answer, it is not known whether the VPC is to be judged.
pub(super) fn once_by<'f>(case: &Case<'_>, facts: &'f Facts, vpc: &VpcId) -> Result<Option<&'f Tags>, Stop> {
    if case.remembers_nothing() || case.settings.scope.selection(case.account, vpc) != Selection::ByTags {
        return Ok(None);
    }
    let about = brakes::resource(case, vpc.to_string());
    let notes = facts.past(&[about.clone()].into())?;
    let was_selected = |note: &&Note| note.about == about && note.until > case.now;
    let by = notes.iter().filter(was_selected).find_map(|note| match &note.says {
        Says::Selected(selected) => Some(&selected.by),
        _ => None,
    });
    Ok(by.filter(|by| case.settings.scope.tag_entries().any(|entry| entry == *by)))
}

/// Whether a finding is about a VPC that is judged only since it was selected once.
pub(crate) fn is_remembered(case: &Case<'_>, facts: &Facts, finding: &Finding) -> bool {
    let itself = || finding.resource.id.parse().ok();
    let vpc: Option<VpcId> = finding.resource.vpc.clone().or_else(itself);
    let vpc = vpc.and_then(|vpc| facts.vpc(&vpc).ok());
    vpc.is_some_and(|vpc| {
        let by_tags = case.settings.scope.selection(case.account, &vpc.id) == Selection::ByTags;
        by_tags && !is_selected(case, vpc)
    })
}
