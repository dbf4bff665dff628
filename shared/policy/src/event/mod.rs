//! What happened: one CloudTrail record, parsed once into types.
//!
//! [`parse`] takes the bytes of one record or of one EventBridge envelope around it. An event says where to look
//! and who did what; it never is the evidence for a verdict, since it may come late, twice, or not at all.

mod actor;
mod api;
mod api_requests;
mod call;
mod call_name;
mod endpoint;
mod endpoint_requests;
mod envelope;
mod error;
mod exposure;
mod exposure_requests;
mod gateway;
mod gateway_requests;
mod lenient;
mod network_path;
mod network_path_requests;
mod part;
mod part_requests;
mod permissions;
mod requests;
mod route_requests;
mod scan;
mod security_group;
mod trail;

pub use actor::{Actor, ActorKind, IacTool};
pub use api::{NewGraphqlApi, NewHttpApi, NewRestApi, RestApiChange};
pub use call::Call;
pub use call_name::{CallName, CallNameError};
pub use endpoint::{EndpointChange, Members, NewEndpoint};
pub use envelope::{Door, parse};
pub use error::EventError;
pub use exposure::{AddressUse, ExclusionChange, SubnetChange};
pub use gateway::{NewNatGateway, RouteChange};
pub use network_path::NewPath;
pub use part::{PartCall, PartChange, PartKind, TagCall, TagOfCall, Target};
pub use scan::{Subject, SubjectKind};
pub use security_group::{ChangedRule, EventRule, GroupName, RulesChange};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, EventId, Region};

/// One call to AWS, as CloudTrail tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// CloudTrail's `eventID`: the same for every delivery of this call.
    /// A record without a usable one is known by its `requestID`, or else by a digest of what it says (`record-…`).
    pub id: EventId,
    /// `eventTime`, to the second: when the call was made.
    pub time: Timestamp,
    /// `awsRegion`: where it took effect.
    pub region: Region,
    /// `recipientAccountId`: the account whose resources it touched. Every record that AWS delivers says it; a trimmed
    /// one that somebody saved may not, and then nothing can be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Who made it, and with what.
    pub actor: Actor,
    /// Whether it changed anything.
    pub outcome: Outcome,
    /// What was called, typed where a rule can be woken by it.
    pub call: Call,
    /// CloudTrail dropped over-long parameters (`omitted: true`): what was asked must be read live.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub omitted: bool,
    /// `replay-name` of an EventBridge archive replay: old news, never acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<String>,
}

/// Whether the call changed anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// No `errorCode`: AWS did what was asked.
    Succeeded,
    /// `Client.DryRunOperation`: AWS said it would have done it, and did nothing.
    DryRun,
    /// Any other `errorCode`: AWS did nothing.
    Failed {
        /// `errorCode`, as CloudTrail spells it (`Client.UnauthorizedOperation`).
        code: String,
    },
}
