//! The corpus: each golden case gives just the record that stands beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use guardrail_policy::id::SecurityGroupRuleId;
use guardrail_policy::record::{Handover, Record};
use guardrail_policy::settings::RuleName;
use guardrail_testkit::corpus::{CorpusCase, load};
use guardrail_testkit::outcomes::{automatic, findings};
use guardrail_testkit::{Counting, Fault, Faulty};

/// What to do when a record is not as it was.
const REMEDY: &str = "if that is meant, write the records anew with `GUARDRAIL_UPDATE=1 cargo test -p guardrail-tests corpus` and review them";

fn cases() -> Vec<CorpusCase> {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"))
}

/// The record of a case as it is kept: legible, with a line end.
fn record(case: &CorpusCase) -> String {
    let (record, _) = case.run();
    let mut text = serde_json::to_string_pretty(&record).unwrap();
    text.push('\n');
    text
}

#[test]
fn every_case_gives_the_record_that_stands_beside_it() {
    let update = std::env::var_os("GUARDRAIL_UPDATE").is_some_and(|value| value == "1");
    let mut differing = Vec::new();
    for case in cases() {
        let record = record(&case);
        if update {
            fs::write(case.golden(), &record).unwrap();
        } else if let Some(line) = first_difference(&fs::read_to_string(case.golden()).unwrap_or_default(), &record) {
            differing.push(format!("{} ({})\n{line}", case.name, case.shows));
        }
    }
    assert!(differing.is_empty(), "{}\n{REMEDY}", differing.join("\n"));
}

/// The first line in which two texts differ, as it was and as it is.
fn first_difference(was: &str, is: &str) -> Option<String> {
    if was == is {
        return None;
    }
    let (was, is): (Vec<_>, Vec<_>) = (was.lines().collect(), is.lines().collect());
    let line = (0..).find(|line| was.get(*line) != is.get(*line))?;
    let at = |lines: &[&str]| lines.get(line).map_or("(nothing)", |text| text.trim()).to_owned();
    Some(format!("  line {}\n  was: {}\n  is:  {}", line + 1, at(&was), at(&is)))
}

#[test]
fn every_record_of_the_corpus_replays_to_its_own_decision() {
    for case in cases() {
        let (record, _) = case.run();
        let Some(decision) = &record.decision else { continue };
        assert_eq!(
            record.replay(&case.desk().settings).as_ref(),
            Ok(decision),
            "{}",
            case.name
        );
    }
}

#[test]
fn what_the_next_delivery_goes_on_from_is_read_from_a_records_own_json() {
    let mut left_out = 0;
    for case in cases() {
        let (record, _) = case.run();
        let read: Handover = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        assert_eq!(read, record.handover(), "{}", case.name);
        assert_eq!(
            (&read.decision, read.outcomes.len()),
            (&record.decision, record.outcomes.len()),
            "{}",
            case.name
        );
        for (handed, kept) in read.outcomes.iter().zip(&record.outcomes) {
            assert_eq!(
                (&handed.plan, &handed.steps, &handed.end),
                (&kept.plan, &kept.steps, &kept.end),
                "{}",
                case.name
            );
            left_out += usize::from(*handed != *kept);
        }
    }
    assert!(left_out > 0, "no facts are left out of any outcome");
}

#[test]
fn the_corpus_shows_every_reason_and_every_case_shows_something_of_its_own() {
    let mut reasons = BTreeSet::new();
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for case in cases() {
        let (record, _) = case.run();
        reasons.insert(
            serde_json::to_value(record.reason)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned(),
        );
        if let Some(other) = told.insert(case.shows.clone(), case.name.clone()) {
            panic!("`{other}` and `{}` say that they show the same", case.name);
        }
    }
    let all = [
        "already_gone",
        "backed_off",
        "clean",
        "dry_run",
        "exempt",
        "failed_call",
        "found",
        "no_account",
        "not_ours",
        "not_selected",
        "not_touched",
        "own_call",
        "reverted",
        "undecided",
        "unparsable",
        "withheld",
    ];
    for reason in all {
        assert!(reasons.contains(reason), "no case comes to `{reason}`: {reasons:?}");
    }
}

/// The rules that a record's plans would take back by themselves.
fn taken_back(record: &Record) -> BTreeSet<SecurityGroupRuleId> {
    automatic(record)
        .flat_map(|(_, plan)| plan.revoked().cloned())
        .collect()
}

#[test]
fn a_round_that_fails_never_takes_back_more_whichever_round_and_however_it_fails() {
    for case in cases() {
        let network = Counting::of(case.network());
        let (whole, _) = case.desk().handle(&case.event, &network);
        for round in 0..network.asked().rounds.len() {
            for fault in Fault::OF_ANSWERS {
                let network = Faulty::at(round, fault, case.network());
                let (record, _) = case.desk().handle(&case.event, &network);
                let place = format!("{}, round {round}, {fault:?}", case.name);
                assert!(network.has_failed(), "{place}: the round was not reached");
                assert!(taken_back(&record).is_subset(&taken_back(&whole)), "{place}");
                let is_silent = matches!(fault, Fault::Unreadable(_) | Fault::Silent);
                // A path that is surely broken is told at once, with the leg that could not be read.
                let is_told = findings(&record).any(|finding| finding.rule == RuleName::PrivatePath);
                assert!(
                    !is_silent || is_told || record.deliver_again,
                    "{place}: {:?}",
                    record.reason
                );
            }
        }
    }
}
