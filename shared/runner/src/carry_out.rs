//! Carries a plan out: from the live state, step by step, and reads again what came of it.
//!
//! A plan that was never begun and one that was broken off in the middle are the same here: what is left to do is seen
//! from what is there. Nothing is done that the live state does not ask for.

use std::collections::BTreeSet;
use std::time::Duration;

use guardrail_policy::execution::{Done, End, Execution, Failure};
use guardrail_policy::facts::{Facts, Question, Stop, Unknown};
use guardrail_policy::finding::Finding;
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::plan::{Action, Left, Plan, Step};
use guardrail_policy::settings::RuleName;

use crate::ports::{Act, ActError, Answer, Clock};

/// How often the rest of a plan is tried after a call that did not find what it expected, or got no reply.
const MOST_ROUNDS: u32 = 4;
/// How long to wait before reading again: EC2 may not show at once what was done. Twice as long each time.
const READ_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// What it takes to carry out a plan.
#[derive(Debug)]
pub(crate) struct Hands<'a, A, X, C> {
    pub(crate) answer: &'a A,
    pub(crate) act: &'a X,
    pub(crate) clock: &'a C,
    /// Whether a person asked for it: what is opened stays open then, also where nothing is there to be closed.
    pub(crate) may_open: bool,
    /// When its lease is over: another may have taken over from then on, so nothing more is changed.
    pub(crate) until: Timestamp,
}

/// What a plan is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purpose<'a> {
    pub(crate) rule: RuleName,
    /// The resource of the finding, by id or ARN.
    pub(crate) resource: &'a str,
}

/// How far one execution has come.
struct Progress<'p> {
    plan: &'p Plan,
    steps: Vec<Done>,
    /// Which steps this execution did, or may have done: a call without a reply counts.
    ours: Vec<bool>,
}

impl<A: Answer, X: Act, C: Clock> Hands<'_, A, X, C> {
    /// Carries out the plan for a finding; `known` is what was read just now, if it was.
    pub(crate) async fn carry_out(&self, finding: &Finding, plan: &Plan, known: Option<&Facts>) -> Execution {
        let purpose = Purpose {
            rule: finding.rule,
            resource: &finding.resource.id,
        };
        self.carry_out_for(purpose, plan, known).await
    }

    /// Carries out a plan; `known` is what was read just now, if it was.
    pub(crate) async fn carry_out_for(&self, purpose: Purpose<'_>, plan: &Plan, known: Option<&Facts>) -> Execution {
        let touches = plan.touches();
        let began = self.clock.now();
        let before = match known {
            Some(known) => known.only(&touches),
            None => self.read(&touches).await,
        };
        let mut progress = Progress {
            plan,
            steps: vec![Done::NotTried; plan.steps.len()],
            ours: vec![false; plan.steps.len()],
        };
        let end = self.try_all(&mut progress, before.clone()).await;
        let (end, after) = match end {
            Ok(()) => self.verify(plan).await,
            Err(end) => (end, self.read(&touches).await),
        };
        Execution {
            rule: purpose.rule,
            resource: purpose.resource.to_owned(),
            plan: plan.clone(),
            began,
            ended: self.clock.now(),
            steps: progress.steps,
            end,
            before,
            after,
        }
    }

    /// Does what is left to do, and looks again where a call did not find what was expected.
    async fn try_all(&self, progress: &mut Progress<'_>, mut facts: Facts) -> Result<(), End> {
        let mut last = None;
        for round in 0..MOST_ROUNDS {
            if round > 0 {
                self.clock.wait(READ_AGAIN_AFTER * 2_u32.pow(round - 1)).await;
                facts = self.read(&progress.plan.touches()).await;
            }
            let left = progress.plan.remaining(&facts).map_err(|stop| unknown(&stop))?;
            if !self.may_open && progress.has_lost_its_ground(&left) {
                return Err(self.take_back(progress).await);
            }
            if progress.has_nothing_to_switch(&left) {
                progress.steps.fill(Done::Moved);
                return Err(End::Moved);
            }
            match self.try_steps(progress, &left).await {
                Ok(()) => return Ok(()),
                Err(error @ ActError::Refused { .. }) => return Err(End::Failed(error.failure())),
                Err(ActError::Impossible { why, .. }) => return Err(End::Withheld(why)),
                Err(error) => last = Some(error.failure()),
            }
        }
        let failure = last.unwrap_or_else(|| no_answer("guardrail:Act"));
        progress.fail(&failure);
        Err(End::Failed(failure))
    }

    async fn try_steps(&self, progress: &mut Progress<'_>, left: &[Left]) -> Result<(), ActError> {
        for (number, left) in left.iter().enumerate() {
            let error = match left {
                Left::Do(action) => self.act(action).await.err(),
                Left::Nothing | Left::Moved => None,
            };
            progress.mark(number, left, error.as_ref());
            if let Some(error) = error {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Does one action, as long as nobody else can have taken over.
    async fn act(&self, action: &Action) -> Result<(), ActError> {
        if self.clock.now() >= self.until {
            return Err(ActError::Refused {
                action: "guardrail:Act".to_owned(),
                code: "LeaseOver".to_owned(),
            });
        }
        self.act.act(action).await
    }

    /// What the plan makes room for has moved after the room was made: what this execution opened is closed again, so
    /// that nothing is left permitted that was not before (law 7).
    async fn take_back(&self, progress: &mut Progress<'_>) -> End {
        for (number, step) in progress.plan.steps.iter().enumerate().rev() {
            let opened = matches!(step.action, Action::AuthorizeEgress { .. });
            if !opened || !progress.ours.get(number).copied().unwrap_or_default() {
                continue;
            }
            let result = self.act(&step.inverse).await;
            let done = match result {
                Ok(()) | Err(ActError::Moved { .. }) => Done::TakenBack,
                Err(error) => Done::Failed(error.failure()),
            };
            if let Done::Failed(failure) = &done {
                let end = End::Failed(failure.clone());
                progress.set(number, done);
                return end;
            }
            progress.set(number, done);
        }
        End::Moved
    }

    /// Reads again until it is as the plan wants it, or long enough.
    async fn verify(&self, plan: &Plan) -> (End, Facts) {
        let mut after = self.read(&plan.touches()).await;
        for round in 0..MOST_ROUNDS - 1 {
            if is_carried_out(plan, &after) {
                return (End::Seen, after);
            }
            self.clock.wait(READ_AGAIN_AFTER * 2_u32.pow(round)).await;
            after = self.read(&plan.touches()).await;
        }
        if is_carried_out(plan, &after) {
            (End::Seen, after)
        } else {
            (End::Unseen, after)
        }
    }

    /// Reads what a plan touches.
    pub(crate) async fn read(&self, questions: &BTreeSet<Question>) -> Facts {
        let mut facts = Facts::default();
        for answered in self.answer.answer(questions).await {
            facts.insert(answered);
        }
        facts
    }
}

impl Progress<'_> {
    /// Whether the plan must not go on: it would open, or has opened in this execution, what takes the place of rules
    /// one of which is not there to be closed, and this execution closed none of them. What was opened may have stood
    /// for just that one.
    fn has_lost_its_ground(&self, left: &[Left]) -> bool {
        if self.plan.is_stale(left) {
            return true;
        }
        let (mut opened, mut closed, mut gone) = (false, false, false);
        for ((step, left), ours) in self.plan.steps.iter().zip(left).zip(&self.ours) {
            match step.action {
                Action::AuthorizeEgress { .. } => opened |= ours,
                Action::RevokeEgress { .. } => {
                    closed |= ours;
                    gone |= !ours && !matches!(left, Left::Do(_));
                }
                Action::ModifyVpcAttribute { .. }
                | Action::ModifyVpcEndpoint { .. }
                | Action::SetEndpointPolicy { .. }
                | Action::ModifySubnetAttribute { .. } => {}
            }
        }
        opened && gone && !closed
    }

    /// Whether all that the plan would switch is not in a state to be switched.
    fn has_nothing_to_switch(&self, left: &[Left]) -> bool {
        let mut steps = self.plan.steps.iter().zip(left).peekable();
        let moved = |(step, left): (&Step, &Left)| step.action.is_switch() && *left == Left::Moved;
        steps.peek().is_some() && steps.all(moved)
    }

    fn mark(&mut self, number: usize, left: &Left, error: Option<&ActError>) {
        let done = match (left, error) {
            (Left::Do(_), None) => Done::Done,
            (Left::Do(_), Some(error)) => Done::Failed(error.failure()),
            (Left::Moved, _) => Done::Moved,
            (Left::Nothing, _) if self.ours.get(number).copied().unwrap_or_default() => Done::Done,
            (Left::Nothing, _) => Done::Already,
        };
        let may_be_done = matches!((left, error), (Left::Do(_), None | Some(ActError::Unclear { .. })));
        if let Some(ours) = self.ours.get_mut(number) {
            *ours |= may_be_done;
        }
        self.set(number, done);
    }

    fn set(&mut self, number: usize, done: Done) {
        if let Some(step) = self.steps.get_mut(number) {
            *step = done;
        }
    }

    /// Marks the step at which it ended.
    fn fail(&mut self, failure: &Failure) {
        let open = self
            .steps
            .iter()
            .position(|done| matches!(done, Done::NotTried | Done::Failed(_)));
        if let Some(number) = open {
            self.set(number, Done::Failed(failure.clone()));
        }
    }
}

fn is_carried_out(plan: &Plan, facts: &Facts) -> bool {
    plan.remaining(facts)
        .is_ok_and(|left| !left.iter().any(|left| matches!(left, Left::Do(_))))
}

/// What it means that the state of what a plan touches is not known.
fn unknown(stop: &Stop) -> End {
    match stop {
        Stop::Unknown { why: Unknown::Gone, .. } => End::Moved,
        Stop::Unknown {
            why: Unknown::Unreadable(why),
            ..
        } => End::Failed(Failure {
            action: why.action.clone(),
            code: why.code.clone(),
        }),
        Stop::Unknown {
            why: Unknown::NotYet, ..
        }
        | Stop::Need(_)
        | Stop::Settle(_) => End::Failed(no_answer("guardrail:Answer")),
    }
}

fn no_answer(action: &str) -> Failure {
    Failure {
        action: action.to_owned(),
        code: "NoAnswer".to_owned(),
    }
}
