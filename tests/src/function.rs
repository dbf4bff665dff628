//! A Lambda function: the real compiled binary, run as Lambda runs it.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::deployment::Deployment;
use crate::instance::Instance;
use crate::runtime_api::{Happening, Pending};
use crate::{Result, unique};

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The function's answer.
    Response(Value),
    /// The function's error.
    Error {
        /// `errorType`.
        kind: String,
        /// `errorMessage`.
        message: String,
    },
    /// The process ended instead of answering.
    Exited(ExitStatus),
    /// The time was up; Lambda has killed the process.
    TimedOut,
    /// The test has killed the process.
    Killed,
}

/// One invocation.
#[derive(Debug)]
pub struct Invocation {
    /// How it ended.
    pub outcome: Outcome,
    /// From handing over the event to the complete answer, as far as there was one.
    pub took: Duration,
    /// The lines that the function wrote to standard output meanwhile, or before its first event.
    pub logs: Vec<String>,
    /// What it wrote to standard error.
    pub errors: String,
}

impl Invocation {
    /// The guardrail's records among the log lines: JSON objects with a `record_id`.
    pub fn records(&self) -> Vec<Value> {
        let json = self
            .logs
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        json.filter(|line| line.get("record_id").is_some()).collect()
    }
}

/// Figures of one cold start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColdStart {
    /// From the start of the process to its first request for an event.
    pub to_first_next: Duration,
    /// From the start of the process to its first answer.
    pub to_first_answer: Duration,
}

/// A function with at most one process, started when there is something to do and again after a crash,
/// as in Lambda. The process is killed when this is dropped.
pub struct Function {
    deployment: Deployment,
    instance: Option<Instance>,
}

impl Function {
    /// Starts the function and waits until it asks for an event.
    ///
    /// # Errors
    /// [`crate::Error::Exited`] where it refuses to start, with its reasons.
    pub fn start(deployment: Deployment) -> Result<Self> {
        let mut function = Self {
            deployment,
            instance: None,
        };
        let mut instance = Instance::spawn(&function.deployment)?;
        instance.await_ready(&function.deployment.name)?;
        function.instance = Some(instance);
        Ok(function)
    }

    /// Starts a process with its first event already waiting, and measures.
    ///
    /// # Errors
    /// Where the process cannot be started or did not answer.
    pub fn cold_start(deployment: Deployment, payload: &Value) -> Result<(Self, Invocation, ColdStart)> {
        let mut function = Self {
            deployment,
            instance: None,
        };
        let (invocation, figures) = function.start_anew(payload)?;
        Ok((function, invocation, figures))
    }

    /// Kills the process and measures the start of the next, with its first event already waiting.
    ///
    /// # Errors
    /// As [`Function::cold_start`].
    pub fn start_anew(&mut self, payload: &Value) -> Result<(Invocation, ColdStart)> {
        self.kill();
        let invocation = self.invoke(payload)?;
        let to_first_next = self.instance.as_ref().and_then(Instance::to_first_next);
        match to_first_next {
            Some(to_first_next) => {
                let to_first_answer = invocation.took;
                let figures = ColdStart {
                    to_first_next,
                    to_first_answer,
                };
                Ok((invocation, figures))
            }
            None => Err(crate::Error::shape(
                "an answer to the first event",
                &format!("{invocation:?}"),
            )),
        }
    }

    /// The key that signs the function's calls.
    pub fn access_key(&self) -> &str {
        self.deployment.access_key()
    }

    /// Hands `payload` to the function and waits for its answer, at most for its time-out.
    ///
    /// # Errors
    /// Where no process can be started; what the function does wrong is an [`Outcome`].
    pub fn invoke(&mut self, payload: &Value) -> Result<Invocation> {
        self.invoke_bytes(payload.to_string().into_bytes())
    }

    /// As [`Function::invoke`], but kills the process as soon as `now` says so.
    ///
    /// # Errors
    /// As [`Function::invoke`].
    pub fn invoke_and_kill(&mut self, payload: &Value, now: &dyn Fn() -> bool) -> Result<Invocation> {
        self.invoke_until(payload.to_string().into_bytes(), now)
    }

    /// Another function that is deployed in the same way: a second instance, which Lambda may start at any time.
    ///
    /// # Errors
    /// As [`Function::start`].
    pub fn another(&self) -> Result<Self> {
        Self::start(self.deployment.clone())
    }

    /// As [`Function::invoke`], with bytes that may be no JSON.
    ///
    /// # Errors
    /// As [`Function::invoke`].
    pub fn invoke_bytes(&mut self, payload: Vec<u8>) -> Result<Invocation> {
        self.invoke_until(payload, &|| false)
    }

    fn invoke_until(&mut self, payload: Vec<u8>, now: &dyn Fn() -> bool) -> Result<Invocation> {
        let running = self.instance.take().and_then(Instance::still_running);
        let mut instance = running.map_or_else(|| Instance::spawn(&self.deployment), Ok)?;
        let from = if instance.to_first_next().is_none() {
            instance.started()
        } else {
            Instant::now()
        };
        let request_id = unique::uuid();
        let time = self.deployment.time_out;
        instance.api.offer(Pending {
            request_id: request_id.clone(),
            payload,
            time,
        });
        let (outcome, at) = await_answer(&mut instance, &request_id, Instant::now() + time, now);
        let invocation = Invocation {
            outcome,
            took: at - from,
            logs: instance.new_lines(),
            errors: instance.new_errors(),
        };
        if matches!(invocation.outcome, Outcome::Response(_) | Outcome::Error { .. }) {
            self.instance = Some(instance);
        }
        Ok(invocation)
    }

    /// Kills the process; the next invocation starts another.
    pub fn kill(&mut self) {
        self.instance = None;
    }

    /// The most memory that the running process ever held, in KiB; nothing where none runs.
    pub fn peak_memory_kib(&self) -> Option<u64> {
        self.instance.as_ref().and_then(Instance::peak_memory_kib)
    }

    /// The processor time that the running process has used; nothing where none runs.
    pub fn processor_time(&self) -> Option<Duration> {
        let ticks = self.instance.as_ref().and_then(Instance::processor_ticks)?;
        Some(Duration::from_millis(ticks * 10))
    }
}

fn await_answer(
    instance: &mut Instance,
    request: &str,
    until: Instant,
    is_to_be_killed: &dyn Fn() -> bool,
) -> (Outcome, Instant) {
    let mut ended = None;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match instance.wait(left.min(Duration::from_millis(20))) {
            Some(Happening::Answered { request_id, at, answer }) if request_id == request => {
                return (outcome(answer), at);
            }
            Some(_) => {}
            None if left.is_zero() => {
                instance.kill();
                return (Outcome::TimedOut, Instant::now());
            }
            None if is_to_be_killed() => {
                instance.kill();
                return (Outcome::Killed, Instant::now());
            }
            // Seen ended once more after another look for its answer: that may come just before.
            None => match (ended, instance.exited()) {
                (Some(status), _) => return (Outcome::Exited(status), Instant::now()),
                (None, status) => ended = status,
            },
        }
    }
}

fn outcome(answer: std::result::Result<Vec<u8>, Vec<u8>>) -> Outcome {
    match answer {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(response) => Outcome::Response(response),
            Err(_) => Outcome::Error {
                kind: "Runtime.MarshalError".into(),
                message: String::from_utf8_lossy(&bytes).into_owned(),
            },
        },
        Err(bytes) => {
            let error: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            Outcome::Error {
                kind: text("errorType"),
                message: text("errorMessage"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::json;
    use tempfile::NamedTempFile;

    use super::*;
    use crate::{Error, places};

    /// A Lambda runtime client of a few lines: the harness must work with any, not with ours alone.
    fn imitation() -> (NamedTempFile, Deployment) {
        let mut script = NamedTempFile::new().unwrap();
        script.write_all(include_bytes!("imitation.py")).unwrap();
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
}
