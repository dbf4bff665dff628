//! An in-memory AWS network: it answers what the policy core asks, and obeys the actions of its plans.
//!
//! A [`World`] is one account in one Region, as data that reads and writes as JSON or YAML. Replay takes it as a snapshot
//! of a network ([`World::capture`] takes one), and tests take it as the network itself:
//! [`Answer`](guardrail_runner::ports::Answer) is implemented as EC2's Describe calls would answer, [`World::apply`] refuses and obeys as EC2's Authorize and Revoke would,
//! [`acts`] are what people do to a network meanwhile, and [`World::reachable`] and [`World::walk`] are judgements of single
//! packets that share no code with the policy core.

pub mod acts;
mod answer;
mod api;
mod apply;
mod capture;
mod model;
mod parts;
mod quota;
mod reach;
mod route;
mod rule;
mod snapshot;
mod switch;

pub use api::GraphqlApi;
pub use apply::{Applied, ApplyError};
pub use capture::Captured;
pub use model::{Endpoint, Group, Interface, PrefixList, RouteTable, Subnet, Unknown, Vpc, World};
pub use parts::{DuplicateKey, Parts};
pub use quota::RULES_PER_GROUP;
pub use reach::{Packet, Walk};
pub use route::{Destination, Target};
pub use rule::{Rule, RuleError};
pub use snapshot::{Format, SnapshotError};
