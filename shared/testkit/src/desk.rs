//! The whole flow on one desk: a policy file, a network, a time, and one delivery after another.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use guardrail_policy::case::Ceiling;
use guardrail_policy::id::Arn;
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::ledger::Lease;
use guardrail_policy::own::Own;
use guardrail_policy::record::Record;
use guardrail_policy::rules;
use guardrail_policy::settings::{RuleName, Settings};
use guardrail_runner::ports::{Act, Answer, HandsOff, Keep, Tell};
use guardrail_runner::{Delivery, Guard, Ledger, Memory, Runner};

use crate::ports::{Outbox, SteppedClock};

/// Runs what never really waits: every port of the tests answers at once.
pub fn now<F: Future>(future: F) -> F::Output {
    going(pin!(future)).expect("no port of a test waits for the world outside")
}

/// Runs something as far as it goes by itself; none where it stands still.
pub fn going<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// What stays the same from delivery to delivery.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The policy file.
    pub settings: Settings,
    /// The rules, ceilings and roles.
    pub guard: Guard,
    /// When it is judged.
    pub time: Timestamp,
    /// How events come in.
    pub delivery: Delivery,
}

impl Desk {
    /// All rules of this version, no ceiling, no role of its own; events come through the queue.
    #[must_use]
    pub fn new(settings: Settings, time: Timestamp) -> Self {
        let guard = Guard {
            rules: rules::BUILT.to_vec(),
            ceilings: Vec::new(),
            own_roles: Vec::new(),
            own: Own::default(),
        };
        Self {
            settings,
            guard,
            time,
            delivery: Delivery::Queue { last: false },
        }
    }

    /// Only these rules judge; one that this version does not have is left out.
    #[must_use]
    pub fn with(mut self, names: &[RuleName]) -> Self {
        self.guard.rules = names.iter().filter_map(|name| rules::find(*name)).collect();
        self
    }

    /// Caps the mode.
    #[must_use]
    pub fn under(mut self, ceilings: impl IntoIterator<Item = Ceiling>) -> Self {
        self.guard.ceilings.extend(ceilings);
        self
    }

    /// The guardrail runs as these roles.
    #[must_use]
    pub fn as_roles(mut self, roles: impl IntoIterator<Item = Arn>) -> Self {
        self.guard.own_roles.extend(roles);
        self
    }

    /// The guardrail is made of this.
    #[must_use]
    pub fn made_of(mut self, own: Own) -> Self {
        self.guard.own = own;
        self
    }

    /// Handles one delivery without a ledger and returns its record with what was told: nothing is changed.
    pub fn handle(&self, bytes: &[u8], network: &impl Answer) -> (Record, Outbox) {
        let outbox = Outbox::default();
        let record = self.handle_and_tell(bytes, network, &outbox);
        (record, outbox)
    }

    /// Handles one delivery without a ledger, with a topic of one's own.
    pub fn handle_and_tell(&self, bytes: &[u8], network: &impl Answer, tell: &impl Tell) -> Record {
        let ports = Ports {
            answer: network,
            act: &HandsOff,
            tell,
            keep: None::<&Memory>,
        };
        self.run(bytes, ports)
    }

    /// Handles one delivery with all its ports, under a lease of a minute and ten seconds.
    pub fn run<A: Answer, X: Act, T: Tell, K: Keep>(&self, bytes: &[u8], ports: Ports<'_, A, X, T, K>) -> Record {
        now(self.deliver(bytes, ports))
    }

    /// The same, step by step: it stands still where a port does.
    pub async fn deliver<A: Answer, X: Act, T: Tell, K: Keep>(
        &self,
        bytes: &[u8],
        ports: Ports<'_, A, X, T, K>,
    ) -> Record {
        self.deliver_by(&SteppedClock::at(self.time), bytes, ports).await
    }

    /// The same, by a clock of one's own that shows the time of the desk.
    pub async fn deliver_by<A: Answer, X: Act, T: Tell, K: Keep>(
        &self,
        clock: &SteppedClock,
        bytes: &[u8],
        ports: Ports<'_, A, X, T, K>,
    ) -> Record {
        let until = self
            .time
            .checked_add(LEASE)
            .expect("tests play long before the end of time");
        let lease = Lease {
            owner: format!("delivery at {}", self.time),
            until,
        };
        let runner = Runner {
            guard: &self.guard,
            ceilings: &[],
            settings: &self.settings,
            answer: ports.answer,
            act: ports.act,
            tell: ports.tell,
            ledger: ports.keep.map(|keep| Ledger { keep, lease }),
            clock,
        };
        runner.handle(bytes, self.delivery).await
    }
}

/// How long a delivery holds its claim.
const LEASE: SignedDuration = SignedDuration::from_secs(70);

/// What one delivery meets.
#[derive(Debug)]
pub struct Ports<'p, A, X, T, K> {
    /// Reads what is there.
    pub answer: &'p A,
    /// Changes it.
    pub act: &'p X,
    /// Tells of it.
    pub tell: &'p T,
    /// The ledger, if there is one.
    pub keep: Option<&'p K>,
}
