//! AppSync APIs that answer on the internet: the compiled `apis` tells how to make them anew, and changes nothing.

use harness::user::Performed;
use serde_json::{Value, json};

use crate::apis::{makes_endpoint, performs, stage_of_apis};
use crate::endpoints::record_of;
use crate::reading::{assert_silence, only_finding_of, passed_by, text_about, text_at};

const RULE: &str = "public-graphql-api";

/// Somebody makes an AppSync API, of this visibility where it is said.
fn makes_api(stage: &harness::stage::Stage, visibility: Option<&str>) -> (String, Performed) {
    let mut parameters = json!({"name": "orders", "authenticationType": "API_KEY"});
    if let Some(visibility) = visibility {
        parameters["visibility"] = json!(visibility);
    }
    let made = performs(stage, "appsync", "create_graphql_api", &parameters);
    let id = text_at(made.outcome.as_ref().unwrap(), "/graphqlApi/apiId").to_owned();
    (id, made)
}

#[test]
fn an_api_whose_visibility_nobody_chose_answers_on_the_internet_and_is_to_be_made_anew() {
    let mut stage = stage_of_apis();
    let (id, made) = makes_api(&stage, None);
    assert_eq!(made.record.json()["requestParameters"]["visibility"], Value::Null);
    let record = record_of(&mut stage, &made.record);
    let finding = only_finding_of(RULE, &record);
    assert_eq!(
        (
            &finding["class"],
            &finding["severity"],
            &finding["cause"],
            &finding["resource"]["id"]
        ),
        (
            &json!("global-visibility"),
            &json!("high"),
            &json!("this_event"),
            &json!(id)
        ),
        "{finding:#}"
    );
    let text = text_about(&stage, RULE);
    for said in [
        "cannot be changed once it is made",
        "another id and other URLs",
        ".appsync-api --vpc-endpoint-type Interface",
        "--visibility PRIVATE",
        "visibility = \"PRIVATE\"",
        "Visibility: PRIVATE",
        &format!("aws appsync delete-graphql-api --api-id {id}"),
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
    let still = stage
        .owner
        .call("appsync", "get_graphql_api", &json!({"apiId": id}))
        .unwrap();
    assert_eq!(still["graphqlApi"]["visibility"], "GLOBAL", "nothing is changed");
}

#[test]
fn an_endpoint_for_private_apis_that_is_there_need_not_be_made() {
    let mut stage = stage_of_apis();
    let endpoint = makes_endpoint(&stage, "appsync-api");
    let (_, made) = makes_api(&stage, Some("GLOBAL"));
    let record = record_of(&mut stage, &made.record);
    only_finding_of(RULE, &record);
    let text = text_about(&stage, RULE);
    assert!(
        text.contains(&endpoint) && !text.contains("create-vpc-endpoint"),
        "{text}"
    );
}

#[test]
fn a_private_api_is_left_alone_without_a_look() {
    let mut stage = stage_of_apis();
    let (_, made) = makes_api(&stage, Some("PRIVATE"));
    let record = record_of(&mut stage, &made.record);
    assert_eq!(passed_by(RULE, &record), "clean");
    assert_eq!(stage.calls.take().unwrap().to("appsync"), 0);
    assert_silence(&stage);
}

#[test]
fn an_api_that_is_gone_since_is_no_finding() {
    let mut stage = stage_of_apis();
    let (id, made) = makes_api(&stage, None);
    stage
        .owner
        .call("appsync", "delete_graphql_api", &json!({"apiId": id}))
        .unwrap();
    let late = made.record.aged(crate::scene::SETTLED);
    let record = record_of(&mut stage, &late);
    assert_eq!(passed_by(RULE, &record), "already_gone");
    assert_silence(&stage);
}
