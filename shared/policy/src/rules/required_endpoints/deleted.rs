//! Endpoints that were deleted: of which VPC and service, as long as AWS still says.

use std::collections::{BTreeMap, BTreeSet};

use super::vpc::{self, Asked, is_there};
use crate::case::Case;
use crate::facts::{Everywhere, Facts, Question, Stop, Unknown, Vpc, all, both};
use crate::finding::Finding;
use crate::id::{VpcEndpointId, VpcId};
use crate::rules::endpoint::{noted, resource};
use crate::rules::{Judgement, PassedBecause};
use crate::service;

/// What AWS still says of deleted endpoints.
#[derive(Debug, Default)]
struct Left {
    /// The services, by short name, of those that are still listed, by VPC.
    services: BTreeMap<VpcId, BTreeSet<String>>,
    /// Those of which nothing is known any more.
    unknown: Vec<VpcEndpointId>,
}

/// Judges what is missing for those that were deleted; those that AWS kept are let pass.
pub(super) fn judge(
    case: &Case<'_>,
    facts: &Facts,
    deleted: &[&VpcEndpointId],
    kept: &[&VpcEndpointId],
) -> Result<Judgement, Stop> {
    let (mut left, mut still_there) = (Left::default(), Vec::new());
    for (id, seen) in deleted.iter().zip(all(deleted.iter().map(|id| look(case, facts, id)))?) {
        match seen {
            Seen::Deleted(vpc, service) => left.services.entry(vpc).or_default().extend(service),
            Seen::Unknown => left.unknown.push((*id).clone()),
            Seen::StillThere => still_there.push(*id),
        }
    }
    let known = left.services.iter();
    let known = known.map(|(id, services)| vpc::judge(case, facts, id, &Asked::Deleted(services.clone())));
    let others = if left.unknown.is_empty() { Ok(None) } else { everywhere(case, facts, &left).map(Some) };
    let (known, others) = both(all(known), others)?;
    let mut judgement = Judgement::default();
    for one in known {
        judgement.extend(one);
    }
    match others {
        None => {}
        Some(found) if found.is_empty() => {
            for id in &left.unknown {
                judgement.extend(Judgement::passed(resource(id, None, None), PassedBecause::Clean));
            }
        }
        Some(found) => judgement.findings.extend(found),
    }
    for id in still_there.iter().chain(kept) {
        judgement.extend(Judgement::passed(resource(id, None, None), PassedBecause::NotTouched));
    }
    Ok(judgement)
}

enum Seen {
    Deleted(VpcId, Option<String>),
    Unknown,
    StillThere,
}

/// An endpoint that is not shown is gone, however soon after the call: only what was made may not be shown yet. That one is
/// shown as if it had not been deleted contradicts the call.
fn look(case: &Case<'_>, facts: &Facts, id: &VpcEndpointId) -> Result<Seen, Stop> {
    let details = match facts.endpoint(id) {
        Err(Stop::Unknown { why: Unknown::Gone | Unknown::NotYet, .. }) => {
            let noted = noted(case, facts, id)?;
            return Ok(noted.map_or(Seen::Unknown, |seen| of(&seen.vpc, &seen.service)));
        }
        details => details?,
    };
    if is_there(&details.endpoint) {
        facts.settled(Question::Endpoint(id.clone()))?;
        return Ok(Seen::StillThere);
    }
    Ok(of(&details.vpc, &details.endpoint.service))
}

fn of(vpc: &VpcId, service: &str) -> Seen {
    Seen::Deleted(vpc.clone(), service::short_name(service).map(ToOwned::to_owned))
}

/// Every other VPC that the policy file selects, as it stands: nothing says which of them lost an endpoint.
fn everywhere(case: &Case<'_>, facts: &Facts, left: &Left) -> Result<Vec<Finding>, Stop> {
    let selected = |vpc: &&Vpc| vpc.owner == *case.account && case.settings.selects_vpc(case.account, &vpc.id, &vpc.tags);
    let others = facts.vpcs(&Everywhere)?.iter().filter(selected).filter(|vpc| !left.services.contains_key(&vpc.id));
    let found = others.map(|vpc| vpc::findings(case, facts, vpc, facts.endpoints(&vpc.id)?, &Asked::Standing));
    let mut found = all(found)?.concat();
    let ids: Vec<&str> = left.unknown.iter().map(VpcEndpointId::as_str).collect();
    for finding in &mut found {
        finding.context.push(format!(
            "{} was deleted, and nothing says any more of which VPC and service it was: it may have been this one's",
            ids.join(", ")
        ));
    }
    Ok(found)
}
