//! What a revert costs a function that has made some before: calls to each service, processor time, wall time.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use harness::calls::Calls;
use harness::delivery::envelope;
use harness::emulator::Emulator;
use harness::network::{open_egress, revoke_egress};
use harness::stage::{REVERT_POLICY, Stage};
use harness::user::User;
use serde_json::json;

use crate::effort::Effort;
use crate::page::{Page, Table, Target};
use crate::samples::Samples;
use crate::warm::deliver;
use crate::{memory, network};

/// How many reverts come before it is looked at, and how many are.
const BEFORE: usize = 5;
const COUNTED: usize = 60;
/// No brake is to step in.
pub(crate) const LIMITS: &str =
    "limits: { reverts_per_principal_per_day: 1000, attempts_per_resource_per_hour: 100 }\n";

/// The most of each that any revert needed.
#[derive(Default)]
struct Counts {
    writes: usize,
    reads: usize,
    ledger: usize,
    messages: usize,
}

/// Sets a stage and measures reverts on it.
pub(crate) fn measure(page: &mut Page, effort: Effort) -> anyhow::Result<()> {
    let counted = effort.times(COUNTED);
    let policy = format!("{REVERT_POLICY}{LIMITS}");
    let mut stage = Stage::set_to_act(Arc::new(Emulator::start()?), &policy)?;
    let person = stage.person()?;
    for _ in 0..BEFORE {
        revert(&mut stage, &person)?;
    }
    let mut counts = Counts::default();
    let mut walls = Vec::new();
    let mut processor = Duration::ZERO;
    for _ in 0..counted {
        let before = stage.function.processor_time().context("the function is gone")?;
        let (calls, took) = revert(&mut stage, &person)?;
        let after = stage.function.processor_time().context("the function is gone")?;
        processor += after.saturating_sub(before);
        counts.take_in(&calls);
        walls.push(took);
    }
    let each = processor.as_secs_f64() * 1e3 / counted as f64;
    let peak = memory::peak(&stage.function)?;
    show(page, &counts, each, &Samples::of(walls), peak)
}

fn show(page: &mut Page, counts: &Counts, processor: f64, wall: &Samples, peak: f64) -> anyhow::Result<()> {
    page.heading("A warm revert")?;
    page.paragraph(&format!(
        "The most that any of {} reverts needed in a process that had made {BEFORE} before: somebody opens 0.0.0.0/0, and the rule is narrowed.\n\
         Processor time is the function's mean, in clock ticks of 10 ms; the guide for it is 1.6 ms.\n\
         Wall time is mostly that of the emulated AWS.\n",
        wall.count()
    ))?;
    let mut table = Table::new(["what", "figure", "target"]);
    let mut row = |page: &mut Page, what: &str, figure: usize, most: usize| {
        let target = page.judge(
            &format!("{what} for a revert"),
            figure as f64,
            Target::at_most(most as f64, ""),
        );
        table.row([what.to_owned(), figure.to_string(), target]);
    };
    row(page, "writes to EC2", counts.writes, 2);
    row(page, "reads from EC2, the last one to verify", counts.reads, 10);
    row(page, "calls to the ledger", counts.ledger, 5);
    row(page, "messages", counts.messages, 1);
    table.row(["processor time".to_owned(), format!("{processor:.2} ms"), String::new()]);
    table.row(["wall time".to_owned(), wall.to_string(), String::new()]);
    table.row(["memory at its peak".to_owned(), format!("{peak:.1} MiB"), String::new()]);
    Ok(page.table(&table)?)
}

impl Counts {
    fn take_in(&mut self, calls: &Calls) {
        let writes = calls.of("AuthorizeSecurityGroupEgress") + calls.of("RevokeSecurityGroupEgress");
        *self = Self {
            writes: self.writes.max(writes),
            reads: self.reads.max(calls.to("ec2") - writes),
            ledger: self.ledger.max(calls.to("dynamodb")),
            messages: self.messages.max(calls.of("Publish")),
        };
    }
}

/// Somebody opens the application's group, and the function takes that back; then all is as it was, the ledger too.
fn revert(stage: &mut Stage, person: &User) -> anyhow::Result<(Calls, Duration)> {
    let group = stage.network.app_group.clone();
    let opened = open_egress(person, &group, "0.0.0.0/0")?;
    opened.succeeded()?;
    let payload = network::batch(envelope(&opened.record).to_string().as_bytes())?;
    stage.calls.take()?;
    let invocation = deliver(&mut stage.function, &payload)?;
    let calls = stage.calls.take()?;
    let records = invocation.records();
    let reason = records.first().and_then(|record| record["reason"].as_str());
    ensure!(reason == Some("reverted"), "not reverted: {records:#?}");
    let narrowed = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]);
    revoke_egress(&stage.owner, &group, &narrowed)?.succeeded()?;
    stage.ledger.as_ref().context("there is a ledger")?.clear()?;
    Ok((calls, invocation.took))
}
