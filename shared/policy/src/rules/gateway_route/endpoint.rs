//! An endpoint that was made or changed.

use std::collections::BTreeSet;

use super::{missing, paid};
use crate::case::Case;
use crate::event::{EndpointChange, Members};
use crate::facts::{Endpoint, EndpointKind, Facts, Question, Stop, Unknown, all};
use crate::finding::{Cause, Finding};
use crate::id::{RouteTableId, VpcEndpointId, VpcId};
use crate::rules::endpoint::{made_in, resource};
use crate::rules::network::{self, Network, Seen};
use crate::rules::served::{Looked, Subnets, judged};
use crate::rules::{Judgement, PassedBecause};
use crate::service;

/// A new endpoint: a gateway on too few tables, or an interface in place of a gateway.
pub(super) fn made(
    case: &Case<'_>,
    facts: &Facts,
    id: &VpcEndpointId,
    vpc: Option<&VpcId>,
    service: Option<&str>,
) -> Result<Judgement, Stop> {
    let may_have_gateway = |service: &str| service::short_name(service).is_some_and(service::has_gateway);
    let vpc = match made_in(case, facts, id, (vpc, service), may_have_gateway)? {
        Ok(vpc) => vpc,
        Err(why) => return Ok(Judgement::passed(resource(id, service, vpc), why)),
    };
    judge(case, facts, id, vpc, |network, endpoint| match endpoint.kind {
        EndpointKind::Gateway => {
            let looked = Looked { subnets: Subnets::All, cause: Cause::ThisEvent };
            missing::findings(case, facts, network, &looked, Some(endpoint))
        }
        EndpointKind::Interface => {
            Ok(paid::finding(case, facts, network, endpoint, Cause::ThisEvent)?.into_iter().collect())
        }
        EndpointKind::Other => Ok(Vec::new()),
    })
}

/// A gateway that was taken from tables, or put on some but not all; an interface that is in more zones from now on.
pub(super) fn changed(case: &Case<'_>, facts: &Facts, change: &EndpointChange) -> Result<Judgement, Stop> {
    let id = &change.endpoint;
    let passed = |why| Ok(Judgement::passed(resource(id, None, None), why));
    if change.route_tables.is_empty() && change.subnets.added.is_empty() {
        return passed(PassedBecause::NotTouched);
    }
    let details = match facts.endpoint(id) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        details => details?,
    };
    judge(case, facts, id, &details.vpc, |network, endpoint| match endpoint.kind {
        EndpointKind::Gateway => {
            settled(facts, network, endpoint, &change.route_tables)?;
            let removed: BTreeSet<RouteTableId> = change.route_tables.removed.iter().cloned().collect();
            let own = Looked { subnets: Subnets::Of(removed.clone()), cause: Cause::ThisEvent };
            let others = Looked { subnets: Subnets::NotOf(removed), cause: Cause::Standing };
            let each = [own, others].map(|looked| missing::findings(case, facts, network, &looked, Some(endpoint)));
            Ok(all(each)?.concat())
        }
        EndpointKind::Interface => {
            Ok(paid::finding(case, facts, network, endpoint, Cause::Standing)?.into_iter().collect())
        }
        EndpointKind::Other => Ok(Vec::new()),
    })
}

/// Tables of the endpoint that are not as the call left them contradict it, and are believed only when they were read so
/// twice.
fn settled(
    facts: &Facts,
    network: &Network<'_>,
    endpoint: &Endpoint,
    tables: &Members<RouteTableId>,
) -> Result<(), Stop> {
    let is_on = |table: &RouteTableId| endpoint.route_tables.contains(table);
    if tables.added.iter().all(is_on) && !tables.removed.iter().any(is_on) {
        return Ok(());
    }
    facts.settled(Question::Endpoints(network.vpc.id.clone()))
}

/// Judges an endpoint of a VPC that the policy file selects.
fn judge<'f>(
    case: &Case<'_>,
    facts: &'f Facts,
    id: &VpcEndpointId,
    vpc: &VpcId,
    findings: impl FnOnce(&Network<'f>, &'f Endpoint) -> Result<Vec<Finding>, Stop>,
) -> Result<Judgement, Stop> {
    let passed = |service: Option<&str>, why| Ok(Judgement::passed(resource(id, service, Some(vpc)), why));
    let network = match network::seen(case, facts, vpc)? {
        Seen::Is(network) => network,
        Seen::Passed(why) => return passed(None, why),
    };
    let Some(endpoint) = network.endpoints.iter().find(|endpoint| endpoint.id == *id) else {
        facts.settled(Question::Endpoints(vpc.clone()))?;
        return passed(None, PassedBecause::AlreadyGone);
    };
    if !network::is_there(endpoint) {
        return passed(Some(&endpoint.service), PassedBecause::AlreadyGone);
    }
    Ok(judged(findings(&network, endpoint)?, resource(id, Some(&endpoint.service), Some(vpc))))
}
