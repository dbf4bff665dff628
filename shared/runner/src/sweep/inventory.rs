//! What is there, noted so that it still has a name once it is gone, and which VPCs are selected by their tags.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::facts::{Endpoint, Tags, Vpc};
use guardrail_policy::id::VpcId;
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::ledger::{About, NOTES_KEPT, Note, Says, SeenEndpoint, SelectedVpc};
use guardrail_policy::settings::Selection;

use crate::ports::{Keep, KeepError};
use crate::scan::Scanner;

/// How long a note must still hold not to be written anew: sweeps then write each of them once a week.
const RENEWED: SignedDuration = SignedDuration::from_hours(8 * 24);

/// Notes a VPC and its endpoints, those apart whose notes still hold for long enough. What a VPC was selected by is noted
/// while it is: once it is not, the note of it runs out.
pub(super) async fn keep<A>(
    keep: &impl Keep,
    scanner: &Scanner<'_, A>,
    vpc: &Vpc,
    endpoints: &[Endpoint],
) -> Result<(), KeepError> {
    let endpoints = endpoints.iter().map(|endpoint| {
        let service = endpoint.service.clone();
        let vpc = vpc.id.clone();
        note(
            scanner,
            endpoint.id.as_str(),
            Says::Endpoint(SeenEndpoint { vpc, service }),
        )
    });
    let selected = selected_by(scanner, vpc).map(|by| {
        let by = by.clone();
        note(scanner, vpc.id.as_str(), Says::Selected(SelectedVpc { by }))
    });
    let notes = endpoints.chain(selected).map(|note| (note.about.clone(), note));
    let notes: BTreeMap<About, Note> = notes.collect();
    if notes.is_empty() {
        return Ok(());
    }
    let abouts: BTreeSet<About> = notes.keys().cloned().collect();
    let known = keep.recall(&abouts, scanner.now).await?;
    let stays = |note: &Note| {
        known.iter().any(|known| {
            (&known.about, &known.name, &known.says) == (&note.about, &note.name, &note.says)
                && known.until.duration_since(scanner.now) > RENEWED
        })
    };
    let missing: Vec<Note> = notes.into_values().filter(|note| !stays(note)).collect();
    keep.note(&missing).await
}

/// The tags of the entry that selects a VPC, where only tags do.
fn selected_by<'a, A>(scanner: &Scanner<'a, A>, vpc: &Vpc) -> Option<&'a Tags> {
    let scope = &scanner.settings.scope;
    let is_by_tags = scope.selection(&scanner.account, &vpc.id) == Selection::ByTags;
    scope.selecting_tags(&vpc.tags).filter(|_| is_by_tags)
}

/// Which of these VPCs were selected by their tags at an earlier sweep, whose note of it still holds.
pub(super) async fn once_selected<A>(
    keep: &impl Keep,
    scanner: &Scanner<'_, A>,
    vpcs: &[Vpc],
) -> Result<BTreeSet<VpcId>, KeepError> {
    let scope = &scanner.settings.scope;
    let by_tags = |vpc: &&Vpc| scope.selection(&scanner.account, &vpc.id) == Selection::ByTags;
    let vpcs: Vec<&Vpc> = vpcs.iter().filter(by_tags).collect();
    if vpcs.is_empty() {
        return Ok(BTreeSet::new());
    }
    let abouts: BTreeSet<About> = vpcs.iter().map(|vpc| about(scanner, vpc.id.as_str())).collect();
    let notes = keep.recall(&abouts, scanner.now).await?;
    let was_selected = |vpc: &&&Vpc| {
        let about = about(scanner, vpc.id.as_str());
        let mut own = notes.iter().filter(|note| note.about == about);
        own.any(|note| matches!(&note.says, Says::Selected(was) if scope.tag_entries().any(|entry| *entry == was.by)))
    };
    Ok(vpcs.iter().filter(was_selected).map(|vpc| vpc.id.clone()).collect())
}

fn about<A>(scanner: &Scanner<'_, A>, id: &str) -> About {
    About::Resource {
        account: scanner.account.clone(),
        region: scanner.region.clone(),
        id: id.to_owned(),
    }
}

fn note<A>(scanner: &Scanner<'_, A>, id: &str, says: Says) -> Note {
    Note {
        about: about(scanner, id),
        name: "inventory".to_owned(),
        until: scanner.now.checked_add(NOTES_KEPT).unwrap_or(scanner.now),
        says,
    }
}
