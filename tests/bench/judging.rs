//! The pure core, in this process: parsing, and deciding on a group of sixty rules.

use std::hint::black_box;

use anyhow::{Context as _, anyhow, ensure};
use guardrail_policy::case::{Case, Ceiling, CeilingReason};
use guardrail_policy::decide::{Decision, Reason, Verdict, decide};
use guardrail_policy::event::{self, Event};
use guardrail_policy::id::AccountId;
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use guardrail_policy::plan::Treatment;
use guardrail_policy::rules;
use guardrail_policy::settings::{self, Mode, Settings};
use guardrail_testkit::TrailRecord;

use crate::network::{self, RULES, Scene};
use crate::page::{Page, Table, Target};
use crate::rounds::rounds;
use crate::samples::Samples;

/// The most that a decision may take, in microseconds.
const DECIDE: f64 = 50.0;
/// The cap of a function without a ledger: the notice is composed at once, and not after a plan was carried out.
const CEILING: Ceiling = Ceiling {
    mode: Mode::Notify,
    why: CeilingReason::NoLedger,
};

/// What a decision must come to, so that what is timed is what the table says.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Clean,
    Planned,
    Withheld,
}

/// Times it all.
pub(crate) fn measure(page: &mut Page, policy: &str) -> anyhow::Result<()> {
    let read = || settings::parse(policy.as_bytes(), rules::BUILT_NAMES);
    let settings = read().map_err(|error| anyhow!("the example policy cannot be used: {error}"))?;
    page.heading("The pure core")?;
    page.paragraph(&format!(
        "In this process, without AWS; the group holds {RULES} rules.\n\
         `decide` is called once in each round, with what is known so far; the target is for the last call, \
         which knows everything, and finds, plans and writes the message.\n"
    ))?;
    let mut table = Table::new(["what", "time", "target", "all rounds of the event"]);
    let scenes = [
        ("`decide`, clean", network::clean(), Expected::Clean),
        ("`decide`, a finding with its plan", network::open(), Expected::Planned),
        (
            "`decide`, a finding and no room for its plan",
            network::open_and_full(),
            Expected::Withheld,
        ),
        (
            "`decide`, every rule leads to the internet",
            network::all_open(),
            Expected::Planned,
        ),
    ];
    for (what, scene, expected) in scenes {
        decision(page, &mut table, &settings, what, &scene, expected)?;
    }
    let other = |what: &str, samples: Samples| [what.to_owned(), samples.to_string(), String::new(), String::new()];
    table.row(other("parse an event of ours", parse(&network::open().call)?));
    table.row(other("parse an event that is not ours", parse(&network::not_ours())?));
    table.row(other("read the example policy file", Samples::of_work(read)));
    page.table(&table)?;
    Ok(())
}

fn decision(
    page: &mut Page,
    table: &mut Table,
    settings: &Settings,
    what: &str,
    scene: &Scene,
    expected: Expected,
) -> anyhow::Result<()> {
    let judged = Judged::new(&scene.call)?;
    let case = judged.case(settings);
    let (known, decision) = rounds(&case, |question| Some(scene.world.answer_one(question)))?;
    ensure!(
        expected.is(&decision),
        "{what}: expected {expected:?}, found {:?}",
        treatments(&decision)
    );
    let last = known.last().context("a decision was made from something")?;
    let one = Samples::of_work(|| decide(&case, last));
    let all = Samples::of_work(|| {
        for facts in &known {
            black_box(decide(&case, facts));
        }
    });
    let met = page.judge(what, one.median().as_secs_f64() * 1e6, Target::at_most(DECIDE, "µs"));
    table.row([
        what.to_owned(),
        one.to_string(),
        met,
        format!("{} calls, {all}", known.len()),
    ]);
    Ok(())
}

fn treatments(decision: &Decision) -> Vec<&Treatment> {
    let findings = decision.verdicts.iter().flat_map(Verdict::findings);
    findings.map(|finding| &finding.treatment).collect()
}

impl Expected {
    fn is(self, decision: &Decision) -> bool {
        let treated = |like: fn(&Treatment) -> bool| treatments(decision).into_iter().any(like);
        match self {
            Self::Clean => decision.reason == Reason::Clean,
            Self::Planned => treated(|treatment| matches!(treatment, Treatment::Automatic(_))),
            Self::Withheld => treated(|treatment| matches!(treatment, Treatment::Withheld { .. })),
        }
    }
}

/// What a case refers to.
struct Judged {
    event: Event,
    account: AccountId,
    now: Timestamp,
}

impl Judged {
    fn new(call: &TrailRecord) -> anyhow::Result<Self> {
        let (_, event) = event::parse(&call.envelope())?;
        let account = event.account.clone().context("an event names its account")?;
        let now = event.time.checked_add(SignedDuration::from_secs(90))?;
        Ok(Self { event, account, now })
    }

    fn case<'a>(&'a self, settings: &'a Settings) -> Case<'a> {
        Case {
            event: &self.event,
            account: &self.account,
            now: self.now,
            settings,
            rules: rules::BUILT,
            ceilings: &[CEILING],
            own_roles: &[],
            own: guardrail_policy::own::Own::none(),
            last_delivery: false,
        }
    }
}

fn parse(call: &TrailRecord) -> anyhow::Result<Samples> {
    let envelope = call.envelope();
    event::parse(&envelope)?;
    Ok(Samples::of_work(|| event::parse(&envelope)))
}
