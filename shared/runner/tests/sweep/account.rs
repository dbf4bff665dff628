//! What belongs to no VPC is swept, too, where the account must stay private.

use std::time::Duration;

use guardrail_policy::facts::{ApiReach, Everywhere, Question, Tags};
use guardrail_policy::settings::RuleName;
use guardrail_runner::Memory;
use guardrail_runner::scan::AreaId;
use guardrail_runner::sweep::End;
use guardrail_testkit::outcomes::Blind;
use guardrail_testkit::{Outbox, POLICY_OF_ACCOUNT, id, private_network, settings};
use guardrail_world::{RestApi, World};

use super::{Account, with_vpcs};

fn private_account() -> Account<Outbox, Memory> {
    Account {
        settings: settings(POLICY_OF_ACCOUNT),
        ..Account::new()
    }
}

/// A network of an account that has these REST APIs, and no others.
fn with_apis(mut world: World, apis: &[(&str, ApiReach)]) -> World {
    let made = |reach| RestApi {
        name: "orders".to_owned(),
        reach,
        policy: None,
        default_url_off: false,
        changing: false,
        tags: Tags::new(),
    };
    let apis = apis.iter().map(|(api, reach)| (id(api), made(*reach)));
    world.rest_apis = Some(apis.collect());
    world
}

#[test]
fn an_api_that_no_event_told_of_is_told_once_and_the_first_sweep_is_a_baseline() {
    let (account, mut told) = (private_account(), 0);
    let one = [("a1b2c3d4e5", ApiReach::Regional)];
    let first = account.sweep(&with_apis(private_network(), &one));
    assert_eq!(
        (first.end, first.looked_at_account, first.new),
        (End::Complete, true, 0),
        "{first:?}"
    );
    assert_eq!((first.vpcs, first.baseline), (1, 2), "{first:?}");
    assert!(first.is_whole(), "{first:?}");

    let two = [one[0], ("b1b2c3d4e5", ApiReach::Edge)];
    let second = account.sweep(&with_apis(private_network(), &two));
    assert_eq!((second.new, second.told.len()), (1, 1), "{second:?}");
    assert_eq!(second.told[0].vpc, None);
    let [notice] = account.news(&mut told).try_into().unwrap();
    assert_eq!(notice.rule, RuleName::PublicApi);
    assert!(
        notice.text.contains("b1b2c3d4e5") && !notice.text.contains("a1b2c3d4e5"),
        "{}",
        notice.text
    );
    assert_eq!(account.sweep(&with_apis(private_network(), &two)).new, 0);

    let third = account.sweep(&with_apis(private_network(), &[]));
    assert_eq!((third.new, third.gone), (0, 2), "{third:?}");
}

#[test]
fn a_private_api_that_was_made_public_is_new() {
    let account = private_account();
    account.sweep(&with_apis(private_network(), &[("a1b2c3d4e5", ApiReach::Private)]));
    let opened = with_apis(private_network(), &[("a1b2c3d4e5", ApiReach::Regional)]);
    assert_eq!(account.sweep(&opened).new, 1);
}

#[test]
fn apis_that_could_not_be_listed_count_as_they_were() {
    let account = private_account();
    let world = with_apis(private_network(), &[("a1b2c3d4e5", ApiReach::Regional)]);
    account.sweep(&world);
    let blind = account.sweep(&Blind::denied(&world, Question::RestApis(Everywhere)));
    assert_eq!((blind.new, blind.gone, blind.is_whole()), (0, 0, false), "{blind:?}");
    assert_eq!(
        blind.unread,
        ["the REST APIs of the account: `ec2:Describe` was answered with `UnauthorizedOperation`"]
    );
    assert_eq!(account.sweep(&world).new, 0);
}

#[test]
fn of_an_account_that_need_not_stay_private_no_api_is_asked_for() {
    let account = Account::new();
    let world = with_apis(private_network(), &[("a1b2c3d4e5", ApiReach::Regional)]);
    let swept = account.sweep(&world);
    assert!(!swept.looked_at_account && swept.is_whole(), "{swept:?}");
}

#[test]
fn a_sweep_that_stopped_after_the_account_goes_on_with_its_vpcs() {
    let account = private_account();
    let world = with_apis(with_vpcs(5), &[("a1b2c3d4e5", ApiReach::Regional)]);
    let first = account.sweep_for(Duration::from_secs(3), &world);
    assert_eq!(
        (first.end, first.looked_at_account),
        (End::OutOfTime, true),
        "{first:?}"
    );
    let second = account.sweep(&world);
    assert_eq!(
        (second.end, second.looked_at_account),
        (End::Complete, false),
        "{second:?}"
    );
    assert!(second.resumed_after >= Some(AreaId::Account), "{second:?}");
    assert_eq!(first.vpcs + second.vpcs, 6);
    let whole = account.sweep(&world);
    assert_eq!(
        (whole.looked_at_account, whole.vpcs, whole.resumed_after),
        (true, 6, None)
    );
}
