//! How a part is put back.

use crate::event::{CallName, PartKind, Target};
use crate::finding::Advice;

/// The command that puts it back, where one alone does; and in any case the deployment, which knows how it was.
pub(super) fn of(call: CallName, target: &Target, arn: &str) -> Vec<Advice> {
    let command = command(call, &target.name, arn);
    let command = command.map(|text| Advice { tool: "AWS CLI".to_owned(), text });
    let stack = (target.kind != PartKind::Trail).then(|| Advice {
        tool: "CloudFormation".to_owned(),
        text: "Detect the drift of the guardrail's stack and deploy it again, as infra/README.md describes; then look through the dead letters and the time since the call.".to_owned(),
    });
    command.into_iter().chain(stack).collect()
}

fn command(call: CallName, name: &str, arn: &str) -> Option<String> {
    Some(match call {
        CallName::StopLogging => format!("aws cloudtrail start-logging --name {arn}"),
        CallName::UpdateTrail | CallName::PutEventSelectors => {
            format!("aws cloudtrail get-event-selectors --trail-name {arn}\naws cloudtrail get-trail --name {arn}")
        }
        CallName::DisableRule => format!("aws events enable-rule --name {name}"),
        CallName::PutFunctionConcurrency20171031 => {
            format!("aws lambda delete-function-concurrency --function-name {name}")
        }
        CallName::UpdateEventSourceMapping20150331 => format!(
            "aws lambda list-event-source-mappings --function-name {name}\naws lambda update-event-source-mapping --uuid UUID --enabled"
        ),
        CallName::DisableKey => format!("aws kms enable-key --key-id {name}"),
        CallName::ScheduleKeyDeletion => {
            format!("aws kms cancel-key-deletion --key-id {name}\naws kms enable-key --key-id {name}")
        }
        CallName::PutParameter => format!("aws ssm get-parameter-history --name /{name}"),
        CallName::Unsubscribe => format!("aws sns list-subscriptions-by-topic --topic-arn {arn}"),
        _ => return None,
    })
}
