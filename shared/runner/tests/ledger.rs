//! The ledger in memory keeps the contract of the port.

use guardrail_runner::Memory;
use guardrail_testkit::{ledger_laws, now};

#[test]
fn the_ledger_in_memory_keeps_every_law_of_ledgers() {
    now(ledger_laws::all(&Memory::default()));
}
