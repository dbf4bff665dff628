//! A function that makes the AWS clients, answers `null` to everything, and does nothing else.

use guardrail_aws::{Aws, Timeouts};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = Aws::connect(Timeouts::default()).await?;
    let _clients = (aws.ec2(), aws.sns("arn:aws:sns:eu-west-1:111122223333:topic".parse()?));
    lambda_runtime::run(service_fn(async |_: LambdaEvent<Value>| Ok::<_, Error>(Value::Null))).await
}
