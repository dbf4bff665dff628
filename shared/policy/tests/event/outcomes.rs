//! What every record says, whatever the call: when, where, whether anything changed, and what was cut away.

use guardrail_policy::event::{Call, Outcome};
use serde_json::{Value, json};

use crate::fixtures::{call, changed, event};

#[test]
fn a_record_says_when_and_where() {
    let event = event("authorize-egress-nested");
    assert_eq!(event.id.as_str(), "10000000-0000-4000-8000-000000000001");
    assert_eq!(event.time.to_string(), "2026-03-02T09:15:07Z");
    assert_eq!(event.region.as_str(), "eu-west-1");
    assert_eq!(event.account.unwrap().as_str(), "111122223333");
    assert_eq!(
        (event.outcome, event.omitted, event.replay),
        (Outcome::Succeeded, false, None)
    );
}

#[test]
fn a_dry_run_is_no_success_and_still_says_what_was_asked() {
    let event = event("dry-run");
    assert_eq!(event.outcome, Outcome::DryRun);
    let Call::AuthorizeSecurityGroupEgress(change) = event.call else {
        panic!("{:?}", event.call)
    };
    assert_eq!(change.permissions.len(), 1);
}

#[test]
fn a_failed_call_keeps_its_code_and_what_it_asked_for() {
    let event = event("revoke-egress-failed");
    assert_eq!(
        event.outcome,
        Outcome::Failed {
            code: "Client.InvalidSecurityGroupRuleId.NotFound".to_owned()
        }
    );
    assert_eq!(
        json!(event.call),
        json!({
            "action": "RevokeSecurityGroupEgress",
            "group": { "id": "sg-0a1b2c3d4e5f60001" },
            "rule_ids": ["sgr-0a1b2c3d4e5f60009"],
        })
    );
    assert_eq!(
        call("failed-create-security-group"),
        json!({ "action": "CreateSecurityGroup", "vpc": "vpc-0a1b2c3d4e5f60001", "name": "app" })
    );
}

#[test]
fn a_failed_call_without_parameters_is_not_ours_and_no_error() {
    assert_eq!(
        call("failed-without-request"),
        json!({ "action": "Other", "source": "ec2.amazonaws.com", "name": "AuthorizeSecurityGroupEgress" })
    );
    let edit = changed("modify-rules-one", |record| {
        record["requestParameters"] = json!({ "ModifySecurityGroupRulesRequest": "" });
        record["errorCode"] = json!("Client.MissingParameter");
    });
    assert_eq!(edit.unwrap().call.name(), None);
}

#[test]
fn what_a_successful_call_did_must_be_readable() {
    let unreadable = |pointer: &str, value: Value| {
        changed("authorize-egress-nested", |record| {
            *record.pointer_mut(pointer).unwrap() = value
        })
        .unwrap_err()
    };
    assert_eq!(
        unreadable(
            "/requestParameters/ipPermissions/items/1/ipRanges/items/0/cidrIp",
            json!("198.51.100.77/33")
        ),
        "the event's `requestParameters.ipPermissions.items[1].ipRanges.items[0].cidrIp` cannot be read: `198.51.100.77/33` is not a CIDR block: write an address, a slash and a prefix length, like `10.0.0.0/8` or `fd00::/8`"
    );
    assert_eq!(
        unreadable("/requestParameters/ipPermissions/items/0/ipProtocol", Value::Null),
        "the event has no `requestParameters.ipPermissions.items[0].ipProtocol`: pass the CloudTrail record as it was delivered, with nothing cut away"
    );
    assert_eq!(
        unreadable(
            "/responseElements/securityGroupRuleSet/items/2/securityGroupRuleId",
            json!([1])
        ),
        "the event's `responseElements.securityGroupRuleSet.items[2].securityGroupRuleId` cannot be read: a list or an object stands where a text or a number should: pass the record as it was delivered"
    );
    assert_eq!(
        unreadable("/requestParameters/ipPermissions/items/1/fromPort", json!("https\r\n")),
        "the event's `requestParameters.ipPermissions.items[1].fromPort` cannot be read: `https` is not a port: write it like `443`"
    );
    assert!(
        unreadable("/responseElements/securityGroupRuleSet/items/2/cidrIpv4", json!(""))
            .contains("names no protocol, or no CIDR")
    );
}

#[test]
fn a_successful_call_that_names_no_rule_or_no_group_is_an_error_that_names_the_field() {
    let nothing = changed("authorize-egress-before-rule-sets", |record| {
        record["requestParameters"]["ipPermissions"] = json!({})
    });
    assert!(
        nothing
            .unwrap_err()
            .starts_with("the event has no `requestParameters.ipPermissions`")
    );
    let nowhere = changed("authorize-egress-before-rule-sets", |record| {
        record["requestParameters"]["groupId"] = Value::Null
    });
    assert!(
        nowhere
            .unwrap_err()
            .starts_with("the event has no `requestParameters.groupId`")
    );
    let made = changed("create-security-group", |record| {
        record["responseElements"]["groupId"] = Value::Null
    });
    assert!(
        made.unwrap_err()
            .starts_with("the event has no `responseElements.groupId`")
    );
    let edited = changed("modify-rules-one", |record| {
        record["requestParameters"]["ModifySecurityGroupRulesRequest"]["SecurityGroupRule"] = json!("");
    });
    assert!(
        edited
            .unwrap_err()
            .contains("`requestParameters.ModifySecurityGroupRulesRequest.SecurityGroupRule`")
    );
}

#[test]
fn of_what_cloudtrail_omitted_the_rest_says_where_to_look() {
    let from_response = event("omitted-request");
    assert!(from_response.omitted);
    let Call::AuthorizeSecurityGroupEgress(change) = from_response.call else {
        panic!("{:?}", from_response.call)
    };
    assert_eq!(change.group.id().unwrap().as_str(), "sg-0a1b2c3d4e5f60001");
    assert_eq!((change.permissions.len(), change.rules.len()), (0, 1));

    let from_request = event("omitted-response");
    assert!(from_request.omitted);
    assert_eq!(
        json!(from_request.call),
        json!({ "action": "ModifySecurityGroupRules", "group": "sg-0a1b2c3d4e5f60001", "rules": [] })
    );
}

#[test]
fn where_cloudtrail_omitted_even_the_group_the_error_names_it() {
    let error = changed("omitted-both", |_| ()).unwrap_err();
    assert!(
        error.starts_with("the event has no `requestParameters.groupId`"),
        "{error}"
    );
}

#[test]
fn without_an_event_id_the_request_id_is_the_key_and_else_what_the_record_says() {
    let id = |record: fn(&mut Value)| changed("create-vpc", record).unwrap().id.to_string();
    let request = id(|record| record["eventID"] = Value::Null);
    assert_eq!(request, event_request_id());
    let digest = id(|record| (record["eventID"], record["requestID"]) = (json!("1"), json!("1")));
    assert!(digest.starts_with("record-"), "{digest}");
    assert_eq!(
        digest,
        id(|record| (record["eventID"], record["requestID"]) = (json!("1"), json!("1")))
    );
    assert_ne!(
        digest,
        id(|record| (record["eventID"], record["requestID"]) = (json!("1"), json!("2")))
    );
}

#[test]
fn without_a_recipient_the_callers_account_stands_in_and_without_either_there_is_none() {
    let old = changed("create-vpc", |record| record["recipientAccountId"] = Value::Null).unwrap();
    assert_eq!(old.account.unwrap().as_str(), "111122223333");
    assert_eq!(event("create-security-group-trimmed").account, None);
    let wrong = changed("create-vpc", |record| record["recipientAccountId"] = json!("nobody")).unwrap_err();
    assert!(wrong.contains("`recipientAccountId` cannot be read"), "{wrong}");
}

#[test]
fn an_account_that_lost_its_leading_zero_in_a_number_gets_it_back() {
    let event = event("authorize-egress-retyped");
    assert_eq!(event.account.unwrap().as_str(), "011122223333");
    assert_eq!(event.actor.account.unwrap().as_str(), "011122223333");
}

fn event_request_id() -> String {
    crate::fixtures::record("create-vpc")["requestID"]
        .as_str()
        .unwrap()
        .to_owned()
}
