//! A function that is configured wrongly: it says all that is wrong at once, and does not start.

use guardrail_policy::functions::{BUILT, FunctionName};
use harness::Error;
use harness::deployment::Deployment;
use harness::emulator::Emulator;
use harness::function::Function;
use harness::stage::{NOTIFY_POLICY, policy_file};
use serde_json::json;

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:guardrail";

/// What a function says that must not start.
fn refusal(deployment: Deployment) -> String {
    match Function::start(deployment) {
        Err(Error::Exited { status, stderr, .. }) => {
            assert!(!status.success());
            stderr
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
}

fn bare() -> Deployment {
    Deployment::of("security-groups", Emulator::shared().unwrap().endpoint()).unwrap()
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let said = refusal(bare());
    assert!(
        said.contains("GUARDRAIL_POLICY") && said.contains("GUARDRAIL_TOPIC_ARN"),
        "{said}"
    );
}

#[test]
fn a_policy_that_cannot_be_read_is_named() {
    let said = refusal(
        bare()
            .variable("GUARDRAIL_TOPIC_ARN", TOPIC)
            .variable("GUARDRAIL_POLICY", "file:/nowhere/policy.yaml"),
    );
    assert!(said.contains("/nowhere/policy.yaml"), "{said}");
}

#[test]
fn a_mistake_in_the_policy_is_shown_with_its_line_and_what_was_meant() {
    let policy = policy_file(&NOTIFY_POLICY.replace("mode: notify", "mode: notifi")).unwrap();
    let said = refusal(harness::stage::configured(bare(), &policy, TOPIC));
    assert!(said.contains("notifi") && said.contains("did you mean"), "{said}");
    let line = NOTIFY_POLICY
        .lines()
        .position(|line| line.starts_with("mode:"))
        .unwrap()
        + 1;
    assert!(said.contains(&format!("{line}:")), "line {line}: {said}");
}

#[test]
fn malformed_variables_are_named_all_together() {
    let policy = policy_file(NOTIFY_POLICY).unwrap();
    let deployment = harness::stage::configured(bare(), &policy, "no-arn")
        .variable("GUARDRAIL_MAX_MODE", "destroy")
        .variable("GUARDRAIL_ROLE_ARNS", "not-an-arn")
        .variable("GUARDRAIL_PARTS", "arn:aws:s3:::bucket")
        .variable("GUARDRAIL_MAX_RECEIVES", "often");
    let said = refusal(deployment);
    for name in [
        "GUARDRAIL_TOPIC_ARN",
        "GUARDRAIL_MAX_MODE",
        "GUARDRAIL_ROLE_ARNS",
        "GUARDRAIL_PARTS",
        "GUARDRAIL_MAX_RECEIVES",
    ] {
        assert!(said.contains(name), "`{name}` is missing in:\n{said}");
    }
}

/// A function of which nothing but the topic is configured as it should be.
fn broken(name: &str) -> Deployment {
    Deployment::of(name, Emulator::shared().unwrap().endpoint())
        .unwrap()
        .variable("GUARDRAIL_TOPIC_ARN", TOPIC)
        .variable("GUARDRAIL_POLICY", "file:/nowhere/policy.yaml")
        .variable("GUARDRAIL_LEDGER_TABLE", "no table")
        .variable("GUARDRAIL_MAX_MODE", "destroy")
        .variable("GUARDRAIL_SURPRISE", "1")
}

/// Who watches the guardrail itself must be able to tell that somebody broke it.
#[test]
fn apis_starts_with_one_rule_while_its_topic_is_known_and_all_others_refuse_to() {
    for function in BUILT.iter().filter(|function| function.name != FunctionName::Apis) {
        let said = refusal(broken(function.name.as_str()));
        assert!(
            said.contains("GUARDRAIL_LEDGER_TABLE") && said.contains("GUARDRAIL_SURPRISE"),
            "{said}"
        );
    }
    let mut apis = Function::start(broken("apis")).unwrap();
    let invocation = apis.invoke(&json!({})).unwrap();
    let log = invocation.logs.join("\n");
    assert!(log.contains("guardrail-tampered alone"), "{log}");
    for part in [
        "GUARDRAIL_LEDGER_TABLE",
        "GUARDRAIL_MAX_MODE",
        "GUARDRAIL_SURPRISE",
        "/nowhere/policy.yaml",
    ] {
        assert!(log.contains(part), "`{part}` is missing in:\n{log}");
    }
}

#[test]
fn without_a_topic_apis_does_not_start_either() {
    let said = refusal(broken("apis").variable("GUARDRAIL_TOPIC_ARN", "guardrail"));
    assert!(said.contains("GUARDRAIL_TOPIC_ARN"), "{said}");
}
