//! The lists of all APIs, which come in pages and say of each API what it says by itself.

use std::collections::BTreeSet;

use guardrail_policy::facts::{
    Answered, Everywhere, Fact, GraphqlApi, HttpApi, Missing, Question, RestApi, Unreadable,
};
use serde_json::{Value, json};

use super::apis::{apis, scenes};
use super::ask;
use super::server::{Reply, Request, Server, half};

const SHORT_IDS: [&str; 2] = ["a1b2c3d4e5", "b1b2c3d4e5"];

/// A list: what asks for it, its call and IAM action, the members that hold its items and the next page's token, which is also
/// the parameter that takes it.
struct List {
    question: Question,
    call: &'static str,
    action: &'static str,
    items: &'static str,
    token: &'static str,
    /// The ids of two APIs.
    ids: [&'static str; 2],
    /// One API as the list has it.
    item: Value,
    /// The answer, where there are these APIs.
    answer: Answered,
}

impl List {
    /// A page with one API, and perhaps a token.
    fn page(&self, id: &str, token: Option<&str>) -> String {
        let mut item = self.item.clone();
        let name = if self.items == "item" { "id" } else { "apiId" };
        item[name] = json!(id);
        let mut page = json!({ self.items: [item] });
        if let Some(token) = token {
            page[self.token] = json!(token);
        }
        page.to_string()
    }

    fn unreadable(&self, code: &str) -> Answered {
        self.question.without(Missing::Unreadable(Unreadable {
            action: self.action.to_owned(),
            code: code.to_owned(),
        }))
    }

    /// The answer, where AWS replies so.
    async fn read(&self, script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Answered, Vec<Request>) {
        let server = Server::start(script).await;
        let mut answers = ask(&apis(&server).await, &[self.question.clone()].into()).await;
        (answers.remove(&self.question).unwrap(), server.requests())
    }
}

fn lists() -> [List; 3] {
    let [rest, http, graphql] = scenes();
    [
        List {
            question: Question::RestApis(Everywhere),
            call: "GET /restapis",
            action: "apigateway:GET",
            items: "item",
            token: "position",
            ids: SHORT_IDS,
            item: rest.reply,
            answer: match rest.answer {
                Answered::RestApi(_, Fact::Is(api)) => Answered::RestApis(Everywhere, Fact::Is(vec![api])),
                other => panic!("{other:?}"),
            },
        },
        List {
            question: Question::HttpApis(Everywhere),
            call: "GET /v2/apis",
            action: "apigateway:GET",
            items: "items",
            token: "nextToken",
            ids: SHORT_IDS,
            item: http.reply,
            answer: match http.answer {
                Answered::HttpApi(_, Fact::Is(api)) => Answered::HttpApis(Everywhere, Fact::Is(vec![api])),
                other => panic!("{other:?}"),
            },
        },
        List {
            question: Question::GraphqlApis(Everywhere),
            call: "GET /v1/apis",
            action: "appsync:ListGraphqlApis",
            items: "graphqlApis",
            token: "nextToken",
            ids: ["a1b2c3d4e5f6a7b8c9d0e1f2a3", "b1b2c3d4e5f6a7b8c9d0e1f2a3"],
            item: graphql.reply["graphqlApi"].clone(),
            answer: match graphql.answer {
                Answered::GraphqlApi(_, Fact::Is(api)) => Answered::GraphqlApis(Everywhere, Fact::Is(vec![api])),
                other => panic!("{other:?}"),
            },
        },
    ]
}

/// The questions, and the actions that answer each.
pub(super) async fn calls() -> Vec<(Question, BTreeSet<String>)> {
    let mut calls = Vec::new();
    for list in lists() {
        let (_, requests) = list.read(|_| Reply::Fine("{}".to_owned())).await;
        let [request] = requests.try_into().unwrap();
        assert_eq!(request.action, list.call);
        calls.push((list.question, BTreeSet::from([list.action.to_owned()])));
    }
    calls
}

/// The ids that an answer names.
fn ids(answered: &Answered) -> Vec<&str> {
    match answered {
        Answered::RestApis(_, Fact::Is(apis)) => apis.iter().map(|api: &RestApi| api.id.as_str()).collect(),
        Answered::HttpApis(_, Fact::Is(apis)) => apis.iter().map(|api: &HttpApi| api.id.as_str()).collect(),
        Answered::GraphqlApis(_, Fact::Is(apis)) => apis.iter().map(|api: &GraphqlApi| api.id.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_list_says_of_an_api_what_it_says_by_itself() {
    for list in lists() {
        let page = json!({ list.items: [list.item.clone()] }).to_string();
        let (answered, requests) = list.read(move |_| Reply::Fine(page.clone())).await;
        assert_eq!((answered, requests.len()), (list.answer, 1));
    }
}

#[tokio::test]
async fn an_account_without_apis_has_empty_lists() {
    for list in lists() {
        let page = json!({ list.items: [] }).to_string();
        let (answered, _) = list.read(move |_| Reply::Fine(page.clone())).await;
        assert!(ids(&answered).is_empty());
    }
}

#[tokio::test]
async fn every_page_is_read() {
    for list in lists() {
        let [first, second] = list.ids;
        let pages = [list.page(first, Some("more")), list.page(second, None)];
        let token = list.token;
        let script = move |request: &Request| {
            let page = usize::from(request.field(token) == Some("more"));
            Reply::Fine(pages[page].clone())
        };
        let (answered, requests) = list.read(script).await;
        assert_eq!((ids(&answered), requests.len()), (vec![first, second], 2));
    }
}

#[tokio::test]
async fn a_page_that_leads_to_itself_is_no_answer() {
    for list in lists() {
        let page = json!({ list.items: [], list.token: "again" }).to_string();
        let (answered, requests) = list.read(move |_| Reply::Fine(page.clone())).await;
        assert_eq!((answered, requests.len()), (list.unreadable("Truncated"), 2));
    }
}

#[tokio::test]
async fn what_is_refused_cut_or_of_no_known_form_is_no_answer() {
    for list in lists() {
        let denied = r#"{"__type":"AccessDeniedException","message":"made up"}"#;
        let (answered, _) = list.read(move |_| Reply::Status(403, denied.to_owned())).await;
        assert_eq!(answered, list.unreadable("AccessDeniedException"));

        let not_found = r#"{"__type":"NotFoundException","message":"made up"}"#;
        let (answered, _) = list.read(move |_| Reply::Status(404, not_found.to_owned())).await;
        assert_eq!(answered, list.unreadable("NotFound"));

        let page = json!({ list.items: [list.item.clone()] }).to_string();
        let (answered, _) = list.read(move |_| Reply::Fine(half(page.clone()))).await;
        let codes = ["Truncated", "Unparsable"].map(|code| list.unreadable(code));
        assert!(codes.contains(&answered), "{answered:?}");

        let page = json!({ list.items: [list.item.clone(), { "name": "what has no id" }] }).to_string();
        let (answered, _) = list.read(move |_| Reply::Fine(page.clone())).await;
        assert_eq!(answered, list.unreadable("Unparsable"));
    }
}
