//! What property tests are run over: rules, networks, policy files, and events that really happened to those networks.

mod bytes;
mod rules;
mod scenario;
mod settings;
mod worlds;

pub use bytes::{garbled_records, stray_bytes};
pub use rules::{cidrs, peers, permissions, traffic};
pub use scenario::{Scenario, scenarios};
pub use settings::policies;
pub use worlds::{CUSTOMER_LISTS, worlds};
