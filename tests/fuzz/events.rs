//! Deliveries: whatever comes, one record is left, nothing unescaped is told, and nothing gets out that did not before.

use guardrail_testkit::corpus::CorpusCase;
use guardrail_testkit::outcomes::findings;
use guardrail_testkit::{Changing, Outbox, Ports};
use guardrail_world::World;
use serde_json::Value;

use crate::campaign::{Verdict, run};
use crate::dice::Dice;
use crate::probes::newly_reachable;
use crate::{cases, legible, mutation};

/// Delivers bytes to a case's flow, with its ledger and its network, and lets it act.
pub(crate) fn delivered(case: &CorpusCase, bytes: &[u8], network: &Changing) -> Verdict {
    let (outbox, ledger) = (Outbox::default(), case.ledger());
    let ports = Ports {
        answer: network,
        act: network,
        tell: &outbox,
        keep: Some(&ledger),
    };
    let first = network.world();
    let record = case.desk().run(bytes, ports);
    legible::record(&record)?;
    outbox.notices().iter().try_for_each(legible::notice)?;
    findings(&record).try_for_each(legible::finding)?;
    let later: Vec<World> = network.history().into_iter().map(|change| change.after).collect();
    match newly_reachable(&first, &later) {
        Some((address, packet)) => Err(format!("{packet:?} gets out to {address}: {:?}", network.history())),
        None => Ok(record.event.is_some()),
    }
}

#[test]
fn changed_events_leave_one_record_and_nothing_unescaped() {
    let cases = cases();
    let values: Vec<Option<Value>> = cases
        .iter()
        .map(|case| serde_json::from_slice(&case.event).ok())
        .collect();
    let make = |dice: &mut Dice| {
        let at = dice.below(cases.len());
        match &values[at] {
            Some(value) if dice.once_in(3) => mutation::of_texts(value, dice).to_string().into_bytes(),
            Some(value) if dice.once_in(2) => mutation::of_json(value, dice).to_string().into_bytes(),
            _ => mutation::of_bytes(&cases[at].event, &dice.one_of(&cases).event, dice),
        }
    };
    run("event", 10, make, |dice, bytes| {
        let case = dice.one_of(&cases);
        delivered(case, bytes, &case.network())
    });
}
