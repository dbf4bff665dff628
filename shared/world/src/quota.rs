//! How many rules a group may hold.

use guardrail_policy::facts::{AddressFamily, ListOwner};
use guardrail_policy::id::PrefixListId;
use guardrail_policy::network::{Direction, Peer};

use crate::model::{Group, World};

/// How many rules a group may hold in one direction and address family: the default of the quota "Inbound or outbound rules
/// per security group" (Amazon VPC user guide, "Amazon VPC quotas").
pub const RULES_PER_GROUP: u32 = 60;

/// What AWS's own lists count in a rule (Amazon VPC user guide, "AWS-managed prefix list weight"); all others count one.
const WEIGHTS: [(&str, u32); 6] = [
    ("cloudfront.origin-facing", 55),
    ("groundstation", 5),
    ("route53-healthchecks", 25),
    ("s3express", 6),
    ("vpc-lattice", 10),
    ("ec2-instance-connect", 2),
];

impl World {
    /// How much of the quota a group's rules use in one direction and family.
    ///
    /// A reference to a group counts in both families. A customer's list counts as many rules as it may hold entries.
    #[must_use]
    pub fn rules_counted(&self, group: &Group, direction: Direction, family: AddressFamily) -> u32 {
        let rules = group.rules.values().filter(|rule| rule.direction == direction);
        rules
            .map(|rule| self.weight(&rule.permission.peer, family))
            .fold(0, u32::saturating_add)
    }

    fn weight(&self, peer: &Peer, family: AddressFamily) -> u32 {
        match peer {
            Peer::Cidr(cidr) => u32::from(cidr.is_ipv6() == (family == AddressFamily::Ipv6)),
            Peer::Group { .. } => 1,
            Peer::PrefixList(id) => self.list_weight(id, family),
        }
    }

    fn list_weight(&self, id: &PrefixListId, family: AddressFamily) -> u32 {
        let Some(list) = self.prefix_list(id) else { return 1 };
        match list.keeper(&self.account) {
            ListOwner::Account(_) if list.family() == family => list.capacity(&self.account).unwrap_or(1),
            ListOwner::Account(_) => 1,
            ListOwner::Aws => WEIGHTS
                .iter()
                .find(|(service, _)| list.name.ends_with(service))
                .map_or(1, |(_, weight)| *weight),
        }
    }
}
