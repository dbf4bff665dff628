//! One rule of a security group, in a form that people can write.

use guardrail_policy::id::{AccountId, PrefixListId, SecurityGroupId};
use guardrail_policy::network::{Cidr, Direction, Peer, Permission, Protocol, Traffic};
use serde::{Deserialize, Serialize};

/// A rule of a security group.
///
/// In a snapshot it names its protocol, its ports where it has any, and one of `cidr`, `prefix_list` and `group`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Rule {
    /// The direction it filters.
    pub direction: Direction,
    /// What it permits, as EC2 stores it.
    pub permission: Permission,
    /// Its description, for people.
    pub description: Option<String>,
}

impl Rule {
    /// An egress rule without a description.
    #[must_use]
    pub fn egress(permission: Permission) -> Self {
        Self {
            direction: Direction::Egress,
            permission,
            description: None,
        }
    }

    /// An ingress rule without a description.
    #[must_use]
    pub fn ingress(permission: Permission) -> Self {
        Self {
            direction: Direction::Ingress,
            permission,
            description: None,
        }
    }
}

/// A rule that does not say which peer it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rule is about one peer, and this one names {0}: give one of `cidr`, `prefix_list` and `group`")]
pub struct RuleError(usize);

/// A rule as it is written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    direction: Direction,
    protocol: Protocol,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cidr: Option<Cidr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix_list: Option<PrefixListId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<SecurityGroupId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

impl TryFrom<Written> for Rule {
    type Error = RuleError;

    fn try_from(written: Written) -> Result<Self, RuleError> {
        let Written {
            direction,
            protocol,
            from,
            to,
            cidr,
            prefix_list,
            group,
            account,
            description,
        } = written;
        let peer = match (cidr, prefix_list, group) {
            (Some(cidr), None, None) => Peer::Cidr(cidr),
            (None, Some(list), None) => Peer::PrefixList(list),
            (None, None, Some(id)) => Peer::Group { id, account },
            (cidr, list, group) => {
                return Err(RuleError(
                    [cidr.is_some(), list.is_some(), group.is_some()]
                        .into_iter()
                        .filter(|is| *is)
                        .count(),
                ));
            }
        };
        Ok(Self {
            direction,
            permission: Permission {
                traffic: Traffic::new(protocol, from, to),
                peer,
            },
            description,
        })
    }
}

impl From<Rule> for Written {
    fn from(rule: Rule) -> Self {
        let Rule {
            direction,
            permission: Permission { traffic, peer },
            description,
        } = rule;
        let has_ports = traffic.protocol != Protocol::All;
        let mut written = Self {
            direction,
            protocol: traffic.protocol,
            from: has_ports.then_some(traffic.ports.from),
            to: has_ports.then_some(traffic.ports.to),
            cidr: None,
            prefix_list: None,
            group: None,
            account: None,
            description,
        };
        match peer {
            Peer::Cidr(cidr) => written.cidr = Some(cidr),
            Peer::PrefixList(list) => written.prefix_list = Some(list),
            Peer::Group { id, account } => (written.group, written.account) = (Some(id), account),
        }
        written
    }
}
