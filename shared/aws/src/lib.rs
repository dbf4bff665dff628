//! The AWS edge of vpc-guardrail: reads and changes what is there, keeps the ledger, tells the security team; nothing else
//! names an AWS SDK.
//!
//! [`Aws::connect`] (or [`Aws::connect_as`] somebody), or [`Aws::of_function`] in a function, is called once, in `main`; what it returns hands out the
//! clients behind the runner's ports: [`Ec2`] answers questions and carries out actions, [`Only`] does so with one function's calls, [`Apis`] does so and answers those
//! about APIs, too, [`Ledger`] keeps what was done,
//! [`Sns`] sends notices, [`Parameters`] reads a parameter. Every call has its time-outs ([`Timeouts`]), is tried three
//! times (a change of the network only while it certainly was not made), and ends in an answer or in a code that says why
//! there is none.

mod access;
mod act;
mod answer;
mod apis;
mod configuration;
mod connect;
mod failure;
mod function;
mod http;
mod ledger;
mod marker;
mod may;
mod needs;
mod only;
mod pages;
mod parameters;
mod regions;
mod tell;
mod timeouts;
mod topic;
mod whole;

#[cfg(test)]
mod wire;

pub use access::{Access, Checked};
pub use answer::Ec2;
pub use apis::Apis;
pub use configuration::{Configuration, ConfigurationError, PolicySource, Problem, Variables};
pub use connect::{Aws, ConnectError};
pub use ledger::Ledger;
pub use marker::{Marker, MarkerError};
pub use needs::{LEDGER, MARKING, Needs, PARAMETERS, READS, REGIONS, REMEMBERING, TELLING, WRITES, reading, writing};
pub use only::Only;
pub use parameters::{ParameterError, Parameters};
pub use tell::Sns;
pub use timeouts::Timeouts;
pub use topic::{Topic, TopicError};
