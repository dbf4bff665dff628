//! Whatever call of a sweep fails, and however: what is new is told at least once, under one id, and by no later sweep.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use guardrail_policy::settings::RuleName;
use guardrail_runner::Memory;
use guardrail_runner::sweep::End;
use guardrail_testkit::{Fault, Faulty, Outbox, Saboteur};
use guardrail_world::World;

use crate::{Account, opened, private_network};

/// An account some call of which goes wrong.
struct Spoiled {
    account: Account<Faulty<Outbox>, Faulty<Memory>>,
    saboteur: Rc<Saboteur>,
}

impl Spoiled {
    fn by(saboteur: Rc<Saboteur>) -> Self {
        let topic = Faulty::under(&saboteur, &Rc::new(Outbox::default()));
        let keep = Faulty::under(&saboteur, &Rc::new(Memory::default()));
        let account = Account::with(topic, keep);
        Self { account, saboteur }
    }

    /// One run; whether it came to its end.
    fn sweep(&self, world: World) -> bool {
        let world = Faulty::under(&self.saboteur, &Rc::new(world));
        let swept = self.account.run(Duration::from_secs(600), &world);
        swept.is_some_and(|swept| swept.end == End::Complete)
    }

    fn told(&self) -> usize {
        self.account.topic.inner().notices().len()
    }
}

#[test]
fn after_any_failed_call_what_is_new_is_told_under_one_id_until_it_is_known() {
    let healthy = Spoiled::by(Saboteur::each(Fault::Refused, |_| false));
    assert!(healthy.sweep(private_network()));
    let first = healthy.saboteur.made().len();
    assert!(healthy.sweep(opened()));
    let calls = healthy.saboteur.made();
    let (mut tried, mut told_again) = (0, 0);
    for (number, call) in calls.iter().enumerate().skip(first) {
        for fault in call.faults() {
            let what = format!("{fault:?} at {number}, {call}");
            let spoiled = Spoiled::by(Saboteur::at(number, fault));
            assert!(spoiled.sweep(private_network()), "{what}");
            spoiled.sweep(opened());
            assert!(spoiled.saboteur.has_struck(), "{what}");
            assert!(spoiled.sweep(opened()), "{what}");
            let notices = spoiled.account.topic.inner().notices();
            let open = notices.iter().filter(|notice| notice.rule == RuleName::OpenEgress);
            let ids: BTreeSet<_> = open.map(|notice| &notice.notice_id).collect();
            assert_eq!(ids.len(), 1, "{what}: {notices:?}");
            let told = spoiled.told();
            assert!(spoiled.sweep(opened()), "{what}");
            assert_eq!(spoiled.told(), told, "{what}");
            (tried, told_again) = (tried + 1, told_again + usize::from(told > 1));
        }
    }
    assert!(
        tried > 60 && told_again > 0,
        "{tried} faults, told again after {told_again}"
    );
}
