//! Which VPCs, subnets and accounts are judged at all.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::network::read_tags;
use super::node::Node;
use super::reading::{Read, Reading};
use crate::id::{AccountId, SubnetId, VpcId};

/// What must stay private.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Scope {
    /// Which VPCs must stay private; a VPC that any entry matches is judged, and no other.
    #[schemars(default)]
    pub private_vpcs: Vec<VpcSelector>,
    /// Subnets of those VPCs that may be public: a load balancer tier, say.
    #[schemars(default)]
    pub exclude_subnets: BTreeSet<SubnetId>,
    /// Accounts whose APIs and Block Public Access settings are judged: these have no VPC to go by.
    #[schemars(default)]
    pub private_accounts: BTreeSet<AccountId>,
}

/// One entry of `scope.private_vpcs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VpcSelector {
    /// The VPCs that carry all these tags, with exactly these values.
    Tags(#[schemars(extend("minProperties" = 1))] BTreeMap<String, String>),
    /// One VPC.
    Id(VpcId),
    /// Every VPC of an account, some excepted.
    #[serde(untagged)]
    #[schemars(extend("additionalProperties" = false))]
    Account {
        /// The account.
        account: AccountId,
        /// Its VPCs that this entry does not match.
        #[schemars(default)]
        all_except: BTreeSet<VpcId>,
    },
}

/// What is known about a VPC's selection before its tags have been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// An entry matches by id or by account, whatever the tags are.
    Selected,
    /// No entry can match, whatever the tags are.
    NotSelected,
    /// It depends on the VPC's tags.
    ByTags,
}

impl Scope {
    /// Whether any entry matches this VPC, whose tags have been read.
    #[must_use]
    pub fn selects_vpc(&self, account: &AccountId, vpc: &VpcId, tags: &BTreeMap<String, String>) -> bool {
        let untagged = || {
            self.private_vpcs
                .iter()
                .any(|selector| selector.matches_untagged(account, vpc))
        };
        self.selecting_tags(tags).is_some() || untagged()
    }

    /// The tags that entries ask for, entry by entry.
    pub fn tag_entries(&self) -> impl Iterator<Item = &BTreeMap<String, String>> {
        self.private_vpcs.iter().filter_map(|selector| match selector {
            VpcSelector::Tags(wanted) => Some(wanted),
            VpcSelector::Id(_) | VpcSelector::Account { .. } => None,
        })
    }

    /// The tags that the first matching entry asks for, of a VPC that carries these.
    #[must_use]
    pub fn selecting_tags(&self, carried: &BTreeMap<String, String>) -> Option<&BTreeMap<String, String>> {
        let carries =
            |wanted: &&BTreeMap<String, String>| wanted.iter().all(|(key, value)| carried.get(key) == Some(value));
        self.tag_entries().find(carries)
    }

    /// Whether the APIs and the Block Public Access settings of this account are judged.
    #[must_use]
    pub fn selects_account(&self, account: &AccountId) -> bool {
        self.private_accounts.contains(account)
    }

    /// What can be said about this VPC without reading its tags.
    #[must_use]
    pub fn selection(&self, account: &AccountId, vpc: &VpcId) -> Selection {
        if self
            .private_vpcs
            .iter()
            .any(|selector| selector.matches_untagged(account, vpc))
        {
            Selection::Selected
        } else if self
            .private_vpcs
            .iter()
            .any(|selector| matches!(selector, VpcSelector::Tags(_)))
        {
            Selection::ByTags
        } else {
            Selection::NotSelected
        }
    }
}

impl VpcSelector {
    fn matches_untagged(&self, account: &AccountId, vpc: &VpcId) -> bool {
        match self {
            Self::Tags(_) => false,
            Self::Id(id) => id == vpc,
            Self::Account {
                account: selected,
                all_except,
            } => selected == account && !all_except.contains(vpc),
        }
    }
}

impl Read for Scope {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let mut keys = reading.mapping(node)?;
        let scope = Self {
            private_vpcs: keys.or_default("private_vpcs"),
            exclude_subnets: keys.or_default("exclude_subnets"),
            private_accounts: keys.or_default("private_accounts"),
        };
        keys.finish();
        Some(scope)
    }
}

impl Read for VpcSelector {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let mut keys = reading.mapping(node)?;
        let [tags, id, account, all_except] = ["tags", "id", "account", "all_except"].map(|key| keys.node(key));
        let reading = &mut *keys.reading;
        let selector = match (tags, id, account) {
            (Some(tags), None, None) => read_tags(tags, reading).map(Self::Tags),
            (None, Some(id), None) => VpcId::read(id, reading).map(Self::Id),
            (None, None, Some(account)) => {
                let all_except = all_except
                    .and_then(|vpcs| Read::read(vpcs, reading))
                    .unwrap_or_default();
                AccountId::read(account, reading).map(|account| Self::Account { account, all_except })
            }
            (None, None, None) => {
                reading.problem(
                    &node.span,
                    "nothing says which VPCs are meant",
                    "write one of `tags`, `id` and `account`",
                );
                None
            }
            _ => {
                let message = "an entry selects by one thing, and this one gives several";
                reading.problem(
                    &node.span,
                    message,
                    "keep one of `tags`, `id` and `account`; any entry may match",
                );
                None
            }
        };
        if let (Some(vpcs), None) = (all_except, account) {
            reading.problem(
                &vpcs.span,
                "`all_except` excepts VPCs of an account",
                "give the `account` in the same entry",
            );
        }
        keys.finish();
        selector
    }
}
