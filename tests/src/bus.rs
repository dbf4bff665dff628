//! The way from CloudTrail to the two queues, as the deployed event rules route: people's calls at
//! once, calls of infrastructure-as-code tools late, because those tools mend their own half-way states
//! (Terraform removes a new group's default egress rule two seconds after it creates the group).

use std::time::Duration;

use crate::delivery::envelope;
use crate::event_pattern::EventPattern;
use crate::queue::Queue;
use crate::record::Record;
use crate::template::Template;
use crate::{Error, Result};

/// How long the late queue keeps a message back.
pub const LATE: Duration = Duration::from_secs(45);

/// The two event patterns of a function.
#[derive(Debug)]
pub struct Patterns {
    /// What is delivered at once.
    pub immediate: EventPattern,
    /// What is delivered late.
    pub delayed: EventPattern,
}

impl Patterns {
    /// The patterns of the event rules of `function` in the template.
    ///
    /// # Errors
    /// Where there is no such function, or EventBridge would refuse a pattern.
    pub fn of(function: &str) -> Result<Self> {
        let template = Template::read()?;
        let pattern = |rule: &str| {
            let pattern = template.property(function, rule, "EventPattern")?;
            EventPattern::parse(pattern).map_err(|error| Error::shape(error.to_string(), pattern))
        };
        Ok(Self {
            immediate: pattern("ImmediateRule")?,
            delayed: pattern("DelayedRule")?,
        })
    }

    /// The route of `record`. Unlike the deployed rules this lets failed calls through, so that the
    /// function's own judgement of them can be seen.
    #[must_use]
    pub fn route(&self, record: &Record) -> Route {
        let envelope = envelope(&record.clone().succeeded());
        if self.delayed.matches(&envelope) {
            Route::Late
        } else if self.immediate.matches(&envelope) {
            Route::AtOnce
        } else {
            Route::Nowhere
        }
    }
}

/// Where a record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// To the function at once.
    AtOnce,
    /// To the function after [`LATE`].
    Late,
    /// Nowhere: no rule matches it.
    Nowhere,
}

/// The event rules of a function and its two queues.
#[derive(Debug)]
pub struct Bus {
    patterns: Patterns,
    /// For people's calls.
    pub at_once: Queue,
    /// For tools' calls and new groups.
    pub late: Queue,
}

impl Bus {
    /// The rules and queues of a function, as they are deployed.
    ///
    /// # Errors
    /// As [`Patterns::of`].
    pub fn of(function: &str) -> Result<Self> {
        Ok(Self {
            patterns: Patterns::of(function)?,
            at_once: Queue::immediate(&format!("guardrail-{function}")),
            late: Queue::delayed(&format!("guardrail-{function}-late"), LATE),
        })
    }

    /// Lets time pass in both queues.
    pub fn elapse(&mut self, by: Duration) {
        self.at_once.elapse(by);
        self.late.elapse(by);
    }

    /// Routes a record.
    pub fn publish(&mut self, record: &Record) -> Route {
        let route = self.patterns.route(record);
        match route {
            Route::AtOnce => drop(self.at_once.send(record)),
            Route::Late => drop(self.late.send(record)),
            Route::Nowhere => {}
        }
        route
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn route(record: &Record) -> Route {
        Patterns::of("security-groups").unwrap().route(record)
    }

    fn call(name: &str, agent: &str) -> Record {
        Record::new(json!({
            "eventSource": "ec2.amazonaws.com",
            "eventName": name,
            "userAgent": agent,
            "userIdentity": {},
        }))
    }

    #[test]
    fn people_go_at_once_and_tools_late() {
        let person = call("AuthorizeSecurityGroupEgress", "aws-cli/2.17.56");
        let tool = call("AuthorizeSecurityGroupEgress", "APN/1.0 HashiCorp/1.0 Terraform/1.9.8");
        let stack = person
            .clone()
            .with("userIdentity", json!({"invokedBy": "cloudformation.amazonaws.com"}));
        assert_eq!(route(&person), Route::AtOnce);
        assert_eq!(route(&tool), Route::Late);
        assert_eq!(route(&stack), Route::Late);
    }

    #[test]
    fn a_new_group_goes_late_whoever_made_it() {
        assert_eq!(route(&call("CreateSecurityGroup", "aws-cli/2.17.56")), Route::Late);
    }

    #[test]
    fn other_calls_and_namesakes_of_other_services_go_nowhere() {
        assert_eq!(route(&call("DescribeVpcs", "aws-cli/2.17.56")), Route::Nowhere);
        let namesake = call("CreateVpc", "aws-cli/2.17.56").with("eventSource", json!("es.amazonaws.com"));
        assert_eq!(route(&namesake), Route::Nowhere);
    }
}
