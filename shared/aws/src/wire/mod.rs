//! Wire tests: the real SDK clients against a loopback HTTP server that says what AWS would say.

mod acting;
mod api_lists;
mod apis;
mod batching;
mod block_public_access;
mod checking;
mod connections;
mod dns_servers;
mod environment;
mod faults;
mod gone;
mod ledger;
mod network_paths;
mod only;
mod parameters;
mod regions;
mod scenes;
mod server;
mod switching;
mod telling;
mod vpc_dns;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use guardrail_policy::facts::{Answered, Question, Unreadable};
use guardrail_runner::ports::Answer;

use crate::{Aws, Ec2, Timeouts};
use server::Server;

/// Long enough for any machine: a test that is not about time-outs never meets one.
const PATIENT: Timeouts = Timeouts {
    connect: Duration::from_secs(20),
    read: Duration::from_secs(20),
    attempt: Duration::from_secs(20),
    operation: Duration::from_secs(60),
    backoff: Duration::from_millis(1),
    attempts: 3,
};

/// Short enough to wait for.
const HASTY: Timeouts = Timeouts {
    connect: Duration::from_millis(150),
    read: Duration::from_millis(150),
    attempt: Duration::from_millis(200),
    operation: Duration::from_secs(2),
    backoff: Duration::from_millis(1),
    attempts: 3,
};

/// AWS at an address of this machine.
async fn aws_at(url: &str, timeouts: Timeouts) -> Aws {
    // The SDK keeps its allowance of retries per service and Region: each test has its own.
    static REGIONS: AtomicU32 = AtomicU32::new(1);
    let region = Region::new(format!("eu-test-{}", REGIONS.fetch_add(1, Ordering::Relaxed)));
    let credentials = Credentials::new("AKIDEXAMPLE", "made-up", None, None, "wire tests");
    let loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region)
        .credentials_provider(credentials);
    Aws::load(loader.endpoint_url(url), timeouts).await.unwrap()
}

async fn ec2(server: &Server) -> Ec2 {
    aws_at(server.url(), PATIENT).await.ec2()
}

/// The answers by their questions; fails unless each question has exactly one.
async fn ask(reader: &impl Answer, questions: &BTreeSet<Question>) -> BTreeMap<Question, Answered> {
    let answers = reader.answer(questions).await;
    assert_eq!(answers.len(), questions.len(), "{answers:?}");
    let by_question: BTreeMap<_, _> = answers.into_iter().map(|answer| (answer.question(), answer)).collect();
    assert_eq!(by_question.keys().cloned().collect::<BTreeSet<_>>(), *questions);
    by_question
}

fn unreadable(question: &Question, action: &str, code: &str) -> Answered {
    let why = Unreadable {
        action: format!("ec2:{action}"),
        code: code.to_owned(),
    };
    question.without(guardrail_policy::facts::Missing::Unreadable(why))
}
