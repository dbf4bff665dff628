//! What the tests of endpoints share: a stage for their function, endpoints that somebody makes, and what they are now.

use harness::REGION;
use harness::network;
use harness::record::Record;
use harness::stage::{NOTIFY_POLICY, REVERT_POLICY, Setting, Stage};
use harness::user::Performed;
use serde_json::{Value, json};

use crate::reading::{only_record, text_at};
use crate::scene::deliver_done;

/// Settings under which nobody hears of policies: the endpoints of these tests are made without one.
pub(crate) const QUIET: &str = "rules:\n  endpoint-policy: { mode: observe }\n";

/// A stage for the function `vpc-endpoints`, which tells.
pub(crate) fn stage_to_tell() -> Stage {
    let setting = Setting::of(&format!("{NOTIFY_POLICY}{QUIET}"));
    setting.function("vpc-endpoints").set().unwrap()
}

/// The same for one that takes back what it can.
pub(crate) fn stage_to_act() -> Stage {
    let setting = Setting::of(&format!("{REVERT_POLICY}{QUIET}")).function("vpc-endpoints");
    setting.with_ledger().set().unwrap()
}

/// The full name of one of AWS's services.
pub(crate) fn service(short: &str) -> String {
    format!("com.amazonaws.{REGION}.{short}")
}

/// Somebody makes an interface endpoint to a service of AWS in both subnets, on the endpoints' group, with these parameters
/// besides.
pub(crate) fn makes(stage: &Stage, short: &str, more: &Value) -> (String, Record) {
    makes_to(stage, &service(short), more)
}

/// The same to any service by its full name.
pub(crate) fn makes_to(stage: &Stage, service: &str, more: &Value) -> (String, Record) {
    let network = &stage.network;
    let mut parameters = json!({
        "VpcId": network.vpc, "ServiceName": service, "VpcEndpointType": "Interface",
        "SubnetIds": network.subnets, "SecurityGroupIds": [network.endpoint_group],
    });
    let parameters_map = parameters.as_object_mut().unwrap();
    parameters_map.extend(more.as_object().unwrap().clone());
    let made = performs(stage, "create_vpc_endpoint", &parameters);
    let id = text_at(made.outcome.as_ref().unwrap(), "/VpcEndpoint/VpcEndpointId").to_owned();
    (id, made.record)
}

/// Somebody modifies an endpoint.
pub(crate) fn modifies(stage: &Stage, endpoint: &str, change: &Value) -> Record {
    let mut parameters = json!({"VpcEndpointId": endpoint});
    parameters
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    performs(stage, "modify_vpc_endpoint", &parameters).record
}

/// Somebody switches an attribute of the VPC.
pub(crate) fn switches(stage: &Stage, attribute: &str, on: bool) -> Record {
    let parameters = json!({"VpcId": stage.network.vpc, attribute: {"Value": on}});
    performs(stage, "modify_vpc_attribute", &parameters).record
}

/// A person of the application's team makes a call that AWS takes.
pub(crate) fn performs(stage: &Stage, operation: &str, parameters: &Value) -> Performed {
    let performed = stage.person().unwrap().perform("ec2", operation, parameters).unwrap();
    performed
        .outcome
        .as_ref()
        .unwrap_or_else(|error| panic!("{operation}: {error:?}"));
    performed
}

/// Somebody with the right to deletes an endpoint, unseen by the function.
pub(crate) fn deletes(stage: &Stage, endpoint: &str) {
    let parameters = json!({"VpcEndpointIds": [endpoint]});
    stage.owner.call("ec2", "delete_vpc_endpoints", &parameters).unwrap();
}

/// An endpoint as the API tells it now.
pub(crate) fn endpoint_now(stage: &Stage, endpoint: &str) -> Value {
    let parameters = json!({"VpcEndpointIds": [endpoint]});
    let answer = stage.owner.call("ec2", "describe_vpc_endpoints", &parameters).unwrap();
    answer["VpcEndpoints"][0].clone()
}

/// Whether an endpoint has private DNS now.
pub(crate) fn has_private_dns(stage: &Stage, endpoint: &str) -> bool {
    network::has_private_dns(&stage.owner, endpoint).unwrap()
}

/// Whether an attribute of the VPC is on now.
pub(crate) fn is_on(stage: &Stage, attribute: &str) -> bool {
    let api_name = attribute.replacen("Enable", "enable", 1);
    let parameters = json!({"VpcId": stage.network.vpc, "Attribute": api_name});
    let answer = stage.owner.call("ec2", "describe_vpc_attribute", &parameters).unwrap();
    answer[attribute]["Value"] == json!(true)
}

/// The record of a delivery that the function must take for done.
pub(crate) fn record_of(stage: &mut Stage, event: &Record) -> Value {
    only_record(&deliver_done(stage, event))
}
