//! The pure core of vpc-guardrail: what an event is, what must be known, what is wrong, what to do about it.
//!
//! There is no I/O, clock or environment in here; time and facts are handed in, and plans are handed out as data.
//! The modules follow the flow of one event: [`id`], [`network`] and [`address`] are the vocabulary, [`event`] is what
//! happened, [`facts`] what must be known, [`settings`] the policy file, [`own`] what the guardrail is made of, [`case`](mod@case) all of it together;
//! [`rules`] judge (which of them in which Lambda function, say the [`functions`]), [`finding`] and [`plan`] are what they say, [`execution`] is what came of a plan, [`decide`](mod@decide) brings it to a decision,
//! [`service`], [`endpoint_policy`], [`routing`] and [`cost`] are what they know of AWS's services and networks; [`message`] tells it, [`record`] is the one line that every delivery leaves behind, [`ledger`] what is remembered, and [`by_hand`] what people have done about it.

#[macro_use]
pub mod id;
pub mod address;
pub mod network;

mod brakes;
pub mod by_hand;
pub mod case;
pub mod cost;
pub mod decide;
mod endpoint_advice;
pub mod endpoint_policy;
pub mod event;
pub mod execution;
pub mod facts;
pub mod finding;
pub mod functions;
pub mod ledger;
mod legible;
pub mod message;
pub mod ordered;
pub mod own;
pub mod plan;
pub mod record;
pub mod routing;
pub mod rules;
pub mod service;
pub mod settings;

pub use jiff;
