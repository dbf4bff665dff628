//! What an event costs a function that has served some before, against the emulated AWS.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, ensure};
use guardrail_policy::record::Record;
use guardrail_policy::rules;
use guardrail_policy::settings::{self, Settings};
use harness::calls::Calls;
use harness::delivery::envelope;
use harness::deployment::Deployment;
use harness::emulator::Emulator;
use harness::function::{Function, Invocation, Outcome};
use harness::network::{open_egress, precise_group};
use harness::stage::{NOTIFY_POLICY, Stage};
use serde_json::{Value, json};

use crate::effort::Effort;
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
    rounds: Option<usize>,
}

/// What an event did cost.
struct Cost {
    /// The calls of the first event of a process.
    first: Calls,
    counts: Counts,
    processor: Duration,
    wall: Samples,
    /// The most memory that the process ever held, in MiB.
    peak: f64,
}

/// The most of each that any event needed.
#[derive(Default)]
struct Counts {
    reads: usize,
    messages: usize,
    rounds: usize,
    new_connections: usize,
}

/// Sets a stage and measures memory, calls and times on it.
pub(crate) fn measure(page: &mut Page, naive: &Deployment, effort: Effort) -> anyhow::Result<()> {
    let timed = effort.times(TIMED);
    let mut stage = Stage::set(Arc::new(Emulator::start()?), NOTIFY_POLICY)?;
    let settings = settings::parse(NOTIFY_POLICY.as_bytes(), rules::BUILT_NAMES);
    let settings = settings.map_err(|error| anyhow!("the stage's policy cannot be used: {error}"))?;
    let kinds = kinds(&stage)?;
    let finding = kinds.first().context("there are kinds")?;
    memory::measure(page, &mut stage.function, naive, &finding.payload)?;
    let costs: Vec<Cost> = kinds
        .iter()
        .map(|kind| cost(&mut stage, &settings, kind, timed).with_context(|| kind.what))
        .collect::<Result<_, _>>()?;

    page.heading("A warm event")?;
    page.paragraph(&format!(
        "Reads, rounds, messages and new connections are the most that any of {COUNTED} events needed in a process that had served {BEFORE} before.\n\
         Processor time is the function's, over {timed} events, in clock ticks of 10 ms; the guide for it is 1.6 ms.\n\
         Wall time is mostly that of the emulated AWS, which is written in Python.\n"
    ))?;
    let head = [
        "event",
        "reads",
        "rounds",
        "messages",
        "new connections",
        "processor time",
        "wall time",
        "first event of a process",
    ];
    let mut table = Table::new(head);
    for (kind, cost) in kinds.iter().zip(&costs) {
        table.row(row(page, kind, cost));
    }
    page.table(&table)?;
    let peak = costs.iter().map(|cost| cost.peak).fold(0.0, f64::max);
    page.paragraph(&format!(
        "\nNone of the processes needed more memory for its {} events than {peak:.1} MiB.",
        1 + BEFORE + COUNTED + timed
    ))?;
    Ok(())
}

fn row(page: &mut Page, kind: &Kind, cost: &Cost) -> [String; 8] {
    let mut judged = |what: &str, figure: usize, at_most: usize| {
        let what = format!("{what} for {}", kind.what);
        let met = page.judge(&what, figure as f64, Target::at_most(at_most as f64, ""));
        format!("{figure} ({met})")
    };
    [
        kind.what.to_owned(),
        judged("reads", cost.counts.reads, kind.reads),
        kind.rounds.map_or(cost.counts.rounds.to_string(), |most| {
            judged("rounds", cost.counts.rounds, most)
        }),
        cost.counts.messages.to_string(),
        judged("new connections", cost.counts.new_connections, 0),
        format!("{:.2} ms", cost.processor.as_secs_f64() * 1e3),
        cost.wall.to_string(),
        format!(
            "{} reads, {} connections",
            cost.first.to("ec2"),
            cost.first.connections()
        ),
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
            rounds: Some(3),
        },
        Kind {
            what: "a clean verdict",
            payload: event_of(&other, "10.99.0.0/16")?,
            reason: "clean",
            reads: 3,
            rounds: None,
        },
        Kind {
            what: "not ours",
            payload: network::batch(&network::not_ours().envelope())?,
            reason: "not_ours",
            reads: 0,
            rounds: None,
        },
    ])
}

/// Lets a fresh process serve events of one kind.
fn cost(stage: &mut Stage, settings: &Settings, kind: &Kind, timed: usize) -> anyhow::Result<Cost> {
    stage.function.kill();
    stage.calls.take()?;
    deliver(&mut stage.function, &kind.payload)?;
    let first = stage.calls.take()?;
    let counts = count(stage, settings, kind, connections_of(&first))?;
    let (processor, wall) = time(&mut stage.function, kind, timed)?;
    let peak = memory::peak(&stage.function)?;
    Ok(Cost {
        first,
        counts,
        processor,
        wall,
        peak,
    })
}

/// What warm events need, in a process that has these connections.
fn count(
    stage: &mut Stage,
    settings: &Settings,
    kind: &Kind,
    mut connections: BTreeSet<String>,
) -> anyhow::Result<Counts> {
    for _ in 0..BEFORE {
        deliver(&mut stage.function, &kind.payload)?;
        connections.extend(connections_of(&stage.calls.take()?));
    }
    let mut most = Counts::default();
    for _ in 0..COUNTED {
        let invocation = deliver(&mut stage.function, &kind.payload)?;
        let record = record(&invocation, kind.reason)?;
        let calls = stage.calls.take()?;
        let used = connections_of(&calls);
        most = Counts {
            reads: most.reads.max(calls.to("ec2")),
            messages: most.messages.max(calls.of("Publish")),
            rounds: most.rounds.max(rounds_of(&record, settings)?),
            new_connections: most.new_connections.max(used.difference(&connections).count()),
        };
        ensure!(
            calls.count() == calls.to("ec2") + calls.of("Publish"),
            "other calls: {calls:?}"
        );
        connections.extend(used);
    }
    Ok(most)
}

/// The processor time of one event, and the wall times.
fn time(function: &mut Function, kind: &Kind, timed: usize) -> anyhow::Result<(Duration, Samples)> {
    let before = processor_time(function)?;
    let mut walls = Vec::new();
    for _ in 0..timed {
        walls.push(deliver(function, &kind.payload)?.took);
    }
    let used = processor_time(function)?.saturating_sub(before);
    Ok((used / timed as u32, Samples::of(walls)))
}

fn connections_of(calls: &Calls) -> BTreeSet<String> {
    calls.0.iter().map(|call| call.connection.clone()).collect()
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
