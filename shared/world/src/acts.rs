//! What people and tools do to a network while the guardrail looks at it.

use std::collections::BTreeSet;

use guardrail_policy::id::{NetworkInterfaceId, PrefixListId, SecurityGroupId, SecurityGroupRuleId, VpcId};
use guardrail_policy::network::{Cidr, Direction, Peer, Permission, Traffic};

use crate::apply::{ApplyError, find};
use crate::model::{Group, World};
use crate::parts::Parts;

/// Why somebody's act was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// The thing acted upon is not there.
    #[error("`{0}` is not there: make it first")]
    NotFound(String),
    /// The rules would not be.
    #[error(transparent)]
    Rules(#[from] ApplyError),
}

impl World {
    /// Makes a group as EC2 does: it is born with a rule that allows all egress, for IPv6 too where the VPC has it.
    ///
    /// # Errors
    /// [`ActError::NotFound`] when the VPC is not there.
    pub fn create_group(&mut self, id: &SecurityGroupId, vpc: &VpcId, name: &str) -> Result<(), ActError> {
        let found = self.vpcs.as_ref().and_then(|vpcs| vpcs.get(vpc));
        let has_ipv6 = found
            .ok_or_else(|| missing(vpc))?
            .cidrs
            .iter()
            .any(|cidr| cidr.is_ipv6());
        let group = Group {
            name: name.to_owned(),
            vpc: vpc.clone(),
            owner: None,
            tags: guardrail_policy::facts::Tags::new(),
            rules: Parts::default(),
        };
        self.put(id, group);
        let families = if has_ipv6 {
            &["0.0.0.0/0", "::/0"][..]
        } else {
            &["0.0.0.0/0"]
        };
        let everywhere = families.iter().filter_map(|family| family.parse::<Cidr>().ok());
        let born_with: Vec<_> = everywhere
            .map(|cidr| Permission {
                traffic: Traffic::ALL,
                peer: Peer::Cidr(cidr),
            })
            .collect();
        self.authorize(id, Direction::Egress, &born_with)?;
        Ok(())
    }

    /// Edits a rule in place, as `ModifySecurityGroupRules` does: it keeps its id and its direction.
    ///
    /// # Errors
    /// [`ActError`] when the group or the rule is not there, or the rule may not be so.
    pub fn edit_rule(
        &mut self,
        id: &SecurityGroupId,
        rule: &SecurityGroupRuleId,
        permission: &Permission,
    ) -> Result<(), ActError> {
        let permission = self.admissible(permission)?;
        let mut group = self.group(id).ok_or_else(|| missing(id))?.clone();
        let direction = group.rules.get(rule).ok_or_else(|| missing(rule))?.direction;
        if find(&group, direction, &permission).is_some_and(|other| other != *rule) {
            return Err(ApplyError::Duplicate(permission).into());
        }
        if let Some(edited) = group.rules.get_mut(rule) {
            edited.permission = permission;
        }
        self.within_quota(&group, direction)?;
        self.put(id, group);
        Ok(())
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// [`ActError::NotFound`] when it is not there.
    pub fn delete_group(&mut self, id: &SecurityGroupId) -> Result<Group, ActError> {
        self.groups
            .as_mut()
            .and_then(|groups| groups.remove(id))
            .ok_or_else(|| missing(id))
    }

    /// Puts an interface into these groups and no others, as `ModifyNetworkInterfaceAttribute` does.
    ///
    /// # Errors
    /// [`ActError::NotFound`] when the interface is not there.
    pub fn attach(
        &mut self,
        interface: &NetworkInterfaceId,
        groups: impl IntoIterator<Item = SecurityGroupId>,
    ) -> Result<(), ActError> {
        let found = self
            .interfaces
            .as_mut()
            .and_then(|interfaces| interfaces.get_mut(interface));
        found.ok_or_else(|| missing(interface))?.groups = groups.into_iter().collect();
        Ok(())
    }

    /// Gives a prefix list other entries, as `ModifyManagedPrefixList` does.
    ///
    /// # Errors
    /// [`ActError::NotFound`] when the list is not there.
    pub fn set_entries(&mut self, list: &PrefixListId, entries: BTreeSet<Cidr>) -> Result<(), ActError> {
        let found = self.prefix_lists.as_mut().and_then(|lists| lists.get_mut(list));
        found.ok_or_else(|| missing(list))?.entries = entries;
        Ok(())
    }
}

fn missing(what: &impl ToString) -> ActError {
    ActError::NotFound(what.to_string())
}
