//! A Lambda function: the real compiled binary, run as Lambda runs it.

#[cfg(test)]
mod tests;

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
