//! Policy files: whatever is in one, it is used or refused with places and remedies, and it ends soon.

use std::fs;
use std::path::Path;

use guardrail_policy::rules;
use guardrail_policy::settings::parse;
use guardrail_testkit::Desk;

use crate::campaign::{Verdict, run};
use crate::dice::Dice;
use crate::{cases, legible, mutation};

/// Files to begin with: those of the corpus, each once, and the one that users begin with.
fn seeds() -> Vec<Vec<u8>> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/policy.example.yaml");
    let mut seeds: Vec<_> = cases().into_iter().map(|case| case.policy.into_bytes()).collect();
    seeds.push(fs::read(example).unwrap());
    seeds.sort();
    seeds.dedup();
    seeds
}

/// Reads a file; where it can be used, an event is judged under it.
fn judged_under(bytes: &[u8], desk: &Desk, event: &[u8], network: &guardrail_testkit::Changing) -> Verdict {
    match parse(bytes, rules::BUILT_NAMES) {
        Err(error) => {
            let problems = error.problems();
            if problems.is_empty() || problems.iter().any(|problem| problem.remedy.is_empty()) {
                return Err(format!("refused without a reason or a remedy: {error}"));
            }
            for problem in problems {
                legible::text("the problem", &problem.to_string())?;
            }
            legible::text("the error", &error.display_with("policy.yaml").to_string())?;
            Ok(false)
        }
        Ok(settings) => {
            let desk = Desk {
                settings,
                ..desk.clone()
            };
            let (record, outbox) = desk.handle(event, network);
            legible::record(&record)?;
            outbox.notices().iter().try_for_each(legible::notice)?;
            Ok(true)
        }
    }
}

#[test]
fn changed_policy_files_are_used_or_refused_with_a_remedy() {
    let (cases, seeds) = (cases(), seeds());
    let case = cases.iter().find(|case| case.name == "open-to-the-world").unwrap();
    let make = |dice: &mut Dice| {
        let [seed, other] = [(); 2].map(|()| dice.one_of(seeds.as_slice()));
        mutation::of_bytes(seed, other, dice)
    };
    run("policy", 20, make, |_, bytes| {
        judged_under(bytes, &case.desk(), &case.event, &case.network())
    });
}

/// Files that are small and would be large, or deep, or endless, if they were taken at their word.
fn bombs() -> Vec<String> {
    let doubling: String = (1..40)
        .map(|level| format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1))
        .collect();
    vec![
        format!("a0: &a0 [x, x]\n{doubling}version: 1\n"),
        format!("version: 1\nscope: {{ private_vpcs: [{{ tags: &t {{ a: b }} }}, {{ tags: *t }}] }}\n{doubling}"),
        "version: 1\nscope: &s { private_vpcs: *s }\n".to_owned(),
        format!("version: 1\nscope: {}", "[".repeat(100_000)),
        format!("version: 1\nscope: {}{}", "{a: ".repeat(20_000), "}".repeat(20_000)),
        format!(
            "version: 1\n{}",
            (0..5_000)
                .map(|level| format!("{}a:\n", " ".repeat(level % 200)))
                .collect::<String>()
        ),
        format!("version: 1\nmode: {}\n", "n".repeat(200_000)),
        format!(
            "version: 1\nallowed_destinations: [{}]\n",
            "10.0.0.0/8, ".repeat(20_000)
        ),
        format!("version: 1\nmode: \"{}\"\n", "\\u0000".repeat(30_000)),
        format!("version: 1\n{}", "? ".repeat(100_000)),
        format!("version: 1\n{}", "- ".repeat(100_000)),
        format!("version: 1\nmode: !!binary |\n{}", "  AAAA\n".repeat(30_000)),
        "---\n".repeat(60_000),
    ]
}

#[test]
fn bombs_are_refused_or_defused() {
    let (cases, bombs) = (cases(), bombs());
    let case = cases.iter().find(|case| case.name == "open-to-the-world").unwrap();
    for (number, bomb) in bombs.iter().enumerate() {
        let began = std::time::Instant::now();
        let verdict = judged_under(bomb.as_bytes(), &case.desk(), &case.event, &case.network());
        let start: String = bomb.chars().take(60).collect();
        assert!(verdict.is_ok(), "bomb {number} ({start:?}): {verdict:?}");
        assert!(
            began.elapsed().as_secs() < 10,
            "bomb {number} ({start:?}) took {:?}",
            began.elapsed()
        );
    }
}
