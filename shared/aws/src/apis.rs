//! Reads APIs, besides networks: only a function that judges APIs links the SDKs that this takes.

mod graphql;
mod http;
mod may;
mod rest;

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::join;
use futures::stream;
use guardrail_policy::facts::{Answered, Fact, Question};
use guardrail_policy::plan::Action;
use guardrail_runner::ports::{Act, ActError, Answer};

use crate::failure::{Failure, Unparsable};

/// How many calls about APIs run side by side at most: AppSync and API Gateway take few in a second, for a whole account.
const SIDE_BY_SIDE: usize = 4;

/// Reads APIs itself; networks are read and changed through `N`: [`Ec2`](crate::Ec2), or [`Only`](crate::Only) one function's
/// calls of it. What cannot be shown is no answer.
#[derive(Debug)]
pub struct Apis<N> {
    pub(crate) network: N,
    pub(crate) rest: aws_sdk_apigateway::Client,
    pub(crate) http: aws_sdk_apigatewayv2::Client,
    pub(crate) appsync: aws_sdk_appsync::Client,
    /// How long reading one list may take.
    pub(crate) limit: Duration,
}

impl<N: Answer> Answer for Apis<N> {
    async fn answer(&self, questions: &BTreeSet<Question>) -> Vec<Answered> {
        let (of_apis, of_networks): (BTreeSet<Question>, BTreeSet<Question>) =
            questions.iter().cloned().partition(is_of_apis);
        let apis = stream::iter(of_apis).map(|question| self.answer_one(question));
        let apis = apis.buffer_unordered(SIDE_BY_SIDE).collect::<Vec<_>>();
        let (apis, networks) = join(apis, self.network.answer(&of_networks)).await;
        apis.into_iter().flatten().chain(networks).collect()
    }
}

impl<N: Act> Act for Apis<N> {
    async fn act(&self, action: &Action) -> Result<(), ActError> {
        self.network.act(action).await
    }
}

/// Whether a question is about an API, so that EC2 cannot answer it.
fn is_of_apis(question: &Question) -> bool {
    matches!(
        question,
        Question::RestApis(_)
            | Question::RestApi(_)
            | Question::HttpApis(_)
            | Question::HttpApi(_)
            | Question::GraphqlApis(_)
            | Question::GraphqlApi(_)
    )
}

/// What a list of everything says; that there should be no such list is no answer.
fn listed<R, T>(
    action: &'static str,
    read: Result<Vec<R>, Failure>,
    parse: impl Fn(&R) -> Result<T, Unparsable>,
) -> Fact<Vec<T>> {
    let items = read.and_then(|items| {
        let items: Result<Vec<T>, Unparsable> = items.iter().map(parse).collect();
        items.map_err(|what| Failure::unparsable(action, &what))
    });
    match items {
        Ok(items) => Fact::Is(items),
        Err(Failure::Gone) => Failure::unreadable(action, "NotFound".to_owned()).into(),
        Err(failure) => failure.into(),
    }
}

impl<N> Apis<N> {
    async fn answer_one(&self, question: Question) -> Option<Answered> {
        match question {
            Question::RestApis(_) => Some(rest::all(&self.rest, self.limit).await),
            Question::HttpApis(_) => Some(http::all(&self.http, self.limit).await),
            Question::GraphqlApis(_) => Some(graphql::all(&self.appsync, self.limit).await),
            Question::RestApi(id) => Some(rest::by_id(&self.rest, id).await),
            Question::HttpApi(id) => Some(http::by_id(&self.http, id).await),
            Question::GraphqlApi(id) => Some(graphql::by_id(&self.appsync, id).await),
            _ => None, // is asked of EC2, or of the ledger
        }
    }
}
