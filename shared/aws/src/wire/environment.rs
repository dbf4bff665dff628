//! The environment says how AWS is reached. Its variables belong to a process: these tests start one each.

use std::process::Output;

use guardrail_policy::facts::Question;
use tokio::process::Command;

use super::server::{Reply, Server, reply};
use super::{ask, unreadable};
use crate::{Aws, ConnectError, Timeouts};

const VPC: &str = "vpc-0a00000000000000a";

/// Runs one of the tests below in a process with just these variables.
async fn child(test: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        &format!("wire::environment::{test}"),
        "--ignored",
        "--nocapture",
    ]);
    command
        .env_clear()
        .envs(variables.iter().copied())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap()
}

fn passed(output: &Output) {
    let shown = [output.stdout.as_slice(), &output.stderr]
        .map(String::from_utf8_lossy)
        .concat();
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
}

#[tokio::test]
async fn the_environment_names_region_endpoint_and_credentials_and_nothing_else_is_asked() {
    let server = Server::start(|request| Reply::Fine(reply(&request.action, ""))).await;
    let variables = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", server.url()),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "made-up"),
    ];
    passed(&child("in_a_child_with_an_endpoint", &variables).await);
    let requests = server.requests();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(request.action, "DescribeVpcs");
    assert!(
        request.authorization.contains("AKIDEXAMPLE/"),
        "{}",
        request.authorization
    );
    assert!(
        request.authorization.contains("/eu-central-1/ec2/aws4_request"),
        "{}",
        request.authorization
    );
    assert!(
        request.user_agent.contains("app/vpc-guardrail"),
        "{}",
        request.user_agent
    );
}

#[tokio::test]
#[ignore = "runs in the process that the test above starts"]
async fn in_a_child_with_an_endpoint() {
    let aws = Aws::connect(Timeouts::default()).await.unwrap();
    assert_eq!(aws.region().as_str(), "eu-central-1");
    let question = Question::Vpc(VPC.parse().unwrap());
    let answers = ask(&aws.ec2(), &[question.clone()].into()).await;
    assert_eq!(
        answers[&question],
        question.without(guardrail_policy::facts::Missing::Gone)
    );
}

#[tokio::test]
async fn without_a_region_there_is_no_connection() {
    passed(&child("in_a_child_without_a_region", &[("AWS_EC2_METADATA_DISABLED", "true")]).await);
}

#[tokio::test]
#[ignore = "runs in the process that the test above starts"]
async fn in_a_child_without_a_region() {
    let error = Aws::connect(Timeouts::default()).await.unwrap_err();
    assert_eq!(error, ConnectError::NoRegion);
    assert_eq!(error.to_string(), "no AWS Region is configured: set `AWS_REGION`");
}

#[tokio::test]
async fn what_is_no_region_is_refused() {
    passed(&child("in_a_child_with_a_wrong_region", &[("AWS_REGION", "Ireland")]).await);
}

#[tokio::test]
#[ignore = "runs in the process that the test above starts"]
async fn in_a_child_with_a_wrong_region() {
    let error = Aws::connect(Timeouts::default()).await.unwrap_err().to_string();
    assert!(error.contains("`Ireland` is not an AWS Region"), "{error}");
}

#[tokio::test]
async fn without_credentials_nothing_is_sent_and_the_answer_says_so() {
    let server = Server::start(|request| Reply::Fine(reply(&request.action, ""))).await;
    let variables = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", server.url()),
    ];
    passed(&child("in_a_child_without_credentials", &variables).await);
    assert!(server.requests().is_empty());
}

#[tokio::test]
#[ignore = "runs in the process that the test above starts"]
async fn in_a_child_without_credentials() {
    let aws = Aws::connect(Timeouts::default()).await.unwrap();
    let question = Question::Vpc(VPC.parse().unwrap());
    let answers = ask(&aws.ec2(), &[question.clone()].into()).await;
    assert_eq!(
        answers[&question],
        unreadable(&question, "DescribeVpcs", "NoCredentials")
    );
}
