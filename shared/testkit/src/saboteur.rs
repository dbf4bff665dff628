//! Spoils port calls of a delivery, counted over all of its ports in one sequence.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use guardrail_policy::plan::Action;

/// How a call of a port goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing can be read in that round; as when EC2 throttles or denies.
    Unreadable(&'static str),
    /// The first question of that round cannot be read, the others can.
    UnreadableFirst(&'static str),
    /// Everything that was asked for in that round is gone.
    Gone,
    /// Every list of that round is empty.
    Empty,
    /// Every list of that round lacks its last element.
    CutShort,
    /// Nothing is answered at all in that round.
    Silent,
    /// It is refused, and not done.
    Refused,
    /// It is throttled to the end, and not done.
    Throttled,
    /// EC2 does not find what was to be changed, though it is there; nothing is done.
    Missed,
    /// EC2 finds what was to be made, though it is not there; nothing is done.
    Present,
    /// It gets no reply, and is not done.
    CallLost,
    /// It is done, and the reply lost.
    ReplyLost,
    /// The ledger says that another delivery has taken over, and does nothing.
    TakenOver,
    /// The function is killed before it is done.
    KilledBefore,
    /// The function is killed when it is done.
    KilledAfter,
    /// It is held up, before it is done, until it is let go.
    Held,
    /// Somebody else does something just before it is done.
    Meddled,
}

impl Fault {
    /// The ways in which reading can fail.
    pub const OF_ANSWERS: [Self; 6] = [
        Self::Unreadable("RequestLimitExceeded"),
        Self::UnreadableFirst("UnauthorizedOperation"),
        Self::Gone,
        Self::Empty,
        Self::CutShort,
        Self::Silent,
    ];
    /// The ways in which an action can fail.
    pub const OF_ACTS: [Self; 6] = [
        Self::Refused,
        Self::Throttled,
        Self::Missed,
        Self::Present,
        Self::CallLost,
        Self::ReplyLost,
    ];
    /// The ways in which telling, and any call of the ledger, can fail.
    pub const OF_CALLS: [Self; 4] = [Self::Refused, Self::Throttled, Self::CallLost, Self::ReplyLost];
    /// The ways in which a write under a lease can fail.
    pub const OF_LEASED: [Self; 5] = [
        Self::Refused,
        Self::Throttled,
        Self::CallLost,
        Self::ReplyLost,
        Self::TakenOver,
    ];
    /// The ways in which a function can be killed at a call.
    pub const OF_KILLING: [Self; 2] = [Self::KilledBefore, Self::KilledAfter];

    /// Whether it makes AWS say what is not so, rather than nothing.
    #[must_use]
    pub fn is_a_lie(self) -> bool {
        matches!(self, Self::Gone | Self::Empty | Self::CutShort)
    }
}

/// A call of a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// One round of questions.
    Answer,
    /// An action.
    Act(Action),
    /// A notice, by its id.
    Tell(String),
    /// A claim in the ledger.
    Claim,
    /// Notes of the ledger.
    Recall,
    /// An intent for the ledger.
    Intend,
    /// An outcome for the ledger.
    Settle,
    /// The mark that it was told.
    Told,
    /// A claim given back.
    Release,
    /// A record of the ledger.
    Record,
    /// Notes for the ledger.
    Note,
    /// What an earlier sweep saw.
    Remembered,
    /// What a sweep saw.
    Remember,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Act(action) => write!(f, "{action}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl Call {
    /// Whether it is one of the ledger.
    #[must_use]
    pub fn is_of_ledger(&self) -> bool {
        !matches!(self, Self::Answer | Self::Act(_) | Self::Tell(_))
    }

    /// The ways in which it can fail.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let own = match self {
            Self::Answer => &Fault::OF_ANSWERS[..],
            Self::Act(_) => &Fault::OF_ACTS,
            Self::Intend | Self::Settle | Self::Told | Self::Release => &Fault::OF_LEASED,
            Self::Tell(_)
            | Self::Claim
            | Self::Recall
            | Self::Record
            | Self::Note
            | Self::Remembered
            | Self::Remember => &Fault::OF_CALLS,
        };
        own.iter().chain(&Fault::OF_KILLING).copied().collect()
    }
}

type Strikes = Box<dyn Fn(usize, &Call) -> bool>;
type Meddler = Box<dyn Fn()>;

/// What spoils calls, and counts them over every port that it is shared by.
pub struct Saboteur {
    fault: Fault,
    strikes: Strikes,
    meddler: Meddler,
    made: RefCell<Vec<Call>>,
    done: RefCell<Vec<Call>>,
    has_struck: Cell<bool>,
    is_open: Cell<bool>,
}

impl fmt::Debug for Saboteur {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, made, done, .. } = self;
        let mut sabotage = f.debug_struct("Saboteur");
        let sabotage = sabotage.field("fault", fault).field("made", made).field("done", done);
        sabotage.finish_non_exhaustive()
    }
}

impl Saboteur {
    /// Spoils the call with this number, counted from 0.
    #[must_use]
    pub fn at(call: usize, fault: Fault) -> Rc<Self> {
        Self::new(fault, Box::new(move |number, _| number == call), Box::new(|| ()))
    }

    /// Spoils every call of this kind.
    #[must_use]
    pub fn each(fault: Fault, strikes: impl Fn(&Call) -> bool + 'static) -> Rc<Self> {
        Self::new(fault, Box::new(move |_, call| strikes(call)), Box::new(|| ()))
    }

    /// Somebody else does something just before the call with this number.
    #[must_use]
    pub fn meddling(call: usize, meddler: impl Fn() + 'static) -> Rc<Self> {
        let strikes = Box::new(move |number, _: &Call| number == call);
        Self::new(Fault::Meddled, strikes, Box::new(meddler))
    }

    /// Spoils nothing, and counts.
    #[must_use]
    pub fn idle() -> Rc<Self> {
        Self::each(Fault::Silent, |_| false)
    }

    fn new(fault: Fault, strikes: Strikes, meddler: Meddler) -> Rc<Self> {
        Rc::new(Self {
            fault,
            strikes,
            meddler,
            made: RefCell::default(),
            done: RefCell::default(),
            has_struck: Cell::new(false),
            is_open: Cell::new(false),
        })
    }

    /// Every call that was made so far, spoiled or not, in order.
    #[must_use]
    pub fn made(&self) -> Vec<Call> {
        self.made.borrow().clone()
    }

    /// Every call that was done so far, whether or not its reply came.
    #[must_use]
    pub fn done(&self) -> Vec<Call> {
        self.done.borrow().clone()
    }

    /// Whether a call was spoiled.
    #[must_use]
    pub fn has_struck(&self) -> bool {
        self.has_struck.get()
    }

    /// Lets a call that is held up go on.
    pub fn let_go(&self) {
        self.is_open.set(true);
    }

    /// Makes a call: returns how it is to go wrong, unless that lies in when it is made.
    pub(crate) async fn spoil(&self, call: &Call) -> Option<Fault> {
        let number = self.made.borrow().len();
        self.made.borrow_mut().push(call.clone());
        if !(self.strikes)(number, call) {
            return None;
        }
        self.has_struck.set(true);
        match self.fault {
            Fault::KilledBefore => pending().await,
            Fault::Held => self.held_up().await,
            Fault::Meddled => (self.meddler)(),
            fault => return Some(fault),
        }
        None
    }

    /// Makes a call that succeeds or fails; `error` is what a fault looks like to the caller, where it can have it.
    pub(crate) async fn make<T, E>(
        &self,
        call: Call,
        inner: impl Future<Output = Result<T, E>>,
        error: impl FnOnce(Fault) -> Option<E>,
    ) -> Result<T, E> {
        let fault = self.spoil(&call).await;
        let is_done = matches!(fault, None | Some(Fault::ReplyLost | Fault::KilledAfter));
        let error = fault.and_then(error);
        let result = match error {
            Some(error) if !is_done => return Err(error),
            lost => {
                let result = inner.await;
                if result.is_ok() {
                    self.done.borrow_mut().push(call);
                }
                match (result, lost) {
                    (Ok(_), Some(lost)) => Err(lost),
                    (result, _) => result,
                }
            }
        };
        if fault == Some(Fault::KilledAfter) {
            return pending().await;
        }
        result
    }

    async fn held_up(&self) {
        let poll = |_: &mut std::task::Context<'_>| match self.is_open.get() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        };
        poll_fn(poll).await;
    }
}
