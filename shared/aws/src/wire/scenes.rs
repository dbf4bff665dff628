//! One scene for each form of question: what EC2 replies, in its real shape, and what we make of it.

mod addresses;
mod endpoints;
mod gateways;
mod groups;
mod paths;

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::facts::{Answered, Question};

use super::server::{Reply, Request, reply};

/// A question, EC2's reply to it in two items, and the answer.
pub(super) struct Scene {
    /// What is asked: two questions where one of them could only ever have one item.
    pub(super) questions: BTreeSet<Question>,
    /// The API's name of the call.
    pub(super) action: &'static str,
    /// The form fields that the call must have.
    pub(super) sent: Vec<(&'static str, &'static str)>,
    /// The reply's list.
    pub(super) set: &'static str,
    /// What is in the list.
    pub(super) items: [String; 2],
    /// The answers to the whole list.
    pub(super) full: Vec<Answered>,
    /// The answers to an empty list.
    pub(super) empty: Vec<Answered>,
}

impl Scene {
    /// The whole reply.
    pub(super) fn whole(&self) -> String {
        self.list(&self.items.concat())
    }

    /// The reply in two pages.
    pub(super) fn pages(&self) -> [String; 2] {
        let [first, second] = &self.items;
        let next = "<nextToken>page-2</nextToken>";
        let (action, set) = (self.action, self.set);
        [
            reply(action, &format!("<{set}>{first}</{set}>{next}")),
            self.list(second),
        ]
    }

    /// The reply with an empty list.
    pub(super) fn nothing(&self) -> String {
        self.list("")
    }

    fn list(&self, items: &str) -> String {
        reply(self.action, &format!("<{0}>{items}</{0}>", self.set))
    }

    /// A server's script that says this to the scene's own call, and nothing is there to any other.
    pub(super) fn script(
        &self,
        own: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
        let action = self.action;
        move |request| {
            if request.action == action {
                own(request)
            } else {
                Reply::Fine(reply(&request.action, ""))
            }
        }
    }
}

/// The scenes of every form of question.
pub(super) fn all() -> Vec<Scene> {
    [
        groups::scenes(),
        addresses::scenes(),
        paths::scenes(),
        endpoints::scenes(),
        gateways::scenes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn by_question(answers: &[Answered]) -> BTreeMap<Question, Answered> {
    answers
        .iter()
        .map(|answer| (answer.question(), answer.clone()))
        .collect()
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn ids<T: std::str::FromStr<Err: std::fmt::Debug> + Ord>(texts: &[&str]) -> BTreeSet<T> {
    texts.iter().map(|text| id(text)).collect()
}
