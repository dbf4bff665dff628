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
    /// With a first event that is about nothing.
    pub(super) idle_starts: Both<Starts>,
    /// With a first event that is taken back.
    pub(super) starts: Both<Starts>,
    /// Each kind of event.
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
         Both run on a whole processor here; with the share that Lambda gives at their memory both take longer.\n\
         Custodian loads its policy and its resources at the first event, so a start is over when one is answered: one about nothing (another service's call), and one that is taken back.\n",
        about.versions
    ))?;
    let Result {
        idle_starts,
        starts,
        warm,
        peaks,
    } = result;
    cold(page, idle_starts, starts)?;
    page.paragraph("\nWarm, the calls and new connections being the most that any event needed, and the samples of processor time means of ten events:\n")?;
    each_event(page, warm)?;
    page.paragraph(
        "\nOf ours, most processor time goes into calls to AWS: an event that needs none takes next to nothing (\"not ours\" above), and deciding takes microseconds.\n\
         So where the target for processor time is missed, it is by the number of calls: what ours asks, and Custodian does not, is listed at the top of this section.\n",
    )?;
    standing(page, about, warm, *peaks)
}

/// What a start costs. Custodian loads its policy and resources at the first event and not before, so a start is over when that is
/// answered; where it is about nothing, little else is in it.
fn cold(page: &mut Page, idle: &Both<Starts>, busy: &Both<Starts>) -> anyhow::Result<()> {
    let mut table = Table::new(["from the start of a process", OURS, THEIRS, "ratio", "target"]);
    let mut row = |what: &str, [ours, theirs]: Both<&Samples>, target: String| {
        let ratio = times(theirs.ratio_to(ours));
        table.row([what.into(), ours.to_string(), theirs.to_string(), ratio, target]);
    };
    let next = idle.each_ref().map(|one| &one.to_first_next);
    row("to the first `/next`", next, String::new());
    let [ours, theirs] = idle.each_ref().map(|one| &one.to_first_answer);
    let target = Target::at_least(START_UP, "×");
    let target = page.judge("start-up beside Custodian", theirs.ratio_to(ours), target);
    row("to the answer about nothing", [ours, theirs], target);
    let answers = busy.each_ref().map(|one| &one.to_first_answer);
    row("to the answer after taking back", answers, String::new());
    for (what, starts) in [("about nothing", idle), ("after taking back", busy)] {
        let [ours, theirs] = starts.each_ref().map(|one| one.processor);
        let ratio = times(theirs.as_secs_f64() / ours.as_secs_f64());
        let what_of = |figure: &str| format!("{figure} to the answer {what}");
        let (ours, theirs) = (milliseconds(ours), milliseconds(theirs));
        table.row([what_of("processor time"), ours, theirs, ratio, String::new()]);
        let [ours, theirs] = starts.each_ref().map(|one| one.calls.to_string());
        table.row([what_of("calls to AWS"), ours, theirs, String::new(), String::new()]);
    }
    Ok(page.table(&table)?)
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
        let [ours_each, theirs_each] =
            [ours, theirs].map(|one| one.mean_processor.as_secs_f64() / one.calls.max(1) as f64);
        let each = [ours_each, theirs_each].map(|seconds| format!("{:.2} ms", seconds * 1e3));
        let ratio = times(theirs_each / ours_each);
        table.row(of("processor time for each call", each, ratio, String::new()));
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

/// A ratio; none where ours took less than the clock's tick.
fn times(ratio: f64) -> String {
    match ratio.is_finite() {
        true => format!("{ratio:.1} ×"),
        false => "–".to_owned(),
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}
