//! Reading parameters.

use super::server::{Reply, Server};
use super::{PATIENT, aws_at};
use crate::ParameterError;

async fn value(server: &Server) -> Result<String, ParameterError> {
    aws_at(server.url(), PATIENT)
        .await
        .parameters()
        .value("/guardrail/policy")
        .await
}

#[tokio::test]
async fn a_parameter_is_read_decrypted() {
    let body = r#"{"Parameter":{"Name":"/guardrail/policy","Type":"String","Value":"version: 1\n","Version":3}}"#;
    let server = Server::start(move |_| Reply::Fine(body.to_owned())).await;
    assert_eq!(value(&server).await, Ok("version: 1\n".to_owned()));
    let request = server.requests().remove(0);
    assert_eq!(request.action, "GetParameter");
    let sent: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(
        sent,
        serde_json::json!({ "Name": "/guardrail/policy", "WithDecryption": true })
    );
}

#[tokio::test]
async fn a_parameter_that_is_not_there_is_told_from_one_that_cannot_be_read() {
    for (status, code, expected) in [
        (
            400,
            "ParameterNotFound",
            "there is no parameter `/guardrail/policy`: create it, or correct the name",
        ),
        (
            400,
            "AccessDeniedException",
            "the parameter `/guardrail/policy` could not be read (`AccessDeniedException`): check that the function may \
             call ssm:GetParameter on it",
        ),
    ] {
        let server = Server::start(move |_| Reply::Status(status, format!(r#"{{"__type":"{code}"}}"#))).await;
        assert_eq!(value(&server).await.unwrap_err().to_string(), expected);
    }
}

#[tokio::test]
async fn half_a_reply_is_never_half_a_policy() {
    let body = r#"{"Parameter":{"Name":"/guardrail/policy","Value":"mode: rev"#;
    let server = Server::start(move |_| Reply::Fine(body.to_owned())).await;
    let error = value(&server).await.unwrap_err();
    assert_eq!(
        error,
        ParameterError::Unreadable {
            name: "/guardrail/policy".to_owned(),
            code: "Unparsable".to_owned()
        }
    );
}
