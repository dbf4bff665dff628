//! What cannot be read is neither new nor gone, and is said.

use guardrail_policy::facts::{GroupFilter, Question};
use guardrail_runner::sweep::End;
use guardrail_testkit::outcomes::Blind;
use guardrail_testkit::{APP_GROUP, VPC, id};
use guardrail_world::World;

use crate::{Account, opened, private_network};

#[test]
fn a_group_that_cannot_be_read_is_undecided_and_counts_as_it_was() {
    let (account, world) = (Account::new(), opened());
    let before = account.sweep(&world);
    let blind = Blind::denied(&world, Question::Rules(id(APP_GROUP)));
    let blinded = account.sweep(&blind);
    assert!(blinded.undecided > 0 && !blinded.is_whole(), "{blinded:?}");
    assert_eq!((blinded.new, blinded.gone), (0, 0), "{blinded:?}");
    let after = account.sweep(&world);
    assert_eq!((after.new, after.gone, after.findings), (0, 0, before.findings));
}

#[test]
fn groups_that_cannot_be_listed_count_as_they_were() {
    let (account, world) = (Account::new(), opened());
    account.sweep(&world);
    let blind = Blind::denied(&world, Question::Groups(GroupFilter::Vpc(id(VPC))));
    let blinded = account.sweep(&blind);
    assert_eq!((blinded.new, blinded.gone), (0, 0), "{blinded:?}");
    assert!(
        blinded
            .unread
            .iter()
            .any(|what| what.starts_with(&format!("the security groups of {VPC}"))),
        "{blinded:?}"
    );
    assert_eq!(account.sweep(&world).new, 0);
}

#[test]
fn a_region_whose_vpcs_cannot_be_listed_is_said_and_swept_the_next_time() {
    let account = Account::new();
    account.sweep(&private_network());
    let failed = account.sweep(&World { vpcs: None, ..opened() });
    assert_eq!(failed.end, End::Failed);
    assert!(
        failed.error.as_ref().unwrap().contains("could not be listed"),
        "{failed:?}"
    );
    assert_eq!(account.sweep(&opened()).new, 1);
}
