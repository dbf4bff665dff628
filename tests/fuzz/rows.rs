//! Rows of the ledger: whatever one says, the delivery that finds it leaves one record that reads back.
//!
//! A plan in a row is carried out as it stands: who may write the table may do what the function may do, as the security model in
//! `infra/README.md` says.

use guardrail_policy::jiff::SignedDuration;
use guardrail_policy::ledger::{EntryKey, Lease, Note};
use guardrail_policy::record::Record;
use guardrail_runner::Memory;
use guardrail_runner::ports::Keep;
use guardrail_testkit::corpus::CorpusCase;
use guardrail_testkit::{Outbox, Ports, now};
use serde_json::Value;

use crate::campaign::{Verdict, run};
use crate::dice::Dice;
use crate::{cases, legible, mutation};

/// A case with the row that its own delivery leaves in the ledger.
struct Row {
    case: CorpusCase,
    record: Value,
}

fn rows() -> Vec<Row> {
    let row = |case: CorpusCase| {
        let (record, _) = case.run();
        let has_plan = record.decision.is_some() && record.event.is_some() && case.has_ledger();
        let record = serde_json::to_value(&record).unwrap();
        has_plan.then_some(Row { case, record })
    };
    cases().into_iter().filter_map(row).collect()
}

/// A ledger in which a delivery that ended in the middle left this record.
fn left_behind(case: &CorpusCase, record: &Record, notes: &[Note], settled: bool) -> Option<Memory> {
    let desk = case.desk();
    let earlier = desk.time.checked_sub(SignedDuration::from_mins(5)).ok()?;
    let lease = Lease {
        owner: "a delivery that ended in the middle".to_owned(),
        until: earlier.checked_add(SignedDuration::from_mins(1)).ok()?,
    };
    let (own, _) = case.run();
    let (key, ledger) = (EntryKey::of(own.event.as_ref()?), case.ledger());
    now(ledger.claim(&key, &lease, earlier)).ok()?;
    now(ledger.intend(&key, &lease, record, notes)).ok()?;
    if settled {
        now(ledger.settle(&key, &lease, record)).ok()?;
    }
    Some(ledger)
}

fn resumed(case: &CorpusCase, ledger: &Memory) -> Verdict {
    let (network, outbox) = (case.network(), Outbox::default());
    let ports = Ports {
        answer: &network,
        act: &network,
        tell: &outbox,
        keep: Some(ledger),
    };
    let record = case.desk().run(&case.event, ports);
    legible::record(&record)?;
    Ok(true)
}

#[test]
fn changed_rows_of_the_ledger_leave_one_record() {
    let rows = rows();
    assert!(rows.len() > 50, "{}", rows.len());
    let make = |dice: &mut Dice| {
        let at = dice.below(rows.len());
        let record = match dice.below(4) {
            0 => mutation::of_texts(&rows[at].record, dice).to_string().into_bytes(),
            1 => {
                let bytes = rows[at].record.to_string().into_bytes();
                mutation::of_bytes(&bytes, dice.one_of(&rows).record.to_string().as_bytes(), dice)
            }
            _ => mutation::of_json(&rows[at].record, dice).to_string().into_bytes(),
        };
        [format!("{at}\n").as_bytes(), &record].concat()
    };
    run("row", 20, make, |dice, bytes| {
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or("no number")?;
        let at: usize = String::from_utf8_lossy(&bytes[..end])
            .parse()
            .map_err(|_| "no number")?;
        let case = &rows[at].case;
        let Ok(record) = serde_json::from_slice::<Record>(&bytes[end + 1..]) else {
            return Ok(false);
        };
        legible::record(&record)?;
        let _replayed = record.replay(&case.desk().settings);
        match left_behind(case, &record, &[], dice.once_in(2)) {
            Some(ledger) => resumed(case, &ledger),
            None => Ok(false),
        }
    });
}
