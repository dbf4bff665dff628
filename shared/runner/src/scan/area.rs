//! The areas of an account: what is looked at together, and whose findings are told together.

use std::fmt;

use guardrail_policy::event::{Subject, SubjectKind};
use guardrail_policy::facts::{Everywhere, GroupFilter, Question, Vpc};
use guardrail_policy::id::{AccountId, VpcId};
use serde::{Deserialize, Serialize};

/// A part of an account in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    /// What belongs to no VPC: the account's own settings, and its APIs.
    Account,
    /// A VPC with what is in it.
    Vpc(Vpc),
}

/// What an area is known by. The account comes before its VPCs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaId {
    /// What belongs to no VPC.
    Account,
    /// A VPC.
    Vpc(VpcId),
}

impl fmt::Display for AreaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account => f.write_str("the account"),
            Self::Vpc(id) => id.fmt(f),
        }
    }
}

impl AreaId {
    /// The VPC, if it is one.
    #[must_use]
    pub fn vpc(&self) -> Option<&VpcId> {
        match self {
            Self::Account => None,
            Self::Vpc(id) => Some(id),
        }
    }

    /// The area as something to look at, of this account.
    pub(crate) fn itself(&self, account: &AccountId) -> Subject {
        match self {
            Self::Account => Subject::Account(account.clone()),
            Self::Vpc(id) => Subject::Vpc(id.clone()),
        }
    }
}

impl Area {
    /// What it is known by.
    #[must_use]
    pub fn id(&self) -> AreaId {
        match self {
            Self::Account => AreaId::Account,
            Self::Vpc(vpc) => AreaId::Vpc(vpc.id.clone()),
        }
    }

    /// What must be listed to know the resources in it, by their kinds.
    pub(super) fn lists(&self) -> Vec<(SubjectKind, Question)> {
        match self {
            Self::Account => vec![
                (SubjectKind::RestApi, Question::RestApis(Everywhere)),
                (SubjectKind::HttpApi, Question::HttpApis(Everywhere)),
                (SubjectKind::GraphqlApi, Question::GraphqlApis(Everywhere)),
            ],
            Self::Vpc(vpc) => vec![
                (
                    SubjectKind::SecurityGroup,
                    Question::Groups(GroupFilter::Vpc(vpc.id.clone())),
                ),
                (SubjectKind::VpcEndpoint, Question::Endpoints(vpc.id.clone())),
            ],
        }
    }
}
