//! A queue that delivers one event again and again until it is acknowledged, over one network, topic and ledger.

use std::pin::pin;
use std::rc::Rc;

use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::record::Record;
use guardrail_runner::ports::Keep;
use guardrail_runner::{Delivery, Memory};

use crate::desk::{Desk, Ports, going};
use crate::faulty::Faulty;
use crate::ports::{Changing, Outbox};
use crate::saboteur::{Call, Saboteur};

/// How often a message is delivered at most.
const MOST_RECEIVES: u32 = 5;
/// How long after a delivery the next one comes: beyond its lease.
const VISIBILITY: SignedDuration = SignedDuration::from_secs(90);

/// The queue with everything that its deliveries share.
#[derive(Debug)]
pub struct Queue<K = Memory> {
    /// The flow, at the time of the next delivery.
    pub desk: Desk,
    /// The event.
    pub event: Vec<u8>,
    /// The network.
    pub network: Rc<Changing>,
    /// The topic.
    pub topic: Rc<Outbox>,
    /// The ledger, if there is one.
    pub ledger: Option<Rc<K>>,
    /// The records of the deliveries that came to an end.
    pub records: Vec<Record>,
    /// Every call that was done so far, over all deliveries.
    pub done: Vec<Call>,
    received: u32,
}

impl<K: Keep> Queue<K> {
    /// A queue with one message.
    #[must_use]
    pub fn of(desk: Desk, event: Vec<u8>, network: Changing, ledger: Option<K>) -> Self {
        Self {
            desk,
            event,
            network: Rc::new(network),
            topic: Rc::default(),
            ledger: ledger.map(Rc::new),
            records: Vec::new(),
            done: Vec::new(),
            received: 0,
        }
    }

    /// Delivers it once; returns no record where the function was killed.
    pub fn deliver(&mut self, saboteur: &Rc<Saboteur>) -> Option<Record> {
        self.receive();
        let network = Faulty::under(saboteur, &self.network);
        let tell = Faulty::under(saboteur, &self.topic);
        let keep = self.ledger.as_ref().map(|ledger| Faulty::under(saboteur, ledger));
        let ports = Ports {
            answer: &network,
            act: &network,
            tell: &tell,
            keep: keep.as_ref(),
        };
        let record = going(pin!(self.desk.deliver(&self.event, ports)));
        self.pass(VISIBILITY);
        self.done.extend(saboteur.done());
        self.records.extend(record.clone());
        record
    }

    /// Delivers it until it is acknowledged, with all ports whole; returns whether it was, before the queue gave it up.
    pub fn drain(&mut self) -> bool {
        self.drain_under(Saboteur::idle)
    }

    /// The same, with a saboteur in each delivery.
    pub fn drain_under(&mut self, saboteur: impl Fn() -> Rc<Saboteur>) -> bool {
        while !self.is_acknowledged() {
            if self.received == MOST_RECEIVES {
                return false;
            }
            self.deliver(&saboteur());
        }
        true
    }

    /// How often it was delivered so far.
    #[must_use]
    pub fn received(&self) -> u32 {
        self.received
    }

    /// Whether the last delivery was acknowledged.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.records.last().is_some_and(|record| !record.deliver_again)
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: SignedDuration) {
        let later = self.desk.time.checked_add(time);
        self.desk.time = later.expect("tests play long before the end of time");
    }

    /// Counts one more delivery, the last of which knows that it is the last.
    pub fn receive(&mut self) {
        self.received += 1;
        if let Delivery::Queue { last } = &mut self.desk.delivery {
            *last = self.received == MOST_RECEIVES;
        }
    }
}
