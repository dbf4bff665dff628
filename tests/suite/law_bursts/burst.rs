//! Bursts: several people and tools at work, and the deliveries of their events in any order.

use std::collections::BTreeSet;
use std::fmt;
use std::pin::pin;
use std::rc::Rc;

use guardrail_policy::finding::Finding;
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::record::Record;
use guardrail_policy::rules;
use guardrail_policy::settings::Settings;
use guardrail_runner::Memory;
use guardrail_runner::scan::{Scanner, Step};
use guardrail_testkit::{
    ACCOUNT, Changing, Desk, Fault, Faulty, Identity, Outbox, POLICY, Ports, Queue, REGION, Saboteur, SteppedClock,
    TrailRecord, going, id, now, settings,
};
use guardrail_world::World;
use proptest::prelude::*;
use proptest::sample::Index;

use super::deeds::{Brought, Deed, deeds, network};

/// What the standard policy file does not say.
const BESIDES: &str = "\
allowed_destinations: [10.0.0.0/8]
principals: { report_only: [\"arn:aws:iam::111122223333:role/BreakGlass\"] }
";
/// The guardrail's own.
pub(super) const OWN_ROLE: &str = "arn:aws:iam::111122223333:role/security/vpc-guardrail";
/// Between one call, or one delivery, and the next.
const PAUSE: SignedDuration = SignedDuration::from_secs(3);

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Administrator,
    Developer,
    Terraform,
    /// Whose calls are told, and never taken back.
    BreakGlass,
}

impl Who {
    fn identity(self) -> Identity {
        match self {
            Self::Administrator => Identity::role_session("platform/NetworkAdmin", "deploy-42"),
            Self::Developer => Identity::role_session("Developer", "laptop"),
            Self::Terraform => Identity::terraform(),
            Self::BreakGlass => Identity::role_session("BreakGlass", "incident-7"),
        }
    }
}

/// One moment of a burst.
#[derive(Debug, Clone)]
pub(super) enum Moment {
    /// Somebody calls.
    Call(Who, Deed),
    /// One of the events so far is delivered.
    Deliver(Index),
    /// One is delivered, and held up at one of its calls until another, or the same once more, was delivered whole.
    DeliverTwo(Index, usize, Index),
}

/// A burst, and the order in which what is left of its events is delivered until it is acknowledged.
#[derive(Clone)]
pub(super) struct Burst {
    pub(super) moments: Vec<Moment>,
    order: Vec<Index>,
}

impl fmt::Debug for Burst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.moments.iter().try_for_each(|moment| writeln!(f, "{moment:?}"))?;
        writeln!(f, "{:?}", self.order)
    }
}

fn calls() -> impl Strategy<Value = Moment> {
    let who = prop_oneof![
        4 => Just(Who::Administrator), 3 => Just(Who::Developer), 2 => Just(Who::Terraform), 1 => Just(Who::BreakGlass)
    ];
    (who, deeds()).prop_map(|(who, deed)| Moment::Call(who, deed))
}

fn deliveries() -> impl Strategy<Value = Moment> {
    prop_oneof![
        3 => any::<Index>().prop_map(Moment::Deliver),
        1 => (any::<Index>(), 0_usize..16, any::<Index>()).prop_map(|(one, held, two)| Moment::DeliverTwo(one, held, two)),
    ]
}

/// Bursts whose deliveries come between the calls.
pub(super) fn bursts() -> impl Strategy<Value = Burst> {
    let moments = prop_oneof![1 => calls(), 1 => deliveries()];
    let order = prop::collection::vec(any::<Index>(), 8);
    (calls(), prop::collection::vec(moments, 1..11), order).prop_map(|(first, rest, order)| Burst {
        moments: [first].into_iter().chain(rest).collect(),
        order,
    })
}

/// Everything that a burst meets.
pub(super) struct Played {
    pub(super) settings: Settings,
    pub(super) network: Rc<Changing>,
    pub(super) topic: Rc<Outbox>,
    ledger: Rc<Memory>,
    /// One for each event.
    pub(super) queues: Vec<Queue>,
    /// What the calls brought in that may be taken back.
    pub(super) brought: BTreeSet<Brought>,
    time: Timestamp,
}

impl Played {
    /// Plays a burst until every event was acknowledged or given up.
    pub(super) fn of(burst: &Burst) -> Self {
        let mut played = Self {
            settings: settings(&format!("{POLICY}{BESIDES}")),
            network: Rc::new(Changing::of(network())),
            topic: Rc::default(),
            ledger: Rc::default(),
            queues: Vec::new(),
            brought: BTreeSet::new(),
            time: id("2026-03-02T09:15:00Z"),
        };
        for moment in &burst.moments {
            played.pass(PAUSE);
            match moment {
                Moment::Call(who, deed) => played.call(*who, deed),
                Moment::Deliver(which) => played.deliver(which.index(played.queues.len())),
                Moment::DeliverTwo(one, held, two) => {
                    let many = played.queues.len();
                    played.deliver_two(one.index(many), *held, two.index(many));
                }
            }
        }
        // What is late by more than a minute is taken for what it is.
        played.pass(SignedDuration::from_secs(90));
        let mut left: Vec<usize> = (0..played.queues.len()).collect();
        for which in burst.order.iter().cycle() {
            if left.is_empty() {
                break;
            }
            played.finish(left.remove(which.index(left.len())));
        }
        played
    }

    fn pass(&mut self, time: SignedDuration) {
        self.time = self.time.checked_add(time).unwrap();
    }

    fn desk(&self) -> Desk {
        Desk::new(self.settings.clone(), self.time).as_roles([id(OWN_ROLE)])
    }

    fn call(&mut self, who: Who, deed: &Deed) {
        let (record, brought) = self.network.change(|world| deed.perform(world));
        if who != Who::BreakGlass {
            self.brought.extend(brought);
        }
        self.happened(record.by(who.identity()));
    }

    /// An event is put into a queue of its own.
    pub(super) fn happened(&mut self, record: TrailRecord) -> &mut Queue {
        let number = u32::try_from(self.queues.len()).unwrap();
        let event = record.at(self.time).number(number + 1).envelope();
        let mut queue = Queue::of(self.desk(), event, Changing::of(network()), None);
        queue.network = Rc::clone(&self.network);
        queue.topic = Rc::clone(&self.topic);
        queue.ledger = Some(Rc::clone(&self.ledger));
        self.queues.push(queue);
        self.queues.last_mut().unwrap()
    }

    fn deliver(&mut self, which: usize) {
        let queue = &mut self.queues[which];
        if queue.received() < 3 {
            queue.desk.time = self.time;
            queue.deliver(&Saboteur::idle());
        }
    }

    /// Holds up one delivery at one of its calls, while another one begins and ends.
    fn deliver_two(&mut self, one: usize, held: usize, two: usize) {
        if self.queues[one].received() >= 3 {
            return;
        }
        let saboteur = Saboteur::at(held, Fault::Held);
        let (network, topic, ledger) = (
            Rc::clone(&self.network),
            Rc::clone(&self.topic),
            Rc::clone(&self.ledger),
        );
        let network = Faulty::under(&saboteur, &network);
        let (tell, keep) = (Faulty::under(&saboteur, &topic), Faulty::under(&saboteur, &ledger));
        let ports = Ports {
            answer: &network,
            act: &network,
            tell: &tell,
            keep: Some(&keep),
        };
        self.queues[one].receive();
        let (mut desk, event) = (self.queues[one].desk.clone(), self.queues[one].event.clone());
        desk.time = self.time;
        let clock = SteppedClock::at(desk.time);
        let mut first = pin!(desk.deliver_by(&clock, &event, ports));
        let record = going(first.as_mut()).unwrap_or_else(|| {
            self.pass(SignedDuration::from_secs(1));
            self.deliver(two);
            saboteur.let_go();
            going(first).expect("it is let go")
        });
        self.queues[one].records.push(record);
    }

    /// Delivers an event until it is acknowledged or given up.
    fn finish(&mut self, which: usize) {
        let time = self.time;
        let queue = &mut self.queues[which];
        queue.desk.time = time;
        // A delivery that was overtaken may have left the last word to an earlier one.
        if queue.records.is_empty() || !queue.is_acknowledged() {
            queue.drain();
        }
        self.time = queue.desk.time.checked_add(PAUSE).unwrap();
    }

    /// One more delivery of an event, of which nothing may come.
    pub(super) fn again(&mut self, which: usize) -> Record {
        let time = self.time;
        let queue = &mut self.queues[which];
        queue.desk.time = time;
        queue.deliver(&Saboteur::idle()).unwrap()
    }

    /// What a scan finds in a network.
    pub(super) fn found(&self, world: &World) -> Vec<Finding> {
        let scanner = Scanner {
            answer: world,
            settings: &self.settings,
            rules: rules::BUILT,
            ceilings: &[],
            account: id(ACCOUNT),
            region: id(REGION),
            now: self.time,
        };
        now(async {
            let mut scan = scanner.begin().await.unwrap();
            let mut findings = Vec::new();
            while let Some(step) = scan.next().await {
                let Step::Judged(judged) = step else { continue };
                let verdicts = judged.into_iter().flat_map(|judged| judged.decision.verdicts);
                findings.extend(verdicts.flat_map(|verdict| verdict.findings().to_vec()));
            }
            findings
        })
    }
}
