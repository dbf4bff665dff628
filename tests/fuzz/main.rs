//! Hostile input: thousands of changed events, policy files, ledger rows and networks, the same ones in every run.
//!
//! Each input is a file of the corpus in which bytes, texts or values were changed, by a generator that begins anew for each
//! input: what fails is printed, kept in a file, and made again by its number. `GUARDRAIL_FUZZ=1000000` tries more of them,
//! `GUARDRAIL_FUZZ_FROM=20000` others.

#![cfg(test)]

mod campaign;
mod dice;
mod events;
mod legible;
mod mutation;
mod names;
mod policies;
#[path = "../suite/probes.rs"]
mod probes;
mod rows;

use std::path::Path;

use guardrail_testkit::corpus::{CorpusCase, load};

/// The golden cases, which all inputs are made of.
fn cases() -> Vec<CorpusCase> {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"))
}
