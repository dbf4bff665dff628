//! One of the two: a function, what it is handed, and what it must answer.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use harness::calls::{CallWatch, Calls};
use harness::function::{ColdStart, Function, Invocation, Outcome};
use harness::inbox::Inbox;
use harness::ledger::LedgerTable;
use serde_json::{Value, json};

use super::deployed::Deployed;
use crate::network;

/// A function that serves events.
pub(super) struct Side<'a> {
    function: &'a mut Function,
    calls: &'a mut CallWatch,
    inbox: &'a Inbox,
    ledger: Option<&'a LedgerTable>,
    /// What Lambda hands it for the envelope of an event.
    event: fn(&Value) -> anyhow::Result<Value>,
    /// What it answers when all is done.
    done: Value,
    /// The connections that its process has used so far.
    connections: BTreeSet<String>,
}

/// What one event cost.
pub(super) struct Cost {
    /// From handing it over, or from the start of the process, to the answer.
    pub(super) wall: Duration,
    /// Of the process, from its start where this was its first event.
    pub(super) processor: Duration,
    /// The calls to AWS.
    pub(super) calls: usize,
    /// The connections made for them.
    pub(super) new_connections: usize,
}

impl<'a> Side<'a> {
    /// Our function, which gets its events through a queue.
    pub(super) fn ours(
        function: &'a mut Function,
        calls: &'a mut CallWatch,
        inbox: &'a Inbox,
        ledger: Option<&'a LedgerTable>,
    ) -> Self {
        Self {
            function,
            calls,
            inbox,
            ledger,
            event: |envelope| network::batch(envelope.to_string().as_bytes()),
            done: json!({ "batchItemFailures": [] }),
            connections: BTreeSet::new(),
        }
    }

    /// Custodian's, which gets them from EventBridge.
    pub(super) fn custodian(deployed: &'a mut Deployed) -> Self {
        Self {
            function: &mut deployed.function,
            calls: &mut deployed.calls,
            inbox: &deployed.inbox,
            ledger: None,
            event: |envelope| Ok(envelope.clone()),
            done: json!(true),
            connections: BTreeSet::new(),
        }
    }

    /// Has the next process serve an event.
    pub(super) fn start(&mut self, envelope: &Value) -> anyhow::Result<(ColdStart, Cost)> {
        let event = (self.event)(envelope)?;
        self.calls.take()?;
        self.connections.clear();
        let (invocation, start) = self.function.start_anew(&event)?;
        Ok((start, self.cost(&invocation, Duration::ZERO)?))
    }

    /// Has the running process serve an event.
    pub(super) fn serve(&mut self, envelope: &Value) -> anyhow::Result<Cost> {
        let event = (self.event)(envelope)?;
        self.calls.take()?;
        let before = self.processor()?;
        let invocation = self.function.invoke(&event)?;
        self.cost(&invocation, before)
    }

    /// How many messages came since the last time; what the ledger remembers of the event is forgotten.
    pub(super) fn messages(&self) -> anyhow::Result<usize> {
        self.ledger.map_or(Ok(()), LedgerTable::clear)?;
        Ok(self.inbox.messages()?.len())
    }

    /// The most memory that its process ever held, in MiB.
    pub(super) fn peak(&self) -> anyhow::Result<f64> {
        crate::memory::peak(self.function)
    }

    fn cost(&mut self, invocation: &Invocation, before: Duration) -> anyhow::Result<Cost> {
        let done = Outcome::Response(self.done.clone());
        ensure!(invocation.outcome == done, "not done: {invocation:#?}");
        let calls = self.calls.take()?;
        let refused = calls.0.iter().find(|call| call.status >= 400);
        ensure!(refused.is_none(), "a call was refused: {refused:?}");
        Ok(Cost {
            wall: invocation.took,
            processor: self.processor()?.saturating_sub(before),
            calls: calls.count(),
            new_connections: self.made_for(&calls),
        })
    }

    fn made_for(&mut self, calls: &Calls) -> usize {
        let used = calls.0.iter().map(|call| call.connection.clone());
        used.filter(|connection| self.connections.insert(connection.clone()))
            .count()
    }

    fn processor(&self) -> anyhow::Result<Duration> {
        self.function.processor_time().context("the function is gone")
    }
}
