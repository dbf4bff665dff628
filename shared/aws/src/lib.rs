//! The AWS edge of vpc-guardrail: reads what is there, tells the security team, and nothing else names an AWS SDK.
//!
//! [`Aws::connect`] is called once, in `main`; what it returns hands out the clients behind the runner's ports:
//! [`Ec2`] answers questions, [`Sns`] sends notices, [`Parameters`] reads a parameter. Every call has its time-outs
//! ([`Timeouts`]), is tried three times, and ends in an answer or in a code that says why there is none.

mod answer;
mod connect;
mod failure;
mod http;
mod needs;
mod parameters;
mod tell;
mod timeouts;
mod topic;
mod whole;

#[cfg(test)]
mod wire;

pub use answer::Ec2;
pub use connect::{Aws, ConnectError};
pub use needs::{LEDGER, Needs, PARAMETERS, READS, TELLING, reading};
pub use parameters::{ParameterError, Parameters};
pub use tell::Sns;
pub use timeouts::Timeouts;
pub use topic::{Topic, TopicError};
