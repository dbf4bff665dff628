//! Runs the policy core over narrow ports: asks, answers, decides, tells, and leaves one record per delivery.
//!
//! Nothing in here knows AWS, Lambda or the command line; whoever calls brings the ports.

mod flow;
mod memory;
pub mod ports;

pub use flow::{Delivery, Guard, Runner};
pub use memory::{LONGEST_RECORD, Memory};
