//! The benchmarks: what a start, a warm event and a decision of the release build cost, beside a naive
//! function and beside Cloud Custodian.
//!
//! One run measures everything, on one machine, and prints Markdown to standard output; it writes nothing else anywhere.
//! Targets are stated and never asserted: a missed one is a word in the output, and the status stays 0.
//! With `--trial` everything is done a few times only, to see that it works.

mod custodian;
mod effort;
mod judging;
mod machine;
mod memory;
mod network;
mod page;
mod revert;
mod rounds;
mod samples;
mod size;
mod start;
mod warm;

use std::process::ExitCode;

use anyhow::Context as _;
use harness::deployment::Deployment;
use harness::places;
use harness::stage::{configured, policy_file};

use effort::Effort;
use page::Page;

/// The function that is measured.
const OURS: &str = "security-groups";
/// What it is compared with: the runtime, the same AWS clients, and nothing else.
const NAIVE: &str = "naive-function";
/// A topic for starts that send nothing.
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:guardrail";
/// Where AWS is for starts that call nothing; nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

fn main() -> ExitCode {
    let mut page = Page::on_stdout();
    match measure(&mut page) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _nowhere_to_say_it = page.paragraph(&format!("This could not be measured: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn measure(page: &mut Page) -> anyhow::Result<()> {
    let effort = Effort::asked_for()?;
    machine::describe(page, effort)?;
    // First the starts, while nothing else of this run exists; the emulated AWS comes last.
    let policy_text = example_policy()?;
    let policy = policy_file(&policy_text)?;
    let ours = configured(Deployment::of(OURS, NOWHERE)?, &policy, TOPIC);
    let naive = Deployment::of(NAIVE, NOWHERE)?;
    start::measure(page, &ours, &naive, effort)?;
    size::measure(page)?;
    judging::measure(page, &policy_text)?;
    warm::measure(page, &naive, effort)?;
    revert::measure(page, effort)?;
    custodian::measure(page, effort)?;
    page.verdict()?;
    Ok(())
}

/// The policy file that users begin with.
fn example_policy() -> anyhow::Result<String> {
    let path = places::workspace().join("infra").join("policy.example.yaml");
    std::fs::read_to_string(&path).with_context(|| format!("`{}` cannot be read", path.display()))
}
