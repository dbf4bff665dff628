//! Which route table serves which subnet.

use std::collections::BTreeSet;

use crate::facts::RouteTable;
use crate::id::{RouteTableId, SubnetId};

/// The table that serves a subnet: its own, else the VPC's main one; none where the tables do not show one.
#[must_use]
pub fn table_of<'t>(tables: &'t [RouteTable], subnet: &SubnetId) -> Option<&'t RouteTable> {
    own_table_of(tables, subnet).or_else(|| tables.iter().find(|table| table.main))
}

/// The tables that serve these subnets; the main one where there are none yet.
pub fn tables_of<'t, 's>(
    tables: &'t [RouteTable],
    subnets: impl IntoIterator<Item = &'s SubnetId>,
) -> BTreeSet<&'t RouteTableId> {
    let serving = subnets.into_iter().filter_map(|subnet| table_of(tables, subnet));
    let serving: BTreeSet<_> = serving.map(|table| &table.id).collect();
    if serving.is_empty() {
        return tables
            .iter()
            .filter(|table| table.main)
            .map(|table| &table.id)
            .collect();
    }
    serving
}

/// The table that is associated with a subnet; none where the main one serves it.
#[must_use]
pub fn own_table_of<'t>(tables: &'t [RouteTable], subnet: &SubnetId) -> Option<&'t RouteTable> {
    tables.iter().find(|table| table.subnets.contains(subnet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(id: &str, main: bool, subnets: &[&str]) -> RouteTable {
        RouteTable {
            id: id.parse().unwrap(),
            main,
            subnets: subnets.iter().map(|subnet| subnet.parse().unwrap()).collect(),
            routes: Vec::new(),
        }
    }

    #[test]
    fn a_subnet_is_served_by_its_own_table_and_by_the_main_one_without_it() {
        let tables = [
            table("rtb-0a1b2c3d4e5f60000", true, &["subnet-0a1b2c3d4e5f60003"]),
            table("rtb-0a1b2c3d4e5f60001", false, &["subnet-0a1b2c3d4e5f60001"]),
        ];
        for (subnet, serving, own) in [
            ("subnet-0a1b2c3d4e5f60001", "rtb-0a1b2c3d4e5f60001", true),
            ("subnet-0a1b2c3d4e5f60002", "rtb-0a1b2c3d4e5f60000", false),
            ("subnet-0a1b2c3d4e5f60003", "rtb-0a1b2c3d4e5f60000", true),
        ] {
            let subnet = subnet.parse().unwrap();
            assert_eq!(table_of(&tables, &subnet).unwrap().id.as_str(), serving, "{subnet}");
            assert_eq!(own_table_of(&tables, &subnet).is_some(), own, "{subnet}");
        }
        assert_eq!(table_of(&[], &"subnet-0a1b2c3d4e5f60001".parse().unwrap()), None);
    }
}
