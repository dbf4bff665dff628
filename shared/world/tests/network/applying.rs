//! Actions: done whole or not at all, and refused as EC2 refuses them.

use guardrail_policy::facts::AddressFamily;
use guardrail_policy::network::{Direction, Peer, Permission, Ports, Protocol, Traffic};
use guardrail_policy::plan::Action;
use guardrail_world::{Applied, ApplyError, RULES_PER_GROUP, World};

use crate::sample::{id, network, tcp};

fn authorize(network: &mut World, permissions: Vec<Permission>) -> Result<Applied, ApplyError> {
    network.apply(&Action::AuthorizeEgress {
        group: id("sg-1"),
        permissions,
    })
}

fn revoke(network: &mut World, rule: Option<&str>, permission: Permission) -> Result<Applied, ApplyError> {
    network.apply(&Action::RevokeEgress {
        group: id("sg-1"),
        rule: rule.map(id),
        permissions: vec![permission],
    })
}

#[test]
fn authorising_gives_each_permission_a_rule_with_a_new_id() {
    let mut network = network();
    let Applied::Authorized(ids) = authorize(&mut network, vec![tcp(80, "10.0.0.0/8"), tcp(81, "10.0.0.0/8")]).unwrap()
    else {
        panic!("rules were authorised")
    };
    let group = network.group(&id("sg-1")).unwrap();
    assert_eq!(ids.len(), 2);
    assert_eq!(
        ids.iter()
            .map(|id| group.rules[id].permission.clone())
            .collect::<Vec<_>>(),
        [tcp(80, "10.0.0.0/8"), tcp(81, "10.0.0.0/8")]
    );
    assert_eq!(group.rules.len(), 5);
}

#[test]
fn one_duplicate_fails_the_whole_call() {
    let mut network = network();
    let before = network.clone();
    for (permissions, code) in [
        (
            vec![tcp(80, "10.0.0.0/8"), tcp(443, "10.0.0.0/16")],
            "InvalidPermission.Duplicate",
        ),
        (vec![tcp(80, "10.0.0.0/8"); 2], "InvalidParameterValue"),
    ] {
        let error = authorize(&mut network, permissions).unwrap_err();
        assert_eq!(error.code(), code);
        assert_eq!(network, before);
    }
}

#[test]
fn the_same_permission_in_the_other_direction_is_no_duplicate() {
    let mut network = network();
    let from_the_tier_above = Permission {
        traffic: Traffic::ALL,
        peer: Peer::Group {
            id: id("sg-2"),
            account: None,
        },
    };
    authorize(&mut network, vec![from_the_tier_above]).unwrap();
}

#[test]
fn revoking_needs_the_exact_properties_and_the_rule_that_had_them() {
    let mut network = network();
    let wider = revoke(&mut network, None, tcp(443, "10.0.0.0/8")).unwrap_err();
    assert_eq!(wider.code(), "InvalidPermission.NotFound");
    let moved = revoke(&mut network, Some("sgr-9"), tcp(443, "10.0.0.0/16")).unwrap_err();
    assert_eq!(moved, ApplyError::Moved(id("sgr-9")));
    let taken = revoke(&mut network, Some("sgr-1"), tcp(443, "10.0.0.0/16")).unwrap();
    assert_eq!(taken, Applied::Revoked(vec![id("sgr-1")]));
    assert_eq!(
        revoke(&mut network, Some("sgr-1"), tcp(443, "10.0.0.0/16")).unwrap_err(),
        ApplyError::Moved(id("sgr-1"))
    );
}

#[test]
fn a_rule_of_the_other_direction_is_not_revoked() {
    let mut network = network();
    let ingress = Permission {
        traffic: Traffic::ALL,
        peer: Peer::Group {
            id: id("sg-2"),
            account: None,
        },
    };
    assert_eq!(
        revoke(&mut network, None, ingress).unwrap_err().code(),
        "InvalidPermission.NotFound"
    );
}

#[test]
fn protocol_minus_one_is_stored_without_ports_and_other_ports_must_make_sense() {
    let mut network = network();
    let odd = Traffic {
        protocol: Protocol::All,
        ports: Ports { from: 80, to: 80 },
    };
    authorize(
        &mut network,
        vec![Permission {
            traffic: odd,
            peer: Peer::Cidr(id("10.9.0.0/16")),
        }],
    )
    .unwrap();
    let all = Permission {
        traffic: Traffic::ALL,
        peer: Peer::Cidr(id("10.9.0.0/16")),
    };
    assert!(
        network
            .group(&id("sg-1"))
            .unwrap()
            .rules
            .values()
            .any(|rule| rule.permission == all)
    );
    for (from, to) in [(-1, -1), (443, 80), (0, 65_536)] {
        let traffic = Traffic {
            protocol: Protocol::Tcp,
            ports: Ports { from, to },
        };
        let error = authorize(
            &mut network,
            vec![Permission {
                traffic,
                peer: Peer::Cidr(id("10.8.0.0/16")),
            }],
        );
        assert_eq!(error.unwrap_err().code(), "InvalidParameterValue", "{from}-{to}");
    }
}

#[test]
fn a_group_takes_sixty_rules_a_family_and_not_one_more() {
    let mut network = network();
    let already = {
        let group = network.group(&id("sg-1")).unwrap();
        network.rules_counted(group, Direction::Egress, AddressFamily::Ipv4)
    };
    assert_eq!(already, 2, "one block, and AWS's list of S3, which counts one");
    let room = (already..RULES_PER_GROUP).map(|number| tcp(i32::try_from(number).unwrap(), "10.0.0.0/8"));
    authorize(&mut network, room.collect()).unwrap();
    let full = network.clone();
    let error = authorize(&mut network, vec![tcp(443, "10.0.0.0/8")]).unwrap_err();
    assert_eq!(
        error,
        ApplyError::TooManyRules {
            rules: 61,
            family: "IPv4"
        }
    );
    assert_eq!(network, full);
    authorize(&mut network, vec![tcp(443, "2001:db8::/32")]).unwrap();
}

#[test]
fn a_customers_list_counts_what_it_may_hold_and_a_reference_counts_in_both_families() {
    let mut network = network();
    let list = Permission {
        traffic: Traffic::HTTPS,
        peer: Peer::PrefixList(id("pl-2")),
    };
    let reference = Permission {
        traffic: Traffic::HTTPS,
        peer: Peer::Group {
            id: id("sg-2"),
            account: None,
        },
    };
    authorize(&mut network, vec![list, reference]).unwrap();
    let group = network.group(&id("sg-1")).unwrap();
    // Those of before, 20 for the list, 1 for the reference; AWS's list of S3 counts one in IPv6 as well.
    assert_eq!(
        network.rules_counted(group, Direction::Egress, AddressFamily::Ipv6),
        1 + 20 + 1
    );
}

#[test]
fn what_is_not_there_cannot_be_acted_upon_or_referred_to() {
    let mut network = network();
    let nowhere = Action::AuthorizeEgress {
        group: id("sg-9"),
        permissions: vec![tcp(1, "10.0.0.0/8")],
    };
    assert_eq!(network.apply(&nowhere).unwrap_err().code(), "InvalidGroup.NotFound");
    let to = |peer| {
        vec![Permission {
            traffic: Traffic::HTTPS,
            peer,
        }]
    };
    let list = authorize(&mut network, to(Peer::PrefixList(id("pl-9")))).unwrap_err();
    assert_eq!(list.code(), "InvalidPrefixListID.NotFound");
    let group = authorize(
        &mut network,
        to(Peer::Group {
            id: id("sg-9"),
            account: None,
        }),
    )
    .unwrap_err();
    assert_eq!(group.code(), "InvalidGroup.NotFound");
    assert_eq!(
        authorize(&mut network, Vec::new()).unwrap_err().code(),
        "MissingParameter"
    );
}
