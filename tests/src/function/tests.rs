//! What a function's process is given, and what it leaves.

use std::io::Write as _;

use serde_json::json;
use tempfile::NamedTempFile;

use super::*;
use crate::{Error, places};

/// A Lambda runtime client of a few lines: the harness must work with any, not with ours alone.
fn imitation() -> (NamedTempFile, Deployment) {
    let mut script = NamedTempFile::new().unwrap();
    script.write_all(include_bytes!("../imitation.py")).unwrap();
    let nowhere = "http://127.0.0.1:9";
    let deployment = Deployment::of_program("imitation", places::python().unwrap(), nowhere)
        .argument(script.path())
        .time_out(Duration::from_secs(20));
    (script, deployment)
}

#[test]
fn an_invocation_gives_the_answer_and_the_lines_written_meanwhile() {
    let (_script, deployment) = imitation();
    let mut function = Function::start(deployment).unwrap();
    for number in 1..=3 {
        let invocation = function.invoke(&json!({"do": "answer", "number": number})).unwrap();
        assert_eq!(invocation.outcome, Outcome::Response(json!({"number": number})));
        assert_eq!(invocation.records(), [json!({"record_id": format!("r{number}")})]);
        assert_eq!(invocation.logs.len(), 2, "a plain line and a record");
    }
    assert!(function.peak_memory_kib().unwrap() > 1000);
    assert!(function.processor_time().is_some());
}

#[test]
fn the_function_sees_what_lambda_gives_it_and_nothing_of_this_machine() {
    let (_script, deployment) = imitation();
    let deployment = deployment.variable("GUARDRAIL_POLICY", "file:/policy.yaml");
    let mut function = Function::start(deployment).unwrap();
    let Outcome::Response(seen) = function.invoke(&json!({"do": "describe"})).unwrap().outcome else {
        panic!("no answer")
    };
    assert_eq!(seen["environment"]["AWS_ENDPOINT_URL"], "http://127.0.0.1:9");
    assert_eq!(seen["environment"]["GUARDRAIL_POLICY"], "file:/policy.yaml");
    assert_eq!(seen["environment"]["AWS_ACCESS_KEY_ID"], function.access_key());
    assert_eq!(seen["environment"].get("HOME"), None);
    assert_eq!(seen["environment"].get("PATH"), None);
    assert_eq!(seen["arn"], "arn:aws:lambda:eu-west-1:111122223333:function:imitation");
    assert_eq!(
        seen["milliseconds_left"]
            .as_i64()
            .map(|left| left > 0 && left <= 20_000),
        Some(true)
    );
}

#[test]
fn an_error_of_the_function_is_told_with_its_type_and_the_function_goes_on() {
    let (_script, deployment) = imitation();
    let mut function = Function::start(deployment).unwrap();
    let failed = function.invoke(&json!({"do": "fail"})).unwrap();
    let error = Outcome::Error {
        kind: "Imitated".into(),
        message: "as asked".into(),
    };
    assert_eq!(failed.outcome, error);
    let next = function.invoke(&json!({"do": "answer", "number": 1})).unwrap();
    assert_eq!(next.outcome, Outcome::Response(json!({"number": 1})));
}

#[test]
fn a_process_that_ends_or_hangs_is_replaced_by_the_next_invocation() {
    let (_script, deployment) = imitation();
    let deployment = deployment.time_out(Duration::from_secs(2));
    let mut function = Function::start(deployment).unwrap();
    let ended = function.invoke(&json!({"do": "end"})).unwrap();
    assert!(matches!(ended.outcome, Outcome::Exited(status) if status.code() == Some(3)));
    assert_eq!(ended.errors, "ending as asked\n");
    let hung = function.invoke(&json!({"do": "hang"})).unwrap();
    assert_eq!(hung.outcome, Outcome::TimedOut);
    let mut function = Function {
        deployment: function.deployment.clone(),
        ..function
    };
    function.deployment = function.deployment.time_out(Duration::from_secs(20));
    let next = function.invoke(&json!({"do": "answer", "number": 1})).unwrap();
    assert_eq!(next.outcome, Outcome::Response(json!({"number": 1})));
}

#[test]
fn a_function_that_refuses_to_start_is_told_with_its_reasons() {
    let (_script, deployment) = imitation();
    let refused = Function::start(deployment.variable("REFUSE", "the policy is missing")).err();
    let Some(Error::Exited { status, stderr, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(status.code(), Some(1));
    assert_eq!(stderr, "the policy is missing\n");
}

#[test]
fn a_cold_start_asks_before_it_answers() {
    let (_script, deployment) = imitation();
    let payload = json!({"do": "answer", "number": 1});
    let (_function, invocation, cold) = Function::cold_start(deployment, &payload).unwrap();
    assert_eq!(invocation.outcome, Outcome::Response(json!({"number": 1})));
    assert!(cold.to_first_next < cold.to_first_answer);
}

#[test]
fn a_start_anew_is_another_process_in_the_folder_of_the_code() {
    let (_script, deployment) = imitation();
    let folder = tempfile::tempdir().unwrap();
    let mut function = Function::start(deployment.in_folder(folder.path())).unwrap();
    let mut seen = |start: bool| {
        let event = json!({"do": "describe"});
        let invocation = if start {
            let (invocation, cold) = function.start_anew(&event).unwrap();
            assert!(cold.to_first_next < cold.to_first_answer);
            invocation
        } else {
            function.invoke(&event).unwrap()
        };
        let Outcome::Response(seen) = invocation.outcome else {
            panic!("no answer")
        };
        assert_eq!(seen["folder"], folder.path().canonicalize().unwrap().to_str().unwrap());
        seen["process"].clone()
    };
    let (first, second, third) = (seen(false), seen(true), seen(false));
    assert_ne!(first, second);
    assert_eq!(second, third);
}

#[test]
fn dropping_the_function_ends_its_process() {
    let (_script, deployment) = imitation();
    let mut function = Function::start(deployment).unwrap();
    let Outcome::Response(seen) = function.invoke(&json!({"do": "describe"})).unwrap().outcome else {
        panic!("no answer")
    };
    let process = format!("/proc/{}", seen["process"]);
    assert!(std::path::Path::new(&process).exists());
    drop(function);
    assert!(!std::path::Path::new(&process).exists());
}
