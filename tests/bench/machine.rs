//! Where and of what the measures are.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use harness::places;
use jiff::Timestamp;

use crate::effort::Effort;
use crate::page::Page;

/// The packages whose versions matter most to the figures.
const PACKAGES: [&str; 5] = ["lambda_runtime", "tokio", "aws-config", "aws-sdk-ec2", "aws-sdk-sns"];

/// Prints the date, the machine and the versions.
pub(crate) fn describe(page: &mut Page, effort: Effort) -> anyhow::Result<()> {
    if effort == Effort::Trial {
        page.paragraph("This is a trial with few repetitions: it shows that everything can be measured, and its figures say nothing.")?;
    }
    let date = Timestamp::now().strftime("%Y-%m-%d %H:%M UTC");
    page.paragraph(&format!(
        "Measured on {date} with `make bench`, vpc-guardrail {} ({}).",
        env!("CARGO_PKG_VERSION"),
        revision()
    ))?;
    let cores = available_parallelism().map_or(0, usize::from);
    page.paragraph(&format!(
        "Machine: {}, {cores} cores, Linux {}, load average at the start {}.",
        processor(),
        read("/proc/sys/kernel/osrelease"),
        load()
    ))?;
    page.paragraph(&format!("Versions: {}, {}.", said("rustc", &["--version"]), packages()))?;
    page.paragraph("Durations are medians, with the tenth and the ninetieth percentile in parentheses.")?;
    Ok(())
}

fn processor() -> String {
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map(|model| model.trim_start_matches([' ', '\t', ':']));
    model.unwrap_or("an unknown processor").to_owned()
}

/// The average number of processes that wanted to run, over 1, 5 and 15 minutes.
fn load() -> String {
    let load = read("/proc/loadavg");
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn revision() -> String {
    let commit = said("git", &["rev-parse", "--short", "HEAD"]);
    let changes = said("git", &["status", "--porcelain"]);
    match changes.as_str() {
        "" => format!("commit {commit}"),
        _ => format!("commit {commit} and changes"),
    }
}

fn packages() -> String {
    let lock = fs::read_to_string(places::workspace().join("Cargo.lock")).unwrap_or_default();
    let version = |package: &str| {
        let (_, entry) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
        Some(format!("{package} {}", entry.split_once('"')?.0))
    };
    PACKAGES.into_iter().filter_map(version).collect::<Vec<_>>().join(", ")
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim_end().to_owned()
}

/// What a command says, as a whole line; where it cannot be run, that.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(places::workspace())
        .output();
    match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim_end().to_owned(),
        _ => format!("{program} unknown"),
    }
}
