//! What is offered of the services that endpoints can lead to, by their full names.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::ServiceDetail as Raw;
use guardrail_policy::facts::{Answered, EndpointKind, EndpointService, Fact, ServiceOffer};
use guardrail_policy::ordered;

use super::batch::{Batch, list_or_gone};
use super::endpoints::kind_named;
use super::parse::{missing, present, required};
use super::{Ec2, filter};
use crate::failure::{Failure, Unparsable};
use crate::needs::DESCRIBE_ENDPOINT_SERVICES as ACTION;

/// The most services that a page holds (API reference of `DescribeVpcEndpointServices`).
const PAGE: i32 = 1000;

/// The services with these names. By name, AWS refuses a call that names one which is not offered; a filter matches nothing.
pub(super) async fn read(ec2: &Ec2, names: BTreeSet<String>) -> Vec<Answered> {
    let batch = Batch {
        action: ACTION,
        describe: async |names: Vec<String>| describe(ec2, &names).await,
        keys_of: |raw: &Raw| Ok(vec![required("serviceName", raw.service_name())?]),
        parse,
    };
    let found = batch.read(names).await.into_iter();
    found
        .map(|(name, offers)| Answered::EndpointService(name, together(list_or_gone(offers))))
        .collect()
}

async fn describe(ec2: &Ec2, names: &[String]) -> Result<Vec<Raw>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_vpc_endpoint_services();
        let call = call.filters(filter("service-name", names));
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.service_details, reply.next_token))
    };
    ec2.pages(ACTION, page).await
}

/// What is offered under one name: S3 is listed once as a gateway and once for interfaces.
fn together(offers: Fact<Vec<EndpointService>>) -> Fact<EndpointService> {
    match offers {
        Fact::Is(offers) => Fact::Is(ordered::map(offers.into_iter().flatten())),
        Fact::Gone => Fact::Gone,
        Fact::NotYet => Fact::NotYet,
        Fact::Unreadable(why) => Fact::Unreadable(why),
    }
}

fn parse(raw: &Raw) -> Result<EndpointService, Unparsable> {
    let offer = ServiceOffer {
        policy: raw.vpc_endpoint_policy_supported(),
        private_names: private_names(raw),
        manages_endpoints: raw.manages_vpc_endpoints().unwrap_or_default(),
    };
    let types = raw.service_type().iter();
    let kinds = types.map(|kind| kind.service_type().ok_or_else(|| missing("serviceType")));
    let kinds: BTreeSet<EndpointKind> = ordered::try_set(kinds.map(|kind| Ok(kind_named(Some(kind?.as_str())))))?;
    Ok(kinds.into_iter().map(|kind| (kind, offer.clone())).collect())
}

/// The names of the list; the single one is the older form of it.
fn private_names(raw: &Raw) -> BTreeSet<String> {
    let listed = raw.private_dns_names().iter().map(|name| name.private_dns_name());
    let names = listed.chain([raw.private_dns_name()]);
    ordered::set(names.filter_map(present).map(ToOwned::to_owned))
}
