//! Serves what Lambda hands over: every event in it is handled by itself and leaves one record.

use std::io::Write as _;
use std::time::{Duration, Instant, SystemTime};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsMessage};
use guardrail_aws::Sns;
use guardrail_policy::case::Ceiling;
use guardrail_policy::event::{self, Outcome};
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::ledger::Lease;
use guardrail_policy::record::{Record, Refused};
use guardrail_policy::rules::Rule;
use guardrail_policy::settings::RuleName;
use guardrail_runner::ports::{Act, Answer, Clock};
use guardrail_runner::{Delivery, Guard, Ledger, Runner};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::delivery::Handed;
use crate::kill_switch::KillSwitch;
use crate::ledger::AnyLedger;
use crate::metrics;
use crate::policy_file::{InForce, PolicyFile};

/// What is kept back of the function's time to write the record and answer.
const RESERVE: Duration = Duration::from_millis(1_500);

/// How long after its deadline an invocation counts as ended: clocks differ, and Lambda needs a moment to end it.
pub(crate) const SURELY_ENDED: SignedDuration = SignedDuration::from_secs(10);

/// The function, ready to serve.
pub(crate) struct Server<N> {
    pub(crate) name: String,
    pub(crate) guard: Guard,
    pub(crate) policy: PolicyFile,
    pub(crate) kill_switch: Option<KillSwitch>,
    pub(crate) ledger: Option<AnyLedger>,
    pub(crate) max_receives: u32,
    pub(crate) network: N,
    pub(crate) sns: Sns,
}

/// One event as it was handed over.
struct Hand {
    delivery: Delivery,
    /// Another for every delivery.
    owner: String,
    /// Until when the function runs.
    deadline: SystemTime,
}

/// A direct invocation that must be made again; Lambda retries it when it was asynchronous.
#[derive(Debug)]
pub(crate) struct InvokeAgain(String);

impl From<InvokeAgain> for Diagnostic {
    fn from(error: InvokeAgain) -> Self {
        Self {
            error_type: "InvokeAgain".to_owned(),
            error_message: error.0,
        }
    }
}

/// The system's clock and tokio's timer.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

impl<N: Answer + Act> Server<N> {
    /// Serves one invocation.
    pub(crate) async fn serve(&self, invocation: LambdaEvent<Box<RawValue>>) -> Result<Value, InvokeAgain> {
        let context = &invocation.context;
        let (request, deadline) = (context.request_id.as_str(), context.deadline());
        match Handed::read(&invocation.payload) {
            Handed::Batch(messages) => Ok(self.batch(messages, request, deadline).await),
            Handed::Event => {
                let hand = Hand {
                    delivery: Delivery::Direct,
                    owner: request.to_owned(),
                    deadline,
                };
                self.direct(invocation.payload.get().as_bytes(), hand).await
            }
        }
    }

    /// A batch: what must be delivered again is named, everything else is done with.
    async fn batch(&self, messages: Vec<SqsMessage>, request: &str, deadline: SystemTime) -> Value {
        let mut response = SqsBatchResponse::default();
        for message in messages {
            let id = message.message_id.clone().unwrap_or_default();
            let hand = Hand {
                delivery: Delivery::Queue {
                    last: receives(&message) >= self.max_receives,
                },
                owner: format!("{request}/{id}"),
                deadline,
            };
            let body = message.body.unwrap_or_default();
            let record = self.handle(body.as_bytes(), hand).await;
            if record.deliver_again {
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = id;
                response.batch_item_failures.push(failure);
            }
        }
        serde_json::to_value(response).unwrap_or(Value::Null)
    }

    async fn direct(&self, bytes: &[u8], hand: Hand) -> Result<Value, InvokeAgain> {
        let record = self.handle(bytes, hand).await;
        if record.deliver_again {
            let why = record
                .error
                .unwrap_or_else(|| "something could not be read or sent".to_owned());
            return Err(InvokeAgain(format!("{why}; see {}", record.record_id)));
        }
        Ok(json!({ "record_id": record.record_id, "reason": record.reason }))
    }

    /// Handles one event within the time that is left, and writes its record.
    async fn handle(&self, bytes: &[u8], hand: Hand) -> Record {
        let until = Instant::now() + time_left(hand.deadline);
        let in_time = tokio::time::timeout_at(until.into(), self.run(bytes, &hand)).await;
        let (record, policy_trouble) = in_time.unwrap_or_else(|_| (out_of_time(bytes), false));
        write_line(&record);
        write_line(&metrics::of(&record, &self.name, policy_trouble));
        record
    }

    async fn run(&self, bytes: &[u8], hand: &Hand) -> (Record, bool) {
        let InForce {
            settings,
            missing,
            trouble,
        } = self.policy.in_force().await;
        if let Some(trouble) = &trouble {
            tracing::error!(error = %trouble, "the last good policy stays in force");
        }
        let alone = alone(&self.guard, missing);
        if let Some(record) = alone.as_ref().and_then(|alone| self.refused(bytes, alone)) {
            return (record, true);
        }
        let ceilings: Vec<Ceiling> = match &self.kill_switch {
            Some(switch) => vec![switch.ceiling().await],
            None => Vec::new(),
        };
        let ledger = self.ledger.as_ref().map(|keep| Ledger {
            keep,
            lease: lease(hand),
        });
        let runner = Runner {
            guard: alone.as_ref().unwrap_or(&self.guard),
            ceilings: &ceilings,
            settings: &settings,
            answer: &self.network,
            act: &self.network,
            tell: &self.sns,
            ledger,
            clock: &SystemClock,
        };
        let is_troubled = trouble.is_some() || alone.is_some();
        (runner.handle(bytes, hand.delivery).await, is_troubled)
    }

    /// Writes into the log that only one rule runs, and why.
    pub(crate) async fn say_what_is_wrong(&self) {
        if let Some(alone) = alone(&self.guard, self.policy.in_force().await.missing) {
            let rule = RuleName::GuardrailTampered;
            let why = alone.own.troubles.join("; ");
            tracing::error!(%why, "{} runs with {rule} alone, since its configuration cannot be used", self.name);
        }
    }

    /// What another rule should judge, and none does now: it goes back to its queue, and never away unseen.
    fn refused(&self, bytes: &[u8], alone: &Guard) -> Option<Record> {
        let (_, event) = event::parse(bytes).ok()?;
        let is_another = |rule: &&&Rule| rule.name != RuleName::GuardrailTampered;
        let mut others = self.guard.rules.iter().filter(is_another);
        if event.outcome != Outcome::Succeeded || !others.any(|rule| rule.is_woken_by(&event.call)) {
            return None;
        }
        let why = alone.own.troubles.join("; ");
        let error = format!("the rules that judge this call do not run, since the configuration cannot be used: {why}");
        let now = Timestamp::now();
        Some(Record::refused(Refused::Misconfigured, bytes, Some(event), error, now))
    }
}

/// What is left of a guard whose configuration cannot be used: the rule that tells of just such things.
fn alone(guard: &Guard, missing: Option<String>) -> Option<Guard> {
    let mut troubles = guard.own.troubles.clone();
    troubles.extend(missing.map(|why| in_one_line(&why)));
    if troubles.is_empty() {
        return None;
    }
    let mut alone = guard.clone();
    alone.rules.retain(|rule| rule.name == RuleName::GuardrailTampered);
    alone.own.troubles = troubles;
    Some(alone)
}

/// The beginning of a text of several lines: it stands in messages and in every record.
fn in_one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(500).collect()
}

/// How often the queue has delivered a message, this time included; a message that does not say so counts as new.
fn receives(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// The claim holds until Lambda has surely ended this invocation; the queue's visibility time-out is longer than that.
fn lease(hand: &Hand) -> Lease {
    let end = Timestamp::try_from(hand.deadline).unwrap_or_else(|_| Timestamp::now());
    Lease {
        owner: hand.owner.clone(),
        until: end.checked_add(SURELY_ENDED).unwrap_or(Timestamp::MAX),
    }
}

fn out_of_time(bytes: &[u8]) -> Record {
    let error =
        "the function's time ran out before it was decided: raise its timeout, or lower the batch size".to_owned();
    Record::refused(Refused::OutOfTime, bytes, None, error, Timestamp::now())
}

/// The time until the function is killed, less a reserve.
fn time_left(deadline: SystemTime) -> Duration {
    deadline
        .duration_since(SystemTime::now())
        .unwrap_or_default()
        .saturating_sub(RESERVE)
}

/// Writes one JSON line to standard output, where Lambda takes it into the log.
pub(crate) fn write_line(line: &impl Serialize) {
    let Ok(mut bytes) = serde_json::to_vec(line) else {
        tracing::error!("a record could not be written as JSON");
        return;
    };
    bytes.push(b'\n');
    if let Err(error) = std::io::stdout().lock().write_all(&bytes) {
        tracing::error!(%error, "a record could not be written to standard output");
    }
}
