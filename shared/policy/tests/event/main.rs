//! What `guardrail_policy::event` makes of records in each shape that CloudTrail writes them in.
//!
//! The records under `tests/events` are made up, in shapes that real ones have.

#![cfg(test)]

mod actors;
mod apis;
mod calls;
mod doors;
mod endpoints;
mod exposure;
mod fixtures;
mod gateways;
mod outcomes;
mod parts;
mod properties;
mod route_tables;
mod security_groups;
