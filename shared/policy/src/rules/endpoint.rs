//! What the rules about single endpoints have in common: the endpoint as a resource, and the way to it.

use super::{Judgement, PassedBecause, selection};
use crate::case::Case;
use crate::facts::{EndpointDetails, EndpointState, Facts, Stop, Unknown, Vpc};
use crate::finding::Resource;
use crate::id::{VpcEndpointId, VpcId};
use crate::ledger::{About, Says, SeenEndpoint};
use crate::settings::Selection;

/// An endpoint as a resource, for people.
pub(super) fn resource(endpoint: &VpcEndpointId, service: Option<&str>, vpc: Option<&VpcId>) -> Resource {
    Resource {
        kind: "VPC endpoint".to_owned(),
        id: endpoint.to_string(),
        name: service.map(ToOwned::to_owned),
        vpc: vpc.cloned(),
    }
}

/// The VPC of an endpoint that was made, of which the service alone may say that the rule has nothing to look at; else why
/// it needs no look. A service never changes: what the event says of it is so.
pub(super) fn made_in<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    endpoint: &VpcEndpointId,
    (vpc, service): (Option<&'f VpcId>, Option<&str>),
    may_matter: impl Fn(&str) -> bool,
) -> Result<Result<&'f VpcId, PassedBecause>, Stop> {
    if vpc.is_some_and(|vpc| case.settings.scope.selection(case.account, vpc) == Selection::NotSelected) {
        return Ok(Err(PassedBecause::NotSelected));
    }
    if service.is_some_and(|service| !may_matter(service)) {
        return Ok(Err(PassedBecause::NotTouched));
    }
    match (vpc, facts.endpoint(endpoint)) {
        (Some(vpc), _) => Ok(Ok(vpc)),
        (None, Err(Stop::Unknown { why: Unknown::Gone, .. })) => Ok(Err(PassedBecause::AlreadyGone)),
        (None, details) => Ok(Ok(&details?.vpc)),
    }
}

/// What the last sweep noted of an endpoint that AWS does not show any more, where there is a ledger and it answers.
pub(super) fn noted<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    endpoint: &VpcEndpointId,
) -> Result<Option<&'f SeenEndpoint>, Stop> {
    if !case.has_ledger() {
        return Ok(None);
    }
    let about = About::Resource {
        account: case.account.clone(),
        region: case.event.region.clone(),
        id: endpoint.to_string(),
    };
    let notes = match facts.past(&[about].into()) {
        Err(Stop::Unknown { .. }) => return Ok(None),
        notes => notes?,
    };
    Ok(notes.iter().find_map(|note| match &note.says {
        Says::Endpoint(seen) => Some(seen),
        _ => None,
    }))
}

/// What a look at an endpoint comes to.
#[derive(Debug)]
pub(super) enum Looked<'f> {
    /// It is there, in a VPC that the policy file selects.
    At(&'f EndpointDetails, &'f Vpc),
    /// It needs no look, or is not there any more.
    Passed(Judgement),
}

/// Looks at an endpoint; where the call names its VPC, at both in one round.
pub(super) fn look<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    endpoint: &VpcEndpointId,
    vpc: Option<&VpcId>,
) -> Result<Looked<'f>, Stop> {
    let left_out = |vpc: &VpcId| case.settings.scope.selection(case.account, vpc) == Selection::NotSelected;
    let passed = |why| Ok(Looked::Passed(Judgement::passed(resource(endpoint, None, vpc), why)));
    if vpc.is_some_and(left_out) {
        return passed(PassedBecause::NotSelected);
    }
    let details = match facts.endpoint(endpoint) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        Err(stop) => {
            return Err(vpc
                .and_then(|vpc| facts.vpc(vpc).err())
                .map_or(stop.clone(), |other| stop.join(other)));
        }
        Ok(details) if left_out(&details.vpc) => return passed(PassedBecause::NotSelected),
        Ok(details) => details,
    };
    let found = facts.vpc(&details.vpc)?;
    let named = |why| {
        let resource = resource(endpoint, Some(&details.endpoint.service), Some(&details.vpc));
        Ok(Looked::Passed(Judgement::passed(resource, why)))
    };
    if !selection::selects(case, facts, found)? {
        return named(PassedBecause::NotSelected);
    }
    if details.endpoint.state == EndpointState::Deleted {
        return named(PassedBecause::AlreadyGone);
    }
    Ok(Looked::At(details, found))
}
