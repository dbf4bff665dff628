//! Ports that keep what passes through them.

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::sync::Mutex;
use std::time::Duration;

use guardrail_policy::facts::{Answered, DnsAttribute, GroupFilter, InterfaceFilter, Question};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::message::Notice;
use guardrail_policy::plan::{Action, Withheld};
use guardrail_runner::ports::{Act, ActError, Answer, Clock, Tell, TellError};
use guardrail_world::{ApplyError, World};

/// A topic that keeps what it is told.
#[derive(Debug, Default)]
pub struct Outbox(Mutex<Vec<Notice>>);

impl Outbox {
    /// Everything that was told so far, in order.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        self.0.lock().expect("no test panics while it tells").clone()
    }
}

impl Tell for Outbox {
    async fn tell(&self, notice: &Notice) -> Result<(), TellError> {
        self.0
            .lock()
            .expect("no test panics while it tells")
            .push(notice.clone());
        Ok(())
    }
}

/// A clock that stands still until somebody waits; then it is as much later at once.
#[derive(Debug)]
pub struct SteppedClock(Mutex<(Timestamp, Duration)>);

impl SteppedClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self(Mutex::new((time, Duration::ZERO)))
    }

    /// How long it was waited for, in all.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.0.lock().expect("no test panics while it waits").1
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        self.0.lock().expect("no test panics while it waits").0
    }

    async fn wait(&self, duration: Duration) {
        let mut clock = self.0.lock().expect("no test panics while it waits");
        clock.0 = clock.0.checked_add(duration).unwrap_or(Timestamp::MAX);
        clock.1 = clock.1.saturating_add(duration);
    }
}

/// A network that obeys actions, that others change meanwhile, or that EC2 shows late: each round of questions meets the
/// next state, and the last state stays.
#[derive(Debug)]
pub struct Changing(Mutex<States>);

#[derive(Debug)]
struct States {
    states: Vec<World>,
    round: usize,
    history: Vec<Change>,
}

/// One change of a network.
#[derive(Debug, Clone)]
pub struct Change {
    /// The guardrail's action; none where somebody else made the change.
    pub action: Option<Action>,
    /// The network before it.
    pub before: World,
    /// The network after it.
    pub after: World,
}

impl States {
    fn current(&self) -> usize {
        self.round.min(self.states.len() - 1)
    }
}

impl Changing {
    /// The states, in order; at least one.
    #[must_use]
    pub fn through(states: Vec<World>) -> Self {
        assert!(!states.is_empty(), "a network is in some state");
        Self(Mutex::new(States {
            states,
            round: 0,
            history: Vec::new(),
        }))
    }

    /// A network that nobody but the guardrail changes.
    #[must_use]
    pub fn of(world: World) -> Self {
        Self::through(vec![world])
    }

    /// The state as it is now.
    #[must_use]
    pub fn world(&self) -> World {
        let states = self.0.lock().expect("no test panics while it looks");
        states.states[states.current()].clone()
    }

    /// Lets somebody else change it: in the current state, and as far as they admit it in all later ones.
    pub fn change<T>(&self, mut act: impl FnMut(&mut World) -> T) -> T {
        let mut states = self.0.lock().expect("no test panics while it changes something");
        let current = states.current();
        let before = states.states[current].clone();
        let result = act(&mut states.states[current]);
        let after = states.states[current].clone();
        for later in states.states.iter_mut().skip(current + 1) {
            act(later);
        }
        states.history.push(Change {
            action: None,
            before,
            after,
        });
        result
    }

    /// Every change so far, in order.
    #[must_use]
    pub fn history(&self) -> Vec<Change> {
        self.0.lock().expect("no test panics while it looks").history.clone()
    }
}

impl Answer for Changing {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        let mut states = self.0.lock().expect("no test panics while it answers");
        let world = &states.states[states.current()];
        let answers = questions.iter().map(|question| world.answer_one(question)).collect();
        states.round += 1;
        answers
    }
}

impl Act for Changing {
    /// Does it in the current state and, as far as they admit it, in all later ones.
    async fn act(&self, action: &Action) -> Result<(), ActError> {
        let mut states = self.0.lock().expect("no test panics while it acts");
        let current = states.current();
        let before = states.states[current].clone();
        if let Err(error) = states.states[current].apply(action) {
            return Err(refusal(action, &error));
        }
        let after = states.states[current].clone();
        let action = action.clone();
        for later in states.states.iter_mut().skip(current + 1) {
            let _ = later.apply(&action);
        }
        states.history.push(Change {
            action: Some(action),
            before,
            after,
        });
        Ok(())
    }
}

/// What the adapter for EC2 makes of such an error.
fn refusal(refused: &Action, error: &ApplyError) -> ActError {
    let (action, code) = (iam_action(refused).to_owned(), error.code().to_owned());
    match error {
        ApplyError::AddressesInUse(_) => match refused {
            Action::DetachInternetGateway { gateway, .. } => {
                let (gateway, nat_gateways) = (gateway.clone(), Vec::new());
                let why = Withheld::AddressesInUse { gateway, nat_gateways };
                ActError::Impossible { action, code, why }
            }
            _ => ActError::Refused { action, code },
        },
        ApplyError::Duplicate(_) | ApplyError::RouteExists(_) => ActError::Present { action, code },
        ApplyError::GroupNotFound(_)
        | ApplyError::ListNotFound(_)
        | ApplyError::PermissionNotFound(_)
        | ApplyError::VpcNotFound(_)
        | ApplyError::SubnetNotFound(_)
        | ApplyError::EndpointNotFound(_)
        | ApplyError::EndpointNotAvailable(_)
        | ApplyError::GatewayNotFound(_)
        | ApplyError::NotAttached(_)
        | ApplyError::AlreadyAttached(_)
        | ApplyError::TableNotFound(_)
        | ApplyError::RouteNotFound(_)
        | ApplyError::Moved(_) => ActError::Moved { action, code },
        ApplyError::ConflictingDomain(_) => ActError::Impossible {
            action,
            code,
            why: Withheld::ConflictingDomain,
        },
        ApplyError::DnsAttributesOff(_) => ActError::Impossible {
            action,
            code,
            why: Withheld::DnsAttributesOff(DnsAttribute::ALL.to_vec()),
        },
        ApplyError::HasGateway(_)
        | ApplyError::GatewayElsewhere(_)
        | ApplyError::Repeated(_)
        | ApplyError::TooManyRules { .. }
        | ApplyError::BadPorts(_)
        | ApplyError::NothingAsked => ActError::Refused { action, code },
    }
}

/// The IAM action of a plan's action.
pub(crate) fn iam_action(action: &Action) -> &'static str {
    match action {
        Action::AuthorizeEgress { .. } => "ec2:AuthorizeSecurityGroupEgress",
        Action::RevokeEgress { .. } => "ec2:RevokeSecurityGroupEgress",
        Action::ModifyVpcAttribute { .. } => "ec2:ModifyVpcAttribute",
        Action::ModifySubnetAttribute { .. } => "ec2:ModifySubnetAttribute",
        Action::ModifyVpcEndpoint { .. } | Action::SetEndpointPolicy { .. } => "ec2:ModifyVpcEndpoint",
        Action::DetachInternetGateway { .. } => "ec2:DetachInternetGateway",
        Action::AttachInternetGateway { .. } => "ec2:AttachInternetGateway",
        Action::DeleteRoute(_) => "ec2:DeleteRoute",
        Action::CreateRoute(_) => "ec2:CreateRoute",
    }
}

/// Counts what another port is asked.
#[derive(Debug)]
pub struct Counting<P> {
    inner: P,
    asked: Mutex<Asked>,
}

/// What was asked so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The rounds, each with its questions.
    pub rounds: Vec<BTreeSet<Question>>,
}

impl Asked {
    /// How many calls of EC2 the questions cost: those of one kind and filter share a call, except that the entries of each
    /// prefix list are read by themselves.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.rounds.iter().map(calls_of_round).sum()
    }
}

fn calls_of_round(questions: &BTreeSet<Question>) -> usize {
    let entries = questions
        .iter()
        .filter(|question| matches!(question, Question::Entries(_)))
        .count();
    let shared = questions
        .iter()
        .filter(|question| !matches!(question, Question::Entries(_)));
    let mut kinds: Vec<&Question> = Vec::new();
    for question in shared {
        if !kinds.iter().any(|known| share_a_call(known, question)) {
            kinds.push(question);
        }
    }
    kinds.len() + entries
}

fn share_a_call(one: &Question, two: &Question) -> bool {
    match (one, two) {
        (Question::Groups(one), Question::Groups(two)) => discriminant::<GroupFilter>(one) == discriminant(two),
        (Question::Interfaces(one), Question::Interfaces(two)) => {
            discriminant::<InterfaceFilter>(one) == discriminant(two)
        }
        (one, two) => discriminant(one) == discriminant(two),
    }
}

impl<P> Counting<P> {
    /// Counts from now on.
    #[must_use]
    pub fn of(inner: P) -> Self {
        Self {
            inner,
            asked: Mutex::default(),
        }
    }

    /// What was asked so far.
    #[must_use]
    pub fn asked(&self) -> Asked {
        self.asked.lock().expect("no test panics while it asks").clone()
    }
}

impl<P: Answer> Answer for Counting<P> {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        self.asked
            .lock()
            .expect("no test panics while it asks")
            .rounds
            .push(questions.clone());
        self.inner.answer(questions).await
    }
}
