//! What an event costs a function that has served some before, against the emulated AWS.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, ensure};
use guardrail_policy::record::Record;
use guardrail_policy::rules;
use guardrail_policy::settings::{self, Settings};
use harness::delivery::envelope;
use harness::deployment::Deployment;
use harness::emulator::Emulator;
use harness::function::{Function, Invocation, Outcome};
use harness::network::{open_egress, precise_group};
use harness::stage::{NOTIFY_POLICY, Stage};
use serde_json::{Value, json};

use crate::page::{Page, Table, Target};
use crate::rounds::rounds_of;
use crate::samples::Samples;
use crate::{memory, network};

/// How many events of a kind are delivered before it is looked at, to count calls, and to take the time.
const BEFORE: usize = 5;
const COUNTED: usize = 20;
const TIMED: usize = 200;

/// A kind of event, and what it may cost.
struct Kind {
    what: &'static str,
    payload: Value,
    /// `reason` of its records.
    reason: &'static str,
    reads: usize,
    rounds: usize,
    messages: usize,
}

/// What an event did cost: the most that any did, but for the times.
struct Cost {
    reads: usize,
    messages: usize,
    rounds: usize,
    new_connections: usize,
    processor: Duration,
    wall: Samples,
}

/// Sets a stage and measures memory, calls and times on it.
pub(crate) fn measure(page: &mut Page, naive: &Deployment) -> anyhow::Result<()> {
    let mut stage = Stage::set(Arc::new(Emulator::start()?), NOTIFY_POLICY)?;
    let settings = settings::parse(NOTIFY_POLICY.as_bytes(), &rules::built_names());
    let settings = settings.map_err(|error| anyhow!("the stage's policy cannot be used: {error}"))?;
    let kinds = kinds(&stage)?;
    let finding = kinds.first().context("there are kinds")?;
    memory::measure(page, &mut stage.function, naive, &finding.payload)?;
    let costs: Vec<Cost> = kinds
        .iter()
        .map(|kind| cost(&mut stage, &settings, kind).with_context(|| kind.what))
        .collect::<Result<_, _>>()?;

    page.heading("A warm event")?;
    page.paragraph(&format!(
        "Calls, rounds and connections are the most that any of {COUNTED} events needed, processor time is that of the function over {TIMED} events \
         (clock ticks of 10 ms), and the wall time is mostly that of the emulated AWS, which is written in Python.\n\
         The guide for the processor time of an event is 1.6 ms.\n"
    ))?;
    let head = [
        "event",
        "reads",
        "rounds",
        "messages",
        "new connections",
        "processor time",
        "wall time",
    ];
    let mut table = Table::new(head);
    for (kind, cost) in kinds.iter().zip(&costs) {
        table.row(row(page, kind, cost));
    }
    page.table(&table)?;
    let (events, peak) = (kinds.len() * (BEFORE + COUNTED + TIMED), memory::peak(&stage.function)?);
    page.paragraph(&format!("\nPeak memory after these {events} events: {peak:.1} MiB."))?;
    Ok(())
}

fn row(page: &mut Page, kind: &Kind, cost: &Cost) -> [String; 7] {
    let mut judged = |what: &str, figure: usize, at_most: usize| {
        let met = page.judge(
            &format!("{what} for {}", kind.what),
            figure as f64,
            Target::at_most(at_most as f64, ""),
        );
        format!("{figure} ({met})")
    };
    [
        kind.what.to_owned(),
        judged("reads", cost.reads, kind.reads),
        judged("rounds", cost.rounds, kind.rounds),
        judged("messages", cost.messages, kind.messages),
        judged("new connections", cost.new_connections, 0),
        format!("{:.2} ms", cost.processor.as_secs_f64() * 1e3),
        cost.wall.to_string(),
    ]
}

/// The events, of calls that are made here; the network then stays as it is.
fn kinds(stage: &Stage) -> anyhow::Result<[Kind; 3]> {
    let (network, person) = (&stage.network, stage.person()?);
    let other = precise_group(
        &stage.owner,
        &network.vpc,
        "batch",
        &network.endpoint_group,
        &network.s3_list,
    )?
    .group;
    let event_of = |group: &str, cidr: &str| -> anyhow::Result<Value> {
        let opened = open_egress(&person, group, cidr)?;
        opened.succeeded()?;
        network::batch(envelope(&opened.record).to_string().as_bytes())
    };
    Ok([
        Kind {
            what: "a finding with its plan",
            payload: event_of(&network.app_group, "0.0.0.0/0")?,
            reason: "found",
            reads: 9,
            rounds: 3,
            messages: 1,
        },
        Kind {
            what: "a clean verdict",
            payload: event_of(&other, "10.99.0.0/16")?,
            reason: "clean",
            reads: 3,
            rounds: 3,
            messages: 0,
        },
        Kind {
            what: "not ours",
            payload: network::batch(&network::not_ours().envelope())?,
            reason: "not_ours",
            reads: 0,
            rounds: 0,
            messages: 0,
        },
    ])
}

fn cost(stage: &mut Stage, settings: &Settings, kind: &Kind) -> anyhow::Result<Cost> {
    let mut connections = BTreeSet::new();
    for _ in 0..BEFORE {
        deliver(&mut stage.function, &kind.payload)?;
    }
    let calls = stage.calls.take()?;
    connections.extend(calls.0.into_iter().map(|call| call.connection));
    let (mut reads, mut messages, mut rounds, mut new_connections) = (0, 0, 0, 0);
    for _ in 0..COUNTED {
        let invocation = deliver(&mut stage.function, &kind.payload)?;
        rounds = rounds.max(rounds_of(&record(&invocation, kind.reason)?, settings)?);
        let calls = stage.calls.take()?;
        reads = reads.max(calls.to("ec2"));
        messages = messages.max(calls.count() - calls.to("ec2"));
        let mut new = calls.0.into_iter().map(|call| call.connection).collect::<BTreeSet<_>>();
        new.retain(|connection| !connections.contains(connection));
        new_connections = new_connections.max(new.len());
        connections.extend(new);
    }
    let before = processor_time(&stage.function)?;
    let mut walls = Vec::new();
    for _ in 0..TIMED {
        walls.push(deliver(&mut stage.function, &kind.payload)?.took);
    }
    let used = processor_time(&stage.function)?.saturating_sub(before);
    Ok(Cost {
        reads,
        messages,
        rounds,
        new_connections,
        processor: used / TIMED as u32,
        wall: Samples::of(walls),
    })
}

fn processor_time(function: &Function) -> anyhow::Result<Duration> {
    function.processor_time().context("the function is gone")
}

/// Hands over a batch of one message, which the function must take for done.
pub(crate) fn deliver(function: &mut Function, payload: &Value) -> anyhow::Result<Invocation> {
    let invocation = function.invoke(payload)?;
    let done = Outcome::Response(json!({ "batchItemFailures": [] }));
    ensure!(invocation.outcome == done, "not done: {invocation:#?}");
    Ok(invocation)
}

/// The one record of an invocation, which must be for this reason.
fn record(invocation: &Invocation, reason: &str) -> anyhow::Result<Record> {
    let records = invocation.records();
    let [record] = records.as_slice() else {
        anyhow::bail!("one record should be written: {invocation:#?}")
    };
    ensure!(
        record.get("reason").is_some_and(|said| said == reason),
        "not {reason}: {record:#}"
    );
    Ok(serde_json::from_value(record.clone())?)
}
