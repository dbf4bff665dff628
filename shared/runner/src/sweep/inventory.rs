//! What is there, noted so that it still has a name once it is gone.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::facts::{Endpoint, Vpc};
use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::ledger::{About, NOTES_KEPT, Note, Says, SeenEndpoint};

use crate::ports::{Keep, KeepError};
use crate::scan::Scanner;

/// How long a note must still hold not to be written anew: sweeps then write each of them once a week.
const RENEWED: SignedDuration = SignedDuration::from_hours(8 * 24);

/// Notes the endpoints of a VPC, those apart whose notes still hold for long enough.
pub(super) async fn keep<A>(
    keep: &impl Keep,
    scanner: &Scanner<'_, A>,
    vpc: &Vpc,
    endpoints: &[Endpoint],
) -> Result<(), KeepError> {
    if endpoints.is_empty() {
        return Ok(());
    }
    let notes: BTreeMap<About, Note> = endpoints
        .iter()
        .map(|endpoint| note(scanner, vpc, endpoint))
        .map(|note| (note.about.clone(), note))
        .collect();
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

fn note<A>(scanner: &Scanner<'_, A>, vpc: &Vpc, endpoint: &Endpoint) -> Note {
    Note {
        about: About::Resource {
            account: scanner.account.clone(),
            region: scanner.region.clone(),
            id: endpoint.id.to_string(),
        },
        name: "inventory".to_owned(),
        until: scanner.now.checked_add(NOTES_KEPT).unwrap_or(scanner.now),
        says: Says::Endpoint(SeenEndpoint {
            vpc: vpc.id.clone(),
            service: endpoint.service.clone(),
        }),
    }
}
