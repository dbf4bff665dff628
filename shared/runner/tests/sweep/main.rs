//! A sweep tells what is new and nothing else, goes on where it stopped, and changes nothing.

#![cfg(test)]

mod account;
mod faults;
mod large;
mod unreadable;

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Mutex;
use std::time::Duration;

use guardrail_policy::facts::{Answered, Question};
use guardrail_policy::id::VpcId;
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::ledger::{About, EntryKey, Lease, Says};
use guardrail_policy::message::Notice;
use guardrail_policy::rules;
use guardrail_policy::settings::{RuleName, Settings};
use guardrail_runner::Memory;
use guardrail_runner::ports::{Answer, Claim, Clock as _, Keep, Tell, TellError};
use guardrail_runner::scan::Scanner;
use guardrail_runner::sweep::{End, Remember, Sweeper, Swept, WithPast};
use guardrail_testkit::{
    ACCOUNT, APP_GROUP, DEFAULT_GROUP, ECR_API_ENDPOINT, Outbox, POLICY, REGION, SteppedClock, VPC, block, going, id,
    now, private_network, settings, to,
};
use guardrail_world::{Rule, World};

const TIME: &str = "2026-03-02T10:00:00Z";

/// An account that is swept again and again, an hour apart.
struct Account<T, K> {
    settings: Settings,
    keep: K,
    topic: T,
    time: Mutex<Timestamp>,
}

impl Account<Outbox, Memory> {
    fn new() -> Self {
        Self::with(Outbox::default(), Memory::default())
    }

    /// What was told since this was asked the last time, `told` being how much that had been.
    fn news(&self, told: &mut usize) -> Vec<Notice> {
        let notices = self.topic.notices().split_off(*told);
        *told += notices.len();
        notices
    }
}

impl<T: Tell, K: Keep + Remember> Account<T, K> {
    fn with(topic: T, keep: K) -> Self {
        Self {
            settings: settings(POLICY),
            keep,
            topic,
            time: Mutex::new(id(TIME)),
        }
    }

    /// One run, with a clock that stands still.
    fn sweep(&self, world: &impl Answer) -> Swept {
        self.sweep_for(Duration::from_secs(600), world)
    }

    /// One run, which has so long; each round of questions takes a second.
    fn sweep_for(&self, time: Duration, world: &impl Answer) -> Swept {
        self.run(time, world).expect("nobody kills it")
    }

    /// One run, as far as it comes before it is killed.
    fn run(&self, time: Duration, world: &impl Answer) -> Option<Swept> {
        let began = {
            let mut time = self.time.lock().unwrap();
            *time += SignedDuration::from_hours(1);
            *time
        };
        let clock = SteppedClock::at(began);
        let slow = Slow { world, clock: &clock };
        let answer = WithPast {
            answer: &slow,
            keep: &self.keep,
            now: began,
        };
        let sweeper = Sweeper {
            scanner: Scanner {
                answer: &answer,
                settings: &self.settings,
                rules: rules::BUILT,
                ceilings: &[],
                account: id(ACCOUNT),
                region: id(REGION),
                now: began,
            },
            tell: &self.topic,
            keep: &self.keep,
            clock: &clock,
        };
        let lease = Lease {
            owner: began.to_string(),
            until: began + SignedDuration::from_mins(20),
        };
        going(pin!(sweeper.sweep(&lease, began + time)))
    }
}

/// A network each round of questions to which takes a second.
struct Slow<'a, A> {
    world: &'a A,
    clock: &'a SteppedClock,
}

impl<A: Answer> Answer for Slow<'_, A> {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        self.clock.wait(Duration::from_secs(1)).await;
        self.world.answer(questions).await
    }
}

/// The private network with an open group.
fn opened() -> World {
    let mut world = private_network();
    open(&mut world, APP_GROUP);
    world
}

fn open(world: &mut World, group: &str) {
    let group = world.groups.as_mut().unwrap().get_mut(&id(group)).unwrap();
    let rule = format!("sgr-0ff{:014x}", group.rules.len());
    group.rules.insert(id(&rule), Rule::egress(to(block("0.0.0.0/0"))));
}

/// The private network with so many VPCs more like it, with nothing in them but their default groups.
fn with_vpcs(count: usize) -> World {
    let mut world = private_network();
    for number in 0..count {
        let like: VpcId = id(VPC);
        let vpc: VpcId = id(&format!("vpc-0b{number:015x}"));
        let vpcs = world.vpcs.as_mut().unwrap();
        let another = vpcs.get(&like).unwrap().clone();
        vpcs.insert(vpc.clone(), another);
        let groups = world.groups.as_mut().unwrap();
        let mut group = groups.get(&id(DEFAULT_GROUP)).unwrap().clone();
        group.vpc = vpc;
        groups.insert(id(&format!("sg-0b{number:015x}")), group);
    }
    world
}

#[test]
fn the_first_sweep_tells_nothing_and_later_ones_only_what_is_new() {
    let (account, mut told) = (Account::new(), 0);
    let first = account.sweep(&opened());
    assert_eq!((first.end, first.baseline, first.new), (End::Complete, 1, 0));
    assert!(first.findings > 0 && first.is_whole(), "{first:?}");
    assert_eq!(account.sweep(&opened()).new, 0);
    assert_eq!(account.news(&mut told), []);

    let mut worse = opened();
    open(&mut worse, DEFAULT_GROUP);
    let third = account.sweep(&worse);
    assert_eq!((third.new, third.gone, third.told.len()), (1, 0, 1), "{third:?}");
    let [notice] = account.news(&mut told).try_into().unwrap();
    assert_eq!(notice.rule, RuleName::OpenEgress);
    assert!(
        notice.text.contains(DEFAULT_GROUP) && !notice.text.contains(APP_GROUP),
        "{}",
        notice.text
    );
    assert!(
        notice
            .text
            .contains("new since the last sweep at 2026-03-02 12:00:00 UTC"),
        "{}",
        notice.text
    );
    assert_eq!(account.sweep(&worse).new, 0);

    let mended = account.sweep(&private_network());
    assert_eq!((mended.new, mended.gone), (0, 2), "{mended:?}");
    assert_eq!(account.news(&mut told), []);
    assert_eq!(account.sweep(&opened()).new, 1, "what comes back is new again");
}

#[test]
fn a_rule_of_the_same_group_that_opens_more_is_new() {
    let account = Account::new();
    account.sweep(&opened());
    let mut more = opened();
    open(&mut more, APP_GROUP);
    assert_eq!(account.sweep(&more).new, 1);
}

#[test]
fn everything_new_in_a_vpc_by_one_rule_is_one_notice() {
    let account = Account::new();
    account.sweep(&private_network());
    let mut worse = opened();
    open(&mut worse, DEFAULT_GROUP);
    let swept = account.sweep(&worse);
    assert_eq!((swept.new, swept.told.len()), (2, 1), "{swept:?}");
}

#[test]
fn in_mode_observe_the_new_is_counted_and_nobody_is_told() {
    let mut account = Account::new();
    account.settings = settings(&POLICY.replace("mode: revert", "mode: observe"));
    account.sweep(&private_network());
    let swept = account.sweep(&opened());
    assert_eq!((swept.new, swept.told.len()), (1, 0));
    assert_eq!(account.sweep(&opened()).new, 0);
}

#[test]
fn a_sweep_that_runs_out_of_time_goes_on_where_it_stopped() {
    let (account, world) = (Account::new(), with_vpcs(20));
    let (mut looked_at, mut runs) = (0, 0);
    loop {
        let swept = account.sweep_for(Duration::from_secs(20), &world);
        looked_at += swept.vpcs;
        runs += 1;
        assert_eq!(swept.resumed_after.is_some(), runs > 1, "{swept:?}");
        match swept.end {
            End::OutOfTime => assert!(swept.vpcs > 0 && runs < 20, "{swept:?}"),
            end => {
                assert_eq!(end, End::Complete, "{swept:?}");
                break;
            }
        }
    }
    assert_eq!(looked_at, 21);
    assert!(runs > 2, "{runs}");
    let whole = account.sweep(&world);
    assert_eq!((whole.vpcs, whole.baseline, whole.resumed_after), (21, 0, None));
}

#[test]
fn a_sweep_of_yesterday_is_not_gone_on_with() {
    let (account, world) = (Account::new(), with_vpcs(20));
    assert_eq!(account.sweep_for(Duration::from_secs(10), &world).end, End::OutOfTime);
    *account.time.lock().unwrap() += SignedDuration::from_hours(24);
    let swept = account.sweep(&world);
    assert_eq!((swept.vpcs, swept.resumed_after), (21, None));
}

#[test]
fn a_vpc_that_is_too_large_for_a_run_is_tried_twice_and_then_passed_with_a_word() {
    let account = Account::new();
    let cut = Duration::from_millis(1_500);
    let first = account.sweep_for(cut, &opened());
    assert_eq!((first.end, first.vpcs), (End::OutOfTime, 0), "{first:?}");
    let second = account.sweep_for(cut, &opened());
    assert_eq!((second.end, second.vpcs), (End::Complete, 1), "{second:?}");
    assert!(
        second.unread[0].contains("too large for one run"),
        "{:?}",
        second.unread
    );
    assert!(!second.is_whole());
}

/// A topic that is down for the first notices.
struct Down(Mutex<u32>, Outbox);

impl Tell for Down {
    async fn tell(&self, notice: &Notice) -> Result<(), TellError> {
        self.1.tell(notice).await?;
        let mut left = self.0.lock().unwrap();
        if *left == 0 {
            return Ok(());
        }
        *left -= 1;
        Err(TellError {
            code: "Timeout".to_owned(),
            to: "topic".to_owned(),
        })
    }
}

#[test]
fn what_could_not_be_told_is_told_by_the_next_sweep_under_the_same_id() {
    let account = Account::with(Down(Mutex::new(1), Outbox::default()), Memory::default());
    account.sweep(&private_network());
    let failed = account.sweep(&opened());
    assert!(failed.told[0].error.is_some() && !failed.is_whole(), "{failed:?}");
    let again = account.sweep(&opened());
    assert_eq!((again.new, again.told[0].error.as_ref()), (1, None), "{again:?}");
    assert_eq!(failed.told[0].notice_id, again.told[0].notice_id);
    assert_eq!(account.sweep(&opened()).told, []);
}

#[test]
fn two_sweeps_at_once_are_one() {
    let account = Account::new();
    let key = EntryKey::of_sweep(&id(ACCOUNT), &id(REGION));
    let other = Lease {
        owner: "another".to_owned(),
        until: id("2026-03-02T11:10:00Z"),
    };
    assert_eq!(now(account.keep.claim(&key, &other, id(TIME))).unwrap(), Claim::New);
    assert_eq!(account.sweep(&opened()).end, End::InOtherHands);
    assert_eq!(account.sweep(&opened()).end, End::Complete, "its lease is over");
}

#[test]
fn the_inventory_names_every_endpoint_and_is_written_seldom() {
    let account = Account::new();
    account.sweep(&private_network());
    let about = About::Resource {
        account: id(ACCOUNT),
        region: id(REGION),
        id: ECR_API_ENDPOINT.to_owned(),
    };
    let noted = || {
        let now_is = *account.time.lock().unwrap();
        let notes = now(account.keep.recall(&[about.clone()].into(), now_is)).unwrap();
        let [note] = notes.try_into().unwrap();
        note
    };
    let note = noted();
    let Says::Endpoint(seen) = &note.says else {
        panic!("{note:?}")
    };
    assert_eq!(
        (seen.vpc.as_str(), seen.service.as_str()),
        (VPC, "com.amazonaws.eu-west-1.ecr.api")
    );
    account.sweep(&private_network());
    assert_eq!(noted(), note);
    *account.time.lock().unwrap() += SignedDuration::from_hours(24 * 8);
    account.sweep(&private_network());
    assert!(noted().until > note.until);
}

/// Without the tag by which the policy file selects the VPC.
fn deselected(mut world: World) -> World {
    let vpcs = world.vpcs.iter_mut().flat_map(|vpcs| vpcs.values_mut());
    vpcs.for_each(|vpc| _ = vpc.tags.remove("connectivity"));
    world
}

#[test]
fn a_vpc_that_has_lost_its_tag_is_told_of_and_looked_at_until_the_note_of_it_runs_out() {
    let (account, mut told) = (Account::new(), 0);
    account.sweep(&private_network());
    let lost = account.sweep(&deselected(opened()));
    assert_eq!((lost.selected, lost.vpcs, lost.new), (0, 1, 2), "{lost:?}");
    let rules: Vec<RuleName> = account.news(&mut told).iter().map(|notice| notice.rule).collect();
    assert_eq!(rules, [RuleName::OpenEgress, RuleName::GuardrailTampered]);
    assert_eq!(account.sweep(&deselected(opened())).new, 0);
    assert_eq!(account.sweep(&opened()).new, 0, "the tag is back");
    assert_eq!(account.sweep(&deselected(opened())).new, 1);
    *account.time.lock().unwrap() += SignedDuration::from_hours(24 * 15);
    assert_eq!(account.sweep(&deselected(opened())).vpcs, 0);
}

#[test]
fn a_tag_that_the_policy_file_no_longer_selects_by_is_no_loss() {
    let mut account = Account::new();
    account.sweep(&private_network());
    account.settings = settings(&POLICY.replace("connectivity: private", "network: private"));
    assert_eq!(account.sweep(&private_network()).vpcs, 0);
}

#[test]
fn an_exemption_of_the_ledger_holds() {
    use guardrail_policy::ledger::{LedgerExemption, Note};
    let account = Account::new();
    account.sweep(&private_network());
    let note = Note {
        about: About::Resource {
            account: id(ACCOUNT),
            region: id(REGION),
            id: APP_GROUP.to_owned(),
        },
        name: "exemption open-egress".to_owned(),
        until: id("2026-03-02T13:30:00Z"),
        says: Says::Exempted(LedgerExemption {
            rule: RuleName::OpenEgress,
            owner: "payments@example.com".to_owned(),
            reason: "CHG-1234".to_owned(),
            by: "arn:aws:iam::111122223333:role/Operator".to_owned(),
            at: id(TIME),
        }),
    };
    now(account.keep.note(&[note])).unwrap();
    assert_eq!(account.sweep(&opened()).new, 0);
    assert_eq!(account.sweep(&opened()).new, 0);
    assert_eq!(account.sweep(&opened()).new, 1, "the exemption is over");
}
