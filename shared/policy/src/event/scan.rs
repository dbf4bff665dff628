//! A look at something as it stands, in the form of an event: nobody called, and nothing happened.

use jiff::Timestamp;

use super::{Actor, ActorKind, Call, Event, Outcome, Subject};
use crate::id::{AccountId, EventId, Region};

impl Event {
    /// A look at something of an account at this time.
    ///
    /// Its id is `scan-` and the id of what is looked at: the same for every look, so that whoever is told of it twice
    /// sees that it is the same.
    #[must_use]
    pub fn of_scan(subject: Subject, account: AccountId, region: Region, at: Timestamp) -> Self {
        Self {
            id: EventId::of_scan(subject.id()),
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
