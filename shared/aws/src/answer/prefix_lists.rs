//! Managed prefix lists and what they hold.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use aws_sdk_ec2::types::{ManagedPrefixList as Raw, PrefixListEntry};
use futures::future::join_all;
use guardrail_policy::facts::{AddressFamily, Answered, Everywhere, Fact, ListOwner, PrefixList};
use guardrail_policy::id::PrefixListId;
use guardrail_policy::network::Cidr;
use guardrail_policy::ordered;

use super::Ec2;
use super::parse::{missing, parsed, required};
use crate::failure::{Failure, Unparsable};
use crate::needs::{DESCRIBE_PREFIX_LISTS, GET_ENTRIES};

/// The most lists or entries that a page holds (API model of both calls).
const PAGE: i32 = 100;

/// How long the lists of a Region are remembered.
///
/// A list keeps its name, owner and family for life, and what it holds is always read live. Only how many entries a
/// customer's list may hold can change meanwhile: then EC2 refuses rules that do not fit, and nothing is revoked for them.
/// A list that is too new to be remembered is judged by its entries.
const REMEMBERED_FOR: Duration = Duration::from_secs(600);

/// The lists of the Region, as they were read last.
pub(super) type Memory = Mutex<Option<(Instant, Vec<PrefixList>)>>;

/// Every list of the Region that the account sees: its own, AWS's, and those shared with it.
pub(super) async fn read(ec2: &Ec2) -> Vec<Answered> {
    if let Some(lists) = remembered(&ec2.lists) {
        return vec![Answered::PrefixLists(Everywhere, Fact::Is(lists))];
    }
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_managed_prefix_lists();
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.prefix_lists, reply.next_token))
    };
    let described = ec2.pages(DESCRIBE_PREFIX_LISTS, page).await;
    let fact: Result<Vec<PrefixList>, _> =
        described.and_then(|lists: Vec<Raw>| all(DESCRIBE_PREFIX_LISTS, lists.iter().map(parse)));
    if let (Ok(lists), Ok(mut memory)) = (&fact, ec2.lists.lock()) {
        *memory = Some((Instant::now(), lists.clone()));
    }
    vec![Answered::PrefixLists(
        Everywhere,
        fact.map_or_else(Fact::from, Fact::Is),
    )]
}

fn remembered(memory: &Memory) -> Option<Vec<PrefixList>> {
    let memory = memory.lock().ok()?;
    let (at, lists) = memory.as_ref()?;
    (at.elapsed() < REMEMBERED_FOR).then(|| lists.clone())
}

/// The entries of each list; EC2 gives them one list to a call.
pub(super) async fn entries(ec2: &Ec2, lists: BTreeSet<PrefixListId>) -> Vec<Answered> {
    join_all(lists.into_iter().map(async |list| {
        let fact = entries_of(ec2, &list).await.map_or_else(Fact::from, Fact::Is);
        Answered::Entries(list, fact)
    }))
    .await
}

async fn entries_of(ec2: &Ec2, list: &PrefixListId) -> Result<BTreeSet<Cidr>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2
            .client
            .get_managed_prefix_list_entries()
            .prefix_list_id(list.as_str());
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.entries, reply.next_token))
    };
    let entries: Vec<PrefixListEntry> = ec2.pages(GET_ENTRIES, page).await?;
    let blocks = entries.iter().map(|entry| required("cidr", entry.cidr()));
    ordered::try_set(blocks).map_err(|what| Failure::unparsable(GET_ENTRIES, &what))
}

/// All of them, or none: one that cannot be read makes the list unreadable.
fn all<T, C: FromIterator<T>>(
    action: &'static str,
    parsed: impl Iterator<Item = Result<T, Unparsable>>,
) -> Result<C, Failure> {
    parsed
        .collect::<Result<C, _>>()
        .map_err(|what| Failure::unparsable(action, &what))
}

fn parse(raw: &Raw) -> Result<PrefixList, Unparsable> {
    Ok(PrefixList {
        id: required("prefixListId", raw.prefix_list_id())?,
        name: raw
            .prefix_list_name()
            .ok_or_else(|| missing("prefixListName"))?
            .to_owned(),
        owner: owner(raw.owner_id().ok_or_else(|| missing("ownerId"))?)?,
        family: family(raw.address_family().ok_or_else(|| missing("addressFamily"))?)?,
        max_entries: raw.max_entries().map(count).transpose()?,
    })
}

fn owner(text: &str) -> Result<ListOwner, Unparsable> {
    if text == "AWS" {
        Ok(ListOwner::Aws)
    } else {
        parsed("ownerId", text).map(ListOwner::Account)
    }
}

fn family(text: &str) -> Result<AddressFamily, Unparsable> {
    match text {
        "IPv4" => Ok(AddressFamily::Ipv4),
        "IPv6" => Ok(AddressFamily::Ipv6),
        other => Err(Unparsable(format!("the address family `{other}` is not known"))),
    }
}

fn count(entries: i32) -> Result<u32, Unparsable> {
    entries
        .try_into()
        .map_err(|_| Unparsable(format!("`{entries}` is no number of entries")))
}
