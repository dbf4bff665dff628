//! `CloudTrail` records of calls, in the shapes of the real ones: older EC2 calls in lower camel case with `{"items": […]}`,
//! newer ones wrapped, in Pascal case, with numbered elements.

mod apis;
mod endpoints;
mod exposure;
mod gateways;
mod groups;
mod parts;
mod routes;
mod shapes;

use guardrail_policy::jiff::Timestamp;
use serde_json::{Value, json};

use crate::identity::Identity;
use crate::network::{ACCOUNT, REGION};

/// The time at which every call is made that does not say otherwise.
const TIME: &str = "2026-03-02T09:15:07Z";

/// The record of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct TrailRecord(Value);

impl TrailRecord {
    /// A call of EC2 that succeeded, made by a person in a role session.
    #[must_use]
    pub fn ec2(name: &str, request: Value, response: Value) -> Self {
        Self::of("ec2", name, request, response)
    }

    /// The same of another service, by the first part of its `eventSource`: `appsync`.
    #[must_use]
    pub fn of(service: &str, name: &str, request: Value, response: Value) -> Self {
        let record = json!({
            "eventVersion": "1.11",
            "eventTime": TIME,
            "eventSource": format!("{service}.amazonaws.com"),
            "eventName": name,
            "awsRegion": REGION,
            "requestParameters": request,
            "responseElements": response,
            "requestID": "20000000-0000-4000-8000-000000000001",
            "eventID": "10000000-0000-4000-8000-000000000001",
            "readOnly": false,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
            "tlsDetails": {
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": format!("{service}.{REGION}.amazonaws.com"),
            },
        });
        Self(record).by(Identity::role_session("platform/NetworkAdmin", "deploy-42"))
    }

    /// Somebody else made the call.
    #[must_use]
    pub fn by(mut self, identity: Identity) -> Self {
        self.0["userIdentity"] = identity.user;
        self.0["sourceIPAddress"] = json!(identity.source);
        self.0["userAgent"] = json!(identity.agent);
        self
    }

    /// The call was made at this time, to the second.
    #[must_use]
    pub fn at(mut self, time: Timestamp) -> Self {
        self.0["eventTime"] = json!(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        self
    }

    /// Another call: its ids end in this number.
    #[must_use]
    pub fn number(mut self, number: u32) -> Self {
        self.0["eventID"] = json!(format!("10000000-0000-4000-8000-{number:012x}"));
        self.0["requestID"] = json!(format!("20000000-0000-4000-8000-{number:012x}"));
        self
    }

    /// The call failed with this code.
    #[must_use]
    pub fn failed(mut self, code: &str) -> Self {
        self.0["errorCode"] = json!(code);
        self.0["errorMessage"] = json!("made to fail for an example");
        self.0["responseElements"] = Value::Null;
        self
    }

    /// The call was a dry run.
    #[must_use]
    pub fn dry_run(self) -> Self {
        self.failed("Client.DryRunOperation")
    }

    /// When the call was made.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.0["eventTime"]
            .as_str()
            .and_then(|time| time.parse().ok())
            .expect("a record has a time")
    }

    /// The record as JSON.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// The bare record.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.to_string().into_bytes()
    }

    /// The record in the envelope in which EventBridge delivers it.
    #[must_use]
    pub fn envelope(&self) -> Vec<u8> {
        let source = self.0["eventSource"].as_str().unwrap_or_default();
        let service = source.split('.').next().unwrap_or_default();
        let envelope = json!({
            "version": "0",
            "id": "30000000-0000-4000-8000-000000000001",
            "detail-type": "AWS API Call via CloudTrail",
            "source": format!("aws.{service}"),
            "account": self.0["recipientAccountId"],
            "time": self.0["eventTime"],
            "region": self.0["awsRegion"],
            "resources": [],
            "detail": self.0,
        });
        envelope.to_string().into_bytes()
    }
}

/// A call in the newer dialect, whose response says no more than that it succeeded.
fn wrapped(name: &str, request: Value) -> TrailRecord {
    let response = json!({
        "xmlns": "http://ec2.amazonaws.com/doc/2016-11-15/",
        "requestId": "20000000-0000-4000-8000-000000000001",
        "return": true,
    });
    TrailRecord::ec2(
        name,
        json!({ format!("{name}Request"): request }),
        json!({ format!("{name}Response"): response }),
    )
}

#[cfg(test)]
mod tests {
    use guardrail_policy::event::{Call, CallName, Door, Outcome, parse};
    use guardrail_policy::network::Peer;

    use super::*;
    use crate::network::{APP_GROUP, APP_INSTANCE, APP_INTERFACE, S3_LIST, VPC, block, id, tcp, to};

    fn call(record: &TrailRecord) -> Call {
        let (door, event) = parse(&record.envelope()).unwrap();
        assert_eq!((door, &event), (Door::Envelope, &parse(&record.bytes()).unwrap().1));
        event.call
    }

    #[test]
    fn every_record_is_read_as_the_call_that_it_tells_of() {
        let group = id(APP_GROUP);
        let list = id(S3_LIST);
        let rules = [
            (id("sgr-1"), to(block("0.0.0.0/0"))),
            (id("sgr-2"), tcp(443, 443, Peer::PrefixList(id(S3_LIST)))),
        ];
        let named = [
            (
                TrailRecord::authorize_egress(&group, &rules),
                CallName::AuthorizeSecurityGroupEgress,
            ),
            (
                TrailRecord::authorize_egress_flat(&group, &rules[0].0, &rules[0].1),
                CallName::AuthorizeSecurityGroupEgress,
            ),
            (
                TrailRecord::revoke_egress(&group, &[&rules[0].1]),
                CallName::RevokeSecurityGroupEgress,
            ),
            (
                TrailRecord::revoke_ingress(&group, &[&rules[0].1]),
                CallName::RevokeSecurityGroupIngress,
            ),
            (
                TrailRecord::modify_rules(&group, &rules),
                CallName::ModifySecurityGroupRules,
            ),
            (
                TrailRecord::create_group(&group, VPC, "app"),
                CallName::CreateSecurityGroup,
            ),
            (TrailRecord::create_vpc(VPC, "10.0.0.0/16"), CallName::CreateVpc),
            (
                TrailRecord::modify_list(&list, "10.0.0.0/8"),
                CallName::ModifyManagedPrefixList,
            ),
            (
                TrailRecord::restore_list(&list),
                CallName::RestoreManagedPrefixListVersion,
            ),
            (
                TrailRecord::modify_interface(APP_INTERFACE, &[APP_GROUP]),
                CallName::ModifyNetworkInterfaceAttribute,
            ),
            (
                TrailRecord::modify_instance(APP_INSTANCE, &[APP_GROUP]),
                CallName::ModifyInstanceAttribute,
            ),
        ];
        for (record, name) in named {
            assert_eq!(call(&record).name(), Some(name));
        }
    }

    #[test]
    fn what_was_added_is_read_from_request_and_response_alike() {
        let rules = [
            (id("sgr-1"), tcp(80, 81, block("10.0.0.0/8"))),
            (id("sgr-2"), to(block("2001:db8::/32"))),
        ];
        let record = TrailRecord::authorize_egress(&id(APP_GROUP), &rules);
        let Call::AuthorizeSecurityGroupEgress(change) = call(&record) else {
            panic!("another call")
        };
        assert_eq!(change.permissions, rules.clone().map(|(_, permission)| permission));
        let listed: Vec<_> = change
            .rules
            .into_iter()
            .map(|rule| (rule.id, rule.permission))
            .collect();
        assert_eq!(listed, rules);
    }

    #[test]
    fn failures_and_dry_runs_are_read_as_such() {
        let record = TrailRecord::create_group(&id(APP_GROUP), VPC, "app");
        assert_eq!(
            parse(&record.clone().dry_run().bytes()).unwrap().1.outcome,
            Outcome::DryRun
        );
        let failed = parse(&record.failed("Client.InvalidGroup.Duplicate").bytes())
            .unwrap()
            .1
            .outcome;
        assert_eq!(
            failed,
            Outcome::Failed {
                code: "Client.InvalidGroup.Duplicate".to_owned()
            }
        );
    }
}
