//! The most memory that a process ever held.

use anyhow::Context as _;
use harness::deployment::Deployment;
use harness::function::Function;
use serde_json::Value;

use crate::page::{Page, Table, Target};
use crate::{NAIVE, OURS, warm};

/// After how many events it is looked at.
const EVENTS: usize = 20;
/// The most that it may be, in MiB.
const PEAK: f64 = 16.0;

/// Looks at our function, freshly started, and at a fresh naive one, which gets the same events.
pub(crate) fn measure(page: &mut Page, ours: &mut Function, naive: &Deployment, finding: &Value) -> anyhow::Result<()> {
    let mut naive = Function::start(naive.clone())?;
    let started = [peak(ours)?, peak(&naive)?];
    for _ in 0..EVENTS {
        warm::deliver(ours, finding)?;
        naive.invoke(finding)?;
    }
    let served = [peak(ours)?, peak(&naive)?];

    page.heading("Memory")?;
    page.paragraph(
        "`VmHWM` of the process, shared libraries included; the events are findings with a plan and a message.\n\
         The emulated AWS speaks plain HTTP: TLS connections need some more.\n",
    )?;
    let mut table = Table::new(["peak", OURS, NAIVE, "target"]);
    for (when, [ours, naive]) in [("after the start", started), ("after 20 events", served)] {
        let met = page.judge(&format!("memory {when}"), ours, Target::at_most(PEAK, "MiB"));
        table.row([
            when.to_owned(),
            format!("{ours:.1} MiB"),
            format!("{naive:.1} MiB"),
            met,
        ]);
    }
    page.table(&table)?;
    Ok(())
}

/// In MiB.
pub(crate) fn peak(function: &Function) -> anyhow::Result<f64> {
    let kib = function.peak_memory_kib().context("the function is gone")?;
    Ok(kib as f64 / 1024.0)
}
