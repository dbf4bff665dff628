//! APIs of API Gateway that answer on the internet, or let any endpoint in: the compiled `apis` tells what to do in which
//! order, and changes nothing.

use harness::record::Record;
use harness::stage::Stage;
use serde_json::{Value, json};

use crate::apis::{makes_endpoint, performs, stage_of_apis};
use crate::endpoints::record_of;
use crate::reading::{assert_silence, only_finding_of, passed_by, text_about, text_at};

const RULE: &str = "public-api";

/// Somebody makes a REST API of a type, with a policy where it is said.
fn makes_api(stage: &Stage, of_type: &str, policy: Option<&Value>) -> (String, Record) {
    let mut parameters = json!({"name": "orders", "endpointConfiguration": {"types": [of_type]}});
    if let Some(policy) = policy {
        parameters["policy"] = json!(policy.to_string());
    }
    let made = performs(stage, "apigateway", "create_rest_api", &parameters);
    let id = text_at(made.outcome.as_ref().unwrap(), "/id").to_owned();
    (id, made.record)
}

/// Somebody patches a REST API.
fn patches(stage: &Stage, id: &str, path: &str, value: &str) -> Record {
    let patch = json!({"op": "replace", "path": path, "value": value});
    let parameters = json!({"restApiId": id, "patchOperations": [patch]});
    performs(stage, "apigateway", "update_rest_api", &parameters).record
}

/// A policy that allows everybody to call, under a condition.
fn policy(condition: &Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
    });
    if !condition.is_null() {
        statement["Condition"] = condition.clone();
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn type_of(stage: &Stage, id: &str) -> Value {
    let api = stage
        .owner
        .call("apigateway", "get_rest_api", &json!({"restApiId": id}))
        .unwrap();
    api["endpointConfiguration"]["types"][0].clone()
}

fn class_and_cause(finding: &Value) -> (&str, &str) {
    (text_at(finding, "/class"), text_at(finding, "/cause"))
}

#[test]
fn a_public_rest_api_is_to_be_made_private_and_keeps_its_id() {
    let mut stage = stage_of_apis();
    let endpoint = makes_endpoint(&stage, "execute-api");
    let (id, event) = makes_api(&stage, "REGIONAL", None);
    let record = record_of(&mut stage, &event);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        class_and_cause(finding),
        ("public-rest-api", "this_event"),
        "{finding:#}"
    );
    let text = text_about(&stage, RULE);
    for said in [
        &format!(
            "op=replace,path=/endpointConfiguration/types/REGIONAL,value=PRIVATE op=add,path=/endpointConfiguration/vpcEndpointIds,value={endpoint}"
        ),
        "\"path\":\"/policy\"",
        "keeps its id",
        "create-deployment",
        "whatever else was changed is published, too",
        "custom domain names",
        "answers 403 from that VPC",
        "apiStatus",
        "types            = [\"PRIVATE\"]",
        "Types: [PRIVATE]",
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
    assert_eq!(type_of(&stage, &id), "REGIONAL", "nothing is changed");
}

#[test]
fn a_private_api_that_is_turned_back_is_found_and_one_that_was_public_before_names_nobody() {
    let mut stage = stage_of_apis();
    let narrow = policy(&json!({"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60001"}}));
    let (id, event) = makes_api(&stage, "PRIVATE", Some(&narrow));
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &event)), "clean");
    let turned = patches(&stage, &id, "/endpointConfiguration/types/PRIVATE", "REGIONAL");
    let record = record_of(&mut stage, &turned);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        class_and_cause(finding),
        ("public-rest-api", "this_event"),
        "{finding:#}"
    );
    assert!(
        text_about(&stage, RULE).contains("create-vpc-endpoint"),
        "there is no endpoint yet"
    );
    let moved = patches(&stage, &id, "/endpointConfiguration/types/REGIONAL", "EDGE");
    let record = record_of(&mut stage, &moved);
    assert_eq!(
        class_and_cause(only_finding_of(RULE, &record)),
        ("public-rest-api", "standing")
    );
    let described = patches(&stage, &id, "/description", "orders of the shop");
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &described)), "not_touched");
}

#[test]
fn a_private_api_that_lets_any_endpoint_in_is_found_by_the_meaning_of_its_policy() {
    let mut stage = stage_of_apis();
    let open = policy(&json!({"StringLike": {"aws:SourceVpce": "vpce-*"}}));
    let (id, event) = makes_api(&stage, "PRIVATE", Some(&open));
    let record = record_of(&mut stage, &event);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(class_and_cause(finding), ("any-endpoint", "this_event"), "{finding:#}");
    let narrow = policy(&json!({"StringEquals": {"aws:SourceVpc": stage.network.vpc}}));
    let narrowed = patches(&stage, &id, "/policy", &narrow.to_string());
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &narrowed)), "clean");
}

#[test]
fn an_http_api_has_no_private_kind() {
    let mut stage = stage_of_apis();
    let made = performs(
        &stage,
        "apigatewayv2",
        "create_api",
        &json!({"Name": "shop", "ProtocolType": "HTTP"}),
    );
    let id = text_at(made.outcome.as_ref().unwrap(), "/ApiId").to_owned();
    let record = record_of(&mut stage, &made.record);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        class_and_cause(finding),
        ("public-http-api", "this_event"),
        "{finding:#}"
    );
    let text = text_about(&stage, RULE);
    for said in [
        "has no private kind",
        "types=PRIVATE",
        &format!("aws apigatewayv2 delete-api --api-id {id}"),
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
}

#[test]
fn an_api_that_is_gone_since_is_no_finding() {
    let mut stage = stage_of_apis();
    let (id, event) = makes_api(&stage, "EDGE", None);
    stage
        .owner
        .call("apigateway", "delete_rest_api", &json!({"restApiId": id}))
        .unwrap();
    let record = record_of(&mut stage, &event.aged(crate::scene::SETTLED));
    assert_eq!(passed_by(RULE, &record), "already_gone");
    assert_silence(&stage);
}
