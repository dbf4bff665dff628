//! Connections are opened late and used again, by all clients.

use std::collections::BTreeSet;
use std::sync::Arc;

use guardrail_policy::facts::Question;
use guardrail_runner::ports::Tell;
use tokio::sync::Barrier;

use super::server::{Reply, Server, reply};
use super::telling::{notice, published};
use super::{PATIENT, ask, aws_at};

#[tokio::test]
async fn making_the_clients_sends_nothing() {
    let server = Server::start(|request| Reply::Fine(reply(&request.action, ""))).await;
    let aws = aws_at(server.url(), PATIENT).await;
    let topic = "arn:aws:sns:eu-west-1:111122223333:security".parse().unwrap();
    let _clients = (aws.ec2(), aws.sns(topic), aws.parameters());
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn later_rounds_and_other_clients_use_the_connections_of_the_first_round() {
    let vpc = "vpc-0a00000000000000a";
    let questions: BTreeSet<Question> = [
        Question::Vpc(vpc.parse().unwrap()),
        Question::Endpoints(vpc.parse().unwrap()),
    ]
    .into();
    let barrier = Arc::new(Barrier::new(2));
    let server = Server::start(move |request| match request.action.as_str() {
        "Publish" => published(),
        // Two connections are in use at the same time in each round.
        action => Reply::Together(Arc::clone(&barrier), reply(action, "")),
    })
    .await;
    let aws = aws_at(server.url(), PATIENT).await;
    let (ec2, sns) = (
        aws.ec2(),
        aws.sns("arn:aws:sns:eu-west-1:111122223333:security".parse().unwrap()),
    );
    for _round in 0..3 {
        ask(&ec2, &questions).await;
    }
    sns.tell(&notice()).await.unwrap();
    let peers: BTreeSet<_> = server.requests().iter().map(|request| request.peer).collect();
    assert_eq!((server.requests().len(), peers.len()), (7, 2));
}
