//! Whoever answers for the network, with the ledger's answers beside it.

use std::collections::BTreeSet;

use guardrail_policy::facts::{Answered, Question};
use guardrail_policy::jiff::Timestamp;

use crate::flow::recalled;
use crate::ports::{Answer, Keep};

/// Answers what the ledger remembers from the ledger, and everything else from the network.
#[derive(Debug)]
pub struct WithPast<'a, A, K> {
    /// The network.
    pub answer: &'a A,
    /// The ledger.
    pub keep: &'a K,
    /// The time now.
    pub now: Timestamp,
}

impl<A: Answer, K: Keep> Answer for WithPast<'_, A, K> {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        let (past, network): (BTreeSet<_>, BTreeSet<_>) = questions
            .iter()
            .cloned()
            .partition(|question| matches!(question, Question::Past(_)));
        let mut answers = match network.is_empty() {
            true => Vec::new(),
            false => self.answer.answer(&network).await,
        };
        for question in past {
            answers.push(recalled(self.keep, question, self.now).await);
        }
        answers
    }
}
