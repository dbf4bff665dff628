//! The way from CloudTrail to the two queues, as the deployed event rules will route: people's calls at
//! once, calls of infrastructure-as-code tools late, because those tools mend their own half-way states
//! (Terraform removes a new group's default egress rule two seconds after it creates the group).

use std::time::Duration;

use crate::queue::Queue;
use crate::record::Record;

/// How long the late queue keeps a message back.
pub const LATE: Duration = Duration::from_secs(45);

/// The calls that wake the function `security-groups`.
const SECURITY_GROUP_CALLS: [&str; 13] = [
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "ModifySecurityGroupRules",
    "CreateSecurityGroup",
    "CreateVpc",
    "CreateDefaultVpc",
    "ModifyManagedPrefixList",
    "RestoreManagedPrefixListVersion",
    "ModifyNetworkInterfaceAttribute",
    "CreateNetworkInterface",
    "ModifyInstanceAttribute",
];

/// What the user agents of infrastructure-as-code tools contain.
const TOOLS: [&str; 4] = ["Terraform", "OpenTofu", "Pulumi", "crossplane"];

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

impl Route {
    /// The route of `record`. Unlike the deployed rules this lets failed calls through, so that the
    /// function's own judgement of them can be seen.
    pub fn of(record: &Record) -> Self {
        let ours =
            record.text("/eventSource") == "ec2.amazonaws.com" && SECURITY_GROUP_CALLS.contains(&record.event_name());
        if !ours {
            return Self::Nowhere;
        }
        if record.event_name() == "CreateSecurityGroup" || by_a_tool(record) {
            return Self::Late;
        }
        Self::AtOnce
    }
}

fn by_a_tool(record: &Record) -> bool {
    let agent = record.text("/userAgent");
    record.text("/userIdentity/invokedBy") == "cloudformation.amazonaws.com"
        || TOOLS.iter().any(|tool| agent.contains(tool))
}

/// The event rules and their two queues.
#[derive(Debug)]
pub struct Bus {
    /// For people's calls.
    pub at_once: Queue,
    /// For tools' calls and new groups.
    pub late: Queue,
}

impl Bus {
    /// The rules and queues of the function `security-groups`.
    pub fn security_groups() -> Self {
        Self {
            at_once: Queue::immediate("guardrail-security-groups"),
            late: Queue::delayed("guardrail-security-groups-late", LATE),
        }
    }

    /// Lets time pass in both queues.
    pub fn elapse(&mut self, by: Duration) {
        self.at_once.elapse(by);
        self.late.elapse(by);
    }

    /// Routes a record.
    pub fn publish(&mut self, record: &Record) -> Route {
        let route = Route::of(record);
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
        assert_eq!(Route::of(&person), Route::AtOnce);
        assert_eq!(Route::of(&tool), Route::Late);
        assert_eq!(Route::of(&stack), Route::Late);
    }

    #[test]
    fn a_new_group_goes_late_whoever_made_it() {
        assert_eq!(Route::of(&call("CreateSecurityGroup", "aws-cli/2.17.56")), Route::Late);
    }

    #[test]
    fn other_calls_and_namesakes_of_other_services_go_nowhere() {
        assert_eq!(Route::of(&call("DescribeVpcs", "aws-cli/2.17.56")), Route::Nowhere);
        let namesake = call("CreateVpc", "aws-cli/2.17.56").with("eventSource", json!("es.amazonaws.com"));
        assert_eq!(Route::of(&namesake), Route::Nowhere);
    }
}
