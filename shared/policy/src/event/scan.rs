//! A look at something as it stands, in the form of an event: nobody called, and nothing happened.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Actor, ActorKind, Call, Event, Outcome};
use crate::id::{
    AccountId, EventId, GraphqlApiId, HttpApiId, Region, RestApiId, SecurityGroupId, VpcEndpointId, VpcId,
};

/// Something that is looked at as it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A VPC.
    Vpc(VpcId),
    /// A security group.
    SecurityGroup(SecurityGroupId),
    /// An endpoint.
    VpcEndpoint(VpcEndpointId),
    /// What holds for the whole account in the Region.
    Account(AccountId),
    /// A REST API.
    RestApi(RestApiId),
    /// An HTTP or WebSocket API.
    HttpApi(HttpApiId),
    /// An AppSync API.
    GraphqlApi(GraphqlApiId),
}

/// The kinds of things that can be looked at as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubjectKind {
    /// VPCs.
    Vpc,
    /// Security groups.
    SecurityGroup,
    /// Endpoints.
    VpcEndpoint,
    /// What holds for whole accounts.
    Account,
    /// REST APIs.
    RestApi,
    /// HTTP and WebSocket APIs.
    HttpApi,
    /// AppSync APIs.
    GraphqlApi,
}

impl SubjectKind {
    /// What several are called.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Vpc => "VPCs",
            Self::SecurityGroup => "security groups",
            Self::VpcEndpoint => "endpoints",
            Self::Account => "accounts",
            Self::RestApi => "REST APIs",
            Self::HttpApi => "HTTP APIs",
            Self::GraphqlApi => "AppSync APIs",
        }
    }
}

impl Subject {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> SubjectKind {
        match self {
            Self::Vpc(_) => SubjectKind::Vpc,
            Self::SecurityGroup(_) => SubjectKind::SecurityGroup,
            Self::VpcEndpoint(_) => SubjectKind::VpcEndpoint,
            Self::Account(_) => SubjectKind::Account,
            Self::RestApi(_) => SubjectKind::RestApi,
            Self::HttpApi(_) => SubjectKind::HttpApi,
            Self::GraphqlApi(_) => SubjectKind::GraphqlApi,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Vpc(id) => id.as_str(),
            Self::SecurityGroup(id) => id.as_str(),
            Self::VpcEndpoint(id) => id.as_str(),
            Self::Account(id) => id.as_str(),
            Self::RestApi(id) => id.as_str(),
            Self::HttpApi(id) => id.as_str(),
            Self::GraphqlApi(id) => id.as_str(),
        }
    }
}

impl Event {
    /// A look at something of an account at this time.
    ///
    /// Its id is `scan-` and the id of what is looked at: the same for every look, so that whoever is told of it twice
    /// sees that it is the same.
    #[must_use]
    pub fn of_scan(subject: Subject, account: AccountId, region: Region, at: Timestamp) -> Self {
        let id = EventId::of_scan(subject.id());
        Self::of_look(id, subject, account, region, at)
    }

    /// What is new in a VPC, or in an account beside its VPCs, all of it together; `digest` says what it is.
    ///
    /// Its id is the same as long as the same is new, so that whoever is told of it twice sees that it is the same.
    #[must_use]
    pub fn of_sweep(subject: Subject, digest: &str, account: AccountId, region: Region, at: Timestamp) -> Self {
        let id = EventId::of_scan(&format!("{}-{digest}", subject.id()));
        Self::of_look(id, subject, account, region, at)
    }

    fn of_look(id: EventId, subject: Subject, account: AccountId, region: Region, at: Timestamp) -> Self {
        Self {
            id,
            time: at,
            region,
            account: Some(account),
            actor: Actor::nobody(),
            outcome: Outcome::Succeeded,
            call: Call::Scan { subject },
            omitted: false,
            replay: None,
        }
    }

    /// Whether nobody called.
    #[must_use]
    pub fn is_scan(&self) -> bool {
        matches!(self.call, Call::Scan { .. })
    }
}

impl Actor {
    /// Nobody: nothing was called.
    fn nobody() -> Self {
        Self {
            kind: ActorKind::Missing,
            arn: None,
            user_name: None,
            account: None,
            issuer: None,
            invoked_by: None,
            source_ip: None,
            user_agent: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_at_something_has_an_id_of_the_form_of_every_other_event_and_names_nobody() {
        let subject = Subject::SecurityGroup(format!("sg-{}", "0".repeat(40)).parse().unwrap());
        let event = Event::of_scan(
            subject,
            "111122223333".parse().unwrap(),
            "eu-west-1".parse().unwrap(),
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(event.id.as_str().parse::<EventId>().unwrap(), event.id);
        assert!(event.is_scan());
        assert_eq!(
            (event.actor.principal(), event.actor.service(), event.actor.tool()),
            (None, None, None)
        );
        let again: Event = serde_json::from_value(serde_json::to_value(&event).unwrap()).unwrap();
        assert_eq!(again, event);
    }
}
