//! Runs the policy core over narrow ports: asks, answers, decides, tells, and leaves one record per delivery.
//!
//! Nothing in here knows AWS, Lambda or the command line; whoever calls brings the ports.

pub mod by_hand;
mod carry_out;
mod flow;
mod memory;
pub mod ports;
mod protocol;
pub mod scan;
pub mod sweep;

pub use flow::{Delivery, Guard, Ledger, Runner};
pub use memory::{LONGEST_RECORD, Memory};
