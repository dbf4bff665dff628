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
#[ignore = "an environment belongs to a process: the test above runs this in one of its own"]
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
#[ignore = "an environment belongs to a process: the test above runs this in one of its own"]
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
#[ignore = "an environment belongs to a process: the test above runs this in one of its own"]
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
#[ignore = "an environment belongs to a process: the test above runs this in one of its own"]
async fn in_a_child_without_credentials() {
    let aws = Aws::connect(Timeouts::default()).await.unwrap();
    let question = Question::Vpc(VPC.parse().unwrap());
    let answers = ask(&aws.ec2(), &[question.clone()].into()).await;
    assert_eq!(
        answers[&question],
        unreadable(&question, "DescribeVpcs", "NoCredentials")
    );
}

#[tokio::test]
async fn a_function_is_told_by_lambda_and_a_service_s_own_endpoint_goes_before_the_common_one() {
    let server = Server::start(|request| Reply::Fine(reply(&request.action, ""))).await;
    let variables = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_ENDPOINT_URL_EC2", server.url()),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "made-up"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/keys"),
    ];
    passed(&child("in_a_function", &variables).await);
    let requests = server.requests();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    let signed = &request.authorization;
    assert!(
        signed.contains("AKIDEXAMPLE/") && signed.contains("/eu-central-1/ec2/aws4_request"),
        "{signed}"
    );
    assert!(
        request.user_agent.contains("app/vpc-guardrail"),
        "{}",
        request.user_agent
    );
}

#[tokio::test]
async fn a_function_that_starts_from_a_snapshot_fetches_its_keys() {
    let server = Server::start(|request| Reply::Fine(reply(&request.action, ""))).await;
    let keys =
        r#"{"AccessKeyId":"AKIDFETCHED","SecretAccessKey":"made-up","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/keys", listener.local_addr().unwrap());
    let routes = axum::Router::new().route("/keys", axum::routing::get(move || async move { keys }));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let variables = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", server.url()),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", address.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "made-up"),
    ];
    passed(&child("in_a_function", &variables).await);
    let requests = server.requests();
    assert!(
        requests
            .iter()
            .all(|request| request.authorization.contains("AKIDFETCHED/")),
        "{requests:?}"
    );
    assert_eq!(requests.len(), 1);
}

#[tokio::test]
#[ignore = "an environment belongs to a process: the tests above run this in ones of their own"]
async fn in_a_function() {
    let aws = Aws::of_function(Timeouts::default()).unwrap();
    assert_eq!(aws.region().as_str(), "eu-central-1");
    let question = Question::Vpc(VPC.parse().unwrap());
    let answers = ask(&aws.ec2(), &[question.clone()].into()).await;
    assert_eq!(
        answers[&question],
        question.without(guardrail_policy::facts::Missing::Gone)
    );
}

#[tokio::test]
async fn a_function_without_a_region_or_keys_says_so() {
    passed(&child("in_a_function_without_a_region", &[]).await);
    let server = Server::start(|request| Reply::Fine(reply(&request.action, ""))).await;
    let variables = [
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", server.url()),
    ];
    passed(&child("in_a_function_without_keys", &variables).await);
    assert!(server.requests().is_empty());
}

#[tokio::test]
#[ignore = "an environment belongs to a process: the test above runs this in one of its own"]
async fn in_a_function_without_a_region() {
    let error = Aws::of_function(Timeouts::default()).unwrap_err();
    assert_eq!(error, ConnectError::NoRegion);
}

#[tokio::test]
#[ignore = "an environment belongs to a process: the test above runs this in one of its own"]
async fn in_a_function_without_keys() {
    let aws = Aws::of_function(Timeouts::default()).unwrap();
    let question = Question::Vpc(VPC.parse().unwrap());
    let answers = ask(&aws.ec2(), &[question.clone()].into()).await;
    assert_eq!(
        answers[&question],
        unreadable(&question, "DescribeVpcs", "NoCredentials")
    );
}
