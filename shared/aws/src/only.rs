//! EC2 for one function: calls that its rules never make are not linked into it.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use guardrail_policy::facts::{Answered, Question};
use guardrail_policy::functions::{Function, Linked};
use guardrail_policy::plan::Action;
use guardrail_runner::ports::{Act, ActError, Answer};

use crate::answer::Ec2;
use crate::needs::Needs;

/// Reads and changes networks as [`Ec2`] does, with the calls of one function's rules alone: those to which its role has
/// rights. A question that needs another call has no answer, and an action that does is refused.
#[derive(Debug)]
pub struct Only<F> {
    ec2: Ec2,
    of: PhantomData<F>,
}

impl<F: Linked> Only<F> {
    pub(crate) fn new(ec2: Ec2) -> Self {
        Self { ec2, of: PhantomData }
    }
}

impl<F: Linked> Answer for Only<F> {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        self.ec2.answer_within::<Self>(questions).await
    }
}

impl<F: Linked> Act for Only<F> {
    async fn act(&self, action: &Action) -> Result<(), ActError> {
        self.ec2.act_within::<Self>(action).await
    }
}

/// Which calls are linked.
pub(crate) trait Reach {
    /// The function whose calls these are; without one they are all linked.
    const OF: Option<&'static Function>;
}

/// Every call.
pub(crate) enum Everything {}

impl Reach for Everything {
    const OF: Option<&'static Function> = None;
}

impl<F: Linked> Reach for Only<F> {
    const OF: Option<&'static Function> = Some(F::FUNCTION);
}

/// Whether everything that a thing needs is linked.
pub(crate) const fn is_linked<R: Reach>(needs: Needs) -> bool {
    let Some(function) = R::OF else {
        return true;
    };
    let mut actions = needs.actions;
    while let [action, others @ ..] = actions {
        if !function.may_call(action) {
            return false;
        }
        actions = others;
    }
    true
}
