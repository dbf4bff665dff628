//! From the start of the process to its first request for an event, and to its first answer.

use anyhow::ensure;
use harness::deployment::Deployment;
use harness::function::{ColdStart, Function, Outcome};

use crate::effort::Effort;
use crate::page::{Page, Table, Target};
use crate::samples::Samples;
use crate::{NAIVE, OURS, network};

/// How many starts of each are measured, and how many are made before, for the file cache.
const STARTS: usize = 60;
const BEFORE: usize = 3;
/// How much longer than the naive function's a start may take.
const RATIO: f64 = 1.3;

/// Starts both in turn, each with an event waiting that is not ours.
pub(crate) fn measure(page: &mut Page, ours: &Deployment, naive: &Deployment, effort: Effort) -> anyhow::Result<()> {
    let starts = effort.times(STARTS);
    let payload = network::batch(&network::not_ours().envelope())?;
    let start = |deployment: &Deployment| -> anyhow::Result<ColdStart> {
        let (_function, invocation, figures) = Function::cold_start(deployment.clone(), &payload)?;
        ensure!(
            matches!(invocation.outcome, Outcome::Response(_)),
            "{:?}",
            invocation.outcome
        );
        Ok(figures)
    };
    let mut pairs = Vec::new();
    for number in 0..BEFORE + starts {
        // Neither is always the one that comes after the other.
        pairs.push(if number % 2 == 0 {
            let first = start(ours)?;
            [first, start(naive)?]
        } else {
            let first = start(naive)?;
            [start(ours)?, first]
        });
    }
    let pairs = pairs.split_off(BEFORE);

    page.heading("Start")?;
    page.paragraph(&format!(
        "{starts} starts of each function in turn, from creating the process; ours reads the policy file `infra/policy.example.yaml`.\n\
         The event is another service's, so no call is made to AWS.\n"
    ))?;
    let mut table = Table::new(["from the start to", OURS, NAIVE, "ratio", "target"]);
    row(page, &mut table, &pairs, "the first `/next`", |start| {
        start.to_first_next
    });
    row(page, &mut table, &pairs, "the first event answered", |start| {
        start.to_first_answer
    });
    page.table(&table)?;
    Ok(())
}

fn row(
    page: &mut Page,
    table: &mut Table,
    pairs: &[[ColdStart; 2]],
    what: &str,
    figure: impl Fn(&ColdStart) -> std::time::Duration,
) {
    let ours = Samples::of(pairs.iter().map(|[ours, _]| figure(ours)).collect());
    let naive = Samples::of(pairs.iter().map(|[_, naive]| figure(naive)).collect());
    let ratio = ours.ratio_to(&naive);
    let met = page.judge(&format!("start to {what}"), ratio, Target::at_most(RATIO, ""));
    table.row([
        what.to_owned(),
        ours.to_string(),
        naive.to_string(),
        format!("{ratio:.2}"),
        met,
    ]);
}
