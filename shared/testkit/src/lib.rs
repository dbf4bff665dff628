//! What the tests of vpc-guardrail are made of: a standard private network, `CloudTrail` records in the real shapes, ports
//! that fail on demand, strategies for property tests, and the corpus of golden cases.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the ground that tests stand on gives way loudly: what is wrong in here is wrong in a test"
)]

pub mod corpus;
pub mod desk;
mod faulty;
mod identity;
pub mod ledger_laws;
mod network;
pub mod outcomes;
mod ports;
mod queue;
mod saboteur;
pub mod strategies;
mod trail;

pub use desk::{Desk, Ports, going, now};
pub use faulty::Faulty;
pub use identity::Identity;
pub use network::{
    ACCOUNT, APP_GROUP, APP_INSTANCE, APP_INTERFACE, CLOUDFRONT_LIST, DEFAULT_GROUP, DYNAMODB_LIST, ECR_API_ENDPOINT,
    ECR_DKR_ENDPOINT, ENDPOINT_GROUP, MAIN_TABLE, POLICY, POLICY_OF_ACCOUNT, REGION, ROUTE_TABLE, S3_ENDPOINT, S3_LIST,
    SUBNETS, VPC, block, blocks, dual_stack_network, id, private_network, settings, tcp, to, with_apis,
    with_block_public_access, with_nat,
};
pub use ports::{Asked, Change, Changing, Counting, Outbox, SteppedClock};
pub use queue::Queue;
pub use saboteur::{Call, Fault, Saboteur};
pub use trail::TrailRecord;
