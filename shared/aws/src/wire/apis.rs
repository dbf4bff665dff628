//! APIs, each with a call of its own, beside what EC2 says of the network.

use std::collections::{BTreeMap, BTreeSet};

use guardrail_policy::facts::{
    Answered, ApiReach, Fact, GraphqlApi, HttpApi, Missing, Question, RestApi, Unreadable, Visibility,
};
use serde_json::{Value, json};

use super::server::{Reply, Request, Server, half, reply};
use super::{PATIENT, ask, aws_at};
use crate::{Access, Apis, Ec2};

const REST: &str = "a1b2c3d4e5";
const HTTP: &str = "d1b2c3d4e5";
const GRAPHQL: &str = "a1b2c3d4e5f6a7b8c9d0e1f2a3";

/// A kind of question: what it asks, its call, AWS's reply and the answer.
pub(super) struct Scene {
    question: Question,
    call: String,
    action: &'static str,
    pub(super) reply: Value,
    pub(super) answer: Answered,
}

/// Each API by itself.
pub(super) fn scenes() -> [Scene; 3] {
    [rest_scene(), http_scene(), graphql_scene()]
}

fn tags() -> BTreeMap<String, String> {
    BTreeMap::from([("team".to_owned(), "shop".to_owned())])
}

fn rest_scene() -> Scene {
    let policy = "{\\\"Version\\\":\\\"2012-10-17\\\"}";
    let rest = RestApi {
        id: REST.parse().unwrap(),
        name: "orders".to_owned(),
        reach: ApiReach::Private,
        policy: Some(policy.to_owned()),
        default_url_off: true,
        changing: true,
        tags: tags(),
    };
    Scene {
        question: Question::RestApi(rest.id.clone()),
        call: format!("GET /restapis/{REST}"),
        action: "apigateway:GET",
        reply: json!({
            "id": REST, "name": "orders", "createdDate": 1_772_442_907, "apiKeySource": "HEADER",
            "endpointConfiguration": { "types": ["PRIVATE"], "ipAddressType": "dualstack", "vpcEndpointIds": [] },
            "policy": policy, "tags": tags(), "disableExecuteApiEndpoint": true, "apiStatus": "UPDATING",
        }),
        answer: Answered::RestApi(rest.id.clone(), Fact::Is(rest)),
    }
}

fn http_scene() -> Scene {
    let http = HttpApi {
        id: HTTP.parse().unwrap(),
        name: "shop".to_owned(),
        protocol: "WEBSOCKET".to_owned(),
        url: Some("wss://d1b2c3d4e5.execute-api.eu-west-1.amazonaws.com".to_owned()),
        default_url_off: false,
        tags: tags(),
    };
    Scene {
        question: Question::HttpApi(http.id.clone()),
        call: format!("GET /v2/apis/{HTTP}"),
        action: "apigateway:GET",
        reply: json!({
            "apiId": HTTP, "name": "shop", "protocolType": "WEBSOCKET", "apiEndpoint": http.url,
            "createdDate": "2026-03-02T09:15:07Z", "disableExecuteApiEndpoint": false, "tags": tags(),
            "routeSelectionExpression": "$request.body.action",
        }),
        answer: Answered::HttpApi(http.id.clone(), Fact::Is(http)),
    }
}

fn graphql_scene() -> Scene {
    let urls = [(
        "GRAPHQL".to_owned(),
        "https://example.appsync-api.eu-west-1.amazonaws.com/graphql".to_owned(),
    )];
    let graphql = GraphqlApi {
        id: GRAPHQL.parse().unwrap(),
        name: "orders".to_owned(),
        visibility: Visibility::Private,
        authentication: ["API_KEY", "AWS_IAM"].map(str::to_owned).into(),
        urls: urls.clone().into(),
        tags: tags(),
    };
    Scene {
        question: Question::GraphqlApi(graphql.id.clone()),
        call: format!("GET /v1/apis/{GRAPHQL}"),
        action: "appsync:GetGraphqlApi",
        reply: json!({ "graphqlApi": {
            "apiId": GRAPHQL, "name": "orders", "authenticationType": "API_KEY", "visibility": "PRIVATE",
            "additionalAuthenticationProviders": [{ "authenticationType": "AWS_IAM" }],
            "uris": BTreeMap::from(urls), "tags": tags(), "xrayEnabled": false, "apiType": "GRAPHQL",
        } }),
        answer: Answered::GraphqlApi(graphql.id.clone(), Fact::Is(graphql)),
    }
}

pub(super) async fn apis(server: &Server) -> Apis<Ec2> {
    aws_at(server.url(), PATIENT).await.apis()
}

/// The reply of the scene to whose call a request is.
fn replied(request: &Request) -> Reply {
    let scene = scenes().into_iter().find(|scene| scene.call == request.action);
    scene.map_or_else(
        || Reply::Fine(reply(&request.action, "<vpcEndpointSet/>")),
        |scene| Reply::Fine(scene.reply.to_string()),
    )
}

/// The answer to one question, where AWS replies so to whatever is asked.
async fn answer(question: &Question, reply: impl Fn() -> Reply + Send + Sync + 'static) -> Answered {
    let server = Server::start(move |_| reply()).await;
    let mut answers = ask(&apis(&server).await, &[question.clone()].into()).await;
    answers.remove(question).unwrap()
}

/// What cannot be read, with its code.
fn unreadable(scene: &Scene, code: &str) -> Answered {
    scene.question.without(Missing::Unreadable(Unreadable {
        action: scene.action.to_owned(),
        code: code.to_owned(),
    }))
}

/// The questions, and the actions that answer each.
pub(super) async fn calls() -> Vec<(Question, BTreeSet<String>)> {
    let mut calls = Vec::new();
    for scene in scenes() {
        let server = Server::start(replied).await;
        ask(&apis(&server).await, &[scene.question.clone()].into()).await;
        let requests = server.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].action, scene.call);
        calls.push((scene.question, BTreeSet::from([scene.action.to_owned()])));
    }
    calls
}

#[tokio::test]
async fn each_api_is_read_with_a_call_of_its_own_beside_the_networks() {
    let server = Server::start(replied).await;
    let endpoints = Question::ServiceEndpoints("execute-api".to_owned());
    let questions = scenes()
        .map(|scene| scene.question)
        .into_iter()
        .chain([endpoints.clone()]);
    let mut answers = ask(&apis(&server).await, &questions.collect()).await;
    assert_eq!(
        answers.remove(&endpoints),
        Some(Answered::ServiceEndpoints(
            "execute-api".to_owned(),
            Fact::Is(Vec::new())
        ))
    );
    for scene in scenes() {
        assert_eq!(answers.remove(&scene.question), Some(scene.answer));
    }
    let described = server.requests_for("DescribeVpcEndpoints");
    assert_eq!(described.len(), 1);
    assert_eq!(described[0].field("Filter.1.Name"), Some("service-name"));
    let names = described[0].filter_values();
    assert!(
        names.len() == 2 && names.iter().all(|name| name.ends_with(".execute-api")) && names[1].starts_with("cn."),
        "{names:?}"
    );
}

#[tokio::test]
async fn an_api_that_is_not_found_is_gone() {
    for scene in scenes() {
        let found = answer(&scene.question, || {
            Reply::Status(404, r#"{"__type":"NotFoundException","message":"made up"}"#.to_owned())
        });
        assert_eq!(found.await, scene.question.without(Missing::Gone));
    }
}

#[tokio::test]
async fn what_aws_refuses_is_no_answer() {
    for scene in scenes() {
        let found = answer(&scene.question, || {
            Reply::Status(
                403,
                r#"{"__type":"AccessDeniedException","message":"made up"}"#.to_owned(),
            )
        });
        assert_eq!(found.await, unreadable(&scene, "AccessDeniedException"));
    }
}

#[tokio::test]
async fn half_a_reply_is_no_answer() {
    for scene in scenes() {
        let whole = scene.reply.to_string();
        let found = answer(&scene.question, move || Reply::Fine(half(whole.clone()))).await;
        assert!(
            [unreadable(&scene, "Truncated"), unreadable(&scene, "Unparsable")].contains(&found),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn what_lacks_what_a_rule_judges_by_is_no_answer() {
    for (scene, member) in scenes()
        .into_iter()
        .zip(["endpointConfiguration", "protocolType", "visibility"])
    {
        let mut less = scene.reply.clone();
        let document = less.pointer_mut("/graphqlApi").and_then(Value::as_object_mut);
        match document {
            Some(_) => less["graphqlApi"][member] = json!("SOMETHING_NEW"),
            None => _ = less.as_object_mut().unwrap().remove(member),
        }
        let found = answer(&scene.question, move || Reply::Fine(less.to_string())).await;
        assert_eq!(found, unreadable(&scene, "Unparsable"));
    }
}

#[tokio::test]
async fn a_graphql_api_for_which_nobody_chose_a_visibility_is_global() {
    let [_, _, scene] = scenes();
    let mut less = scene.reply.clone();
    less["graphqlApi"].as_object_mut().unwrap().remove("visibility");
    let found = answer(&scene.question, move || Reply::Fine(less.to_string())).await;
    let Answered::GraphqlApi(_, Fact::Is(api)) = found else {
        panic!("{found:?}")
    };
    assert_eq!(api.visibility, Visibility::Global);
}

#[tokio::test]
async fn whether_apis_may_be_read_is_tried_on_one_that_nobody_has() {
    for (status, code, access) in [
        (404, "NotFoundException", Access::Allowed),
        (
            403,
            "AccessDeniedException",
            Access::Denied {
                code: "AccessDeniedException".to_owned(),
            },
        ),
        (
            429,
            "TooManyRequestsException",
            Access::Unknown {
                code: "TooManyRequestsException".to_owned(),
            },
        ),
    ] {
        for action in ["apigateway:GET", "appsync:GetGraphqlApi", "appsync:ListGraphqlApis"] {
            let body = format!(r#"{{"__type":"{code}","message":"made up"}}"#);
            let server = Server::start(move |_| Reply::Status(status, body.clone())).await;
            assert_eq!(apis(&server).await.may(action).await.access, access, "{action} {code}");
        }
    }
}
