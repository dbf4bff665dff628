//! The real `guardrail`, run as people run it: what it prints, and how it ends.

#![cfg(test)]

mod by_hand;
mod check;
mod cloud;
mod doctor;
mod explain;
mod folder;
mod generate;
mod help;
mod inputs;
mod live;
mod outcomes;
mod page;
mod records;
mod scan;
mod scan_live;
