//! An SQS queue in front of a function, with Lambda's polling, partial failures and dead letters, and
//! with a clock of its own that skips waiting.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::delivery::{batch, envelope, queue_arn};
use crate::function::{Function, Invocation, Outcome};
use crate::record::Record;
use crate::{Result, unique};

/// What a message carries.
#[derive(Debug, Clone, PartialEq)]
enum Load {
    /// A record in EventBridge's envelope.
    Enveloped(Value),
    /// A record as it is.
    Bare(Record),
    /// Any text.
    Text(String),
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    id: String,
    load: Load,
    sent: SystemTime,
    first_received: Option<SystemTime>,
    receives: u32,
    hidden_for: Duration,
}

impl Message {
    /// Its `messageId`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How often it was received.
    pub fn receives(&self) -> u32 {
        self.receives
    }

    /// Its text.
    pub fn body(&self) -> String {
        match &self.load {
            Load::Enveloped(json) => json.to_string(),
            Load::Bare(record) => record.json().to_string(),
            Load::Text(text) => text.clone(),
        }
    }

    pub(crate) fn sent(&self) -> SystemTime {
        self.sent
    }

    pub(crate) fn first_received(&self) -> SystemTime {
        self.first_received.unwrap_or(self.sent)
    }

    /// Makes it a message about a call made longer ago, sent longer ago.
    fn age(&mut self, by: Duration) {
        self.hidden_for = self.hidden_for.saturating_sub(by);
        self.sent -= by;
        self.first_received = self.first_received.map(|time| time - by);
        match &mut self.load {
            Load::Text(_) => {}
            Load::Bare(record) => *record = record.clone().aged(by),
            Load::Enveloped(envelope) => {
                let record = Record::new(envelope.get("detail").cloned().unwrap_or_default()).aged(by);
                if let Some(fields) = envelope.as_object_mut() {
                    fields.insert("time".into(), record.text("/eventTime").into());
                    fields.insert("detail".into(), record.json().clone());
                }
            }
        }
    }
}

/// What became of one batch.
#[derive(Debug)]
pub struct Delivery {
    /// The function's answer.
    pub invocation: Invocation,
    /// The messages that are done.
    pub acknowledged: Vec<String>,
    /// The messages that will come again, or have become dead letters.
    pub returned: Vec<String>,
}

/// A queue with its redrive policy.
///
/// Its clock stands still but for [`Queue::elapse`]. Time that elapses makes the events in it look that
/// much older (their `eventTime` moves back), which is what a function would see if it had really
/// waited.
#[derive(Debug)]
pub struct Queue {
    arn: String,
    delay: Duration,
    /// Six times the function's time-out, as AWS advises.
    visibility: Duration,
    max_receives: u32,
    batch_size: usize,
    waiting: VecDeque<Message>,
    dead: Vec<Message>,
}

impl Queue {
    /// A queue without a delay.
    pub fn immediate(name: &str) -> Self {
        Self::delayed(name, Duration::ZERO)
    }

    /// A queue that shows a message only after `delay`.
    pub fn delayed(name: &str, delay: Duration) -> Self {
        Self {
            arn: queue_arn(name),
            delay,
            visibility: Duration::from_secs(360),
            max_receives: 3,
            batch_size: 10,
            waiting: VecDeque::new(),
            dead: Vec::new(),
        }
    }

    /// The same queue with another `maxReceiveCount`.
    #[must_use]
    pub fn max_receives(mut self, count: u32) -> Self {
        self.max_receives = count;
        self
    }

    /// Sends a record in EventBridge's envelope, as the event rule does; gives the message's id.
    pub fn send(&mut self, record: &Record) -> String {
        self.put(Load::Enveloped(envelope(record)))
    }

    /// Sends a record without an envelope; gives the message's id.
    pub fn send_bare(&mut self, record: &Record) -> String {
        self.put(Load::Bare(record.clone()))
    }

    /// Sends any text; gives the message's id.
    pub fn send_text(&mut self, text: &str) -> String {
        self.put(Load::Text(text.to_owned()))
    }

    fn put(&mut self, load: Load) -> String {
        let id = unique::uuid();
        self.waiting.push_back(Message {
            id: id.clone(),
            load,
            sent: SystemTime::now(),
            first_received: None,
            receives: 0,
            hidden_for: self.delay,
        });
        id
    }

    /// Lets time pass for what is in the queue.
    pub fn elapse(&mut self, by: Duration) {
        self.waiting.iter_mut().for_each(|message| message.age(by));
    }

    /// Hands one batch of the visible messages to `function`; nothing where none is visible. Messages
    /// that have been received too often become dead letters instead.
    ///
    /// # Errors
    /// Where the function cannot be run; its own failures are in the [`Delivery`].
    pub fn deliver(&mut self, function: &mut Function) -> Result<Option<Delivery>> {
        self.deliver_and_kill(function, &|| false)
    }

    /// As [`Queue::deliver`], but kills the function's process as soon as `now` says so.
    ///
    /// # Errors
    /// As [`Queue::deliver`].
    pub fn deliver_and_kill(&mut self, function: &mut Function, now: &dyn Fn() -> bool) -> Result<Option<Delivery>> {
        let received = self.receive();
        if received.is_empty() {
            return Ok(None);
        }
        let invocation = function.invoke_and_kill(&batch(&self.arn, &received), now)?;
        let failed = failed_items(&invocation.outcome, &received);
        let (returned, done): (Vec<_>, Vec<_>) =
            received.into_iter().partition(|message| failed.contains(message.id()));
        let ids = |messages: &[Message]| messages.iter().map(|message| message.id.clone()).collect();
        let delivery = Delivery {
            invocation,
            acknowledged: ids(&done),
            returned: ids(&returned),
        };
        self.waiting.extend(returned);
        Ok(Some(delivery))
    }

    /// Delivers, and lets visibility time-outs pass, until nothing is left but dead letters.
    ///
    /// # Errors
    /// As [`Queue::deliver`].
    pub fn drain(&mut self, function: &mut Function) -> Result<Vec<Delivery>> {
        let mut deliveries = Vec::new();
        while !self.waiting.is_empty() {
            match self.deliver(function)? {
                Some(delivery) => deliveries.push(delivery),
                None => self.elapse(self.visibility.max(self.delay)),
            }
        }
        Ok(deliveries)
    }

    /// The visibility time-out.
    pub fn visibility(&self) -> Duration {
        self.visibility
    }

    /// The messages that were received too often.
    pub fn dead_letters(&self) -> &[Message] {
        &self.dead
    }

    /// How many messages wait, visible or not.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no message waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn receive(&mut self) -> Vec<Message> {
        let mut received = Vec::new();
        let mut rest = VecDeque::new();
        while let Some(mut message) = self.waiting.pop_front() {
            if !message.hidden_for.is_zero() || received.len() == self.batch_size {
                rest.push_back(message);
            } else if message.receives == self.max_receives {
                self.dead.push(message);
            } else {
                message.receives += 1;
                message.first_received.get_or_insert_with(SystemTime::now);
                message.hidden_for = self.visibility;
                received.push(message);
            }
        }
        self.waiting = rest;
        received
    }
}

/// Which messages Lambda gives back. An answer without `batchItemFailures`, or with an empty list, is
/// success; an identifier that was not in the batch, or is no text, fails the whole batch, as in AWS's
/// documentation of partial batch responses.
fn failed_items(outcome: &Outcome, received: &[Message]) -> BTreeSet<String> {
    let all = || received.iter().map(|message| message.id.clone()).collect();
    let Outcome::Response(response) = outcome else {
        return all();
    };
    let failures = match response.get("batchItemFailures") {
        None | Some(Value::Null) => return BTreeSet::new(),
        Some(Value::Array(failures)) => failures,
        Some(_) => return all(),
    };
    let known: BTreeSet<&str> = received.iter().map(Message::id).collect();
    let id = |failure: &Value| failure.get("itemIdentifier")?.as_str().map(str::to_owned);
    match failures.iter().map(id).collect::<Option<BTreeSet<_>>>() {
        Some(ids) if ids.iter().all(|id| known.contains(id.as_str())) => ids,
        _ => all(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record() -> Record {
        Record::new(json!({"eventSource": "ec2.amazonaws.com", "eventTime": "2026-03-01T00:10:00Z"}))
    }

    #[test]
    fn a_delayed_message_shows_after_its_delay_and_its_event_has_aged() {
        let mut queue = Queue::delayed("late", Duration::from_secs(45));
        queue.send(&record());
        queue.elapse(Duration::from_secs(44));
        assert!(queue.receive().is_empty());
        queue.elapse(Duration::from_secs(1));
        let received = queue.receive();
        let body: Value = serde_json::from_str(&received[0].body()).unwrap();
        assert_eq!(body["detail"]["eventTime"], "2026-03-01T00:09:15Z");
        assert_eq!(body["time"], "2026-03-01T00:09:15Z");
    }

    #[test]
    fn a_message_received_too_often_is_a_dead_letter() {
        let mut queue = Queue::immediate("now").max_receives(2);
        queue.send_text("poison");
        for _ in 0..2 {
            let received = queue.receive();
            assert_eq!(received.len(), 1);
            queue.waiting.extend(received);
            assert!(queue.receive().is_empty(), "hidden until its visibility time-out");
            queue.elapse(queue.visibility);
        }
        assert!(queue.receive().is_empty());
        assert_eq!(queue.dead_letters()[0].body(), "poison");
    }

    #[test]
    fn only_the_named_messages_come_back() {
        let mut queue = Queue::immediate("now");
        let good = queue.send_text("good");
        let bad = queue.send_text("bad");
        let received = queue.receive();
        let failures = json!({"batchItemFailures": [{"itemIdentifier": bad}]});
        let failed = failed_items(&Outcome::Response(failures), &received);
        assert!(failed.contains(&bad) && !failed.contains(&good));
    }

    #[test]
    fn an_unknown_identifier_or_an_error_brings_the_whole_batch_back() {
        let mut queue = Queue::immediate("now");
        queue.send_text("a");
        queue.send_text("b");
        let received = queue.receive();
        for response in [
            json!({"batchItemFailures": [{"itemIdentifier": "somebody-else's"}]}),
            json!({"batchItemFailures": [{"itemIdentifier": null}]}),
            json!({"batchItemFailures": [{}]}),
        ] {
            assert_eq!(failed_items(&Outcome::Response(response), &received).len(), 2);
        }
        let error = Outcome::Error {
            kind: "Oops".into(),
            message: String::new(),
        };
        assert_eq!(failed_items(&error, &received).len(), 2);
    }

    #[test]
    fn an_answer_without_failures_is_success() {
        let mut queue = Queue::immediate("now");
        queue.send_text("a");
        let received = queue.receive();
        for response in [json!({}), json!(null), json!({"batchItemFailures": []})] {
            assert!(failed_items(&Outcome::Response(response), &received).is_empty());
        }
    }
}
