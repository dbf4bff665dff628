//! Why bytes are not an event.

/// Bytes that are not an event that can be judged; each message says what, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// More than any event can have.
    #[error("the event has {size} bytes and an event has at most {limit}: pass one event, not a file of them")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Not JSON, or nested too deeply to be an event.
    #[error(
        "the event is not JSON (line {line}, column {column}: {reason}): pass one CloudTrail record, or the EventBridge envelope around it, whole"
    )]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the JSON parser says.
        reason: String,
    },
    /// JSON, but not an object.
    #[error(
        "the event is {found}, not a JSON object: pass one CloudTrail record, or the EventBridge envelope around it"
    )]
    NotAnObject {
        /// What it is: `a list`, …
        found: &'static str,
    },
    /// Several events at once.
    #[error("the event is a batch (`Records`): pass each of its records by itself")]
    Batch,
    /// An envelope around something else than a record of CloudTrail.
    #[error(
        "an envelope of detail-type `{detail_type}` holds no API call: let the EventBridge rule match `AWS API Call via CloudTrail` only"
    )]
    NotCloudTrail {
        /// The envelope's `detail-type`.
        detail_type: String,
    },
    /// An envelope that EventBridge cannot have written for this record, and somebody else may have.
    #[error(
        "the envelope's `{field}` is `{envelope}` and its record says {record}: refused as forged, find out who may call PutEvents on this bus"
    )]
    Forged {
        /// The envelope's field: `account`, `region` or `source`.
        field: &'static str,
        /// What stands in it.
        envelope: String,
        /// What the record says against it.
        record: String,
    },
    /// A field that must be there is not.
    #[error("the event has no `{path}`: pass the CloudTrail record as it was delivered, with nothing cut away")]
    Missing {
        /// Where it should stand: `requestParameters.groupId`.
        path: String,
    },
    /// A field that holds something else than it must.
    #[error("the event's `{path}` cannot be read: {reason}")]
    Unreadable {
        /// Where it stands: `requestParameters.ipPermissions.items[0].ipProtocol`.
        path: String,
        /// What is wrong with it, and what it should look like.
        reason: String,
    },
}
