//! What was measured, as tables.

use std::time::Duration;

use super::contest::{Both, Kind, Starts, Warm};
use super::cost::{self, GB_SECOND, MILLION_REQUESTS, WHOLE_PROCESSOR};
use super::deployed::About;
use crate::OURS;
use crate::page::{Page, Table, Target};
use crate::samples::Samples;
use crate::size;

/// How many times less than Custodian ours is to need.
const START_UP: f64 = 80.0;
const PROCESSOR: f64 = 100.0;
const MEMORY: f64 = 8.0;

const THEIRS: &str = "Cloud Custodian";

/// Everything that was measured.
pub(super) struct Result {
    pub(super) starts: Both<Starts>,
    /// Each kind of event; the first is what the starts began with.
    pub(super) warm: Vec<(Kind, Both<Warm>)>,
    /// The most memory that each held, in MiB.
    pub(super) peaks: Both<f64>,
}

/// Shows it.
pub(super) fn tell(page: &mut Page, about: &About, result: &Result) -> anyhow::Result<()> {
    page.heading("Beside Cloud Custodian")?;
    page.paragraph(&format!(
        "{}, with the policies of `tests/bench/custodian/policy.yaml`: the folder that its own deployment uploads, unpacked, run by Lambda's own runtime client.\n\
         Both get the event of the same call on the same group, in turn, from the same Runtime API and against the same emulated AWS; after each event the group's rules and the messages are checked.\n\
         Ours gets it in a message of a queue, Custodian's from EventBridge, as each is deployed.\n\
         They do not do the same: ours looks at the VPC, its routes, interfaces and endpoints, says what would stop, puts the precise rule in place first, keeps a ledger and reads the group again; \
         Custodian reads the group, revokes every rule that matches, and sends its message compressed.\n\
         Both run on a whole processor here; with the share that Lambda gives at their memory both take longer.\n",
        about.versions
    ))?;
    let Result { starts, warm, peaks } = result;
    if let Some((_, first)) = warm.first() {
        cold(page, starts, first)?;
    }
    page.paragraph("\nWarm, the calls and new connections being the most that any event needed, and the samples of processor time means of ten events:\n")?;
    each_event(page, warm)?;
    page.paragraph("")?;
    standing(page, about, warm, *peaks)
}

/// What a start costs. Custodian loads its policy and resources at the first event and not before, so what a start takes is only
/// seen in how much longer than others that event takes.
fn cold(page: &mut Page, starts: &Both<Starts>, warm: &Both<Warm>) -> anyhow::Result<()> {
    let mut table = Table::new([
        "a fresh process, first event taken back",
        OURS,
        THEIRS,
        "ratio",
        "target",
    ]);
    let samples = |figure: fn(&Starts) -> &Samples| starts.each_ref().map(figure);
    for (what, [ours, theirs]) in [
        ("to the first `/next`", samples(|one| &one.to_first_next)),
        ("to the first event answered", samples(|one| &one.to_first_answer)),
    ] {
        let ratio = times(theirs.ratio_to(ours));
        table.row([what.into(), ours.to_string(), theirs.to_string(), ratio, String::new()]);
    }
    let [ours, theirs] = [0, 1].map(|side| start_up(starts, warm, side));
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    let target = page.judge("start-up beside Custodian", ratio, Target::at_least(START_UP, "×"));
    let what = "start-up: that, less a warm event".to_owned();
    table.row([what, milliseconds(ours), milliseconds(theirs), times(ratio), target]);
    let [ours, theirs] = starts.each_ref().map(|one| one.processor);
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    let what = "processor time to the first answer".to_owned();
    table.row([
        what,
        milliseconds(ours),
        milliseconds(theirs),
        times(ratio),
        String::new(),
    ]);
    let [ours, theirs] = starts.each_ref().map(|one| one.calls.to_string());
    table.row(["calls to AWS".to_owned(), ours, theirs, String::new(), String::new()]);
    Ok(page.table(&table)?)
}

fn start_up(starts: &Both<Starts>, warm: &Both<Warm>, side: usize) -> Duration {
    let first = starts.get(side).map(|one| one.to_first_answer.median());
    let later = warm.get(side).map(|one| one.wall.median());
    first.unwrap_or_default().saturating_sub(later.unwrap_or_default())
}

fn each_event(page: &mut Page, warm: &[(Kind, Both<Warm>)]) -> anyhow::Result<()> {
    let mut table = Table::new(["event", "what", OURS, THEIRS, "ratio", "target"]);
    for (kind, [ours, theirs]) in warm {
        let what = format!("processor time beside Custodian: {}", kind.what);
        let ratio = theirs.mean_processor.as_secs_f64() / ours.mean_processor.as_secs_f64();
        let target = page.judge(&what, ratio, Target::at_least(PROCESSOR, "×"));
        let of = |what: &str, [ours, theirs]: [String; 2], ratio: String, target: String| {
            [kind.what.to_owned(), what.to_owned(), ours, theirs, ratio, target]
        };
        let processors = [ours, theirs].map(|one| one.processor.to_string());
        table.row(of("processor time", processors, times(ratio), target));
        let walls = [ours, theirs].map(|one| one.wall.to_string());
        let ratio = theirs.wall.ratio_to(&ours.wall);
        table.row(of("wall time", walls, times(ratio), String::new()));
        let calls = [ours, theirs].map(|one| one.calls.to_string());
        table.row(of("calls to AWS", calls, String::new(), String::new()));
        let connections = [ours, theirs].map(|one| one.new_connections.to_string());
        table.row(of("new connections", connections, String::new(), String::new()));
    }
    Ok(page.table(&table)?)
}

/// What does not depend on the kind of event, and what a million of each kind cost.
fn standing(
    page: &mut Page,
    about: &About,
    warm: &[(Kind, Both<Warm>)],
    [ours, theirs]: Both<f64>,
) -> anyhow::Result<()> {
    let memory = cost::our_memory()?;
    let mut table = Table::new(["what", OURS, THEIRS, "ratio", "target"]);
    let target = page.judge("memory beside Custodian", theirs / ours, Target::at_least(MEMORY, "×"));
    let mib = |figure: f64| format!("{figure:.1} MiB");
    let what = "memory at its peak (`VmHWM`)".to_owned();
    table.row([what, mib(ours), mib(theirs), times(theirs / ours), target]);
    let megabytes = |figure: f64| format!("{figure:.2} MB");
    let (ours, theirs) = (size::zip_of(OURS)?, about.zip as f64 / 1e6);
    let what = "zip (Custodian's is without Python and boto3)".to_owned();
    table.row([
        what,
        megabytes(ours),
        megabytes(theirs),
        times(theirs / ours),
        String::new(),
    ]);
    for (kind, [ours, theirs]) in warm {
        let (ours, theirs) = (
            cost::of_a_million(ours, memory),
            cost::of_a_million(theirs, about.memory),
        );
        let what = format!("Lambda for a million: {}", kind.what);
        let dollars = |figure: f64| format!("{figure:.2} $");
        table.row([
            what,
            dollars(ours),
            dollars(theirs),
            times(theirs / ours),
            String::new(),
        ]);
    }
    page.table(&table)?;
    page.paragraph(&format!(
        "\nLambda's price is {MILLION_REQUESTS:.2} $ for a million requests and {GB_SECOND:.10} $ for a gigabyte second (us-east-1, arm64, as in `infra/cost.py`), with {memory} MB for ours and {} MB for Custodian's, each one's own default.\n\
         Billed is the processor time above divided by the share of a processor that the memory brings (all of one at {WHOLE_PROCESSOR} MB), and the rest of the wall time, which is waiting for the emulated AWS.\n\
         It is the function alone: ours also pays for its queue and, where it takes something back, for its ledger, which costs more than the function; [infra/README.md](../infra/README.md) has the whole.",
        about.memory
    ))?;
    Ok(())
}

fn times(ratio: f64) -> String {
    format!("{ratio:.1} ×")
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}
