//! What a topic is sent.

use guardrail_policy::finding::Severity;
use guardrail_policy::message::Notice;
use guardrail_policy::settings::{Mode, RuleName};
use guardrail_runner::ports::{Tell, TellError};
use serde_json::json;

use super::server::{Reply, Request, Server};
use super::{HASTY, PATIENT, aws_at};
use crate::Sns;

const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:security";

pub(super) fn notice() -> Notice {
    Notice {
        notice_id: "6e1a1b2c/open-egress".to_owned(),
        rule: RuleName::OpenEgress,
        severity: Severity::High,
        account: "111122223333".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        mode: Mode::Notify,
        subject: "open-egress: sg-0a00000000000000a".to_owned(),
        text: "somebody opened \"everything\"\nto everybody – even you".to_owned(),
        json: r#"{"text":"somebody opened"}"#.to_owned(),
    }
}

pub(super) fn published() -> Reply {
    let id = "0a1b2c3d-0000-4000-8000-0123456789ab";
    Reply::Fine(format!(
        "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>{id}</MessageId>\
         </PublishResult><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></PublishResponse>"
    ))
}

fn refused(status: u16, code: &str) -> Reply {
    Reply::Status(
        status,
        format!(
            "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>made up</Message></Error><RequestId>0a1b2c3d</RequestId></ErrorResponse>"
        ),
    )
}

async fn sns(server: &Server) -> Sns {
    aws_at(server.url(), PATIENT).await.sns(TOPIC.parse().unwrap())
}

fn message(request: &Request) -> serde_json::Value {
    serde_json::from_str(request.field("Message").unwrap()).unwrap()
}

#[tokio::test]
async fn people_get_the_text_machines_the_json_and_filters_the_attributes() {
    let server = Server::start(|_| published()).await;
    sns(&server).await.tell(&notice()).await.unwrap();
    let requests = server.requests();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(request.field("TopicArn"), Some(TOPIC));
    assert_eq!(request.field("Subject"), Some("open-egress: sg-0a00000000000000a"));
    assert_eq!(request.field("MessageStructure"), Some("json"));
    let expected = json!({ "default": notice().json, "email": notice().text, "sms": notice().subject });
    assert_eq!(message(request), expected);
    let mut attributes: Vec<(&str, &str, &str)> = (1..=6)
        .map(|n| {
            let field = |name: &str| request.field(&format!("MessageAttributes.entry.{n}.{name}")).unwrap();
            (field("Name"), field("Value.DataType"), field("Value.StringValue"))
        })
        .collect();
    attributes.sort_unstable();
    let expected = [
        ("account", "String", "111122223333"),
        ("mode", "String", "notify"),
        ("notice_id", "String", "6e1a1b2c/open-egress"),
        ("region", "String", "eu-west-1"),
        ("rule", "String", "open-egress"),
        ("severity", "String", "high"),
    ];
    assert_eq!(attributes, expected);
}

#[tokio::test]
async fn the_client_signs_for_the_region_of_the_topic() {
    let server = Server::start(|_| published()).await;
    sns(&server).await.tell(&notice()).await.unwrap();
    let request = server.requests().remove(0);
    assert!(
        request.authorization.contains("/eu-central-1/sns/aws4_request"),
        "{}",
        request.authorization
    );
}

#[tokio::test]
async fn a_topic_that_refuses_gives_its_code_and_the_topic() {
    let server = Server::start(|_| refused(403, "AuthorizationError")).await;
    let error = sns(&server).await.tell(&notice()).await.unwrap_err();
    assert_eq!(
        error,
        TellError {
            code: "AuthorizationError".to_owned(),
            to: TOPIC.to_owned()
        }
    );
}

#[tokio::test]
async fn a_topic_that_is_down_once_is_told_all_the_same() {
    let server = Server::start(|request| match request.nth {
        0 => refused(500, "InternalError"),
        _ => published(),
    })
    .await;
    sns(&server).await.tell(&notice()).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_topic_that_never_replies_times_out() {
    let server = Server::start(|_| Reply::Held).await;
    let sns = aws_at(server.url(), HASTY).await.sns(TOPIC.parse().unwrap());
    assert_eq!(sns.tell(&notice()).await.unwrap_err().code, "Timeout");
}

#[tokio::test]
async fn a_subject_that_sns_would_refuse_is_mended() {
    for (subject, sent) in [
        ("a\nb\u{7f}c – d".to_owned(), "a?b?c ? d".to_owned()),
        ("x".repeat(150), "x".repeat(99)),
        (String::new(), "vpc-guardrail".to_owned()),
    ] {
        let server = Server::start(|_| published()).await;
        sns(&server).await.tell(&Notice { subject, ..notice() }).await.unwrap();
        let request = server.requests().remove(0);
        assert_eq!(request.field("Subject"), Some(sent.as_str()));
        assert_eq!(message(&request)["sms"], sent);
    }
}

#[tokio::test]
async fn a_message_that_sns_would_refuse_for_its_length_is_told_shortened() {
    let server = Server::start(|_| published()).await;
    let long = Notice {
        text: "\u{1}–".repeat(40_000),
        json: format!("[{}0]", "0,".repeat(50_000)),
        ..notice()
    };
    sns(&server).await.tell(&long).await.unwrap();
    let request = server.requests().remove(0);
    assert!(request.field("Message").unwrap().len() < 256 * 1024);
    let message = message(&request);
    let text = message["email"].as_str().unwrap();
    assert!(
        long.text
            .starts_with(text.strip_suffix("\n[shortened: the record has all]").unwrap())
    );
    let json: serde_json::Value = serde_json::from_str(message["default"].as_str().unwrap()).unwrap();
    assert_eq!(
        (json["notice_id"].as_str(), json["shortened"].as_bool()),
        (Some("6e1a1b2c/open-egress"), Some(true))
    );
}
