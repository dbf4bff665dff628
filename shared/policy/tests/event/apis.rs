//! The calls about APIs: which API they name, and what they say of it.

use serde_json::{Value, json};

use crate::fixtures::{call, changed, event};

const REST: &str = "a1b2c3d4e5";
const HTTP: &str = "d1b2c3d4e5";
const GRAPHQL: &str = "a1b2c3d4e5f6a7b8c9d0e1f2a3";

#[test]
fn a_new_rest_api_is_told_from_the_response_however_it_was_made() {
    for (name, action, reach) in [
        ("create-rest-api", "CreateRestApi", "regional"),
        ("import-rest-api", "ImportRestApi", "private"),
    ] {
        assert_eq!(
            call(name),
            json!({ "action": action, "api": REST, "name": "orders", "reach": reach })
        );
    }
}

#[test]
fn a_definition_tells_of_the_policy_that_it_holds_and_of_nothing_where_it_was_left_out() {
    assert_eq!(
        call("put-rest-api"),
        json!({ "action": "PutRestApi", "api": REST, "policy": true, "endpoint": true })
    );
    assert_eq!(
        call("put-rest-api-omitted"),
        json!({ "action": "PutRestApi", "api": REST, "endpoint": true })
    );
    assert!(event("put-rest-api-omitted").omitted);
}

#[test]
fn a_patch_tells_what_it_touches() {
    for (name, touched) in [
        ("update-rest-api-opened", json!({ "opened": true, "endpoint": true })),
        ("update-rest-api-policy", json!({ "policy": true })),
        ("update-rest-api-description", json!({})),
    ] {
        let mut told = json!({ "action": "UpdateRestApi", "api": REST });
        for (key, value) in touched.as_object().unwrap() {
            told[key] = value.clone();
        }
        assert_eq!(call(name), told, "{name}");
    }
}

#[test]
fn a_patch_from_one_public_type_to_another_or_to_private_opens_nothing() {
    for (path, value) in [
        ("/endpointConfiguration/types/EDGE", "REGIONAL"),
        ("/endpointConfiguration/types/REGIONAL", "PRIVATE"),
        ("/endpointConfiguration/types/PRIVATE", "PRIVATE"),
        ("/endpointConfiguration/types/PRIVATE", "NEW"),
    ] {
        let patched = changed("update-rest-api-opened", |record| {
            let patch = json!({ "op": "replace", "path": path, "value": value });
            record["requestParameters"]["updateRestApiInput"]["patchOperations"] = json!([patch]);
        });
        assert_eq!(
            json!(patched.unwrap().call),
            json!({ "action": "UpdateRestApi", "api": REST, "endpoint": true })
        );
    }
}

#[test]
fn a_patch_that_was_left_out_may_have_touched_anything() {
    let patched = changed("update-rest-api-description", |record| {
        record["requestParameters"] = json!({ "restApiId": REST, "omitted": true });
    });
    assert_eq!(
        json!(patched.unwrap().call),
        json!({ "action": "UpdateRestApi", "api": REST, "endpoint": true })
    );
}

#[test]
fn a_new_http_api_is_told_from_the_response() {
    for (name, action) in [("create-api", "CreateApi"), ("import-api", "ImportApi")] {
        assert_eq!(call(name), json!({ "action": action, "api": HTTP, "name": "shop" }));
    }
}

#[test]
fn the_visibility_of_a_new_graphql_api_is_in_the_response_and_need_not_be_in_the_request() {
    let told = json!({ "action": "CreateGraphqlApi", "api": GRAPHQL, "name": "orders", "visibility": "global" });
    assert_eq!(call("create-graphql-api"), told);
    let private = changed("create-graphql-api", |record| {
        record["responseElements"]["graphqlApi"]["visibility"] = json!("PRIVATE");
    });
    assert_eq!(json!(private.unwrap().call)["visibility"], "private");
    let unknown = changed("create-graphql-api", |record| {
        record["responseElements"]["graphqlApi"]["visibility"] = json!("SOMETHING_NEW");
    });
    assert_eq!(json!(unknown.unwrap().call)["visibility"], Value::Null);
}

#[test]
fn an_api_that_was_not_made_has_no_id() {
    for name in ["create-rest-api", "import-rest-api", "create-api", "create-graphql-api"] {
        let failed = changed(name, |record| {
            record["errorCode"] = json!("BadRequestException");
            record["responseElements"] = Value::Null;
        });
        assert_eq!(failed.unwrap().call.subjects(), Vec::<&str>::new(), "{name}");
    }
}

#[test]
fn a_call_that_does_not_say_what_it_was_about_is_an_error() {
    for (name, pointer, member) in [
        ("create-rest-api", "/responseElements/id", "id"),
        ("put-rest-api", "/requestParameters/restApiId", "restApiId"),
        ("update-rest-api-policy", "/requestParameters/restApiId", "restApiId"),
        ("create-api", "/responseElements/apiId", "apiId"),
        (
            "create-graphql-api",
            "/responseElements/graphqlApi/apiId",
            "graphqlApi.apiId",
        ),
    ] {
        let error = changed(name, |record| *record.pointer_mut(pointer).unwrap() = Value::Null);
        assert!(error.unwrap_err().contains(member), "{name}");
    }
}

#[test]
fn a_call_is_known_by_the_id_that_it_gives() {
    for (name, subject) in [
        ("create-rest-api", REST),
        ("import-rest-api", REST),
        ("put-rest-api", REST),
        ("update-rest-api-opened", REST),
        ("create-api", HTTP),
        ("create-graphql-api", GRAPHQL),
    ] {
        assert_eq!(event(name).call.subjects(), [subject], "{name}");
    }
}

#[test]
fn a_policy_that_lets_any_endpoint_in_is_told_where_the_patch_holds_it() {
    let open = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}"#;
    let patched = changed("update-rest-api-policy", |record| {
        let patch = json!({ "op": "replace", "path": "/policy", "value": open });
        record["requestParameters"]["updateRestApiInput"]["patchOperations"] = json!(patch);
    });
    assert_eq!(
        json!(patched.unwrap().call),
        json!({ "action": "UpdateRestApi", "api": REST, "policy": true, "open_policy": true })
    );
}
