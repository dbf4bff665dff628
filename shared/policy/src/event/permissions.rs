//! The forms in which requests and responses write what a security-group rule permits.

use crate::event::EventError;
use crate::event::lenient::Node;
use crate::event::security_group::{ChangedRule, EventRule};
use crate::id::SecurityGroupId;
use crate::network::{Direction, Peer, Permission, Protocol, Traffic};

/// What a request asks for, flattened.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// One for each CIDR, prefix list or group.
    pub(super) permissions: Vec<Permission>,
    /// Groups that are referred to by name alone.
    pub(super) named_peers: Vec<String>,
}

/// Reads the permissions of an Authorize or Revoke request: the nested form and the flat legacy one, which may stand side by side.
pub(super) fn asked(request: &Node<'_>) -> Result<Asked, EventError> {
    let mut asked = Asked::default();
    for item in request.any(&["ipPermissions", "ipPermission"]).items() {
        asked.add_nested(&item)?;
    }
    asked.add_flat(request)?;
    Ok(asked)
}

impl Asked {
    /// One item of `ipPermissions`: a kind of traffic with lists of peers.
    fn add_nested(&mut self, item: &Node<'_>) -> Result<(), EventError> {
        let traffic = traffic(item, item.member("ipProtocol").required()?)?;
        for range in item.member("ipRanges").items() {
            self.add(traffic, Peer::Cidr(range.scalar_or("cidrIp").required()?));
        }
        for range in item.member("ipv6Ranges").items() {
            self.add(traffic, Peer::Cidr(range.scalar_or("cidrIpv6").required()?));
        }
        for list in item.member("prefixListIds").items() {
            self.add(traffic, Peer::PrefixList(list.scalar_or("prefixListId").required()?));
        }
        for group in item.member("groups").items() {
            self.add_group(
                traffic,
                &group.scalar_or("groupId"),
                &group.member("userId"),
                &group.member("groupName"),
            )?;
        }
        Ok(())
    }

    /// The legacy form: one permission, its parts beside the group's id. Without a protocol it means all of them.
    fn add_flat(&mut self, request: &Node<'_>) -> Result<(), EventError> {
        let protocol = request.member("ipProtocol").optional()?.unwrap_or(Protocol::All);
        let traffic = traffic(request, protocol)?;
        for name in ["cidrIp", "cidrIpv6"] {
            if let Some(cidr) = request.member(name).optional()? {
                self.add(traffic, Peer::Cidr(cidr));
            }
        }
        let id = request.member("sourceSecurityGroupId");
        let name = request.member("sourceSecurityGroupName");
        if id.is_absent() && name.is_absent() {
            return Ok(());
        }
        self.add_group(traffic, &id, &request.member("sourceSecurityGroupOwnerId"), &name)
    }

    fn add_group(
        &mut self,
        traffic: Traffic,
        id: &Node<'_>,
        owner: &Node<'_>,
        name: &Node<'_>,
    ) -> Result<(), EventError> {
        match (id.optional()?, name.legible()) {
            (Some(id), _) => self.add(
                traffic,
                Peer::Group {
                    id,
                    account: owner.account(),
                },
            ),
            (None, Some(name)) => self.named_peers.push(name),
            (None, None) => return Err(id.missing()),
        }
        Ok(())
    }

    fn add(&mut self, traffic: Traffic, peer: Peer) {
        self.permissions.push(Permission { traffic, peer });
    }
}

/// The rules that a response lists, and the group that they name.
pub(super) fn listed(
    response: &Node<'_>,
    direction: Direction,
) -> Result<(Vec<EventRule>, Option<SecurityGroupId>), EventError> {
    let items = response
        .any(&["securityGroupRuleSet", "revokedSecurityGroupRuleSet"])
        .items();
    let group = items.iter().find_map(|item| item.member("groupId").lenient());
    let rules = items
        .iter()
        .map(|item| listed_rule(item, direction))
        .collect::<Result<_, _>>()?;
    Ok((rules, group))
}

fn listed_rule(item: &Node<'_>, direction: Direction) -> Result<EventRule, EventError> {
    let direction = match item.member("isEgress").lenient() {
        Some(true) => Direction::Egress,
        Some(false) => Direction::Ingress,
        None => direction,
    };
    let permission = rule_permission(item)?.ok_or_else(|| {
        item.unreadable("it names no protocol, or no CIDR, prefix list or group: look at the rule itself")
    })?;
    Ok(EventRule {
        id: item.member("securityGroupRuleId").required()?,
        direction,
        permission,
    })
}

/// One rule of ModifySecurityGroupRules; its content stands under the rule's own key once more.
pub(super) fn changed_rule(item: &Node<'_>) -> Result<ChangedRule, EventError> {
    let id = item.member("securityGroupRuleId").required()?;
    Ok(ChangedRule {
        id,
        permission: rule_permission(&item.member("securityGroupRule"))?,
    })
}

/// A single rule's protocol, ports and one peer; none where one of them is not given.
fn rule_permission(rule: &Node<'_>) -> Result<Option<Permission>, EventError> {
    let (Some(protocol), Some(peer)) = (rule.member("ipProtocol").optional()?, rule_peer(rule)?) else {
        return Ok(None);
    };
    Ok(Some(Permission {
        traffic: traffic(rule, protocol)?,
        peer,
    }))
}

fn rule_peer(rule: &Node<'_>) -> Result<Option<Peer>, EventError> {
    if let Some(cidr) = rule.any(&["cidrIpv4", "cidrIpv6", "cidrIp"]).optional()? {
        return Ok(Some(Peer::Cidr(cidr)));
    }
    if let Some(list) = rule.member("prefixListId").optional()? {
        return Ok(Some(Peer::PrefixList(list)));
    }
    let info = rule.member("referencedGroupInfo");
    let id = if info.is_absent() {
        rule.member("referencedGroupId")
    } else {
        info.member("groupId")
    };
    Ok(id.optional()?.map(|id| Peer::Group {
        id,
        account: info.member("userId").account(),
    }))
}

fn traffic(item: &Node<'_>, protocol: Protocol) -> Result<Traffic, EventError> {
    let port = |name| item.member(name).optional_like("a port", "443");
    Ok(Traffic::new(protocol, port("fromPort")?, port("toPort")?))
}
