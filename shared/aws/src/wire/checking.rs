//! What may be called, found out without doing anything.

use std::collections::BTreeSet;

use super::server::{Reply, Server, error, reply};
use super::{PATIENT, aws_at};
use crate::{Access, Checked, LEDGER, READS, WRITES};

/// Every action of EC2 that is called, and that there is a dry run of.
fn actions() -> BTreeSet<&'static str> {
    READS
        .iter()
        .chain(&WRITES)
        .flat_map(|needs| needs.actions)
        .copied()
        .filter(|action| action.starts_with("ec2:") && !WITHOUT_DRY_RUN.contains(action))
        .collect()
}

const WITHOUT_DRY_RUN: [&str; 2] = ["ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute"];

fn checked(action: &str, access: Access) -> Checked {
    Checked {
        action: action.to_owned(),
        access,
    }
}

fn with_code(code: &str, access: fn(String) -> Access) -> Access {
    access(code.to_owned())
}

#[tokio::test]
async fn every_read_and_write_of_ec2_is_tried_with_a_dry_run_of_itself() {
    let server = Server::start(|_| error(412, "DryRunOperation")).await;
    let ec2 = aws_at(server.url(), PATIENT).await.ec2();
    for action in actions() {
        assert_eq!(ec2.may(action).await, checked(action, Access::Allowed));
        let requests = server.requests();
        let last = requests.last().unwrap();
        assert_eq!(format!("ec2:{}", last.action), action);
        assert_eq!(last.field("DryRun"), Some("true"));
    }
    assert_eq!(server.requests().len(), actions().len());
    let revoke = &server.requests_for("RevokeSecurityGroupEgress")[0];
    assert_eq!(revoke.field("GroupId"), Some("sg-00000000000000000"));
    assert_eq!(
        revoke.field("IpPermissions.1.Groups.1.GroupId"),
        Some("sg-00000000000000000")
    );
}

#[tokio::test]
async fn a_dry_run_tells_denied_from_unknown() {
    for (status, code, access) in [
        (
            403,
            "UnauthorizedOperation",
            with_code("UnauthorizedOperation", |code| Access::Denied { code }),
        ),
        (400, "InvalidGroup.NotFound", Access::Allowed),
        (
            401,
            "AuthFailure",
            with_code("AuthFailure", |code| Access::Unknown { code }),
        ),
        (
            503,
            "RequestLimitExceeded",
            with_code("RequestLimitExceeded", |code| Access::Unknown { code }),
        ),
    ] {
        let server = Server::start(move |_| error(status, code)).await;
        let ec2 = aws_at(server.url(), PATIENT).await.ec2();
        for action in actions() {
            assert_eq!(ec2.may(action).await, checked(action, access.clone()));
        }
    }
}

#[tokio::test]
async fn a_dry_run_that_is_taken_for_the_call_itself_tells_nothing() {
    let server = Server::start(|request| Reply::Fine(reply(&request.action, ""))).await;
    let ec2 = aws_at(server.url(), PATIENT).await.ec2();
    let unknown = with_code("NoDryRun", |code| Access::Unknown { code });
    assert_eq!(ec2.may("ec2:DescribeVpcs").await, checked("ec2:DescribeVpcs", unknown));
    let not_called = with_code("NotCalled", |code| Access::Unknown { code });
    assert_eq!(ec2.may("ec2:DeleteVpc").await, checked("ec2:DeleteVpc", not_called));
    assert_eq!(server.requests_for("DeleteVpc").len(), 0);
    let unknown = with_code("NotTried", |code| Access::Unknown { code });
    for action in WITHOUT_DRY_RUN {
        assert_eq!(ec2.may(action).await, checked(action, unknown.clone()));
        assert_eq!(server.requests_for(action.trim_start_matches("ec2:")).len(), 0);
    }
}

/// What the ledger's check comes to when `DynamoDB` replies this to writes, and finds nothing.
async fn ledger(write: fn() -> Reply) -> Vec<Checked> {
    let server = Server::start(move |request| match request.action.as_str() {
        "BatchGetItem" => Reply::Fine(r#"{"Responses":{"guardrail":[]},"UnprocessedKeys":{}}"#.to_owned()),
        _ => write(),
    })
    .await;
    let checked = aws_at(server.url(), PATIENT)
        .await
        .ledger("guardrail")
        .check()
        .await
        .to_vec();
    for request in server
        .requests()
        .iter()
        .filter(|sent| !sent.action.ends_with("GetItem"))
    {
        let sent: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        let condition = sent["ConditionExpression"].as_str().unwrap();
        let name = condition
            .strip_prefix("attribute_exists(")
            .unwrap()
            .strip_suffix(")")
            .unwrap();
        assert_eq!(sent["ExpressionAttributeNames"][name], "key", "nothing is ever written");
        assert_eq!(sent["TableName"], "guardrail");
    }
    let called = server
        .requests()
        .into_iter()
        .map(|sent| format!("dynamodb:{}", sent.action));
    assert_eq!(
        called.collect::<BTreeSet<_>>(),
        LEDGER.actions.iter().map(ToString::to_string).collect()
    );
    checked
}

fn refused(code: &str) -> Reply {
    Reply::Status(
        400,
        format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"made up"}}"#),
    )
}

#[tokio::test]
async fn the_ledger_is_checked_by_reads_of_nothing_and_writes_that_must_fail() {
    let allowed: Vec<_> = LEDGER
        .actions
        .iter()
        .map(|action| checked(action, Access::Allowed))
        .collect();
    assert_eq!(ledger(|| refused("ConditionalCheckFailedException")).await, allowed);
    let denied = with_code("AccessDeniedException", |code| Access::Denied { code });
    let expected = [
        checked("dynamodb:BatchGetItem", Access::Allowed),
        checked("dynamodb:PutItem", denied.clone()),
        checked("dynamodb:UpdateItem", denied),
    ];
    assert_eq!(ledger(|| refused("AccessDeniedException")).await, expected);
}

#[tokio::test]
async fn a_table_that_is_not_there_is_missing() {
    let server = Server::start(|_| refused("ResourceNotFoundException")).await;
    let missing = with_code("ResourceNotFoundException", |code| Access::Missing { code });
    for checked in aws_at(server.url(), PATIENT).await.ledger("guardrail").check().await {
        assert_eq!(checked.access, missing);
    }
}

#[tokio::test]
async fn a_topic_that_is_not_there_is_missing() {
    let body = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
                <Code>NotFound</Code><Message>made up</Message></Error><RequestId>0a1b2c3d</RequestId></ErrorResponse>";
    let server = Server::start(move |_| Reply::Status(404, body.to_owned())).await;
    let topic = "arn:aws:sns:eu-west-1:111122223333:security".parse().unwrap();
    let checked = aws_at(server.url(), PATIENT).await.sns(topic).check().await;
    assert_eq!(checked.access, with_code("NotFound", |code| Access::Missing { code }));
    assert_eq!(server.requests_for("GetTopicAttributes").len(), 1);
}

#[test]
fn what_was_found_out_reads_with_its_remedy() {
    let shown = |access: fn(String) -> Access| checked("ec2:DescribeVpcs", with_code("Code", access)).to_string();
    assert_eq!(shown(|_| Access::Allowed), "`ec2:DescribeVpcs` is allowed");
    let denied = shown(|code| Access::Denied { code });
    assert_eq!(denied, "`ec2:DescribeVpcs` is denied (`Code`): grant it to the role");
    assert!(shown(|code| Access::Missing { code }).ends_with("check the name, the account and the Region"));
    assert!(shown(|code| Access::Unknown { code }).ends_with("mend that, then check again"));
}
