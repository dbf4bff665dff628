//! The local AWS harness: everything between a user's API call and the security team's inbox, on
//! loopback, with the real compiled function in the middle.
//!
//! ```text
//! User ──call──▶ Emulator (moto + CloudTrail recorder) ──Record──▶ Bus ──▶ Queue ──SQS batch──▶ Function
//!                    ▲                                                                  │ (Runtime API)
//!  Inbox ◀──SQS──────┤◀───────────────── Faults (microburst, where a test wants it) ◀───┘
//! ```
//!
//! The interface blocks, and time can be skipped: a [`queue::Queue`] has its own clock, so a delay of
//! 45 seconds or a visibility time-out costs none. Every server listens on 127.0.0.1 on a port that
//! the system chose, and everything stops when its value is dropped or when this process ends.

pub mod bus;
pub mod calls;
mod child;
pub mod delivery;
pub mod deployment;
pub mod emulator;
mod error;
pub mod event_pattern;
pub mod faults;
pub mod function;
pub mod gate;
mod http;
pub mod identity;
pub mod inbox;
mod instance;
pub mod kill_switch;
pub mod ledger;
pub mod network;
pub mod operator;
pub mod picture;
pub mod places;
pub mod queue;
pub mod record;
pub mod role;
pub mod runtime_api;
pub mod stage;
pub mod template;
mod unique;
pub mod user;

pub use error::{ApiError, Error};

/// The account that everything in the emulator belongs to.
pub const ACCOUNT: &str = "111122223333";

/// The Region that users and functions work in unless told otherwise.
pub const REGION: &str = "eu-west-1";

/// What the harness's own calls give.
pub type Result<T> = std::result::Result<T, Error>;
